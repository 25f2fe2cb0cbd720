//! The one queue through which every byte leaves the module.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::time::Duration;

/// The longest piece produced at once, so that transfers of any size take a bounded memory.
pub(crate) const PIECE: usize = 64 * 1024;

/// How much of a long run of bytes leaves a paced line at once: as seldom as may be, and well within what USB adapters
/// gather (the latency timer of an FTDI chip is 16 ms).
const LUMP: Duration = Duration::from_millis(5);

/// Bytes that are produced only as the line drains.
pub(crate) struct Stream {
    reader: Box<dyn Read + Send>,
    left: Option<u64>,
    escaped: bool,
    tail: Vec<u8>,
    tag: u32,
    /// Bytes ready to leave before anything more is read.
    ready: VecDeque<u8>,
    count: u64,
    error: Option<io::Error>,
    /// The source is read up; what is left to leave is the tail.
    exhausted: bool,
    /// The end of the payload has been marked.
    closed: bool,
}

impl Stream {
    /// All that `reader` gives; `tag` comes back in the [`StreamEnd`].
    pub(crate) fn new(reader: Box<dyn Read + Send>, tag: u32) -> Self {
        Self {
            reader,
            left: None,
            escaped: false,
            tail: Vec::new(),
            tag,
            ready: VecDeque::new(),
            count: 0,
            error: None,
            exhausted: false,
            closed: false,
        }
    }

    /// Bytes that are all there already.
    pub(crate) fn block(bytes: Vec<u8>, tag: u32) -> Self {
        let count = bytes.len() as u64;
        Self::new(Box::new(io::Cursor::new(bytes)), tag).limit(count)
    }

    /// No more than `count` bytes.
    pub(crate) const fn limit(mut self, count: u64) -> Self {
        self.left = Some(count);
        self
    }

    /// With 0x10 before each 0x03 and 0x10.
    pub(crate) const fn escaped(mut self) -> Self {
        self.escaped = true;
        self
    }

    /// Bytes that follow the last one directly, before anything else that was queued meanwhile.
    pub(crate) fn tail(mut self, tail: &[u8]) -> Self {
        self.tail = tail.to_vec();
        self
    }

    /// Appends up to `limit` bytes; nothing means the end.
    fn pull(&mut self, limit: usize, out: &mut Vec<u8>) -> usize {
        loop {
            if !self.ready.is_empty() {
                let count = limit.min(self.ready.len());
                out.extend(self.ready.drain(..count));
                return count;
            }
            if self.exhausted {
                return 0;
            }
            let before = out.len();
            let count = self.read(limit, out);
            if count == 0 {
                self.exhausted = true;
                self.ready.extend(self.tail.iter());
            } else if self.escaped {
                for byte in out.drain(before..) {
                    if matches!(byte, 0x03 | 0x10) {
                        self.ready.push_back(0x10);
                    }
                    self.ready.push_back(byte);
                }
            } else {
                return count;
            }
        }
    }

    /// Whether it is known without reading on that nothing more comes.
    fn is_over(&self) -> bool {
        let read_up = self.exhausted || (self.left == Some(0) && self.tail.is_empty());
        read_up && self.ready.is_empty()
    }

    /// How many bytes are still to leave, where it is known.
    fn remaining(&self) -> Option<u64> {
        let unread = match (self.exhausted, self.escaped) {
            (true, _) => 0,
            (false, true) => return None,
            (false, false) => self.left?.saturating_add(self.tail.len() as u64),
        };
        Some(unread.saturating_add(self.ready.len() as u64))
    }

    /// What the `count` bytes just pulled are.
    fn spans(&mut self, count: usize) -> [Span; 2] {
        let (payload, tail) = if self.exhausted { (0, count) } else { (count, 0) };
        let ends = (self.exhausted || self.is_over()) && !self.closed;
        self.closed |= ends;
        [
            Span { length: payload, content: Content::Payload, closes: ends },
            Span { length: tail, content: Content::Tail, closes: tail > 0 && self.is_over() },
        ]
    }

    fn read(&mut self, limit: usize, out: &mut Vec<u8>) -> usize {
        let left = self.left.unwrap_or(u64::MAX);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(limit);
        if wanted == 0 {
            return 0;
        }
        let before = out.len();
        out.resize(before.saturating_add(wanted), 0);
        let space = out.get_mut(before..).unwrap_or_default();
        let count = loop {
            match self.reader.read(space) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.error = Some(error);
                    break 0;
                }
            }
        };
        out.truncate(before.saturating_add(count));
        self.count = self.count.saturating_add(count as u64);
        self.left = self.left.map(|left| left.saturating_sub(count as u64));
        count
    }
}

/// A stream that is over.
pub(crate) struct StreamEnd {
    /// As given to [`Stream::new`].
    pub(crate) tag: u32,
    /// How many bytes of its source have left, before coding.
    pub(crate) count: u64,
    /// Why the source ended early.
    pub(crate) error: Option<io::Error>,
    /// The source, for whoever wants to read on.
    pub(crate) reader: Box<dyn Read + Send>,
}

impl From<Stream> for StreamEnd {
    fn from(stream: Stream) -> Self {
        Self { tag: stream.tag, count: stream.count, error: stream.error, reader: stream.reader }
    }
}

/// What bytes that leave the module are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Lines,
    /// Data of a transfer.
    Payload,
    /// What follows data directly and belongs to them.
    Tail,
}

/// A run of bytes that have left the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// How many bytes.
    pub(crate) length: usize,
    pub(crate) content: Content,
    /// Of lines: payload follows directly. Of payload and tail: it ends here.
    pub(crate) closes: bool,
}

enum Body {
    Bytes { bytes: Vec<u8>, sent: usize },
    Stream(Box<Stream>),
}

struct Item {
    from: Duration,
    body: Body,
}

/// Outgoing bytes in order, each with the time before which it may not leave.
#[derive(Default)]
pub(crate) struct Queue {
    items: VecDeque<Item>,
    /// Until then the line is taken by what has left already.
    free: Duration,
    /// What has left since the marks were last cleared.
    spans: Vec<Span>,
}

impl Queue {
    /// What the bytes are that have left since [`Queue::clear_spans`].
    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Until when the line is taken by what has left.
    pub(crate) const fn free(&self) -> Duration {
        self.free
    }

    pub(crate) fn clear_spans(&mut self) {
        self.spans.clear();
    }

    /// Lines whose first `count` bytes have just left; the item in front is what comes next.
    fn text_span(&self, count: usize, over: bool) -> Span {
        let before_stream = self.items.front().is_some_and(|item| matches!(item.body, Body::Stream(_)));
        Span { length: count, content: Content::Lines, closes: over && before_stream }
    }

    fn mark(&mut self, span: Span) {
        match self.spans.last_mut() {
            _ if span.length == 0 && !span.closes => {}
            Some(last) if last.content == span.content && !last.closes => {
                last.length = last.length.saturating_add(span.length);
                last.closes = span.closes;
            }
            _ => self.spans.push(span),
        }
    }

    pub(crate) fn bytes(&mut self, from: Duration, bytes: &[u8]) {
        if let Some(Item { from: last, body: Body::Bytes { bytes: waiting, .. } }) = self.items.back_mut()
            && *last == from
        {
            waiting.extend_from_slice(bytes);
        } else {
            self.items.push_back(Item { from, body: Body::Bytes { bytes: bytes.to_vec(), sent: 0 } });
        }
    }

    pub(crate) fn stream(&mut self, from: Duration, stream: Stream) {
        self.items.push_back(Item { from, body: Body::Stream(Box::new(stream)) });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.items.clear();
    }

    pub(crate) fn pause_until(&mut self, time: Duration) {
        self.free = self.free.max(time);
    }

    /// Takes the first waiting stream out, what it has read but not sent included.
    pub(crate) fn stop_stream(&mut self) -> Option<StreamEnd> {
        let index = self.items.iter().position(|item| matches!(item.body, Body::Stream(_)))?;
        match self.items.remove(index)?.body {
            Body::Stream(stream) => Some((*stream).into()),
            Body::Bytes { .. } => None,
        }
    }

    /// Moves up to `limit` bytes that have left by `now` to `out`; stops after a stream that ended.
    pub(crate) fn drain(
        &mut self,
        now: Duration,
        byte_time: Option<Duration>,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Option<StreamEnd> {
        let full = out.len().saturating_add(limit);
        while let Some(item) = self.items.front_mut() {
            let start = item.from.max(self.free);
            if start > now {
                return None;
            }
            let mut allowed = full.saturating_sub(out.len());
            if let Some(byte_time) = byte_time {
                let left = now.saturating_sub(start).as_nanos() / byte_time.as_nanos().max(1);
                allowed = allowed.min(usize::try_from(left).unwrap_or(usize::MAX));
            }
            if allowed == 0 {
                return None;
            }
            let mut spans = None;
            let (count, over) = match &mut item.body {
                Body::Bytes { bytes, sent } => {
                    let waiting = bytes.get(*sent..).unwrap_or_default();
                    let piece = waiting.get(..allowed).unwrap_or(waiting);
                    out.extend_from_slice(piece);
                    *sent = sent.saturating_add(piece.len());
                    (piece.len(), *sent >= bytes.len())
                }
                Body::Stream(stream) => {
                    let count = stream.pull(allowed.min(PIECE), out);
                    spans = Some(stream.spans(count));
                    (count, count == 0 || stream.is_over())
                }
            };
            if let Some(byte_time) = byte_time {
                let taken = byte_time.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
                self.free = start.saturating_add(taken);
            }
            let ended = if over { self.items.pop_front() } else { None };
            match spans {
                Some(spans) => spans.into_iter().for_each(|span| self.mark(span)),
                None => self.mark(self.text_span(count, over)),
            }
            if let Some(Item { body: Body::Stream(stream), .. }) = ended {
                return Some((*stream).into());
            }
        }
        None
    }

    /// When the next bytes will have left; of a long run as many as leave within [`LUMP`].
    pub(crate) fn next_event(&self, byte_time: Option<Duration>) -> Option<Duration> {
        let item = self.items.front()?;
        let start = item.from.max(self.free);
        let Some(byte_time) = byte_time else {
            return Some(start);
        };
        let in_a_lump = 1 + LUMP.as_nanos() / byte_time.as_nanos().max(1);
        let count = match &item.body {
            Body::Bytes { bytes, sent } => in_a_lump.min(bytes.len().saturating_sub(*sent) as u128),
            // The end is looked at exactly, so that what follows is not late. An empty stream shows after one byte's
            // time.
            Body::Stream(stream) => {
                stream.remaining().map_or(in_a_lump, |remaining| in_a_lump.min(u128::from(remaining).max(1)))
            }
        };
        let wait = byte_time.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        Some(start.saturating_add(wait))
    }
}

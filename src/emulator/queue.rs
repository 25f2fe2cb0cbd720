//! The one queue through which every byte leaves the module.

mod stream;

use std::collections::VecDeque;
use std::time::Duration;

use super::byte_time::ByteTime;
pub(crate) use stream::{Stream, StreamEnd};

/// The longest piece produced at once, so that transfers of any size take a bounded memory.
pub(crate) const PIECE: usize = 64 * 1024;

/// The time whose bytes leave a paced line at once. The longer it is, the less work a transfer makes; it is well within
/// what USB adapters gather (the latency timer of an FTDI chip is 16 ms).
const LUMP: Duration = Duration::from_millis(5);

/// What bytes that leave the module are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Everything that is not data of a transfer.
    Lines,
    /// Data of a transfer.
    Payload,
    /// What follows data directly and belongs to them.
    Tail,
}

/// A run of bytes that have left the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Number of bytes.
    pub(crate) length: usize,
    pub(crate) content: Content,
    /// For lines: whether payload follows directly. For payload and tail: whether it ends here.
    pub(crate) closes: bool,
}

impl Span {
    const NONE: Self = Self { length: 0, content: Content::Lines, closes: false };
}

enum Body {
    /// Bytes, and the number of them that have left.
    Bytes {
        bytes: Vec<u8>,
        sent: usize,
    },
    Stream(Box<Stream>),
}

/// Bytes that leave together, and the time before which they may not.
struct Item {
    from: Duration,
    body: Body,
}

/// What has left of an item.
struct Left {
    count: usize,
    /// Whether nothing of the item is still to leave.
    is_all: bool,
    spans: [Span; 2],
}

impl Item {
    const fn is_stream(&self) -> bool {
        matches!(self.body, Body::Stream(_))
    }

    /// Moves up to `limit` bytes to `out`. `before_stream`: whether the next item is a stream.
    fn leave(&mut self, limit: usize, before_stream: bool, out: &mut Vec<u8>) -> Left {
        match &mut self.body {
            Body::Bytes { bytes, sent } => {
                let waiting = bytes.get(*sent..).unwrap_or_default();
                let piece = waiting.get(..limit).unwrap_or(waiting);
                out.extend_from_slice(piece);
                *sent = sent.saturating_add(piece.len());
                let is_all = *sent >= bytes.len();
                let lines = Span { length: piece.len(), content: Content::Lines, closes: is_all && before_stream };
                Left { count: piece.len(), is_all, spans: [lines, Span::NONE] }
            }
            Body::Stream(stream) => {
                let count = stream.pull(limit.min(PIECE), out);
                let spans = stream.spans(count);
                Left { count, is_all: count == 0 || stream.is_over(), spans }
            }
        }
    }

    /// Returns the number of bytes after which there is something to see, `lump` at the most.
    fn lump(&self, lump: usize) -> usize {
        let remaining = match &self.body {
            Body::Bytes { bytes, sent } => bytes.len().saturating_sub(*sent),
            // The end is looked at exactly, so that what follows is not late. An empty stream shows after one byte's
            // time.
            Body::Stream(stream) => {
                stream.remaining().map_or(lump, |remaining| usize::try_from(remaining).unwrap_or(usize::MAX).max(1))
            }
        };
        lump.min(remaining)
    }
}

/// Outgoing bytes in order, each with the time before which it may not leave.
///
/// Bytes leave in the order in which they were queued, one byte time after the other on a paced line. No stream is read
/// further than its bytes leave.
#[derive(Default)]
pub(crate) struct Queue {
    items: VecDeque<Item>,
    /// The time up to which the line is taken by what has left.
    free: Duration,
    /// What has left since [`Queue::clear_spans`].
    spans: Vec<Span>,
}

impl Queue {
    /// Returns what the bytes are that have left since [`Queue::clear_spans`].
    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Returns the time up to which the line is taken by what has left.
    pub(crate) const fn free(&self) -> Duration {
        self.free
    }

    pub(crate) fn clear_spans(&mut self) {
        self.spans.clear();
    }

    /// Notes what bytes are that have left.
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

    /// Keeps bytes from leaving before `time`.
    pub(crate) fn pause_until(&mut self, time: Duration) {
        self.free = self.free.max(time);
    }

    /// Removes the first stream that waits, together with what it has read and not sent.
    pub(crate) fn stop_stream(&mut self) -> Option<StreamEnd> {
        let index = self.items.iter().position(Item::is_stream)?;
        match self.items.remove(index)?.body {
            Body::Stream(stream) => Some((*stream).into()),
            Body::Bytes { .. } => None,
        }
    }

    /// Moves up to `limit` bytes that have left by `now` to `out`; stops after a stream that ended.
    pub(crate) fn drain(
        &mut self,
        now: Duration,
        byte_time: Option<ByteTime>,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Option<StreamEnd> {
        let full = out.len().saturating_add(limit);
        loop {
            let before_stream = self.items.get(1).is_some_and(Item::is_stream);
            let item = self.items.front_mut()?;
            let start = item.from.max(self.free);
            if start > now {
                return None;
            }
            let in_time = byte_time.map_or(usize::MAX, |byte_time| byte_time.count_within(now.saturating_sub(start)));
            let allowed = full.saturating_sub(out.len()).min(in_time);
            if allowed == 0 {
                return None;
            }
            let left = item.leave(allowed, before_stream, out);
            if let Some(byte_time) = byte_time {
                self.free = start.saturating_add(byte_time.of(left.count));
            }
            left.spans.into_iter().for_each(|span| self.mark(span));
            let ended = if left.is_all { self.items.pop_front() } else { None };
            if let Some(Item { body: Body::Stream(stream), .. }) = ended {
                return Some((*stream).into());
            }
        }
    }

    /// Returns when the next bytes will have left: of a long run as many as leave within [`LUMP`].
    pub(crate) fn next_event(&self, byte_time: Option<ByteTime>) -> Option<Duration> {
        let item = self.items.front()?;
        let start = item.from.max(self.free);
        let wait = byte_time.map(|byte_time| byte_time.of(item.lump(byte_time.count_within(LUMP).saturating_add(1))));
        Some(start.saturating_add(wait.unwrap_or_default()))
    }
}

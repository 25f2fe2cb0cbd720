//! A part of the queue whose bytes are produced only as they leave.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::{Content, Span};

/// Bytes that are produced only as the line drains.
///
/// First the payload leaves, coded if asked for, then the tail. Memory holds at most one piece of the source.
pub(crate) struct Stream {
    reader: Box<dyn Read + Send>,
    /// The number of bytes to read yet. `None`: up to the end of the source.
    left: Option<u64>,
    /// Whether the payload leaves with 0x10 before each 0x03 and 0x10.
    escaped: bool,
    tail: Vec<u8>,
    tag: u32,
    /// Bytes that leave before the source is read any further: coded payload, or the tail.
    ready: VecDeque<u8>,
    /// The number of bytes read from the source.
    count: u64,
    error: Option<io::Error>,
    /// Whether the source has ended or the limit is reached. Only the tail is left.
    exhausted: bool,
    /// Whether a [`Span`] has marked the end of the payload.
    closed: bool,
}

impl Stream {
    /// Streams all that `reader` gives. `tag` comes back in the [`StreamEnd`].
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

    /// Streams bytes that are in memory.
    pub(crate) fn block(bytes: Vec<u8>, tag: u32) -> Self {
        let count = bytes.len() as u64;
        Self::new(Box::new(io::Cursor::new(bytes)), tag).limit(count)
    }

    /// Limits the payload to `count` bytes.
    pub(crate) const fn limit(mut self, count: u64) -> Self {
        self.left = Some(count);
        self
    }

    /// Puts 0x10 before each 0x03 and 0x10 of the payload.
    pub(crate) const fn escaped(mut self) -> Self {
        self.escaped = true;
        self
    }

    /// Adds bytes that follow the payload directly, before anything that was queued meanwhile.
    pub(crate) fn tail(mut self, tail: &[u8]) -> Self {
        self.tail = tail.to_vec();
        self
    }

    /// Appends up to `limit` bytes and returns their number. 0 is the end.
    pub(super) fn pull(&mut self, limit: usize, out: &mut Vec<u8>) -> usize {
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

    /// Whether nothing more comes, as far as this is known without reading on.
    pub(super) fn is_over(&self) -> bool {
        let read_up = self.exhausted || (self.left == Some(0) && self.tail.is_empty());
        read_up && self.ready.is_empty()
    }

    /// Returns the number of bytes that are still to leave, if it is known.
    pub(super) fn remaining(&self) -> Option<u64> {
        let unread = match (self.exhausted, self.escaped) {
            (true, _) => 0,
            (false, true) => return None,
            (false, false) => self.left?.saturating_add(self.tail.len() as u64),
        };
        Some(unread.saturating_add(self.ready.len() as u64))
    }

    /// Returns what the `count` bytes are that were pulled last.
    pub(super) fn spans(&mut self, count: usize) -> [Span; 2] {
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

/// A stream that has ended.
pub(crate) struct StreamEnd {
    /// As given to [`Stream::new`].
    pub(crate) tag: u32,
    /// The number of bytes of its source that have left, before coding.
    pub(crate) count: u64,
    /// Why the source ended early.
    pub(crate) error: Option<io::Error>,
    /// The source, for a dialect that reads on.
    pub(crate) reader: Box<dyn Read + Send>,
}

impl From<Stream> for StreamEnd {
    fn from(stream: Stream) -> Self {
        Self { tag: stream.tag, count: stream.count, error: stream.error, reader: stream.reader }
    }
}

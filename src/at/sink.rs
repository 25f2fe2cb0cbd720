//! Where payload goes to: the caller's writer.

use std::io::{self, Write};
use std::iter;

use nom::FindSubstring;

use crate::error::{Error, ErrorKind, Result};

/// Most bytes that a request fetches again which goes on where another one ended.
const OVERLAP: usize = 16;

/// Room in which the lines behind a payload are looked for: they and a few unsolicited lines between them.
pub(super) const TRAILER_ROOM: usize = 512;

/// Where downloaded bytes go, and the number of those that have gone there.
///
/// The last bytes of a block are held back until the lines behind it prove that they are payload: when the block ends
/// early or bytes were lost on the line, some of the module's own text takes their place.
///
/// A download that takes more than one request goes on a few bytes before the end of what has come
/// ([`Sink::rewind`]); these must be the same again. A module that starts at another offset than requested would
/// otherwise go unnoticed, because the number of bytes is right. Where the file repeats itself just there it still
/// does.
pub struct Sink<'a> {
    writer: &'a mut dyn Write,
    written: u64,
    /// Bytes written when the last block was proven.
    proven: u64,
    held: [u8; TRAILER_ROOM],
    holding: usize,
    /// The bytes written last.
    tail: Tail,
    /// Number of bytes of the tail that are still to come a second time.
    again: usize,
    /// Bytes written when the request began.
    begun: u64,
    failure: Option<Error>,
}

impl<'a> Sink<'a> {
    /// A sink that writes to `writer`.
    pub fn new(writer: &'a mut dyn Write) -> Self {
        Sink {
            writer,
            written: 0,
            proven: 0,
            held: [0; TRAILER_ROOM],
            holding: 0,
            tail: Tail::default(),
            again: 0,
            begun: 0,
            failure: None,
        }
    }

    /// Bytes that the writer has taken.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Prepares for another request, and returns the number of bytes before the end of what was written at which it
    /// must start. They are compared, not written again. What the last request left unproven is dropped.
    ///
    /// At most half of what the last request brought, so that a module with very short answers makes progress; none
    /// where that request brought nothing new.
    pub fn rewind(&mut self) -> u64 {
        let half = usize::try_from((self.written - self.begun) / 2).unwrap_or(OVERLAP);
        self.again = half.min(self.tail.bytes().len());
        self.begun = self.written;
        self.holding = 0;
        self.again as u64
    }

    /// Writes, unless an earlier write failed.
    pub fn put(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        let mut rest = self.continued(bytes);
        while !rest.is_empty() {
            match self.writer.write(rest) {
                Ok(0) => {
                    self.failure = Some(Error::local(io::ErrorKind::WriteZero.into()));
                    return;
                }
                Ok(count) => {
                    let (taken, left) = rest.split_at(count.min(rest.len()));
                    self.written += taken.len() as u64;
                    self.tail.push(taken);
                    rest = left;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(Error::local(error));
                    return;
                }
            }
        }
    }

    /// What of `bytes` is new; nothing where they do not continue what was written.
    fn continued<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let (repeated, rest) = bytes.split_at(self.again.min(bytes.len()));
        let expected = self.tail.bytes();
        let expected = expected.get(expected.len() - self.again..).unwrap_or_default();
        if !expected.starts_with(repeated) {
            let detail = "the bytes do not continue the file: the module started at another offset than requested";
            self.failure = Some(Error::new(ErrorKind::Protocol, detail));
            // Which of the two requests went wrong is not known.
            self.doubt();
            return &[];
        }
        self.again -= repeated.len();
        rest
    }

    /// Holds the last bytes of a block back; what was held before is dropped.
    pub(super) fn hold(&mut self, bytes: &[u8]) {
        self.holding = bytes.len().min(TRAILER_ROOM);
        if let (Some(room), Some(bytes)) = (self.held.get_mut(..self.holding), bytes.get(..self.holding)) {
            room.copy_from_slice(bytes);
        }
    }

    /// Writes the bytes that were held back: what followed them proved them right.
    pub fn release(&mut self) {
        let held = self.held;
        self.put(held.get(..self.holding).unwrap_or_default());
        self.holding = 0;
        if self.failure.is_none() {
            self.proven = self.written;
        }
    }

    /// Writes the bytes that were held back, although what followed them leaves a doubt.
    pub fn release_in_doubt(&mut self) {
        let proven = self.proven;
        self.release();
        self.proven = proven;
    }

    /// Marks everything written as unproven: it may be wrong after all.
    pub fn doubt(&mut self) {
        self.proven = 0;
    }

    /// Adds to `error` the number of bytes written, and of those that are proven.
    pub fn account(&self, error: Error) -> Error {
        error.with_transferred(self.written).with_proven(self.proven)
    }

    /// The bytes that are held back.
    pub fn held(&self) -> &[u8] {
        self.held.get(..self.holding).unwrap_or_default()
    }

    /// The lines that are held back, as far as they are there.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = Some(self.held());
        iter::from_fn(move || {
            let bytes = rest?;
            let end = bytes.find_substring("\n");
            rest = end.and_then(|end| bytes.get(end + 1..));
            bytes.get(..end.unwrap_or(bytes.len())).map(<[u8]>::trim_ascii)
        })
    }

    /// The failure of the writer, if it failed.
    ///
    /// # Errors
    /// [`LocalIo`](ErrorKind::LocalIo); [`Protocol`](ErrorKind::Protocol) where a request did not continue the one
    /// before.
    pub fn check(&mut self) -> Result<()> {
        match self.failure.take() {
            Some(failure) => Err(self.account(failure)),
            None => Ok(()),
        }
    }

    /// Whether the writer has failed, or what came did not continue what was written.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }
}

/// The last bytes of what was written.
#[derive(Default)]
struct Tail {
    bytes: [u8; OVERLAP],
    length: usize,
}

impl Tail {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, bytes: &[u8]) {
        let new = bytes.get(bytes.len().saturating_sub(OVERLAP)..).unwrap_or_default();
        let kept = self.length.min(OVERLAP - new.len());
        self.bytes.copy_within(self.length - kept..self.length, 0);
        if let Some(room) = self.bytes.get_mut(kept..kept + new.len()) {
            room.copy_from_slice(new);
        }
        self.length = kept + new.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_to_continue_the_one_before() {
        let file: Vec<u8> = (0..=255).collect();
        for (first, pieces) in [(1, 1), (2, 1), (30, 64), (100, 1), (100, 7), (200, 1000)] {
            let mut written = Vec::new();
            let mut sink = Sink::new(&mut written);
            file[..first].chunks(pieces).for_each(|piece| sink.put(piece));
            let start = first - usize::try_from(sink.rewind()).unwrap();
            assert_eq!(start, first - OVERLAP.min(first / 2));
            file[start..].chunks(pieces).for_each(|piece| sink.put(piece));
            assert_eq!(sink.written(), 256);
            sink.check().unwrap();
            assert_eq!(written, file, "{first} bytes, then the rest, by {pieces}");
        }
    }

    #[test]
    fn a_request_that_starts_elsewhere_is_noticed_before_anything_is_written() {
        let mut written = Vec::new();
        let mut sink = Sink::new(&mut written);
        sink.put(b"abcdef");
        assert_eq!(sink.rewind(), 3);
        sink.put(b"de");
        sink.put(b"gf");
        sink.put(b"fgh");
        assert!(sink.has_failed());
        let error = sink.check().unwrap_err();
        assert_eq!((error.kind(), error.transferred(), error.proven()), (ErrorKind::Protocol, Some(6), Some(0)));
        assert_eq!(written, b"abcdef");
    }

    #[test]
    fn what_is_held_back_has_to_continue_it_too() {
        let mut written = Vec::new();
        let mut sink = Sink::new(&mut written);
        sink.hold(b"abcdef");
        sink.release();
        assert_eq!(sink.rewind(), 3);
        sink.hold(b"xef");
        sink.release();
        let error = sink.check().unwrap_err();
        assert_eq!((error.transferred(), error.proven()), (Some(6), Some(0)));
    }

    #[test]
    fn a_request_behind_one_that_brought_nothing_starts_at_the_end() {
        let mut written = Vec::new();
        let mut sink = Sink::new(&mut written);
        sink.put(b"abcdef");
        assert_eq!(sink.rewind(), 3);
        sink.put(b"def");
        sink.hold(b"unproven");
        assert_eq!(sink.rewind(), 0);
        sink.put(b"gh");
        sink.release();
        sink.check().unwrap();
        assert_eq!(written, b"abcdefgh");
    }

    #[test]
    fn what_is_held_back_is_proven_only_when_it_is_released_without_doubt() {
        for (in_doubt, proven) in [(false, 6), (true, 0)] {
            let mut written = Vec::new();
            let mut sink = Sink::new(&mut written);
            sink.hold(b"abcdef");
            assert_eq!(sink.written(), 0);
            if in_doubt {
                sink.release_in_doubt()
            } else {
                sink.release()
            }
            assert!(!sink.has_failed());
            assert_eq!(sink.account(Error::new(ErrorKind::Timeout, "")).proven(), Some(proven));
            assert_eq!(written, b"abcdef");
        }
    }

    #[test]
    fn the_lines_of_what_is_held_back() {
        let cases = [
            (&b"data\r\n+MATREADY"[..], false, vec!["data", "+MATREADY"]),
            (b"data\r\n+MATREADY\r\n", true, vec!["data", "+MATREADY", ""]),
            (b"RDY", false, vec!["RDY"]),
            (b"", false, vec![""]),
        ];
        for (held, ends, lines) in cases {
            let mut nowhere = io::sink();
            let mut sink = Sink::new(&mut nowhere);
            sink.hold(held);
            assert_eq!(sink.held().ends_with(b"\r\n"), ends, "{held:?}");
            assert!(sink.lines().eq(lines.iter().map(|line| line.as_bytes())), "{held:?}");
        }
    }

    #[test]
    fn an_interrupted_write_is_repeated_and_a_failed_one_is_not() {
        /// Fails once, in the given way.
        struct Once(Option<io::ErrorKind>, Vec<u8>);
        impl Write for Once {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                match self.0.take() {
                    Some(kind) => Err(kind.into()),
                    None => self.1.write(bytes),
                }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for (kind, written) in [(io::ErrorKind::Interrupted, &b"abcdef"[..]), (io::ErrorKind::StorageFull, b"")] {
            let mut writer = Once(Some(kind), Vec::new());
            let mut sink = Sink::new(&mut writer);
            sink.put(b"abc");
            sink.put(b"def");
            assert_eq!(sink.check().is_err(), written.is_empty(), "{kind:?}");
            assert_eq!(writer.1, written, "{kind:?}");
        }
    }
}

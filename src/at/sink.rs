//! Where payload goes to and comes from: the caller's writer and reader.

use std::io::{self, Read, Write};

use crate::error::{Error, Result};

/// Room in which the lines behind a payload are looked for: they and a few unsolicited lines between them.
pub(super) const TRAILER_ROOM: usize = 512;

/// Where downloaded bytes go, and how many have gone there.
///
/// The last bytes of a block are held back until the lines behind it prove that they are payload: when the block ends early or
/// bytes were lost on the line, some of the module's own text stands in their place.
pub struct Sink<'a> {
    writer: &'a mut dyn Write,
    written: u64,
    /// Bytes written when the last block was proven.
    proven: u64,
    held: [u8; TRAILER_ROOM],
    holding: usize,
    failure: Option<io::Error>,
}

impl<'a> Sink<'a> {
    /// A sink that writes to `writer`.
    pub fn new(writer: &'a mut dyn Write) -> Self {
        Sink { writer, written: 0, proven: 0, held: [0; TRAILER_ROOM], holding: 0, failure: None }
    }

    /// Bytes that the writer has taken.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes, unless an earlier write failed.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.writer.write(rest) {
                Ok(0) => {
                    self.failure = Some(io::ErrorKind::WriteZero.into());
                    return;
                }
                Ok(count) => {
                    self.written += count.min(rest.len()) as u64;
                    rest = rest.get(count..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    return;
                }
            }
        }
    }

    /// Holds the last bytes of a block back, in place of what was held before.
    pub(super) fn hold(&mut self, bytes: &[u8]) {
        self.holding = bytes.len().min(TRAILER_ROOM);
        for (to, from) in self.held.iter_mut().zip(bytes) {
            *to = *from;
        }
    }

    /// Writes the bytes that were held back: what followed proved them right.
    pub fn release(&mut self) {
        let held = self.held;
        self.put(held.get(..self.holding).unwrap_or_default());
        self.holding = 0;
        self.proven = self.written;
    }

    /// Writes the bytes that were held back, although what followed leaves a doubt.
    pub fn release_in_doubt(&mut self) {
        let proven = self.proven;
        self.release();
        self.proven = proven;
    }

    /// Tells with an error how many bytes were written and how many of them are proven.
    pub fn told(&self, error: Error) -> Error {
        error.with_transferred(self.written).with_proven(self.proven)
    }

    /// Whether the bytes held back end in a line end.
    pub fn holds_a_line_end(&self) -> bool {
        self.held.get(..self.holding).is_some_and(|held| held.ends_with(b"\r\n"))
    }

    /// The failure of the writer, if it failed.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`](crate::ErrorKind::LocalIo).
    pub fn check(&mut self) -> Result<()> {
        match self.failure.take() {
            Some(failure) => Err(self.told(Error::local(failure))),
            None => Ok(()),
        }
    }

    /// Whether the writer has failed.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }
}

/// Where uploaded bytes come from.
pub struct Drain<'a> {
    reader: &'a mut dyn Read,
}

impl<'a> Drain<'a> {
    /// A drain that reads from `reader`.
    pub fn new(reader: &'a mut dyn Read) -> Self {
        Drain { reader }
    }

    /// Fills `buffer` as far as the reader yields; a short count means that it is at its end.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`](crate::ErrorKind::LocalIo).
    pub fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.reader.read(room) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::local(error)),
            }
        }
        Ok(filled)
    }
}

//! The source of an upload, and the account of how much of it the server may have.

use std::io::{self, Read};

use crate::at::{Swallowed, Wire};
use crate::error::{Error, ErrorKind, Result};

/// Where the bytes of an upload go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// They replace the file.
    Replace,
    /// They are added at its end.
    Append,
    /// They are added at this offset, which is the present size of the file and not 0.
    Continue(u64),
}

/// What is uploaded: the caller's bytes and their place in the file, what the module has taken of them, and what it may
/// take for payload unnoticed.
///
/// A module that was promised a block takes whatever comes next as part of it, the driver's own probes included. So
/// after a failure the whole announced block counts as sent, unless the module refused it and answered every later
/// command.
pub struct Source<'a> {
    reader: &'a mut dyn Read,
    /// Number of bytes that the caller has announced.
    length: Option<u64>,
    placement: Placement,
    /// Whether every byte is sent, also one that is not proven to pass.
    is_forced: bool,
    taken: u64,
    announced: u64,
    /// Whether bytes of the block have left.
    has_begun: bool,
    /// [`Wire::swallowed`] when the first block was announced.
    swallowed: Option<Swallowed>,
    /// Whether the payload is part of the command lines, so that nothing else can be taken for it.
    is_inline: bool,
    /// Whether the module was seen to take less of a block than it was offered.
    is_capped: bool,
}

impl<'a> Source<'a> {
    /// A source of `length` bytes, where that is known.
    pub fn new(reader: &'a mut dyn Read, length: Option<u64>) -> Self {
        Source {
            reader,
            length,
            placement: Placement::Replace,
            is_forced: false,
            taken: 0,
            announced: 0,
            has_begun: false,
            swallowed: None,
            is_inline: false,
            is_capped: false,
        }
    }

    /// Number of bytes that the source will yield, where the caller knows it.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Sets the place of the bytes, and whether every byte is sent. Default: they replace the file, and no.
    pub fn placed(self, placement: Placement, is_forced: bool) -> Self {
        Source { placement, is_forced, ..self }
    }

    /// The place of the bytes in the file.
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// Whether every byte is sent, also one that is not proven to pass.
    pub fn is_forced(&self) -> bool {
        self.is_forced
    }

    /// Fills `buffer` as far as the source yields; a short count means that the source is at its end.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`].
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

    /// As [`Self::fill`], where the source must yield all of it.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`], also where it yields less than was announced.
    pub fn fill_all(&mut self, buffer: &mut [u8]) -> Result<()> {
        let filled = self.fill(buffer)?;
        if filled < buffer.len() { self.check_yielded(self.taken + filled as u64) } else { Ok(()) }
    }

    /// The payload is part of the command lines.
    pub fn travel_inline(&mut self) {
        self.is_inline = true;
    }

    /// The module takes less of a block than it is offered.
    pub fn cap(&mut self) {
        self.is_capped = true;
    }

    /// Whether the module was seen to take less of a block than it was offered.
    pub fn is_capped(&self) -> bool {
        self.is_capped
    }

    /// A block of at most `count` bytes is announced now, perhaps not for the first time.
    pub fn announce(&mut self, wire: &Wire, count: u64) {
        self.announced = self.announced.max(count);
        self.swallowed.get_or_insert(wire.swallowed());
    }

    /// Number of bytes in the block that was announced.
    pub fn announced(&self) -> u64 {
        self.announced
    }

    /// Payload of the block leaves now.
    pub fn begin(&mut self) {
        self.has_begun = true;
    }

    /// Whether payload of the block has left.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// The module has taken `count` bytes of the block, and wants no more of it.
    pub fn take(&mut self, count: u64) {
        self.taken += count;
        self.announced = 0;
        self.has_begun = false;
    }

    /// Number of bytes that the module has taken.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Checks that the source has yielded as many bytes as were announced.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`].
    pub fn check_length(&self) -> Result<()> {
        self.check_yielded(self.taken)
    }

    /// As [`Self::check_length`], where the source has yielded `count` bytes and yields no more.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`].
    pub fn check_yielded(&self, count: u64) -> Result<()> {
        match self.length.filter(|length| *length != count) {
            Some(length) => {
                let detail = format!("the source yielded {count} bytes, {length} were announced");
                Err(Error::new(ErrorKind::LocalIo, detail))
            }
            None => Ok(()),
        }
    }

    /// Adds to the error of the upload how many bytes the server may have.
    pub fn account(&self, wire: &Wire, error: Error) -> Error {
        use ErrorKind::{BearerLost, ModuleRestarted, SessionLost};
        // With the connection the data mode ended, or never began.
        let is_over = matches!(error.kind(), BearerLost | ModuleRestarted | SessionLost);
        let now = wire.swallowed();
        let before = self.swallowed.unwrap_or(now);
        let is_at_risk = self.has_begun || before != now || (wire.is_lost() && !is_over);
        // Behind the block, or in its place where a byte of the command was lost, the driver's own words may be taken.
        let words = if self.is_inline { 0 } else { now.probes - before.probes };
        error.with_transferred(self.taken + if is_at_risk { self.announced + words } else { 0 }).with_proven(self.taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_read_is_repeated_and_a_failed_one_is_not() {
        struct Once(Option<io::ErrorKind>);
        impl Read for Once {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                match self.0.take() {
                    Some(kind) => Err(kind.into()),
                    None => Ok(buffer.len().min(2)),
                }
            }
        }
        for (kind, count) in [(io::ErrorKind::Interrupted, Some(5)), (io::ErrorKind::UnexpectedEof, None)] {
            assert_eq!(Source::new(&mut Once(Some(kind)), None).fill(&mut [0; 5]).ok(), count, "{kind:?}");
        }
    }
}

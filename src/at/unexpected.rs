//! Lines that answer nothing. Between two moments they show that bytes were added or lost on the way.

use super::wire::Wire;
use crate::error::Result;

/// How much was unexpected up to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unexpected {
    /// Number of final result codes that answer nothing. In the middle of an exchange they are a piece of payload, or
    /// the end of one.
    pub(super) results: u64,
    /// Number of lines that are neither answers nor unsolicited result codes. Where nothing was announced, they may be
    /// the data that should have been.
    pub(super) lines: u64,
}

impl Unexpected {
    /// Checks that no data have come since this moment that nothing announced.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol): data have come whose announcement was lost. A loss.
    pub fn no_more_lines(self, wire: &mut Wire) -> Result<()> {
        wire.look()?;
        self.no_lines_so_far(wire)
    }

    /// As [`Self::no_more_lines`], among what was sorted already.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol).
    pub fn no_lines_so_far(self, wire: &mut Wire) -> Result<()> {
        match wire.inbox.unexpected().lines == self.lines {
            true => Ok(()),
            false => Err(wire.protocol("lines came that nothing announced, in place of data")),
        }
    }

    /// Checks that no final result code has come since this moment that answers nothing.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol).
    pub fn no_more_results(self, wire: &mut Wire) -> Result<()> {
        match wire.inbox.unexpected().results == self.results {
            true => Ok(()),
            false => Err(wire.protocol("a final result code came that answers nothing: bytes were added on the way")),
        }
    }
}

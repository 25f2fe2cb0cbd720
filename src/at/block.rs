//! File data on their way to the host: counted, never searched.
//!
//! Payload goes from the read buffer straight to the caller's writer. An error of the writer does not stop the
//! reading: the module has announced a number of bytes, and host and module stay in step only when all of them are
//! taken in.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use log::trace;

use super::data_end::DataEnd;
use super::limits::Deadline;
use super::parts::Parts;
use super::sink::{Sink, TRAILER_ROOM};
use super::sync::Debt;
use super::wire::Wire;
use crate::error::{Error, Phase, Result};

/// Most bytes of a block that are taken in behind a writer that has failed, to stay in step with the module.
const MOST_BEHIND_A_FAILURE: u64 = 64 * 1024;

pub(super) const LINE_END: &[u8] = b"\r\n";

const ANOTHER_LENGTH: &str = "the payload has another length than announced";

/// A counted block that the module has announced. Dropped before all of it came, it records how many bytes are still
/// to come: they are dropped before anything is believed.
///
/// While it lives, a command does not compile:
///
/// ```compile_fail,E0499
/// # use ftp_modem::internals::{Command, Engine, Sink};
/// # use std::time::Duration;
/// fn two(engine: &mut Engine, sink: &mut Sink<'_>) -> ftp_modem::Result<()> {
///     let limit = Duration::from_secs(5);
///     let block = engine.payload().block(10, limit);
///     let _ = engine.execute(Command::run("I"), limit)?;
///     block.copy_to(sink)
/// }
/// ```
#[must_use]
pub struct Block<'w> {
    parts: &'w mut Parts,
    count: u64,
    left: u64,
    inactivity: Duration,
}

impl Block<'_> {
    /// Takes in all of the block, whatever it holds. The last bytes are held back for [`Sink::release`].
    ///
    /// # Errors
    /// A silence that lasts too long, a lost port. A failing writer shows in [`Sink::check`], or here where much of the
    /// block is still to come.
    pub fn copy_to(mut self, sink: &mut Sink<'_>) -> Result<()> {
        let mut end = None;
        loop {
            let waiting = self.parts.link.waiting().len();
            if waiting as u64 >= self.left {
                let here = usize::try_from(self.left).unwrap_or(waiting);
                self.left = 0;
                self.parts.payload().pass_on(here.saturating_sub(TRAILER_ROOM), sink);
                let tail = here.min(TRAILER_ROOM);
                sink.hold(self.parts.link.waiting().get(..tail).unwrap_or_default());
                self.parts.link.consume(tail);
                trace!("{} < {} bytes of payload", self.parts.link.name(), self.count);
                return Ok(());
            }
            self.left -= self.parts.payload().pass_on(waiting.saturating_sub(TRAILER_ROOM), sink);
            if self.left > MOST_BEHIND_A_FAILURE {
                sink.check()?;
            }
            // Most blocks are there as a whole, and need no deadline.
            let end = *end.get_or_insert_with(|| self.parts.payload().end_of_data(self.count, self.inactivity));
            let deadline = self.parts.payload().data_deadline(self.inactivity, end);
            if self.parts.now() > end {
                return Err(deadline.passed());
            }
            self.parts.fill(deadline)?;
        }
    }
}

impl Drop for Block<'_> {
    fn drop(&mut self) {
        if self.left > 0 {
            self.parts.sync.record_debt(Debt { from_module: self.left, ..self.parts.sync.debt() });
        }
    }
}

impl Parts {
    pub(super) fn payload(&mut self) -> Payload<'_> {
        Payload { parts: self }
    }
}

impl Wire {
    /// Payload that comes from the module now.
    pub fn payload(&mut self) -> Payload<'_> {
        self.parts.payload()
    }
}

/// The receiving side of the line while payload comes.
pub struct Payload<'w> {
    pub(super) parts: &'w mut Parts,
}

impl<'w> Payload<'w> {
    /// A block of `count` bytes, each silence within which may last `inactivity`.
    pub fn block(self, count: u64, inactivity: Duration) -> Block<'w> {
        Block { parts: self.parts, count, left: count, inactivity }
    }

    /// What follows the data of this module, as far as it is known.
    pub fn data_end(self) -> &'w mut DataEnd {
        &mut self.parts.data_end
    }

    /// Takes in the line ends behind a payload, whose last bytes `sink` holds back, up to the line that comes next.
    /// Where it is not known that so many follow the payload, a doubt is left
    /// ([`DataEnd`](super::data_end::DataEnd)).
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol) when something else follows: bytes were lost or added on the way, and
    /// where the payload ended can only be guessed. Where it is this payload or the one before, all of them are
    /// unproven.
    pub fn line_end(&mut self, sink: &mut Sink<'_>, limit: Duration) -> Result<()> {
        /// More than any module sends.
        const MOST: isize = 4;
        let deadline = self.parts.deadline(Phase::Acknowledgement, limit);
        let mut count = 0;
        loop {
            self.line_end_until(deadline)?;
            count += 1;
            while self.parts.link.waiting().is_empty() {
                self.fill_payload(deadline)?;
            }
            if count > MOST || !matches!(self.parts.link.waiting().first(), Some(b'\r' | b'\n')) {
                break;
            }
        }
        let ends_line = sink.held().ends_with(b"\n");
        self.take_in_data_end(count, ends_line).inspect_err(|_| sink.doubt())
    }

    /// Takes in that `count` line ends have followed data; `ends_line` tells whether these end in a line feed.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol) when another number follows the data of this module.
    pub fn take_in_data_end(&mut self, count: isize, ends_line: bool) -> Result<()> {
        match self.parts.data_end.take_in(count, ends_line) {
            true => Ok(()),
            false => Err(self.parts.protocol(ANOTHER_LENGTH)),
        }
    }

    /// Takes in the line end behind a payload of dialects whose modules may leave it out: another line may follow
    /// directly, or nothing within `patience`. Returns whether there was a line end.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol) when something else follows.
    pub fn optional_line_end(&mut self, patience: Duration) -> Result<bool> {
        if self.parts.link.waiting().starts_with(LINE_END) {
            self.parts.link.consume(LINE_END.len());
            return Ok(true);
        }
        let deadline = self.parts.deadline(Phase::Data, patience);
        if self.parts.link.waiting().is_empty()
            && !self.parts.fill_until(deadline).map_err(|error| self.parts.interrupted(error))?
        {
            return Ok(false);
        }
        let deadline = self.parts.deadline(Phase::Data, patience);
        match self.parts.link.waiting().first() {
            Some(b'+') => self.begins_line(deadline).map(|()| false),
            _ => self.line_end_until(deadline).map(|()| true),
        }
    }

    fn line_end_until(&mut self, deadline: Deadline) -> Result<()> {
        loop {
            let waiting = self.parts.link.waiting();
            let seen = waiting.get(..LINE_END.len()).unwrap_or(waiting);
            if !LINE_END.starts_with(seen) {
                return Err(self.parts.protocol(ANOTHER_LENGTH));
            }
            if seen.len() == LINE_END.len() {
                self.parts.link.consume(LINE_END.len());
                return Ok(());
            }
            self.fill_payload(deadline)?;
        }
    }

    /// Checks that the `+` that waits begins a line: it may also be the last byte of a payload that a byte was added
    /// to on the way.
    fn begins_line(&mut self, deadline: Deadline) -> Result<()> {
        const LETTERS: usize = 3;
        loop {
            let behind = self.parts.link.waiting().get(1..).unwrap_or_default();
            let seen = behind.get(..LETTERS).unwrap_or(behind);
            if !seen.iter().all(u8::is_ascii_uppercase) {
                return Err(self.parts.protocol(ANOTHER_LENGTH));
            }
            if seen.len() == LETTERS {
                return Ok(());
            }
            self.fill_payload(deadline)?;
        }
    }

    /// Reads more. An error in the middle of payload leaves host and module out of step.
    ///
    /// Bytes that come without a pause never reach `deadline`, so the caller's budget is checked here, too.
    pub(super) fn fill_payload(&mut self, deadline: Deadline) -> Result<()> {
        if let Some((phase, limit)) = self.parts.limits.exhausted(self.parts.now()) {
            let error = self.parts.report.named(Error::timeout(phase, limit));
            return Err(self.parts.interrupted(error));
        }
        self.parts.fill(deadline).map_err(|error| self.parts.interrupted(error))
    }

    /// The instant by which `count` bytes of payload must have come: the slowest networks in use give more than 100
    /// bytes a second.
    pub(super) fn end_of_data(&self, count: u64, inactivity: Duration) -> Instant {
        const SLOWEST: u64 = 100;
        let limit = inactivity
            .saturating_add(Duration::from_secs(count / SLOWEST))
            .saturating_add(self.parts.link.line_time(count));
        self.parts.deadline(Phase::Resynchronisation, limit).at()
    }

    /// The deadline of one silence within payload that must be over by `end`.
    pub(super) fn data_deadline(&self, inactivity: Duration, end: Instant) -> Deadline {
        let left = end.saturating_duration_since(self.parts.now());
        self.parts.deadline(Phase::Data, inactivity.min(left))
    }

    /// Hands the first `count` waiting bytes to the sink.
    pub(super) fn pass_on(&mut self, count: usize, sink: &mut Sink<'_>) -> u64 {
        sink.put(self.parts.link.waiting().get(..count).unwrap_or_default());
        self.parts.link.consume(count);
        count as u64
    }
}

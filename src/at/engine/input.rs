//! Taking in what the port has.

use std::io;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use log::trace;

use super::{Engine, Pending};
use crate::at::command::Answer;
use crate::at::exchange::Deadline;
use crate::at::framer::Expect;
use crate::error::{ErrorKind, Phase, Result};

/// How soon a cancellation is noticed while the line is silent.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// How long what came since the last exchange is sorted before the next command is sent all the same.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

impl Engine {
    /// Reads more into the buffer.
    pub(in crate::at) fn fill(&mut self, deadline: Deadline) -> Result<()> {
        if self.fill_until(deadline)? {
            return Ok(());
        }
        Err(self.transport_error(io::ErrorKind::TimedOut.into(), deadline))
    }

    /// As [`Self::fill`], where nothing is as good as something: says whether anything came.
    pub(in crate::at) fn fill_until(&mut self, deadline: Deadline) -> Result<bool> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        loop {
            let until = self.until_next_check(deadline)?;
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            if room.is_empty() {
                return Err(self.protocol("more than fits came without being asked for"));
            }
            match self.transport.read(room, until) {
                Ok(count) => {
                    self.end = (self.end + count).min(self.buffer.len());
                    self.heard += count as u64;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut && until < deadline.at => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(false),
                Err(error) => return Err(self.transport_error(error, deadline)),
            }
        }
    }

    /// Says that another final result may still follow the one that came. [`Self::settle`] says that it will not.
    pub fn expect_more(&mut self, answer: Answer) {
        self.pending = Some(Pending { answer });
    }

    /// The answer to the command under way is complete, read in another way than by [`Self::next_event`].
    pub fn settle(&mut self) {
        self.pending = None;
        self.echo.clear();
    }

    /// Until when to wait at a time: with somebody who may cancel, a long wait is made of short ones.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`], once for each time that the flag is set: what follows is the recovery.
    pub(in crate::at) fn until_next_check(&mut self, deadline: Deadline) -> Result<Instant> {
        let Some(flag) = &self.cancel else { return Ok(deadline.at) };
        if !self.cancelled && flag.load(Ordering::Relaxed) {
            self.cancelled = true;
            return Err(self.error(ErrorKind::Cancelled, ""));
        }
        Ok(deadline.at.min(self.now() + CANCEL_CHECK))
    }

    /// Says that a new operation begins: a cancellation that ended the one before, or came while it was being cleaned up, is over.
    pub fn begin_operation(&mut self) {
        self.forget_recovery();
        self.take_back_cancellation();
    }

    /// Clears the flag where it was noticed.
    pub(in crate::at) fn take_back_cancellation(&mut self) {
        if std::mem::take(&mut self.cancelled)
            && let Some(flag) = &self.cancel
        {
            flag.store(false, Ordering::Relaxed);
        }
    }

    /// What was read and not yet used.
    pub(in crate::at) fn waiting(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Marks the first `count` waiting bytes as used.
    pub(in crate::at) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Sorts what has arrived since the last exchange, without waiting for more.
    ///
    /// # Errors
    /// An alarm, a lost port.
    pub fn look(&mut self) -> Result<()> {
        if self.out_of_step {
            // The next command brings host and module back into step first.
            return Ok(());
        }
        let end = self.now() + LONGEST_LOOK;
        let deadline = self.deadline(Phase::Acknowledgement, Duration::ZERO);
        loop {
            while self.next_waiting_event(Expect::Line)?.is_some() {}
            // A module that talks without a pause must not keep the command from being sent.
            if !self.fill_until(deadline)? || self.now() > end {
                return Ok(());
            }
        }
    }

    /// As [`Self::look`], for the operation that is the remedy for what was lost meanwhile: a lost bearer or session is passed over.
    ///
    /// # Errors
    /// Another alarm, a lost port.
    pub fn look_past_losses(&mut self) -> Result<()> {
        // Each loss is told in a line or two.
        const LINES: u32 = 8;
        for _ in 0..LINES {
            match self.look() {
                Err(error) if matches!(error.kind(), ErrorKind::BearerLost | ErrorKind::SessionLost) => {
                    self.forget_exchange()
                }
                other => return other,
            }
        }
        Ok(())
    }

    /// Reads and drops everything until `until`.
    pub(in crate::at) fn drop_input(&mut self, until: Instant) -> Result<()> {
        let deadline = Deadline { at: until, limit: Duration::ZERO, phase: Phase::Resynchronisation };
        loop {
            let dropped = self.end - self.start;
            if dropped > 0 {
                trace!("{} < {dropped} bytes dropped", self.port());
            }
            self.start = self.end;
            if !self.fill_until(deadline)? || self.now() >= until {
                self.start = self.end;
                return Ok(());
            }
        }
    }

    /// Drops everything that comes until the line has been silent for `silence`, for `limit` at most: the payload of a
    /// transfer that was given up.
    ///
    /// # Errors
    /// A lost port.
    pub fn discard(&mut self, silence: Duration, limit: Duration) -> Result<()> {
        self.mark_out_of_step();
        let end = self.now() + limit;
        while self.now() < end {
            self.start = self.end;
            if !self.fill_until(self.deadline(Phase::Resynchronisation, silence))? {
                break;
            }
        }
        Ok(())
    }
}

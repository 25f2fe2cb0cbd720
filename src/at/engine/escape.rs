//! The way out of data mode: the escape sequence between two guard times (V.250 §6.2.9), and what else ends one.

use std::time::{Duration, Instant};

use log::{debug, trace};

use super::Engine;
use crate::at::framer::Expect;
use crate::at::limits::Deadline;
use crate::at::wire::Wire;
use crate::error::{Phase, Recovery, Result};

const ESCAPE: &[u8] = b"+++";

/// How long the line must be quiet before an answer whose identity cannot be checked is believed.
pub(super) const QUIET: Duration = Duration::from_millis(300);

/// Which way payload flows in data mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// A download.
    ToHost,
    /// An upload.
    ToModule,
}

impl Engine {
    /// Tells the module to leave data mode, and makes sure that it did. What the interrupted command has still to say
    /// is lost.
    ///
    /// # Errors
    /// A module that does not come back to command mode.
    pub fn escape(&mut self, guard: Duration, flow: Flow) -> Result<()> {
        // The escape sequence ends the payload in both directions: nothing is outstanding after it.
        self.forget_exchange();
        self.lose_step();
        if !(Escape { wire: &mut self.wire, guard, flow }).fits_budget() {
            // The next call finds a module that answers nothing, and brings it out.
            return Err(self.deadline(Phase::Resynchronisation, Duration::ZERO).passed());
        }
        self.note_recovery(Recovery::LeaveDataMode);
        Escape { wire: &mut self.wire, guard, flow }.run()?;
        self.lose_step();
        self.resynchronise()
    }

    /// Brings a module that takes everything for data back to command mode, without knowing what it was left in:
    /// `+++` with its guard times, then the bytes that end uncounted data and prompts, then carriage returns enough
    /// to fill the longest block that any dialect counts. In command mode these are empty lines. Nothing is waited
    /// for but the guard times.
    ///
    /// # Errors
    /// A port that takes no bytes or is lost.
    pub fn leave_unknown_data_mode(&mut self, guard: Duration) -> Result<()> {
        /// ESC cancels a prompt (3GPP TS 27.005 §3.5), ETX ends Motorola's coded data.
        const ENDS: &[u8] = b"\x1b\x03\r";
        /// China Mobile's blocks are the longest: 4096 bytes.
        const FILLER: [u8; 4096 + 2] = [b'\r'; 4098];
        self.swallowed.probes += (ENDS.len() + FILLER.len()) as u64;
        self.forget_exchange();
        self.note_recovery(Recovery::LeaveDataMode);
        Escape { wire: &mut self.wire, guard, flow: Flow::ToHost }.run()?;
        self.write(ENDS)?;
        self.write(&FILLER)?;
        // The filler takes its time on a slow line, and no answer comes before its end.
        let soon = self.now() + QUIET + self.line_time(FILLER.len() as u64);
        drop_input(&mut self.wire, soon)
    }

    /// Drops everything that comes until the line has been silent for `silence`, for `limit` at most: the payload of
    /// a transfer that was abandoned.
    ///
    /// # Errors
    /// A lost port.
    pub fn discard(&mut self, silence: Duration, limit: Duration) -> Result<()> {
        self.lose_step();
        let end = self.now() + limit;
        while self.now() < end {
            self.link.clear();
            let deadline = self.deadline(Phase::Resynchronisation, silence);
            if !self.fill_until(deadline)? {
                break;
            }
        }
        Ok(())
    }
}

/// One escape out of data mode.
pub(in crate::at) struct Escape<'w> {
    pub wire: &'w mut Wire,
    /// The silence before and after the escape sequence.
    pub guard: Duration,
    /// Which way payload may still be flowing. Payload that comes in is dropped, because nothing in it can be
    /// distinguished from the module's own lines.
    pub flow: Flow,
}

impl Escape<'_> {
    /// Whether the budget leaves room for the guard times, which cannot be shortened.
    pub fn fits_budget(&self) -> bool {
        self.wire.limits.leaves(self.wire.now(), self.guard * 2 + QUIET)
    }

    /// The whole escape.
    pub fn run(mut self) -> Result<()> {
        self.fall_silent()?;
        self.send()
    }

    /// The silence before the escape sequence.
    pub fn fall_silent(&mut self) -> Result<()> {
        // The guard time runs from when the last payload byte has left, not from when it was written.
        let unsent = self.wire.link.unsent() as u64;
        let deadline = self.wire.deadline(Phase::Send, self.wire.send_limit() + self.wire.line_time(unsent));
        while self.wire.link.unsent() > 0 {
            if self.wire.now() > deadline.at {
                return Err(self.wire.interrupted(deadline.passed()));
            }
            self.listen(Duration::from_millis(10))?;
        }
        self.listen(self.guard)
    }

    /// The escape sequence and the silence behind it.
    pub fn send(&mut self) -> Result<()> {
        debug!("{} > +++", self.wire.link.name());
        self.wire.swallowed.probes += ESCAPE.len() as u64;
        self.wire.write(ESCAPE)?;
        self.listen(self.guard)
    }

    /// Sends nothing for `time`, and sorts or drops what comes meanwhile.
    fn listen(&mut self, time: Duration) -> Result<()> {
        let until = self.wire.now() + time;
        if self.flow == Flow::ToHost {
            return drop_input(self.wire, until);
        }
        let deadline = Deadline { at: until, limit: Duration::ZERO, phase: Phase::Resynchronisation };
        loop {
            while let Some(event) = self.wire.next_waiting(Expect::Line)? {
                debug!("{}: {event:?} while leaving data mode", self.wire.link.name());
            }
            if !self.wire.fill_until(deadline)? || self.wire.now() >= until {
                return Ok(());
            }
        }
    }
}

/// Reads and drops everything until `until`.
fn drop_input(wire: &mut Wire, until: Instant) -> Result<()> {
    let deadline = Deadline { at: until, limit: Duration::ZERO, phase: Phase::Resynchronisation };
    loop {
        let dropped = wire.link.clear();
        if dropped > 0 {
            trace!("{} < {dropped} bytes dropped", wire.link.name());
        }
        if !wire.fill_until(deadline)? || wire.now() >= until {
            wire.link.clear();
            return Ok(());
        }
    }
}

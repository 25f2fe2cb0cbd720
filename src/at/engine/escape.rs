//! The way out of data mode: the escape sequence between two guard times, a drop of DTR where the program has chosen
//! that (V.250 §6.2.9, `&D1`), and what else ends one.

use std::time::{Duration, Instant};

use log::{debug, trace};

use super::Engine;
use crate::at::framer::Expect;
use crate::at::limits::Deadline;
use crate::at::link::Fault;
use crate::at::wire::Wire;
use crate::error::{Phase, Recovery, Result};

/// Silence around `+++`, with room for clocks that differ (V.250 and most manuals: one second).
pub(super) const GUARD: Duration = Duration::from_millis(1100);

const ESCAPE: &[u8] = b"+++";

/// How long DTR is off. No document says how soon a module notices it.
const DTR_PULSE: Duration = Duration::from_millis(250);

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
        // Whether it ends counted payload on its way to the module, too, the probe shows.
        let missing = self.sync.debt().to_module;
        self.sync.settle();
        self.sync.lose();
        if !(Escape { wire: &mut self.wire, guard, flow }).fits_budget() {
            // The next call finds a module that answers nothing, and brings it out.
            return Err(self.deadline(Phase::Resynchronisation, Duration::ZERO).passed());
        }
        self.note_recovery(Recovery::LeaveDataMode);
        let before = self.swallowed.probes;
        let mut escape = Escape { wire: &mut self.wire, guard, flow };
        // A module that has left data mode by itself would take the escape sequence for the beginning of a command
        // line. Where this was payload after all, the probe has no answer.
        if !escape.fall_silent()? {
            escape.send()?;
        }
        let taken = self.swallowed.probes - before;
        self.sync.lose();
        self.resynchronise_or_pad(missing.saturating_sub(taken)).map(drop)
    }

    /// Brings a module that takes everything for data back to command mode, without knowing what it was left in:
    /// `+++` with its guard times, then the bytes that end uncounted data and prompts, then carriage returns enough
    /// to fill the longest block that any dialect counts. In command mode these are empty lines. Nothing is waited
    /// for but the guard times.
    ///
    /// # Errors
    /// A port that takes no bytes or is lost.
    pub fn leave_unknown_data_mode(&mut self) -> Result<()> {
        /// ESC cancels a prompt (3GPP TS 27.005 §3.5), ETX ends Motorola's coded data.
        const ENDS: &[u8] = b"\x1b\x03\r";
        /// China Mobile's blocks are the longest: 4096 bytes.
        const FILLER: [u8; 4096 + 2] = [b'\r'; 4098];
        self.swallowed.probes += (ENDS.len() + FILLER.len()) as u64;
        self.sync.settle();
        self.note_recovery(Recovery::LeaveDataMode);
        Escape { wire: &mut self.wire, guard: GUARD, flow: Flow::ToHost }.run()?;
        self.write(ENDS)?;
        self.write(&FILLER)?;
        // The filler takes its time on a slow line, and no answer comes before its end.
        let soon = self.now() + QUIET + self.link.line_time(FILLER.len() as u64);
        drop_input(&mut self.wire, soon).map(drop)
    }

    /// Sends nothing until the module says something, for `limit` at most, and drops that.
    ///
    /// # Errors
    /// A lost port.
    pub fn await_any(&mut self, limit: Duration) -> Result<()> {
        let deadline = self.deadline(Phase::Resynchronisation, limit);
        self.fill_until(deadline)?;
        self.discard(QUIET, limit)?;
        self.sync.settle();
        Ok(())
    }

    /// Drops everything that comes until the line has been silent for `silence`, for `limit` at most: the payload of
    /// a transfer that was abandoned.
    ///
    /// # Errors
    /// A lost port.
    pub fn discard(&mut self, silence: Duration, limit: Duration) -> Result<()> {
        self.sync.lose();
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
        self.wire.limits.leaves(self.wire.now(), self.silence() * 2 + QUIET)
    }

    /// The whole escape, by every means, from an unknown state of the module.
    fn run(mut self) -> Result<()> {
        if self.wire.link.escapes_by_dtr() {
            self.drop_dtr()?;
        }
        self.fall_silent_for(self.guard)?;
        self.send_sequence()
    }

    /// The silence before and behind what leaves data mode: a drop of DTR is no data, and needs none.
    fn silence(&self) -> Duration {
        if self.wire.link.escapes_by_dtr() { Duration::ZERO } else { self.guard }
    }

    /// The silence before the escape sequence. Returns whether the payload that was dropped ends in a line that ends an
    /// exchange.
    pub fn fall_silent(&mut self) -> Result<bool> {
        self.fall_silent_for(self.silence())
    }

    fn fall_silent_for(&mut self, silence: Duration) -> Result<bool> {
        // The guard time runs from when the last payload byte has left, not from when it was written.
        let unsent = self.wire.link.unsent() as u64;
        let limit = self.wire.limits.send(self.wire.link.is_blocked()) + self.wire.link.line_time(unsent);
        let deadline = self.wire.deadline(Phase::Send, limit);
        while self.wire.link.unsent() > 0 {
            if self.wire.now() > deadline.at {
                return Err(self.wire.interrupted(deadline.passed()));
            }
            self.listen(Duration::from_millis(10))?;
        }
        self.listen(silence)
    }

    /// The escape sequence and the silence behind it, or a drop of DTR.
    pub fn send(&mut self) -> Result<()> {
        if self.wire.link.escapes_by_dtr() { self.drop_dtr() } else { self.send_sequence() }
    }

    /// In command mode it means nothing (V.250 §6.2.9).
    fn drop_dtr(&mut self) -> Result<()> {
        debug!("{} > DTR off and on", self.wire.link.name());
        self.set_dtr(false)?;
        let listened = self.listen(DTR_PULSE);
        self.set_dtr(true)?;
        listened.map(drop)
    }

    fn set_dtr(&mut self, level: bool) -> Result<()> {
        let deadline = self.wire.deadline(Phase::Send, Duration::ZERO);
        self.wire.link.set_dtr(level).map_err(|error| {
            let error = self.wire.report.failed(Fault::Port(error), deadline);
            self.wire.interrupted(error)
        })
    }

    fn send_sequence(&mut self) -> Result<()> {
        debug!("{} > +++", self.wire.link.name());
        self.wire.swallowed.probes += ESCAPE.len() as u64;
        self.wire.write(ESCAPE)?;
        self.listen(self.guard).map(drop)
    }

    /// Sends nothing for `time`, and sorts or drops what comes meanwhile. Returns whether what was dropped ends in a
    /// line that ends an exchange.
    fn listen(&mut self, time: Duration) -> Result<bool> {
        let until = self.wire.now() + time;
        if self.flow == Flow::ToHost {
            let last = drop_input(self.wire, until)?;
            return Ok(self.wire.inbox.ends_an_exchange(&last));
        }
        let deadline = Deadline::until(until, Phase::Resynchronisation);
        loop {
            while let Some(event) = self.wire.next_waiting(Expect::Line)? {
                debug!("{}: {event} while leaving data mode", self.wire.link.name());
            }
            if !self.wire.fill_until(deadline)? || self.wire.now() >= until {
                return Ok(false);
            }
        }
    }
}

/// Reads and drops everything until `until`. Returns the last of it, if nothing more came for [`QUIET`].
fn drop_input(wire: &mut Wire, until: Instant) -> Result<Vec<u8>> {
    /// Longer than the last line.
    const LAST: usize = 128;
    let deadline = Deadline::until(until, Phase::Resynchronisation);
    let mut last = Vec::new();
    let mut silent_since = wire.now();
    loop {
        let waiting = wire.link.waiting();
        last.extend_from_slice(waiting.get(waiting.len().saturating_sub(LAST)..).unwrap_or_default());
        last.drain(..last.len().saturating_sub(LAST));
        let dropped = wire.link.clear();
        if dropped > 0 {
            trace!("{} < {dropped} bytes dropped", wire.link.name());
        }
        let has_come = wire.fill_until(deadline)?;
        if has_come {
            silent_since = wire.now();
        }
        if !has_come || wire.now() >= until {
            wire.link.clear();
            let is_silent = silent_since + QUIET <= until;
            return Ok(if is_silent { last } else { Vec::new() });
        }
    }
}

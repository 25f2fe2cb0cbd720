//! The way out of data mode: the escape sequence between two guard times, a drop of DTR where the program has chosen
//! that (V.250 §6.2.9, `&D1`), and what else ends one.

use std::time::{Duration, Instant};

use log::{debug, trace};

use super::Engine;
use crate::at::framer::Expect;
use crate::at::limits::Deadline;
use crate::at::link::Fault;
use crate::at::parts::Parts;
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
        self.parts.swallowed.probes += (ENDS.len() + FILLER.len()) as u64;
        self.parts.sync.settle();
        self.note_recovery(Recovery::LeaveDataMode);
        Escape { parts: &mut self.wire.parts, guard: GUARD, flow: Flow::ToHost }.run()?;
        self.parts.write(ENDS)?;
        self.parts.write(&FILLER)?;
        // The filler takes its time on a slow line, and no answer comes before its end.
        let soon = self.now() + QUIET + self.parts.link.line_time(FILLER.len() as u64);
        drop_input(&mut self.wire.parts, soon).map(drop)
    }

    /// Sends nothing until the module says something, for `limit` at most, and drops that.
    ///
    /// # Errors
    /// A lost port.
    pub fn await_any(&mut self, limit: Duration) -> Result<()> {
        let deadline = self.deadline(Phase::Resynchronisation, limit);
        self.parts.fill_until(deadline)?;
        self.discard(QUIET, limit)?;
        self.parts.sync.settle();
        Ok(())
    }

    /// Drops everything that comes until the line has been silent for `silence`, for `limit` at most: the payload of
    /// a transfer that was abandoned.
    ///
    /// # Errors
    /// A lost port.
    pub fn discard(&mut self, silence: Duration, limit: Duration) -> Result<()> {
        self.parts.sync.lose();
        let end = self.now() + limit;
        while self.now() < end {
            self.parts.link.clear();
            let deadline = self.deadline(Phase::Resynchronisation, silence);
            if !self.parts.fill_until(deadline)? {
                break;
            }
        }
        Ok(())
    }
}

/// One escape out of data mode.
pub(in crate::at) struct Escape<'w> {
    pub parts: &'w mut Parts,
    /// The silence before and after the escape sequence.
    pub guard: Duration,
    /// Which way payload may still be flowing. Payload that comes in is dropped, because nothing in it can be
    /// distinguished from the module's own lines.
    pub flow: Flow,
}

impl Escape<'_> {
    /// Whether the budget leaves room for the guard times, which cannot be shortened.
    pub fn fits_budget(&self) -> bool {
        self.parts.limits.leaves(self.parts.now(), self.silence() * 2 + QUIET)
    }

    /// The whole escape, by every means, from an unknown state of the module.
    fn run(mut self) -> Result<()> {
        if self.parts.link.escapes_by_dtr() {
            self.drop_dtr()?;
        }
        self.fall_silent_for(self.guard)?;
        self.send_sequence()
    }

    /// The silence before and behind what leaves data mode: a drop of DTR is no data, and needs none.
    fn silence(&self) -> Duration {
        if self.parts.link.escapes_by_dtr() { Duration::ZERO } else { self.guard }
    }

    /// The silence before the escape sequence. Returns whether the payload that was dropped ends in a line that ends an
    /// exchange.
    pub fn fall_silent(&mut self) -> Result<bool> {
        self.fall_silent_for(self.silence())
    }

    fn fall_silent_for(&mut self, silence: Duration) -> Result<bool> {
        // The guard time runs from when the last payload byte has left, not from when it was written.
        let unsent = self.parts.link.unsent() as u64;
        let limit = self.parts.limits.send(self.parts.link.is_blocked()) + self.parts.link.line_time(unsent);
        let deadline = self.parts.deadline(Phase::Send, limit);
        while self.parts.link.unsent() > 0 {
            if self.parts.now() > deadline.at {
                return Err(self.parts.interrupted(deadline.passed()));
            }
            self.listen(Duration::from_millis(10))?;
        }
        self.listen(silence)
    }

    /// The escape sequence and the silence behind it, or a drop of DTR.
    pub fn send(&mut self) -> Result<()> {
        if self.parts.link.escapes_by_dtr() { self.drop_dtr() } else { self.send_sequence() }
    }

    /// In command mode it means nothing (V.250 §6.2.9).
    fn drop_dtr(&mut self) -> Result<()> {
        debug!("{} > DTR off and on", self.parts.link.name());
        self.set_dtr(false)?;
        let listened = self.listen(DTR_PULSE);
        self.set_dtr(true)?;
        listened.map(drop)
    }

    fn set_dtr(&mut self, level: bool) -> Result<()> {
        let deadline = self.parts.deadline(Phase::Send, Duration::ZERO);
        self.parts.link.set_dtr(level).map_err(|error| {
            let error = self.parts.report.failed(Fault::Port(error), deadline);
            self.parts.interrupted(error)
        })
    }

    fn send_sequence(&mut self) -> Result<()> {
        debug!("{} > +++", self.parts.link.name());
        self.parts.swallowed.probes += ESCAPE.len() as u64;
        self.parts.write(ESCAPE)?;
        self.listen(self.guard).map(drop)
    }

    /// Sends nothing for `time`, and sorts or drops what comes meanwhile. Returns whether what was dropped ends in a
    /// line that ends an exchange.
    fn listen(&mut self, time: Duration) -> Result<bool> {
        let until = self.parts.now() + time;
        if self.flow == Flow::ToHost {
            let last = drop_input(self.parts, until)?;
            return Ok(self.parts.inbox.ends_an_exchange(&last));
        }
        let deadline = Deadline::until(until, Phase::Resynchronisation);
        loop {
            while let Some(event) = self.parts.next_waiting(Expect::Line)? {
                debug!("{}: {event} while leaving data mode", self.parts.link.name());
            }
            if !self.parts.fill_until(deadline)? || self.parts.now() >= until {
                return Ok(false);
            }
        }
    }
}

/// Reads and drops everything until `until`. Returns the last of it, if nothing more came for [`QUIET`].
fn drop_input(parts: &mut Parts, until: Instant) -> Result<Vec<u8>> {
    /// Longer than the last line.
    const LAST: usize = 128;
    let deadline = Deadline::until(until, Phase::Resynchronisation);
    let mut last = Vec::new();
    let mut silent_since = parts.now();
    loop {
        let waiting = parts.link.waiting();
        last.extend_from_slice(waiting.get(waiting.len().saturating_sub(LAST)..).unwrap_or_default());
        last.drain(..last.len().saturating_sub(LAST));
        let dropped = parts.link.clear();
        if dropped > 0 {
            trace!("{} < {dropped} bytes dropped", parts.link.name());
        }
        let has_come = parts.fill_until(deadline)?;
        if has_come {
            silent_since = parts.now();
        }
        if !has_come || parts.now() >= until {
            parts.link.clear();
            let is_silent = silent_since + QUIET <= until;
            return Ok(if is_silent { last } else { Vec::new() });
        }
    }
}

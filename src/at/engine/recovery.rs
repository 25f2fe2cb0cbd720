//! Getting host and module back into step after an exchange that was left in the middle.

use std::io;
use std::time::{Duration, Instant};

use log::debug;

use super::{Engine, Pending, SEND_LIMIT};
use crate::at::command::Answer;
use crate::at::exchange::{Deadline, Event, Flow};
use crate::at::framer::Expect;
use crate::at::urc::Queue;
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};

/// How long a resynchronisation waits for the answer to its probe, and how often it asks.
const PROBE_LIMIT: Duration = Duration::from_secs(3);
const PROBES: u32 = 3;

/// How often it knocks at a module that answers no probe, but lives.
const KNOCKS: u32 = 2;

/// How soon the answer to an earlier probe follows that to a later one, if the module did not lose the earlier.
const LATE_PROBE: Duration = Duration::from_secs(1);

const ESCAPE: &[u8] = b"+++";

/// Silence around `+++`, with room for clocks that differ (V.250 and most manuals: one second).
const GUARD: Duration = Duration::from_millis(1100);

/// How long the line must be quiet before an answer whose identity cannot be checked is believed.
const QUIET: Duration = Duration::from_millis(300);

/// How long promised payload is made up or announced payload dropped, at most, beyond the time that a port may take no byte.
const LONGEST_PAYMENT: Duration = Duration::from_secs(60);

impl Engine {
    /// Makes sure that the next answer is the answer to the next command.
    ///
    /// It asks `ATI`, whose answer cannot be mistaken for that of any other command once its first line is known. Before that
    /// it asks `AT` and believes the answer when the line stays quiet after it.
    ///
    /// # Errors
    /// A time-out of [`Phase::Resynchronisation`] when the module does not answer as it should.
    pub fn resynchronise(&mut self) -> Result<()> {
        if self.owed > 0 || self.incoming > 0 {
            self.note_recovery(Recovery::LeaveDataMode);
        }
        self.note_recovery(Recovery::Probe);
        let outcome = self.come_into_step();
        self.judge_recovery(&outcome);
        outcome
    }

    fn come_into_step(&mut self) -> Result<()> {
        let interrupted = std::mem::take(&mut self.last_command);
        let paid = self.pay().and_then(|()| self.drop_announced());
        paid.map_err(|error| error.at_command(&interrupted).module_left_unusable())?;
        for _ in 0..PROBES {
            if self.probe()? {
                return self.absorb_probes();
            }
        }
        // A module that takes everything for data answers no probe. That it is in data mode may not be known here: a byte lost or
        // changed on the line is enough to begin one. Where there is no time for it, the next call knocks.
        for _ in 0..KNOCKS {
            if !self.may_escape(GUARD) {
                break;
            }
            debug!("{}: no answer; perhaps it takes everything for data", self.port());
            let heard = self.heard;
            self.knock(GUARD)?;
            if self.probe()? {
                return self.absorb_probes();
            }
            // A command line that the data mode cut in two may have been completed, and have begun another. Dead silence has not.
            if self.heard == heard {
                break;
            }
        }
        self.mark_out_of_step();
        Err(Error::timeout(Phase::Resynchronisation, PROBE_LIMIT * PROBES)
            .at_command(&interrupted)
            .module_left_unusable())
    }

    /// Opens the port again. Nothing of what was going on counts any more.
    ///
    /// # Errors
    /// What opening it gives.
    pub fn reopen(&mut self) -> Result<()> {
        self.transport.reopen()?;
        (self.start, self.end) = (0, 0);
        (self.owed, self.incoming, self.unanswered) = (0, 0, 0);
        self.kept = Queue::default();
        self.overdue.clear();
        self.forget_exchange();
        Ok(())
    }

    /// Asks once, and says whether the answer came.
    fn probe(&mut self) -> Result<bool> {
        // Sent directly: `start` would come back here.
        self.out_of_step = false;
        let line: &[u8] = if self.signature.is_some() { b"ATI\r" } else { b"AT\r" };
        self.send_line(line)?;
        self.unanswered += 1;
        self.pending = Some(Pending { answer: Answer::Any });
        self.await_echo(line);
        let outcome = if self.signature.is_some() { self.await_signature() } else { self.await_quiet() };
        let answered = match outcome {
            Err(error) if error.kind() == ErrorKind::Timeout => false,
            other => other?,
        };
        if !answered {
            self.unheard.knocks += line.len() as u64;
        }
        Ok(answered)
    }

    /// Whether the time for everything leaves room for an escape, whose guard times cannot be shortened.
    fn may_escape(&self, guard: Duration) -> bool {
        self.budget.is_none_or(|budget| budget.left(self.now()) >= guard * 2 + QUIET)
    }

    /// Takes in the answers to earlier probes, now that one was answered: they must not pass for that of the next command. Probes
    /// that a busy module has lost are answered by silence.
    pub(in crate::at) fn absorb_probes(&mut self) -> Result<()> {
        let mut left = std::mem::take(&mut self.unanswered).saturating_sub(1);
        let mut recognised = false;
        while left > 0 && self.signature.is_some() {
            self.pending = Some(Pending { answer: Answer::Any });
            let deadline = self.deadline(Phase::Resynchronisation, LATE_PROBE);
            match self.next_event(Expect::Line, deadline) {
                Ok(Event::Information(line)) => {
                    recognised |= self.signature.as_deref().is_some_and(|known| line.bytes().ends_with(known));
                }
                Ok(Event::Acknowledged) => left -= u32::from(std::mem::take(&mut recognised)),
                // The time for everything is over before it is known that they were lost: the next call waits for them.
                Err(error) if error.kind() == ErrorKind::Timeout && deadline.limit < LATE_PROBE => {
                    self.unanswered = left;
                    self.mark_out_of_step();
                    return Err(error.module_left_unusable());
                }
                Err(error) if error.kind() == ErrorKind::Timeout => left = 0,
                Err(error) if self.out_of_step => {
                    self.unanswered = left;
                    return Err(error);
                }
                Ok(_) | Err(_) => {}
            }
        }
        self.forget_exchange();
        Ok(())
    }

    /// Drops the rest of a block whose reception was given up: it must be neither believed nor shown.
    pub(in crate::at) fn drop_announced(&mut self) -> Result<()> {
        let end = self.now() + LONGEST_PAYMENT;
        while self.incoming > 0 {
            let here = usize::try_from(self.incoming).unwrap_or(usize::MAX).min(self.waiting().len());
            self.consume(here);
            self.incoming -= here as u64;
            if self.incoming == 0 {
                break;
            }
            let deadline = self.deadline(Phase::Resynchronisation, QUIET);
            if !self.fill_until(deadline)? || self.now() >= end {
                // It has stopped coming, or will not end in time that anybody would wait.
                self.incoming = 0;
            }
        }
        Ok(())
    }

    /// Says that `count` bytes of an announced block will not be taken in.
    pub(in crate::at) fn refuse_rest(&mut self, count: u64) {
        self.incoming = count;
    }

    /// Makes up payload that was promised and not sent.
    pub(in crate::at) fn pay(&mut self) -> Result<()> {
        const FILLER: [u8; 4096] = [0; 4096];
        let limit = SEND_LIMIT + self.line_time(self.owed).min(LONGEST_PAYMENT);
        let deadline = self.deadline(Phase::Resynchronisation, limit);
        while self.owed > 0 {
            let count = usize::try_from(self.owed).map_or(FILLER.len(), |owed| owed.min(FILLER.len()));
            let sent = self.send_counted(FILLER.get(..count).unwrap_or_default(), deadline);
            let paid = sent.as_ref().map_or_else(|(paid, _)| *paid, |()| count);
            self.owed -= paid as u64;
            self.unheard.fill += paid as u64;
            sent.map_err(|(_, error)| error)?;
            if self.now() > deadline.at {
                return Err(deadline.passed());
            }
        }
        Ok(())
    }

    /// Waits for the known answer to `ATI`, through whatever late lines come before it.
    pub(in crate::at) fn await_signature(&mut self) -> Result<bool> {
        let deadline = self.deadline(Phase::Resynchronisation, PROBE_LIMIT);
        let mut recognised = false;
        loop {
            match self.next_event(Expect::Line, deadline) {
                Ok(Event::Information(line)) => {
                    recognised |= self.signature.as_deref().is_some_and(|known| line.bytes().ends_with(known));
                }
                Ok(Event::Acknowledged) if recognised => return Ok(true),
                // A final result of the exchange that was given up: the probe's own is still to come.
                Ok(Event::Acknowledged | Event::Connected(_)) => self.pending = Some(Pending { answer: Answer::Any }),
                Ok(Event::Unsolicited | Event::Prompt | Event::Header(_)) => {}
                Err(error) if self.out_of_step && ends_the_probe(error.kind()) => return Err(error),
                // An error result, also ABORT: of the exchange that was given up.
                Err(_) => {
                    self.out_of_step = false;
                    self.pending = Some(Pending { answer: Answer::Any });
                }
            }
        }
    }

    /// Waits for `OK` and a quiet line after it.
    pub(in crate::at) fn await_quiet(&mut self) -> Result<bool> {
        let deadline = self.deadline(Phase::Resynchronisation, PROBE_LIMIT);
        let answered = loop {
            match self.next_event(Expect::Line, deadline) {
                Ok(Event::Acknowledged) => break true,
                Ok(Event::Connected(_)) => break false,
                Ok(_) => {}
                Err(error) if self.out_of_step && ends_the_probe(error.kind()) => return Err(error),
                Err(_) => {
                    self.out_of_step = false;
                    break false;
                }
            }
        };
        let mut quiet = true;
        let until = self.now() + QUIET;
        loop {
            let deadline = Deadline { at: until, limit: QUIET, phase: Phase::Resynchronisation };
            match self.next_event(Expect::Line, deadline) {
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(answered && quiet),
                Err(error) => return Err(error),
                Ok(_) => quiet = false,
            }
        }
    }

    /// Asks the module to leave data mode, and makes sure that it did. What the interrupted command has still to say is lost.
    ///
    /// # Errors
    /// A module that does not come back to command mode.
    pub fn escape(&mut self, guard: Duration, flow: Flow) -> Result<()> {
        // The escape ends the payload in both directions: nothing is owed after it.
        self.owed = 0;
        self.incoming = 0;
        self.mark_out_of_step();
        if !self.may_escape(guard) {
            // The next call finds a module that answers nothing, and brings it out.
            return Err(self.deadline(Phase::Resynchronisation, Duration::ZERO).passed());
        }
        self.note_recovery(Recovery::LeaveDataMode);
        self.send_escape(guard, flow)?;
        self.mark_out_of_step();
        self.resynchronise()
    }

    /// Ends an upload of unannounced length by `+++` and waits for its acknowledgement, for `limit` at most.
    ///
    /// # Errors
    /// An error result, an alarm, a time-out.
    pub fn escape_to_end(&mut self, guard: Duration, limit: Duration) -> Result<()> {
        if !self.may_escape(guard) {
            self.mark_out_of_step();
            return Err(self.deadline(Phase::Acknowledgement, Duration::ZERO).passed());
        }
        self.fall_silent(guard, Flow::ToModule)?;
        // A module that has left data mode by itself would take the escape for the beginning of a command line.
        if self.pending.is_some() {
            self.finish_escape(guard, Flow::ToModule)?;
        }
        if self.pending.is_none() {
            return Ok(());
        }
        let deadline = self.deadline(Phase::Acknowledgement, limit);
        self.acknowledgement(deadline).map(drop)
    }

    /// Brings a module that takes everything for data back to command mode, without knowing what it was left in: `+++` with
    /// its guard times, then the bytes that end uncounted data and prompts, then carriage returns enough to make up the longest
    /// block that any dialect counts. In command mode these are empty lines. Nothing is waited for but the guard times.
    ///
    /// # Errors
    /// A port that takes no bytes or is lost.
    pub fn knock(&mut self, guard: Duration) -> Result<()> {
        /// ESC cancels a prompt (3GPP TS 27.005 §3.5), ETX ends Motorola's coded data.
        const ENDS: &[u8] = b"\x1b\x03\r";
        /// China Mobile's blocks are the longest: 4096 bytes.
        const FILLER: [u8; 4096 + 2] = [b'\r'; 4098];
        self.unheard.knocks += (ENDS.len() + FILLER.len()) as u64;
        self.forget_exchange();
        self.note_recovery(Recovery::LeaveDataMode);
        self.send_escape(guard, Flow::ToHost)?;
        self.send_line(ENDS)?;
        self.send_line(&FILLER)?;
        // The filler takes its time on a slow line, and no answer comes before its end.
        let soon = self.now() + QUIET + self.line_time(FILLER.len() as u64);
        self.drop_input(soon)
    }

    /// Silence for `guard`, `+++`, silence for `guard`. `flow` says whether payload may still be coming in: it is dropped
    /// then, because nothing in it can be told from the module's own lines.
    pub(in crate::at) fn send_escape(&mut self, guard: Duration, flow: Flow) -> Result<()> {
        self.fall_silent(guard, flow)?;
        self.finish_escape(guard, flow)
    }

    /// Silence for `guard`, the first part of an escape.
    pub(in crate::at) fn fall_silent(&mut self, guard: Duration, flow: Flow) -> Result<()> {
        // The guard time runs from when the last payload byte has left, not from when it was written.
        let unsent = self.transport.unsent() as u64;
        let limit = SEND_LIMIT + self.line_time(unsent);
        let deadline = self.deadline(Phase::Send, limit);
        while self.transport.unsent() > 0 {
            if self.now() > deadline.at {
                self.mark_out_of_step();
                return Err(self.transport_error(io::ErrorKind::TimedOut.into(), deadline));
            }
            let soon = self.now() + Duration::from_millis(10);
            self.listen(soon, flow)?;
        }
        let silence = self.now() + guard;
        self.listen(silence, flow)
    }

    /// `+++` and silence for `guard`, the rest of an escape.
    pub(in crate::at) fn finish_escape(&mut self, guard: Duration, flow: Flow) -> Result<()> {
        debug!("{} > +++", self.port());
        self.unheard.knocks += ESCAPE.len() as u64;
        self.send_line(ESCAPE)?;
        let silence = self.now() + guard;
        self.listen(silence, flow)
    }

    /// Sends nothing until `until`, and sorts or drops what comes meanwhile.
    pub(in crate::at) fn listen(&mut self, until: Instant, flow: Flow) -> Result<()> {
        if flow == Flow::ToHost {
            return self.drop_input(until);
        }
        let deadline = Deadline { at: until, limit: Duration::ZERO, phase: Phase::Resynchronisation };
        loop {
            while let Some(event) = self.next_waiting_event(Expect::Line)? {
                debug!("{}: {event:?} while leaving data mode", self.port());
            }
            if !self.fill_until(deadline)? || self.now() >= until {
                return Ok(());
            }
        }
    }
}

/// Whether an error that leaves host and module out of step means that there is no use in waiting for the answer to a probe. An error
/// result of the same kind does not: it is the late one of the command that was given up.
fn ends_the_probe(kind: ErrorKind) -> bool {
    use ErrorKind::*;
    matches!(kind, Timeout | PortLost | Cancelled | Protocol | ModuleRestarted | BearerLost | SessionLost)
}

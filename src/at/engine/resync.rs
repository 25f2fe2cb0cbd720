//! Getting host and module back into step after an exchange that was abandoned.

use std::time::Duration;

use log::{debug, warn};

use super::Engine;
use super::escape::{Escape, Flow, GUARD, QUIET};
use super::surplus::drop_payload;
use crate::at::command::Answer;
use crate::at::event::Event;
use crate::at::framer::Expect;
use crate::at::inbox::looks_unsolicited;
use crate::at::limits::{BLOCKED_LIMIT, Deadline};
use crate::at::sync::Debt;
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};

/// How long a resynchronisation waits for the answer to its probe, and the number of its probes.
const PROBE_LIMIT: Duration = Duration::from_secs(3);
const PROBES: u32 = 3;

/// As [`PROBE_LIMIT`], where there is little time; and the least time that a probe is worth.
const SHORT_PROBE_LIMIT: Duration = Duration::from_millis(300);
const SHORTEST_PROBE: Duration = Duration::from_millis(100);

/// How long the answer to the probe behind an escape sequence takes, if that has ended counted payload.
const FIRST_PROBE_LIMIT: Duration = Duration::from_millis(1500);

/// Number of escapes for a module that answers no probe, but lives.
const ESCAPES: u32 = 2;

/// How soon the answer to an earlier probe follows that to a later one, if the module did not lose the earlier.
const LATE_PROBE: Duration = Duration::from_secs(1);

/// How long padding is sent, at most, beyond the time that a port may take no byte.
const LONGEST_PADDING: Duration = Duration::from_secs(60);

impl Engine {
    /// Makes sure that the next answer is the answer to the next command.
    ///
    /// It sends `ATI`, whose answer cannot be mistaken for that of any other command once its first line is known.
    /// Before that it sends `AT` and believes the answer when the line stays quiet after it.
    ///
    /// # Errors
    /// A time-out of [`Phase::Resynchronisation`] when the module does not answer as it should.
    pub fn resynchronise(&mut self) -> Result<()> {
        resynchronise_or_pad(self, 0).map(drop)
    }

    /// As [`Self::resynchronise`]. Returns whether the first probe was answered, and nothing came before its answer:
    /// else the module was in data mode, or still sending.
    ///
    /// # Errors
    /// As [`Self::resynchronise`].
    pub fn is_in_command_mode(&mut self) -> Result<bool> {
        resynchronise_or_pad(self, 0)
    }

    /// Tells the module to leave data mode, and makes sure that it did. What the interrupted command has still to say
    /// is lost.
    ///
    /// # Errors
    /// A module that does not come back to command mode.
    pub fn escape(&mut self, guard: Duration, flow: Flow) -> Result<()> {
        // Whether it ends counted payload on its way to the module, too, the probe shows.
        let missing = self.parts.sync.debt().to_module;
        self.parts.sync.settle();
        self.parts.sync.lose();
        if !(Escape { parts: &mut self.wire.parts, guard, flow }).fits_budget() {
            // The next call finds a module that answers nothing, and brings it out.
            return Err(self.deadline(Phase::Resynchronisation, Duration::ZERO).passed());
        }
        self.note_recovery(Recovery::LeaveDataMode);
        let before = self.parts.swallowed.probes;
        let mut escape = Escape { parts: &mut self.wire.parts, guard, flow };
        // A module that has left data mode by itself would take the escape sequence for the beginning of a command
        // line. Where this was payload after all, the probe has no answer.
        if !escape.fall_silent()? {
            escape.send()?;
        }
        let taken = self.parts.swallowed.probes - before;
        self.parts.sync.lose();
        resynchronise_or_pad(self, missing.saturating_sub(taken)).map(drop)
    }

    /// Opens the port again. Nothing of what was going on counts any more.
    ///
    /// # Errors
    /// What opening it gives.
    pub fn reopen(&mut self) -> Result<()> {
        self.parts.link.reopen()?;
        self.parts.inbox.clear();
        self.parts.sync.settle();
        Ok(())
    }
}

/// As [`Engine::resynchronise`], behind an escape sequence that has either ended counted payload or been taken for
/// the first of the `missing` bytes of it: those are sent as padding if a probe shows the latter. Returns what
/// [`Engine::is_in_command_mode`] does.
pub(super) fn resynchronise_or_pad(engine: &mut Engine, missing: u64) -> Result<bool> {
    let Debt { to_module, from_module, .. } = engine.parts.sync.debt();
    if to_module > 0 || from_module > 0 {
        engine.note_recovery(Recovery::LeaveDataMode);
    }
    engine.note_recovery(Recovery::Probe);
    let debt = engine.parts.sync.debt();
    let now = engine.now();
    let has_begun = engine.parts.limits.begin_recovery(now);
    let outcome = Resynchronisation { engine, debt, is_clean: true }.run(missing);
    if has_begun && outcome.is_ok() {
        engine.parts.limits.end_recovery();
    }
    if outcome.is_ok() {
        engine.unexpected = engine.parts.inbox.unexpected();
    }
    if engine.recovery.judge(&outcome) {
        engine.note_recovery(Recovery::DeclareUnresponsive);
    }
    outcome
}

/// How long a module that does not answer is probed, and how often it is brought out of data mode.
struct Patience {
    probes: u32,
    limit: Duration,
    escapes: u32,
}

/// One attempt to bring host and module back into step.
struct Resynchronisation<'e> {
    engine: &'e mut Engine,
    /// What is outstanding.
    debt: Debt,
    /// Whether the module has answered the first probe, and said nothing before.
    is_clean: bool,
}

impl Resynchronisation<'_> {
    /// Pads, drops, probes. What is still outstanding when it fails is noted again.
    fn run(mut self, missing: u64) -> Result<bool> {
        let interrupted = std::mem::take(&mut self.engine.parts.report.command);
        let unusable = |error: Error| error.at_command(&interrupted).module_left_unusable();
        let settled =
            self.pad().and_then(|()| drop_payload(&mut self.engine.wire.parts, &mut self.debt)).map_err(unusable);
        let settled = settled.and_then(|()| if missing > 0 { self.probe_or_pad(missing) } else { Ok(false) });
        let outcome = settled.and_then(|is_answered| match is_answered || self.probe_until_answered()? {
            true => Ok(()),
            false => {
                let Patience { probes, limit, .. } = self.patience();
                Err(unusable(Error::timeout(Phase::Resynchronisation, limit * probes)))
            }
        });
        match outcome.and_then(|()| self.absorb_probes()) {
            Ok(()) => {
                self.engine.parts.sync.settle();
                // An error that is found now is still one of that command.
                self.engine.parts.report.command = interrupted;
                Ok(self.is_clean)
            }
            Err(error) => {
                self.engine.parts.sync.record_debt(self.debt);
                Err(error)
            }
        }
    }

    /// Probes the module once. Where it does not answer, it has taken the probe for payload, too: the rest of the
    /// `missing` bytes is sent as padding, unless that takes too long. Returns whether it has answered.
    fn probe_or_pad(&mut self, missing: u64) -> Result<bool> {
        let before = self.engine.parts.swallowed.probes;
        if self.probe(FIRST_PROBE_LIMIT)? {
            return Ok(true);
        }
        self.debt.to_module = missing.saturating_sub(self.engine.parts.swallowed.probes - before);
        if self.engine.parts.link.line_time(self.debt.to_module) > LONGEST_PADDING {
            return Err(Error::timeout(Phase::Resynchronisation, FIRST_PROBE_LIMIT).module_left_unusable());
        }
        self.engine.note_recovery(Recovery::LeaveDataMode);
        let (port, count) = (self.engine.parts.link.name(), self.debt.to_module);
        let seconds = self.engine.parts.link.line_time(count).as_secs_f64().ceil();
        warn!("{port}: completing the transfer with {count} bytes of padding, up to {seconds} s");
        self.pad().map(|()| false)
    }

    /// How long the module is probed.
    fn patience(&self) -> Patience {
        match self.debt.probes > 0 && self.engine.parts.limits.command().is_some() {
            // The next operation escapes. What was padded may take a while to reach the server.
            _ if self.engine.parts.link.cancellation.is_requested() && self.engine.parts.swallowed.padding == 0 => {
                Patience { probes: 1, limit: PROBE_LIMIT, escapes: 0 }
            }
            // The caller's limit has cut an earlier recovery short: this one gets on to the escapes.
            true => Patience { probes: 1, limit: SHORT_PROBE_LIMIT, escapes: ESCAPES },
            false => Patience { probes: PROBES, limit: PROBE_LIMIT, escapes: ESCAPES },
        }
    }

    /// Probes the module, by stronger means where it does not answer.
    fn probe_until_answered(&mut self) -> Result<bool> {
        let Patience { probes, limit, escapes } = self.patience();
        for _ in 0..probes {
            if !self.engine.parts.limits.leaves(self.engine.now(), SHORTEST_PROBE) {
                return Ok(false);
            }
            if self.probe(limit)? {
                return Ok(true);
            }
        }
        // A module that takes everything for data answers no probe. The driver may not know that it is in data mode:
        // a byte lost or changed on the line is enough to begin one. Where there is no time for it, the next call
        // escapes.
        for _ in 0..escapes {
            let escape = Escape { parts: &mut self.engine.wire.parts, guard: GUARD, flow: Flow::ToHost };
            if !escape.fits_budget() {
                break;
            }
            debug!("{}: no answer; perhaps it takes everything for data", self.engine.parts.link.name());
            let received = self.engine.parts.link.received();
            self.engine.leave_unknown_data_mode()?;
            if self.probe(PROBE_LIMIT)? {
                return Ok(true);
            }
            // A command line that the data mode cut in two may have been completed, and have begun another. Dead
            // silence has not.
            if self.engine.parts.link.received() == received {
                break;
            }
        }
        Ok(false)
    }

    /// Sends one probe, and returns whether the answer came.
    fn probe(&mut self, limit: Duration) -> Result<bool> {
        // Sent directly: `send` would come back here.
        let line: &[u8] = if self.engine.signature.is_some() { b"ATI\r" } else { b"AT\r" };
        self.engine.parts.sync.settle();
        self.engine.parts.write(line)?;
        self.debt.probes += 1;
        self.await_probe();
        self.engine.parts.sync.await_echo(line);
        let outcome = match self.engine.signature.is_some() {
            true => self.await_signature(limit),
            false => self.await_quiet(limit),
        };
        let is_answered = match outcome {
            Err(error) if error.kind() == ErrorKind::Timeout => false,
            other => other?,
        };
        if !is_answered {
            self.engine.parts.swallowed.probes += line.len() as u64;
            self.is_clean = false;
        }
        Ok(is_answered)
    }

    /// A final result code of the probe is still to come.
    fn await_probe(&mut self) {
        // Never shown: what comes before the answer may be file data.
        self.engine.parts.sync.await_answer(Answer::Hidden);
    }

    fn is_signature(&self, line: &[u8]) -> bool {
        self.engine.signature.as_deref().is_some_and(|known| line.ends_with(known))
    }

    /// Takes in the answers to earlier probes, now that the last was answered: they must not pass for that of the
    /// next command. Probes that a busy module has lost are answered by silence.
    fn absorb_probes(&mut self) -> Result<()> {
        self.debt.probes = self.debt.probes.saturating_sub(1);
        let mut is_recognised = false;
        while self.debt.probes > 0 && self.engine.signature.is_some() {
            self.await_probe();
            let deadline = self.engine.deadline(Phase::Resynchronisation, LATE_PROBE);
            match self.engine.next(Expect::Line, deadline) {
                Ok(Event::Information(line)) => is_recognised |= self.is_signature(line.bytes()),
                Ok(Event::Acknowledged) => self.debt.probes -= u32::from(std::mem::take(&mut is_recognised)),
                // The budget is spent before it is known that they were lost: the next call waits for them.
                Err(error) if error.kind() == ErrorKind::Timeout && deadline.limit < LATE_PROBE => {
                    return Err(error.module_left_unusable());
                }
                Err(error) if error.kind() == ErrorKind::Timeout => self.debt.probes = 0,
                Err(error) if self.engine.parts.sync.is_lost() => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Sends padding for payload that was promised and not sent.
    fn pad(&mut self) -> Result<()> {
        const PADDING: [u8; 4096] = [0; 4096];
        let limit = self.send_limit() + self.engine.parts.link.line_time(self.debt.to_module).min(LONGEST_PADDING);
        let whole = self.engine.deadline(Phase::Resynchronisation, limit);
        while self.debt.to_module > 0 {
            let limit = self.limit_of_padding(PADDING.len() as u64);
            let deadline = self.engine.deadline(Phase::Resynchronisation, limit);
            let count = usize::try_from(self.debt.to_module).map_or(PADDING.len(), |owed| owed.min(PADDING.len()));
            let outcome = self.engine.parts.link.write(PADDING.get(..count).unwrap_or_default(), deadline.at);
            let written = outcome.as_ref().map_or_else(|(written, _)| *written, |()| count);
            self.debt.to_module -= written as u64;
            self.engine.parts.swallowed.padding += written as u64;
            outcome.map_err(|(_, fault)| self.engine.parts.report.failed(fault, deadline))?;
            if self.engine.now() > whole.at {
                return Err(whole.passed());
            }
        }
        Ok(())
    }

    fn send_limit(&self) -> Duration {
        self.engine.parts.limits.send(self.engine.parts.link.is_blocked())
    }

    /// How long so much padding may take: little more than its time on the line, where that is known and the program
    /// has stopped the operation.
    fn limit_of_padding(&self, count: u64) -> Duration {
        let line_time = self.engine.parts.link.line_time(count);
        let is_short = self.engine.parts.link.cancellation.is_requested() && line_time > Duration::ZERO;
        line_time + if is_short { BLOCKED_LIMIT } else { self.send_limit() }
    }

    /// Waits for the known answer to `ATI`, through whatever late lines come before it.
    fn await_signature(&mut self, limit: Duration) -> Result<bool> {
        let deadline = self.engine.deadline(Phase::Resynchronisation, limit);
        let mut is_recognised = false;
        loop {
            let event = self.engine.next(Expect::Line, deadline);
            is_recognised |= matches!(&event, Ok(Event::Information(line)) if self.is_signature(line.bytes()));
            self.is_clean &= is_recognised || matches!(&event, Ok(event) if may_precede_answer(event));
            match event {
                Ok(Event::Acknowledged) if is_recognised => return Ok(true),
                // A final result code of the exchange that was abandoned: the probe's own is still to come.
                Ok(Event::Acknowledged | Event::Connected(_)) => self.await_probe(),
                Ok(_) => {}
                Err(error) if self.engine.parts.sync.is_lost() && ends_the_probe(error.kind()) => return Err(error),
                // An error result, also ABORT: of the exchange that was abandoned.
                Err(_) => self.await_probe(),
            }
        }
    }

    /// Waits for `OK` and a quiet line after it.
    fn await_quiet(&mut self, limit: Duration) -> Result<bool> {
        let deadline = self.engine.deadline(Phase::Resynchronisation, limit);
        let is_answered = loop {
            match self.engine.next(Expect::Line, deadline) {
                Ok(Event::Acknowledged) => break true,
                Ok(Event::Connected(_)) => break false,
                Ok(_) => {}
                Err(error) if self.engine.parts.sync.is_lost() && ends_the_probe(error.kind()) => return Err(error),
                Err(_) => {
                    self.engine.parts.sync.settle();
                    break false;
                }
            }
        };
        let mut is_quiet = true;
        let until = self.engine.now() + QUIET;
        loop {
            let deadline = Deadline { at: until, limit: QUIET, phase: Phase::Resynchronisation };
            match self.engine.next(Expect::Line, deadline) {
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(is_answered && is_quiet),
                Err(error) => return Err(error),
                Ok(_) => is_quiet = false,
            }
        }
    }
}

/// Whether an event shows nothing but that the module sends on its own.
fn may_precede_answer(event: &Event) -> bool {
    match event {
        Event::Information(line) => looks_unsolicited(line.bytes()),
        event => *event == Event::Unsolicited,
    }
}

/// Whether an error that leaves host and module out of step means that there is no use in waiting for the answer to a
/// probe. An error result of the same kind does not: it is the late one of the command that was abandoned.
fn ends_the_probe(kind: ErrorKind) -> bool {
    use ErrorKind::*;
    matches!(kind, Timeout | PortLost | Cancelled | Protocol | ModuleRestarted | BearerLost | SessionLost)
}

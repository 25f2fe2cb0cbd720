//! The receiving side of the line: everything that can be done while a command is in flight.
//!
//! A [`Wire`] cannot send a command; that is [`Engine`](super::Engine)'s. So whoever borrows the wire from an
//! [`Exchange`](super::Exchange) cannot begin a second one.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use log::{Level, debug, info, log_enabled, trace};

use super::data_end::DataEnd;
use super::event::{Event, ResultLine};
use super::framer::Expect;
use super::inbox::{Inbox, Sorted};
use super::limits::{Deadline, Limits};
use super::line::Line;
use super::link::{Fault, Link};
use super::report::Report;
use super::swallowed::Swallowed;
use super::sync::Sync;
use super::tokens::{Piece, Tokens};
use super::urc::Pattern;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::transport::Transport;

/// How long the line end of a line may take that is known to come without one now and then.
const MISSING_LINE_END: Duration = Duration::from_secs(1);

/// How long what came since the last exchange is sorted before the next command is sent all the same.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// The parts of a line to a module. Each part keeps its own invariant; the methods here are those that need several of
/// the parts.
pub struct Wire {
    /// The port.
    pub link: Link,
    /// The caller's time limits.
    pub limits: Limits,
    /// Spacing and ends of lines.
    pub tokens: Tokens,
    /// Where the lines go that the module sends.
    pub inbox: Inbox,
    /// The command in flight, and whether host and module agree on what comes next.
    pub sync: Sync,
    /// What a module in data mode has stored of what was sent.
    pub swallowed: Swallowed,
    /// Errors of the command in flight.
    pub report: Report,
    /// Number of commands that have left since payload did.
    pub commands_since_payload: u64,
    /// What follows data, as far as it is known.
    pub data_end: DataEnd,
}

impl Wire {
    pub(super) fn new(transport: Box<dyn Transport>) -> Self {
        Wire {
            link: Link::new(transport),
            limits: Limits::default(),
            tokens: Tokens::default(),
            inbox: Inbox::default(),
            sync: Sync::default(),
            swallowed: Swallowed::default(),
            report: Report::default(),
            commands_since_payload: 0,
            data_end: DataEnd::default(),
        }
    }

    /// The time now, on the transport's clock.
    pub fn now(&self) -> Instant {
        self.link.now()
    }

    /// A deadline `limit` from now, or sooner where the caller allows less.
    pub fn deadline(&self, phase: Phase, limit: Duration) -> Deadline {
        self.limits.deadline(self.now(), phase, limit)
    }

    /// Waits for the next event of the exchange.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn next(&mut self, expect: Expect, deadline: Deadline) -> Result<Event> {
        loop {
            if let Some(event) = self.next_waiting(expect)? {
                return Ok(event);
            }
            let has_come = if self.now() > deadline.at {
                // Only lines that do not matter have come, but so many of them that the time is over.
                Err(self.expired(deadline))
            } else if self.tokens.has_unended(self.link.waiting(), expect) {
                let line_end = self.deadline(Phase::Data, MISSING_LINE_END);
                self.fill_until(line_end)
            } else {
                self.fill(deadline).map(|()| true)
            };
            if has_come.inspect_err(|_| self.sync.lose_in_flight())? {
                continue;
            }
            let (line, used) = self.tokens.unended(self.link.waiting());
            self.link.consume(used);
            if let Some(event) = self.sort(line)? {
                return Ok(event);
            }
        }
    }

    /// What the module has said by now, without waiting; for a look while payload is being sent.
    ///
    /// # Errors
    /// An error result, a loss, a lost port.
    pub fn glance(&mut self) -> Result<Option<Event>> {
        /// A line may arrive in so many pieces; a module that floods the line is not read for ever.
        const MOST_READS: usize = 64;
        let now = Deadline::until(self.now(), Phase::Data);
        for _ in 0..MOST_READS {
            if let Some(event) = self.next_waiting(Expect::Line)? {
                return Ok(Some(event));
            }
            if !self.fill_until(now)? {
                return Ok(None);
            }
        }
        self.next_waiting(Expect::Line)
    }

    /// Sorts what has arrived since the last exchange, without waiting for more. While host and module are out of
    /// step it does nothing: the next command brings them back first. A bearer or session that was lost between two
    /// exchanges leaves host and module in step: no command was in flight.
    ///
    /// # Errors
    /// A loss, a lost port.
    pub fn look(&mut self) -> Result<()> {
        if self.sync.is_lost() {
            return Ok(());
        }
        let was_idle = self.sync.is_idle();
        let now = self.now();
        let outcome = loop {
            match self.next_waiting(Expect::Line) {
                Ok(Some(_)) => {}
                Ok(None) => match self.fill_until(Deadline::until(now, Phase::Acknowledgement)) {
                    // A module that talks without a pause must not keep the command from being sent.
                    Ok(true) if self.now() <= now + LONGEST_LOOK => {}
                    outcome => break outcome.map(drop),
                },
                Err(error) => break Err(error),
            }
        };
        outcome.inspect_err(|error| {
            if was_idle && matches!(error.kind(), ErrorKind::BearerLost | ErrorKind::SessionLost) {
                self.sync.settle();
            }
        })
    }

    /// Waits `limit`, and sorts what the module says meanwhile.
    ///
    /// # Errors
    /// A loss, a lost port.
    pub fn wait(&mut self, phase: Phase, limit: Duration) -> Result<()> {
        // The end of a pause is not a wait in vain.
        let deadline = Deadline::until(self.deadline(phase, limit).at, phase);
        loop {
            match self.next(Expect::Line, deadline) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for the result that `pattern` matches, or takes it if it has come. One that does not come is overdue:
    /// before the next command with the same result it is waited for once more.
    ///
    /// # Errors
    /// A loss, a time-out.
    pub fn result(&mut self, pattern: &Pattern, deadline: Deadline) -> Result<ResultLine> {
        let outcome = self.first_of(std::slice::from_ref(pattern), deadline);
        outcome.inspect_err(|error| {
            if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Cancelled) {
                self.inbox.set_overdue(pattern);
            }
        })
    }

    /// As [`Self::result`], where nothing is as good as a result.
    ///
    /// # Errors
    /// A loss, a lost port.
    pub fn poll(&mut self, pattern: &Pattern, deadline: Deadline) -> Result<Option<ResultLine>> {
        match self.first_of(std::slice::from_ref(pattern), deadline) {
            Ok(line) => Ok(Some(line)),
            Err(error) if error.kind() == ErrorKind::Timeout => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits for the first line that one of the patterns matches.
    ///
    /// # Errors
    /// A loss, a time-out.
    pub fn first_of(&mut self, patterns: &[Pattern], deadline: Deadline) -> Result<ResultLine> {
        loop {
            if let Some(line) = patterns.iter().find_map(|pattern| self.inbox.take(pattern)) {
                return Ok(ResultLine(line));
            }
            match self.next(Expect::Line, deadline)? {
                Event::Unsolicited => {}
                event => return Err(self.protocol(format!("expected the result, got {event}"))),
            }
        }
    }

    /// The error of an answer that the manual does not allow. The exchange is abandoned with it.
    pub fn protocol(&mut self, detail: impl Into<Cow<'static, str>>) -> Error {
        let error = self.report.error(ErrorKind::Protocol, detail);
        self.interrupted(error)
    }
}

/// Inside the line.
impl Wire {
    /// An error in the middle of an exchange leaves host and module out of step.
    pub(super) fn interrupted(&mut self, error: Error) -> Error {
        self.sync.lose();
        self.report.named(error)
    }

    /// Reads more into the buffer; returns whether anything came.
    pub(super) fn fill_until(&mut self, deadline: Deadline) -> Result<bool> {
        self.link.fill(deadline.at).map_err(|fault| {
            if matches!(fault, Fault::Overflow) {
                self.sync.lose();
            }
            self.report.failed(fault, deadline)
        })
    }

    /// As [`Self::fill_until`], where something must come.
    pub(super) fn fill(&mut self, deadline: Deadline) -> Result<()> {
        match self.fill_until(deadline)? {
            true => Ok(()),
            false => Err(self.expired(deadline)),
        }
    }

    /// The error of a wait in vain.
    fn expired(&mut self, deadline: Deadline) -> Error {
        self.limits.passed(self.link.now(), deadline.limit);
        self.report.named(deadline.passed())
    }

    /// Writes a line or an escape sequence as it is.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let limit = self.limits.send(self.link.is_blocked()) + self.link.line_time(bytes.len() as u64);
        let deadline = self.deadline(Phase::Send, limit);
        self.link.write(bytes, deadline.at).map_err(|(_, fault)| {
            let error = self.report.failed(fault, deadline);
            self.interrupted(error)
        })
    }

    /// Handles complete tokens that are already in the buffer, up to the first that matters.
    pub(super) fn next_waiting(&mut self, expect: Expect) -> Result<Option<Event>> {
        loop {
            let cut = self.tokens.next(self.link.waiting(), expect, self.sync.echo());
            self.link.consume(cut.used);
            match cut.piece {
                Piece::More => return Ok(None),
                Piece::Overlong => return Err(self.protocol("a line without end")),
                Piece::Continued => return Err(self.protocol("a line went on after a silence that seemed to end it")),
                Piece::Echo => self.sync.forget_echo(),
                Piece::Prompt => {
                    self.sync.forbid_repetition();
                    return Ok(Some(Event::Prompt));
                }
                Piece::Header(head) => {
                    self.sync.forbid_repetition();
                    trace!("{} < {}…", self.link.name(), self.report.shown(head.bytes()));
                    return Ok(Some(Event::Header(head)));
                }
                Piece::Line(line) => {
                    if let Some(event) = self.sort(line)? {
                        return Ok(Some(event));
                    }
                }
            }
        }
    }

    /// Does what a line demands.
    fn sort(&mut self, line: Line) -> Result<Option<Event>> {
        let awaiting = self.sync.awaiting();
        let logged = log_enabled!(Level::Debug).then(|| line.clone());
        let sorted = self.inbox.sort(line, awaiting);
        if let Some(line) = logged {
            self.report.log(self.link.name(), &line, &sorted, awaiting);
        }
        match sorted {
            Sorted::Answer(line) => {
                self.sync.forbid_repetition();
                Ok(Some(Event::Information(line)))
            }
            Sorted::Final(result) => {
                let now = self.now();
                let Some(repetition) = self.sync.take_repetition(&result, now) else {
                    self.sync.finish(&result);
                    return self.report.outcome(&result).map(Some);
                };
                debug!("{} > {} (once more after ERROR)", self.link.name(), self.report.command);
                let line = repetition.line.bytes();
                self.write(line)?;
                self.sync.await_echo(line);
                Ok(None)
            }
            Sorted::Kept => Ok(Some(Event::Unsolicited)),
            Sorted::Lost(kind, line) => Err(self.lost(kind, &line)),
            Sorted::Late(_) | Sorted::Unexpected(_) => Ok(None),
        }
    }

    /// The error of a loss that `line` reports.
    pub(super) fn lost(&mut self, kind: ErrorKind, line: &Line) -> Error {
        // Whatever was in flight will not be answered any more, or not as if nothing had happened.
        self.sync.lose();
        let said = self.report.shown(line.bytes());
        info!("{}: {said}", self.link.name());
        self.report.error(kind, format!("the module said {said}"))
    }
}

//! The receiving side of the line: everything that can be done while a command is in flight.
//!
//! A [`Wire`] cannot send a command; that is [`Engine`](super::Engine)'s. So whoever borrows the wire from an
//! [`Exchange`](super::Exchange) cannot begin a second one.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::event::{Event, ResultLine};
use super::framer::Expect;
use super::inbox::Inbox;
use super::limits::Deadline;
use super::link::Link;
use super::parts::Parts;
use super::report::Report;
use super::swallowed::Swallowed;
use super::tokens::Tokens;
use super::unexpected::Unexpected;
use super::urc::Pattern;
use crate::error::{Error, ErrorKind, Phase, Result};

/// How long the line end of a line may take that is known to come without one now and then.
const MISSING_LINE_END: Duration = Duration::from_secs(1);

/// How long what came since the last exchange is sorted before the next command is sent all the same.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// The line, as far as a command in flight leaves it free: what has come is taken in, and nothing is sent.
pub struct Wire {
    pub(in crate::at) parts: Parts,
}

impl Wire {
    /// The port, for reading only.
    pub fn link(&self) -> &Link {
        &self.parts.link
    }

    /// Where the lines go that the module sends on its own.
    pub fn inbox(&mut self) -> &mut Inbox {
        &mut self.parts.inbox
    }

    /// Spacing and ends of lines.
    pub fn tokens(&self) -> &Tokens {
        &self.parts.tokens
    }

    /// What may be shown of the bytes on the line.
    pub fn report(&self) -> &Report {
        &self.parts.report
    }

    /// What a module in data mode has stored of what was sent.
    pub fn swallowed(&self) -> Swallowed {
        self.parts.swallowed
    }

    /// Whether a command was abandoned before its end: the next one is preceded by a probe.
    pub fn is_lost(&self) -> bool {
        self.parts.sync.is_lost()
    }

    /// The time now, on the transport's clock.
    pub fn now(&self) -> Instant {
        self.parts.now()
    }

    /// A deadline `limit` from now, or sooner where the caller allows less.
    pub fn deadline(&self, phase: Phase, limit: Duration) -> Deadline {
        self.parts.deadline(phase, limit)
    }

    /// Waits for the next event of the exchange.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn next(&mut self, expect: Expect, deadline: Deadline) -> Result<Event> {
        loop {
            if let Some(event) = self.parts.next_waiting(expect)? {
                return Ok(event);
            }
            let has_come = if self.now() > deadline.at {
                // Only lines that do not matter have come, but so many of them that the time is over.
                Err(self.parts.expired(deadline))
            } else if self.parts.tokens.has_unended(self.parts.link.waiting(), expect) {
                let line_end = self.deadline(Phase::Data, MISSING_LINE_END);
                self.parts.fill_until(line_end)
            } else {
                self.parts.fill(deadline).map(|()| true)
            };
            if has_come.inspect_err(|_| self.parts.sync.lose_in_flight())? {
                continue;
            }
            let (line, used) = self.parts.tokens.unended(self.parts.link.waiting());
            self.parts.link.consume(used);
            if let Some(event) = self.parts.sort(line)? {
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
            if let Some(event) = self.parts.next_waiting(Expect::Line)? {
                return Ok(Some(event));
            }
            if !self.parts.fill_until(now)? {
                return Ok(None);
            }
        }
        self.parts.next_waiting(Expect::Line)
    }

    /// Sorts what has arrived since the last exchange, without waiting for more. While host and module are out of
    /// step it does nothing: the next command brings them back first. A bearer or session that was lost between two
    /// exchanges leaves host and module in step: no command was in flight.
    ///
    /// # Errors
    /// A loss, a lost port.
    pub fn look(&mut self) -> Result<()> {
        if self.parts.sync.is_lost() {
            return Ok(());
        }
        let was_idle = self.parts.sync.is_idle();
        let now = self.now();
        let outcome = loop {
            match self.parts.next_waiting(Expect::Line) {
                Ok(Some(_)) => {}
                Ok(None) => match self.parts.fill_until(Deadline::until(now, Phase::Acknowledgement)) {
                    // A module that talks without a pause must not keep the command from being sent.
                    Ok(true) if self.now() <= now + LONGEST_LOOK => {}
                    outcome => break outcome.map(drop),
                },
                Err(error) => break Err(error),
            }
        };
        outcome.inspect_err(|error| {
            if was_idle && matches!(error.kind(), ErrorKind::BearerLost | ErrorKind::SessionLost) {
                self.parts.sync.settle();
            }
        })
    }

    /// Waits for `limit`, and sorts what the module says meanwhile.
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
                self.parts.inbox.set_overdue(pattern);
            }
        })
    }

    /// Waits for the result; returns `None` if it does not come in time.
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
            if let Some(line) = patterns.iter().find_map(|pattern| self.parts.inbox.take(pattern)) {
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
        self.parts.protocol(detail)
    }

    /// An error of the command in flight, which goes on.
    pub fn error(&self, kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Error {
        self.parts.report.error(kind, detail)
    }

    /// Checks that no data have come since `earlier` that nothing announced.
    ///
    /// # Errors
    /// [`Protocol`](ErrorKind::Protocol): data have come whose announcement was lost. A loss.
    pub fn no_more_lines(&mut self, earlier: Unexpected) -> Result<()> {
        self.look()?;
        self.parts.no_lines_so_far(earlier)
    }

    /// Checks that no final result code has come since `earlier` that answers nothing.
    ///
    /// # Errors
    /// [`Protocol`](ErrorKind::Protocol).
    pub fn no_more_results(&mut self, earlier: Unexpected) -> Result<()> {
        match self.parts.inbox.unexpected().results == earlier.results {
            true => Ok(()),
            false => Err(self.protocol("a final result code came that answers nothing: bytes were added on the way")),
        }
    }
}

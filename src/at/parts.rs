//! The parts of a line to a module, and what needs several of them.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use log::{Level, debug, info, log_enabled, trace};

use super::data_end::DataEnd;
use super::event::Event;
use super::framer::Expect;
use super::inbox::{Inbox, Sorted};
use super::limits::{Deadline, Limits};
use super::line::Line;
use super::link::{Fault, Link};
use super::report::Report;
use super::swallowed::Swallowed;
use super::sync::Sync;
use super::tokens::{Piece, Tokens};
use super::unexpected::Unexpected;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::transport::Transport;

/// The parts of a line to a module. Each part keeps its own invariant; the methods here are those that need several of
/// the parts.
pub struct Parts {
    /// The port.
    pub(in crate::at) link: Link,
    /// The caller's time limits.
    pub(in crate::at) limits: Limits,
    /// Spacing and ends of lines.
    pub(in crate::at) tokens: Tokens,
    /// Where the lines go that the module sends.
    pub(in crate::at) inbox: Inbox,
    /// The command in flight, and whether host and module agree on what comes next.
    pub(in crate::at) sync: Sync,
    /// What a module in data mode has stored of what was sent.
    pub(in crate::at) swallowed: Swallowed,
    /// Errors of the command in flight.
    pub(in crate::at) report: Report,
    /// What follows data, as far as it is known.
    pub(in crate::at) data_end: DataEnd,
}

impl Parts {
    pub(super) fn new(transport: Box<dyn Transport>) -> Self {
        Parts {
            link: Link::new(transport),
            limits: Limits::default(),
            tokens: Tokens::default(),
            inbox: Inbox::default(),
            sync: Sync::default(),
            swallowed: Swallowed::default(),
            report: Report::default(),
            data_end: DataEnd::default(),
        }
    }

    /// The time now, on the transport's clock.
    pub(super) fn now(&self) -> Instant {
        self.link.now()
    }

    /// A deadline `limit` from now, or sooner where the caller allows less.
    pub(super) fn deadline(&self, phase: Phase, limit: Duration) -> Deadline {
        self.limits.deadline(self.now(), phase, limit)
    }

    /// The error of an answer that the manual does not allow. The exchange is abandoned with it.
    pub(super) fn protocol(&mut self, detail: impl Into<Cow<'static, str>>) -> Error {
        let error = self.report.error(ErrorKind::Protocol, detail);
        self.interrupted(error)
    }

    /// An error in the middle of an exchange leaves host and module out of step.
    pub(super) fn interrupted(&mut self, error: Error) -> Error {
        self.sync.lose();
        self.report.named(error)
    }

    /// As [`Wire::no_more_lines`](super::Wire::no_more_lines), among what was sorted already.
    pub(super) fn no_lines_so_far(&mut self, earlier: Unexpected) -> Result<()> {
        match self.inbox.unexpected().lines == earlier.lines {
            true => Ok(()),
            false => Err(self.protocol("expected data, got lines that nothing announced")),
        }
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
    pub(super) fn expired(&mut self, deadline: Deadline) -> Error {
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
    pub(super) fn sort(&mut self, line: Line) -> Result<Option<Event>> {
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

//! A command in flight, as a value that borrows the line.
//!
//! [`Engine::send`](super::Engine::send) sends a command and returns it as an [`Exchange`]; while it lives, a second
//! command does not compile. It is consumed by the one way in which it ends: acknowledged, answered, connected,
//! prompted, settled. Dropped before its end it records what is outstanding, and does no I/O: the next command is
//! preceded by a probe.
//!
//! ```compile_fail,E0499
//! # use ftp_modem::internals::{Command, Engine};
//! # use ftp_modem::error::Phase;
//! # use std::time::Duration;
//! fn two(engine: &mut Engine) -> ftp_modem::Result<()> {
//!     let limit = Duration::from_secs(5);
//!     let first = engine.send(Command::run("E0"), Phase::Acknowledgement, limit)?;
//!     let second = engine.send(Command::run("I"), Phase::Acknowledgement, limit)?;
//!     let _ = first.acknowledged()?;
//!     let _ = second.acknowledged()?;
//!     Ok(())
//! }
//! ```
//!
//! Nor can anything be written, or host and module be declared in step, by way of the [`Wire`] that it lends:
//!
//! ```compile_fail,E0616
//! # use ftp_modem::internals::{Command, Engine};
//! # use ftp_modem::error::Phase;
//! # use std::time::Duration;
//! fn raw(engine: &mut Engine) -> ftp_modem::Result<()> {
//!     let until = engine.now();
//!     let mut first = engine.send(Command::run("E0"), Phase::Acknowledgement, Duration::from_secs(5))?;
//!     first.wire().parts.link.write(b"AT+FTPQUIT\r", until);
//!     first.acknowledged().map(drop)
//! }
//! ```
//!
//! ```compile_fail,E0499
//! # use ftp_modem::internals::{Command, Engine};
//! # use ftp_modem::error::Phase;
//! # use std::time::Duration;
//! fn settled(engine: &mut Engine) -> ftp_modem::Result<()> {
//!     let first = engine.send(Command::run("E0"), Phase::Acknowledgement, Duration::from_secs(5))?;
//!     engine.sync().settle();
//!     first.acknowledged().map(drop)
//! }
//! ```
//!
//! What each of these adds is all that does not compile:
//!
//! ```no_run
//! # use ftp_modem::internals::{Command, Engine};
//! # use ftp_modem::error::Phase;
//! # use std::time::Duration;
//! fn one(engine: &mut Engine) -> ftp_modem::Result<()> {
//!     let mut first = engine.send(Command::run("E0"), Phase::Acknowledgement, Duration::from_secs(5))?;
//!     let _ = first.wire().link().name();
//!     let _ = first.acknowledged()?;
//!     engine.sync().settle();
//!     let second = engine.send(Command::run("I"), Phase::Acknowledgement, Duration::from_secs(5))?;
//!     second.acknowledged().map(drop)
//! }
//! ```

use std::time::Duration;

use super::command::Answer;
use super::event::{Acknowledgement, Event, ResultLine};
use super::flight::InFlight;
use super::framer::Expect;
use super::limits::Deadline;
use super::line::Line;
use super::urc::Pattern;
use super::wire::Wire;
use crate::error::{ErrorKind, Phase, Result};

/// Most lines taken in as the answer to one command. The longest answers in the manuals have about 20.
pub(super) const MAX_ANSWER_LINES: usize = 256;

/// What a command that asks for data mode came to.
pub enum Opened<'w> {
    /// The port is in data mode, or the prompt has come.
    Data(Exchange<'w>),
    /// The operation ended by its result, without data.
    Refused(ResultLine),
}

/// A command in flight.
#[must_use]
pub struct Exchange<'w> {
    pub(super) flight: InFlight<'w>,
    pub(super) deadline: Deadline,
}

impl<'w> Exchange<'w> {
    /// A command whose final result code is still to come: one that has just left, or whose final result code may be
    /// followed by another one.
    pub(super) fn awaiting(wire: &'w mut Wire, answer: Answer, deadline: Deadline) -> Self {
        wire.parts.sync.await_answer(answer);
        Exchange { flight: InFlight { wire, promised: 0 }, deadline }
    }

    /// The receiving side of the line, which cannot send another command.
    pub fn wire(&mut self) -> &mut Wire {
        self.flight.wire
    }

    /// The instant by which the exchange must be over.
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Gives what follows its own phase and limit.
    pub fn within(self, phase: Phase, limit: Duration) -> Self {
        let deadline = self.flight.wire.deadline(phase, limit);
        Exchange { deadline, ..self }
    }

    /// Waits for the next event.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn next(&mut self, expect: Expect) -> Result<Event> {
        self.flight.wire.next(expect, self.deadline)
    }

    /// Waits for `OK`.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn acknowledged(self) -> Result<Acknowledgement> {
        let (lines, outcome) = self.answer(MAX_ANSWER_LINES);
        outcome.map(|()| Acknowledgement { lines })
    }

    /// As [`Self::acknowledged`], behind data that were counted. A line between them and `OK` is the end of the data:
    /// something else took its place in them.
    ///
    /// # Errors
    /// As [`Self::acknowledged`], and [`ErrorKind::Protocol`] for such a line.
    pub fn acknowledged_behind_data(mut self) -> Result<()> {
        let unexpected = self.wire().parts.inbox.unexpected();
        let InFlight { wire, .. } = &mut self.flight;
        let flight = InFlight { wire, promised: 0 };
        let _ = Exchange { flight, deadline: self.deadline }.acknowledged()?;
        self.flight.wire.parts.no_lines_so_far(unexpected)
    }

    /// Waits for the final result code. The lines before it are returned also where it is an error: some dialects
    /// give the reason there. More than `most` lines are an error.
    pub fn answer(mut self, most: usize) -> (Vec<Line>, Result<()>) {
        let mut lines = Vec::new();
        let outcome = loop {
            match self.next(Expect::Line) {
                Ok(Event::Information(_)) if lines.len() >= most => break Err("the answer does not end"),
                Ok(Event::Information(line)) => lines.push(line),
                Ok(Event::Acknowledged) => return (lines, Ok(())),
                Ok(Event::Unsolicited) => {}
                Ok(Event::Connected(_) | Event::Prompt | Event::Header(_)) => break Err("asked for data, expected OK"),
                Err(error) => return (lines, Err(error)),
            }
        };
        (lines, outcome.map_err(|detail: &str| self.wire().protocol(detail)))
    }

    /// Waits for the first information response, or the head that `expect` describes. `None` where the final result
    /// code comes without one: the exchange is over then.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn first_line(&mut self, expect: Expect) -> Result<Option<Line>> {
        loop {
            match self.next(expect)? {
                Event::Information(line) | Event::Header(line) => return Ok(Some(line)),
                Event::Acknowledged => return Ok(None),
                Event::Unsolicited => {}
                Event::Connected(_) | Event::Prompt => {
                    return Err(self.wire().protocol("expected the line that announces the data"));
                }
            }
        }
    }

    /// Waits for `CONNECT`, with the number behind it. The operation may end by its result instead, with or without
    /// `OK` before it, where `result` tells how that looks.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn connected(mut self, result: Option<(&Pattern, Duration)>) -> Result<(Opened<'w>, Option<u64>)> {
        loop {
            match (self.next(Expect::Line)?, result) {
                (Event::Connected(number), _) => return Ok((Opened::Data(self), number)),
                (Event::Unsolicited, None) => {}
                (Event::Unsolicited, Some((pattern, _))) => {
                    if let Some(line) = self.wire().parts.inbox.take(pattern) {
                        self.settle();
                        return Ok((Opened::Refused(ResultLine(line)), None));
                    }
                }
                (Event::Acknowledged, Some((pattern, limit))) => {
                    let deadline = self.wire().deadline(Phase::Result, limit);
                    let line = self.wire().result(pattern, deadline)?;
                    return Ok((Opened::Refused(line), None));
                }
                _ => return Err(self.wire().protocol("expected CONNECT")),
            }
        }
    }

    /// Waits for the prompt `>` behind which the module expects `count` bytes. The operation may end by its result
    /// instead, with `OK` before or behind it; lines of the result for which `is_progress` holds are passed over.
    ///
    /// # Errors
    /// An error result, a loss, a time-out: then the prompt may have been lost, and the module waits for what it was
    /// promised.
    pub fn prompted(
        mut self,
        count: u64,
        result: Option<(&Pattern, Duration)>,
        is_progress: impl Fn(&Line) -> bool,
    ) -> Result<Opened<'w>> {
        loop {
            let event = self.next(Expect::Prompt).inspect_err(|error| {
                if error.kind() == ErrorKind::Timeout {
                    self.flight.promised = count;
                    self.flight.abandon();
                }
            })?;
            match (event, result) {
                (Event::Prompt, _) => return Ok(Opened::Data(self)),
                (Event::Unsolicited, None) => {}
                (Event::Unsolicited, Some((pattern, _))) => {
                    if let Some(line) = self.wire().parts.inbox.take(pattern).filter(|line| !is_progress(line)) {
                        let _ = self.acknowledged()?;
                        return Ok(Opened::Refused(ResultLine(line)));
                    }
                }
                (Event::Acknowledged, Some((pattern, limit))) => {
                    let deadline = self.wire().deadline(Phase::Result, limit);
                    return self.wire().result(pattern, deadline).map(Opened::Refused);
                }
                _ => return Err(self.wire().protocol("expected the prompt")),
            }
        }
    }

    /// Waits for the result while a further final result code may still come. Behind the result, none does.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn result(mut self, pattern: &Pattern) -> Result<ResultLine> {
        let deadline = self.deadline;
        let line = self.wire().result(pattern, deadline)?;
        self.settle();
        Ok(line)
    }

    /// Ends the exchange: its answer is complete, read in another way than by events.
    pub fn settle(self) {
        self.flight.wire.parts.sync.settle();
    }
}

//! Payload on its way to the module: what was promised, what has passed.

use std::time::Duration;

use log::trace;

use super::engine::{Engine, Escape, Flow};
use super::event::{Acknowledgement, Event};
use super::exchange::{Exchange, MAX_ANSWER_LINES};
use super::flight::InFlight;
use super::limits::Deadline;
use super::line::Line;
use super::wire::Wire;
use crate::error::{Phase, Result};

/// How soon the module acknowledges a payload that is complete, where a doubt has a reason.
const EARLY: Duration = Duration::from_secs(3);
/// The same where nothing but the end of the payload gives a reason. Answers were seen to take 3 ms (780EP log), and
/// USB adapters hold bytes back for 16 ms.
const EARLY_AT_LINE_END: Duration = Duration::from_millis(100);

/// An upload under way. Dropped before its end it records how many bytes the module still expects: before the next
/// command they are sent as padding, because until then the module takes every command for payload. An upload that
/// the module itself has ended, by a result code or a loss, leaves nothing to be sent.
///
/// While it lives, a command does not compile:
///
/// ```compile_fail,E0499
/// # use ftp_modem::internals::{Command, Engine};
/// # use ftp_modem::error::Phase;
/// # use std::time::Duration;
/// fn two(engine: &mut Engine) -> ftp_modem::Result<()> {
///     let limit = Duration::from_secs(5);
///     let upload = engine.send(Command::run("+X"), Phase::Acknowledgement, limit)?.upload(10);
///     let _ = engine.execute(Command::run("I"), limit)?;
///     upload.acknowledged(limit).map(drop)
/// }
/// ```
#[must_use]
pub struct Upload<'w> {
    flight: InFlight<'w>,
}

impl<'w> Upload<'w> {
    /// Payload that goes to the module without a command in flight.
    pub fn without_command(engine: &'w mut Engine) -> Self {
        Upload { flight: InFlight { wire: engine, promised: 0 } }
    }

    /// The receiving side of the line.
    pub fn wire(&mut self) -> &mut Wire {
        self.flight.wire
    }

    /// Sends payload. `inactivity` bounds the time in which the port takes no byte.
    ///
    /// # Errors
    /// A port that takes no bytes or is lost, a cancellation.
    pub fn write(&mut self, bytes: &[u8], inactivity: Duration) -> Result<()> {
        let wire = &mut *self.flight.wire;
        trace!("{} > {} bytes of payload", wire.parts.link.name(), bytes.len());
        wire.parts.sync.commands_since_payload = 0;
        let deadline = wire.deadline(Phase::Data, inactivity + wire.parts.link.line_time(bytes.len() as u64));
        let outcome = wire.parts.link.write(bytes, deadline.at);
        let written = outcome.as_ref().map_or_else(|(written, _)| *written, |()| bytes.len());
        self.flight.promised = self.flight.promised.saturating_sub(written as u64);
        outcome.map_err(|(_, fault)| {
            self.flight.abandon();
            self.flight.wire.parts.report.failed(fault, deadline)
        })
    }

    /// Sends all of the payload that the module expects.
    ///
    /// Bytes that were added on the way push as many out at the end of the payload. In front of the next command they
    /// show, unless they are a line end. The rest of a command line within which a line end was added is such bytes.
    /// So is a command that was sent once more, where the `ERROR` before it was none of the module's. In both cases
    /// the last byte is sent separately ([`Self::write_apart`]).
    ///
    /// # Errors
    /// As [`Self::write_apart`].
    pub fn write_all(&mut self, bytes: &[u8], inactivity: Duration) -> Result<()> {
        match bytes {
            _ if self.flight.wire.parts.sync.was_repeated() => self.write_apart(bytes, EARLY, inactivity),
            [.., b'\r' | b'\n'] => self.write_apart(bytes, EARLY_AT_LINE_END, inactivity),
            _ => self.write(bytes, inactivity),
        }
    }

    /// Sends all of the payload that the module expects, the last byte after a wait of `patience`: the module must not
    /// acknowledge the payload before that byte.
    ///
    /// # Errors
    /// As [`Self::write`]; [`Protocol`](crate::ErrorKind::Protocol) where the module has enough before the last byte.
    pub fn write_apart(&mut self, bytes: &[u8], patience: Duration, inactivity: Duration) -> Result<()> {
        let Some((last, first)) = bytes.split_last() else { return Ok(()) };
        self.write(first, inactivity)?;
        let wire = &mut *self.flight.wire;
        let unsent = wire.parts.link.unsent() as u64;
        let patience = patience + wire.parts.link.line_time(unsent);
        if self.is_acknowledged_early(patience)? {
            let detail = "the module acknowledged the payload before its last byte: bytes were added on the way";
            return Err(self.flight.wire.protocol(detail));
        }
        self.write(&[*last], inactivity)
    }

    /// Waits `limit` for the acknowledgement; returns whether it has come.
    fn is_acknowledged_early(&mut self, limit: Duration) -> Result<bool> {
        let deadline = self.flight.wire.deadline(Phase::Data, limit);
        loop {
            match self.flight.wire.glance()? {
                Some(Event::Acknowledged) => return Ok(true),
                Some(_) => {}
                None if self.flight.wire.parts.fill_until(deadline)? => {}
                None => return Ok(false),
            }
        }
    }

    /// Takes in single bytes `mark`, by which the module acknowledges blocks: at least `least` of them, which are
    /// waited for, at most `most`. Returns how many there were, and whether something else follows, which ends the
    /// upload early and is left to be read.
    ///
    /// # Errors
    /// A silence of more than `inactivity`, a lost port.
    pub fn marks(&mut self, mark: u8, least: u64, most: u64, inactivity: Duration) -> Result<(u64, bool)> {
        let wire = &mut *self.flight.wire;
        let deadline = wire.deadline(Phase::Data, inactivity);
        let mut count = 0;
        loop {
            match wire.parts.link.waiting().first() {
                Some(byte) if *byte == mark && count < most => {
                    wire.parts.link.consume(1);
                    count += 1;
                }
                Some(_) => return Ok((count, true)),
                None if count < least => wire.parts.fill(deadline)?,
                None => {
                    let now = Deadline::until(wire.now(), Phase::Data);
                    if !wire.parts.fill_until(now)? {
                        return Ok((count, false));
                    }
                }
            }
        }
    }

    /// Waits for `OK` behind the payload.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn acknowledged(self, limit: Duration) -> Result<Acknowledgement> {
        let (lines, outcome) = self.answer(limit);
        outcome.map(|()| Acknowledgement { lines })
    }

    /// Waits for the final result code behind the payload, and returns the lines before it also where it is an error.
    pub fn answer(self, limit: Duration) -> (Vec<Line>, Result<()>) {
        // The final result code may have come already.
        if self.flight.wire.parts.sync.awaiting().is_none() {
            return (Vec::new(), Ok(()));
        }
        let deadline = self.flight.wire.deadline(Phase::Acknowledgement, limit);
        let mut flight = self.flight;
        flight.promised = 0;
        Exchange { flight, deadline }.answer(MAX_ANSWER_LINES)
    }

    /// Ends an upload that the module itself has ended: nothing is sent as padding, and the next command is preceded by
    /// a probe.
    pub fn abandon(self) {
        self.flight.wire.parts.sync.lose();
    }

    /// Ends an upload without announced length by the escape sequence, or what replaces it, and waits for its
    /// acknowledgement.
    ///
    /// # Errors
    /// An error result, a loss, a time-out.
    pub fn escape(self, guard: Duration, limit: Duration) -> Result<()> {
        let mut escape = Escape { parts: &mut self.flight.wire.parts, guard, flow: Flow::ToModule };
        if !escape.fits_budget() {
            self.flight.wire.parts.sync.lose();
            return Err(self.flight.wire.deadline(Phase::Acknowledgement, Duration::ZERO).passed());
        }
        let _ = escape.fall_silent()?;
        // A module that has left data mode by itself would take the escape sequence for the beginning of a command
        // line.
        if escape.parts.sync.awaiting().is_some() {
            escape.send()?;
        }
        self.acknowledged(limit).map(drop)
    }
}

impl<'w> Exchange<'w> {
    /// The payload that the module expects from now on, `promised` bytes of it; 0 where it was promised no number.
    pub fn upload(self, promised: u64) -> Upload<'w> {
        let mut flight = self.flight;
        flight.promised = promised;
        Upload { flight }
    }
}

//! File data: counted, never searched.
//!
//! Payload goes from the engine's read buffer straight to the caller's writer, and from the caller's reader straight to the
//! port. An error of the caller's writer does not stop the reading: the module has promised a number of bytes, and host and
//! module stay in step only when all of them are taken in.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use log::{debug, trace};

use super::engine::Engine;
use super::exchange::Deadline;
use super::line::Line;
use super::reply::Reply;
use super::sink::{Sink, TRAILER_ROOM};
use super::trailer::{ACKNOWLEDGEMENT, End, Trailer, find_end};
use crate::error::{Error, ErrorKind, Phase, Result};

const LINE_END: &[u8] = b"\r\n";

/// How long the line must be silent before something that looks like an early end of the payload is believed.
const SILENCE: Duration = Duration::from_secs(5);

/// Most text taken in up to its end, lines included that are left out.
const LONGEST_TEXT: usize = 64 << 20;

impl Engine {
    /// Takes in exactly `count` bytes of payload, whatever they hold. `inactivity` bounds every silence. The last bytes are held
    /// back for [`Sink::release`].
    ///
    /// # Errors
    /// A silence that lasts too long, a lost port. A failing writer shows in [`Sink::check`].
    pub fn receive_block(&mut self, count: u64, sink: &mut Sink<'_>, inactivity: Duration) -> Result<()> {
        let mut left = count;
        let end = self.end_of_data(count, inactivity);
        loop {
            let waiting = self.waiting().len();
            if waiting as u64 >= left {
                let here = usize::try_from(left).unwrap_or(waiting);
                self.pass_on(here.saturating_sub(TRAILER_ROOM), sink);
                let tail = here.min(TRAILER_ROOM);
                sink.hold(self.waiting().get(..tail).unwrap_or_default());
                self.consume(tail);
                trace!("{} < {count} bytes of payload", self.port());
                return Ok(());
            }
            left -= self.pass_on(waiting.saturating_sub(TRAILER_ROOM), sink);
            let deadline = self.data_deadline(inactivity, end);
            if self.now() > end {
                self.refuse_rest(left);
                return Err(self.interrupted(deadline.passed()));
            }
            self.fill(deadline).map_err(|error| {
                self.refuse_rest(left);
                self.interrupted(error)
            })?;
        }
    }

    /// By when `count` bytes of payload must have come: the slowest networks in use give more than 100 bytes a second.
    fn end_of_data(&self, count: u64, inactivity: Duration) -> Instant {
        const SLOWEST: u64 = 100;
        let limit =
            inactivity.saturating_add(Duration::from_secs(count / SLOWEST)).saturating_add(self.line_time(count));
        self.deadline(Phase::Resynchronisation, limit).at()
    }

    /// The deadline of one silence within payload that must be over by `end`.
    fn data_deadline(&self, inactivity: Duration, end: Instant) -> Deadline {
        let left = end.saturating_duration_since(self.now());
        self.deadline(Phase::Data, inactivity.min(left))
    }

    /// Checks that a line end follows the payload, as it must when the announced count was right.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when something else follows: bytes were lost or added on
    /// the way, and where the payload ended can only be guessed.
    pub fn end_of_block(&mut self, deadline: Deadline) -> Result<()> {
        loop {
            let waiting = self.waiting();
            let seen = waiting.get(..LINE_END.len()).unwrap_or(waiting);
            if !LINE_END.starts_with(seen) {
                return Err(self.protocol("the payload has another length than announced"));
            }
            if seen.len() == LINE_END.len() {
                self.consume(LINE_END.len());
                return Ok(());
            }
            self.fill(deadline).map_err(|error| self.interrupted(error))?;
        }
    }

    /// As [`Self::end_of_block`], for dialects whose modules may leave the line end out: another line may follow directly. When
    /// nothing follows within `patience`, payload that itself ends a line is not believed to be whole. Returns whether there was a
    /// line end.
    ///
    /// # Errors
    /// As [`Self::end_of_block`].
    pub fn end_of_glued_block(&mut self, sink: &Sink<'_>, patience: Duration) -> Result<bool> {
        if self.waiting().is_empty() {
            let deadline = self.deadline(Phase::Data, patience);
            match self.fill(deadline) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Timeout && !sink.holds_a_line_end() => return Ok(false),
                Err(error) => return Err(self.interrupted(error)),
            }
        }
        let deadline = self.deadline(Phase::Data, patience);
        if self.waiting().first() == Some(&b'+') {
            self.begins_line(deadline).map(|()| false)
        } else {
            self.end_of_block(deadline).map(|()| true)
        }
    }

    /// Checks that the `+` that waits begins a line: it may also be the last byte of a payload that a byte was added to on the way.
    fn begins_line(&mut self, deadline: Deadline) -> Result<()> {
        const LETTERS: usize = 3;
        loop {
            let behind = self.waiting().get(1..).unwrap_or_default();
            let seen = behind.get(..LETTERS).unwrap_or(behind);
            if !seen.iter().all(u8::is_ascii_uppercase) {
                return Err(self.protocol("the payload has another length than announced"));
            }
            if seen.len() == LETTERS {
                return Ok(());
            }
            self.fill(deadline).map_err(|error| self.interrupted(error))?;
        }
    }

    /// Sends the first bytes of a payload of which the module was promised `left` more in all, these included.
    /// `inactivity` bounds the time in which the port takes no byte.
    ///
    /// # Errors
    /// A port that takes no bytes or is lost. What was promised and not sent is made up before the next command.
    pub fn send_payload(&mut self, bytes: &[u8], left: u64, inactivity: Duration) -> Result<()> {
        trace!("{} > {} bytes of payload", self.port(), bytes.len());
        self.mark_payload();
        let time_on_line = self.line_time(bytes.len() as u64);
        let deadline = self.deadline(Phase::Data, inactivity + time_on_line);
        let sent = self.send_counted(bytes, deadline);
        sent.map_err(|(count, error)| {
            self.owe(left.saturating_sub(count as u64));
            error
        })
    }

    /// Takes in single bytes `mark`, by which the module acknowledges blocks of an upload: at least `least` of them, which are waited
    /// for, at most `most`. Returns how many there were, and whether something else follows, which ends it early and is left to
    /// be read.
    ///
    /// # Errors
    /// A silence of more than `inactivity`, a lost port.
    pub fn receive_marks(&mut self, mark: u8, least: u64, most: u64, inactivity: Duration) -> Result<(u64, bool)> {
        let deadline = self.deadline(Phase::Data, inactivity);
        let mut count = 0;
        loop {
            match self.waiting().first() {
                Some(byte) if *byte == mark && count < most => {
                    self.consume(1);
                    count += 1;
                }
                Some(_) => return Ok((count, true)),
                None if count < least => self.fill(deadline).map_err(|error| self.interrupted(error))?,
                None => {
                    let now = self.deadline(Phase::Data, Duration::ZERO);
                    if !self.fill_until(now).map_err(|error| self.interrupted(error))? {
                        return Ok((count, false));
                    }
                }
            }
        }
    }

    /// Takes in payload that ends with `\r\nOK\r\n` and an information line `prefix: 0,<number of payload bytes>`, or
    /// `prefix: <error>,…`.
    ///
    /// With `expected` bytes known beforehand, the payload is over when they are there; the lines behind it are left to be read,
    /// and its last bytes are held back for [`Sink::release`]. Otherwise it is over when that line comes and its number agrees with the bytes that came, which only
    /// payload made to deceive can imitate. In both cases an early end is believed once the line is silent on it.
    ///
    /// # Errors
    /// A failing writer, a silence of more than `inactivity`, a lost port: the port is still in data mode then.
    pub fn receive_until_trailer(
        &mut self,
        prefix: &'static str,
        expected: Option<u64>,
        sink: &mut Sink<'_>,
        inactivity: Duration,
    ) -> Result<Trailer> {
        let mut received = 0u64;
        let end_of_data = self.end_of_data(expected.unwrap_or(u64::MAX), inactivity);
        loop {
            let left = expected.map_or(u64::MAX, |expected| expected - received);
            let waiting = self.waiting().len();
            if waiting as u64 >= left {
                let here = usize::try_from(left).unwrap_or(waiting);
                received += self.pass_on(here.saturating_sub(TRAILER_ROOM), sink);
                match self.known_end(prefix, received, here.min(TRAILER_ROOM), inactivity)? {
                    Some(end) => return Ok(self.end_at(end, received, sink)),
                    None => {
                        let left = here.min(TRAILER_ROOM) as u64;
                        self.receive_block(left, sink, inactivity)?;
                        return Ok(Trailer { payload: received + left, line: None });
                    }
                }
            }
            received += self.pass_on(waiting.saturating_sub(TRAILER_ROOM), sink);
            if let Err(failure) = sink.check() {
                return Err(self.interrupted(failure));
            }
            let end = find_end(self.waiting(), prefix, received);
            let over = match &end {
                Some(end) if end.agrees && expected.is_none() => true,
                Some(_) => self.is_silent(inactivity)?,
                None => {
                    let deadline = self.data_deadline(inactivity, end_of_data);
                    self.fill(deadline).map_err(|error| self.interrupted(error))?;
                    false
                }
            };
            if let Some(end) = end.filter(|_| over) {
                return Ok(self.end_at(end, received, sink));
            }
        }
    }

    /// All bytes that are expected have come, `left` of them still waiting. None if they are payload indeed: `OK` follows. But when
    /// only a few bytes of the payload are missing, the lines of an early end are long enough to stand in their place.
    fn known_end(&mut self, prefix: &str, received: u64, left: usize, inactivity: Duration) -> Result<Option<End>> {
        loop {
            let waiting = self.waiting();
            let behind = waiting.get(left..).unwrap_or_default();
            let goes_on = LINE_END.starts_with(behind) || behind.starts_with(LINE_END);
            if goes_on && behind.windows(ACKNOWLEDGEMENT.len()).any(|window| window == ACKNOWLEDGEMENT) {
                return Ok(None);
            }
            let early = match find_end(waiting, prefix, received) {
                Some(end) if end.payload == left => return Ok(None),
                Some(end) if end.payload < left && end.payload + end.trailer == waiting.len() => Some(end),
                _ => None,
            };
            let limit = if goes_on && early.is_none() { inactivity } else { SILENCE.min(inactivity) };
            let deadline = self.deadline(Phase::Data, limit);
            match self.fill(deadline) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(early),
                Err(error) => return Err(self.interrupted(error)),
            }
        }
    }

    /// Whether nothing more comes for a while.
    fn is_silent(&mut self, inactivity: Duration) -> Result<bool> {
        let deadline = self.deadline(Phase::Data, SILENCE.min(inactivity));
        let came = self.fill_until(deadline).map_err(|error| self.interrupted(error))?;
        Ok(!came)
    }

    /// Hands out what is payload of the waiting bytes and takes in the lines behind it. `received` bytes have passed before.
    fn end_at(&mut self, end: End, received: u64, sink: &mut Sink<'_>) -> Trailer {
        let payload = received + self.pass_on(end.payload, sink);
        self.consume(end.trailer);
        self.settle();
        trace!("{} < {payload} bytes of payload", self.port());
        if !end.agrees {
            // It was payload after all if the module does not answer the next question.
            self.mark_out_of_step();
        }
        Trailer { payload, line: Some(end.line) }
    }

    /// Takes in the text of a listing, line by line and as it is, up to the line for which `is_end` holds, which is returned.
    /// `at_line_start` says whether the next byte starts a line. For text whose length is not announced, or not reliably;
    /// lines that the module says on its own are left out.
    ///
    /// # Errors
    /// An alarm, a line without end, a silence of more than `inactivity`, a lost port.
    pub fn receive_text(
        &mut self,
        mut at_line_start: bool,
        sink: &mut Sink<'_>,
        inactivity: Duration,
        is_end: impl Fn(&Reply<'_>) -> bool,
    ) -> Result<Line> {
        let mut left = LONGEST_TEXT;
        loop {
            sink.check().map_err(|error| self.interrupted(error))?;
            let waiting = self.waiting();
            match waiting.iter().position(|byte| *byte == b'\n') {
                Some(end) if end >= left => return Err(self.protocol("the listing does not end")),
                Some(end) => {
                    left -= end;
                    let line = Line::new(waiting.get(..=end).unwrap_or_default().trim_ascii());
                    if at_line_start && is_end(&line.reply()) {
                        self.consume(end + 1);
                        return Ok(line);
                    }
                    if at_line_start && line.information().is_some() {
                        // No server begins a line of a listing like this; the module says it on its own.
                        self.consume(end + 1);
                        self.alarm(&line)?;
                        debug!("{}: nobody waits for {}", self.port(), self.shown(line.bytes()));
                        continue;
                    }
                    self.pass_on(end + 1, sink);
                    at_line_start = true;
                }
                None if waiting.len() > super::MAX_LINE => return Err(self.protocol("a line without end")),
                None => {
                    let deadline = self.deadline(Phase::Data, inactivity);
                    self.fill(deadline).map_err(|error| self.interrupted(error))?;
                }
            }
        }
    }

    /// Takes in payload that says itself where it ends. `take` is given what has come; it returns how many of these bytes it is
    /// done with, and whether the payload is over.
    ///
    /// # Errors
    /// A silence of more than `inactivity`, a cancellation, a lost port. The payload is still coming then.
    pub fn receive_stream(&mut self, inactivity: Duration, mut take: impl FnMut(&[u8]) -> (usize, bool)) -> Result<()> {
        loop {
            let (used, over) = take(self.waiting());
            self.consume(used);
            if over {
                return Ok(());
            }
            let deadline = self.deadline(Phase::Data, inactivity);
            self.fill(deadline).map_err(|error| self.interrupted(error))?;
        }
    }

    /// Hands the first `count` waiting bytes to the sink.
    fn pass_on(&mut self, count: usize, sink: &mut Sink<'_>) -> u64 {
        sink.put(self.waiting().get(..count).unwrap_or_default());
        self.consume(count);
        count as u64
    }

    /// An error in the middle of payload leaves host and module out of step.
    fn interrupted(&mut self, error: Error) -> Error {
        self.mark_out_of_step();
        error
    }
}

//! Payload whose length is not known, or not to be relied on: the lines behind it tell where it ends.

#[cfg(test)]
mod tests;

use std::time::Duration;

use log::trace;

use super::block::{LINE_END, Payload};
use super::exchange::Exchange;
use super::inbox::looks_unsolicited;
use super::line::Line;
use super::sink::{Sink, TRAILER_ROOM};
use crate::error::{Phase, Result};

const ACKNOWLEDGEMENT: &[u8] = b"\r\nOK\r\n";

/// How long the line must be silent before something that looks like an early end of the payload is believed.
const SILENCE: Duration = Duration::from_secs(5);

/// As [`SILENCE`], where the line that looks like the end is all that came: the server has probably refused the
/// transfer. A payload that begins with such a line would come in a block of the network, which is longer.
const SILENCE_AT_START: Duration = Duration::from_secs(1);

/// The number of payload bytes, as far as it is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Only the lines behind the payload show its end.
    Unknown,
    /// So many.
    Exactly(u64),
    /// So many, or one more: the byte that was requested beyond the likely end, to observe whether the payload ends
    /// there.
    OrOneMore(u64),
}

impl Expected {
    /// Most bytes that can come.
    pub fn most(self) -> u64 {
        match self {
            Expected::Unknown => u64::MAX,
            Expected::Exactly(count) => count,
            Expected::OrOneMore(count) => count.saturating_add(1),
        }
    }

    /// Decides between a number and one more as soon as the two bytes behind the likely end are there in `waiting`,
    /// behind the `received` bytes. At most one byte of payload comes behind that end, and a line end follows it. So
    /// a line end that is there already is not payload.
    fn decided(self, received: u64, waiting: &[u8]) -> Self {
        let Expected::OrOneMore(count) = self else { return self };
        let behind = usize::try_from(count - received).ok().and_then(|end| waiting.get(end..)?.get(..LINE_END.len()));
        match behind {
            None => self,
            Some(behind) if behind == LINE_END => Expected::Exactly(count),
            Some(_) => Expected::Exactly(self.most()),
        }
    }
}

/// How a payload ended.
pub enum Trailer<'w> {
    /// By the lines behind it. The last one is `line`; `payload` bytes came.
    Lines {
        /// Number of payload bytes.
        payload: u64,
        /// The information response that ended it.
        line: Line,
    },
    /// The expected number of bytes came; the lines behind them are still to be read.
    Count {
        /// Number of payload bytes.
        payload: u64,
        /// What is left of the exchange.
        exchange: Exchange<'w>,
    },
}

/// An end of the payload within the last bytes that came.
struct End {
    /// Number of bytes before it.
    payload: usize,
    /// Number of bytes of the lines that make it up.
    trailer: usize,
    /// The information response.
    line: Line,
    /// Where it reports success with exactly the number of bytes that came: how many line ends follow these.
    line_ends: Option<isize>,
}

impl End {
    /// How long the line must be silent before this end is believed. `received` bytes have passed before the `waiting`
    /// bytes, in which it was found.
    fn silence(&self, received: u64, waiting: usize) -> Duration {
        let is_all = received == 0 && self.payload == 0 && self.trailer == waiting;
        if is_all { SILENCE_AT_START } else { SILENCE }
    }
}

impl<'w> Exchange<'w> {
    /// Takes in payload that ends with `\r\nOK\r\n` and an information response `prefix: 0,<number of payload
    /// bytes>`, or `prefix: <error>,…`.
    ///
    /// With a number of bytes `expected`, the payload is over when they are there, and its last bytes are held
    /// back for [`Sink::release`]. Otherwise it is over when that line comes and its number agrees with the bytes
    /// that came, which only payload made to deceive can imitate. In both cases an early end is believed once the
    /// line is silent on it.
    ///
    /// # Errors
    /// A failing writer, a silence of more than `inactivity`, a lost port: the port is still in data mode then.
    pub fn until_trailer(
        self,
        prefix: &'static str,
        mut expected: Expected,
        sink: &mut Sink<'_>,
        inactivity: Duration,
    ) -> Result<Trailer<'w>> {
        let parts = &mut self.flight.wire.parts;
        let mut received = 0u64;
        let end_of_data = parts.payload().end_of_data(expected.most(), inactivity);
        loop {
            expected = expected.decided(received, parts.link.waiting());
            let left = match expected {
                Expected::Exactly(count) => count - received,
                Expected::Unknown | Expected::OrOneMore(_) => u64::MAX,
            };
            let waiting = parts.link.waiting().len();
            if waiting as u64 >= left {
                let here = usize::try_from(left).unwrap_or(waiting);
                received += parts.payload().pass_on(here.saturating_sub(TRAILER_ROOM), sink);
                return match parts.payload().early_end(prefix, received, here.min(TRAILER_ROOM), inactivity)? {
                    Some(end) => parts.payload().end_at(end, received, sink),
                    None => {
                        parts.payload().block(here.min(TRAILER_ROOM) as u64, inactivity).copy_to(sink)?;
                        Ok(Trailer::Count { payload: received + here.min(TRAILER_ROOM) as u64, exchange: self })
                    }
                };
            }
            received += parts.payload().pass_on(waiting.saturating_sub(TRAILER_ROOM), sink);
            sink.check()?;
            let end = find_end(parts.link.waiting(), prefix, received);
            let is_over = match &end {
                Some(end) if end.line_ends.is_some() && expected == Expected::Unknown => true,
                Some(end) => {
                    let silence = end.silence(received, parts.link.waiting().len());
                    let deadline = parts.deadline(Phase::Data, silence.min(inactivity));
                    !parts.fill_until(deadline)?
                }
                None => {
                    let deadline = parts.payload().data_deadline(inactivity, end_of_data);
                    parts.fill(deadline)?;
                    false
                }
            };
            if let Some(end) = end.filter(|_| is_over) {
                return parts.payload().end_at(end, received, sink);
            }
        }
    }
}

impl Payload<'_> {
    /// All bytes that are expected have come, `left` of them still waiting. `None` if they are payload indeed: `OK`
    /// follows. But when only a few bytes of the payload are missing, the lines of an early end are long enough to
    /// fill their place.
    fn early_end(&mut self, prefix: &str, received: u64, left: usize, inactivity: Duration) -> Result<Option<End>> {
        loop {
            let waiting = self.parts.link.waiting();
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
            let limit = match &early {
                None if goes_on => inactivity,
                None => SILENCE.min(inactivity),
                Some(end) => end.silence(received, waiting.len()).min(inactivity),
            };
            let deadline = self.parts.deadline(Phase::Data, limit);
            if !self.parts.fill_until(deadline)? {
                return Ok(early);
            }
        }
    }

    /// Hands out what is payload of the waiting bytes and takes in the lines behind it. `received` bytes have passed
    /// before.
    ///
    /// # Errors
    /// Bytes were lost or added on the way.
    fn end_at<'w>(&mut self, end: End, received: u64, sink: &mut Sink<'_>) -> Result<Trailer<'w>> {
        if let Some(count) = end.line_ends {
            let payload = self.parts.link.waiting().get(..end.payload).unwrap_or_default();
            let ends_line = payload.ends_with(b"\n");
            self.take_in_data_end(count, ends_line)?;
        }
        let payload = received + self.pass_on(end.payload, sink);
        self.parts.link.consume(end.trailer);
        trace!("{} < {payload} bytes of payload", self.parts.link.name());
        match end.line_ends {
            Some(_) => self.parts.sync.settle(),
            // It was payload after all if the module does not answer the next probe.
            None => self.parts.sync.lose(),
        }
        Ok(Trailer::Lines { payload, line: end.line })
    }
}

/// Looks for the end of the payload in `tail`, before which `received` bytes have passed.
fn find_end(tail: &[u8], prefix: &str, received: u64) -> Option<End> {
    let begins =
        |rest: &[u8]| rest.strip_prefix(LINE_END)?.strip_prefix(prefix.as_bytes())?.strip_prefix(b":").map(drop);
    // Each read looks at the whole tail again: most bytes must be passed over by one comparison.
    let start = tail
        .windows(LINE_END.len() + prefix.len() + 1)
        .rposition(|rest| rest.first() == LINE_END.first() && begins(rest).is_some())?;
    let text = tail.get(start + 2..)?;
    let length = text.windows(2).position(|window| window == b"\r\n")?;
    let line = Line::new(text.get(..length)?);
    let before = tail.get(..start)?;
    let end = |payload: usize, line_ends| {
        let trailer = start + LINE_END.len() + length + LINE_END.len() - payload;
        End { payload, trailer, line: line.clone(), line_ends }
    };

    if let (Some(0), Some(count)) = (line.number(0), line.number(1)) {
        let payload = usize::try_from(count.checked_sub(received)?).ok()?;
        let lines = before.get(payload..)?;
        let acknowledged = lines.windows(ACKNOWLEDGEMENT.len()).any(|window| window == ACKNOWLEDGEMENT);
        let line_ends = lines.chunks(LINE_END.len()).take_while(|chunk| *chunk == LINE_END).map(|_| 1).sum();
        if line_ends == 0isize || !acknowledged {
            return None;
        }
        // Another line there is the end of the payload, pushed out by bytes that were added.
        if lines.split(|byte| *byte == b'\n').all(may_follow_payload) {
            return Some(end(payload, Some(line_ends)));
        }
    }
    // An error, or a number that is not that of the bytes, with or without an OK before it.
    let acknowledgement = before.windows(ACKNOWLEDGEMENT.len()).rposition(|window| window == ACKNOWLEDGEMENT);
    Some(end(acknowledgement.unwrap_or(start), None))
}

/// Whether a line may come between a payload and the line that ends it.
fn may_follow_payload(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.is_empty() || line == b"OK" || looks_unsolicited(line)
}

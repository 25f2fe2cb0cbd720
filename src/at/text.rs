//! Payload without a count: the text of a listing, which a line ends, and coded streams, which tell themselves where
//! they end.

use std::time::Duration;

use log::debug;

use super::block::Payload;
use super::framer::MAX_LINE;
use super::line::Line;
use super::reply::Reply;
use super::sink::Sink;
use super::urc::Effect;
use crate::error::{Phase, Result};

/// Most text taken in up to its end, lines included that are left out.
const LONGEST_TEXT: usize = 64 << 20;

impl Payload<'_> {
    /// Takes in the text of a listing, line by line and unchanged, up to the line for which `is_end` holds, which is
    /// returned. `at_line_start` tells whether the next byte starts a line. For text whose length is not announced,
    /// or not reliably; unsolicited result codes are left out.
    ///
    /// # Errors
    /// A loss, a line without end, a silence of more than `inactivity`, a lost port.
    pub fn text(
        &mut self,
        mut at_line_start: bool,
        sink: &mut Sink<'_>,
        inactivity: Duration,
        is_end: impl Fn(&Reply<'_>) -> bool,
    ) -> Result<Line> {
        let mut left = LONGEST_TEXT;
        loop {
            sink.check().map_err(|error| self.parts.interrupted(error))?;
            let waiting = self.parts.link.waiting();
            match waiting.iter().position(|byte| *byte == b'\n') {
                Some(end) if end >= left => return Err(self.parts.protocol("the listing does not end")),
                Some(end) => {
                    left -= end;
                    let line = Line::new(waiting.get(..=end).unwrap_or_default().trim_ascii());
                    if at_line_start && is_end(&line.reply()) {
                        self.parts.link.consume(end + 1);
                        return Ok(line);
                    }
                    if at_line_start && line.information().is_some() {
                        // No server begins a line of a listing like this; the module says it on its own.
                        self.parts.link.consume(end + 1);
                        if let Some(Effect::Lose(kind)) = self.parts.inbox.effect(&line.reply()) {
                            return Err(self.parts.lost(kind, &line));
                        }
                        debug!(
                            "{}: unexpected line {}",
                            self.parts.link.name(),
                            self.parts.report.outline(line.bytes())
                        );
                        continue;
                    }
                    self.pass_on(end + 1, sink);
                    at_line_start = true;
                }
                None if waiting.len() > MAX_LINE => return Err(self.parts.protocol("a line without end")),
                None => {
                    let deadline = self.parts.deadline(Phase::Data, inactivity);
                    self.fill_payload(deadline)?;
                }
            }
        }
    }

    /// Takes in payload that tells itself where it ends. `take` is given what has come; it returns the number of
    /// these bytes that it is done with, and whether the payload is over.
    ///
    /// # Errors
    /// A silence of more than `inactivity`, a cancellation, a lost port. The payload is still coming then.
    pub fn stream(&mut self, inactivity: Duration, mut take: impl FnMut(&[u8]) -> (usize, bool)) -> Result<()> {
        loop {
            let (used, is_over) = take(self.parts.link.waiting());
            self.parts.link.consume(used);
            if is_over {
                return Ok(());
            }
            let deadline = self.parts.deadline(Phase::Data, inactivity);
            self.fill_payload(deadline)?;
        }
    }
}

//! What shows that bytes were lost or added on the line, where no count does.

use super::Engine;
use crate::at::reply;
use crate::at::sink::Sink;
use crate::at::urc::{Effect, Rule};
use crate::error::Result;

/// What has left that a module in data mode takes for payload, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unheard {
    /// Made up in place of payload that was promised.
    pub fill: u64,
    /// Probes that had no answer, and what ends a data mode that nobody knows of.
    pub knocks: u64,
}

impl Engine {
    /// How many bytes of line ends stood before the line or head that came last.
    pub fn blank_before(&self) -> usize {
        self.blank_before
    }

    /// Whether the line that came last had no line end, so that the rest of it may still come. If it does, that is an error.
    pub fn is_cut(&self) -> bool {
        self.ended_by_silence
    }

    /// What was sent so far that had no answer, or had to be sent as payload: a module in data mode has taken it.
    pub fn unheard(&self) -> Unheard {
        self.unheard
    }

    /// Says that payload leaves now.
    pub(in crate::at) fn mark_payload(&mut self) {
        self.behind_payload = 0;
    }

    /// Whether the command sent last is the first behind payload: bytes that were added to that on its way stand in front of it.
    pub fn is_first_behind_payload(&self) -> bool {
        self.behind_payload == 1
    }

    /// How many final results have come so far that answer nothing. In the middle of an exchange they are a piece of payload, or the
    /// end of one: bytes were added or lost on the line.
    pub fn strays(&self) -> u64 {
        self.strays
    }

    /// How many lines have come so far that nobody waits for and that modules do not say on their own. Where nothing was announced
    /// they may be what should have been.
    pub fn unclaimed(&self) -> u64 {
        self.unclaimed
    }

    /// Whether one of the last lines of a block would be an alarm outside it: then it may be one, in the payload's place.
    pub fn holds_alarm(&self, sink: &Sink<'_>) -> bool {
        let is_alarm = |line: &[u8]| {
            self.rule(&reply::parse(line)).is_some_and(|Rule { effect, .. }| matches!(effect, Effect::Alarm(_)))
        };
        sink.lines().any(is_alarm)
    }

    /// Makes sure that no final result has come since `before`, which is what [`Self::strays`] was then, that answers nothing.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol).
    pub fn nothing_stray_since(&mut self, before: u64) -> Result<()> {
        if self.strays == before {
            return Ok(());
        }
        Err(self.protocol("a result that answers nothing stands between the blocks"))
    }

    /// Makes sure that no data have come with an answer that is empty: `before` is what [`Self::unclaimed`] was before it.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol): data have come whose announcement was lost. An alarm.
    pub fn nothing_unclaimed_since(&mut self, before: u64) -> Result<()> {
        self.look()?;
        if self.unclaimed == before {
            return Ok(());
        }
        Err(self.protocol("lines came that nothing announced, in place of data"))
    }
}

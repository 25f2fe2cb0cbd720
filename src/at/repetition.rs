//! A command line that is sent once more, where the module refuses it with a bare `ERROR`.
//!
//! A module answers so to a line that it cannot read: a byte was changed, lost or added on the way. Nothing was done
//! then, and the same line may succeed. What the server refuses is answered later than the module's own judgement.

use std::time::{Duration, Instant};

use super::command::ROOM;
use super::reply::{ErrorCode, FinalResult};
use super::short::Short;

/// How soon the module refuses a line that it cannot read, beyond the time of the line itself. A server takes longer.
const SOON: Duration = Duration::from_millis(100);

/// The command in flight, as long as it may be sent once more.
pub(super) struct Repetition {
    pub line: Short<ROOM>,
    until: Instant,
}

impl Repetition {
    /// The command `line`, which has left at `sent`.
    pub fn of(line: Short<ROOM>, sent: Instant) -> Self {
        Repetition { line, until: sent + SOON }
    }

    /// Whether `result`, which is the first answer to the command, is a reason to repeat it.
    pub fn is_due(&self, result: &FinalResult, now: Instant) -> bool {
        matches!(result, FinalResult::Error(ErrorCode::None)) && now <= self.until
    }
}

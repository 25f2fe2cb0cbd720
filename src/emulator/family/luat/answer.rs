//! How a command is answered.

use crate::emulator::command::Malformed;

/// Why a command is refused.
pub(super) enum Refusal {
    /// Its parameters are wrong.
    Format,
    /// It does not fit the state of the session.
    State,
    /// `+CME ERROR: <code>`, if `AT+CMEE` allows.
    Code(u16),
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self::Format
    }
}

/// A command that is not refused has been answered, or is in progress.
pub(super) type Answer = Result<(), Refusal>;

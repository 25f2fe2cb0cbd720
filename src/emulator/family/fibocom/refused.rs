//! How a command is refused.

use super::options::Refusal;
use crate::emulator::basic::error::{BAD_PARAMETERS, NOT_ALLOWED};
use crate::emulator::command::Malformed;
use crate::emulator::modem::Modem;

/// Why a command is refused at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its parameters are wrong.
    Parameters,
    /// It cannot be executed now.
    State,
    /// There is a session already.
    Active,
}

impl Refused {
    /// Ends the command.
    pub(super) fn say(self, refusal: Refusal, modem: &mut Modem) {
        match (refusal, self) {
            (Refusal::Cme, Self::Parameters) => modem.cme(BAD_PARAMETERS),
            (Refusal::Cme, _) => modem.cme(NOT_ALLOWED),
            // Motorola G24 AT commands reference manual, "Interaction with Other MIP Commands".
            (Refusal::Numbered, Self::Active) => modem.result("ERROR: 302"),
            _ => modem.error(),
        }
    }
}

impl From<Malformed> for Refused {
    fn from(_: Malformed) -> Self {
        Self::Parameters
    }
}

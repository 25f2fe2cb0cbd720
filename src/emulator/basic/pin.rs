//! `AT+CPIN`: 3GPP TS 27.007 §8.3.

use super::Failed;
use super::error::{BAD_PARAMETERS, NO_SIM, NOT_ALLOWED, PIN_REQUIRED, PUK_REQUIRED, WRONG_PASSWORD};
use super::sim::Card;
use super::state::Basic;
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

impl Basic {
    /// Why a command that needs the card fails, if it does.
    pub(super) fn missing_card(&self) -> Option<u16> {
        match self.sim.card() {
            Card::Missing => Some(NO_SIM),
            Card::Locked => Some(PIN_REQUIRED),
            Card::Blocked => Some(PUK_REQUIRED),
            Card::Ready => None,
        }
    }

    /// Whether there is a card that lets the module in.
    pub(crate) fn has_card(&self) -> bool {
        self.sim.card() == Card::Ready
    }
}

/// `AT+CPIN`
pub(super) fn command(command: &Command<'_>, modem: &mut Modem) -> Result<(), Failed> {
    match command.form {
        Form::Test => Ok(()),
        Form::Execute => Err(Failed(BAD_PARAMETERS)),
        Form::Read => {
            modem.line(match modem.basic.sim.card() {
                Card::Missing => return Err(Failed(NO_SIM)),
                Card::Locked => "+CPIN: SIM PIN",
                Card::Blocked => "+CPIN: SIM PUK",
                Card::Ready => "+CPIN: READY",
            });
            Ok(())
        }
        Form::Set => enter(command, modem),
    }
}

/// `AT+CPIN=<pin>`
fn enter(command: &Command<'_>, modem: &mut Modem) -> Result<(), Failed> {
    let pin = command.parse(|list| list.text(4..=8))?;
    match modem.basic.sim.card() {
        Card::Missing => Err(Failed(NO_SIM)),
        Card::Blocked => Err(Failed(WRONG_PASSWORD)),
        Card::Ready => Err(Failed(NOT_ALLOWED)),
        Card::Locked if modem.basic.sim.unlock(&pin) => Ok(()),
        Card::Locked => Err(Failed(WRONG_PASSWORD)),
    }
}

//! The SIM card: 3GPP TS 27.007 §8.3.

use super::Failed;
use super::state::{BAD_PARAMETERS, Basic, NO_SIM, NOT_ALLOWED, PIN_REQUIRED, PUK_REQUIRED, WRONG_PASSWORD};
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// Wrong attempts until the card asks for the PUK.
const TRIES: u8 = 3;

/// The card, as the module finds it and as the host has unlocked it.
#[derive(Clone, Debug)]
pub(super) struct Sim {
    pub(super) ready: bool,
    pub(super) pin: Option<String>,
    pub(super) pin_entered: bool,
    pub(super) wrong_pins: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Card {
    Missing,
    Locked,
    Blocked,
    Ready,
}

impl Basic {
    fn card(&self) -> Card {
        match &self.sim.pin {
            _ if !self.sim.ready => Card::Missing,
            Some(_) if self.sim.wrong_pins >= TRIES => Card::Blocked,
            Some(_) if !self.sim.pin_entered => Card::Locked,
            _ => Card::Ready,
        }
    }

    /// Why a command that needs the card fails, if it does.
    pub(super) fn missing_card(&self) -> Option<u16> {
        match self.card() {
            Card::Missing => Some(NO_SIM),
            Card::Locked => Some(PIN_REQUIRED),
            Card::Blocked => Some(PUK_REQUIRED),
            Card::Ready => None,
        }
    }

    /// Whether there is a card that lets the module in.
    pub(crate) fn has_card(&self) -> bool {
        self.card() == Card::Ready
    }
}

/// `AT+CPIN`
pub(super) fn pin(command: &Command<'_>, modem: &mut Modem) -> Result<(), Failed> {
    match command.form {
        Form::Test => Ok(()),
        Form::Execute => Err(Failed(BAD_PARAMETERS)),
        Form::Read => {
            modem.line(match modem.basic.card() {
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
    match modem.basic.card() {
        Card::Missing => Err(Failed(NO_SIM)),
        Card::Blocked => Err(Failed(WRONG_PASSWORD)),
        Card::Ready => Err(Failed(NOT_ALLOWED)),
        Card::Locked if modem.basic.sim.pin.as_ref() == Some(&pin) => {
            modem.basic.sim.pin_entered = true;
            modem.basic.sim.wrong_pins = 0;
            Ok(())
        }
        Card::Locked => {
            modem.basic.sim.wrong_pins = modem.basic.sim.wrong_pins.saturating_add(1);
            Err(Failed(WRONG_PASSWORD))
        }
    }
}

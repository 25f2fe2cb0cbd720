//! The SIM card and the network: 3GPP TS 27.007 §7.2, §8.3, §10.1.20 and §10.1.22.

use crate::emulator::basic::state::{Basic, NO_SIM, PIN_REQUIRED, PUK_REQUIRED, WRONG_PASSWORD};
use crate::emulator::command::{Command, Form, Malformed};
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

    /// Whether the network has let the module in.
    pub(crate) fn is_registered(&self) -> bool {
        self.registered && self.has_card()
    }

    /// Whether a PDP context can be activated, as far as the network is concerned.
    pub(crate) fn is_attached(&self) -> bool {
        self.is_registered() && self.attached
    }

    /// `<stat>` of `AT+CREG?` and its like.
    pub(super) fn registration_state(&self) -> u8 {
        match (self.is_registered(), self.registration_state) {
            (true, state) => state.unwrap_or(1),
            (false, Some(state)) if !matches!(state, 1 | 5) => state,
            (false, _) => 0,
        }
    }
}

/// `AT+CPIN`: whether it was answered with an error of the card.
pub(super) fn pin(command: &Command<'_>, modem: &mut Modem) -> Result<(), u16> {
    match command.form {
        Form::Test => Ok(()),
        Form::Execute => Err(super::BAD_PARAMETERS),
        Form::Read => {
            modem.line(match modem.basic.card() {
                Card::Missing => return Err(NO_SIM),
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
fn enter(command: &Command<'_>, modem: &mut Modem) -> Result<(), u16> {
    let pin = command.parameters().and_then(|mut list| {
        let pin = list.text(4..=8)?;
        list.end().map(|()| pin)
    });
    let pin = pin.map_err(|Malformed| super::BAD_PARAMETERS)?;
    match modem.basic.card() {
        Card::Missing => Err(NO_SIM),
        Card::Blocked => Err(WRONG_PASSWORD),
        Card::Ready => Err(super::NOT_ALLOWED),
        Card::Locked if modem.basic.sim.pin.as_ref() == Some(&pin) => {
            modem.basic.sim.pin_entered = true;
            modem.basic.sim.wrong_pins = 0;
            Ok(())
        }
        Card::Locked => {
            modem.basic.sim.wrong_pins = modem.basic.sim.wrong_pins.saturating_add(1);
            Err(WRONG_PASSWORD)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::emulator::testing::Bench;
    use crate::emulator::{Family, Options};

    const OK: &str = "\r\nOK\r\n";

    fn bench(options: Options) -> Bench {
        Bench::new(Family::Generic, options.with_echo(false).with_cmee(1))
    }

    fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
        for (line, answer) in exchanges {
            assert_eq!(bench.command(line), *answer, "{line}");
        }
    }

    fn answered(line: &str) -> String {
        format!("\r\n{line}\r\n\r\nOK\r\n")
    }

    fn cme(code: u16) -> String {
        format!("\r\n+CME ERROR: {code}\r\n")
    }

    #[test]
    fn without_a_card_there_is_no_network() {
        let mut bench = bench(Options::default().with_sim_ready(false));
        play(
            &mut bench,
            &[
                ("AT+CPIN?", &cme(10)),
                ("AT+CPIN=1234", &cme(10)),
                ("AT+CIMI", &cme(10)),
                ("AT+CEREG?", &answered("+CEREG: 0,0")),
                ("AT+CGACT=1,1", &cme(50)),
            ],
        );
    }

    #[test]
    fn a_locked_card_wants_its_pin() {
        let mut bench = bench(Options::default().with_sim_pin("1234"));
        play(
            &mut bench,
            &[
                ("AT+CPIN?", &answered("+CPIN: SIM PIN")),
                ("AT+CIMI", &cme(11)),
                ("AT+CEREG?", &answered("+CEREG: 0,0")),
                ("AT+CGACT=1,1", &cme(50)),
                ("AT+CPIN=\"4321\"", &cme(16)),
                ("AT+CPIN=\"1234\"", OK),
                ("AT+CPIN?", &answered("+CPIN: READY")),
                ("AT+CEREG?", &answered("+CEREG: 0,1")),
                ("AT+CGACT=1,1", OK),
                ("AT+CPIN=1234", &cme(3)),
            ],
        );
    }

    #[test]
    fn three_wrong_pins_block_the_card() {
        let mut bench = bench(Options::default().with_sim_pin("1234"));
        for _ in 0..3 {
            assert_eq!(bench.command("AT+CPIN=0000"), cme(16));
        }
        play(
            &mut bench,
            &[("AT+CPIN?", &answered("+CPIN: SIM PUK")), ("AT+CPIN=1234", &cme(16)), ("AT+CIMI", &cme(12))],
        );
    }

    #[test]
    fn registration_and_attachment_are_shown_as_they_are() {
        for (state, usable) in [(0, false), (1, true), (2, false), (3, false), (5, true)] {
            let mut bench = bench(Options::default().with_registration_state(state));
            for name in ["+CREG", "+CGREG", "+CEREG"] {
                assert_eq!(bench.command(&format!("AT{name}?")), answered(&format!("{name}: 0,{state}")));
            }
            assert_eq!(bench.command("AT+CGACT=1,1") == OK, usable, "{state}");
        }
        let mut detached = bench(Options::default().with_attached(false));
        play(
            &mut detached,
            &[
                ("AT+CGATT?", &answered("+CGATT: 0")),
                ("AT+CGACT=1,1", &cme(50)),
                ("AT+CGATT=1", OK),
                ("AT+CGACT=1,1", OK),
            ],
        );
        let mut alone = bench(Options::default().with_attached(false).with_registered(false));
        play(&mut alone, &[("AT+CGATT=1", &cme(30)), ("AT+CGATT?", &answered("+CGATT: 0"))]);
    }
}

//! The serial line: V.250 §6.2.10 and §6.2.12.

use super::{Answer, Failed, setting};
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// The rates that can be set. 0 is automatic.
const RATES: [u64; 11] = [0, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_000_000];

/// `AT+IPR`: the number is stored, and the line keeps its rate.
pub(super) fn rate(command: &Command<'_>, modem: &mut Modem) -> Answer {
    let listed = RATES.map(|rate| rate.to_string()).join(",");
    let range = format!("(),({listed})");
    let is_allowed = |rate| RATES.contains(&rate);
    setting(command, modem, &range, is_allowed, |basic| basic.rate, |basic, value| basic.rate = value)
}

/// `AT+IFC`
pub(super) fn flow(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line("+IFC: (0-2),(0-2)"),
        Form::Read => {
            let (from_host, to_host) = modem.basic.flow;
            modem.line(&format!("+IFC: {from_host},{to_host}"));
        }
        Form::Set => {
            let flow = command.parse(|list| Ok((list.number(0..=2)?, list.optional_number(0..=2)?.unwrap_or(0))));
            return Some(flow.map(|flow| modem.basic.flow = flow).map_err(Failed::from));
        }
    }
    Some(Ok(()))
}

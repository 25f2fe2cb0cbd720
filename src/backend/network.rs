//! Signal and registration, which are queried in the same way on every module (3GPP TS 27.007 §8.5, §7.2, §10.1).

use super::codes::is_refusal;
use super::context::COMMAND_LIMIT;
use crate::at::{Command, Engine, Line};
use crate::error::Result;
use crate::modem::{Network, Registration};

/// Queries the signal, and the registration in the packet domains that a module may have: LTE first.
pub fn status(engine: &mut Engine) -> Result<Network> {
    let signal = query(engine, Command::run("+CSQ"))?.and_then(|line| dbm(line.number(0)?));
    let mut registration = Registration::Unknown;
    for command in ["+CEREG", "+CGREG", "+CREG"] {
        let state = query(engine, Command::read(command))?.and_then(|line| line.number(1));
        let state = state.map_or(Registration::Unknown, registration_of);
        if state.is_registered() || registration == Registration::Unknown {
            registration = state;
        }
        if registration.is_registered() {
            break;
        }
    }
    Ok(Network::new(signal, registration))
}

/// The first line of an answer; none where the module does not know the command.
fn query(engine: &mut Engine, command: Command) -> Result<Option<Line>> {
    match engine.execute(command, COMMAND_LIMIT) {
        Ok(answer) => Ok(answer.lines.into_iter().next()),
        Err(error) if is_refusal(error.kind()) || error.module_code().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

/// `<rssi>` of CSQ: 0 is -113 dBm or less, 31 is -51 dBm or more, 99 is not known.
fn dbm(rssi: u64) -> Option<i16> {
    match i16::try_from(rssi) {
        Ok(rssi @ 0..=31) => Some(-113 + 2 * rssi),
        _ => None,
    }
}

fn registration_of(state: u64) -> Registration {
    match state {
        0 => Registration::NotSearching,
        1 => Registration::Home,
        2 => Registration::Searching,
        3 => Registration::Denied,
        5 => Registration::Roaming,
        _ => Registration::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signal_in_dbm() {
        for (rssi, expected) in [(0, Some(-113)), (25, Some(-63)), (31, Some(-51)), (32, None), (99, None)] {
            assert_eq!(dbm(rssi), expected, "{rssi}");
        }
    }
}

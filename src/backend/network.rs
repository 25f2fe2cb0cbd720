//! SIM card, signal and registration, which are queried in the same way on every module (3GPP TS 27.007 §7.2, §8.3,
//! §8.5, §10.1), and the cause of an activation that failed.

use log::debug;

use super::codes::{is_refusal, unless_error_result};
use super::context::COMMAND_LIMIT;
use crate::at::{Command, Engine, Line};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Network, Registration, SimState};

/// Queries SIM card and signal, and the registration in the packet domains that a module may have: LTE first.
pub fn status(engine: &mut Engine) -> Result<Network> {
    let sim = sim(engine)?;
    let signal = query(engine, Command::run("+CSQ"))?.and_then(|line| dbm(line.number(0)?));
    Ok(Network::new(signal, registration(engine)?).with_sim(sim))
}

/// Queries why an activation failed with `error`, and returns the error with the cause. What the module does not
/// report leaves the error as it is.
pub fn explained(engine: &mut Engine, error: Error) -> Error {
    use ErrorKind::{BearerFailed, BearerLost, ModuleRefused, NetworkTimeout, Timeout};
    let may_have_cause = matches!(error.kind(), BearerFailed | BearerLost | ModuleRefused | NetworkTimeout | Timeout);
    if !may_have_cause || error.is_advised() || !error.module_usable() {
        return error;
    }
    match cause(engine) {
        Ok(Cause::Found(kind, detail, advice)) => error.caused_by(kind, detail, advice),
        Ok(Cause::AccessPoint) if error.kind() == BearerFailed => {
            error.advising("check the name of the access point, its user name and its password")
        }
        Ok(Cause::AccessPoint | Cause::Unknown) => error,
        Err(other) => {
            debug!("the cause of the failed activation cannot be queried: {other}");
            error
        }
    }
}

/// Why an activation failed.
enum Cause {
    /// Kind, detail and advice.
    Found(ErrorKind, &'static str, &'static str),
    /// The module is attached to the network: what is left is the access point.
    AccessPoint,
    /// The module does not report enough.
    Unknown,
}

fn cause(engine: &mut Engine) -> Result<Cause> {
    let card = match sim(engine)? {
        SimState::Ready | SimState::Unknown => None,
        SimState::NotInserted => Some(("no SIM card found", "insert a SIM card, or check its contacts")),
        SimState::PinRequired => Some(("the SIM card waits for its PIN", "unlock the card with its PIN")),
        SimState::PukRequired => {
            Some(("the SIM card is blocked and waits for its PUK", "unlock the card with its PUK"))
        }
        SimState::Locked => {
            Some(("module and SIM card are locked to each other or to an operator", "unlock the module"))
        }
        SimState::Failed => Some(("the SIM card cannot be read", "check or replace the SIM card")),
    };
    if let Some((detail, advice)) = card {
        return Ok(Cause::Found(ErrorKind::SimUnavailable, detail, advice));
    }
    let without_network = |detail, advice| Ok(Cause::Found(ErrorKind::BearerFailed, detail, advice));
    match registration(engine)? {
        Registration::Home | Registration::Roaming => {}
        Registration::Searching => {
            let advice = "check antenna and coverage, and wait for the registration";
            return without_network("not registered: the module is searching for a network", advice);
        }
        Registration::NotSearching => {
            let detail = "not registered: the module has found no network and does not search for one";
            return without_network(detail, "check antenna and coverage");
        }
        Registration::Denied => {
            let advice = "check the contract of the SIM card and its permission to roam";
            return without_network("not registered: the network denies the registration", advice);
        }
        Registration::Unknown => return Ok(Cause::Unknown),
    }
    match query(engine, Command::read("+CGATT"))?.and_then(|line| line.number(0)) {
        Some(0) => without_network(
            "registered, but not attached to the packet service",
            "check that the contract of the SIM card includes data",
        ),
        Some(1) => Ok(Cause::AccessPoint),
        _ => Ok(Cause::Unknown),
    }
}

/// Queries the state of the SIM card. A module without a card answers with an error; where errors have no codes, the
/// codes are switched on for this query.
pub(super) fn sim(engine: &mut Engine) -> Result<SimState> {
    if let Some(state) = card(engine)? {
        return Ok(state);
    }
    let codes = query(engine, Command::read("+CMEE"))?.and_then(|line| line.number(0));
    if codes != Some(0) {
        return Ok(SimState::Unknown);
    }
    let number_errors = |on: u8| Command::set("+CMEE").number(on);
    let _ = query(engine, number_errors(1))?;
    let state = card(engine)?;
    let _ = query(engine, number_errors(0))?;
    Ok(state.unwrap_or(SimState::Unknown))
}

/// The state of the SIM card; none where the module refuses the query without a code.
fn card(engine: &mut Engine) -> Result<Option<SimState>> {
    match engine.execute(Command::read("+CPIN"), COMMAND_LIMIT) {
        Ok(answer) => {
            let body = answer.first().and_then(|line| line.information().map(|line| line.body.to_vec()));
            Ok(Some(body.map_or(SimState::Unknown, |body| sim_state(&String::from_utf8_lossy(&body)))))
        }
        Err(error) => match error.module_code() {
            // The numbers and words of 3GPP TS 27.007 §9.2.
            Some(code) => Ok(Some(sim_state(code.meaning.unwrap_or(&code.value)))),
            None if is_refusal(error.kind()) => Ok(None),
            None => Err(error),
        },
    }
}

/// The state in `+CPIN: <code>` (3GPP TS 27.007 §8.3), or the meaning of an error in its place. `NOT INSERTED` and
/// `NOT READY` are SIMCom's (SIM800 AT manual V1.09, SIM7000 AT manual V1.06, CPIN).
fn sim_state(text: &str) -> SimState {
    match text.trim().trim_matches('"').to_ascii_uppercase().as_str() {
        // The second PIN protects lists of the card only.
        "READY" | "SIM PIN2" | "SIM PUK2" => SimState::Ready,
        "SIM PIN" | "SIM PIN REQUIRED" => SimState::PinRequired,
        "SIM PUK" | "SIM PUK REQUIRED" => SimState::PukRequired,
        "NOT INSERTED" | "SIM NOT INSERTED" | "SIM REMOVED" => SimState::NotInserted,
        "SIM FAILURE" | "SIM WRONG" => SimState::Failed,
        text if text.starts_with("PH-") => SimState::Locked,
        _ => SimState::Unknown,
    }
}

/// Queries the registration in the packet domains that a module may have: LTE first.
fn registration(engine: &mut Engine) -> Result<Registration> {
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
    Ok(registration)
}

/// The first line of an answer; none where the module does not know the command.
fn query(engine: &mut Engine, command: Command) -> Result<Option<Line>> {
    let answer = unless_error_result(engine.execute(command, COMMAND_LIMIT))?;
    Ok(answer.and_then(|answer| answer.lines.into_iter().next()))
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

    #[test]
    fn states_of_the_card() {
        for (text, state) in [
            ("READY", SimState::Ready),
            ("\"READY\"", SimState::Ready),
            ("SIM PIN2", SimState::Ready),
            ("SIM PIN", SimState::PinRequired),
            ("SIM PIN required", SimState::PinRequired),
            ("SIM PUK", SimState::PukRequired),
            ("NOT INSERTED", SimState::NotInserted),
            ("SIM not inserted", SimState::NotInserted),
            ("PH-NET PIN", SimState::Locked),
            ("SIM failure", SimState::Failed),
            ("NOT READY", SimState::Unknown),
            ("", SimState::Unknown),
        ] {
            assert_eq!(sim_state(text), state, "{text}");
        }
    }
}

//! The PIN of the SIM card.

use std::time::Duration;

use log::{debug, info};

use super::codes::{is_refusal, unless_error_result};
use super::context::COMMAND_LIMIT;
use super::network;
use crate::at::{Command, Engine, Parameter};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::SimState;

/// A PIN has 4 to 8 digits (3GPP TS 31.101).
const PIN: Parameter = Parameter::quoted("PIN", 8).ascii().secret();

/// A query of the number of attempts that are left, and the place of the number in its answer.
type Counter = (fn() -> Command, usize);

/// The standard's (3GPP TS 27.007 §8.65), Quectel's (EC25&EC21 AT manual, QPINC), SIMCom's (SIM800 and SIM7000 AT
/// manuals, SPIC).
const COUNTERS: &[Counter] = &[
    (|| Command::set("+CPINR").literal("\"SIM PIN\""), 1),
    (|| Command::read("+QPINC"), 1),
    (|| Command::run("+SPIC"), 0),
];

/// The time in which a module reads a card that was unlocked and finds its network, and the pause between two queries.
const REGISTRATION_LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(1);

/// Checks that `pin` can be a PIN.
pub fn check(pin: &str) -> Result<()> {
    if (4..=8).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, "the PIN is not 4 to 8 digits"))
}

/// Enters `pin` if the card waits for it, and returns whether it did. The PIN is sent once, and only while more than
/// one attempt is left: a wrong PIN must not block the card.
pub fn unlock(engine: &mut Engine, pin: &str) -> Result<bool> {
    if network::sim(engine)? != SimState::PinRequired {
        return Ok(false);
    }
    let withheld =
        |detail: String, advice: &'static str| Err(Error::new(ErrorKind::SimUnavailable, detail).advising(advice));
    match attempts_left(engine)? {
        Some(left @ 2..) => debug!("{}: {left} attempts left for the PIN", engine.link().name()),
        Some(left) => {
            let detail = format!("the SIM card has {left} attempt left for its PIN, so the PIN was not sent");
            return withheld(detail, "enter the right PIN in a telephone");
        }
        None => {
            let detail = "the module does not report how many attempts are left for the PIN, so the PIN was not sent";
            return withheld(detail.to_owned(), "enter the PIN by the command AT+CPIN yourself");
        }
    }
    let entered = engine.execute(Command::set("+CPIN").text(&PIN, pin), COMMAND_LIMIT);
    let _ = entered.map_err(|error| match is_refusal(error.kind()) || error.module_code().is_some() {
        true => error.caused_by(ErrorKind::SimUnavailable, "the SIM card refused the PIN", "check the PIN"),
        false => error,
    })?;
    info!("{}: the SIM card accepted the PIN", engine.link().name());
    await_registration(engine)?;
    Ok(true)
}

/// The number of attempts that are left for the PIN; none where the module does not report it.
fn attempts_left(engine: &mut Engine) -> Result<Option<u64>> {
    for (query, place) in COUNTERS {
        // Only a line with the command's own prefix counts: the number of a URC could cost the last attempt.
        let answer = unless_error_result(engine.execute(query(), COMMAND_LIMIT))?;
        let left = answer.and_then(|answer| answer.lines.iter().find_map(|line| line.number(*place)));
        if left.is_some() {
            return Ok(left);
        }
    }
    Ok(None)
}

/// Waits until the module has registered. A module that finds no network in time is no error here: what needs the
/// network tells the cause.
fn await_registration(engine: &mut Engine) -> Result<()> {
    let end = engine.now() + REGISTRATION_LIMIT;
    while engine.now() < end {
        // A card that is being read is busy.
        if unless_error_result(network::status(engine))?.is_some_and(|network| network.registration.is_registered()) {
            return Ok(());
        }
        engine.wait(Phase::Acknowledgement, PAUSE)?;
    }
    Ok(())
}

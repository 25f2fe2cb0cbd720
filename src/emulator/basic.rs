//! The commands every module has: ITU-T V.250 and 3GPP TS 27.007.

mod context;
pub(crate) mod error;
mod identity;
mod network;
mod packet;
mod pin;
mod serial;
mod sim;
pub(crate) mod state;

use super::command::{self, Command, Form, Malformed};
use super::dialect::Handled;
use super::modem::Modem;
use error::BAD_PARAMETERS;
use state::Basic;

/// The command failed with this number of 3GPP TS 27.007 §9.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Failed(u16);

impl From<Malformed> for Failed {
    fn from(_: Malformed) -> Self {
        Self(BAD_PARAMETERS)
    }
}

/// How a command is answered behind the lines it prints: with `OK` or an error. `None` if there is no such form.
type Answer = Option<Result<(), Failed>>;

/// Executes a command of this set.
pub(crate) fn command(command: &Command<'_>, modem: &mut Modem) -> Handled {
    let answer = match command.name.as_str() {
        "E" => numbered(command, 1, |number| modem.basic.echo = number == 1),
        "&D" => numbered(command, 2, |number| modem.basic.dtr = number),
        "Z" | "&F" | "V" | "Q" | "&W" | "&C" | "X" => Some(settled(command).map_err(Failed::from)),
        "S3" => line_end(command, modem),
        "I" => numbered(command, 0, |_| identity::identify(modem)),
        "+CGMI" | "+GMI" | "+CGMM" | "+GMM" | "+CGMR" | "+GMR" | "+CGSN" | "+GSN" | "+CIMI" => {
            identity::command(command, modem)
        }
        "+CMEE" => error_form(command, modem),
        "+CREG" | "+CGREG" | "+CEREG" => network::registration(command, modem),
        "+CGATT" => network::attachment(command, modem),
        "+CSQ" => network::signal(command, modem),
        "+COPS" => network::operator(command, modem),
        "+CPIN" => Some(pin::command(command, modem)),
        "+CFUN" => function(command, modem),
        "+CGDCONT" => packet::define(command, modem),
        "+CGACT" => packet::activate(command, modem),
        "+CGPADDR" => packet::address(command, modem),
        "+IPR" => serial::rate(command, modem),
        "+IFC" => serial::flow(command, modem),
        _ => None,
    };
    match answer {
        None => return Handled::No,
        Some(Ok(())) => modem.ok(),
        Some(Err(Failed(code))) if command.name.starts_with('+') => modem.cme(code),
        Some(Err(_)) => modem.error(),
    }
    Handled::Yes
}

/// A basic command with a number up to `highest`; a missing one is 0 (V.250 §5.3.1).
fn numbered(command: &Command<'_>, highest: u64, apply: impl FnOnce(u64)) -> Answer {
    let number = match command.form {
        Form::Execute => Ok(0),
        _ => command::number(command.arguments, 0..=highest),
    };
    Some(number.map(apply).map_err(Failed::from))
}

/// Basic commands that support the value in force only.
fn settled(command: &Command<'_>) -> Result<(), Malformed> {
    let allowed: &[&[u8]] = match command.name.as_str() {
        "V" => &[b"1"],
        "&C" => &[b"0", b"1"],
        "X" => &[b"", b"0", b"1", b"2", b"3", b"4"],
        _ => &[b"", b"0"],
    };
    if allowed.contains(&command.arguments) { Ok(()) } else { Err(Malformed) }
}

/// `ATS3`: the character that ends a line, which cannot be changed.
fn line_end(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Set => Some(command.parse(|list| list.number(13..=13)).map(drop).map_err(Failed::from)),
        Form::Read => {
            modem.line("013");
            Some(Ok(()))
        }
        Form::Execute | Form::Test => None,
    }
}

/// `AT+CMEE`
fn error_form(command: &Command<'_>, modem: &mut Modem) -> Answer {
    let value = |basic: &Basic| u64::from(basic.cmee);
    setting(
        command,
        modem,
        "(0,1,2)",
        |value| value <= 2,
        value,
        |basic, value| {
            basic.cmee = u8::try_from(value).unwrap_or_default();
        },
    )
}

/// A single number, settable and readable.
fn setting(
    command: &Command<'_>,
    modem: &mut Modem,
    range: &str,
    is_allowed: impl FnOnce(u64) -> bool,
    value: impl FnOnce(&Basic) -> u64,
    apply: impl FnOnce(&mut Basic, u64),
) -> Answer {
    let name = &command.name;
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line(&format!("{name}: {range}")),
        Form::Read => modem.line(&format!("{name}: {}", value(&modem.basic))),
        Form::Set => {
            let number = command.parse(|list| list.number(0..=u64::MAX)).ok().filter(|number| is_allowed(*number));
            let applied = number.map(|number| apply(&mut modem.basic, number));
            return Some(applied.ok_or(Failed(BAD_PARAMETERS)));
        }
    }
    Some(Ok(()))
}

/// `AT+CFUN`
fn function(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line("+CFUN: (0,1,4),(0,1)"),
        Form::Read => {
            let text = format!("+CFUN: {}", modem.basic.function);
            modem.line(&text);
        }
        Form::Set => return Some(set_function(command, modem)),
    }
    Some(Ok(()))
}

fn set_function(command: &Command<'_>, modem: &mut Modem) -> Result<(), Failed> {
    let (function, restart) = command.parse(|list| Ok((list.number(0..=4)?, list.optional_number(0..=1)?)))?;
    if !matches!(function, 0 | 1 | 4) {
        return Err(Failed(BAD_PARAMETERS));
    }
    modem.basic.function = function;
    if function != 1 {
        modem.basic.deactivate_all();
    }
    modem.restart_requested = restart == Some(1);
    Ok(())
}

#[cfg(test)]
mod tests;

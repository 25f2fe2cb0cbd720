//! The commands every module has: ITU-T V.250 and 3GPP TS 27.007.

mod sim;
pub(crate) mod state;

use super::command::{Command, Form, Malformed, Parameters};
use super::dialect::Handled;
use super::modem::Modem;
pub(crate) use state::{BAD_PARAMETERS, NOT_ALLOWED};
use state::{Basic, Context, NO_NETWORK, NO_SIM};

const RATES: [u64; 11] = [0, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_000_000];

/// The area and the cell that the module is in.
const PLACE: &str = ",\"2AC1\",\"05F1EA15\"";

/// Executes a command of this set.
pub(crate) fn command(command: &Command<'_>, modem: &mut Modem) -> Handled {
    let answered = match (command.name.as_str(), command.form) {
        ("E", _) => numbered(command, 1, |number| modem.basic.echo = number == 1),
        ("&D", _) => numbered(command, 2, |number| modem.basic.dtr = number),
        ("Z" | "&F" | "V" | "Q" | "&W" | "&C" | "X", _) => Some(settled(command)),
        ("S3", Form::Set) => {
            Some(Parameters::parse(command.arguments).and_then(|mut list| list.number(13..=13).map(drop)))
        }
        ("S3", Form::Read) => {
            modem.line("013");
            Some(Ok(()))
        }
        ("I", _) => numbered(command, 0, |_| ()).map(|checked| checked.map(|()| identify(modem))),
        ("+CIMI", Form::Execute) if modem.basic.missing_card().is_some() => {
            return fail(modem.basic.missing_card().unwrap_or(NO_SIM), modem);
        }
        ("+CGMI" | "+GMI" | "+CGMM" | "+GMM" | "+CGMR" | "+GMR" | "+CGSN" | "+GSN" | "+CIMI", _) => {
            identity(command, modem)
        }
        ("+CMEE", _) => setting(
            command,
            modem,
            "(0,1,2)",
            2,
            |basic| u64::from(basic.cmee),
            |basic, value| {
                basic.cmee = u8::try_from(value).unwrap_or_default();
            },
        ),
        ("+CREG" | "+CGREG" | "+CEREG", _) => registration(command, modem),
        ("+CGATT", Form::Set) => return attach(command, modem),
        ("+CGATT", _) => setting(command, modem, "(0,1)", 1, |basic| u64::from(basic.attached), |_, _| ()),
        ("+CPIN", _) => match sim::pin(command, modem) {
            Ok(()) => Some(Ok(())),
            Err(code) => return fail(code, modem),
        },
        ("+CSQ", Form::Execute) => {
            let strength = if modem.basic.is_registered() { 25 } else { 99 };
            modem.line(&format!("+CSQ: {strength},99"));
            Some(Ok(()))
        }
        ("+CSQ", Form::Test) => {
            modem.line("+CSQ: (0-31,99),(0-7,99)");
            Some(Ok(()))
        }
        ("+COPS", Form::Read) => {
            let registered = modem.basic.is_registered();
            modem.line(if registered { "+COPS: 0,0,\"CHINA MOBILE\",7" } else { "+COPS: 0" });
            Some(Ok(()))
        }
        ("+CFUN", _) => function(command, modem),
        ("+CGDCONT", _) => define_context(command, modem),
        ("+CGACT", _) => activate_context(command, modem),
        ("+CGPADDR", _) => address(command, modem),
        ("+IPR", _) => rate(command, modem),
        ("+IFC", _) => flow(command, modem),
        _ => None,
    };
    match answered {
        None => return Handled::No,
        Some(Ok(())) => modem.ok(),
        Some(Err(Malformed)) if command.name.starts_with('+') => modem.cme(BAD_PARAMETERS),
        Some(Err(Malformed)) => modem.error(),
    }
    Handled::Yes
}

fn fail(code: u16, modem: &mut Modem) -> Handled {
    modem.cme(code);
    Handled::Yes
}

/// `AT+CGATT=<state>`
fn attach(command: &Command<'_>, modem: &mut Modem) -> Handled {
    match super::command::number(command.arguments, 0..=1) {
        Err(Malformed) => fail(BAD_PARAMETERS, modem),
        Ok(1) if !modem.basic.is_registered() => fail(modem.basic.missing_card().unwrap_or(NO_NETWORK), modem),
        Ok(state) => {
            modem.basic.attached = state == 1;
            modem.ok();
            Handled::Yes
        }
    }
}

/// A command with an answer that is settled: `None` if there is no such form.
type Answer = Option<Result<(), Malformed>>;

/// A basic command with a number up to `highest`; a missing one is 0 (V.250 §5.3.1).
fn numbered(command: &Command<'_>, highest: u64, apply: impl FnOnce(u64)) -> Answer {
    let number = match command.form {
        Form::Execute => Ok(0),
        _ => super::command::number(command.arguments, 0..=highest),
    };
    Some(number.map(apply))
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

fn identify(modem: &mut Modem) {
    let identity = &modem.basic.identity;
    let text = format!("{}\r\n{}\r\nRevision: {}", identity.manufacturer, identity.model, identity.revision);
    modem.line(&text);
}

fn identity(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Test => return Some(Ok(())),
        Form::Execute => {}
        // 3GPP TS 27.007 §5.4: 1 asks for the IMEI.
        Form::Set if command.name == "+CGSN" && command.arguments == b"1" => {
            let text = format!("+CGSN: \"{}\"", modem.basic.identity.serial);
            modem.line(&text);
            return Some(Ok(()));
        }
        Form::Read | Form::Set => return None,
    }
    let name = command.name.as_str();
    let identity = &modem.basic.identity;
    let text = match name.trim_start_matches("+C").trim_start_matches('+') {
        "GMI" => &identity.manufacturer,
        "GMM" => &identity.model,
        "GMR" => &identity.revision,
        "GSN" => &identity.serial,
        _ => "460046616008063",
    };
    let text = text.to_owned();
    modem.line(&text);
    Some(Ok(()))
}

/// A single number from 0 to `highest`, settable and readable.
fn setting(
    command: &Command<'_>,
    modem: &mut Modem,
    range: &str,
    highest: u64,
    value: impl FnOnce(&Basic) -> u64,
    apply: impl FnOnce(&mut Basic, u64),
) -> Answer {
    let name = &command.name;
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line(&format!("{name}: {range}")),
        Form::Read => modem.line(&format!("{name}: {}", value(&modem.basic))),
        Form::Set => {
            let number = command.parameters().and_then(|mut list| {
                let number = list.number(0..=highest)?;
                list.end().map(|()| number)
            });
            return Some(number.map(|number| apply(&mut modem.basic, number)));
        }
    }
    Some(Ok(()))
}

fn registration(command: &Command<'_>, modem: &mut Modem) -> Answer {
    let slot = match command.name.as_str() {
        "+CREG" => 0,
        "+CGREG" => 1,
        _ => 2,
    };
    if command.form == Form::Read {
        let state = modem.basic.registration_state();
        let mode = modem.basic.registration.get(slot).copied().unwrap_or_default();
        // 3GPP TS 27.007 §7.2: with 2 the area and the cell follow, as long as there is one.
        let place = if mode == 2 && modem.basic.is_registered() { PLACE } else { "" };
        modem.line(&format!("{}: {mode},{state}{place}", command.name));
        return Some(Ok(()));
    }
    setting(
        command,
        modem,
        "(0-2)",
        2,
        |_| 0,
        |basic, value| {
            if let Some(mode) = basic.registration.get_mut(slot) {
                *mode = value;
            }
        },
    )
}

fn function(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line("+CFUN: (0,1,4),(0,1)"),
        Form::Read => {
            let text = format!("+CFUN: {}", modem.basic.function);
            modem.line(&text);
        }
        Form::Set => {
            return Some(command.parameters().and_then(|mut list| {
                let function = list.number(0..=4)?;
                let restart = list.optional_number(0..=1)?;
                list.end()?;
                if !matches!(function, 0 | 1 | 4) {
                    return Err(Malformed);
                }
                modem.basic.function = function;
                if function != 1 {
                    for context in &mut modem.basic.contexts {
                        context.active = false;
                    }
                }
                modem.restart_requested = restart == Some(1);
                Ok(())
            }));
        }
    }
    Some(Ok(()))
}

fn define_context(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line("+CGDCONT: (1-16),\"IP\",,,(0-2),(0-4)"),
        Form::Read => {
            for context in modem.basic.contexts.clone() {
                let Context { cid, kind, apn, .. } = context;
                modem.line(&format!("+CGDCONT: {cid},\"{kind}\",\"{apn}\",\"\",0,0"));
            }
        }
        Form::Set => {
            return Some(command.parameters().and_then(|mut list| {
                let cid = list.number(1..=16)?;
                if list.len() == 0 {
                    modem.basic.contexts.retain(|context| context.cid != cid);
                    return Ok(());
                }
                let kind = list.quoted(1..=6)?;
                let apn = list.optional_quoted(0..=100)?.unwrap_or_default();
                // PDP address and compression: accepted, as a dynamic address without compression.
                list.optional_quoted(0..=64)?;
                list.optional_number(0..=2)?;
                list.optional_number(0..=4)?;
                list.end()?;
                if !["IP", "IPV6", "IPV4V6", "PPP"].contains(&kind.as_str()) {
                    return Err(Malformed);
                }
                modem.basic.define(cid, &kind, &apn);
                Ok(())
            }));
        }
    }
    Some(Ok(()))
}

fn activate_context(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line("+CGACT: (0,1)"),
        Form::Read => {
            for context in modem.basic.contexts.clone() {
                modem.line(&format!("+CGACT: {},{}", context.cid, u8::from(context.active)));
            }
        }
        Form::Set => {
            return Some(command.parameters().and_then(|mut list| {
                let active = list.number(0..=1)? == 1;
                let cid = list.optional_number(1..=16)?.unwrap_or(1);
                list.end()?;
                let usable = modem.basic.is_attached() && modem.basic.function == 1;
                if (active && !usable) || !modem.basic.activate(cid, active) {
                    return Err(Malformed);
                }
                modem.clock.delay(modem.options.network_latency);
                Ok(())
            }));
        }
    }
    Some(Ok(()))
}

fn address(command: &Command<'_>, modem: &mut Modem) -> Answer {
    let wanted = match command.form {
        Form::Read => return None,
        Form::Test => {
            modem.line("+CGPADDR: (1-16)");
            return Some(Ok(()));
        }
        Form::Execute => None,
        Form::Set => match command.parameters().and_then(|mut list| {
            let cid = list.number(1..=16)?;
            list.end().map(|()| cid)
        }) {
            Ok(cid) => Some(cid),
            Err(error) => return Some(Err(error)),
        },
    };
    for context in modem.basic.contexts.clone() {
        if wanted.is_none_or(|cid| cid == context.cid) {
            let address = if context.active { modem.options.ip_address.as_str() } else { "0.0.0.0" };
            let text = format!("+CGPADDR: {},\"{address}\"", context.cid);
            modem.line(&text);
        }
    }
    Some(Ok(()))
}

fn rate(command: &Command<'_>, modem: &mut Modem) -> Answer {
    let listed = RATES.map(|rate| rate.to_string()).join(",");
    let range = format!("(),({listed})");
    let rate = command.parameters().ok().and_then(|mut list| list.number(0..=u64::MAX).ok());
    if command.form == Form::Set && !rate.is_some_and(|rate| RATES.contains(&rate)) {
        return Some(Err(Malformed));
    }
    setting(command, modem, &range, u64::MAX, |basic| basic.rate, |basic, value| basic.rate = value)
}

fn flow(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line("+IFC: (0-2),(0-2)"),
        Form::Read => {
            let (from_host, to_host) = modem.basic.flow;
            modem.line(&format!("+IFC: {from_host},{to_host}"));
        }
        Form::Set => {
            return Some(command.parameters().and_then(|mut list| {
                let flow = (list.number(0..=2)?, list.optional_number(0..=2)?.unwrap_or(0));
                list.end()?;
                modem.basic.flow = flow;
                Ok(())
            }));
        }
    }
    Some(Ok(()))
}

#[cfg(test)]
mod tests;

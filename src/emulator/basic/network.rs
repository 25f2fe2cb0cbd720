//! The network: 3GPP TS 27.007 §7.2, §7.3, §8.5, §10.1.9, §10.1.20 and §10.1.22.

use super::error::NO_NETWORK;
use super::state::Basic;
use super::{Answer, Failed, setting};
use crate::emulator::command::{self, Command, Form};
use crate::emulator::modem::Modem;

/// The area and the cell that the module is in.
const PLACE: &str = ",\"2AC1\",\"05F1EA15\"";

impl Basic {
    /// Whether the network has let the module in.
    pub(crate) fn is_registered(&self) -> bool {
        self.registered && self.has_card()
    }

    /// Whether a PDP context can be activated, as far as the network is concerned.
    pub(crate) fn is_attached(&self) -> bool {
        self.is_registered() && self.attached
    }

    /// `<stat>` of `AT+CREG?`, `AT+CGREG?` and `AT+CEREG?`.
    pub(super) fn registration_state(&self) -> u8 {
        match (self.is_registered(), self.registration_state) {
            (true, state) => state.unwrap_or(1),
            (false, Some(state)) if !matches!(state, 1 | 5) => state,
            (false, _) => 0,
        }
    }
}

/// `AT+CREG`, `AT+CGREG` and `AT+CEREG`
pub(super) fn registration(command: &Command<'_>, modem: &mut Modem) -> Answer {
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
        |mode| mode <= 2,
        |_| 0,
        |basic, value| {
            if let Some(mode) = basic.registration.get_mut(slot) {
                *mode = value;
            }
        },
    )
}

/// `AT+CGATT`
pub(super) fn attachment(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Set => Some(attach(command, modem)),
        _ => setting(command, modem, "(0,1)", |_| false, |basic| u64::from(basic.attached), |_, _| ()),
    }
}

fn attach(command: &Command<'_>, modem: &mut Modem) -> Result<(), Failed> {
    let state = command::number(command.arguments, 0..=1)?;
    if state == 1 && !modem.basic.is_registered() {
        return Err(Failed(modem.basic.missing_card().unwrap_or(NO_NETWORK)));
    }
    modem.basic.attached = state == 1;
    Ok(())
}

/// `AT+CSQ`
pub(super) fn signal(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => {
            let strength = if modem.basic.is_registered() { 25 } else { 99 };
            modem.line(&format!("+CSQ: {strength},99"));
        }
        Form::Test => modem.line("+CSQ: (0-31,99),(0-7,99)"),
        Form::Read | Form::Set => return None,
    }
    Some(Ok(()))
}

/// `AT+COPS`
pub(super) fn operator(command: &Command<'_>, modem: &mut Modem) -> Answer {
    if command.form != Form::Read {
        return None;
    }
    let registered = modem.basic.is_registered();
    modem.line(if registered { "+COPS: 0,0,\"CHINA MOBILE\",7" } else { "+COPS: 0" });
    Some(Ok(()))
}

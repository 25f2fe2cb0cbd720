//! What the module says of itself: 3GPP TS 27.007 §5 and V.250 §6.1.

use super::{Answer, Failed};
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// The number of the SIM card.
const IMSI: &str = "460046616008063";

/// `ATI`
pub(super) fn identify(modem: &mut Modem) {
    let identity = &modem.basic.identity;
    let text = format!("{}\r\n{}\r\nRevision: {}", identity.manufacturer, identity.model, identity.revision);
    modem.line(&text);
}

/// `AT+CGMI`, `AT+CGSN`, `AT+CIMI` and the others of the kind.
pub(super) fn command(command: &Command<'_>, modem: &mut Modem) -> Answer {
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
    let identity = &modem.basic.identity;
    let text = match command.name.as_str() {
        "+CGMI" | "+GMI" => &identity.manufacturer,
        "+CGMM" | "+GMM" => &identity.model,
        "+CGMR" | "+GMR" => &identity.revision,
        "+CGSN" | "+GSN" => &identity.serial,
        _ => match modem.basic.missing_card() {
            Some(code) => return Some(Err(Failed(code))),
            None => IMSI,
        },
    };
    let text = text.to_owned();
    modem.line(&text);
    Some(Ok(()))
}

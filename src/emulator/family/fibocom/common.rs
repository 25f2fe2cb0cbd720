//! Commands common to all modules, as the L610 answers them.

use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// Answers a command that other modules answer in another way; returns whether it is one.
pub(super) fn answer(command: &Command<'_>, modem: &mut Modem) -> bool {
    match (command.name.as_str(), command.form) {
        // L610 FTP application guide V1.0.0 §3.3 has these as read forms.
        ("+CSQ", Form::Read) => {
            let strength = if modem.basic.is_registered() { 25 } else { 99 };
            modem.line(&format!("+CSQ: {strength},99"));
        }
        ("+CIMI", Form::Read) => modem.line("+CIMI: 460046616008063"),
        // As on the Motorola G24; the common commands stop at 2.
        ("&D", Form::Set) if command.arguments == b"3" => modem.basic.dtr = 3,
        _ => return false,
    }
    modem.ok();
    true
}

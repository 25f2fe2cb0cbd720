//! What the module says.

use super::code::Refused;
use super::options::ChinaMobileOptions;
use super::verb::Verb;
use crate::emulator::modem::Modem;

/// Information lines and `OK`.
pub(super) fn answer(lines: &[String], modem: &mut Modem) -> Result<(), Refused> {
    for line in lines {
        modem.line(line);
    }
    modem.ok();
    Ok(())
}

pub(super) fn result_line(id: usize, verb: Verb, code: u8) -> String {
    let fields = if verb.is_upload() { ",0" } else { "" };
    format!("{}: {id},{code}{fields}", verb.name())
}

/// A line that belongs to a command in progress, or comes unsolicited.
pub(super) fn say(options: &ChinaMobileOptions, text: &str, in_command: bool, modem: &mut Modem) {
    if in_command {
        modem.line(text);
        return;
    }
    let is_free = !modem.in_data && !modem.progress.is_busy();
    if is_free {
        wake(options, modem);
    }
    if is_free && !options.urc_line_end {
        modem.head(text);
    } else {
        modem.urc(text);
    }
}

pub(super) fn wake(options: &ChinaMobileOptions, modem: &mut Modem) {
    if let Some(byte) = options.wake_byte {
        modem.bytes(&[byte]);
    }
}

pub(super) fn prompt(options: &ChinaMobileOptions, modem: &mut Modem) {
    modem.head(">");
    modem.bytes(options.prompt_tail.as_bytes());
}

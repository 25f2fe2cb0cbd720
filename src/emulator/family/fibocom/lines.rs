//! The lines that report how operations go.

use super::options::FibocomOptions;
use crate::emulator::modem::Modem;

/// What the module says of its operations: pieces of the conversation with the server, and result lines.
///
/// Every result line is said here, so that one that this firmware never says is missing however the operation ends.
pub(super) struct Lines {
    /// `AT+FTPINFO`: the conversation with the server is printed.
    pub(super) info: bool,
    /// Commands whose result line never comes.
    silent: Vec<String>,
    /// A line feed more before `+FTPGET` and `+FTPLIST`.
    extra_line_feed: bool,
}

impl Lines {
    /// As after power-on.
    pub(super) fn new(options: &FibocomOptions) -> Self {
        Self { info: false, silent: options.silent.clone(), extra_line_feed: options.extra_line_feed }
    }

    /// Prints a piece of the conversation with the server, if that is wanted.
    pub(super) fn inform(&self, text: &str, modem: &mut Modem) {
        if self.info {
            modem.urc(&format!("+FTPINFO: {}", text.trim_end()));
        }
    }

    /// The result line of an operation.
    pub(super) fn report(&self, name: &str, digit: u8, modem: &mut Modem) {
        let prefixed = format!("+{name}");
        if digit == 2 || !self.silent.contains(&prefixed) {
            self.say(name, &digit.to_string(), modem);
        }
    }

    /// A result line with a value of its own.
    pub(super) fn say(&self, name: &str, value: &str, modem: &mut Modem) {
        let extra = self.extra_line_feed && matches!(name, "FTPGET" | "FTPLIST");
        let extra = if extra { "\n" } else { "" };
        modem.urc(&format!("{extra}+{name}: {value}"));
    }
}

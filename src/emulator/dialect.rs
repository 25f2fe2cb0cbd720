//! What a vendor's dialect supplies to the line discipline.

use super::choices::Identity;
use super::command::Command;
use super::extra;
use super::intake::IntakeEnd;
use super::modem::Modem;
use super::queue::StreamEnd;

/// Whether a dialect knows a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handled {
    /// It was, or will be, answered.
    Yes,
    /// It is left to the commands common to all modules.
    No,
}

/// A vendor's FTP commands as a state machine.
///
/// Every call gets the [`Modem`] to speak through. A command is in progress from [`Dialect::command`] until the
/// dialect calls `ok`, `error`, `cme`, `result` or `finish` on the modem, in the same call or in any later one.
pub(crate) trait Dialect: Send {
    /// Returns what the module says of itself.
    fn identity(&self) -> Identity;

    /// Returns the lines that the module prints when it has started.
    fn boot_lines(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns the value of `AT+CMEE` after power-on.
    fn default_cmee(&self) -> u8 {
        0
    }

    /// Returns the words of a `+CME ERROR` number under `AT+CMEE=2`, beyond 3GPP TS 27.007 §9.2.
    fn error_text(&self) -> fn(u16) -> Option<&'static str> {
        |_| None
    }

    /// Returns tables of further commands that are accepted, beside the standard ones.
    fn extras(&self) -> &'static [&'static [extra::Row]] {
        &[]
    }

    /// Whether blanks in front of a parameter are skipped.
    fn skips_blanks(&self) -> bool {
        false
    }

    /// Whether the arguments of `name` reach to the end of the line, semicolons included.
    fn takes_rest(&self, _name: &str) -> bool {
        false
    }

    /// Returns the least length of a command line that begins with `line` (`AT` included) and carries counted payload.
    /// Up to this length carriage return, backspace and other control characters are payload.
    fn inline_length(&self, _line: &[u8]) -> Option<usize> {
        None
    }

    /// Executes a command of a command line.
    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled;

    /// Takes decoded payload received in the data mode entered with [`Modem::receive`].
    fn payload(&mut self, _bytes: &[u8], _modem: &mut Modem) {}

    /// Called when data mode has ended. The modem is back in command mode.
    fn payload_end(&mut self, _end: IntakeEnd, _modem: &mut Modem) {}

    /// Called when the last byte of a stream started with [`Modem::stream`] has left, or its source failed.
    fn stream_end(&mut self, _end: StreamEnd, _modem: &mut Modem) {}

    /// Called when a timer set with [`Modem::timer`] has run out.
    fn timer(&mut self, _token: u32, _modem: &mut Modem) {}

    /// Limits the room where the module keeps files, or what it has received, to `free` bytes more.
    fn limit_memory(&mut self, _free: u64) {}

    /// Restarts: forgets everything that the module does not store, and drops transfers.
    fn restart(&mut self);
}

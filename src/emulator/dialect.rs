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
    /// What the module says of itself.
    fn identity(&self) -> Identity;

    /// Lines the module prints when it has started.
    fn boot_lines(&self) -> Vec<String> {
        Vec::new()
    }

    /// `AT+CMEE` after power-on.
    fn default_cmee(&self) -> u8 {
        0
    }

    /// Gives the words of a `+CME ERROR` number under `AT+CMEE=2`, beyond 3GPP TS 27.007 §9.2.
    fn error_text(&self) -> fn(u16) -> Option<&'static str> {
        |_| None
    }

    /// Tables of further commands that are accepted, beside the standard ones.
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

    /// The least length of a line beginning with `line` (`AT` included) because it carries counted payload: before
    /// it is reached, carriage return, backspace and other control characters are payload.
    fn inline_length(&self, _line: &[u8]) -> Option<usize> {
        None
    }

    /// A command of a command line.
    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled;

    /// Decoded payload received in the data mode entered with [`Modem::receive`].
    fn payload(&mut self, _bytes: &[u8], _modem: &mut Modem) {}

    /// The data mode is over; the modem is back in command mode.
    fn payload_end(&mut self, _end: IntakeEnd, _modem: &mut Modem) {}

    /// The last byte of a stream started with [`Modem::stream`] has left, or its source failed.
    fn stream_end(&mut self, _end: StreamEnd, _modem: &mut Modem) {}

    /// A timer set with [`Modem::timer`] has run out.
    fn timer(&mut self, _token: u32, _modem: &mut Modem) {}

    /// From now on there is room for so many bytes more where the module keeps files, or what it has received.
    fn limit_memory(&mut self, _free: u64) {}

    /// The module restarts: everything not stored in it is forgotten, transfers are dropped.
    fn restart(&mut self);
}

//! Command lines: their bytes, their commands, and what follows each command.

use super::Module;
use crate::emulator::basic;
use crate::emulator::choices::BadPrefix;
use crate::emulator::command::Command;
use crate::emulator::dialect::Handled;
use crate::emulator::extra;
use crate::emulator::modem::Progress;

const CARRIAGE_RETURN: u8 = b'\r';
const BACKSPACE: u8 = 0x08;

impl Module {
    /// Takes the next piece of a command line; executes the line when it is complete.
    pub(super) fn assemble(&mut self, bytes: &[u8]) -> usize {
        let plain = bytes.iter().take_while(|byte| !byte.is_ascii_control()).count();
        let (consumed, control) = match bytes.get(plain) {
            Some(control) => (plain + 1, Some(*control)),
            None => (plain, None),
        };
        let taken = bytes.get(..consumed).unwrap_or_default();
        if self.modem.basic.echo {
            self.modem.bytes(taken);
        }
        self.append(taken.get(..plain).unwrap_or_default());
        let Some(control) = control else {
            return consumed;
        };
        let is_payload = self.dialect.inline_length(&self.line).is_some_and(|length| self.line.len() < length);
        match control {
            _ if is_payload => self.append(&[control]),
            CARRIAGE_RETURN => {
                self.line_feed_due = true;
                self.execute();
            }
            BACKSPACE => drop(self.line.pop()),
            // V.250 §5.2.2: other control characters are ignored.
            _ => {}
        }
        consumed
    }

    fn append(&mut self, bytes: &[u8]) {
        let room = self.modem.options.line_limit.saturating_sub(self.line.len());
        self.overlong |= bytes.len() > room;
        self.line.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn execute(&mut self) {
        let line = std::mem::take(&mut self.line);
        let overlong = std::mem::take(&mut self.overlong);
        if line.is_empty() {
            return;
        }
        self.modem.last_on_line = true;
        match line.strip_prefix(b"AT").or_else(|| line.strip_prefix(b"at")) {
            Some(_) if overlong => self.modem.error(),
            Some(b"") => {
                self.modem.clock.delay(self.modem.options.latency_of(""));
                self.modem.ok();
            }
            Some(commands) => {
                let skips = self.dialect.skips_blanks();
                self.remaining = if skips { without_blanks(commands) } else { commands.to_vec() };
                self.modem.progress = Progress::Next;
            }
            None if self.modem.options.bad_prefix == BadPrefix::Error => self.modem.error(),
            None => {}
        }
        self.settle();
    }

    /// After anything the dialect did: goes on with the command line, lets waiting lines out, restarts on request.
    pub(super) fn settle(&mut self) {
        while self.modem.progress == Progress::Next {
            self.next_command();
        }
        self.occupied = self.occupied.max(self.modem.clock.now());
        if self.modem.progress == Progress::Idle {
            self.remaining.clear();
            self.modem.release_deferred();
            if self.modem.restart_requested {
                self.restart_after_answer();
            }
        }
        // What has been waited for is over.
        self.modem.clock.settle();
    }

    /// The answer to the command that asked for the restart still leaves.
    fn restart_after_answer(&mut self) {
        let queue = std::mem::take(&mut self.modem.queue);
        let now = self.modem.clock.now();
        self.dialect.restart();
        let basic = self.power_on_settings();
        self.modem.reset(basic);
        self.modem.queue = queue;
        self.modem.clock.set(now);
        self.print_boot_lines();
    }

    fn next_command(&mut self) {
        let remaining = std::mem::take(&mut self.remaining);
        let split = Command::split_first(&remaining, |name| self.dialect.takes_rest(name));
        let Ok((command, rest)) = split else {
            self.modem.error();
            return;
        };
        self.modem.last_on_line = rest.is_empty();
        self.modem.progress = Progress::Busy;
        self.remaining = rest.to_vec();
        self.modem.clock.delay(self.modem.options.latency_of(&command.name));
        if self.modem.options.lacks(&command.name) {
            self.modem.error();
            return;
        }
        if let Some(lines) = self.modem.options.extra(&command.name).map(<[String]>::to_vec) {
            lines.iter().for_each(|line| self.modem.line(line));
            self.modem.ok();
            return;
        }
        if self.dialect.command(&command, &mut self.modem) == Handled::No
            && basic::command(&command, &mut self.modem) == Handled::No
            && !extra::command(self.dialect.extras(), &command, &mut self.modem)
        {
            self.modem.error();
        }
    }
}

/// A command line without the blanks in front of its parameters.
fn without_blanks(line: &[u8]) -> Vec<u8> {
    let mut quoted = false;
    let mut before_parameter = false;
    let kept = line.iter().filter(|byte| {
        if before_parameter && **byte == b' ' {
            return false;
        }
        quoted ^= **byte == b'"';
        before_parameter = !quoted && matches!(byte, b'=' | b',');
        true
    });
    kept.copied().collect()
}

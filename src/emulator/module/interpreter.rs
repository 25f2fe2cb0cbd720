//! The execution of command lines, and the way of every event to the dialect.

use std::time::Duration;

use super::command_line::CommandLine;
use crate::emulator::basic::state::Basic;
use crate::emulator::choices::BadPrefix;
use crate::emulator::command::Command;
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::intake::{Intake, IntakeEnd, Taken};
use crate::emulator::modem::{Modem, Progress};
use crate::emulator::options::Options;
use crate::emulator::queue::StreamEnd;
use crate::emulator::remote::Remote;
use crate::emulator::timers::Event;
use crate::emulator::{basic, extra};

/// Executes command lines and brings every event to the dialect.
///
/// No other part calls the dialect. Wherever the dialect may have answered or ended something,
/// [`Interpreter::settle`] follows. A caller therefore finds either a command in progress or the whole command line
/// executed, never a command that has yet to be begun.
pub(super) struct Interpreter {
    /// What the dialect speaks through.
    pub(super) modem: Modem,
    dialect: Box<dyn Dialect>,
    /// The commands of the line that follow the one in progress.
    remaining: Vec<u8>,
    /// The time up to which the last command has occupied the module.
    occupied: Duration,
}

impl Interpreter {
    pub(super) fn new(dialect: Box<dyn Dialect>, remote: Box<dyn Remote>, options: Options) -> Self {
        let basic = Basic::new(&options, dialect.identity(), dialect.default_cmee());
        let boot_lines = options.boot_lines;
        let mut interpreter = Self {
            modem: Modem::new(remote, options, basic, dialect.error_text()),
            dialect,
            remaining: Vec::new(),
            occupied: Duration::ZERO,
        };
        if boot_lines {
            interpreter.print_boot_lines();
        }
        interpreter
    }

    /// Returns the time from which on input is taken. `None` while a command is in progress outside data mode.
    pub(super) fn free(&self) -> Option<Duration> {
        let takes_input = self.modem.in_data || self.modem.progress == Progress::Idle;
        takes_input.then_some(self.occupied)
    }

    /// Returns when something happens without input: a timer runs out, or silence ends data mode or an escape sequence.
    pub(super) fn due(&self) -> Option<Duration> {
        let silence = self.modem.intake.as_ref().and_then(Intake::due);
        self.modem.timers.next().into_iter().chain(silence).min()
    }

    /// Does what is due at `now`: one timer, or else what silence has decided.
    pub(super) fn advance(&mut self, now: Duration) {
        self.modem.clock.set(now);
        if self.modem.timers.next() == Some(now) {
            self.timer(now);
        } else if let Some(intake) = &mut self.modem.intake {
            let taken = intake.silence(now);
            self.deliver(&taken);
        }
    }

    fn timer(&mut self, now: Duration) {
        let is_free = self.modem.progress == Progress::Idle && !self.modem.in_data;
        match self.modem.timers.take() {
            Some(Event::Token(token)) => self.dialect.timer(token, &mut self.modem),
            Some(Event::Line(text)) => self.modem.urc(&text),
            None => {}
        }
        if is_free {
            // What waits for the server in the background does not keep the module from taking commands.
            self.modem.clock.set(now);
        }
        self.settle();
    }

    /// Takes payload from the front of `bytes` and returns the number of bytes taken. `None` outside data mode.
    pub(super) fn take_payload(&mut self, now: Duration, bytes: &[u8]) -> Option<usize> {
        let taken = self.modem.intake.as_mut()?.take(now, bytes);
        self.deliver(&taken);
        Some(taken.consumed)
    }

    /// Hands payload to the dialect, and the end of it.
    fn deliver(&mut self, taken: &Taken<'_>) {
        let pluses = b"+++".get(..usize::from(taken.pluses)).unwrap_or_default();
        for payload in [pluses, taken.payload] {
            if !payload.is_empty() && self.modem.in_data {
                self.dialect.payload(payload, &mut self.modem);
            }
        }
        match taken.end {
            Some(end) if self.modem.in_data => self.end_intake(end),
            _ => self.settle(),
        }
    }

    fn end_intake(&mut self, end: IntakeEnd) {
        self.modem.leave_data_mode();
        self.dialect.payload_end(end, &mut self.modem);
        self.settle();
    }

    /// The host has dropped DTR.
    pub(super) fn drop_dtr(&mut self, now: Duration) {
        if self.modem.basic.dtr != 0 && self.modem.in_data {
            self.modem.clock.set(now);
            self.end_intake(IntakeEnd::DataTerminalReady);
        }
    }

    /// The last byte of a stream has left at `left`, which shows at `now`.
    pub(super) fn end_stream(&mut self, left: Duration, now: Duration, end: StreamEnd) {
        // Of the stream's source, the server's closing reply may have been waited for.
        let waited = self.modem.clock.waited();
        let before = self.modem.clock.now().saturating_sub(waited);
        self.modem.clock.set(left.max(before).min(now));
        self.modem.clock.delay(waited);
        self.dialect.stream_end(end, &mut self.modem);
        self.settle();
    }

    /// The module has room for only `free` bytes more.
    pub(super) fn limit_memory(&mut self, free: u64) {
        self.dialect.limit_memory(free);
    }

    /// Whether the next byte of `line` is payload whatever it is.
    pub(super) fn expects_inline_payload(&self, line: &[u8]) -> bool {
        self.dialect.inline_length(line).is_some_and(|length| line.len() < length)
    }

    /// Executes a command line.
    pub(super) fn execute(&mut self, line: &CommandLine) {
        if line.bytes().is_empty() {
            return;
        }
        self.modem.last_on_line = true;
        match line.commands() {
            Some(_) if line.is_overlong() => self.modem.error(),
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

    /// Goes on with the command line, releases unsolicited lines that were deferred, and restarts on request.
    fn settle(&mut self) {
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
        self.modem.clock.settle();
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

    /// The module is switched off and on again.
    pub(super) fn restart(&mut self, now: Duration) {
        self.power_cycle(now);
        self.remaining.clear();
        self.occupied = now;
        self.print_boot_lines();
    }

    /// The answer to the command that asked for the restart still leaves.
    fn restart_after_answer(&mut self) {
        let queue = std::mem::take(&mut self.modem.queue);
        self.power_cycle(self.modem.clock.now());
        self.modem.queue = queue;
        self.print_boot_lines();
    }

    /// Everything returns to its state after power-on, the queue included.
    fn power_cycle(&mut self, now: Duration) {
        self.dialect.restart();
        let basic = Basic::new(&self.modem.options, self.dialect.identity(), self.dialect.default_cmee());
        self.modem.reset(basic);
        self.modem.clock.set(now);
    }

    fn print_boot_lines(&mut self) {
        for line in self.dialect.boot_lines() {
            self.modem.urc(&line);
        }
    }
}

/// Returns a command line without the blanks in front of its parameters.
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

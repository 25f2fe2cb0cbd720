//! The bytes that the module has received: command lines, payload, and the bytes that wait.

use std::time::Duration;

use super::command_line::CommandLine;
use super::interpreter::Interpreter;
use crate::emulator::choices::BusyInput;

/// The number of bytes that wait while a command is executed. Further bytes are lost.
const RECEIVE_BUFFER: usize = 64 * 1024;

const CARRIAGE_RETURN: u8 = b'\r';
const BACKSPACE: u8 = 0x08;

/// What the module has received and the [`Interpreter`] has not.
///
/// Bytes reach the interpreter in the order of arrival: as long as one byte waits, all later ones wait behind it.
#[derive(Debug)]
pub(super) struct Input {
    /// The command line whose end has not come yet.
    line: CommandLine,
    /// Whether the last byte ended a command line, so that a line feed directly behind belongs to the line end.
    line_feed_due: bool,
    /// Bytes that came while a command was executed.
    waiting: Vec<u8>,
}

impl Input {
    /// No input yet; command lines are limited to `line_limit` bytes.
    pub(super) const fn new(line_limit: usize) -> Self {
        Self { line: CommandLine::new(line_limit), line_feed_due: false, waiting: Vec::new() }
    }

    /// Bytes from the host have arrived at `now`: the one way in for every byte.
    pub(super) fn receive(&mut self, now: Duration, bytes: &[u8], interpreter: &mut Interpreter) {
        if self.waiting.is_empty() {
            self.process(now, bytes, interpreter);
        } else {
            self.hold(bytes, interpreter);
        }
    }

    /// Returns when the bytes that wait can be processed. `None` if none wait, or a command is in progress.
    pub(super) fn due(&self, interpreter: &Interpreter) -> Option<Duration> {
        interpreter.free().filter(|_| !self.waiting.is_empty())
    }

    /// Processes the bytes that wait.
    pub(super) fn release(&mut self, now: Duration, interpreter: &mut Interpreter) {
        let waiting = std::mem::take(&mut self.waiting);
        self.process(now, &waiting, interpreter);
    }

    /// Forgets the command line and the bytes that wait. A line feed on its way still belongs to the last line end.
    pub(super) fn clear(&mut self) {
        self.line.take();
        self.waiting.clear();
    }

    fn hold(&mut self, bytes: &[u8], interpreter: &Interpreter) {
        if interpreter.modem.options.busy_input == BusyInput::Drop {
            return;
        }
        let room = RECEIVE_BUFFER.saturating_sub(self.waiting.len());
        self.waiting.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn process(&mut self, now: Duration, bytes: &[u8], interpreter: &mut Interpreter) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if interpreter.free().is_none_or(|free| now < free) {
                self.hold(rest, interpreter);
                return;
            }
            interpreter.modem.clock.set(now);
            // Once the host has been asked for data, a line feed is data.
            let asked = interpreter.modem.in_data && interpreter.modem.queue.is_empty();
            if std::mem::take(&mut self.line_feed_due)
                && !asked
                && let Some((b'\n', behind)) = rest.split_first()
            {
                rest = behind;
                continue;
            }
            let consumed = match interpreter.take_payload(now, rest) {
                Some(consumed) => consumed,
                None => self.assemble(rest, interpreter),
            };
            rest = rest.get(consumed..).unwrap_or_default();
        }
    }

    /// Takes the next piece of a command line, and has the line executed when it is complete. Returns the number of
    /// bytes that were taken.
    fn assemble(&mut self, bytes: &[u8], interpreter: &mut Interpreter) -> usize {
        let plain = bytes.iter().take_while(|byte| !byte.is_ascii_control()).count();
        let (consumed, control) = match bytes.get(plain) {
            Some(control) => (plain + 1, Some(*control)),
            None => (plain, None),
        };
        let taken = bytes.get(..consumed).unwrap_or_default();
        if interpreter.modem.basic.echo {
            interpreter.modem.bytes(taken);
        }
        self.line.push(taken.get(..plain).unwrap_or_default());
        let Some(control) = control else {
            return consumed;
        };
        match control {
            _ if interpreter.expects_inline_payload(self.line.bytes()) => self.line.push(&[control]),
            CARRIAGE_RETURN => {
                self.line_feed_due = true;
                interpreter.execute(&self.line.take());
            }
            BACKSPACE => self.line.backspace(),
            // V.250 §5.2.2: other control characters are ignored.
            _ => {}
        }
        consumed
    }
}

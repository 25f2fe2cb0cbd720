//! The module as its host sees it: bytes, time, and what can be done to it from outside.
//!
//! Bytes from the host pass the [`ReceiveLine`], which says when they arrive, and the [`Input`], which splits them into
//! command lines and payload, to the [`Interpreter`], which calls the dialect. Bytes for the host leave through the
//! queue of the [`Modem`](super::modem::Modem), through which the dialect speaks.

mod command_line;
mod input;
mod interpreter;
mod receive_line;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::input::Input;
use self::interpreter::Interpreter;
use self::receive_line::ReceiveLine;
use super::Family;
use super::dialect::Dialect;
use super::options::Options;
use super::queue::{PIECE, Span};
use super::remote::Remote;

/// The longest hold-up that a paced line makes up for. Of a longer one it makes up for this time.
#[cfg(unix)]
const LINE_LAG: Duration = Duration::from_millis(20);

/// An emulated module: bytes in, bytes out, time passed in.
///
/// Everything happens in the order of time: whatever a caller does at some time comes after all that is due by then.
pub struct Module {
    interpreter: Interpreter,
    input: Input,
    receive_line: ReceiveLine,
    /// The last time [`Module::transmit`] was called for.
    seen: Duration,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Module").finish_non_exhaustive()
    }
}

impl Module {
    /// Returns a module that has just been switched on, connected to `remote`.
    #[must_use]
    pub fn new(family: Family, remote: Box<dyn Remote>, options: Options) -> Self {
        let dialect = family.dialect(&options);
        Self::with_dialect(dialect, remote, options)
    }

    fn with_dialect(dialect: Box<dyn Dialect>, remote: Box<dyn Remote>, options: Options) -> Self {
        Self {
            input: Input::new(options.line_limit),
            receive_line: ReceiveLine::new(options.byte_time()),
            interpreter: Interpreter::new(dialect, remote, options),
            seen: Duration::ZERO,
        }
    }

    /// Takes bytes from the host, which sends the first one at `now`.
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let arrival = self.receive_line.pass(now, bytes.len());
        self.advance(now);
        self.input.receive(arrival, bytes, &mut self.interpreter);
    }

    /// Appends to `out` the bytes that have left the module by `now`: at most one fragment, or 64 KiB. There is more
    /// as long as [`Module::next_event`] is due.
    pub fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        self.seen = now;
        self.advance(now);
        self.drain(now, out, Self::advance);
    }

    /// As [`Module::transmit`], but starts nothing: only what has been queued already leaves.
    #[cfg(unix)]
    pub(crate) fn transmit_waiting(&mut self, now: Duration, out: &mut Vec<u8>) {
        self.drain(now, out, |_, _| {});
    }

    /// Moves to `out` what has left by `now`, and does `then` whenever a stream has ended.
    fn drain(&mut self, now: Duration, out: &mut Vec<u8>, then: fn(&mut Self, Duration)) {
        let options = &self.interpreter.modem.options;
        let (byte_time, gap) = (options.byte_time(), options.fragment_gap);
        let full = out.len().saturating_add(options.fragment.unwrap_or(PIECE).max(1));
        self.interpreter.modem.queue.clear_spans();
        loop {
            let queue = &mut self.interpreter.modem.queue;
            let Some(end) = queue.drain(now, byte_time, full.saturating_sub(out.len()), out) else {
                break;
            };
            // On a paced line the last byte has left before anybody looked; what follows it is not to be late as well.
            let left = byte_time.map_or(now, |_| queue.free());
            self.interpreter.end_stream(left, now, end);
            then(self, now);
        }
        if out.len() >= full && !gap.is_zero() {
            self.interpreter.modem.queue.pause_until(now.saturating_add(gap));
        }
    }

    /// Returns what the bytes are that the last [`Module::transmit`] moved.
    pub(crate) fn spans(&self) -> &[Span] {
        self.interpreter.modem.queue.spans()
    }

    /// Returns when something happens next without further input, if anything does. A time in the past means now.
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        let modem = &self.interpreter.modem;
        [
            modem.queue.next_event(modem.options.byte_time()),
            self.interpreter.due(),
            self.input.due(&self.interpreter),
            self.receive_line.room_due().filter(|time| *time > self.seen),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Returns the number of bytes that the module's receive line can still take at `now`; `usize::MAX` when unpaced.
    #[must_use]
    pub fn receive_capacity(&self, now: Duration) -> usize {
        self.receive_line.capacity(now)
    }

    /// Returns when the receive line has room for half of what it may run ahead. It is not worth while to read from the
    /// host before.
    pub(crate) fn receive_time(&self) -> Duration {
        self.receive_line.room_due().unwrap_or_default()
    }

    /// Sets whether the host has gone on sending since the last bytes were received. If so, the next ones come directly
    /// behind them, however late they are read.
    #[cfg(unix)]
    pub(crate) const fn keep_receiving(&mut self, receiving: bool) {
        self.receive_line.set_busy(receiving);
    }

    /// Ends a hold-up of the line at `now`, by the host or by the remote side, in real time. A paced line makes up for
    /// a part of it only.
    #[cfg(unix)]
    pub(crate) fn resume_pace(&mut self, now: Duration) {
        let since = now.saturating_sub(LINE_LAG);
        self.interpreter.modem.queue.pause_until(since);
        self.receive_line.pause_until(since);
    }

    /// Switches the module off and on again: all state and every transfer is lost, the boot lines are printed.
    pub fn restart(&mut self, now: Duration) {
        self.input.clear();
        self.interpreter.restart(now);
    }

    /// Lets the module print `line` of its own accord, as soon as no command is in progress and no data is transferred.
    pub fn inject(&mut self, now: Duration, line: &str) {
        self.advance(now);
        self.interpreter.modem.clock.set(now);
        self.interpreter.modem.urc(line);
    }

    /// Drops DTR on the host's side. With `AT&D1` or `AT&D2` this ends data mode.
    pub fn drop_dtr(&mut self, now: Duration) {
        self.advance(now);
        self.interpreter.drop_dtr(now);
    }

    /// Sets the time that the network takes for one operation from now on. Default:
    /// [`Options::network_latency`](super::Options::network_latency).
    pub const fn set_network_latency(&mut self, latency: Duration) {
        self.interpreter.modem.options.network_latency = latency;
    }

    /// Limits the room where the module keeps files to `free` bytes more. What is deleted makes room again. Where files
    /// take whole blocks, so does the room. A module without files of its own (Fibocom) limits its download cache; one
    /// without either (generic) limits nothing.
    pub fn limit_memory(&mut self, free: u64) {
        self.interpreter.limit_memory(free);
    }

    /// Lets everything happen that is due by `now`, in the order of time. Of things due at one time, input that waits
    /// comes last.
    fn advance(&mut self, now: Duration) {
        loop {
            let own = self.interpreter.due();
            let input = self.input.due(&self.interpreter);
            let Some(first) = own.into_iter().chain(input).min().filter(|first| *first <= now) else {
                break;
            };
            if own == Some(first) {
                self.interpreter.advance(first);
            } else {
                self.input.release(first, &mut self.interpreter);
            }
        }
    }
}

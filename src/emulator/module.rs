//! The line discipline: command lines, echo, data mode, pacing, and the order of events.

mod line;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::Family;
use super::basic::state::Basic;
use super::choices::BusyInput;
use super::dialect::Dialect;
use super::intake::{IntakeEnd, Taken};
use super::modem::{Modem, Progress};
use super::options::Options;
use super::queue::{PIECE, Span, StreamEnd};
use super::remote::Remote;
use super::timers::Event;

/// What the receive buffer holds while a command is being executed.
const RECEIVE_BUFFER: usize = 64 * 1024;
/// How far the receive line may run ahead of its clock.
const LINE_LEAD: Duration = Duration::from_millis(18);
/// How much of the time in which it was held up a paced line makes up for.
#[cfg(unix)]
const LINE_LAG: Duration = Duration::from_millis(20);

/// An emulated module: bytes in, bytes out, time passed in.
pub struct Module {
    modem: Modem,
    dialect: Box<dyn Dialect>,
    line: Vec<u8>,
    overlong: bool,
    /// The last byte ended a command line, so that a line feed directly behind belongs to the line end.
    line_feed_due: bool,
    /// What of the command line in progress is still to be executed.
    remaining: Vec<u8>,
    /// Input that came while a command was being executed.
    held: Vec<u8>,
    /// Until then the module is occupied with the last command.
    occupied: Duration,
    /// Until then the receive line is taken by what the host has sent already.
    arriving: Duration,
    /// Whether the receive line has been busy since, for all that is known.
    receiving: bool,
    /// The last time [`Module::transmit`] was called for.
    seen: Duration,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Module").finish_non_exhaustive()
    }
}

impl Module {
    /// A module that has just been switched on, connected to `remote`.
    #[must_use]
    pub fn new(family: Family, remote: Box<dyn Remote>, options: Options) -> Self {
        let dialect = family.dialect(&options);
        Self::with_dialect(dialect, remote, options)
    }

    fn with_dialect(dialect: Box<dyn Dialect>, remote: Box<dyn Remote>, options: Options) -> Self {
        let basic = Basic::new(&options, dialect.identity(), dialect.default_cmee());
        let boot_lines = options.boot_lines;
        let mut module = Self {
            modem: Modem::new(remote, options, basic, dialect.error_text()),
            dialect,
            line: Vec::new(),
            overlong: false,
            line_feed_due: false,
            remaining: Vec::new(),
            held: Vec::new(),
            occupied: Duration::ZERO,
            arriving: Duration::ZERO,
            receiving: false,
            seen: Duration::ZERO,
        };
        if boot_lines {
            module.print_boot_lines();
        }
        module
    }

    fn power_on_settings(&self) -> Basic {
        Basic::new(&self.modem.options, self.dialect.identity(), self.dialect.default_cmee())
    }

    /// Bytes from the host reach the module, the first one at `now`.
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let mut arrival = now;
        if let Some(byte_time) = self.modem.options.byte_time() {
            let time = byte_time.saturating_mul(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            arrival = self.receive_line_free(now).saturating_add(time);
            self.arriving = arrival;
        }
        self.advance(now);
        self.accept(arrival, bytes);
    }

    /// Appends to `out` the bytes that have left the module by `now`: at most one fragment, or 64 KiB. There is more
    /// as long as [`Module::next_event`] is due.
    pub fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        self.seen = now;
        self.modem.queue.clear_spans();
        self.advance(now);
        let full = out.len().saturating_add(self.piece());
        while self.drain(now, full, out) {
            self.advance(now);
        }
        self.pause(now, out.len() >= full);
    }

    /// As [`Module::transmit`], but starts nothing new: only what has been said already leaves.
    #[cfg(unix)]
    pub(crate) fn transmit_waiting(&mut self, now: Duration, out: &mut Vec<u8>) {
        self.modem.queue.clear_spans();
        let full = out.len().saturating_add(self.piece());
        while self.drain(now, full, out) {}
        self.pause(now, out.len() >= full);
    }

    /// What the bytes are that the last [`Module::transmit`] gave.
    pub(crate) fn spans(&self) -> &[Span] {
        self.modem.queue.spans()
    }

    /// When something will next happen without further input, if anything will. A time in the past means now.
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        let options = &self.modem.options;
        let receiving = options.byte_time().map(|_| self.receive_time());
        [
            self.modem.queue.next_event(options.byte_time()),
            self.modem.timers.next(),
            self.modem.intake.as_ref().and_then(super::intake::Intake::due),
            self.release_time(),
            receiving.filter(|time| *time > self.seen),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// How many bytes the module's receive line can still take at `now`; `usize::MAX` when unpaced.
    #[must_use]
    pub fn receive_capacity(&self, now: Duration) -> usize {
        let Some(byte_time) = self.modem.options.byte_time() else {
            return usize::MAX;
        };
        let end = now.saturating_add(lead(byte_time));
        let room = end.saturating_sub(self.receive_line_free(now)).as_nanos() / byte_time.as_nanos().max(1);
        usize::try_from(room).unwrap_or(usize::MAX)
    }

    /// When the receive line has room for half of what it may run ahead: before, it is not worth while to look.
    pub(crate) fn receive_time(&self) -> Duration {
        let lead = self.modem.options.byte_time().map_or(Duration::MAX, lead);
        self.arriving.saturating_sub(lead / 2)
    }

    /// Whether the host has gone on sending since the last bytes were received, so that the next ones came when the
    /// line allowed it and not only when they were looked for.
    #[cfg(unix)]
    pub(crate) const fn keep_receiving(&mut self, receiving: bool) {
        self.receiving = receiving;
    }

    /// From when on the receive line is not taken by what is known to have been sent.
    fn receive_line_free(&self, now: Duration) -> Duration {
        if self.receiving { self.arriving } else { self.arriving.max(now) }
    }

    /// In real time: a paced line that was held up until `now`, by the host or by the remote side, does not make up for
    /// it at once.
    #[cfg(unix)]
    pub(crate) fn resume_pace(&mut self, now: Duration) {
        let since = now.saturating_sub(LINE_LAG);
        self.modem.queue.pause_until(since);
        self.arriving = self.arriving.max(since);
    }

    /// The module is switched off and on again: all state and every transfer is lost, the boot lines are printed.
    pub fn restart(&mut self, now: Duration) {
        self.modem.clock.set(now);
        self.dialect.restart();
        let basic = self.power_on_settings();
        self.modem.reset(basic);
        self.line.clear();
        self.overlong = false;
        self.remaining.clear();
        self.held.clear();
        self.occupied = now;
        self.print_boot_lines();
    }

    /// The module says `line` of its own accord, as soon as no command is in progress and no data is transferred.
    pub fn inject(&mut self, now: Duration, line: &str) {
        self.advance(now);
        self.modem.clock.set(now);
        self.modem.urc(line);
    }

    /// The host drops DTR; with `AT&D1` or `AT&D2` this ends data mode.
    pub fn drop_dtr(&mut self, now: Duration) {
        self.advance(now);
        if self.modem.basic.dtr != 0 && self.modem.in_data {
            self.modem.clock.set(now);
            self.end_intake(IntakeEnd::DataTerminalReady);
        }
    }

    /// From now on the network takes `latency` for one operation, instead of
    /// [`Options::network_latency`](super::Options::network_latency).
    pub const fn set_network_latency(&mut self, latency: Duration) {
        self.modem.options.network_latency = latency;
    }

    /// From now on there is room for only `free` bytes more where the module keeps files. What is deleted makes room
    /// again. Where files take whole blocks, so does the room; without files of its own (Fibocom) it is the download
    /// cache that holds no more, and without either (generic) nothing changes.
    pub fn limit_memory(&mut self, free: u64) {
        self.dialect.limit_memory(free);
    }

    fn print_boot_lines(&mut self) {
        for line in self.dialect.boot_lines() {
            self.modem.urc(&line);
        }
    }

    fn piece(&self) -> usize {
        self.modem.options.fragment.unwrap_or(PIECE).max(1)
    }

    fn drain(&mut self, now: Duration, full: usize, out: &mut Vec<u8>) -> bool {
        let byte_time = self.modem.options.byte_time();
        let limit = full.saturating_sub(out.len());
        let Some(end) = self.modem.queue.drain(now, byte_time, limit, out) else {
            return false;
        };
        // On a paced line the last byte has left before anybody looked; what follows it is not to be late as well.
        let left = byte_time.map_or(now, |_| self.modem.queue.free());
        // Of the stream's source, the server's closing reply may have been waited for.
        let waited = self.modem.clock.waited();
        let before = self.modem.clock.now().saturating_sub(waited);
        self.modem.clock.set(left.max(before).min(now));
        self.modem.clock.delay(waited);
        self.end_stream(end);
        true
    }

    fn pause(&mut self, now: Duration, fragmented: bool) {
        let gap = self.modem.options.fragment_gap;
        if fragmented && !gap.is_zero() {
            self.modem.queue.pause_until(now.saturating_add(gap));
        }
    }

    fn end_stream(&mut self, end: StreamEnd) {
        self.dialect.stream_end(end, &mut self.modem);
        self.settle();
    }

    fn end_intake(&mut self, end: IntakeEnd) {
        self.modem.leave_data_mode();
        self.dialect.payload_end(end, &mut self.modem);
        self.settle();
    }

    /// Whether input must wait at `now` because the module is occupied with a command.
    fn is_occupied(&self, now: Duration) -> bool {
        !self.modem.in_data && self.modem.progress != Progress::Idle || now < self.occupied
    }

    fn release_time(&self) -> Option<Duration> {
        let waiting = !self.held.is_empty() && (self.modem.in_data || self.modem.progress == Progress::Idle);
        waiting.then_some(self.occupied)
    }

    /// Everything that happens by itself up to `now`, in the order of time.
    fn advance(&mut self, now: Duration) {
        loop {
            let timer = self.modem.timers.next().filter(|due| *due <= now);
            let silence = self.modem.intake.as_ref().and_then(super::intake::Intake::due);
            let silence = silence.filter(|due| *due <= now);
            let release = self.release_time().filter(|due| *due <= now);
            let Some(first) = [timer, silence, release].into_iter().flatten().min() else {
                break;
            };
            self.modem.clock.set(first);
            if timer == Some(first) {
                let is_free = self.modem.progress == Progress::Idle && !self.modem.in_data;
                match self.modem.timers.take() {
                    Some(Event::Token(token)) => self.dialect.timer(token, &mut self.modem),
                    Some(Event::Line(text)) => self.modem.urc(&text),
                    None => {}
                }
                if is_free {
                    // What waits for the server in the background does not keep the module from taking commands.
                    self.modem.clock.set(first);
                }
                self.settle();
            } else if silence == Some(first) {
                if let Some(mut intake) = self.modem.intake.take() {
                    let taken = intake.silence(first);
                    self.modem.intake = Some(intake);
                    self.deliver(&taken);
                }
            } else {
                let held = std::mem::take(&mut self.held);
                self.process(first, &held);
            }
        }
    }

    /// The one way in for every byte.
    fn accept(&mut self, now: Duration, bytes: &[u8]) {
        if self.held.is_empty() {
            self.process(now, bytes);
        } else {
            self.hold(bytes);
        }
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.modem.options.busy_input == BusyInput::Drop {
            return;
        }
        let room = RECEIVE_BUFFER.saturating_sub(self.held.len());
        self.held.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn process(&mut self, now: Duration, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.is_occupied(now) {
                self.hold(rest);
                return;
            }
            self.modem.clock.set(now);
            // Once the host has been asked for data, a line feed is data.
            let asked = self.modem.in_data && self.modem.queue.is_empty();
            if std::mem::take(&mut self.line_feed_due)
                && !asked
                && let Some((b'\n', behind)) = rest.split_first()
            {
                rest = behind;
                continue;
            }
            let consumed = match self.modem.intake.take() {
                Some(mut intake) => {
                    let taken = intake.take(now, rest);
                    self.modem.intake = Some(intake);
                    self.deliver(&taken);
                    taken.consumed
                }
                None => self.assemble(rest),
            };
            rest = rest.get(consumed..).unwrap_or_default();
        }
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
}

/// How far a receive line of this rate may run ahead: on slow ones it is a queue of 16 bytes, as UARTs have.
fn lead(byte_time: Duration) -> Duration {
    LINE_LEAD.max(byte_time.saturating_mul(16))
}

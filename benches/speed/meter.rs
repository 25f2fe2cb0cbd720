//! Measures the bytes and the idle times of a line.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ftp_modem::transport::Transport;

/// The measurement of a line since the last reset of its meter.
#[derive(Clone, Debug)]
pub struct Reading {
    pub sent: u64,
    pub received: u64,
    pub elapsed: Duration,
    /// Longest time without a byte in either direction.
    pub longest_gap: Duration,
}

impl Reading {
    pub fn bytes(&self) -> u64 {
        self.sent + self.received
    }

    /// Returns the bytes in both directions, divided by the bytes that the line could carry in one direction: in all
    /// dialects, host and module take turns.
    pub fn utilisation(&self, baud: u32) -> f64 {
        self.bytes() as f64 * 10.0 / f64::from(baud) / self.elapsed.as_secs_f64()
    }
}

/// The state of a meter.
struct State {
    byte_time: Duration,
    epoch: Instant,
    start: Instant,
    last: Instant,
    sent_until: Instant,
    received_until: Instant,
    sent: u64,
    received: u64,
    longest_gap: Duration,
}

impl State {
    /// Counts bytes that were on the line from `from`, or from the time when the direction was free.
    fn pass(&mut self, from: Instant, count: usize, is_sent: bool) {
        let lane = if is_sent { self.sent_until } else { self.received_until };
        let begin = from.max(lane);
        let busy_until = self.sent_until.max(self.received_until);
        self.longest_gap = self.longest_gap.max(begin.saturating_duration_since(busy_until));
        let end = begin + self.byte_time * u32::try_from(count).unwrap_or(u32::MAX);
        if is_sent {
            self.sent_until = end;
            self.sent += count as u64;
        } else {
            self.received_until = end;
            self.received += count as u64;
        }
    }
}

/// The meter of a [`Metered`] line.
#[derive(Clone)]
pub struct Meter(Arc<Mutex<State>>);

impl Meter {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resets the counters. The measurement starts at the time of the last byte or time-out on the line.
    pub fn reset(&self) {
        let mut state = self.state();
        let now = state.last;
        (state.start, state.sent_until, state.received_until) = (now, now, now);
        (state.sent, state.received, state.longest_gap) = (0, 0, Duration::ZERO);
    }

    /// Returns the time from the creation of the line to the last byte or time-out on it.
    pub fn since_start(&self) -> Duration {
        let state = self.state();
        state.last.saturating_duration_since(state.epoch)
    }

    pub fn reading(&self) -> Reading {
        let state = self.state();
        Reading {
            sent: state.sent,
            received: state.received,
            elapsed: state.last.saturating_duration_since(state.start),
            longest_gap: state.longest_gap,
        }
    }
}

/// A line with a meter.
pub struct Metered<T> {
    line: T,
    meter: Meter,
}

impl<T: Transport> Metered<T> {
    /// Creates a line of `baud` bits per second.
    pub fn new(line: T, baud: Option<u32>) -> (Self, Meter) {
        let now = line.now();
        let byte_time = baud.map_or(Duration::ZERO, |baud| Duration::from_nanos(10_000_000_000 / u64::from(baud)));
        let state = State {
            byte_time,
            epoch: now,
            start: now,
            last: now,
            sent_until: now,
            received_until: now,
            sent: 0,
            received: 0,
            longest_gap: Duration::ZERO,
        };
        let meter = Meter(Arc::new(Mutex::new(state)));
        (Metered { line, meter: meter.clone() }, meter)
    }
}

impl<T: Transport> Transport for Metered<T> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let outcome = self.line.read(buffer, deadline);
        let now = self.line.now();
        let mut state = self.meter.state();
        state.last = now;
        if let Ok(count) = outcome {
            // The bytes have passed the line by now.
            let time = state.byte_time * u32::try_from(count).unwrap_or(u32::MAX);
            let from = now.checked_sub(time).unwrap_or(now);
            state.pass(from, count, false);
        }
        outcome
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let now = self.line.now();
        let outcome = self.line.write(bytes, deadline);
        let mut state = self.meter.state();
        state.last = self.line.now();
        if let Ok(count) = outcome {
            state.pass(now, count, true);
        }
        outcome
    }

    fn unsent(&mut self) -> usize {
        self.line.unsent()
    }

    fn now(&self) -> Instant {
        self.line.now()
    }

    fn line_rate(&self) -> Option<u32> {
        self.line.line_rate()
    }

    fn name(&self) -> &str {
        self.line.name()
    }
}

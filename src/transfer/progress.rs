//! The progress of a transfer.

use std::io::{self, Read, Write};
use std::time::Duration;

use crate::clock::Clock;

/// The progress of a transfer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Number of bytes of the file that are in place.
    pub bytes: u64,
    /// Size of the file in bytes. `None` if it is not known.
    pub total: Option<u64>,
    /// Time since the start of the transfer, with all attempts and pauses.
    pub elapsed: Duration,
    /// Bytes per second over the present attempt; 0 at its start.
    pub rate: f64,
    /// Estimated time to the end. `None` if size or rate are not known.
    pub remaining: Option<Duration>,
    /// Number of the present attempt, from 1.
    pub attempt: u32,
}

/// Called with every block that passes.
pub type Observer<'a> = Box<dyn FnMut(&Progress) + 'a>;

/// Counts the bytes that pass and calls the observer.
pub(super) struct Meter<'m, 'o> {
    pub observer: &'m mut Option<Observer<'o>>,
    pub clock: &'m dyn Clock,
    /// When the transfer and the present attempt were begun.
    pub begun: Duration,
    pub attempt_begun: Duration,
    /// Bytes in place before the present attempt, and now.
    pub before: u64,
    /// Number of the present attempt.
    pub attempt: u32,
    pub bytes: u64,
    pub total: Option<u64>,
    /// The time at which the whole transfer must have ended.
    pub deadline: Option<Duration>,
}

impl Meter<'_, '_> {
    /// `count` more bytes are in place.
    ///
    /// # Errors
    /// The limit for the whole transfer has passed.
    pub fn advance(&mut self, count: usize) -> io::Result<()> {
        self.bytes += count as u64;
        let now = self.clock.now();
        if let Some(observer) = self.observer {
            let spent = now.saturating_sub(self.attempt_begun).as_secs_f64();
            let rate = if spent > 0.0 { (self.bytes - self.before) as f64 / spent } else { 0.0 };
            let left = self.total.map(|total| total.saturating_sub(self.bytes));
            let remaining =
                left.filter(|_| rate > 0.0).and_then(|left| Duration::try_from_secs_f64(left as f64 / rate).ok());
            let elapsed = now.saturating_sub(self.begun);
            let Meter { bytes, total, attempt, .. } = *self;
            observer(&Progress { bytes, total, elapsed, rate, remaining, attempt });
        }
        match self.deadline {
            Some(deadline) if now > deadline => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }
}

/// Passes bytes on under a meter.
pub(super) struct Metered<'m, 'o, T> {
    pub inner: T,
    pub meter: Meter<'m, 'o>,
}

impl<T: Write> Write for Metered<'_, '_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.meter.advance(count)?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Metered<'_, '_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.advance(count)?;
        Ok(count)
    }
}

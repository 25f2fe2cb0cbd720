//! The rate of the serial line.

use std::time::Duration;

/// The time that one byte takes on the serial line: start bit, eight data bits, stop bit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByteTime(Duration);

impl ByteTime {
    pub(crate) fn at_rate(bits_per_second: u32) -> Self {
        Self(Duration::from_nanos(10_000_000_000 / u64::from(bits_per_second).max(1)))
    }

    /// Returns the time that `count` bytes take.
    pub(crate) fn of(self, count: usize) -> Duration {
        self.0.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Returns the number of whole bytes that pass within `time`.
    pub(crate) fn count_within(self, time: Duration) -> usize {
        let count = time.as_nanos() / self.0.as_nanos().max(1);
        usize::try_from(count).unwrap_or(usize::MAX)
    }
}

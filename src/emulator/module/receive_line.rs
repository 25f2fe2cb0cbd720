//! The serial line from the host to the module.

use std::time::Duration;

use crate::emulator::byte_time::ByteTime;

/// The time that the line may run ahead of its clock.
const LEAD: Duration = Duration::from_millis(18);
/// The least number of bytes that the line may run ahead, however slow it is: the receive queue of a UART.
const UART_QUEUE: usize = 16;

/// The pace of the line from the host to the module.
///
/// Bytes arrive in order, one byte time after the other, and none arrives before the host can have sent it. A caller
/// that passes on no more than [`ReceiveLine::capacity`] keeps the line within its lead. Without a rate every byte
/// arrives at once.
#[derive(Debug)]
pub(super) struct ReceiveLine {
    byte_time: Option<ByteTime>,
    /// When the last byte that was passed on has arrived. The time never goes back.
    arrived: Duration,
    /// Whether the host has been sending without a pause since then. If so, the next byte arrives directly behind the
    /// last one, however late it is passed on.
    is_busy: bool,
}

impl ReceiveLine {
    pub(super) const fn new(byte_time: Option<ByteTime>) -> Self {
        Self { byte_time, arrived: Duration::ZERO, is_busy: false }
    }

    /// Takes `count` bytes that the host began to send at `now`, and returns when the last one has arrived.
    pub(super) fn pass(&mut self, now: Duration, count: usize) -> Duration {
        let Some(byte_time) = self.byte_time else {
            return now;
        };
        self.arrived = self.free(now).saturating_add(byte_time.of(count));
        self.arrived
    }

    /// Returns the number of bytes that the line can still take at `now`; `usize::MAX` without a rate.
    pub(super) fn capacity(&self, now: Duration) -> usize {
        let Some(byte_time) = self.byte_time else {
            return usize::MAX;
        };
        let end = now.saturating_add(lead(byte_time));
        byte_time.count_within(end.saturating_sub(self.free(now)))
    }

    /// Returns when half of the lead is free, so that reading from the host is worth while; `None` without a rate.
    pub(super) fn room_due(&self) -> Option<Duration> {
        self.byte_time.map(|byte_time| self.arrived.saturating_sub(lead(byte_time) / 2))
    }

    /// Sets whether the host has been sending without a pause since the last byte that was passed on.
    #[cfg(unix)]
    pub(super) const fn set_busy(&mut self, is_busy: bool) {
        self.is_busy = is_busy;
    }

    /// Keeps bytes passed on later from arriving before `time`.
    #[cfg(unix)]
    pub(super) fn pause_until(&mut self, time: Duration) {
        self.arrived = self.arrived.max(time);
    }

    /// Returns when the next byte begins to arrive if it is passed on at `now`.
    fn free(&self, now: Duration) -> Duration {
        if self.is_busy { self.arrived } else { self.arrived.max(now) }
    }
}

fn lead(byte_time: ByteTime) -> Duration {
    LEAD.max(byte_time.of(UART_QUEUE))
}

#[cfg(test)]
mod tests {
    use super::ReceiveLine;
    use crate::emulator::byte_time::ByteTime;
    use std::time::Duration;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// A line on which a byte takes one millisecond.
    fn slow() -> ReceiveLine {
        ReceiveLine::new(Some(ByteTime::at_rate(10_000)))
    }

    #[test]
    fn bytes_arrive_one_byte_time_apart_and_never_before_they_are_sent() {
        let mut line = slow();
        let steps = [
            // Whether the host went on sending, when the bytes are passed on, their number, and when the last arrives.
            (false, 0, 3, 3),
            (false, 1, 2, 5),
            (false, 10, 2, 12),
            (true, 30, 4, 16),
            (true, 30, 10, 26),
            (false, 30, 1, 31),
        ];
        for (is_busy, now, count, arrival) in steps {
            line.set_busy(is_busy);
            assert_eq!(line.pass(MILLISECOND * now, count), MILLISECOND * arrival, "{count} bytes at {now} ms");
        }
    }

    #[test]
    fn the_line_takes_no_more_than_its_lead() {
        for (rate, lead) in [(10_000, 18), (5000, 16), (100_000, 180)] {
            let mut line = ReceiveLine::new(Some(ByteTime::at_rate(rate)));
            assert_eq!(line.capacity(Duration::ZERO), lead);
            line.pass(Duration::ZERO, lead);
            assert_eq!(line.capacity(Duration::ZERO), 0);
            let due = line.room_due().unwrap();
            assert_eq!(line.capacity(due), lead / 2);
        }
    }

    #[test]
    fn a_line_that_was_held_up_starts_from_there() {
        let mut line = slow();
        line.set_busy(true);
        line.pause_until(100 * MILLISECOND);
        assert_eq!(line.pass(120 * MILLISECOND, 5), 105 * MILLISECOND);
        line.pause_until(50 * MILLISECOND);
        assert_eq!(line.pass(120 * MILLISECOND, 5), 110 * MILLISECOND);
    }

    #[test]
    fn without_a_rate_no_time_passes() {
        let mut line = ReceiveLine::new(None);
        assert_eq!(line.pass(MILLISECOND, 1_000_000), MILLISECOND);
        assert_eq!((line.capacity(Duration::ZERO), line.room_due()), (usize::MAX, None));
    }
}

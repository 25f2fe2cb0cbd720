//! A pipe to a peer in the same thread, in virtual time, for tests.
//!
//! A read that would have to wait asks the peer when it will next do something and puts the clock there at once.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Transport, timed_out};

/// What sits at the other end: it is told the time with every call and never waits.
pub trait Peer: Send {
    /// Takes bytes that reach it at `now`.
    fn receive(&mut self, now: Duration, bytes: &[u8]);

    /// Appends to `out` what it has sent by `now`.
    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>);

    /// When it will next send something, or have room again, if nothing reaches it.
    fn next_event(&self) -> Option<Duration>;

    /// How many bytes the way to it can take at `now`. Defaults to any number.
    fn room(&self, _now: Duration) -> usize {
        usize::MAX
    }
}

/// The host's end of an in-memory pipe.
pub struct MemoryPipe<P> {
    peer: P,
    epoch: Instant,
    now: Duration,
    line_rate: Option<u32>,
    arrived: Vec<u8>,
    taken: usize,
}

impl<P: Peer> MemoryPipe<P> {
    /// A pipe to `peer`, at time zero.
    pub fn new(peer: P) -> Self {
        MemoryPipe { peer, epoch: Instant::now(), now: Duration::ZERO, line_rate: None, arrived: Vec::new(), taken: 0 }
    }

    /// Says how many bits a second the peer's line carries. Defaults to a line whose rate does not matter.
    pub fn with_line_rate(mut self, bits_per_second: u32) -> Self {
        self.line_rate = Some(bits_per_second);
        self
    }

    /// The virtual time since the pipe was made.
    pub fn elapsed(&self) -> Duration {
        self.now
    }

    /// The peer, for a test to look at or to disturb.
    pub fn peer(&mut self) -> &mut P {
        &mut self.peer
    }

    /// Puts the clock to the peer's next event, or to the deadline if that comes first.
    fn wait(&mut self, deadline: Duration) -> io::Result<()> {
        match self.peer.next_event() {
            Some(event) if event <= deadline && event > self.now => self.now = event,
            // An event that is due and brought nothing must not stop the clock.
            Some(event) if event <= self.now && self.now < deadline => self.now += Duration::from_micros(1),
            _ => {
                self.now = self.now.max(deadline);
                return Err(timed_out());
            }
        }
        Ok(())
    }
}

impl<P: Peer> Transport for MemoryPipe<P> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let deadline = deadline.saturating_duration_since(self.epoch);
        loop {
            if self.taken == self.arrived.len() {
                self.arrived.clear();
                self.taken = 0;
                self.peer.transmit(self.now, &mut self.arrived);
            }
            let waiting = self.arrived.get(self.taken..).unwrap_or_default();
            if !waiting.is_empty() {
                let count = waiting.len().min(buffer.len());
                for (to, from) in buffer.iter_mut().zip(waiting) {
                    *to = *from;
                }
                self.taken += count;
                return Ok(count);
            }
            self.wait(deadline)?;
        }
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let deadline = deadline.saturating_duration_since(self.epoch);
        loop {
            let room = self.peer.room(self.now);
            let piece = bytes.get(..room).unwrap_or(bytes);
            if !piece.is_empty() || bytes.is_empty() {
                self.peer.receive(self.now, piece);
                return Ok(piece.len());
            }
            // What the peer says meanwhile waits to be read.
            self.peer.transmit(self.now, &mut self.arrived);
            self.wait(deadline)?;
        }
    }

    fn now(&self) -> Instant {
        self.epoch + self.now
    }

    fn name(&self) -> &str {
        "memory"
    }

    /// What was on its way is lost.
    fn reopen(&mut self) -> crate::Result<()> {
        self.arrived.clear();
        self.taken = 0;
        Ok(())
    }

    fn line_rate(&self) -> Option<u32> {
        self.line_rate
    }
}

/// A peer that a test keeps a hand on. A lock that is poisoned by a test that failed is as good as any.
impl<P: Peer> Peer for Arc<Mutex<P>> {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        self.lock().unwrap_or_else(PoisonError::into_inner).receive(now, bytes);
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        self.lock().unwrap_or_else(PoisonError::into_inner).transmit(now, out);
    }

    fn next_event(&self) -> Option<Duration> {
        self.lock().unwrap_or_else(PoisonError::into_inner).next_event()
    }
}

#[cfg(feature = "emulator")]
impl Peer for crate::emulator::Faulty {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        crate::emulator::Faulty::receive(self, now, bytes);
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        crate::emulator::Faulty::transmit(self, now, out);
    }

    fn next_event(&self) -> Option<Duration> {
        crate::emulator::Faulty::next_event(self)
    }
}

#[cfg(feature = "emulator")]
impl Peer for crate::emulator::Module {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        crate::emulator::Module::receive(self, now, bytes);
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        crate::emulator::Module::transmit(self, now, out);
    }

    fn next_event(&self) -> Option<Duration> {
        crate::emulator::Module::next_event(self)
    }

    fn room(&self, now: Duration) -> usize {
        self.receive_capacity(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers every byte one second later.
    #[derive(Default)]
    struct Echo(Vec<(Duration, u8)>);

    impl Peer for Echo {
        fn receive(&mut self, now: Duration, bytes: &[u8]) {
            self.0.extend(bytes.iter().map(|byte| (now + Duration::from_secs(1), *byte)));
        }

        fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
            out.extend(self.0.iter().filter(|(due, _)| *due <= now).map(|(_, byte)| *byte));
            self.0.retain(|(due, _)| *due > now);
        }

        fn next_event(&self) -> Option<Duration> {
            self.0.first().map(|(due, _)| *due)
        }
    }

    /// Has room for one byte every second.
    #[derive(Default)]
    struct Narrow(Duration);

    impl Peer for Narrow {
        fn receive(&mut self, now: Duration, _: &[u8]) {
            self.0 = now + Duration::from_secs(1);
        }

        fn transmit(&mut self, _: Duration, _: &mut Vec<u8>) {}

        fn next_event(&self) -> Option<Duration> {
            Some(self.0)
        }

        fn room(&self, now: Duration) -> usize {
            usize::from(now >= self.0)
        }
    }

    #[test]
    fn a_write_waits_for_room() {
        let mut pipe = MemoryPipe::new(Narrow::default());
        let start = pipe.now();
        for second in 0..3 {
            assert_eq!(pipe.write(b"abc", start + Duration::from_secs(60)).unwrap(), 1);
            assert_eq!(pipe.elapsed(), Duration::from_secs(second));
        }
        let late = pipe.write(b"abc", start + Duration::from_millis(2500)).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
        assert_eq!(pipe.elapsed(), Duration::from_millis(2500));
    }

    #[test]
    fn waiting_moves_the_clock_to_the_next_event_and_no_further_than_the_deadline() {
        let mut pipe = MemoryPipe::new(Echo::default());
        let start = pipe.now();
        let mut buffer = [0; 4];

        pipe.write(b"ab", start).unwrap();
        let early = pipe.read(&mut buffer, start + Duration::from_millis(900)).unwrap_err();
        assert_eq!(early.kind(), io::ErrorKind::TimedOut);
        assert_eq!(pipe.elapsed(), Duration::from_millis(900));

        assert_eq!(pipe.read(&mut buffer, start + Duration::from_secs(60)).unwrap(), 2);
        assert_eq!(&buffer[..2], b"ab");
        assert_eq!(pipe.elapsed(), Duration::from_secs(1));
    }
}

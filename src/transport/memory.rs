//! A pipe to a peer in the same thread, in virtual time, for tests.
//!
//! A read that would wait sets the clock to the time of the peer's next event instead. [`MemoryPipe::clock`] shares
//! that clock with other code, such as the pauses of a transfer.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Transport, timed_out};
use crate::clock::Clock;

/// The peer at the other end of the pipe. It never waits. Times are measured from the creation of the pipe.
pub trait Peer: Send {
    /// Receives bytes that arrive at `now`.
    fn receive(&mut self, now: Duration, bytes: &[u8]);

    /// Appends to `out` the bytes that the peer has sent until `now`.
    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>);

    /// Returns the time when the peer will send something or have room, if it receives nothing until then.
    fn next_event(&self) -> Option<Duration>;

    /// Returns the number of bytes that the peer can receive at `now`. Default: unlimited.
    fn room(&self, _now: Duration) -> usize {
        usize::MAX
    }

    /// Receives a change of the DTR line. Default: nothing happens.
    fn dtr(&mut self, _now: Duration, _level: bool) {}
}

/// The host's end of an in-memory pipe.
///
/// # Examples
/// ```
/// use ftp_modem::OpenOptions;
/// use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
/// use ftp_modem::transport::memory::MemoryPipe;
///
/// let module = Module::new(Family::Quectel, MemoryServer::new().remote(), Options::default());
/// let modem = OpenOptions::new().open_on(MemoryPipe::new(module))?;
/// assert_eq!(modem.capabilities().dialect, "quectel");
/// # Ok::<(), ftp_modem::Error>(())
/// ```
pub struct MemoryPipe<P> {
    peer: P,
    epoch: Instant,
    clock: VirtualClock,
    line_rate: Option<u32>,
    arrived: Vec<u8>,
    taken: usize,
}

impl<P: Peer> MemoryPipe<P> {
    /// Creates a pipe to `peer`, at time zero.
    pub fn new(peer: P) -> Self {
        let clock = VirtualClock::default();
        MemoryPipe { peer, epoch: Instant::now(), clock, line_rate: None, arrived: Vec::new(), taken: 0 }
    }

    /// Sets the rate that [`Transport::line_rate`] reports, in bits per second. Default: none.
    pub fn with_line_rate(mut self, bits_per_second: u32) -> Self {
        self.line_rate = Some(bits_per_second);
        self
    }

    /// Returns the virtual time since the pipe was created.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Returns the clock of the pipe. It advances when the driver waits, and when other code advances it.
    ///
    /// # Examples
    /// A unit test of a program that uploads a file, in which the pause before a retry takes no time:
    /// ```
    /// use ftp_modem::emulator::{Family, MemoryServer, Module, NetworkCause, Operation, Options, RemoteError};
    /// use ftp_modem::transfer::Upload;
    /// use ftp_modem::transport::memory::MemoryPipe;
    /// use ftp_modem::{AccessPoint, OpenOptions, Server};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let report = folder.path().join("report.csv");
    /// let ftp = MemoryServer::new();
    /// ftp.add_directory("/in");
    /// ftp.fail_next(Operation::Store, RemoteError::Network(NetworkCause::Dropped));
    /// let pipe = MemoryPipe::new(Module::new(Family::Quectel, ftp.remote(), Options::default()));
    /// let clock = pipe.clock();
    ///
    /// let mut modem = OpenOptions::new().open_on(pipe)?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
    /// std::fs::write(&report, "1;2;3").unwrap();
    /// let done = Upload::new(&report, "/in/report.csv").on_clock(clock).run(&mut *modem)?;
    /// assert_eq!((done.attempts, done.elapsed.as_secs()), (2, 2));
    /// assert_eq!(ftp.file("/in/report.csv").as_deref(), Some(&b"1;2;3"[..]));
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }

    /// Returns the peer, for inspection and changes by a test.
    pub fn peer(&mut self) -> &mut P {
        &mut self.peer
    }

    /// Sets the clock to the peer's next event or to the deadline, whichever comes first.
    fn wait(&mut self, deadline: Duration) -> io::Result<()> {
        let now = self.elapsed();
        match self.peer.next_event() {
            Some(event) if event <= deadline && event > now => self.clock.set(event),
            // An event that is due but sent nothing must not stop the clock.
            Some(event) if event <= now && now < deadline => self.clock.advance(Duration::from_micros(1)),
            _ => {
                self.clock.set(now.max(deadline));
                return Err(timed_out());
            }
        }
        Ok(())
    }
}

/// The clock of a [`MemoryPipe`]; clones show the same time.
#[derive(Debug, Clone, Default)]
pub struct VirtualClock(Arc<Mutex<Duration>>);

impl VirtualClock {
    /// Returns the virtual time since the pipe was created.
    pub fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Advances the clock by `time`.
    pub fn advance(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    fn set(&self, now: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

/// A pause advances the clock of the pipe at once.
impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        self.elapsed()
    }

    fn sleep(&self, time: Duration) {
        self.advance(time);
    }
}

impl<P: Peer> Transport for MemoryPipe<P> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let deadline = deadline.saturating_duration_since(self.epoch);
        loop {
            if self.taken == self.arrived.len() {
                self.arrived.clear();
                self.taken = 0;
                self.peer.transmit(self.clock.elapsed(), &mut self.arrived);
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
            let room = self.peer.room(self.clock.elapsed());
            let piece = bytes.get(..room).unwrap_or(bytes);
            if !piece.is_empty() || bytes.is_empty() {
                self.peer.receive(self.clock.elapsed(), piece);
                return Ok(piece.len());
            }
            // Bytes that the peer sends in the meantime remain readable.
            self.peer.transmit(self.clock.elapsed(), &mut self.arrived);
            self.wait(deadline)?;
        }
    }

    fn now(&self) -> Instant {
        self.epoch + self.clock.elapsed()
    }

    fn set_dtr(&mut self, level: bool) -> io::Result<()> {
        self.peer.dtr(self.clock.elapsed(), level);
        Ok(())
    }

    fn name(&self) -> &str {
        "memory"
    }

    /// Discards bytes in transit.
    fn reopen(&mut self) -> crate::Result<()> {
        self.arrived.clear();
        self.taken = 0;
        Ok(())
    }

    fn line_rate(&self) -> Option<u32> {
        self.line_rate
    }
}

/// A peer that a test shares with the pipe. A lock poisoned by a failed test remains usable.
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

    fn dtr(&mut self, now: Duration, level: bool) {
        self.lock().unwrap_or_else(PoisonError::into_inner).dtr(now, level);
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

    fn dtr(&mut self, now: Duration, level: bool) {
        if !level {
            self.drop_dtr(now);
        }
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

    fn dtr(&mut self, now: Duration, level: bool) {
        if !level {
            self.drop_dtr(now);
        }
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

    /// Has room for one byte per second.
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
    fn a_read_sets_the_clock_to_the_next_event_or_the_deadline() {
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

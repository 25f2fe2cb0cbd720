//! A line whose flow control stops the host.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use ftp_modem::transfer::Clock;
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::Peer;

use super::host::Host;
use super::line::Line;

/// The number of bytes that the line still accepts; shared with the test.
pub type Room = Arc<AtomicU64>;

/// The host's end of a line that accepts no more bytes than there is room for. Once it accepts none, it sets a flag.
pub struct Blocked<P> {
    host: Host<P>,
    line: Line<P>,
    room: Room,
    flag: Arc<AtomicBool>,
}

impl<P: Peer> Blocked<P> {
    pub fn new(line: &Line<P>, room: &Room, flag: &Arc<AtomicBool>) -> Self {
        Blocked { host: line.host(), line: line.clone(), room: Arc::clone(room), flag: Arc::clone(flag) }
    }
}

impl<P: Peer> Transport for Blocked<P> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.host.read(buffer, deadline)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let room = self.room.load(Ordering::Relaxed);
        let count = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        if count == 0 {
            self.flag.store(true, Ordering::Relaxed);
            self.line.sleep(deadline.saturating_duration_since(self.host.now()));
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.room.fetch_sub(count as u64, Ordering::Relaxed);
        self.host.write(&bytes[..count], deadline)
    }

    fn now(&self) -> Instant {
        self.host.now()
    }

    fn name(&self) -> &str {
        self.host.name()
    }
}

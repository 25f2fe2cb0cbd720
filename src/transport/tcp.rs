//! A module behind a TCP port of ser2net (raw mode), socat or a terminal server.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::serial::DEFAULT_BAUD;
use super::{Transport, timed_out};
use crate::error::{Error, ErrorKind, Result};

/// Time limit for the connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A raw TCP connection to a module's serial port. There is no telnet negotiation: serve the port in raw mode.
///
/// The operating system buffers written bytes, which then pass the serial line behind the server at its rate. So that
/// time limits and guard times hold, writes are at most one second of line time ahead; see [`Tcp::with_rate`].
pub struct Tcp {
    stream: TcpStream,
    name: String,
    rate: u32,
    /// The time when all written bytes will have passed the serial line.
    busy_until: Instant,
    /// Whether bytes have come.
    has_heard: bool,
}

/// Prefix of the names of such ports.
const SCHEME: &str = "tcp://";

/// Longest time by which writes may be ahead of the serial line.
const AHEAD: Duration = Duration::from_secs(1);

impl Tcp {
    /// Connects to `address`, which has the form `host:port`. Time limit: 10 seconds per IP address of the host.
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::OpenOptions;
    /// use ftp_modem::transport::tcp::Tcp;
    ///
    /// let modem = OpenOptions::new().open_on(Tcp::connect("gateway:3001")?.with_rate(57_600))?;
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the address is malformed or its host name cannot be resolved,
    /// [`PortNotFound`](ErrorKind::PortNotFound) if the connection fails.
    pub fn connect(address: &str) -> Result<Self> {
        let failed =
            |kind, error: io::Error| Error::new(kind, format!("{address}: {error}")).during("open").with_source(error);
        let candidates = address.to_socket_addrs().map_err(|error| failed(ErrorKind::InvalidInput, error))?;
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for candidate in candidates {
            match TcpStream::connect_timeout(&candidate, CONNECT_LIMIT) {
                Ok(stream) => {
                    // The driver waits for the answer to every short command. Nagle's algorithm would delay it.
                    stream.set_nodelay(true).map_err(|error| failed(ErrorKind::PortLost, error))?;
                    let name = format!("{SCHEME}{address}");
                    return Ok(Tcp { stream, name, rate: DEFAULT_BAUD, busy_until: Instant::now(), has_heard: false });
                }
                Err(error) => last = error,
            }
        }
        Err(failed(ErrorKind::PortNotFound, last))
    }

    /// Sets the rate of the serial line behind the server in bits per second. Default: 115200.
    pub fn with_rate(mut self, rate: u32) -> Self {
        self.rate = rate.max(1);
        self
    }

    /// Returns the time that `bytes` bytes take on the serial line.
    fn line_time(&self, bytes: usize) -> Duration {
        Duration::from_secs_f64(bytes as f64 * 10.0 / f64::from(self.rate))
    }
}

/// What a Telnet server is refused with.
const TELNET: &str = "the server negotiates Telnet options (RFC 854), which would change file data";

/// Returns whether bytes that a server sends first are Telnet's commands WILL, WONT, DO or DONT (RFC 854). Servers send
/// them as soon as a client connects; a module says nothing of this form.
fn is_negotiation(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfb..=0xfe, ..])
}

/// Returns a socket's time-out for `deadline`: at least a millisecond, because zero means no time-out.
fn time_left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
}

/// Converts the error of an expired time-out, which is `WouldBlock` on Unix, to `TimedOut`.
fn normalised(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { timed_out() } else { error }
}

impl Transport for Tcp {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(Some(time_left(deadline)))?;
            match self.stream.read(buffer) {
                Ok(0) if buffer.is_empty() => return Ok(0),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(count) => {
                    let first = buffer.get(..count).unwrap_or_default();
                    if !std::mem::replace(&mut self.has_heard, true) && is_negotiation(first) {
                        return Err(io::Error::new(io::ErrorKind::Unsupported, TELNET));
                    }
                    return Ok(count);
                }
                Err(error) => return Err(normalised(error)),
            }
        }
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let now = Instant::now();
        let free = self.busy_until.checked_sub(AHEAD).unwrap_or(now);
        if free > now {
            // Writes are already as far ahead of the serial line as allowed.
            std::thread::sleep(free.min(deadline).saturating_duration_since(now));
            if free > deadline {
                return Err(timed_out());
            }
        }
        let most = (f64::from(self.rate) / 10.0 * AHEAD.as_secs_f64()) as usize;
        let bytes = bytes.get(..most.max(1)).unwrap_or(bytes);
        loop {
            self.stream.set_write_timeout(Some(time_left(deadline)))?;
            match self.stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(count) => {
                    self.busy_until = self.busy_until.max(Instant::now()) + self.line_time(count);
                    return Ok(count);
                }
                Err(error) => return Err(normalised(error)),
            }
        }
    }

    fn unsent(&mut self) -> usize {
        let left = self.busy_until.saturating_duration_since(Instant::now());
        (left.as_secs_f64() * f64::from(self.rate) / 10.0) as usize
    }

    fn reopen(&mut self) -> Result<()> {
        let address = self.name.strip_prefix(SCHEME).unwrap_or(&self.name);
        *self = Tcp::connect(address)?.with_rate(self.rate);
        Ok(())
    }

    fn line_rate(&self) -> Option<u32> {
        Some(self.rate)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_silent_peer_is_a_time_out_and_a_closed_connection_is_another_error() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut tcp = Tcp::connect(&address).unwrap();
        let (mut peer, _) = listener.accept().unwrap();

        let soon = || Instant::now() + Duration::from_secs(5);
        assert_eq!(tcp.write(b"AT\r", soon()).unwrap(), 3);
        let mut seen = [0; 3];
        peer.read_exact(&mut seen).unwrap();
        assert_eq!(&seen, b"AT\r");

        let mut buffer = [0; 8];
        let silent = tcp.read(&mut buffer, Instant::now()).unwrap_err();
        assert_eq!(silent.kind(), io::ErrorKind::TimedOut);

        peer.write_all(b"OK").unwrap();
        assert_eq!(tcp.read(&mut buffer, soon()).unwrap(), 2);
        drop(peer);
        let closed = tcp.read(&mut buffer, soon()).unwrap_err();
        assert_ne!(closed.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn an_address_without_a_port_is_invalid_input() {
        let Err(error) = Tcp::connect("localhost") else { panic!("connected to no port") };
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

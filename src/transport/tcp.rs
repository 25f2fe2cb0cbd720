//! A module behind a TCP port, as served by ser2net (raw mode), socat or a terminal server.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::{Transport, timed_out};
use crate::error::{Error, ErrorKind, Result};

/// Longest wait for the connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A raw TCP connection to a module's serial port. No telnet negotiation is done: serve the port in raw mode.
pub struct Tcp {
    stream: TcpStream,
    name: String,
}

impl Tcp {
    /// Connects to `address`, written `host:port`, within 10 seconds.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the address cannot be understood,
    /// [`PortNotFound`](ErrorKind::PortNotFound) when nothing answers there.
    pub fn connect(address: &str) -> Result<Self> {
        let failed =
            |kind, error: io::Error| Error::new(kind, format!("{address}: {error}")).during("open").with_source(error);
        let candidates = address.to_socket_addrs().map_err(|error| failed(ErrorKind::InvalidInput, error))?;
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for candidate in candidates {
            match TcpStream::connect_timeout(&candidate, CONNECT_LIMIT) {
                Ok(stream) => {
                    // Commands are short and waited for: Nagle's algorithm would only delay them.
                    stream.set_nodelay(true).map_err(|error| failed(ErrorKind::PortLost, error))?;
                    return Ok(Tcp { stream, name: format!("tcp://{address}") });
                }
                Err(error) => last = error,
            }
        }
        Err(failed(ErrorKind::PortNotFound, last))
    }
}

/// What a socket's time-out is set to for `deadline`: at least a millisecond, because zero would mean "for ever".
fn time_left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
}

/// Sockets report an expired time-out as `WouldBlock` on Unix.
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
                other => return other.map_err(normalised),
            }
        }
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        loop {
            self.stream.set_write_timeout(Some(time_left(deadline)))?;
            match self.stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => return other.map_err(normalised),
            }
        }
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
    fn bytes_pass_a_silent_peer_times_out_and_a_closed_one_is_an_error() {
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
    fn an_address_without_a_port_is_refused() {
        let Err(error) = Tcp::connect("localhost") else { panic!("connected to no port") };
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

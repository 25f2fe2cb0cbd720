//! An open port whose writes never wait longer than they may.
//!
//! The serialport crate waits until the port has room for one byte and then writes in blocking mode: where the module
//! accepts no more bytes (CTS off, or a module that has stopped reading), a write of more than the free space never
//! ends. On Unix the bytes therefore go through a second descriptor of the same device, which does not block.

use std::io;
use std::time::{Duration, Instant};

use serialport::{ClearBuffer, SerialPort, SerialPortBuilder};

use crate::transport::timed_out;

/// An open port.
pub(super) struct Port {
    port: Box<dyn SerialPort>,
    timeout: Duration,
    /// Whether the last write found no room until its deadline.
    is_blocked: bool,
    #[cfg(unix)]
    writer: Option<std::fs::File>,
}

impl Port {
    /// Opens the port `path` with the settings of `builder`.
    pub fn open(path: &str, builder: SerialPortBuilder) -> serialport::Result<Self> {
        // Before the port itself, which is then opened with exclusive access. If this fails, that explains why.
        #[cfg(unix)]
        let writer = unix::open_writer(path);
        let port = builder.path(path).open()?;
        let timeout = port.timeout();
        Ok(Port {
            port,
            timeout,
            is_blocked: false,
            #[cfg(unix)]
            writer: writer?,
        })
    }

    /// Reads as [`Transport::read`](crate::transport::Transport::read) does.
    pub fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        // Before every command the driver reads without waiting. The port's time-out would allocate an error each time.
        if deadline <= Instant::now() && self.port.bytes_to_read()? == 0 {
            return Err(timed_out());
        }
        loop {
            self.wait_until(deadline)?;
            match self.port.read(buffer) {
                Ok(0) if buffer.is_empty() => return Ok(0),
                // A terminal that hung up reports the end of file.
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => return other,
            }
        }
    }

    /// Writes as [`Transport::write`](crate::transport::Transport::write) does.
    pub fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let outcome = self.write_until(bytes, deadline);
        self.is_blocked = outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
        outcome
    }

    fn write_until(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        loop {
            match self.write_some(bytes, deadline) {
                Ok(0) if !bytes.is_empty() => return Err(timed_out()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if deadline <= Instant::now() {
                        return Err(timed_out());
                    }
                    // Writing nothing waits until there is room.
                    self.wait_until(deadline)?;
                    match self.port.write(&[]) {
                        Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                        _ => {}
                    }
                }
                other => return other,
            }
        }
    }

    /// Puts the DTR line on or off.
    pub fn set_dtr(&mut self, level: bool) -> io::Result<()> {
        self.port.write_data_terminal_ready(level).map_err(io::Error::from)
    }

    /// Returns the number of bytes that have not left the host yet.
    pub fn unsent(&self) -> usize {
        self.port.bytes_to_write().ok().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
    }

    /// Writes what there is room for now, where the system can tell; otherwise waits for room until `deadline`.
    fn write_some(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        #[cfg(unix)]
        if let Some(writer) = &mut self.writer {
            return io::Write::write(writer, bytes);
        }
        self.wait_until(deadline)?;
        self.port.write(bytes)
    }

    /// Sets the port's time-out so that a blocking call ends at `deadline`. The time-out is rounded up to a
    /// millisecond, the resolution of the operating system: a wait that ends just before its deadline would have to be
    /// repeated.
    fn wait_until(&mut self, deadline: Instant) -> io::Result<()> {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Duration::from_millis(u64::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u64::MAX));
        if timeout != self.timeout {
            self.port.set_timeout(timeout)?;
            self.timeout = timeout;
        }
        Ok(())
    }
}

impl Drop for Port {
    /// Linux waits up to 30 seconds, while it closes a port, for bytes that flow control holds back: they are dropped.
    fn drop(&mut self) {
        if self.is_blocked {
            let _ = self.port.clear(ClearBuffer::Output);
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::unix::fs::OpenOptionsExt;

    /// `O_NOCTTY | O_NONBLOCK` of open(2), which the standard library does not name; 0 on systems that are not listed,
    /// where the port itself writes.
    const FLAGS: i32 = if cfg!(target_vendor = "apple") {
        0x2_0000 | 0x4
    } else if cfg!(any(target_os = "freebsd", target_os = "netbsd", target_os = "openbsd", target_os = "dragonfly")) {
        0x8000 | 0x4
    } else if !cfg!(any(target_os = "linux", target_os = "android")) {
        0
    } else if cfg!(any(target_arch = "mips", target_arch = "mips64", target_arch = "mips32r6")) {
        0x800 | 0x80
    } else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
        0x8000 | 0x4000
    } else {
        0o400 | 0o4000
    };

    /// Opens the device for writing without blocking.
    pub fn open_writer(path: &str) -> io::Result<Option<File>> {
        if FLAGS == 0 {
            return Ok(None);
        }
        OpenOptions::new().write(true).custom_flags(FLAGS).open(path).map(Some)
    }
}

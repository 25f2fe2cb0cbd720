//! The connection to the module: a byte pipe with deadlines and a clock.
//!
//! The driver reads and writes through [`Transport`].
//!
//! | module | transport |
//! |---|---|
//! | [`serial`] | a serial port |
//! | [`tcp`] | a serial port behind ser2net, socat or a terminal server |
//! | [`recorder`] | another transport whose traffic it records as a [`transcript`] |
//! | [`replay`] | a recorded [`transcript`], for regression tests |
//! | [`memory`] | a peer in the same thread, such as an emulated module |
//!
//! [`serial`] and [`tcp`] wait in the operating system. [`replay`] and [`memory`] advance a virtual clock instead, so
//! that a test that waits two minutes for a silent module takes no time.

pub(crate) mod mask;
pub mod memory;
pub mod recorder;
pub mod replay;
pub mod serial;
pub mod tcp;
pub mod transcript;

use std::io;
use std::time::Instant;

use crate::error::{Error, ErrorKind, Result};

/// A byte pipe to a module.
pub trait Transport: Send {
    /// Reads available bytes, at most `buffer.len()`. If none is available, waits for the first one until `deadline`. A
    /// deadline in the past means: do not wait.
    ///
    /// Returns the number of bytes read, which is 0 only for an empty buffer.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] if no byte arrived until `deadline`. Every other kind means that the pipe is broken.
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize>;

    /// Writes at least one byte of `bytes`. If the pipe is full, waits for space until `deadline`.
    ///
    /// Returns the number of bytes written.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] if no byte could be written until `deadline`. Every other kind means that the pipe
    /// is broken.
    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize>;

    /// Returns the number of written bytes that have not left the host yet. Default: 0, for pipes that cannot tell.
    fn unsent(&mut self) -> usize {
        0
    }

    /// Returns the current time of the clock that deadlines refer to. Default: the system clock.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Returns the rate of the serial line in bits per second. Default: `None`, for pipes without such a line.
    fn line_rate(&self) -> Option<u32> {
        None
    }

    /// Opens the pipe again after its device has disappeared.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) by default, and the errors of opening the pipe.
    fn reopen(&mut self) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, format!("{} cannot be opened again", self.name())))
    }

    /// Puts the DTR line (circuit 108/2 of V.24) on or off.
    ///
    /// # Errors
    /// [`io::ErrorKind::Unsupported`] by default, for pipes without such a line, and the errors of the port.
    fn set_dtr(&mut self, level: bool) -> io::Result<()> {
        let _ = level;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns the name of the pipe for messages.
    fn name(&self) -> &str;
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        (**self).read(buffer, deadline)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        (**self).write(bytes, deadline)
    }

    fn unsent(&mut self) -> usize {
        (**self).unsent()
    }

    fn now(&self) -> Instant {
        (**self).now()
    }

    fn line_rate(&self) -> Option<u32> {
        (**self).line_rate()
    }

    fn reopen(&mut self) -> Result<()> {
        (**self).reopen()
    }

    fn set_dtr(&mut self, level: bool) -> io::Result<()> {
        (**self).set_dtr(level)
    }

    fn name(&self) -> &str {
        (**self).name()
    }
}

/// Returns the error of a deadline that passed.
fn timed_out() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}

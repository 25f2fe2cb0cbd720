//! A byte pipe with deadlines, and the time it runs in.
//!
//! Everything above reads and writes through [`Transport`]. A real one ([`serial`], [`tcp`]) waits in the operating
//! system; one for tests ([`memory`], [`replay`]) advances a virtual clock instead, so that a test that waits two
//! minutes for a silent module takes no time.

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
    /// Reads what is there, at most `buffer.len()` bytes, waiting until `deadline` for the first of them. With a deadline
    /// in the past it takes what has already arrived.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when nothing came; anything else means that the pipe is broken. It never returns 0
    /// for a buffer that is not empty.
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize>;

    /// Writes at least one byte of `bytes`, waiting until `deadline` for room.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize>;

    /// Bytes that were written and have not left yet, where the pipe can tell; else 0.
    fn unsent(&mut self) -> usize {
        0
    }

    /// The present time, of the clock that the deadlines are measured on.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Bits per second on the line, where that is the limit.
    fn line_rate(&self) -> Option<u32> {
        None
    }

    /// Opens the pipe again, after the device at its other end had vanished.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a pipe that cannot; else as when it was opened first.
    fn reopen(&mut self) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, format!("{} cannot be opened again", self.name())))
    }

    /// What to call it in messages.
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

    fn name(&self) -> &str {
        (**self).name()
    }
}

/// The one error that means "nothing yet".
fn timed_out() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}

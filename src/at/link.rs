//! The port with its read buffer.
//!
//! Invariant: `start <= end <= buffer.len()`; the bytes between them were read and not used.

use std::io;
use std::time::{Duration, Instant};

use super::cancellation::Cancellation;
use super::limits::LONGEST;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

/// Room for what was read and not yet used: large enough that payload passes in few system calls.
pub(super) const BUFFER: usize = 64 * 1024;

/// How soon a cancellation is noticed while the line is silent.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// Why reading or writing ended.
#[derive(Debug)]
pub enum Fault {
    /// The flag was set.
    Cancelled,
    /// More came than fits into the buffer, and nothing used it.
    Overflow,
    /// The port failed, or took no byte in time.
    Port(io::Error),
}

/// Transport, buffer and cancellation.
pub struct Link {
    transport: Box<dyn Transport>,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// Number of bytes received so far.
    received: u64,
    /// Whether the last write ended because the port accepted no byte.
    is_blocked: bool,
    /// Whether a drop of DTR leaves data mode.
    escapes_by_dtr: bool,
    pub(in crate::at) cancellation: Cancellation,
}

impl Link {
    pub(in crate::at) fn new(transport: Box<dyn Transport>) -> Self {
        Link {
            transport,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            received: 0,
            is_blocked: false,
            escapes_by_dtr: false,
            cancellation: Cancellation::default(),
        }
    }

    pub fn now(&self) -> Instant {
        self.transport.now()
    }

    pub fn name(&self) -> &str {
        self.transport.name()
    }

    pub fn received(&self) -> u64 {
        self.received
    }

    /// Number of bytes that were written and have not left yet.
    pub(in crate::at) fn unsent(&mut self) -> usize {
        self.transport.unsent()
    }

    /// The time that `bytes` bytes take on the line at 10 bits a byte; zero where the line's rate does not matter.
    pub fn line_time(&self, bytes: u64) -> Duration {
        match self.transport.line_rate() {
            Some(rate) if rate > 0 => {
                Duration::try_from_secs_f64(bytes as f64 * 10.0 / f64::from(rate)).unwrap_or(LONGEST).min(LONGEST)
            }
            _ => Duration::ZERO,
        }
    }

    /// What was read and not yet used.
    pub fn waiting(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Marks the first `count` waiting bytes as used.
    pub(in crate::at) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Drops everything that waits; returns the number of bytes.
    pub(in crate::at) fn clear(&mut self) -> usize {
        let dropped = self.end - self.start;
        self.start = self.end;
        dropped
    }

    /// Reads more into the buffer; returns whether anything came until `until`.
    pub(in crate::at) fn fill(&mut self, until: Instant) -> Result<bool, Fault> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        loop {
            let next_check = self.until_next_check(until)?;
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            if room.is_empty() {
                return Err(Fault::Overflow);
            }
            match self.transport.read(room, next_check) {
                Ok(count) => {
                    self.end = (self.end + count).min(self.buffer.len());
                    self.received += count as u64;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut && next_check < until => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(false),
                Err(error) => return Err(Fault::Port(error)),
            }
        }
    }

    /// Writes bytes as they are; an error tells how many of them were written.
    pub(in crate::at) fn write(&mut self, bytes: &[u8], until: Instant) -> Result<(), (usize, Fault)> {
        let mut sent = 0;
        while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            let next_check = self.until_next_check(until).map_err(|fault| (sent, fault))?;
            let outcome = self.transport.write(rest, next_check);
            self.is_blocked = outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
            match outcome {
                Ok(count) => sent += count,
                Err(_) if self.is_blocked && next_check < until => {}
                Err(error) => return Err((sent, Fault::Port(error))),
            }
        }
        Ok(())
    }

    /// Whether the port accepted no byte when the last write ended: flow control holds it, or nothing reads.
    pub(in crate::at) fn is_blocked(&self) -> bool {
        self.is_blocked
    }

    /// Opens the port again. What was read before is dropped.
    pub(in crate::at) fn reopen(&mut self) -> Result<()> {
        self.transport.reopen()?;
        (self.start, self.end) = (0, 0);
        self.is_blocked = false;
        if self.escapes_by_dtr { self.escape_by_dtr() } else { Ok(()) }
    }

    /// From now on a drop of DTR leaves data mode, for which the line is on otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for a port without this line.
    pub(in crate::at) fn escape_by_dtr(&mut self) -> Result<()> {
        self.escapes_by_dtr = true;
        self.set_dtr(true).map_err(|error| {
            let error =
                Error::new(ErrorKind::Unsupported, format!("{} has no DTR line", self.name())).with_source(error);
            error.advising("open it without escape_by_dtr (--dtr escape)")
        })
    }

    pub fn escapes_by_dtr(&self) -> bool {
        self.escapes_by_dtr
    }

    pub(in crate::at) fn set_dtr(&mut self, level: bool) -> io::Result<()> {
        self.transport.set_dtr(level)
    }

    /// Until when to wait at a time: where another thread may cancel, a long wait consists of short ones.
    fn until_next_check(&mut self, until: Instant) -> Result<Instant, Fault> {
        if self.cancellation.ends_operation() {
            return Err(Fault::Cancelled);
        }
        match self.cancellation.is_possible() {
            true => Ok(until.min(self.transport.now() + CANCEL_CHECK)),
            false => Ok(until),
        }
    }
}

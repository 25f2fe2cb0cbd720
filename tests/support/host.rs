//! The host's end of a line, as one program has it.

use std::io;
use std::time::{Duration, Instant};

use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::Peer;

use super::line::Line;

pub struct Host<P> {
    line: Line<P>,
    line_rate: Option<u32>,
    /// When the last byte that was written has left, at that rate.
    sent: Duration,
    arrived: Vec<u8>,
    taken: usize,
}

impl<P: Peer> Host<P> {
    pub(super) fn new(line: Line<P>) -> Self {
        Host { line, line_rate: None, sent: Duration::ZERO, arrived: Vec::new(), taken: 0 }
    }

    /// Tells the driver how many bits a second the line carries. Default: not known.
    pub fn with_line_rate(mut self, bits_per_second: u32) -> Self {
        self.line_rate = Some(bits_per_second);
        self
    }
}

impl<P: Peer> Transport for Host<P> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let mut state = self.line.state();
        let deadline = deadline.saturating_duration_since(state.epoch);
        loop {
            if !state.is_plugged() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if self.taken == self.arrived.len() {
                self.arrived.clear();
                self.taken = 0;
                state.transmit(&mut self.arrived);
            }
            let waiting = &self.arrived[self.taken..];
            if !waiting.is_empty() {
                let count = waiting.len().min(buffer.len());
                buffer[..count].copy_from_slice(&waiting[..count]);
                self.taken += count;
                return Ok(count);
            }
            if !state.wait(deadline) {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
    }

    /// Takes everything at once.
    fn write(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        let mut state = self.line.state();
        if !state.is_plugged() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if let Some(rate) = self.line_rate {
            self.sent = self.sent.max(state.now) + Duration::from_secs(bytes.len() as u64 * 10) / rate;
        }
        state.receive(bytes);
        Ok(bytes.len())
    }

    fn unsent(&mut self) -> usize {
        let left = self.sent.saturating_sub(self.line.state().now);
        self.line_rate.map_or(0, |rate| (left.as_secs_f64() * f64::from(rate) / 10.0) as usize)
    }

    fn now(&self) -> Instant {
        let state = self.line.state();
        state.epoch + state.now
    }

    fn set_dtr(&mut self, level: bool) -> io::Result<()> {
        self.line.state().dtr(level);
        Ok(())
    }

    fn name(&self) -> &str {
        "memory"
    }

    /// What was on its way is lost.
    fn reopen(&mut self) -> ftp_modem::Result<()> {
        self.arrived.clear();
        self.taken = 0;
        match self.line.state().is_plugged() {
            true => Ok(()),
            false => Err(ftp_modem::Error::new(ftp_modem::ErrorKind::PortNotFound, "the port is unplugged")),
        }
    }

    fn line_rate(&self) -> Option<u32> {
        self.line_rate
    }
}

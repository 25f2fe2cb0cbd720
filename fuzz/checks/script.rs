//! A module whose output is the input of the fuzzer, in virtual time.
//!
//! The module sends most bytes unchanged. Five bytes have a special meaning, so that one input defines both the output
//! and its timing:
//!
//! | byte | meaning |
//! |---|---|
//! | `F8` | wait until the host writes |
//! | `F9` n | wait for n quarters of a second |
//! | `FA` | the bytes of the host's last write, as an echo |
//! | `FB` n | n bytes of payload |
//! | `FC` x | the byte x, even if it is special |

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ftp_modem::transport::Transport;

pub const HOST: u8 = 0xf8;
pub const TIME: u8 = 0xf9;
pub const ECHO: u8 = 0xfa;
pub const PAYLOAD: u8 = 0xfb;
pub const LITERAL: u8 = 0xfc;

const QUARTER: Duration = Duration::from_millis(250);

/// Largest number of reads and writes of a session. A driver that needs more is in a busy loop.
const MOST_CALLS: u32 = 1_000_000;

/// The observations of a session.
#[derive(Default)]
pub struct Seen {
    /// Number of bytes that the module has sent.
    pub sent: u64,
    pub elapsed: Duration,
    /// Whether the host has sent the secret. The driver can mask it only from then on.
    pub secret_sent: bool,
}

/// The behaviour of the module in addition to its script.
#[derive(Clone)]
pub struct Behaviour {
    /// Largest number of bytes per read.
    pub fragment: usize,
    /// Answers to the first commands, before the script.
    pub greeting: Vec<String>,
    /// Whether the module answers `OK` after the end of the script.
    pub answers_ok: bool,
    /// The secret that no error may contain.
    pub secret: &'static str,
}

pub struct Script {
    rest: std::vec::IntoIter<u8>,
    behaviour: Behaviour,
    greeted: usize,
    epoch: Instant,
    now: Duration,
    due: Duration,
    waits_for_host: bool,
    out: std::collections::VecDeque<u8>,
    written: Vec<u8>,
    calls: u32,
    seen: Arc<Mutex<Seen>>,
}

impl Script {
    pub fn new(script: &[u8], behaviour: Behaviour) -> (Self, Arc<Mutex<Seen>>) {
        let seen = Arc::default();
        let script = Script {
            rest: Vec::from(script).into_iter(),
            greeted: 0,
            epoch: Instant::now(),
            now: Duration::ZERO,
            due: Duration::ZERO,
            waits_for_host: !behaviour.greeting.is_empty(),
            behaviour,
            out: Default::default(),
            written: Vec::new(),
            calls: 0,
            seen: Arc::clone(&seen),
        };
        (script, seen)
    }

    /// Sends the output that is due.
    fn advance(&mut self) {
        while !self.waits_for_host && self.due <= self.now {
            match self.rest.next() {
                None => return,
                Some(HOST) => self.waits_for_host = true,
                Some(TIME) => self.due = self.now + QUARTER * u32::from(self.rest.next().unwrap_or(0)),
                Some(ECHO) => self.out.extend(&self.written),
                Some(PAYLOAD) => self.out.extend(0..self.rest.next().unwrap_or(0)),
                Some(LITERAL) => self.out.extend(self.rest.next()),
                Some(byte) => self.out.push_back(byte),
            }
        }
    }

    fn count_call(&mut self) {
        self.calls += 1;
        assert!(self.calls < MOST_CALLS, "the driver is in a busy loop");
        let mut seen = self.seen.lock().unwrap();
        seen.elapsed = self.now;
    }
}

impl Transport for Script {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let deadline = deadline.saturating_duration_since(self.epoch);
        self.advance();
        while self.out.is_empty() && !self.waits_for_host && self.now < self.due && self.due <= deadline {
            self.now = self.due;
            self.advance();
        }
        if self.out.is_empty() {
            self.now = self.now.max(deadline);
        }
        self.count_call();
        if self.out.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let count = self.out.len().min(buffer.len()).min(self.behaviour.fragment);
        for (to, from) in buffer.iter_mut().zip(self.out.drain(..count)) {
            *to = from;
        }
        self.seen.lock().unwrap().sent += count as u64;
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        self.count_call();
        self.written = bytes.to_vec();
        let secret = self.behaviour.secret.as_bytes();
        self.seen.lock().unwrap().secret_sent |= bytes.windows(secret.len()).any(|window| window == secret);
        let is_command = bytes.ends_with(b"\r");
        if let Some(answer) = self.behaviour.greeting.get(self.greeted).filter(|_| is_command) {
            self.greeted += 1;
            self.out.extend(answer.as_bytes());
            // The script starts after the next command.
            self.waits_for_host = true;
            return Ok(bytes.len());
        }
        self.waits_for_host = false;
        self.advance();
        if is_command && self.behaviour.answers_ok && self.rest.len() == 0 && self.out.is_empty() {
            self.out.extend(b"\r\nOK\r\n");
        }
        Ok(bytes.len())
    }

    fn now(&self) -> Instant {
        self.epoch + self.now
    }

    fn name(&self) -> &str {
        "script"
    }
}

//! A module that says what the input holds, in virtual time.
//!
//! Most bytes are said as they are. Five stand for something else, so that one input holds both what is said and when:
//!
//! | byte | meaning |
//! |---|---|
//! | `F8` | nothing more before the host has written |
//! | `F9` n | n quarters of a second pass |
//! | `FA` | what the host wrote last, as an echo |
//! | `FB` n | n bytes of payload |
//! | `FC` x | the byte x, whatever it is |

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

/// More reads and writes than any session of this length needs: beyond, the driver spins.
const MOST_CALLS: u32 = 1_000_000;

/// What a session came to, to be looked at from outside.
#[derive(Default)]
pub struct Seen {
    /// Bytes that the module has said.
    pub said: u64,
    pub elapsed: Duration,
    /// Whether the host has sent the secret: nobody can mask one that was not told yet.
    pub was_told: bool,
}

/// How the module behaves besides its script.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Most bytes that a read gives.
    pub fragment: usize,
    /// What is answered to the first commands whatever the script says.
    pub greeting: &'static [&'static str],
    /// Whether commands are answered by `OK` once the script is over.
    pub is_willing: bool,
    /// What must not come back to anybody.
    pub secret: &'static str,
}

pub struct Script {
    rest: std::vec::IntoIter<u8>,
    manner: Manner,
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
    pub fn new(script: &[u8], manner: Manner) -> (Self, Arc<Mutex<Seen>>) {
        let seen = Arc::default();
        let script = Script {
            rest: Vec::from(script).into_iter(),
            manner,
            greeted: 0,
            epoch: Instant::now(),
            now: Duration::ZERO,
            due: Duration::ZERO,
            waits_for_host: !manner.greeting.is_empty(),
            out: Default::default(),
            written: Vec::new(),
            calls: 0,
            seen: Arc::clone(&seen),
        };
        (script, seen)
    }

    /// Says what is to be said now.
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
        assert!(self.calls < MOST_CALLS, "the driver spins");
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
        let count = self.out.len().min(buffer.len()).min(self.manner.fragment);
        for (to, from) in buffer.iter_mut().zip(self.out.drain(..count)) {
            *to = from;
        }
        self.seen.lock().unwrap().said += count as u64;
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        self.count_call();
        self.written = bytes.to_vec();
        let secret = self.manner.secret.as_bytes();
        self.seen.lock().unwrap().was_told |= bytes.windows(secret.len()).any(|window| window == secret);
        let is_command = bytes.ends_with(b"\r");
        if let Some(answer) = self.manner.greeting.get(self.greeted).filter(|_| is_command) {
            self.greeted += 1;
            self.out.extend(answer.as_bytes());
            // The script begins with what comes after the next command.
            self.waits_for_host = true;
            return Ok(bytes.len());
        }
        self.waits_for_host = false;
        self.advance();
        if is_command && self.manner.is_willing && self.rest.len() == 0 && self.out.is_empty() {
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

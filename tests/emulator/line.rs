//! A module at the other end of a line, in virtual time.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use crate::emulator::{MemoryServer, Module, Options, Profile};

/// The module, and its server.
pub struct Line {
    pub module: Module,
    pub server: MemoryServer,
    now: Duration,
}

impl Line {
    /// A module of a profile, with its options changed.
    pub fn new(profile: &str, change: impl FnOnce(Options) -> Options) -> Self {
        let profile = Profile::named(profile).unwrap();
        let server = MemoryServer::new();
        let module = Module::new(profile.family(), server.remote(), change(profile.options()));
        Self { module, server, now: Duration::ZERO }
    }

    /// Sends `bytes`, and returns what comes within `time`.
    pub fn within(&mut self, time: Duration, bytes: &[u8]) -> String {
        String::from_utf8_lossy(&self.received(time, bytes)).into_owned()
    }

    fn received(&mut self, time: Duration, bytes: &[u8]) -> Vec<u8> {
        self.module.receive(self.now, bytes);
        let until = self.now + time;
        let mut out = Vec::new();
        loop {
            let before = out.len();
            self.module.transmit(self.now, &mut out);
            if out.len() > before {
                continue;
            }
            match self.module.next_event().filter(|next| *next <= until) {
                Some(next) => self.now = next.max(self.now),
                None => break,
            }
        }
        self.now = until;
        out
    }

    /// Sends `bytes`, and returns the bytes that come within 15 s.
    pub fn bytes(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.received(Duration::from_secs(15), bytes)
    }

    /// Sends `bytes`, and returns what comes within 15 s.
    pub fn exchange(&mut self, bytes: &[u8]) -> String {
        self.within(Duration::from_secs(15), bytes)
    }

    /// Sends command lines that succeed.
    pub fn session(&mut self, lines: &[&str]) {
        for line in lines {
            let answer = self.exchange(format!("{line}\r").as_bytes());
            assert!(answer.contains("OK\r\n") && !answer.contains("ERROR"), "{line}: {answer:?}");
        }
    }
}

//! A module on a virtual clock, and what the tests need of each dialect.

use std::time::Duration;

use super::{Family, Faulty, MemoryServer, Module, Options};

/// What the tests that every dialect must pass need of one. The server has the file `/f`.
pub(crate) struct Sample {
    /// The commands of the dialect, with their prefix.
    pub(crate) commands: &'static [&'static str],
    /// Commands that programs send when they start and that change nothing of what is emulated.
    pub(crate) extras: &'static [&'static str],
    /// The command lines after which `f` can be downloaded and `g` uploaded, on an active bearer.
    pub(crate) login: &'static [&'static str],
    /// The command lines that download `f`.
    pub(crate) download: &'static [&'static str],
    /// What comes before the five bytes of `f`. If it has their number, this is the last 5 in it.
    pub(crate) announcement: &'static str,
    /// A whole session on an active bearer: a download of the ten bytes of `f`, an upload of `12345` to `g`, and a
    /// query if there is one.
    pub(crate) session: &'static [Step],
}

/// A step of a session.
pub(crate) struct Step {
    /// A command line with its end, or data.
    pub(crate) sent: &'static str,
    /// The number of replies of the server until all of the answer has come.
    pub(crate) replies: u32,
    /// How all that comes back ends.
    pub(crate) end: &'static str,
}

pub(crate) const fn step(sent: &'static str, replies: u32, end: &'static str) -> Step {
    Step { sent, replies, end }
}

pub(crate) struct Bench {
    pub(crate) module: Faulty,
    pub(crate) server: MemoryServer,
    pub(crate) now: Duration,
}

impl Bench {
    pub(crate) fn new(family: Family, options: Options) -> Self {
        let server = MemoryServer::new();
        let module = Module::new(family, server.remote(), options);
        Self { module: module.into(), server, now: Duration::ZERO }
    }

    /// Plays faults from here on, at the server as well.
    pub(crate) fn play(&mut self, plan: &str) {
        let plan = plan.parse().unwrap();
        self.server.play(&plan);
        self.module.play(plan);
    }

    /// Sends bytes without waiting for anything.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.module.receive(self.now, bytes);
    }

    /// All that leaves the module without time passing.
    pub(crate) fn output(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let before = out.len();
            self.module.transmit(self.now, &mut out);
            if out.len() == before {
                return out;
            }
        }
    }

    /// All that leaves the module within `time`.
    pub(crate) fn after(&mut self, time: Duration) -> Vec<u8> {
        let until = self.now + time;
        let mut out = self.output();
        while let Some(next) = self.module.next_event().filter(|next| *next <= until) {
            self.now = next.max(self.now);
            out.extend(self.output());
        }
        self.now = until;
        out.extend(self.output());
        out
    }

    /// Sends bytes and gives all that comes back at once.
    pub(crate) fn exchange(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.send(bytes);
        self.output()
    }

    /// Sends a command line and gives the answer as text.
    pub(crate) fn command(&mut self, line: &str) -> String {
        let answer = self.exchange(format!("{line}\r").as_bytes());
        String::from_utf8(answer).unwrap()
    }
}

//! Command streams of programs that work on real modules, replayed against the emulated ones: the module answers as
//! each program needs it to.
//!
//! A transcript in `hosts/` has one step a line; texts are quoted and escaped as in Rust.
//!
//! * `module sim800`: the profile, with the times of a real module
//! * `guard 990ms`: a Quectel module takes so much silence around `+++`
//! * `server /f "text"`: the server has this file
//! * `send "AT\r\n"`: the program sends these bytes
//! * `repeat 1024 "a"`: it sends these bytes so many times
//! * `until "OK" within 2s`: the program reads until it finds this text, which has to come in that time
//! * `line "OK" within 2s`: of the next lines that the program reads one is this, to the byte
//! * `silence 1s is "…"`: the program reads until nothing has come for so long, and has got exactly this
//! * `pause 10s`: the program does something else
//! * `flush`: the program throws away what it has not read
//! * `stored /f "text"`: the server has this file now
//! * `gone /f`: the server has no such file

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::emulator::{MemoryServer, Module, Profile};

/// A program's end of the line.
struct Host {
    module: Module,
    server: MemoryServer,
    now: Duration,
    /// What has come and not been read.
    unread: Vec<u8>,
}

impl Host {
    fn new(profile: &str, guard: Option<&str>, rate: Option<u32>) -> Self {
        let profile = Profile::named(profile).unwrap_or_else(|| panic!("there is no profile {profile}"));
        let server = MemoryServer::new();
        let mut options = profile.options().with_real_times();
        options.line_rate = rate;
        options.quectel.escape_guard = guard.map_or(options.quectel.escape_guard, time);
        let module = Module::new(profile.family(), server.remote(), options);
        Host { module, server, now: Duration::ZERO, unread: Vec::new() }
    }

    /// Takes in what leaves the module until `until`, or until `enough` of it has come.
    fn read(&mut self, until: Duration, enough: impl Fn(&[u8]) -> bool) -> bool {
        loop {
            loop {
                let before = self.unread.len();
                self.module.transmit(self.now, &mut self.unread);
                if self.unread.len() == before {
                    break;
                }
            }
            if enough(&self.unread) {
                return true;
            }
            match self.module.next_event().filter(|next| *next <= until) {
                Some(next) => self.now = next.max(self.now),
                None => {
                    self.now = until;
                    return false;
                }
            }
        }
    }

    fn until(&mut self, text: &[u8], limit: Duration) {
        let found = |unread: &[u8]| unread.windows(text.len()).position(|window| window == text);
        let came = self.read(self.now + limit, |unread| found(unread).is_some());
        assert!(came, "{:?} does not come in {:?}", text.escape_ascii().to_string(), self.unread());
        let end = found(&self.unread).unwrap() + text.len();
        self.unread.drain(..end);
    }

    fn line(&mut self, text: &[u8], limit: Duration) {
        let until = self.now + limit;
        loop {
            let came = self.read(until, |unread| unread.contains(&b'\n'));
            assert!(came, "no line is {:?}, the rest is {:?}", text.escape_ascii().to_string(), self.unread());
            let end = self.unread.iter().position(|byte| *byte == b'\n').unwrap() + 1;
            let line: Vec<u8> = self.unread.drain(..end).collect();
            if line == text {
                return;
            }
        }
    }

    fn silence(&mut self, time: Duration, text: &[u8]) {
        loop {
            let before = self.unread.len();
            if !self.read(self.now + time, |unread| unread.len() > before) {
                break;
            }
        }
        let got = std::mem::take(&mut self.unread);
        assert_eq!(got.escape_ascii().to_string(), text.escape_ascii().to_string());
    }

    fn unread(&self) -> String {
        self.unread.escape_ascii().to_string()
    }

    fn step(&mut self, step: &str) {
        let (name, rest) = step.split_once(' ').unwrap_or((step, ""));
        match name {
            "server" => {
                let (path, text) = rest.split_once(' ').unwrap();
                self.server.put(path, bytes(text).0);
            }
            "send" => self.module.receive(self.now, &bytes(rest).0),
            "repeat" => {
                let (count, text) = rest.split_once(' ').unwrap();
                self.module.receive(self.now, &bytes(text).0.repeat(count.parse().unwrap()));
            }
            "until" => {
                let (text, rest) = bytes(rest);
                self.until(&text, time(rest.strip_prefix(" within ").unwrap()));
            }
            "line" => {
                let (text, rest) = bytes(rest);
                self.line(&text, time(rest.strip_prefix(" within ").unwrap()));
            }
            "silence" => {
                let (limit, text) = rest.split_once(" is ").unwrap();
                self.silence(time(limit), &bytes(text).0);
            }
            "pause" => drop(self.read(self.now + time(rest), |_| false)),
            "flush" => {
                self.read(self.now, |_| false);
                self.unread.clear();
            }
            "stored" => {
                let (path, text) = rest.split_once(' ').unwrap();
                let content = self.server.file(path).unwrap_or_else(|| panic!("there is no {path}"));
                assert_eq!(content.escape_ascii().to_string(), bytes(text).0.escape_ascii().to_string());
            }
            "gone" => assert_eq!(self.server.file(rest), None),
            _ => panic!("there is no such step"),
        }
    }
}

/// A quoted text, and what follows it.
fn bytes(text: &str) -> (Vec<u8>, &str) {
    let mut bytes = Vec::new();
    let mut rest = text.strip_prefix('"').expect("a text is quoted").chars();
    loop {
        match rest.next().expect("a quoted text ends") {
            '"' => return (bytes, rest.as_str()),
            '\\' => bytes.push(match rest.next().expect("something is escaped") {
                'r' => b'\r',
                'n' => b'\n',
                't' => b'\t',
                'x' => {
                    let digits: String = rest.by_ref().take(2).collect();
                    u8::from_str_radix(&digits, 16).expect("two digits follow")
                }
                other => u8::try_from(other).unwrap(),
            }),
            other => bytes.extend(other.to_string().bytes()),
        }
    }
}

fn time(text: &str) -> Duration {
    match text.strip_suffix("ms") {
        Some(milliseconds) => Duration::from_millis(milliseconds.parse().unwrap()),
        None => Duration::from_secs(text.strip_suffix('s').unwrap().parse().unwrap()),
    }
}

/// Plays a transcript on a line of this rate; what goes wrong names its line.
fn play(file: &Path, rate: Option<u32>) {
    let text = fs::read_to_string(file).unwrap();
    let guard = text.lines().find_map(|line| line.strip_prefix("guard "));
    let mut host = None;
    let mut is_headed = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.is_empty() {
            is_headed |= line.contains("github.com/") || line.contains("public source");
            continue;
        }
        println!("{}:{}: {line}", file.display(), number + 1);
        match line.strip_prefix("module ") {
            Some(profile) => host = Some(Host::new(profile, guard, rate)),
            None if line.starts_with("guard ") => {}
            None => host.as_mut().expect("a transcript begins with its module").step(line),
        }
    }
    assert!(is_headed, "{} names its program", file.display());
}

#[test]
fn programs_that_work_on_hardware_work_on_the_emulated_modules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator/hosts");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 19, "{files:?}");
    for file in files {
        for rate in [None, Some(115_200)] {
            play(&file, rate);
        }
    }
}

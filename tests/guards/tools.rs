use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ftp_modem::emulator::{MemoryServer, Module, Options};
use ftp_modem::modem::AccessPoint;
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::{FtpModem, OpenOptions, Vendor};

use crate::support::bench::{PASSWORD, USER, emulated, server};

/// Called with what the host writes.
type Hook = Box<dyn FnMut(&[u8]) + Send>;

/// What a disturbed line does.
#[derive(Default)]
pub struct Rules {
    /// After so many bytes towards the host, `count` are lost.
    pub lose_read: Option<(usize, usize)>,
    /// After so many bytes towards the module, `count` are lost.
    pub lose_write: Option<(usize, usize)>,
    /// Called with everything written.
    pub on_write: Option<Hook>,
    pub elapsed: Duration,
    pub written: Vec<u8>,
}

pub type Shared = Arc<Mutex<Rules>>;

pub struct Disturbed<P> {
    pub pipe: MemoryPipe<P>,
    pub rules: Shared,
}

fn lose(rule: &mut Option<(usize, usize)>, bytes: &mut Vec<u8>) {
    if let Some((after, count)) = rule {
        if *after >= bytes.len() {
            *after -= bytes.len();
        } else {
            let here = (*count).min(bytes.len() - *after);
            bytes.drain(*after..*after + here);
            *count -= here;
            *after = 0;
            if *count == 0 {
                *rule = None;
            }
        }
    }
}

impl<P: Peer> Transport for Disturbed<P> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        loop {
            let outcome = self.pipe.read(buffer, deadline);
            let mut rules = self.rules.lock().unwrap();
            rules.elapsed = self.pipe.elapsed();
            let count = outcome?;
            let mut bytes = buffer[..count].to_vec();
            lose(&mut rules.lose_read, &mut bytes);
            if bytes.is_empty() {
                continue;
            }
            buffer[..bytes.len()].copy_from_slice(&bytes);
            return Ok(bytes.len());
        }
    }
    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let mut rules = self.rules.lock().unwrap();
        rules.written.extend_from_slice(bytes);
        if let Some(hook) = &mut rules.on_write {
            hook(bytes);
        }
        let mut left = bytes.to_vec();
        lose(&mut rules.lose_write, &mut left);
        if !left.is_empty() {
            self.pipe.write(&left, deadline)?;
        }
        Ok(bytes.len())
    }
    fn now(&self) -> Instant {
        self.pipe.now()
    }
    fn name(&self) -> &str {
        "disturbed"
    }
}

/// An emulated module on a line that can be disturbed, online.
pub fn online(vendor: Vendor, options: Options) -> (Box<dyn FtpModem>, MemoryServer, Shared) {
    let (mut modem, files, rules) = identified(vendor, options);
    modem.attach(&AccessPoint::default()).unwrap();
    modem.login(&server()).unwrap();
    (modem, files, rules)
}

/// An emulated module on a line that can be disturbed.
pub fn identified(vendor: Vendor, options: Options) -> (Box<dyn FtpModem>, MemoryServer, Shared) {
    let files = MemoryServer::new();
    files.add_user(USER, PASSWORD);
    let rules = Shared::default();
    let module = Module::new(emulated(vendor), files.remote(), options);
    let line = Disturbed { pipe: MemoryPipe::new(module), rules: rules.clone() };
    (OpenOptions::new().open_on(line).unwrap(), files, rules)
}

/// A module that answers by a table: each row is used once, in order of the commands that start with its text. What has no row
/// is answered by `OK`, ATI by a Quectel's text.
#[derive(Default)]
pub struct Scripted {
    pub rows: Vec<(&'static str, Vec<(u64, String)>)>,
    /// A command is answered only when the one before it is.
    pub busy_until: Duration,
    line: Vec<u8>,
    out: VecDeque<(Duration, Vec<u8>)>,
}

impl Scripted {
    pub fn new(rows: &[(&'static str, &[(u64, &str)])]) -> Self {
        let rows = rows
            .iter()
            .map(|(command, answers)| (*command, answers.iter().map(|(ms, text)| (*ms, (*text).to_owned())).collect()))
            .collect();
        Scripted { rows, ..Scripted::default() }
    }
}

pub const IDENTITY: &str = "\r\nQuectel\r\nEC20F\r\nRevision: EC20\r\n\r\nOK\r\n";

impl Peer for Scripted {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        for byte in bytes {
            if *byte != b'\r' {
                self.line.push(*byte);
                continue;
            }
            let command = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            if command.is_empty() {
                continue;
            }
            let row = self.rows.iter().position(|(text, _)| command.starts_with(text));
            let answers = match row {
                Some(row) => self.rows.remove(row).1,
                None if command == "ATI" => vec![(10, IDENTITY.to_owned())],
                None => vec![(10, "\r\nOK\r\n".to_owned())],
            };
            for (delay, text) in answers {
                let due = now.max(self.busy_until) + Duration::from_millis(delay);
                self.out.push_back((due, text.into_bytes()));
            }
            self.out.make_contiguous().sort_by_key(|(due, _)| *due);
        }
    }
    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        while self.out.front().is_some_and(|(due, _)| *due <= now) {
            out.extend(self.out.pop_front().unwrap().1);
        }
    }
    fn next_event(&self) -> Option<Duration> {
        self.out.front().map(|(due, _)| *due)
    }
}

//! An emulated Fibocom module that the test can disturb while the driver uses it.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ftp_modem::backend::fibocom::Fibocom;
use ftp_modem::emulator::{self, FibocomOptions, MemoryServer, Module, Options};
use ftp_modem::modem::{AccessPoint, Retrieve, Store, Transfer};
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::{FtpModem, OpenOptions, Result, Vendor};

use crate::support::bench::{PASSWORD, USER, server};
use crate::support::watch;

/// The module as the test sees it.
#[derive(Clone)]
pub struct Wire(Arc<Mutex<Inner>>);

struct Inner {
    module: Module,
    now: Duration,
    sent: Vec<u8>,
    /// Commands, by how they start, that get this answer instead of reaching the module.
    answers: Vec<(String, Vec<u8>)>,
    out: Vec<u8>,
}

impl Wire {
    fn new(module: Module) -> Self {
        let inner = Inner { module, now: Duration::ZERO, sent: Vec::new(), answers: Vec::new(), out: Vec::new() };
        Wire(Arc::new(Mutex::new(inner)))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// Another program uses the module, and goes without a word.
    pub fn by_somebody_else(&self, commands: &[&str]) {
        let mut inner = self.inner();
        for command in commands {
            let now = inner.now;
            inner.module.receive(now, format!("{command}\r").as_bytes());
            let mut unheard = Vec::new();
            for _ in 0..100 {
                inner.module.transmit(now, &mut unheard);
            }
        }
    }

    /// The module says something on its own.
    pub fn say(&self, line: &str) {
        let mut inner = self.inner();
        let now = inner.now;
        inner.module.inject(now, line);
    }

    /// The module is switched off and on.
    pub fn restart(&self) {
        let mut inner = self.inner();
        let now = inner.now;
        inner.module.restart(now);
    }

    /// Commands that start like `command` get `answer`, and the module never sees them.
    pub fn answer(&self, command: &str, answer: &[u8]) {
        self.inner().answers.push((command.to_owned(), answer.to_vec()));
    }

    /// The virtual time.
    pub fn elapsed(&self) -> Duration {
        self.inner().now
    }

    /// What the driver has sent since the last call.
    pub fn sent(&self) -> Vec<u8> {
        std::mem::take(&mut self.inner().sent)
    }

    /// The command lines the driver has sent since the last call, those that start like `start`.
    pub fn commands(&self, start: &str) -> Vec<String> {
        let sent = String::from_utf8_lossy(&self.sent()).into_owned();
        sent.split('\r').filter(|line| line.starts_with(start)).map(str::to_owned).collect()
    }
}

impl Peer for Wire {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let mut inner = self.inner();
        inner.now = now;
        inner.sent.extend_from_slice(bytes);
        let answer = inner.answers.iter().find(|(start, _)| bytes.starts_with(start.as_bytes()));
        match answer.map(|(_, answer)| answer.clone()) {
            Some(answer) => inner.out.extend(answer),
            None => inner.module.receive(now, bytes),
        }
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        let mut inner = self.inner();
        inner.now = now;
        out.append(&mut inner.out);
        inner.module.transmit(now, out);
    }

    fn next_event(&self) -> Option<Duration> {
        let inner = self.inner();
        if inner.out.is_empty() { inner.module.next_event() } else { Some(inner.now) }
    }
}

/// The driver on such a module, and the server behind it.
pub struct Rig {
    pub modem: Fibocom,
    pub files: MemoryServer,
    pub wire: Wire,
}

impl Rig {
    /// Opens the module `options` describe, once `before` has been at it.
    pub fn open_after(options: Options, before: impl FnOnce(&Wire)) -> Self {
        watch::watch();
        let files = MemoryServer::new();
        files.add_user(USER, PASSWORD);
        let wire = Wire::new(Module::new(emulator::Family::Fibocom, files.remote(), options));
        before(&wire);
        let modem = OpenOptions::new().vendor(Vendor::Fibocom).open_as_on(MemoryPipe::new(wire.clone())).unwrap();
        Rig { modem, files, wire }
    }

    pub fn open(options: Options) -> Self {
        Rig::open_after(options, |_| ())
    }

    /// Attached and logged in.
    pub fn online(options: Options) -> Self {
        let mut rig = Rig::open(options);
        rig.connect();
        rig
    }

    /// Attached and logged in, with a choice of the dialect's options.
    pub fn with(choose: impl FnOnce(&mut FibocomOptions)) -> Self {
        Rig::online(options(choose))
    }

    #[track_caller]
    pub fn connect(&mut self) {
        self.modem.attach(&AccessPoint::default()).unwrap();
        self.modem.login(&server()).unwrap();
    }

    pub fn upload(&mut self, path: &str, bytes: &[u8]) -> Result<Transfer> {
        self.modem.store(path, &Store::create(), &mut &bytes[..])
    }

    pub fn download(&mut self, path: &str, what: &Retrieve) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let transfer = self.modem.retrieve(path, what, &mut bytes)?;
        assert_eq!(transfer.bytes, bytes.len() as u64, "the count told is that of the bytes written");
        Ok(bytes)
    }

    /// Puts a file on the server and fetches it.
    #[track_caller]
    pub fn brings(&mut self, bytes: &[u8]) {
        self.files.put("/file.bin", bytes);
        assert!(self.download("/file.bin", &Retrieve::whole()).unwrap() == bytes, "{} bytes", bytes.len());
    }

    /// Uploads a file and looks at what the server has.
    #[track_caller]
    pub fn takes(&mut self, bytes: &[u8]) {
        self.upload("/taken.bin", bytes).unwrap();
        assert!(self.files.file("/taken.bin").unwrap() == bytes, "{} bytes", bytes.len());
    }

    /// Plain operations succeed: module and driver are in step.
    #[track_caller]
    pub fn still_works(&mut self) {
        self.takes(b"up");
        self.brings(b"down");
        assert_eq!(self.modem.pwd().unwrap(), "/");
    }
}

/// The default module with a choice of the dialect's options.
pub fn options(choose: impl FnOnce(&mut FibocomOptions)) -> Options {
    let mut options = Options::default();
    choose(&mut options.fibocom);
    options
}

/// Bytes that repeat with a period no block size divides.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// Yields some bytes, then fails.
pub struct Breaks<'a>(pub &'a [u8]);

impl std::io::Read for Breaks<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Err(std::io::ErrorKind::ConnectionReset.into());
        }
        self.0.read(room)
    }
}

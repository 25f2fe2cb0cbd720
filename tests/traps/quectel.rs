//! Quectel: an emulated module, or a few lines of a session, with the driver on it.

mod contradictions;
mod exchanges;
mod module_files;
mod network;
mod transfers;
mod uploads;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ftp_modem::backend::quectel::Quectel;
use ftp_modem::emulator::{self, MemoryServer, Module, Options, QuectelOptions};
use ftp_modem::modem::{AccessPoint, Retrieve, Server, Store, Transfer};
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{FtpModem, OpenOptions, Result};

use crate::support::bench::{HOST, PASSWORD, USER};
use crate::support::watch;

/// What happens to the module in the middle of an exchange.
#[derive(Clone)]
pub enum Action {
    Restart,
    Say(&'static str),
    Cancel(Arc<AtomicBool>),
}

/// The module behind the line, with everything the host writes, write by write.
#[derive(Clone)]
pub struct Wire(Arc<Mutex<Inner>>);

struct Inner {
    module: Module,
    writes: Vec<(Duration, Vec<u8>)>,
    now: Duration,
    triggers: Vec<(&'static str, Action)>,
}

impl Wire {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// All that the host has written.
    pub fn sent(&self) -> String {
        let bytes: Vec<u8> = self.inner().writes.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Each write with its time.
    pub fn writes(&self) -> Vec<(Duration, Vec<u8>)> {
        self.inner().writes.clone()
    }

    /// Forgets what the host has written so far.
    pub fn clear(&self) {
        self.inner().writes.clear();
    }

    pub fn elapsed(&self) -> Duration {
        self.inner().now
    }

    /// Does something as soon as the host has written `text`, once.
    pub fn upon(&self, text: &'static str, action: Action) {
        self.inner().triggers.push((text, action));
    }

    pub fn act(&self, action: Action) {
        let mut inner = self.inner();
        let now = inner.now;
        inner.act(now, action);
    }

    /// Sends bytes to the module past the driver, and returns what it answers within `patience`.
    pub fn talk(&self, bytes: &[u8], patience: Duration) -> Vec<u8> {
        let mut inner = self.inner();
        let now = inner.now;
        inner.module.receive(now, bytes);
        let mut answer = Vec::new();
        for _ in 0..1000 {
            let now = inner.now;
            inner.module.transmit(now, &mut answer);
            match inner.module.next_event() {
                Some(event) if event <= now + patience => inner.now = event.max(now),
                _ => break,
            }
        }
        answer
    }
}

impl Inner {
    fn act(&mut self, now: Duration, action: Action) {
        match action {
            Action::Restart => self.module.restart(now),
            Action::Say(line) => self.module.inject(now, line),
            Action::Cancel(flag) => flag.store(true, Ordering::Relaxed),
        }
    }
}

/// The line as one program has it: its time begins when the program does.
struct Connection {
    wire: Wire,
    begun: Duration,
}

impl Peer for Connection {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let now = now + self.begun;
        let mut inner = self.wire.inner();
        inner.now = now;
        inner.writes.push((now, bytes.to_vec()));
        inner.module.receive(now, bytes);
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some(index) = inner.triggers.iter().position(|(trigger, _)| text.contains(trigger)) {
            let (_, action) = inner.triggers.remove(index);
            inner.act(now, action);
        }
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        let now = now + self.begun;
        let mut inner = self.wire.inner();
        inner.now = now;
        inner.module.transmit(now, out);
    }

    fn next_event(&self) -> Option<Duration> {
        let event = self.wire.inner().module.next_event();
        event.map(|event| event.saturating_sub(self.begun))
    }
}

/// An emulated module, the server behind it, and the driver on it.
pub struct Rig {
    pub modem: Quectel,
    pub files: MemoryServer,
    pub wire: Wire,
}

pub fn server() -> Server {
    Server::new(HOST, USER, PASSWORD)
}

/// Options of the dialect.
pub fn options(change: impl FnOnce(&mut QuectelOptions)) -> Options {
    let mut quectel = QuectelOptions::default();
    change(&mut quectel);
    Options::default().with_quectel(quectel)
}

/// A module that nobody has opened yet.
pub fn module(options: Options) -> (Wire, MemoryServer) {
    watch::watch();
    let files = MemoryServer::new();
    files.add_user(USER, PASSWORD);
    let module = Module::new(emulator::Family::Quectel, files.remote(), options);
    let inner = Inner { module, writes: Vec::new(), now: Duration::ZERO, triggers: Vec::new() };
    (Wire(Arc::new(Mutex::new(inner))), files)
}

/// The driver on a module.
pub fn driver(wire: &Wire) -> Result<Quectel> {
    OpenOptions::new().open_as_on(pipe(wire))
}

/// The host's end of the wire.
pub fn pipe(wire: &Wire) -> MemoryPipe<impl Peer + use<>> {
    MemoryPipe::new(Connection { wire: wire.clone(), begun: wire.elapsed() })
}

impl Rig {
    pub fn open(options: Options) -> Self {
        let (wire, files) = module(options);
        let modem = driver(&wire).unwrap();
        Rig { modem, files, wire }
    }

    /// Attached and logged in.
    pub fn online(options: Options) -> Self {
        let mut rig = Rig::open(options);
        rig.go_online();
        rig
    }

    #[track_caller]
    pub fn go_online(&mut self) {
        self.modem.attach(&AccessPoint::default()).unwrap();
        self.modem.login(&server()).unwrap();
    }

    pub fn download(&mut self, path: &str) -> Result<Vec<u8>> {
        self.download_part(path, &Retrieve::whole())
    }

    pub fn download_part(&mut self, path: &str, what: &Retrieve) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let transfer = self.modem.retrieve(path, what, &mut bytes)?;
        assert_eq!(transfer.bytes, bytes.len() as u64);
        Ok(bytes)
    }

    pub fn upload(&mut self, path: &str, bytes: &[u8]) -> Result<Transfer> {
        self.modem.store(path, &Store::create().with_length(bytes.len() as u64), &mut &bytes[..])
    }

    /// Everything that goes both ways works.
    #[track_caller]
    pub fn still_works(&mut self) {
        self.files.put("/still-works.txt", "yes");
        assert_eq!(self.download("/still-works.txt").unwrap(), b"yes");
        self.upload("/written.txt", b"also").unwrap();
        assert_eq!(self.files.file("/written.txt").unwrap(), b"also");
        assert!(self.modem.size("/still-works.txt").unwrap() == 3);
    }
}

/// Identification, echo off, numbers in place of bare ERROR.
pub const HELLO: &str = r"
>> ATI\r
<< ATI\r\r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
>> ATE0\r
<< ATE0\r\r\nOK\r\n
>> AT+CMEE=1\r
<< \r\nOK\r\n
";

/// The settings of every login.
pub const SETTINGS: &str = r#"
>> AT+QFTPCFG="contextid",1\r
<< \r\nOK\r\n
>> AT+QFTPCFG="account","u","p4ss"\r
<< \r\nOK\r\n
>> AT+QFTPCFG="filetype",0\r
<< \r\nOK\r\n
>> AT+QFTPCFG="transmode",1\r
<< \r\nOK\r\n
>> AT+QFTPCFG="rsptimeout",90\r
<< \r\nOK\r\n
>> AT+QFTPCFG="ssltype",0\r
<< \r\nOK\r\n
>> AT+QFTPCFG="data_address",0\r
<< \r\nOK\r\n
"#;

pub const OPENED: &str = r#"
>> AT+QFTPOPEN="h",21\r
<< \r\nOK\r\n
<< \r\n+QFTPOPEN: 0,0\r\n
"#;

pub const CLOSED: &str = r"
>> AT+QFTPCLOSE\r
<< \r\nOK\r\n
<< \r\n+QFTPCLOSE: 0,0\r\n
";

/// Plays lines of a session, delivered in every way, behind the identification.
#[track_caller]
pub fn play(lines: &str, scenario: impl Fn(&mut Quectel)) {
    let transcript = Transcript::parse(&format!("{HELLO}{lines}")).unwrap();
    for fragment in [1, 3, usize::MAX] {
        let replay = Replay::new(transcript.clone()).with_fragment(fragment);
        let mut modem: Quectel = OpenOptions::new().open_as_on(replay.clone()).unwrap();
        scenario(&mut modem);
        replay.finish().unwrap_or_else(|difference| panic!("in pieces of {fragment}: {difference}"));
    }
}

/// As [`play`], logged in.
#[track_caller]
pub fn play_online(lines: &str, scenario: impl Fn(&mut Quectel)) {
    play(&format!("{SETTINGS}{OPENED}{lines}"), |modem| {
        modem.login(&Server::new("h", "u", "p4ss")).unwrap();
        scenario(modem);
    });
}

/// Bytes that are all different for a while.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

//! A concrete backend on an emulated module that a test can disturb, and sessions written down line by line.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::backend::Backend;
use ftp_modem::backend::china_mobile::ChinaMobile;
use ftp_modem::emulator::{ChinaMobileOptions, MemoryServer, Module, Options};
use ftp_modem::modem::{AccessPoint, Retrieve, SessionState, Store};
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{Error, FtpModem, OpenOptions, Result};

use crate::support::bench::{PASSWORD, USER, emulated, server};
use crate::support::watch;

/// A module that a test can disturb while the driver works on it, and what the host wrote to it.
#[derive(Clone)]
pub struct Disturbed(Arc<Mutex<(Module, Duration, Vec<u8>)>>);

impl Disturbed {
    /// The module starts anew.
    pub fn restart(&self) {
        let mut inner = self.0.lock().unwrap();
        let now = inner.1;
        inner.0.restart(now);
    }

    /// The module says something of its own accord.
    pub fn say(&self, line: &str) {
        let mut inner = self.0.lock().unwrap();
        let now = inner.1;
        inner.0.inject(now, line);
    }

    /// What the host has sent, as text.
    pub fn sent(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap().2).into_owned()
    }

    /// What the host sends while `work` goes on.
    pub fn sent_by<T>(&self, work: impl FnOnce() -> T) -> (T, String) {
        let before = self.0.lock().unwrap().2.len();
        let outcome = work();
        (outcome, String::from_utf8_lossy(&self.0.lock().unwrap().2[before..]).into_owned())
    }

    /// The virtual time.
    pub fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}

impl Peer for Disturbed {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let mut inner = self.0.lock().unwrap();
        inner.1 = now;
        inner.2.extend_from_slice(bytes);
        inner.0.receive(now, bytes);
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        let mut inner = self.0.lock().unwrap();
        inner.1 = now;
        inner.0.transmit(now, out);
    }

    fn next_event(&self) -> Option<Duration> {
        self.0.lock().unwrap().0.next_event()
    }
}

/// A concrete backend on an emulated module.
pub struct Bench<B> {
    pub modem: B,
    pub files: MemoryServer,
    pub module: Disturbed,
}

impl<B: Backend> Bench<B> {
    pub fn with(options: Options) -> Self {
        Bench::on(options, |peer| OpenOptions::new().open_as_on(MemoryPipe::new(peer)))
    }

    pub fn on(options: Options, open: impl FnOnce(Disturbed) -> Result<B>) -> Self {
        watch::watch();
        let files = MemoryServer::new();
        files.add_user(USER, PASSWORD);
        let module = Module::new(emulated(B::VENDOR), files.remote(), options);
        let module = Disturbed(Arc::new(Mutex::new((module, Duration::ZERO, Vec::new()))));
        let modem = open(module.clone()).unwrap_or_else(|error| panic!("{error}"));
        Bench { modem, files, module }
    }

    /// Attached and logged in.
    pub fn online(options: Options) -> Self {
        let mut bench = Bench::with(options);
        bench.log_in();
        bench
    }

    pub fn log_in(&mut self) {
        self.modem.attach(&AccessPoint::default()).unwrap();
        self.modem.login(&server()).unwrap();
    }

    pub fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        self.get_part(path, &Retrieve::whole())
    }

    pub fn get_part(&mut self, path: &str, what: &Retrieve) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let transfer = self.modem.retrieve(path, what, &mut bytes)?;
        assert_eq!(transfer.bytes, bytes.len() as u64);
        Ok(bytes)
    }

    pub fn put(&mut self, path: &str, bytes: &[u8]) -> Result<u64> {
        let how = Store::create().with_force_binary();
        Ok(self.modem.store(path, &how, &mut &bytes[..])?.bytes)
    }

    /// Plain operations succeed: the module is in a known state.
    #[track_caller]
    pub fn still_works(&mut self) {
        self.files.put("/still-works.txt", "yes");
        assert_eq!(self.get("/still-works.txt").unwrap(), b"yes");
    }
}

pub type Cmcc = Bench<ChinaMobile>;

/// A module with options of the dialect.
pub fn module(change: impl FnOnce(&mut ChinaMobileOptions)) -> Options {
    let mut options = ChinaMobileOptions::default();
    change(&mut options);
    Options::default().with_china_mobile(options)
}

/// Logged in at a module with options of the dialect.
pub fn online(change: impl FnOnce(&mut ChinaMobileOptions)) -> Cmcc {
    Bench::online(module(change))
}

pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// The code that the module gave as the reason.
pub fn code(error: &Error) -> &str {
    error.module_code().map_or("", |code| &code.value)
}

/// Every operation once.
#[track_caller]
pub fn everything(bench: &mut Cmcc) {
    let bytes = pattern(5000);
    bench.modem.mkdir("/d").unwrap();
    bench.modem.cwd("/d").unwrap();
    assert_eq!(bench.modem.pwd().unwrap(), "/d");
    assert_eq!(bench.put("a", &bytes).unwrap(), 5000);
    bench.modem.store("a", &Store::append(), &mut &b"tail"[..]).unwrap();
    let whole = [&bytes[..], b"tail"].concat();
    assert_eq!(bench.files.file("/d/a").unwrap(), whole);
    assert_eq!(bench.get("a").unwrap(), whole);
    assert_eq!(bench.modem.size("a").unwrap(), 5004);
    bench.modem.rename("a", "b").unwrap();
    assert_eq!(bench.modem.list("").unwrap().len(), 1);
    bench.modem.remove("b").unwrap();
    assert_eq!(bench.modem.list("").unwrap(), []);
    bench.modem.cdup().unwrap();
    bench.modem.rmdir("d").unwrap();
    assert_eq!(bench.modem.status().unwrap(), SessionState::Idle);
}

/// Plays a session behind the lines of opening, delivered in every way; returns how long it took.
pub fn replayed(lines: &str, scenario: impl Fn(&mut ChinaMobile)) -> Duration {
    const OPENED: &str = ">> ATI\\r\n<< \\r\\nML307R\\r\\n\\r\\nOK\\r\\n\n>> ATE0\\r\n<< \\r\\nOK\\r\\n\n>> AT+CMEE=1\\r\n<< \\r\\nOK\\r\\n\n";
    let mut longest = Duration::ZERO;
    for fragment in [1, 2, 7, 64, usize::MAX] {
        let transcript = Transcript::parse(&format!("{OPENED}{lines}")).unwrap();
        let replay = Replay::new(transcript).with_fragment(fragment);
        let mut modem = OpenOptions::new().open_as_on::<ChinaMobile>(replay.clone()).unwrap();
        let start = replay.now();
        scenario(&mut modem);
        longest = longest.max(replay.now() - start);
        replay.finish().unwrap_or_else(|difference| panic!("in pieces of {fragment}: {difference}"));
    }
    longest
}

/// The same, logged in.
pub fn replayed_online(lines: &str, scenario: impl Fn(&mut ChinaMobile)) -> Duration {
    let settings =
        ["\"data_type\",0", "\"transmode\",1", "\"rsptimeout\",30", "\"local_fs\",0", "\"cid\",1", "\"ssl\",0,0"];
    let settings = settings.map(|setting| format!(">> AT+MFTPCFG=0,{setting}\\r\n<< \\r\\nOK\\r\\n\n")).concat();
    let login = ">> AT+MFTPCONN=0,\"h\",\"u\",\"p\",21\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPCONN: 0,0\\r\\n\n";
    replayed(&format!("{settings}{login}{lines}"), |modem| {
        modem.login(&ftp_modem::Server::new("h", "u", "p")).unwrap();
        scenario(modem);
    })
}

pub fn got(modem: &mut ChinaMobile, path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    modem.retrieve(path, &Retrieve::whole(), &mut bytes).unwrap();
    bytes
}

//! Luat and SIMCom.

mod bearers;
mod contradictions;
mod downloads;
mod families;
mod memory;
mod operations;
mod parsing;
mod private;
mod sessions;
mod uploads;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::backend::luat::Luat;
use ftp_modem::emulator::{self, LuatOptions, LuatProfile, MemoryServer, Module, Options};
use ftp_modem::modem::AccessPoint;
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{FtpModem, OpenOptions, Vendor};

use crate::support::bench::{Bench, PASSWORD, USER, open_on, server};
use crate::support::watch;

const SECOND: Duration = Duration::from_secs(1);

const PROFILES: [LuatProfile; 4] =
    [LuatProfile::Air780e, LuatProfile::Sim800, LuatProfile::Sim7000, LuatProfile::Sim7080];

/// Options of an emulated module.
fn with(change: impl FnOnce(&mut LuatOptions)) -> Options {
    let mut options = Options::default();
    change(&mut options.luat);
    options
}

/// Attached and logged in.
fn online(change: impl FnOnce(&mut LuatOptions)) -> Bench {
    Bench::online_with(Vendor::Luat, with(change))
}

/// Attached and logged in, on a module of another family.
fn online_on(profile: LuatProfile) -> Bench {
    online(|options| options.profile = profile)
}

/// Bytes that repeat with a period no block size divides.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// The command lines among what the host wrote that start with `start`.
fn sent(bench: &Bench, start: &str) -> Vec<String> {
    let sent = String::from_utf8_lossy(&bench.line.sent()).into_owned();
    sent.split('\r').filter(|line| line.starts_with(start)).map(str::to_owned).collect()
}

type Action = Box<dyn FnOnce(&mut Module, Duration) + Send>;

/// A module that a test can disturb while the driver works with it.
#[derive(Clone)]
struct Wire(Arc<Mutex<Wired>>);

struct Wired {
    module: Module,
    now: Duration,
    /// What to do when the host writes something that starts like this.
    trigger: Option<(&'static str, Action)>,
}

impl Wire {
    /// Attached and logged in on a module that can be disturbed.
    fn online(options: Options) -> (Bench, Wire) {
        let (mut bench, wire) = Wire::open(options);
        bench.modem.attach(&AccessPoint::default()).unwrap();
        bench.modem.login(&server()).unwrap();
        (bench, wire)
    }

    fn open(options: Options) -> (Bench, Wire) {
        let files = MemoryServer::new();
        files.add_user(USER, PASSWORD);
        let module = Module::new(emulator::Family::Luat, files.remote(), options);
        let wire = Wire(Arc::new(Mutex::new(Wired { module, now: Duration::ZERO, trigger: None })));
        let (modem, line) = open_on(wire.clone());
        (Bench { modem: modem.unwrap(), files, line }, wire)
    }

    /// Does something to the module now.
    fn now<T>(&self, act: impl FnOnce(&mut Module, Duration) -> T) -> T {
        let mut wired = self.0.lock().unwrap();
        let now = wired.now;
        act(&mut wired.module, now)
    }

    /// The module says something on its own.
    fn says(&self, line: &str) {
        self.now(|module, now| module.inject(now, line));
    }

    /// Does something to the module when the host next writes what starts with `start`, before the module sees it.
    fn when(&self, start: &'static str, act: impl FnOnce(&mut Module, Duration) + Send + 'static) {
        self.0.lock().unwrap().trigger = Some((start, Box::new(act)));
    }
}

impl Peer for Wire {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let mut wired = self.0.lock().unwrap();
        wired.now = now;
        if wired.trigger.as_ref().is_some_and(|(start, _)| bytes.starts_with(start.as_bytes()))
            && let Some((_, act)) = wired.trigger.take()
        {
            act(&mut wired.module, now);
        }
        wired.module.receive(now, bytes);
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        let mut wired = self.0.lock().unwrap();
        wired.now = now;
        wired.module.transmit(now, out);
    }

    fn next_event(&self) -> Option<Duration> {
        self.0.lock().unwrap().module.next_event()
    }
}

/// The backend itself, for what only it has.
fn luat(options: Options) -> (Luat, MemoryServer) {
    watch::watch();
    let files = MemoryServer::new();
    files.add_user(USER, PASSWORD);
    let module = Module::new(emulator::Family::Luat, files.remote(), options);
    (OpenOptions::new().open_as_on(MemoryPipe::new(module)).unwrap(), files)
}

/// A command and its `OK`, as lines of a transcript.
fn ok(commands: &[&str]) -> String {
    commands.iter().map(|command| format!(">> {command}\\r\n<< \\r\\nOK\\r\\n\n")).collect()
}

/// What identifies a module, as lines of a transcript.
fn opening(name: &str) -> String {
    format!(">> ATI\\r\n<< \\r\\n{name}\\r\\n\\r\\nOK\\r\\n\n>> ATE0\\r\n<< \\r\\nOK\\r\\n\n")
}

/// Identification and login of a Luat module, as lines of a transcript.
fn login() -> String {
    let password = format!("AT+FTPPW=\"{PASSWORD}\"");
    opening("AirM2M_780E_V1169_LTE_AT")
        + &ok(&[
            "AT+FTPCID=1",
            "AT+FTPSERV=\"192.0.2.7\"",
            "AT+FTPPORT=2121",
            "AT+FTPUN=\"logger\"",
            &password,
            "AT+FTPTYPE=\"I\"",
            "AT+FTPMODE=1",
            "AT+FTPEXTPUT=0",
            "AT+FTPFILEPUT=0",
        ])
}

/// Plays a transcript against a scenario, to its end.
fn play(text: &str, scenario: impl Fn(&mut Luat)) {
    watch::watch();
    for fragment in [1, 7, usize::MAX] {
        let transcript = Transcript::parse(text).unwrap();
        let replay = Replay::new(transcript).with_fragment(fragment);
        let mut modem = OpenOptions::new().open_as_on::<Luat>(replay.clone()).unwrap();
        scenario(&mut modem);
        replay.finish().unwrap_or_else(|difference| panic!("in pieces of {fragment}: {difference}"));
    }
}

/// As [`play`], logged in.
fn play_logged_in(text: &str, scenario: impl Fn(&mut Luat)) {
    play(&(login() + text), |modem| {
        modem.login(&server()).unwrap();
        scenario(modem);
    });
}

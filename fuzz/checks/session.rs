//! A whole session against arbitrary module bytes, in virtual time: it ends, in a result or an error, and what it hands out is no
//! more than what came in.
//!
//! The first byte chooses the backend, the second how the module behaves, the next six which operations are made between login
//! and logout; the rest is what the module says, see [`script`].

mod own;
mod script;

use std::io::{self, Write};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::backend::{
    Backend, china_mobile::ChinaMobile, fibocom::Fibocom, generic::Generic, luat::Luat, quectel::Quectel,
};
use ftp_modem::modem::{Security, Tls};
use ftp_modem::{AccessPoint, Controls, Error, OpenOptions, Recovery, Result, Retrieve, Server, Store};

use own::Own;
use script::{Manner, Script, Seen};

const OK: &str = "\r\nOK\r\n";
const PASSWORD: &str = "pa55word-s3cret";

/// How much longer than all limits of a dialect taken together, which are minutes each, a call may take.
const LONGEST_CALL: Duration = Duration::from_secs(6 * 3600);

const BUDGET: Duration = Duration::from_secs(60);
/// How much longer a call may take than there was time for: a tenth of the budget, in which the module is brought back.
const PAST_BUDGET: Duration = Duration::from_secs(6);

/// Bytes that say how the session goes, before what the module says.
pub const HEAD: usize = 8;

pub fn run(data: &[u8]) {
    let Some((&[backend, manner, operations @ ..], script)) = data.split_first_chunk::<HEAD>() else { return };
    match backend % 5 {
        0 => session::<Luat>(&["\r\nAirM2M_780E_V1169_LTE_AT\r\n\r\nOK\r\n", OK], manner, operations, script),
        1 => session::<Fibocom>(&["\r\nFibocom\r\nL610\r\n\r\nOK\r\n", OK], manner, operations, script),
        2 => session::<Quectel>(&["\r\nQuectel\r\nEC20F\r\n\r\nOK\r\n", OK], manner, operations, script),
        3 => session::<ChinaMobile>(&["\r\nCMIOT\r\nML307R\r\n\r\nOK\r\n", OK], manner, operations, script),
        _ => session::<Generic>(&["\r\nUC8088\r\n\r\nOK\r\n", OK], manner, operations, script),
    }
}

/// A session with a module that may say who it is by `greeting`, the answers to `ATI` and `ATE0`.
fn session<B: Backend + Own>(greeting: &'static [&'static str], manner: u8, operations: [u8; 6], script: &[u8]) {
    let of_script = Manner {
        fragment: [usize::MAX, 1, 7, 64][usize::from(manner) % 4],
        greeting: if manner & 4 == 0 { greeting } else { &[] },
        is_willing: manner & 8 != 0,
        secret: PASSWORD,
    };
    let (script, seen) = Script::new(script, of_script);
    let opened = OpenOptions::new().vendor(B::VENDOR).open_as_on::<B>(script);
    let mut session = Session { seen, began: Duration::ZERO, end: None };
    let Some(mut modem) = session.checked("open", opened) else { return };
    if manner & 16 == 0 {
        let attached = modem.attach(&AccessPoint::new("cmnet"));
        session.checked("attach", attached);
        let login = modem.login(&Server::new("192.0.2.7", "logger", PASSWORD).with_port(2121));
        session.checked("login", login);
    }
    for operation in operations {
        session.operate(&mut modem, operation);
    }
    session.set_budget(&mut modem, None);
    let logout = modem.logout();
    session.checked("logout", logout);
    let detached = modem.detach();
    session.checked("detach", detached);
}

/// What of a session is looked at from outside.
struct Session {
    seen: Arc<Mutex<Seen>>,
    /// When the present call began, and by when it must be over.
    began: Duration,
    end: Option<Duration>,
}

impl Session {
    /// Checks what holds for every call.
    fn checked<T>(&mut self, what: &str, outcome: Result<T>) -> Option<T> {
        let elapsed = self.seen.lock().unwrap().elapsed;
        assert!(elapsed - self.began < LONGEST_CALL, "{what} took {:?}", elapsed - self.began);
        if let Some(end) = self.end {
            assert!(elapsed <= end.max(self.began) + PAST_BUDGET, "{what} from {:?} to {elapsed:?}", self.began);
        }
        self.began = elapsed;
        outcome.map_err(|error| self.check_error(what, &error)).ok()
    }

    fn set_budget<B: Backend>(&mut self, modem: &mut B, budget: Option<Duration>) {
        self.end = budget.map(|budget| self.began + budget);
        modem.set_controls(Controls::new().with_budget(budget));
    }

    fn said(&self) -> u64 {
        self.seen.lock().unwrap().said
    }

    fn operate<B: Backend + Own>(&mut self, modem: &mut B, operation: u8) {
        match operation % 32 {
            1 => {
                let listed = modem.list("/logs");
                let entries = self.checked("list", listed).unwrap_or_default();
                self.bounded(entries.iter().map(|entry| entry.raw.len()).sum());
            }
            2 => {
                let named = modem.names("logs");
                let names = self.checked("names", named).unwrap_or_default();
                self.bounded(names.iter().map(Vec::len).sum());
            }
            3 => self.retrieve(modem, &Retrieve::whole()),
            4 => self.retrieve(modem, &Retrieve::from(5)),
            5 => self.retrieve(modem, &Retrieve::from(2).with_length(100)),
            6 => self.store(modem, &Store::create().with_length(100), 100),
            7 => self.store(modem, &Store::create().with_force_binary(), 3000),
            8 => self.store(modem, &Store::append().with_length(2000).with_force_binary(), 2000),
            9 => self.store(modem, &Store::at(7), 40),
            10 => self.told("size", modem.size("/a.bin")),
            11 => self.told("modified", modem.modified("/a.bin")),
            12 => {
                let told = modem.pwd();
                if let Some(path) = self.checked("pwd", told) {
                    // Bytes that are no text become U+FFFD, three bytes.
                    self.bounded(path.len() / 3);
                }
            }
            13 => self.told("cwd", modem.cwd("logs")),
            14 => self.told("cdup", modem.cdup()),
            15 => self.told("mkdir", modem.mkdir("new")),
            16 => self.told("rmdir", modem.rmdir("new")),
            17 => self.told("remove", modem.remove("a.bin")),
            18 => self.told("rename", modem.rename("a.bin", "b.bin")),
            19 => self.told("status", modem.status()),
            20 => self.told("network", modem.network()),
            21 => self.set_budget(modem, Some(BUDGET)),
            22 => {
                let controls = Controls::new().with_budget(modem.budget_left());
                modem.set_controls(controls.with_cancel(Arc::new(AtomicBool::new(true))));
            }
            23 => self.told("attach", modem.attach(&AccessPoint::default())),
            24 => {
                let server = Server::new("ftp.example.com", "logger", PASSWORD);
                let server = server.with_security(Security::Explicit).with_tls(Tls::insecure());
                self.told("login", modem.login(&server));
            }
            own @ 25..=31 => {
                self.told("an operation of its own", modem.own(own - 25, operation >> 5));
            }
            _ => return,
        }
        let _ = self.checked("an operation", Ok(()));
    }

    /// Checks the error of a call, if it failed.
    fn told<T>(&self, what: &str, outcome: Result<T>) {
        if let Err(error) = outcome {
            self.check_error(what, &error);
        }
    }

    /// No error tells a secret or steers a terminal, whatever the module said.
    fn check_error(&self, what: &str, error: &Error) {
        let was_told = self.seen.lock().unwrap().was_told;
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!was_told || !text.contains(PASSWORD), "{what} tells the password: {text}");
            assert!(!text.chars().any(char::is_control), "{what} steers the terminal: {text:?}");
        }
    }

    /// What is handed out has come from the module.
    fn bounded(&self, bytes: usize) {
        assert!(bytes as u64 <= self.said(), "{bytes} bytes of {}", self.said());
    }

    fn retrieve<B: Backend>(&mut self, modem: &mut B, what: &Retrieve) {
        let mut sink = Counted(0);
        let outcome = modem.retrieve("/a.bin", what, &mut sink);
        assert!(sink.0 <= self.said(), "{} bytes of {}", sink.0, self.said());
        match &outcome {
            Ok(transfer) => assert_eq!(transfer.bytes, sink.0, "the count of bytes told is that of bytes written"),
            Err(error) => assert!(error.transferred().is_none_or(|told| told == sink.0), "{}: {error:?}", sink.0),
        }
        let _ = self.checked("retrieve", outcome);
    }

    fn store<B: Backend>(&mut self, modem: &mut B, how: &Store, length: u64) {
        let mut source = io::Read::take(io::repeat(b'x'), length);
        let outcome = modem.store("/a.bin", how, &mut source);
        match &outcome {
            Ok(transfer) => assert_eq!((transfer.bytes, source.limit()), (length, 0), "all of it was sent"),
            Err(error) => {
                // What the driver said to a module in an unknown state may be in the file, too: probes, and knocks of 4 KiB.
                let own = |step: &Recovery| match step {
                    Recovery::Probe => 100,
                    Recovery::LeaveDataMode => 5000,
                    _ => 0,
                };
                let own: u64 = error.recovery().iter().map(own).sum();
                assert!(error.transferred().is_none_or(|told| told <= length + own), "{length}: {error:?}");
            }
        }
        let _ = self.checked("store", outcome);
    }
}

/// Counts what is written.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

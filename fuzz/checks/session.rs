//! A whole session with arbitrary module output, in virtual time. Every call ends with a result or an error, and
//! returns no more bytes than the module sent.
//!
//! The first byte selects the dialect, the second one the behaviour of the module, and the next six the operations
//! between login and logout. The rest is the output of the module, see [`script`].

mod own;
mod script;

use std::io::{self, Write};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::modem::{Security, Tls};
use ftp_modem::{
    AccessPoint, Controls, Error, FtpModem, OpenOptions, Recovery, Result, Retrieve, Server, Store, Vendor,
};

use script::{Behaviour, Script, Seen};

const OK: &str = "\r\nOK\r\n";
const PASSWORD: &str = "pa55word-s3cret";

/// Time limit for a call without a budget: more than the sum of all limits of a dialect, which are minutes each.
const LONGEST_CALL: Duration = Duration::from_secs(6 * 3600);

const BUDGET: Duration = Duration::from_secs(60);
/// Longest time by which a call may exceed the budget: a tenth of it, for the recovery of the module.
const PAST_BUDGET: Duration = Duration::from_secs(6);

/// Number of bytes that define the session, before the output of the module.
pub const HEAD: usize = 8;

pub fn run(data: &[u8]) {
    let Some((&[dialect, behaviour, operations @ ..], script)) = data.split_first_chunk::<HEAD>() else { return };
    if let Some(vendor) = Vendor::ALL.into_iter().find(|vendor| tag(vendor.name()) == dialect) {
        session(vendor, behaviour, operations, script);
    }
}

/// The byte that selects a dialect. It depends on the name alone, so that a further dialect does not change the meaning
/// of stored inputs.
fn tag(name: &str) -> u8 {
    name.bytes().fold(0, |tag: u8, byte| tag.wrapping_mul(31).wrapping_add(byte))
}

/// Runs a session with a module that may answer `ATI` and `ATE0`.
fn session(vendor: Vendor, behaviour: u8, operations: [u8; 6], script: &[u8]) {
    let greeting = vec![format!("\r\n{}\r\n\r\nOK\r\n", vendor.modules()), OK.to_owned()];
    let of_script = Behaviour {
        fragment: [usize::MAX, 1, 7, 64][usize::from(behaviour) % 4],
        greeting: if behaviour & 4 == 0 { greeting } else { Vec::new() },
        answers_ok: behaviour & 8 != 0,
        secret: PASSWORD,
    };
    let (script, seen) = Script::new(script, of_script);
    let opened = OpenOptions::new().vendor(vendor).open_on(script);
    let mut session = Session { seen, began: Duration::ZERO, end: None };
    let Some(mut modem) = session.checked("open", opened) else { return };
    if behaviour & 16 == 0 {
        let attached = modem.attach(&AccessPoint::new("cmnet"));
        session.checked("attach", attached);
        let login = modem.login(&Server::new("192.0.2.7", "logger", PASSWORD).with_port(2121));
        session.checked("login", login);
    }
    for operation in operations {
        session.operate(&mut *modem, operation);
    }
    session.set_budget(&mut *modem, None);
    let logout = modem.logout();
    session.checked("logout", logout);
    let detached = modem.detach();
    session.checked("detach", detached);
}

/// The state of the checks.
struct Session {
    seen: Arc<Mutex<Seen>>,
    /// Start of the current call, and end of the budget.
    began: Duration,
    end: Option<Duration>,
}

impl Session {
    /// Checks the duration and the error of a call.
    fn checked<T>(&mut self, what: &str, outcome: Result<T>) -> Option<T> {
        let elapsed = self.seen.lock().unwrap().elapsed;
        assert!(elapsed - self.began < LONGEST_CALL, "{what} took {:?}", elapsed - self.began);
        if let Some(end) = self.end {
            assert!(elapsed <= end.max(self.began) + PAST_BUDGET, "{what} from {:?} to {elapsed:?}", self.began);
        }
        self.began = elapsed;
        outcome.map_err(|error| self.check_error(what, &error)).ok()
    }

    fn set_budget(&mut self, modem: &mut dyn FtpModem, budget: Option<Duration>) {
        self.end = budget.map(|budget| self.began + budget);
        modem.set_controls(Controls::new().with_budget(budget));
    }

    fn sent(&self) -> u64 {
        self.seen.lock().unwrap().sent
    }

    fn operate(&mut self, modem: &mut dyn FtpModem, operation: u8) {
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
            10 => self.errors("size", modem.size("/a.bin")),
            11 => self.errors("modified", modem.modified("/a.bin")),
            12 => {
                let outcome = modem.pwd();
                if let Some(path) = self.checked("pwd", outcome) {
                    // A byte that is not UTF-8 becomes U+FFFD, which has three bytes.
                    self.bounded(path.len() / 3);
                }
            }
            13 => self.errors("cwd", modem.cwd("logs")),
            14 => self.errors("cdup", modem.cdup()),
            15 => self.errors("mkdir", modem.mkdir("new")),
            16 => self.errors("rmdir", modem.rmdir("new")),
            17 => self.errors("remove", modem.remove("a.bin")),
            18 => self.errors("rename", modem.rename("a.bin", "b.bin")),
            19 => self.errors("status", modem.status()),
            20 => self.errors("network", modem.network()),
            21 => self.set_budget(modem, Some(BUDGET)),
            22 => {
                let controls = Controls::new().with_budget(modem.budget_left());
                modem.set_controls(controls.with_cancel(Arc::new(AtomicBool::new(true))));
            }
            23 => self.errors("attach", modem.attach(&AccessPoint::default())),
            24 => {
                let server = Server::new("ftp.example.com", "logger", PASSWORD);
                let server = server.with_security(Security::Explicit).with_tls(Tls::insecure());
                self.errors("login", modem.login(&server));
            }
            own_operation @ 25..=31 => {
                self.errors("an operation of its own", own::operate(modem, own_operation - 25, operation >> 5));
            }
            _ => return,
        }
        let _ = self.checked("an operation", Ok(()));
    }

    /// Checks the error of a call that failed.
    fn errors<T>(&self, what: &str, outcome: Result<T>) {
        if let Err(error) = outcome {
            self.check_error(what, &error);
        }
    }

    /// Checks that an error contains neither the secret nor control characters.
    fn check_error(&self, what: &str, error: &Error) {
        let secret_sent = self.seen.lock().unwrap().secret_sent;
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!secret_sent || !text.contains(PASSWORD), "the error of {what} contains the password: {text}");
            assert!(!text.chars().any(char::is_control), "the error of {what} contains a control character: {text:?}");
        }
    }

    /// Checks that a result has no more bytes than the module sent.
    fn bounded(&self, bytes: usize) {
        assert!(bytes as u64 <= self.sent(), "{bytes} bytes of {}", self.sent());
    }

    fn retrieve(&mut self, modem: &mut dyn FtpModem, what: &Retrieve) {
        let mut sink = Counted(0);
        let outcome = modem.retrieve("/a.bin", what, &mut sink);
        assert!(sink.0 <= self.sent(), "{} bytes of {}", sink.0, self.sent());
        match &outcome {
            Ok(transfer) => assert_eq!(transfer.bytes, sink.0, "the result counts the bytes written"),
            Err(error) => assert!(error.transferred().is_none_or(|count| count == sink.0), "{}: {error:?}", sink.0),
        }
        let _ = self.checked("retrieve", outcome);
    }

    fn store(&mut self, modem: &mut dyn FtpModem, how: &Store, length: u64) {
        let mut source = io::Read::take(io::repeat(b'x'), length);
        let outcome = modem.store("/a.bin", how, &mut source);
        match &outcome {
            Ok(transfer) => assert_eq!((transfer.bytes, source.limit()), (length, 0), "the whole source was sent"),
            Err(error) => {
                // A module in data mode stores the driver's recovery steps: probes, and escape sequences with 4 KiB of
                // padding.
                let own = |step: &Recovery| match step {
                    Recovery::Probe => 100,
                    Recovery::LeaveDataMode => 5000,
                    _ => 0,
                };
                let own: u64 = error.recovery().iter().map(own).sum();
                assert!(error.transferred().is_none_or(|count| count <= length + own), "{length}: {error:?}");
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

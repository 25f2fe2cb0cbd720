//! Time from a fault to the error that reports it, in virtual time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::emulator::{MemoryServer, Module, Options, ServerFault};
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::{OpenOptions, Vendor};

use crate::dialect::section;
use crate::meter::Metered;
use crate::rig::{FILE, MEBIBYTE, Table, Way, emulated, payload, server};

const BAUD: u32 = 115_200;
/// Number of bytes on the line before the fault.
const HALF: u64 = 1 << 19;

#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    /// The module sends nothing any more.
    Silence,
    /// The server aborts the transfer.
    Server,
    /// The network drops the bearer, which ends the transfer.
    Bearer,
}

/// A module with a fault.
struct Troubled {
    module: Module,
    /// Unsolicited result code of the fault.
    line: Option<String>,
    falls_silent: bool,
    passed: u64,
    armed: Arc<Mutex<bool>>,
    happened: Arc<Mutex<Option<Duration>>>,
}

impl Troubled {
    fn pass(&mut self, now: Duration, count: usize) {
        if !*self.armed.lock().unwrap() {
            return;
        }
        self.passed += count as u64;
        let mut happened = self.happened.lock().unwrap();
        if self.passed >= HALF && happened.is_none() {
            *happened = Some(now);
            if let Some(line) = &self.line {
                self.module.inject(now, line);
            }
        }
    }

    fn is_silent(&self) -> bool {
        self.falls_silent && self.happened.lock().unwrap().is_some()
    }
}

impl Peer for Troubled {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        self.module.receive(now, bytes);
        self.pass(now, bytes.len());
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        if !self.is_silent() {
            let before = out.len();
            self.module.transmit(now, out);
            self.pass(now, out.len() - before);
        }
    }

    fn next_event(&self) -> Option<Duration> {
        if self.is_silent() { None } else { self.module.next_event() }
    }

    fn room(&self, now: Duration) -> usize {
        self.module.receive_capacity(now)
    }
}

pub fn time_to_errors() {
    let mut table = Table::new(
        &format!("Time from a fault to its error, in the middle of 1 MiB at {BAUD} baud, virtual time"),
        &["dialect", "", "fault", "s to the error", "kind", "module usable"],
    );
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            for (name, trouble) in [
                ("silent module", Trouble::Silence),
                ("server aborts", Trouble::Server),
                ("bearer lost", Trouble::Bearer),
            ] {
                let (seconds, kind, usable) = time_to_error(vendor, way, trouble);
                table.row(&[&vendor, &way.name(), &name, &seconds, &kind, &usable]);
            }
        }
    }
    table.print();
}

fn time_to_error(vendor: Vendor, way: Way, trouble: Trouble) -> (String, String, &'static str) {
    let files = MemoryServer::new();
    let bytes = payload(MEBIBYTE);
    files.put(FILE, bytes.clone());
    let module = Module::new(emulated(vendor), files.remote(), Options::default().with_line_rate(BAUD));
    let armed = Arc::new(Mutex::new(false));
    let happened = Arc::new(Mutex::new(None));
    let troubled = Troubled {
        module,
        line: (trouble == Trouble::Bearer).then(|| section(vendor, "lost bearer").concat()),
        falls_silent: trouble == Trouble::Silence,
        passed: 0,
        armed: Arc::clone(&armed),
        happened: Arc::clone(&happened),
    };
    let (line, meter) = Metered::new(MemoryPipe::new(troubled), Some(BAUD));
    let mut modem = OpenOptions::new().open_on(line).unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    modem.login(&server()).unwrap();
    *armed.lock().unwrap() = true;
    if trouble != Trouble::Silence {
        files.misbehave(ServerFault::Abort { after: HALF });
    }
    let outcome = match way {
        Way::Get => modem.retrieve(FILE, &Retrieve::whole(), &mut Vec::new()),
        Way::Put => modem.store(FILE, &Store::create().with_length(bytes.len() as u64), &mut bytes.as_slice()),
    };
    let end = meter.since_start();
    let happened = happened.lock().unwrap().unwrap_or(end);
    match outcome {
        Ok(_) => ("-".into(), "none: the transfer completed".into(), "yes"),
        Err(error) => (
            format!("{:.2}", end.saturating_sub(happened).as_secs_f64()),
            format!("{:?}", error.kind()),
            if error.module_usable() { "yes" } else { "no" },
        ),
    }
}

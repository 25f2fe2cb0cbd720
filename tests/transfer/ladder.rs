//! The way back to a working module, rung by rung: what was done is heard, told in the error, and no more than was allowed.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ftp_modem::emulator::{Damage, Fault, Faulty, MemoryServer, Module, NetworkCause, Operation, Options, RemoteError};
use ftp_modem::modem::{AccessPoint, FtpModem, Retrieve, Store};
use ftp_modem::transfer::{Download, Reconnect, Retry};
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{Controls, ErrorKind, OpenOptions, Recovery, Vendor};

use super::support::bench::{PASSWORD, USER, emulated, server};
use super::support::watch;
use super::{Sleepless, names, pattern, target};

/// A module that goes on when the driver is gone, and can be disturbed at any time.
type Wire = Arc<Mutex<Faulty>>;

/// A port that vanishes after so many bytes from the module, until it is opened again.
struct Vanishing {
    pipe: MemoryPipe<Wire>,
    left: Arc<Mutex<Option<usize>>>,
    reopening: Reopening,
}

/// What comes of opening the port again.
#[derive(Clone, Copy, PartialEq)]
enum Reopening {
    Works,
    /// The device is gone.
    Fails,
    /// This kind of port cannot be opened again.
    IsUnknown,
}

impl Vanishing {
    fn spend(&mut self, count: usize) -> io::Result<()> {
        match &mut *self.left.lock().unwrap() {
            Some(left) if *left < count => Err(io::ErrorKind::BrokenPipe.into()),
            Some(left) => {
                *left -= count;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Transport for Vanishing {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.spend(0)?;
        let most = buffer.len().min(512);
        let count = self.pipe.read(&mut buffer[..most], deadline)?;
        self.spend(count)?;
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        self.spend(0)?;
        self.pipe.write(bytes, deadline)
    }

    fn now(&self) -> Instant {
        self.pipe.now()
    }

    fn name(&self) -> &str {
        "vanishing"
    }

    fn reopen(&mut self) -> ftp_modem::Result<()> {
        let failed = |kind, detail| Err(ftp_modem::Error::new(kind, detail));
        match self.reopening {
            Reopening::Fails => return failed(ErrorKind::PortNotFound, "no such device"),
            Reopening::IsUnknown => return failed(ErrorKind::Unsupported, "a pipe"),
            Reopening::Works => {}
        }
        *self.left.lock().unwrap() = None;
        self.pipe.reopen()
    }
}

/// What can be done to it from outside.
struct Rig {
    modem: Box<dyn FtpModem>,
    files: MemoryServer,
    wire: Wire,
    left: Arc<Mutex<Option<usize>>>,
    heard: Arc<Mutex<Vec<Recovery>>>,
}

impl Rig {
    fn online(vendor: Vendor, reopening: Reopening) -> Self {
        watch::watch();
        let files = MemoryServer::new();
        files.add_user(USER, PASSWORD);
        let module = Module::new(emulated(vendor), files.remote(), Options::default());
        let wire = Arc::new(Mutex::new(Faulty::new(module, "".parse().unwrap())));
        let left = Arc::new(Mutex::new(None));
        let port = Vanishing { pipe: MemoryPipe::new(wire.clone()), left: left.clone(), reopening };
        let mut modem = OpenOptions::new().open_on(port).unwrap();
        modem.attach(&AccessPoint::default()).unwrap();
        modem.login(&server()).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = heard.clone();
        let observer = move |step| ear.lock().unwrap().push(step);
        modem.set_controls(Controls::new().with_observer(observer).with_dead_after(2));
        Rig { modem, files, wire, left, heard }
    }

    /// From now on these faults, at bytes counted from now.
    fn play(&self, faults: Vec<Fault>) {
        self.wire.lock().unwrap().play(faults.into_iter().collect());
    }

    fn heard(&self) -> Vec<Recovery> {
        self.heard.lock().unwrap().clone()
    }
}

fn allowed() -> Reconnect {
    Reconnect::new(AccessPoint::default())
}

#[test]
fn a_module_that_restarts_in_the_middle_of_a_file_is_taken_up_again() {
    for vendor in Vendor::ALL {
        let mut rig = Rig::online(vendor, Reopening::Works);
        let (folder, path) = target();
        rig.files.put("/a.bin", pattern(40_000));
        rig.play(vec![Damage::Restart.of_output(10_000)]);
        let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).reconnect_with(allowed());
        let report = download.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(report.attempts > 1, "{vendor}: {report:?}");
        assert!(std::fs::read(&path).unwrap() == pattern(40_000), "{vendor}");
        assert_eq!(names(&folder), ["file.bin"], "{vendor}");
    }
}

#[test]
fn a_port_that_vanished_is_opened_again() {
    for vendor in Vendor::ALL {
        let mut rig = Rig::online(vendor, Reopening::Works);
        let (_folder, path) = target();
        rig.files.put("/a.bin", pattern(40_000));
        *rig.left.lock().unwrap() = Some(10_000);
        let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).reconnect_with(allowed());
        let report = download.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert_eq!(report.attempts, 2, "{vendor}: {report:?}");
        assert!(rig.heard().contains(&Recovery::ReopenPort), "{vendor}: {:?}", rig.heard());
        assert!(std::fs::read(&path).unwrap() == pattern(40_000), "{vendor}");
    }
}

#[test]
fn a_port_that_stays_away_is_tried_as_often_as_was_allowed() {
    let mut rig = Rig::online(Vendor::Quectel, Reopening::Fails);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(40_000));
    *rig.left.lock().unwrap() = Some(10_000);
    let retry = Retry::default().with_retries(2);
    let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).retry(retry);
    let error = download.reconnect_with(allowed()).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PortNotFound, "{error}");
    assert_eq!(rig.heard(), [Recovery::ReopenPort]);
    // Without leave the port is not touched, and the error says what happened to it.
    let mut rig = Rig::online(Vendor::Quectel, Reopening::Works);
    rig.files.put("/a.bin", pattern(40_000));
    *rig.left.lock().unwrap() = Some(10_000);
    let download = Download::new("/a.bin", &path).on_clock(Sleepless::default());
    let error = download.reconnect_with(allowed().up_to(Recovery::RebuildBearer)).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PortLost, "{error}");
    assert_eq!(rig.heard(), []);
}

#[test]
fn failures_in_a_row_climb_the_ladder_and_the_error_tells() {
    let strong = |heard: Vec<Recovery>| -> Vec<Recovery> {
        let is_strong =
            |step: &Recovery| matches!(step, Recovery::ReopenSession | Recovery::RebuildBearer | Recovery::ReopenPort);
        heard.into_iter().filter(is_strong).collect()
    };
    let all = [Recovery::ReopenSession, Recovery::RebuildBearer, Recovery::ReopenPort];
    // The generic dialect's bare ERROR is taken for the server's refusal, which no retry cures.
    for vendor in Vendor::ALL.into_iter().filter(|vendor| *vendor != Vendor::Generic) {
        for (highest, expected) in [
            (Recovery::ReopenPort, &all[..]),
            (Recovery::RebuildBearer, &[Recovery::ReopenSession, Recovery::RebuildBearer, Recovery::RebuildBearer][..]),
        ] {
            let mut rig = Rig::online(vendor, Reopening::Works);
            let (_folder, path) = target();
            rig.files.put("/a.bin", pattern(1000));
            for _ in 0..50 {
                rig.files.fail_next(Operation::Retrieve, RemoteError::Network(NetworkCause::Dropped));
            }
            let retry = Retry::default().with_retries(4);
            let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).retry(retry);
            let error = download.reconnect_with(allowed().up_to(highest)).run(&mut *rig.modem).unwrap_err();
            assert_eq!(strong(rig.heard()), expected, "{vendor}: {error}");
            let told: Vec<Recovery> = strong(error.recovery().to_vec());
            assert_eq!(told, expected, "{vendor}: {error}");
            assert!(error.to_string().contains("last recovery step: "), "{vendor}: {error}");
        }
    }
}

#[test]
fn where_the_port_cannot_be_opened_again_the_bearer_behind_it_is_rebuilt() {
    let mut rig = Rig::online(Vendor::Quectel, Reopening::IsUnknown);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(1000));
    for _ in 0..4 {
        rig.files.fail_next(Operation::Retrieve, RemoteError::Network(NetworkCause::Dropped));
    }
    let download =
        Download::new("/a.bin", &path).on_clock(Sleepless::default()).retry(Retry::default().with_retries(4));
    let report = download.reconnect_with(allowed()).run(&mut *rig.modem).unwrap();
    assert_eq!(report.attempts, 5);
    let behind = rig.heard().into_iter().skip_while(|step| *step != Recovery::ReopenPort).nth(1);
    assert_eq!(behind, Some(Recovery::RebuildBearer), "{:?}", rig.heard());
}

#[test]
fn each_step_leaves_a_module_that_works_in_the_same_directory() {
    for vendor in Vendor::ALL {
        for step in [Recovery::ReopenSession, Recovery::RebuildBearer, Recovery::ReopenPort] {
            let mut rig = Rig::online(vendor, Reopening::Works);
            rig.files.put("/there/a.bin", "of this directory");
            rig.modem.cwd("/there").unwrap();
            rig.modem
                .recover(step, &AccessPoint::default())
                .unwrap_or_else(|error| panic!("{vendor}, {step}: {error}"));
            let mut bytes = Vec::new();
            let outcome = rig.modem.retrieve("a.bin", &Retrieve::whole(), &mut bytes);
            outcome.unwrap_or_else(|error| panic!("{vendor}, {step}: {error}"));
            assert_eq!(bytes, b"of this directory", "{vendor}, {step}");
            assert_eq!(rig.heard()[0], step, "{vendor}");
        }
        let mut rig = Rig::online(vendor, Reopening::Works);
        let error = rig.modem.recover(Recovery::Probe, &AccessPoint::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{vendor}: {error}");
    }
}

#[test]
fn a_session_that_an_upload_without_end_blocks_is_opened_again() {
    let mut rig = Rig::online(Vendor::ChinaMobile, Reopening::Works);
    rig.files.put("/there/a.bin", "of this directory");
    rig.modem.cwd("/there").unwrap();
    // The mark of the last block is changed on the line: the module waits for another one, and does nothing else.
    let command = "AT+MFTPSTOR=0,\"b.bin\",";
    rig.play(vec![Damage::Flip(0).of_input(command.len() as u64)]);
    rig.modem.store("b.bin", &Store::create().with_length(9), &mut &b"something"[..]).unwrap();
    let mut bytes = Vec::new();
    let error = rig.modem.retrieve("a.bin", &Retrieve::whole(), &mut bytes).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::ModuleBusy, true), "{error}");
    assert_eq!(rig.heard(), [Recovery::AbortTransfer]);
    rig.modem.retrieve("a.bin", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!(bytes, b"of this directory");
}

#[test]
fn a_module_that_never_answers_is_declared_dead_once() {
    for vendor in Vendor::ALL {
        let mut rig = Rig::online(vendor, Reopening::Works);
        rig.play(vec![Damage::HangUp.of_input(0)]);
        for attempt in 0..5 {
            let error = rig.modem.list("/").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{vendor}: {error}");
            if attempt > 0 {
                assert!(!error.module_usable(), "{vendor}: {error}");
            }
        }
        let deaths = rig.heard().iter().filter(|step| **step == Recovery::DeclareUnresponsive).count();
        assert_eq!(deaths, 1, "{vendor}: {:?}", rig.heard());
    }
}

#[test]
fn another_module_on_the_port_is_not_taken_for_the_old_one() {
    let mut rig = Rig::online(Vendor::Quectel, Reopening::Works);
    let other = Module::new(emulated(Vendor::Fibocom), rig.files.remote(), Options::default());
    *rig.wire.lock().unwrap() = Faulty::new(other, "".parse().unwrap());
    let error = rig.modem.recover(Recovery::ReopenPort, &AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownModule, "{error}");
    assert!(error.to_string().contains("L610") && error.to_string().contains("EC25"), "{error}");
}

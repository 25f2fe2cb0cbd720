//! Recovery steps: each is reported, listed in the error, and within what the caller allows.

use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ftp_modem::emulator::{Damage, Faulty, Module, NetworkCause, Operation, Options, Plan, RemoteError};
use ftp_modem::error::Phase;
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::transfer::{Download, Retry};
use ftp_modem::transport::Transport;
use ftp_modem::{Controls, ErrorKind, FtpModem, Recovery, RecoveryStep, Vendor};

use crate::support::access::emulated;
use crate::support::clock::Sleepless;
use crate::support::expected::expected;
use crate::support::host::Host;
use crate::support::payload::pattern;
use crate::support::rig::{AnyRig, module};
use crate::{names, reconnect, target};

/// A port that vanishes after so many bytes from the module, until it is reopened.
struct Vanishing {
    host: Host<Faulty>,
    left: Arc<Mutex<Option<usize>>>,
    reopening: Reopening,
}

/// The outcome of reopening the port.
#[derive(Clone, Copy, PartialEq)]
enum Reopening {
    Works,
    /// The device is back after so many looks.
    WorksAfter(u32),
    /// The device is gone.
    Fails,
    /// This kind of port cannot be reopened.
    NotSupported,
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
        let count = self.host.read(&mut buffer[..most], deadline)?;
        self.spend(count)?;
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        self.spend(0)?;
        self.host.write(bytes, deadline)
    }

    fn now(&self) -> Instant {
        self.host.now()
    }

    fn name(&self) -> &str {
        "vanishing"
    }

    fn reopen(&mut self) -> ftp_modem::Result<()> {
        let failed = |kind, detail| Err(ftp_modem::Error::new(kind, detail));
        match &mut self.reopening {
            Reopening::WorksAfter(looks) if *looks > 0 => {
                *looks -= 1;
                return failed(ErrorKind::PortNotFound, "no such device");
            }
            Reopening::Fails => return failed(ErrorKind::PortNotFound, "no such device"),
            Reopening::NotSupported => return failed(ErrorKind::Unsupported, "a pipe"),
            Reopening::Works | Reopening::WorksAfter(_) => {}
        }
        *self.left.lock().unwrap() = None;
        self.host.reopen()
    }
}

/// A rig on such a port, and the recovery steps that the driver took.
struct WatchedRig {
    rig: AnyRig,
    left: Arc<Mutex<Option<usize>>>,
    steps: Arc<Mutex<Vec<Recovery>>>,
}

impl WatchedRig {
    fn online(vendor: Vendor, reopening: Reopening) -> Self {
        let (line, files) = module(vendor, Options::default());
        let left = Arc::new(Mutex::new(None));
        let port = Vanishing { host: line.host(), left: Arc::clone(&left), reopening };
        let mut rig = AnyRig::through(port, line, files);
        rig.go_online();
        let steps = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&steps);
        let observer = move |step| noted.lock().unwrap().push(step);
        rig.modem.set_controls(Controls::new().with_observer(observer).with_dead_after(2));
        WatchedRig { rig, left, steps }
    }

    /// The port vanishes after so many bytes more.
    fn vanish_after(&self, bytes: usize) {
        *self.left.lock().unwrap() = Some(bytes);
    }

    fn steps(&self) -> Vec<Recovery> {
        self.steps.lock().unwrap().clone()
    }
}

impl Deref for WatchedRig {
    type Target = AnyRig;

    fn deref(&self) -> &AnyRig {
        &self.rig
    }
}

impl DerefMut for WatchedRig {
    fn deref_mut(&mut self) -> &mut AnyRig {
        &mut self.rig
    }
}

#[test]
fn a_download_is_resumed_after_a_restart() {
    for vendor in Vendor::ALL {
        let mut rig = WatchedRig::online(vendor, Reopening::Works);
        let (folder, path) = target();
        rig.files.put("/a.bin", pattern(40_000));
        rig.line.play(Plan::from(Damage::Restart.of_output(10_000)));
        let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).reconnect_with(reconnect());
        let report = download.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(report.attempts > 1, "{vendor}: {report:?}");
        assert!(std::fs::read(&path).unwrap() == pattern(40_000), "{vendor}");
        assert_eq!(names(&folder), ["file.bin"], "{vendor}");
    }
}

#[test]
fn a_lost_port_is_reopened() {
    for vendor in Vendor::ALL {
        let mut rig = WatchedRig::online(vendor, Reopening::Works);
        let (_folder, path) = target();
        rig.files.put("/a.bin", pattern(40_000));
        rig.vanish_after(10_000);
        let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).reconnect_with(reconnect());
        let report = download.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert_eq!(report.attempts, 2, "{vendor}: {report:?}");
        assert!(rig.steps().contains(&Recovery::ReopenPort), "{vendor}: {:?}", rig.steps());
        assert!(std::fs::read(&path).unwrap() == pattern(40_000), "{vendor}");
    }
}

#[test]
fn a_port_that_comes_back_later_is_searched_for() {
    for vendor in Vendor::ALL {
        let mut rig = WatchedRig::online(vendor, Reopening::WorksAfter(20));
        let (_folder, path) = target();
        rig.files.put("/a.bin", pattern(40_000));
        rig.vanish_after(10_000);
        let clock = Sleepless::default();
        let retry = Retry::default().with_retries(1);
        let download = Download::new("/a.bin", &path).on_clock(clock.clone()).retry(retry);
        let report = download.reconnect_with(reconnect()).run(&mut *rig.modem);
        let report = report.unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(std::fs::read(&path).unwrap() == pattern(40_000), "{vendor}");
        assert!((20..30).contains(&report.elapsed.as_secs()), "{vendor}: {report:?}");
    }
}

#[test]
fn the_search_for_a_port_keeps_the_limit_of_the_transfer() {
    let limit = Duration::from_secs(10);
    for is_budget in [false, true] {
        for pause in [0, 2] {
            let mut rig = WatchedRig::online(Vendor::Quectel, Reopening::Fails);
            let (_folder, path) = target();
            rig.files.put("/a.bin", pattern(40_000));
            rig.vanish_after(10_000);
            let (begun, mut retry) = (rig.line.elapsed(), Retry::default().with_pause(Duration::from_secs(pause)));
            if is_budget {
                let controls = rig.modem.controls().clone().with_budget(limit);
                rig.modem.set_controls(controls);
            } else {
                retry = retry.with_total(limit);
            }
            let download = Download::new("/a.bin", &path).on_clock(rig.line.clone()).retry(retry);
            let error = download.reconnect_with(reconnect()).run(&mut *rig.modem).unwrap_err();
            let case = format!("budget {is_budget}, pause {pause} s: {error}");
            assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Budget)), "{case}");
            assert!(error.to_string().contains("time limit of 10 s for all operations together"), "{case}");
            assert!(error.to_string().contains("the port did not come back"), "{case}");
            assert!(!error.module_usable(), "{case}");
            let passed = rig.line.elapsed() - begun;
            assert!((9..=10).contains(&passed.as_secs()) && passed <= limit, "{case}: {passed:?}");
            assert!(rig.steps().iter().all(|step| *step == Recovery::ReopenPort), "{case}: {:?}", rig.steps());
        }
    }
}

#[test]
fn a_port_that_stays_lost_ends_the_transfer() {
    let mut rig = WatchedRig::online(Vendor::Quectel, Reopening::Fails);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(40_000));
    rig.vanish_after(10_000);
    let retry = Retry::default().with_retries(2);
    let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).retry(retry);
    let error = download.reconnect_with(reconnect()).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PortNotFound, "{error}");
    assert!(error.to_string().contains("it did not come back within 30 s"), "{error}");
    assert_eq!(rig.steps(), [Recovery::ReopenPort; 30]);
    // Where reopening the port is not allowed, the error says what happened to it.
    let mut rig = WatchedRig::online(Vendor::Quectel, Reopening::Works);
    rig.files.put("/a.bin", pattern(40_000));
    rig.vanish_after(10_000);
    let download = Download::new("/a.bin", &path).on_clock(Sleepless::default());
    let error =
        download.reconnect_with(reconnect().up_to(RecoveryStep::RebuildBearer)).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PortLost, "{error}");
    assert_eq!(rig.steps(), []);
}

#[test]
fn repeated_failures_take_stronger_steps_and_the_error_lists_them() {
    let strong = |steps: Vec<Recovery>| -> Vec<Recovery> {
        let is_strong =
            |step: &Recovery| matches!(step, Recovery::ReopenSession | Recovery::RebuildBearer | Recovery::ReopenPort);
        steps.into_iter().filter(is_strong).collect()
    };
    let all = [Recovery::ReopenSession, Recovery::RebuildBearer, Recovery::ReopenPort];
    // An error without a reason is taken for the server's refusal, which no retry cures.
    for vendor in Vendor::ALL.into_iter().filter(|vendor| !expected(*vendor).refuses_without_reason) {
        for (highest, expected) in [
            (RecoveryStep::ReopenPort, &all[..]),
            (
                RecoveryStep::RebuildBearer,
                &[Recovery::ReopenSession, Recovery::RebuildBearer, Recovery::RebuildBearer][..],
            ),
        ] {
            let mut rig = WatchedRig::online(vendor, Reopening::Works);
            let (_folder, path) = target();
            rig.files.put("/a.bin", pattern(1000));
            for _ in 0..50 {
                rig.files.fail_next(Operation::Retrieve, RemoteError::Network(NetworkCause::Dropped));
            }
            let retry = Retry::default().with_retries(4);
            let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).retry(retry);
            let error = download.reconnect_with(reconnect().up_to(highest)).run(&mut *rig.modem).unwrap_err();
            assert_eq!(strong(rig.steps()), expected, "{vendor}: {error}");
            let listed = strong(error.recovery().to_vec());
            assert_eq!(listed, expected, "{vendor}: {error}");
            assert!(error.to_string().contains("recovery tried: re"), "{vendor}: {error}");
        }
    }
}

#[test]
fn where_the_port_cannot_be_reopened_the_bearer_is_rebuilt() {
    let mut rig = WatchedRig::online(Vendor::Quectel, Reopening::NotSupported);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(1000));
    for _ in 0..4 {
        rig.files.fail_next(Operation::Retrieve, RemoteError::Network(NetworkCause::Dropped));
    }
    let download =
        Download::new("/a.bin", &path).on_clock(Sleepless::default()).retry(Retry::default().with_retries(4));
    let report = download.reconnect_with(reconnect()).run(&mut *rig.modem).unwrap();
    assert_eq!(report.attempts, 5);
    let next = rig.steps().into_iter().skip_while(|step| *step != Recovery::ReopenPort).nth(1);
    assert_eq!(next, Some(Recovery::RebuildBearer), "{:?}", rig.steps());
}

#[test]
fn each_step_keeps_the_directory() {
    for vendor in Vendor::ALL {
        for step in [RecoveryStep::ReopenSession, RecoveryStep::RebuildBearer, RecoveryStep::ReopenPort] {
            let mut rig = WatchedRig::online(vendor, Reopening::Works);
            rig.files.put("/there/a.bin", "of this directory");
            rig.modem.cwd("/there").unwrap();
            rig.modem
                .recover(step, &AccessPoint::default())
                .unwrap_or_else(|error| panic!("{vendor}, {step}: {error}"));
            let mut bytes = Vec::new();
            let outcome = rig.modem.retrieve("a.bin", &Retrieve::whole(), &mut bytes);
            outcome.unwrap_or_else(|error| panic!("{vendor}, {step}: {error}"));
            assert_eq!(bytes, b"of this directory", "{vendor}, {step}");
            assert_eq!(rig.steps()[0], Recovery::from(step), "{vendor}");
        }
    }
}

#[test]
fn a_session_that_an_unfinished_upload_blocks_is_reopened() {
    let mut rig = WatchedRig::online(Vendor::ChinaMobile, Reopening::Works);
    rig.files.put("/there/a.bin", "of this directory");
    rig.modem.cwd("/there").unwrap();
    // The mark of the last block is changed on the line: the module waits for another block, and does nothing else.
    let command = "AT+MFTPSTOR=0,\"b.bin\",";
    rig.line.play(Plan::from(Damage::Flip(0).of_input(command.len() as u64)));
    rig.modem.store("b.bin", &Store::create().with_length(9), &mut &b"something"[..]).unwrap();
    let mut bytes = Vec::new();
    let error = rig.modem.retrieve("a.bin", &Retrieve::whole(), &mut bytes).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::ModuleBusy, true), "{error}");
    assert_eq!(rig.steps(), [Recovery::AbortTransfer]);
    rig.modem.retrieve("a.bin", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!(bytes, b"of this directory");
}

#[test]
fn a_module_that_never_answers_is_declared_unresponsive_once() {
    for vendor in Vendor::ALL {
        let mut rig = WatchedRig::online(vendor, Reopening::Works);
        rig.line.play(Plan::from(Damage::HangUp.of_input(0)));
        for attempt in 0..5 {
            let error = rig.modem.list("/").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{vendor}: {error}");
            if attempt > 0 {
                assert!(!error.module_usable(), "{vendor}: {error}");
            }
        }
        let declared = rig.steps().iter().filter(|step| **step == Recovery::DeclareUnresponsive).count();
        assert_eq!(declared, 1, "{vendor}: {:?}", rig.steps());
    }
}

#[test]
fn another_module_on_the_port_is_refused() {
    let mut rig = WatchedRig::online(Vendor::Quectel, Reopening::Works);
    let other = Module::new(emulated(Vendor::Fibocom), rig.files.remote(), Options::default());
    rig.line.act(|module, _| *module = other.into());
    let error = rig.modem.recover(RecoveryStep::ReopenPort, &AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownModule, "{error}");
    assert!(error.to_string().contains("L610") && error.to_string().contains("EC25"), "{error}");
    // It gets no command of this dialect, until the right one is back.
    rig.line.clear();
    assert_eq!(rig.modem.attach(&AccessPoint::default()).unwrap_err().kind(), ErrorKind::UnknownModule);
    assert_eq!(rig.modem.size("/a").unwrap_err().kind(), ErrorKind::UnknownModule);
    assert!(rig.line.commands("AT+").is_empty(), "{}", rig.line.text());
    let right = Module::new(emulated(Vendor::Quectel), rig.files.remote(), Options::default());
    rig.line.act(|module, _| *module = right.into());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.files.put("/a", "x");
    assert_eq!(rig.modem.size("/a").unwrap(), 1);
}

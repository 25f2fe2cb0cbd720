//! The contract implemented outside the crate: a test double, as a program writes one that wants to test itself without
//! a module.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::any::Any;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::modem::{
    Assurance, Bearer, Capabilities, EntryKind, Identity, Metadata, Modified, Network, Operation, Precision,
    Registration, SessionState, StoreMode, Support, TimeLimits, Transfer,
};
use ftp_modem::transfer::{Download, Retry, Upload};
use ftp_modem::{
    AccessPoint, Controls, Entry, Error, ErrorKind, FtpModem, RecoveryStep, Result, Retrieve, Server, Store,
};

const OPERATIONS: &[(Operation, Support)] = &[
    (Operation::Size, Support::Native),
    (Operation::Modified, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::RetrieveFrom, Support::Native),
    (Operation::Store, Support::Native),
    (Operation::Append, Support::Native),
    (Operation::StoreAt, Support::Native),
];

/// A server in memory, and a module that is always attached.
struct Double {
    identity: Identity,
    capabilities: Capabilities,
    controls: Controls,
    server: Option<Server>,
    directory: String,
    files: BTreeMap<String, Vec<u8>>,
    /// The calls so far.
    calls: Vec<&'static str>,
    /// The downloads that break off after so many bytes.
    breaks: Vec<usize>,
}

impl Double {
    fn new() -> Self {
        let mut capabilities = Capabilities::new("double", OPERATIONS);
        capabilities.upload_assurance = Assurance::ModuleCount;
        Double {
            identity: Identity::new("Nobody", "Double").with_information(["Nobody", "Double"]),
            capabilities,
            controls: Controls::new(),
            server: None,
            directory: "/".to_owned(),
            files: BTreeMap::new(),
            calls: Vec::new(),
            breaks: Vec::new(),
        }
    }

    fn with(path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let mut double = Double::new();
        double.files.insert(path.to_owned(), bytes.into());
        double
    }

    fn note(&mut self, call: &'static str) -> Result<()> {
        self.calls.push(call);
        match &self.controls.cancel {
            Some(flag) if flag.swap(false, Ordering::Relaxed) => Err(Error::new(ErrorKind::Cancelled, "")),
            _ => Ok(()),
        }
    }

    fn file(&self, path: &str) -> Result<&Vec<u8>> {
        self.files.get(path).ok_or_else(|| Error::new(ErrorKind::Unavailable, "no such file"))
    }
}

/// What every file of the double has.
const MODIFIED: Modified =
    Modified { year: Some(2024), month: 2, day: 29, hour: 12, minute: 0, second: 0, precision: Precision::Second };

impl FtpModem for Double {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn as_any(&mut self) -> Option<&mut dyn Any> {
        Some(self)
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn set_controls(&mut self, controls: Controls) {
        self.controls = controls;
    }

    fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    fn network(&mut self) -> Result<Network> {
        self.note("network")?;
        Ok(Network::new(Some(-71), Registration::Home))
    }

    fn attach(&mut self, _: &AccessPoint) -> Result<Bearer> {
        self.note("attach")?;
        Ok(Bearer::new(Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), true))
    }

    fn detach(&mut self) -> Result<()> {
        self.note("detach")
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.note("login")?;
        self.server = Some(server.clone());
        Ok(())
    }

    fn logout(&mut self) -> Result<()> {
        self.note("logout")?;
        self.server = None;
        Ok(())
    }

    fn status(&mut self) -> Result<SessionState> {
        self.note("status")?;
        Ok(if self.server.is_some() { SessionState::Idle } else { SessionState::Closed })
    }

    fn pwd(&mut self) -> Result<String> {
        self.note("pwd")?;
        Ok(self.directory.clone())
    }

    fn cwd(&mut self, path: &str) -> Result<()> {
        self.note("cwd")?;
        self.directory = path.to_owned();
        Ok(())
    }

    /// The double's own, as a module may have one.
    fn cdup(&mut self) -> Result<()> {
        self.note("cdup")
    }

    fn list(&mut self, _: &str) -> Result<Vec<Entry>> {
        self.note("list")?;
        let entry = |(path, bytes): (&String, &Vec<u8>)| {
            Entry::new(path.trim_start_matches('/'), EntryKind::File)
                .with_size(bytes.len() as u64)
                .with_modified(MODIFIED)
        };
        Ok(self.files.iter().map(entry).collect())
    }

    fn metadata(&mut self, path: &str) -> Result<Metadata> {
        self.note("metadata")?;
        let size = self.file(path)?.len() as u64;
        Ok(Metadata::new().with_kind(EntryKind::File).with_size(size).with_modified(MODIFIED))
    }

    fn mkdir(&mut self, _: &str) -> Result<()> {
        self.note("mkdir")
    }

    fn rmdir(&mut self, _: &str) -> Result<()> {
        self.note("rmdir")
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        self.note("remove")?;
        self.files.remove(path);
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        self.note("rename")?;
        let bytes = self.file(from)?.clone();
        self.files.insert(to.to_owned(), bytes);
        self.remove(from)
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.note(if what.size.is_some() { "retrieve" } else { "retrieve of unknown size" })?;
        let broken = if self.breaks.is_empty() { None } else { Some(self.breaks.remove(0)) };
        let rest = &self.file(path)?[what.offset as usize..];
        let sent = broken.map_or(rest, |count| &rest[..count]);
        sink.write_all(sent).map_err(Error::local)?;
        match broken {
            None => Ok(Transfer::new(sent.len() as u64, Assurance::ServerSize)),
            Some(count) => Err(Error::new(ErrorKind::DataConnection, "broken").with_transferred(count as u64)),
        }
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.note("store")?;
        let mut bytes = Vec::new();
        let count = source.read_to_end(&mut bytes).map_err(Error::local)? as u64;
        let before = match how.mode {
            StoreMode::Create => Vec::new(),
            _ => self.files.remove(path).unwrap_or_default(),
        };
        self.files.insert(path.to_owned(), [before, bytes].concat());
        Ok(Transfer::new(count, Assurance::Unconfirmed))
    }
}

fn pattern(count: usize) -> Vec<u8> {
    (0..count).map(|index| (index % 251) as u8).collect()
}

fn at_once() -> Retry {
    Retry::default().with_pause(Duration::ZERO)
}

#[test]
fn whole_files_pass_through_a_double() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    let mut double = Double::with("/a.bin", pattern(5000));
    let report = Download::new("/a.bin", &local).run(&mut double).unwrap();
    assert_eq!((report.size, report.attempts, report.assurance), (5000, 1, Assurance::ServerSize));
    assert_eq!(fs::read(&local).unwrap(), pattern(5000));

    let report = Upload::new(&local, "/b.bin").run(&mut double).unwrap();
    assert_eq!((report.size, report.assurance), (5000, Assurance::ServerSize));
    assert_eq!(double.files["/b.bin"], pattern(5000));
    // One query for each file: before the download, behind the upload that nothing else confirms.
    assert_eq!(double.calls, ["metadata", "retrieve", "store", "metadata"]);
}

#[test]
fn a_download_of_a_known_size_queries_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    let mut double = Double::with("/a.bin", pattern(5000));
    Download::new("/a.bin", &local).size(5000).run(&mut double).unwrap();
    assert_eq!(double.calls, ["retrieve"]);
    // A file that has grown since is downloaded whole.
    let report = Download::new("/a.bin", &local).size(4000).retry(Retry::never()).run(&mut double).unwrap();
    assert_eq!(report.size, 5000);
}

#[test]
fn a_download_that_breaks_off_queries_again_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    let mut double = Double::with("/a.bin", pattern(5000));
    double.breaks = vec![3000];
    let report = Download::new("/a.bin", &local).retry(at_once()).run(&mut double).unwrap();
    assert_eq!((report.attempts, report.moved), (2, 5000 + 1024));
    assert_eq!(fs::read(&local).unwrap(), pattern(5000));
    assert_eq!(double.calls, ["metadata", "retrieve", "metadata", "retrieve"]);
}

#[test]
fn an_append_that_the_server_has_in_part_asks_for_the_size_once_before_each_step() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("more.bin");
    fs::write(&local, pattern(100)).unwrap();
    let mut double = Double::with("/log", "before");
    let report = Upload::new(&local, "/log").append(true).run(&mut double).unwrap();
    assert_eq!(report.assurance, Assurance::ServerSize);
    assert_eq!(double.files["/log"], [b"before".to_vec(), pattern(100)].concat());
    assert_eq!(double.calls, ["metadata", "store", "metadata"]);
}

#[test]
fn a_transfer_gives_the_callers_controls_back() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    fs::write(&from, "12345").unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    let limits = TimeLimits::default().with_command(Duration::from_secs(7));
    let controls = Controls::new().with_cancel(flag.clone()).with_time_limits(limits).with_dead_after(9);
    let own = Arc::new(AtomicBool::new(false));
    let stopped = Arc::new(AtomicBool::new(true));
    // What the transfer is given of its own, and how it ends.
    let cases = [(None, Ok(())), (Some(own), Ok(())), (Some(stopped), Err(ErrorKind::Cancelled))];
    for (cancel, expected) in cases {
        for is_download in [true, false] {
            let mut double = Double::with("/a", "12345");
            double.set_controls(controls.clone().with_budget(Duration::from_secs(60)));
            cancel.iter().for_each(|flag| flag.store(expected.is_err(), Ordering::Relaxed));
            let retry = Retry::never().with_total(Duration::from_secs(30));
            let outcome = if is_download {
                let download = Download::new("/a", &to).retry(retry);
                cancel.iter().fold(download, |download, flag| download.cancel_with(flag.clone())).run(&mut double)
            } else {
                let upload = Upload::new(&from, "/b").retry(retry);
                cancel.iter().fold(upload, |upload, flag| upload.cancel_with(flag.clone())).run(&mut double)
            };
            assert_eq!(outcome.map(drop).map_err(|error| error.kind()), expected);
            let Controls { cancel: back, limits, budget, dead_after, .. } = double.controls().clone();
            assert!(Arc::ptr_eq(&back.unwrap(), &flag));
            assert_eq!(
                (limits.command, budget, dead_after),
                (Some(Duration::from_secs(7)), Some(Duration::from_secs(60)), 9)
            );
        }
    }
    // The caller's own flag ends a transfer that has none.
    let mut double = Double::with("/a", "12345");
    double.set_controls(controls);
    flag.store(true, Ordering::Relaxed);
    let error = Download::new("/a", &to).run(&mut double).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn what_is_not_required_is_built_from_the_rest() {
    let mut double = Double::with("/a", "12345");
    let modem: &mut dyn FtpModem = &mut double;
    assert_eq!(modem.vendor(), "double");
    assert_eq!(modem.names("").unwrap(), [b"a"]);
    assert_eq!((modem.size("/a").unwrap(), modem.modified("/a").unwrap()), (5, MODIFIED));
    let error = modem.size("/b").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().starts_with("query of the size failed: "), "{error}");
    let error = modem.recover(RecoveryStep::ReopenSession, &AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(modem.budget_left(), None);
    assert_eq!(double.calls, ["list", "metadata", "metadata", "metadata"]);
}

/// Calls each method once.
fn call_all(mut modem: impl FtpModem) -> Vec<&'static str> {
    modem.set_controls(Controls::new().with_budget(Duration::from_secs(1)));
    assert_eq!((modem.controls().dead_after, modem.budget_left()), (3, Some(Duration::from_secs(1))));
    assert_eq!((modem.vendor(), modem.identity().to_string().as_str()), ("double", "Nobody Double"));
    modem.login(&Server::new("h", "u", "p")).unwrap();
    assert_eq!(modem.server().unwrap().host, "h");
    modem.network().unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    modem.status().unwrap();
    modem.pwd().unwrap();
    modem.cwd("/").unwrap();
    // The double's own, not the provided one.
    modem.cdup().unwrap();
    modem.list("").unwrap();
    modem.names("").unwrap();
    modem.metadata("/a").unwrap();
    modem.size("/a").unwrap();
    modem.modified("/a").unwrap();
    modem.mkdir("/d").unwrap();
    modem.rmdir("/d").unwrap();
    modem.retrieve("/a", &Retrieve::whole(), &mut Vec::new()).unwrap();
    modem.store("/b", &Store::create(), &mut &b"1"[..]).unwrap();
    modem.rename("/b", "/c").unwrap();
    modem.remove("/c").unwrap();
    assert!(modem.recover(RecoveryStep::ReopenSession, &AccessPoint::default()).is_err());
    modem.logout().unwrap();
    modem.detach().unwrap();
    std::mem::take(&mut modem.as_any().unwrap().downcast_mut::<Double>().unwrap().calls)
}

#[test]
fn a_pointer_to_a_modem_is_that_modem() {
    let directly = call_all(Double::with("/a", "12345"));
    assert!(directly.contains(&"cdup"));
    let mut double = Double::with("/a", "12345");
    assert_eq!(call_all(&mut double), directly);
    assert_eq!(call_all(&mut double as &mut dyn FtpModem), directly);
    assert_eq!(call_all(Box::new(double)), directly);
    let mut boxed: Box<dyn FtpModem> = Box::new(Double::with("/a", "12345"));
    assert_eq!(call_all(&mut boxed), directly);
    assert_eq!(call_all(boxed), directly);
}

#[test]
fn what_only_one_modem_has_is_reached_through_the_trait() {
    let mut boxed: Box<dyn FtpModem> = Box::new(Double::with("/a", "12345"));
    assert_eq!(boxed.downcast_mut::<Double>().unwrap().files.len(), 1);
    assert!(boxed.downcast_mut::<ftp_modem::backend::generic::Generic>().is_none());
    // Also through a pointer.
    let pointer: &mut dyn FtpModem = &mut boxed;
    assert!(pointer.downcast_mut::<Double>().is_some());
}

//! The requests of a module to its server.

use std::io::Read;
use std::sync::{Arc, Mutex};

use ftp_modem::backend::Backend;
use ftp_modem::emulator::{Listing, MemoryServer, Options, Remote, RemoteError, StoreMode, Tls, Upload};
use ftp_modem::{FtpModem, Vendor};

use crate::support::line::Line;
use crate::support::rig::{AnyRig, Rig, line_to};

/// What one end has sent to the other.
pub type Log<T> = Arc<Mutex<Vec<T>>>;

/// A request of the module to the server, and the texts in it.
pub type Request = (&'static str, Vec<String>);

/// An FTP client that keeps the requests to it.
pub struct Witness {
    remote: Box<dyn Remote>,
    requests: Log<Request>,
    /// The current directory that the server reports. Default: the true one.
    pub directory: Option<&'static str>,
}

impl Witness {
    pub fn new(remote: Box<dyn Remote>, requests: Log<Request>) -> Self {
        Witness { remote, requests, directory: None }
    }

    fn note(&self, what: &'static str, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.requests.lock().unwrap().push((what, texts));
    }
}

impl Remote for Witness {
    fn connect(&mut self, host: &str, port: u16, tls: Tls) -> Result<(), RemoteError> {
        self.note("connect", &[host, &port.to_string()]);
        self.remote.connect(host, port, tls)
    }

    fn login(&mut self, user: &str, password: &str) -> Result<(), RemoteError> {
        self.note("login", &[user, password]);
        self.remote.login(user, password)
    }

    fn pwd(&mut self) -> Result<String, RemoteError> {
        let directory = self.remote.pwd()?;
        Ok(self.directory.map_or(directory, str::to_owned))
    }

    fn cwd(&mut self, path: &str) -> Result<(), RemoteError> {
        self.note("cwd", &[path]);
        self.remote.cwd(path)
    }

    /// No listing is empty: the driver would look whether an empty directory exists, unless its name is a pattern.
    fn list(&mut self, path: &str, listing: Listing) -> Result<Box<dyn Read + Send>, RemoteError> {
        const ROW: &[u8] = b"-rw-r--r-- 1 ftp ftp 1 Jan 01 2020 row\r\n";
        self.note("list", &[path]);
        let rows = self.remote.list(path, listing)?;
        Ok(if listing == Listing::Long { Box::new(rows.chain(ROW)) } else { rows })
    }

    fn size(&mut self, path: &str) -> Result<u64, RemoteError> {
        self.note("size", &[path]);
        self.remote.size(path)
    }

    fn modified(&mut self, path: &str) -> Result<String, RemoteError> {
        self.note("modified", &[path]);
        self.remote.modified(path)
    }

    fn make_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.note("mkdir", &[path]);
        self.remote.make_dir(path)
    }

    fn remove_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.note("rmdir", &[path]);
        self.remote.remove_dir(path)
    }

    fn remove(&mut self, path: &str) -> Result<(), RemoteError> {
        self.note("remove", &[path]);
        self.remote.remove(path)
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), RemoteError> {
        self.note("rename", &[from, to]);
        self.remote.rename(from, to)
    }

    fn retrieve(&mut self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, RemoteError> {
        self.note("retrieve", &[path]);
        self.remote.retrieve(path, offset)
    }

    fn store(&mut self, path: &str, mode: StoreMode) -> Result<Box<dyn Upload>, RemoteError> {
        self.note("store", &[path]);
        self.remote.store(path, mode)
    }

    fn command(&mut self, line: &str) -> Result<(u16, String), RemoteError> {
        self.note("command", &[line]);
        self.remote.command(line)
    }

    fn quit(&mut self) -> Result<(), RemoteError> {
        self.remote.quit()
    }

    fn another(&self) -> Option<Box<dyn Remote>> {
        let remote = self.remote.another()?;
        Some(Box::new(Witness { remote, requests: Arc::clone(&self.requests), directory: self.directory }))
    }
}

/// A rig whose module reaches the server through a [`Witness`]. Any user may log in.
pub struct WitnessedRig<M: ?Sized> {
    pub rig: Rig<M>,
    requests: Log<Request>,
}

/// A module that no program has opened yet, and the requests to its server.
fn module(vendor: Vendor) -> (Line, MemoryServer, Log<Request>) {
    let (files, requests) = (MemoryServer::new(), Log::default());
    let witness = Witness::new(files.remote(), Arc::clone(&requests));
    (line_to(vendor, Box::new(witness), Options::default()), files, requests)
}

impl WitnessedRig<dyn FtpModem> {
    pub fn any(vendor: Vendor) -> Self {
        let (line, files, requests) = module(vendor);
        WitnessedRig { rig: AnyRig::through(line.host(), line, files), requests }
    }
}

impl<B: Backend> WitnessedRig<B> {
    pub fn new() -> Self {
        let (line, files, requests) = module(B::VENDOR);
        WitnessedRig { rig: Rig::on(line, files), requests }
    }
}

impl<M: ?Sized> WitnessedRig<M> {
    /// What the host has written since the last call.
    pub fn written(&self) -> Vec<u8> {
        let written = self.rig.line.sent();
        self.rig.line.clear();
        written
    }

    /// The requests of the module to the server since the last call.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

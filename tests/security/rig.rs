//! A module whose both ends are watched: what the host writes to it, and what it asks of the server.

use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::OpenOptions;
use ftp_modem::backend::Backend;
use ftp_modem::emulator::{Listing, MemoryServer, Module, Options, Remote, RemoteError, StoreMode, Tls, Upload};
use ftp_modem::transport::memory::{MemoryPipe, Peer};

use crate::support::bench::emulated;

/// Something that one end has told the other.
pub type Log<T> = Arc<Mutex<Vec<T>>>;

/// A request of the module to the server, and the texts in it.
pub type Request = (&'static str, Vec<String>);

/// An emulated module that keeps what it receives.
struct Wire {
    module: Module,
    written: Log<u8>,
}

impl Peer for Wire {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        self.written.lock().unwrap().extend_from_slice(bytes);
        self.module.receive(now, bytes);
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        self.module.transmit(now, out);
    }

    fn next_event(&self) -> Option<Duration> {
        self.module.next_event()
    }
}

/// An FTP client that keeps what is asked of it.
pub struct Witness {
    remote: Box<dyn Remote>,
    requests: Log<Request>,
    /// What the server says is its current directory, in place of the truth.
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
        let told = self.remote.pwd()?;
        Ok(self.directory.map_or(told, str::to_owned))
    }

    fn cwd(&mut self, path: &str) -> Result<(), RemoteError> {
        self.note("cwd", &[path]);
        self.remote.cwd(path)
    }

    fn list(&mut self, path: &str, listing: Listing) -> Result<Box<dyn Read + Send>, RemoteError> {
        self.note("list", &[path]);
        self.remote.list(path, listing)
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

/// A driver on a watched module. Any user may log in.
pub struct Rig<B> {
    pub modem: B,
    pub files: MemoryServer,
    written: Log<u8>,
    requests: Log<Request>,
}

impl<B: Backend> Rig<B> {
    pub fn new() -> Self {
        let (files, written, requests) = (MemoryServer::new(), Log::default(), Log::default());
        let witness = Witness::new(files.remote(), Arc::clone(&requests));
        let module = Module::new(emulated(B::VENDOR), Box::new(witness), Options::default());
        let pipe = MemoryPipe::new(Wire { module, written: Arc::clone(&written) });
        let modem = OpenOptions::new().open_as_on::<B>(pipe).unwrap();
        Rig { modem, files, written, requests }
    }

    /// What the host has written since this was last asked.
    pub fn written(&self) -> Vec<u8> {
        std::mem::take(&mut *self.written.lock().unwrap())
    }

    /// What the module has asked of the server since this was last asked.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

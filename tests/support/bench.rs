//! An emulated module in memory, with an FTP server in memory, and the driver on it.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ftp_modem::emulator::{self, MemoryServer, Module, Options};
use ftp_modem::modem::{AccessPoint, Retrieve, Server, Store, Transfer};
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::{FtpModem, OpenOptions, Result, Vendor};

use super::watch;

pub const HOST: &str = "192.0.2.7";
pub const USER: &str = "logger";
/// Looked for in everything that is logged or printed.
pub const PASSWORD: &str = "pa55word-s3cret";

pub fn server() -> Server {
    Server::new(HOST, USER, PASSWORD).with_port(2121)
}

/// The emulated counterpart of a dialect.
pub fn emulated(vendor: Vendor) -> emulator::Family {
    vendor.to_string().parse().unwrap()
}

/// What the host wrote, and the virtual time, for a test to look at from outside.
#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<(Vec<u8>, Duration)>>);

impl Line {
    /// Everything the host has written.
    pub fn sent(&self) -> Vec<u8> {
        self.0.lock().unwrap().0.clone()
    }

    /// The virtual time since the module was switched on.
    pub fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}

/// A pipe that tells a [`Line`] what goes on.
struct Tapped<P> {
    pipe: MemoryPipe<P>,
    line: Line,
}

impl<P: Peer> Transport for Tapped<P> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let outcome = self.pipe.read(buffer, deadline);
        self.line.0.lock().unwrap().1 = self.pipe.elapsed();
        outcome
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let count = self.pipe.write(bytes, deadline)?;
        self.line.0.lock().unwrap().0.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn now(&self) -> Instant {
        self.pipe.now()
    }

    fn name(&self) -> &str {
        self.pipe.name()
    }
}

/// A line to whatever sits at its other end, and a look at it.
pub fn tapped<P: Peer>(peer: P) -> (impl Transport, Line) {
    let line = Line::default();
    (Tapped { pipe: MemoryPipe::new(peer), line: line.clone() }, line)
}

/// Opens whatever sits at the other end of a line.
pub fn open_on(peer: impl Peer + 'static) -> (Result<Box<dyn FtpModem>>, Line) {
    watch::watch();
    let (tapped, line) = tapped(peer);
    (OpenOptions::new().open_on(tapped), line)
}

/// A driver on an emulated module, and the server behind it.
pub struct Bench {
    pub modem: Box<dyn FtpModem>,
    pub files: MemoryServer,
    pub line: Line,
}

impl Bench {
    /// A module as its vendor documents it, identified.
    pub fn open(vendor: Vendor) -> Self {
        Bench::with(vendor, Options::default())
    }

    /// A module with options, identified.
    pub fn with(vendor: Vendor, options: Options) -> Self {
        let files = MemoryServer::new();
        files.add_user(USER, PASSWORD);
        let (modem, line) = open_on(Module::new(emulated(vendor), files.remote(), options));
        Bench { modem: modem.unwrap_or_else(|error| panic!("{vendor}: {error}")), files, line }
    }

    /// Attached and logged in.
    pub fn online(vendor: Vendor) -> Self {
        Bench::online_with(vendor, Options::default())
    }

    /// With options, attached and logged in.
    pub fn online_with(vendor: Vendor, options: Options) -> Self {
        let mut bench = Bench::with(vendor, options);
        bench.modem.attach(&AccessPoint::default()).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        bench.modem.login(&server()).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        bench
    }

    /// Uploads bytes, whatever they are.
    pub fn upload(&mut self, path: &str, bytes: &[u8]) -> Result<Transfer> {
        let how = Store::create().with_length(bytes.len() as u64).with_force_binary();
        self.modem.store(path, &how, &mut &bytes[..])
    }

    /// Downloads a file.
    pub fn download(&mut self, path: &str, what: &Retrieve) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let transfer = self.modem.retrieve(path, what, &mut bytes)?;
        assert_eq!(transfer.bytes, bytes.len() as u64, "the count of bytes told is that of bytes written");
        Ok(bytes)
    }

    /// A plain operation succeeds: the module is in a known state.
    #[track_caller]
    pub fn still_works(&mut self) {
        self.files.put("/still-works.txt", "yes");
        assert_eq!(self.download("/still-works.txt", &Retrieve::whole()).unwrap(), b"yes");
    }
}

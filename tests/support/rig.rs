//! A driver on an emulated module, with an FTP server behind it, all in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftp_modem::backend::Backend;
use ftp_modem::emulator::{MemoryServer, Module, Options, Remote};
use ftp_modem::modem::{AccessPoint, Retrieve, Store, Transfer};
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::Peer;
use ftp_modem::{Controls, FtpModem, OpenOptions, Result, Vendor};

use super::access::{PASSWORD, USER, emulated, server};
use super::expected::expected;
use super::line::Line;
use super::watch;

/// The driver `M`, the server behind the module, and the line between driver and module.
pub struct Rig<M: ?Sized> {
    pub modem: Box<M>,
    pub files: MemoryServer,
    pub line: Line,
}

/// A rig of a dialect that the test chooses when it runs.
pub type AnyRig = Rig<dyn FtpModem>;

/// A module that no program has opened yet, and the server behind it.
pub fn module(vendor: Vendor, options: Options) -> (Line, MemoryServer) {
    watch::watch();
    let files = MemoryServer::new();
    files.add_user(USER, PASSWORD);
    (line_to(vendor, files.remote(), options), files)
}

/// A module that no program has opened yet, with a way to a server.
pub fn line_to(vendor: Vendor, remote: Box<dyn Remote>, options: Options) -> Line {
    Line::new(Module::new(emulated(vendor), remote, options).into())
}

/// Options of a module whose uploads carry every byte.
pub fn carrying(vendor: Vendor) -> Options {
    let mut options = Options::default();
    (expected(vendor).carry)(&mut options);
    options
}

/// Opens whatever is at the other end of a line.
pub fn open_on<P: Peer + 'static>(peer: P) -> (Result<Box<dyn FtpModem>>, Line<P>) {
    watch::watch();
    let line = Line::new(peer);
    (OpenOptions::new().open_on(line.host()), line)
}

impl AnyRig {
    /// A module as its vendor documents it, identified.
    pub fn open(vendor: Vendor) -> Self {
        Self::open_with(vendor, Options::default())
    }

    /// A module with options, identified.
    pub fn open_with(vendor: Vendor, options: Options) -> Self {
        let (line, files) = module(vendor, options);
        let modem = OpenOptions::new().open_on(line.host()).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        Rig { modem, files, line }
    }

    /// The driver on a module that exists already, through an end of the line that the test has changed.
    pub fn through(host: impl Transport + 'static, line: Line, files: MemoryServer) -> Self {
        let modem = OpenOptions::new().open_on(host).unwrap_or_else(|error| panic!("{error}"));
        Rig { modem, files, line }
    }

    /// Attached and logged in.
    pub fn online(vendor: Vendor) -> Self {
        Self::online_with(vendor, Options::default())
    }

    /// With options, attached and logged in.
    pub fn online_with(vendor: Vendor, options: Options) -> Self {
        let mut rig = Self::open_with(vendor, options);
        rig.go_online();
        rig
    }
}

impl<B: Backend> Rig<B> {
    /// A module with options, identified.
    pub fn open(options: Options) -> Self {
        Self::open_after(options, |_| ())
    }

    /// A module with options, identified once `before` has been at it.
    pub fn open_after(options: Options, before: impl FnOnce(&Line)) -> Self {
        let (line, files) = module(B::VENDOR, options);
        before(&line);
        Self::on(line, files)
    }

    /// The driver on a module that exists already.
    pub fn on(line: Line, files: MemoryServer) -> Self {
        let host = line.host();
        Self::through(host, line, files)
    }

    /// The driver on a module that exists already, through an end of the line that the test has changed.
    pub fn through(host: impl Transport + 'static, line: Line, files: MemoryServer) -> Self {
        let modem = OpenOptions::new().open_as_on(host).unwrap_or_else(|error| panic!("{error}"));
        Rig { modem: Box::new(modem), files, line }
    }

    /// Attached and logged in.
    pub fn online(options: Options) -> Self {
        let mut rig = Self::open(options);
        rig.go_online();
        rig
    }

    /// The program ends, and another one takes the module over as it is.
    pub fn replace_program(&mut self) {
        *self.modem = OpenOptions::new().open_as_on(self.line.host()).unwrap();
    }
}

impl<M: FtpModem + ?Sized> Rig<M> {
    /// Attaches and logs in.
    #[track_caller]
    pub fn go_online(&mut self) {
        self.modem.attach(&AccessPoint::default()).unwrap();
        self.modem.login(&server()).unwrap();
    }

    /// Lets `flag` cancel operations.
    pub fn cancel_with(&mut self, flag: &Arc<AtomicBool>) {
        self.modem.set_controls(Controls::new().with_cancel(Arc::clone(flag)));
    }

    /// Lets nothing cancel operations.
    pub fn cancel_no_more(&mut self) {
        self.modem.set_controls(Controls::new());
    }

    /// Cancels what the driver does when the host next writes `text`.
    pub fn cancel_at(&mut self, text: &str) {
        let flag = Arc::new(AtomicBool::new(false));
        self.cancel_with(&flag);
        self.line.before(text, move |_, _| flag.store(true, Ordering::Relaxed));
    }

    /// Uploads bytes, whatever they are, from a source of known length.
    pub fn upload(&mut self, path: &str, bytes: &[u8]) -> Result<Transfer> {
        let how = Store::create().with_length(bytes.len() as u64).with_force_binary();
        self.modem.store(path, &how, &mut &bytes[..])
    }

    /// Uploads bytes, whatever they are, from a source of unknown length.
    pub fn upload_stream(&mut self, path: &str, bytes: &[u8]) -> Result<Transfer> {
        self.modem.store(path, &Store::create().with_force_binary(), &mut &bytes[..])
    }

    /// Downloads a whole file.
    pub fn download(&mut self, path: &str) -> Result<Vec<u8>> {
        self.download_part(path, &Retrieve::whole())
    }

    /// Downloads a part of a file.
    pub fn download_part(&mut self, path: &str, what: &Retrieve) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let transfer = self.modem.retrieve(path, what, &mut bytes)?;
        assert_eq!(transfer.bytes, bytes.len() as u64, "the count is that of the bytes written");
        Ok(bytes)
    }

    /// A file of these bytes is downloaded as it is.
    #[track_caller]
    pub fn downloads(&mut self, bytes: &[u8]) {
        self.files.put("/down.bin", bytes);
        assert!(self.download("/down.bin").unwrap() == bytes, "{} bytes", bytes.len());
    }

    /// These bytes are uploaded as they are.
    #[track_caller]
    pub fn uploads(&mut self, bytes: &[u8]) {
        self.upload("/up.bin", bytes).unwrap();
        assert!(self.files.file("/up.bin").unwrap() == bytes, "{} bytes", bytes.len());
    }

    /// A plain operation succeeds: driver and module are in step.
    #[track_caller]
    pub fn still_works(&mut self) {
        self.files.put("/still-works.txt", "yes");
        assert_eq!(self.download("/still-works.txt").unwrap(), b"yes");
    }
}

//! An emulated module in memory, with an FTP server in memory, and the driver on it.

use ftp_modem::emulator::{self, MemoryServer, Module, Options};
use ftp_modem::modem::{AccessPoint, Retrieve, Server, Store, Transfer};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{FtpModem, OpenOptions, Result, Vendor};

pub const HOST: &str = "192.0.2.7";
pub const USER: &str = "logger";
pub const PASSWORD: &str = "pa55word";

pub fn server() -> Server {
    Server::new(HOST, USER, PASSWORD).with_port(2121)
}

/// The emulated counterpart of a dialect.
pub fn emulated(vendor: Vendor) -> emulator::Vendor {
    match vendor {
        Vendor::Luat => emulator::Vendor::Luat,
        Vendor::Fibocom => emulator::Vendor::Fibocom,
        Vendor::Quectel => emulator::Vendor::Quectel,
        Vendor::ChinaMobile => emulator::Vendor::ChinaMobile,
        Vendor::Generic => emulator::Vendor::Generic,
        other => panic!("no emulator for {other}"),
    }
}

/// A driver on an emulated module, and the server behind it.
pub struct Bench {
    pub modem: Box<dyn FtpModem>,
    pub files: MemoryServer,
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
        let module = Module::new(emulated(vendor), files.remote(), options);
        let modem = OpenOptions::new().open_on(MemoryPipe::new(module));
        Bench { modem: modem.unwrap_or_else(|error| panic!("{vendor}: {error}")), files }
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

//! A driver on an emulated module with a server behind it, all in memory.

use std::time::Duration;

use ftp_modem::emulator::{self, Faulty, MemoryServer, Module, Options, Plan};
use ftp_modem::modem::{AccessPoint, Server};
use ftp_modem::transfer::Reconnect;
use ftp_modem::{FtpModem, OpenOptions, Result, Vendor};

use super::wire::Wire;

const USER: &str = "logger";
/// Looked for in every error.
pub const PASSWORD: &str = "pa55word-s3cret";

/// What a command and the network take. With none at all every answer would come in one piece with the one before, and nothing
/// could come between them.
const LATENCY: Duration = Duration::from_millis(5);
pub const NETWORK_LATENCY: Duration = Duration::from_millis(300);

/// What the server has. The names are so far apart that no single wrong byte makes one of another.
pub const FOLDER: &str = "/store";
pub const SOURCE: &str = "/store/source.bin";
pub const PLAIN: &str = "/plain-operation.txt";
pub const PLAIN_TEXT: &[u8] = b"the fault is over\r\n";

/// A driver on a module.
pub struct Rig {
    pub vendor: Vendor,
    pub modem: Box<dyn FtpModem>,
    pub files: MemoryServer,
    pub wire: Wire,
}

impl Rig {
    /// A module as its vendor documents it, identified, with a server that has `source` among its files.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn open(vendor: Vendor, source: &[u8]) -> Result<Self> {
        let files = MemoryServer::new();
        files.add_user(USER, PASSWORD);
        files.put(PLAIN, PLAIN_TEXT);
        files.put(SOURCE, source);
        files.put("/store/doomed-file.txt", "to be removed");
        files.put("/store/misnamed-note.txt", "to be renamed");
        files.put("/store/growing.log", "begun ");
        files.add_directory("/store/emptied");
        let options = Options::default().with_network_latency(NETWORK_LATENCY).with_latency(LATENCY);
        let module = Module::new(emulated(vendor), files.remote(), options);
        let wire = Wire::new(Faulty::new(module, Plan::none()));
        let modem = OpenOptions::new().open_on(wire.host())?;
        Ok(Rig { vendor, modem, files, wire })
    }

    /// Attaches and logs in.
    ///
    /// # Errors
    /// Those of doing so.
    pub fn connect(&mut self) -> Result<()> {
        self.modem.attach(&AccessPoint::default())?;
        self.modem.login(&server())
    }

    /// Another driver takes the module over, on a line without faults.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn replace_driver(&mut self) -> Result<()> {
        self.wire.unplug();
        self.modem = OpenOptions::new().open_on(self.wire.host())?;
        Ok(())
    }
}

pub fn server() -> Server {
    Server::new("192.0.2.7", USER, PASSWORD).with_port(2121)
}

pub fn reconnect() -> Reconnect {
    Reconnect::new(AccessPoint::default())
}

/// The emulated counterpart of a dialect.
pub fn emulated(vendor: Vendor) -> emulator::Family {
    vendor.to_string().parse().unwrap()
}

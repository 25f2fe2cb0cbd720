//! A driver on an emulated module with a server behind it, all in memory.

use std::time::Duration;

use ftp_modem::emulator::{MemoryServer, Plan};
use ftp_modem::modem::AccessPoint;
use ftp_modem::transfer::{Clock, Reconnect};
use ftp_modem::{FtpModem, OpenOptions, Result, Vendor};

use super::form::Form;
use super::operation::Operation;
use super::support::access::{PASSWORD, USER, server};
use super::support::line::Line;
use super::support::rig::line_to;

/// The time of a command and of the network. Without any, every answer would come in one piece with the one before, and
/// nothing could come between them.
const LATENCY: Duration = Duration::from_millis(5);
const NETWORK_LATENCY: Duration = Duration::from_millis(300);

/// The files of the server. The names are so far apart that no single wrong byte turns one into another.
pub const FOLDER: &str = "/store";
pub const SOURCE: &str = "/store/source.bin";
pub const PLAIN: &str = "/plain-operation.txt";
pub const PLAIN_TEXT: &[u8] = b"the fault is over\r\n";

/// A driver on a module.
pub struct Rig {
    /// What is moved.
    pub content: Vec<u8>,
    pub modem: Box<dyn FtpModem>,
    pub files: MemoryServer,
    pub line: Line,
}

impl Rig {
    /// A module as its vendor documents it, identified, with a server that has the file among its files that
    /// `operation` moves.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn open(vendor: Vendor, operation: Operation, form: Form) -> Result<Self> {
        let content = form.content(vendor, operation);
        let files = MemoryServer::new();
        files.add_user(USER, PASSWORD);
        files.put(PLAIN, PLAIN_TEXT);
        files.put(SOURCE, content.clone());
        files.put("/store/doomed-file.txt", "to be removed");
        files.put("/store/misnamed-note.txt", "to be renamed");
        files.put("/store/growing.log", "begun ");
        files.add_directory("/store/emptied");
        let options = form.options().with_network_latency(NETWORK_LATENCY).with_latency(LATENCY);
        let line = line_to(vendor, files.remote(), options);
        let modem = OpenOptions::new().open_on(line.host())?;
        Ok(Rig { content, modem, files, line })
    }

    /// Attaches and logs in.
    ///
    /// # Errors
    /// Those of doing so.
    pub fn connect(&mut self) -> Result<()> {
        self.modem.attach(&AccessPoint::default())?;
        self.modem.login(&server())
    }

    /// Lets `plan` happen from here on, to the line, the module and the server.
    pub fn play(&self, plan: &Plan) {
        self.files.play(plan);
        self.line.play(plan.clone());
    }

    /// Ends all faults, once what they delay has come. What was held back is lost.
    pub fn heal_after(&self, time: Duration) {
        self.line.sleep(time);
        self.play(&Plan::none());
        self.line.act(|faulty, _| {
            faulty.line_mut().heal();
            faulty.module_mut().set_network_latency(NETWORK_LATENCY);
        });
    }

    /// Another driver takes the module over.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn replace_driver(&mut self) -> Result<()> {
        self.modem = OpenOptions::new().open_on(self.line.host())?;
        Ok(())
    }
}

pub fn reconnect() -> Reconnect {
    Reconnect::new(AccessPoint::default())
}

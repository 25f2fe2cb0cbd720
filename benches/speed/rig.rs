//! A driver on an emulated module, with a meter on the line between them.

use std::io::{self, Read, Write};

use ftp_modem::emulator::{self, MemoryServer, Module, Options, PtyModule};
use ftp_modem::modem::{AccessPoint, Retrieve, Server, Store};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::transport::serial::{Serial, SerialSettings};
use ftp_modem::{FtpModem, OpenOptions, Vendor};

use crate::meter::{Meter, Metered, Reading};

pub const MEBIBYTE: usize = 1 << 20;
pub const FILE: &str = "/file.bin";

pub fn server() -> Server {
    Server::new("192.0.2.7", "logger", "secret")
}

/// Returns the emulated family of a dialect.
pub fn emulated(vendor: Vendor) -> emulator::Family {
    vendor.to_string().parse().unwrap()
}

/// Returns the content of a file that cannot be compressed or guessed. It is text, because the generic dialect uploads
/// text.
pub fn payload(count: usize) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        DIGITS[(state >> 58) as usize]
    };
    (0..count).map(next).collect()
}

/// The direction of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Get,
    Put,
}

impl Way {
    pub const BOTH: [Way; 2] = [Way::Get, Way::Put];

    pub fn name(self) -> &'static str {
        match self {
            Way::Get => "get",
            Way::Put => "put",
        }
    }
}

/// A logged-in driver.
pub struct Rig {
    pub modem: Box<dyn FtpModem>,
    pub files: MemoryServer,
    pub meter: Meter,
    /// Keeps the pseudo-terminal open. `None` for a module in memory.
    _pty: Option<PtyModule>,
}

impl Rig {
    /// Creates a driver on a module in memory, in virtual time.
    pub fn virtual_time(vendor: Vendor, options: Options) -> Rig {
        let files = MemoryServer::new();
        let baud = options.line_rate;
        let module = Module::new(emulated(vendor), files.remote(), options);
        let (line, meter) = Metered::new(MemoryPipe::new(module), baud);
        let modem = OpenOptions::new().open_on(line).unwrap();
        Rig { modem, files, meter, _pty: None }.online()
    }

    /// Creates a driver on a module on a pseudo-terminal, in real time.
    pub fn real_time(vendor: Vendor, options: Options) -> Rig {
        let files = MemoryServer::new();
        let baud = options.line_rate;
        let pty = PtyModule::spawn(emulated(vendor), files.remote(), options).unwrap();
        // A pseudo-terminal accepts and ignores the rate.
        let serial = Serial::open(pty.path(), &SerialSettings::default().with_baud(baud.unwrap_or(115_200))).unwrap();
        let (line, meter) = Metered::new(serial, baud);
        let modem = OpenOptions::new().open_on(line).unwrap();
        Rig { modem, files, meter, _pty: Some(pty) }.online()
    }

    fn online(mut self) -> Rig {
        self.modem.attach(&AccessPoint::default()).unwrap();
        self.modem.login(&server()).unwrap();
        self
    }

    /// Transfers a file, checks the received file, and returns the measurement of the line.
    pub fn transfer(&mut self, way: Way, bytes: &[u8]) -> Reading {
        match way {
            Way::Get => {
                self.files.put(FILE, bytes);
                let mut received = Vec::with_capacity(bytes.len());
                self.meter.reset();
                transfer::get(&mut *self.modem, &mut received);
                let reading = self.meter.reading();
                assert!(received == bytes, "the received file differs");
                reading
            }
            Way::Put => {
                self.meter.reset();
                transfer::put(&mut *self.modem, &mut &bytes[..], bytes.len() as u64);
                let reading = self.meter.reading();
                assert!(self.files.file(FILE).unwrap() == bytes, "the received file differs");
                reading
            }
        }
    }
}

/// The transfers that are measured.
pub mod transfer {
    use super::*;

    pub fn get(modem: &mut dyn FtpModem, sink: &mut dyn Write) {
        modem.retrieve(FILE, &Retrieve::whole(), sink).unwrap();
    }

    pub fn put(modem: &mut dyn FtpModem, source: &mut dyn Read, length: u64) {
        modem.store(FILE, &Store::create().with_length(length), source).unwrap();
    }
}

/// A Markdown table with aligned columns.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(title: &str, headings: &[&str]) -> Table {
        println!("\n## {title}\n");
        Table { rows: vec![headings.iter().map(|heading| (*heading).to_owned()).collect()] }
    }

    pub fn row(&mut self, cells: &[&dyn std::fmt::Display]) {
        self.rows.push(cells.iter().map(|cell| cell.to_string()).collect());
    }

    pub fn print(&self) {
        let columns = self.rows[0].len();
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            println!("| {} |", cells.join(" | "));
            if index == 0 {
                let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                println!("|-{}-|", lines.join("-|-"));
            }
        }
        io::stdout().flush().unwrap();
    }
}

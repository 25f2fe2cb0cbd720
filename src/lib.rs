//! Transfers files over FTP through the FTP client inside a cellular module. The driver sends the vendor's AT commands;
//! the program calls the same functions for every vendor.
//!
//! [`transfer`] downloads and uploads whole files, with retries, resume and verification. A [`Link`](transfer::Link)
//! keeps port, bearer and session working for as long as the program runs:
//!
//! ```no_run
//! use ftp_modem::Server;
//! use ftp_modem::transfer::Link;
//!
//! // Or "/dev/ttyUSB2", "COM7", "tcp://gateway:3001".
//! let mut link = Link::to("usb:2c7c:0125", Server::new("ftp.example.com", "logger", "secret"));
//! link.upload("report.csv", "/in/report.csv")?;
//! link.download("/out/firmware.bin", "firmware.bin")?;
//! link.close();
//! # Ok::<(), ftp_modem::Error>(())
//! ```
//!
//! The link retries what a retry may cure. [`guide::errors`] has the whole path from the port to the file on the
//! server, and what to do about each kind of error.
//!
//! [`open`] identifies the module on a port and returns a driver for it as a [`FtpModem`], which has the single
//! operations. This example runs without hardware: an emulated module and an FTP server, both in memory.
//!
//! ```
//! use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
//! use ftp_modem::transport::memory::MemoryPipe;
//! use ftp_modem::{AccessPoint, OpenOptions, Retrieve, Server, Store};
//!
//! let ftp = MemoryServer::new();
//! ftp.put("/out/settings.json", "{}");
//! let module = Module::new(Family::Luat, ftp.remote(), Options::default());
//!
//! // With hardware: let mut modem = ftp_modem::open("/dev/ttyUSB0")?;
//! let mut modem = OpenOptions::new().open_on(MemoryPipe::new(module))?;
//! modem.attach(&AccessPoint::default())?;
//! modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
//!
//! let mut settings = Vec::new();
//! modem.retrieve("out/settings.json", &Retrieve::whole(), &mut settings)?;
//! modem.store("settings.bak", &Store::create(), &mut settings.as_slice())?;
//!
//! modem.logout()?;
//! modem.detach()?;
//! assert_eq!(ftp.file("/settings.bak").as_deref(), Some(&b"{}"[..]));
//! # Ok::<(), ftp_modem::Error>(())
//! ```
//!
//! # Modules
//!
//! | module | contents |
//! |---|---|
//! | [`transfer`] | whole files and long-running links: retry, resume, verification, progress, cancellation |
//! | [`guide`] | the guide: errors, tests without hardware, serial ports, command line, reliability, speed, dialects |
//! | [`modem`] | the [`FtpModem`] trait with the operations of an FTP client, its value types, directory listings |
//! | [`error`] | [`Error`]: kind, party that can act, retryability, codes of module and server |
//! | [`backend`] | [`OpenOptions`], [`Vendor`], and one type per dialect with the settings that only this dialect has |
//! | [`ports`](mod@ports) | the serial ports of this machine: which of them takes AT commands, who holds them |
//! | [`transport`] | the connection to the module: serial port, TCP, recorder and replay of transcripts |
#![cfg_attr(
    feature = "emulator",
    doc = "| [`emulator`] | emulated modules of every dialect, for tests without hardware (feature `emulator`) |"
)]
//!
//! # Logging
//!
//! The crate logs through [`log`](https://docs.rs/log). `warn`: possible loss of data, retries. `info`: the steps of a
//! [`Link`](transfer::Link). `debug`: commands and their results. `trace`: every line on the wire, and the length of
//! every block of file data. Passwords and file data are never logged.

mod at;
pub mod backend;
mod charset;
mod clock;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod error;
pub mod guide;
#[doc(hidden)]
pub mod internals;
pub mod modem;
pub mod ports;
pub mod transfer;
pub mod transport;

pub use backend::{OpenOptions, Vendor};
pub use error::{Error, ErrorKind, Recovery, RecoveryStep, Result};
pub use modem::{AccessPoint, Controls, Entry, FtpModem, Retrieve, Server, Store};
pub use ports::ports;
pub use transport::serial::{FlowControl, SerialSettings};

/// Runs the programs in README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Runs the programs in the Chinese README.
#[cfg(doctest)]
#[doc = include_str!("../README.zh-CN.md")]
struct ChineseReadme;

/// Opens the module on `port` with the default [`OpenOptions`], and identifies it.
///
/// `port` is a serial port (`/dev/ttyUSB0`, `COM3`), a [selector](ports::Selector) such as `usb:2c7c:0125`, or
/// `tcp://host:port`. Default: 115200 baud, no flow control, the dialect detected.
///
/// # Errors
/// [`PortNotFound`](ErrorKind::PortNotFound), [`PortDenied`](ErrorKind::PortDenied) and
/// [`PortBusy`](ErrorKind::PortBusy) when the port does not open; [`Timeout`](ErrorKind::Timeout) when nothing answers,
/// after about 9 s; [`UnknownModule`](ErrorKind::UnknownModule) when the dialect of the module is not known;
/// [`InvalidInput`](ErrorKind::InvalidInput) for a selector that is malformed or matches several ports.
///
/// # Examples
/// ```no_run
/// let modem = ftp_modem::open("/dev/ttyUSB2")?;
/// println!("{} has the dialect {}", modem.identity(), modem.vendor());
/// # Ok::<(), ftp_modem::Error>(())
/// ```
pub fn open(port: &str) -> Result<Box<dyn FtpModem>> {
    OpenOptions::new().open(port)
}

//! Move files over FTP through a cellular module's own FTP client, driven by AT commands, whatever the vendor.
//!
//! [`open`] finds out which module is on a port and returns it as a [`FtpModem`], whose verbs are those of any FTP client:
//!
//! ```no_run
//! use ftp_modem::{AccessPoint, Retrieve, Server, Store};
//!
//! let mut modem = ftp_modem::open("/dev/ttyUSB0")?;
//! modem.attach(&AccessPoint::default())?;
//! modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
//!
//! let mut report = std::fs::File::open("report.csv").expect("a report to send");
//! modem.store("in/report.csv", &Store::create(), &mut report)?;
//!
//! let mut settings = Vec::new();
//! modem.retrieve("out/settings.json", &Retrieve::whole(), &mut settings)?;
//!
//! modem.logout()?;
//! modem.detach()?;
//! # Ok::<(), ftp_modem::Error>(())
//! ```
//!
//! # Layers
//!
//! | module | what it knows |
//! |---|---|
//! | [`modem`] | the contract: the [`FtpModem`] trait and its value types |
//! | [`backend`] | one vendor's commands, limits, codes and sequences each; detection |
//! | [`at`] | bytes, lines, prompts, counted blocks, deadlines, unsolicited result codes |
//! | [`transport`] | a byte pipe with deadlines: serial port, TCP, recorded transcript |
//! | [`error`] | the one error type |
#![cfg_attr(
    feature = "emulator",
    doc = "| [`emulator`] | emulated modules of all dialects, for tests without hardware |"
)]
//!
//! # Logging
//!
//! Through the [`log`] crate: warnings for what may cost data, `debug` for commands and what they met, `trace` for every
//! line on the wire and the length of every block of payload. Passwords and payload are never logged.

pub mod at;
pub mod backend;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod error;
pub mod modem;
pub mod transfer;
pub mod transport;

pub use backend::{OpenOptions, Vendor};
pub use error::{Error, ErrorKind, Recovery, Result};
pub use modem::{AccessPoint, Entry, FtpModem, Retrieve, Server, Store};

/// The programs in README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Opens the module on `port` with the defaults of [`OpenOptions`].
///
/// # Errors
/// As [`OpenOptions::open`].
pub fn open(port: &str) -> Result<Box<dyn FtpModem>> {
    OpenOptions::new().open(port)
}

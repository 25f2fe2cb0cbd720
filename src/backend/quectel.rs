//! Quectel modules (EC2x, EG9x, EG2x-G, EM05 and later families): QFTP.
//!
//! After the EC2x&EG9x&EG2x-G&EM05 FTP(S) application note V1.0, "the note" for short. Commands are acknowledged at
//! once and end with `+QFTPxxx: <err>,<protocol_error>`; data pass through the port between `CONNECT` and `OK`.
//!
//! Besides [`FtpModem`](crate::FtpModem) there are, on [`Quectel`] itself: the choices of `AT+QFTPCFG` and
//! `AT+QSSLCFG` ([`Settings`]), listings in a standard form, uploads without announced length, the files that the
//! module keeps itself, and transfers between them and the server that do not pass through the port.
//!
//! # FTPS
//! The server's certificate is checked, unless the caller accepts any certificate:
//!
//! ```no_run
//! use ftp_modem::backend::quectel::Quectel;
//! use ftp_modem::modem::{Security, Tls};
//! use ftp_modem::{FtpModem, OpenOptions, Server};
//!
//! let mut modem: Quectel = OpenOptions::new().open_as("/dev/ttyUSB2")?;
//! let authority = std::fs::read("authority.pem").expect("the authority's certificate");
//! let server = Server::new("ftp.example.com", "logger", "secret").with_port(990);
//! modem.login(&server.with_security(Security::Implicit).with_tls(Tls::trusting(authority)))?;
//! # Ok::<(), ftp_modem::Error>(())
//! ```
//!
//! The times in certificates are compared with the module's clock, which is not set on a module that has seen no
//! network time; see [`TlsSettings::check_time`].

mod bearer;
mod checksum;
mod data_mode;
mod download;
mod facts;
mod listing;
mod module_download;
mod module_files;
mod module_upload;
mod relay;
mod results;
mod session;
mod settings;
mod tls;
mod upload;

pub use module_files::{ModuleFile, Space, Storage};
pub use module_upload::Pacing;
pub use relay::ListFormat;
pub use settings::Settings;
pub use tls::{ClientCertificate, TlsSettings, TlsVersion};

use std::io::Read;

use log::debug;

use super::codes;
use super::context::{Context, accounted_as, is_loss};
use super::dialect::{Dialect, Directories};
use super::driver::{Driver, number_errors, set_up_answers};
use super::facts::Facts;
use super::path;
use crate::at::Command;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Entry, Metadata, Modified, Store, Transfer, listing as rows};
use facts::PATH;

/// A Quectel module.
pub type Quectel = Driver<Qftp>;

/// The QFTP dialect.
pub struct Qftp {
    settings: Settings,
}

impl Dialect for Qftp {
    const FACTS: Facts = facts::FACTS;

    /// A server or a module that counts in 16 bits states 0 for 65536 bytes.
    const OBSERVES_EMPTY_END: bool = true;

    fn open(cx: &mut Context) -> Result<Self> {
        let settings = Settings::default();
        cx.engine.inbox().arm(facts::dropped(settings.context), ErrorKind::BearerLost);
        number_errors(cx)?;
        Ok(Qftp { settings })
    }

    /// The rest is sent with every login.
    fn set_up(&mut self, cx: &mut Context) -> Result<()> {
        set_up_answers(cx)
    }

    /// The results of what was running come before the line which says that the context is gone.
    fn explain(&mut self, cx: &mut Context, error: Error) -> Error {
        use ErrorKind::{ConnectFailed, DataConnection, NameResolution, NetworkTimeout, SessionLost};
        if !matches!(error.kind(), ConnectFailed | SessionLost | DataConnection | NetworkTimeout | NameResolution) {
            return error;
        }
        match cx.engine.look() {
            Err(cause) if is_loss(cause.kind()) => accounted_as(&error, cause),
            _ => error,
        }
    }
}

impl Directories for Qftp {
    fn directory(&mut self, cx: &mut Context) -> Result<String> {
        let result = self.run_alone(cx, "+QFTPPWD")?;
        // The quotation marks are the server's on some platforms.
        path::of_directory(&result.0, 1, cx.engine.charset)
            .ok_or_else(|| cx.engine.protocol("the directory is missing"))
    }

    fn enter(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.run_on_path(cx, "+QFTPCWD", path).map(drop)
    }

    fn list(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Entry>> {
        Ok(rows::parse(&self.listing(cx, "+QFTPLIST", path)?))
    }

    fn names(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Vec<u8>>> {
        Ok(rows::names(&self.listing(cx, "+QFTPNLST", path)?))
    }

    fn metadata(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        Ok(match self.size(cx, path)? {
            Some(size) => Metadata::new().with_size(size),
            None => Metadata::new().with_overflowing_size(),
        })
    }

    fn modified(&mut self, cx: &mut Context, path: &str) -> Result<Modified> {
        let result = self.run_on_path(cx, "+QFTPMDTM", path)?;
        let time = result.0.information().and_then(|line| rows::timestamp(&line.bytes(1)?));
        time.ok_or_else(|| cx.engine.protocol("the time of modification is not valid"))
    }

    fn make_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.run_on_path(cx, "+QFTPMKDIR", path).map(drop)
    }

    fn remove_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.run_on_path(cx, "+QFTPRMDIR", path).map(drop)
    }

    fn remove(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.run_on_path(cx, "+QFTPDEL", path).map(drop)
    }

    fn rename(&mut self, cx: &mut Context, from: &str, to: &str) -> Result<()> {
        let command = Command::set("+QFTPRENAME").text(&PATH, from).text(&PATH, to);
        self.run(cx, command, "+QFTPRENAME").map(drop)
    }
}

impl Qftp {
    /// Queries the size of a file; none where the server counts in 31 bits, and the size is beyond them.
    fn size(&mut self, cx: &mut Context, path: &str) -> Result<Option<u64>> {
        let result = self.run_on_path(cx, "+QFTPSIZE", path)?;
        codes::stated_size(&mut cx.engine, &result.0, 1)
    }

    /// As [`Self::size`]; none from a server without SIZE (FTP replies 500 and 502) or one that refuses it with 550 for
    /// a file that may exist (RFC 3659 §4, while the type is ASCII), and none where files change on the way.
    fn size_if_any(&mut self, cx: &mut Context, path: &str) -> Result<Option<u64>> {
        self.size_unless(cx, path, &[ErrorKind::ServerRefused, ErrorKind::Unavailable])
    }

    /// The size of a file that was uploaded completely. `None` where the check cannot be made: the server refuses it,
    /// or has moved the file already, or the session has ended meanwhile. That says nothing about the upload.
    fn size_after_upload(&mut self, cx: &mut Context, path: &str) -> Result<Option<u64>> {
        use ErrorKind::{BearerLost, NetworkTimeout, ServerBusy, ServerRefused, SessionLost, Unavailable};
        let kinds = [ServerRefused, Unavailable, ServerBusy, NetworkTimeout, SessionLost, BearerLost];
        self.size_unless(cx, path, &kinds)
    }

    fn size_unless(&mut self, cx: &mut Context, path: &str, kinds: &[ErrorKind]) -> Result<Option<u64>> {
        if self.settings.is_text() {
            return Ok(None);
        }
        self.size(cx, path).or_else(|error| match kinds.contains(&error.kind()) {
            true => {
                debug!("the size is not known: {error}");
                cx.note(&error);
                Ok(None)
            }
            false => Err(error),
        })
    }
}

impl Quectel {
    /// Uploads as [`store`](crate::FtpModem::store) does, but announces no length: `+++` marks the end (note §2.5),
    /// which takes two seconds of silence. For firmware without counted uploads; [`store`](crate::FtpModem::store) is
    /// safer and faster.
    ///
    /// # Errors
    /// As [`store`](crate::FtpModem::store); [`InvalidInput`](ErrorKind::InvalidInput) for a file that is nothing but
    /// `+++`.
    pub fn store_uncounted(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.store_by(path, how, source, Qftp::upload_uncounted)
    }

    /// Uploads as [`store`](crate::FtpModem::store) does, but in pieces of 64 KiB. All but the last are announced with
    /// `beof` 0 (note §2.5). A module that ignores the escape sequence takes what is missing of a piece for file data:
    /// after a cancellation the driver sends at most one piece as padding, not the rest of the file. Hardware was seen
    /// with one transfer only, so [`store`](crate::FtpModem::store) does that.
    ///
    /// # Errors
    /// As [`store`](crate::FtpModem::store).
    pub fn store_in_pieces(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.store_by(path, how, source, Qftp::upload_in_pieces)
    }
}

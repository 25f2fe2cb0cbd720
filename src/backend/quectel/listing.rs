//! Listings to the port (QFTPLIST, QFTPNLST and QFTPMLSD, note §2.11 to §2.13).

use super::download::receive;
use super::facts::PATH;
use super::{Qftp, Quectel};
use crate::at::{Command, Expected, Flow, Sink};
use crate::backend::context::Context;
use crate::backend::listing_buffer::ListingBuffer;
use crate::backend::path::Resolution;
use crate::error::Result;
use crate::modem::{Entry, listing};

impl Qftp {
    /// The text of a listing.
    pub(super) fn listing(&mut self, cx: &mut Context, command: &'static str, path: &str) -> Result<Vec<u8>> {
        let mut text = ListingBuffer::default();
        let mut sink = Sink::new(&mut text);
        let list = Command::set(command).text(&PATH, here(path));
        let outcome = receive(cx, command, list, self.settings.result_limit(), Expected::Unknown, &mut sink);
        outcome.map_err(|error| self.end_transfer(cx, error, Some(Flow::ToHost)))?;
        Ok(cx.engine.charset.convert_lines(text.into_bytes()))
    }
}

impl Quectel {
    /// Lists a directory as facts in a standard form (`AT+QFTPMLSD`, RFC 3659 §7), which unlike
    /// [`list`](crate::FtpModem::list) does not depend on how the server writes listings. An empty path means the
    /// current directory.
    ///
    /// # Errors
    /// As [`FtpModem::list`](crate::FtpModem::list); [`ServerRefused`](crate::ErrorKind::ServerRefused) by servers
    /// without MLSD.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::quectel::Quectel;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::{AccessPoint, FtpModem, OpenOptions, Server};
    /// # let files = MemoryServer::new();
    /// # files.put("/log.csv", "one\n");
    /// # let module = Module::new(Family::Quectel, files.remote(), Options::default());
    /// let mut modem: Quectel = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
    /// let entries = modem.list_facts("/")?;
    /// assert_eq!((entries[0].name_lossy().as_ref(), entries[0].size), ("log.csv", Some(4)));
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn list_facts(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.on_path("list facts", path, Resolution::ExistingDirectory, |qftp, cx, path| {
            Ok(listing::parse(&qftp.listing(cx, "+QFTPMLSD", path)?))
        })
    }
}

/// The path of a directory; `.` is the current one (note §2.11).
pub(super) fn here(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

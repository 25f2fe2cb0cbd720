//! China Mobile IoT modules (OneMO ML302A, ML305A/U, ML307A/R): MFTP.
//!
//! After the OneMO FTP AT command manual V3.1.0. Commands name one of six connections, are acknowledged and end with
//! `+MFTPxxx: <connection>,<result>`. Downloaded data are inside the result lines, counted. Files of the module itself
//! have methods of their own: [`ChinaMobile::retrieve_to_module`], [`ChinaMobile::store_from_module`],
//! [`ChinaMobile::write_file`], [`ChinaMobile::read_file`] and [`ChinaMobile::remove_file`].
//!
//! The driver blocks, so it uses one of the six connections at a time: number 0, or another that is chosen by
//! [`ChinaMobile::use_connection`]. Programs that share a module need one connection each.

mod bearer;
mod download;
mod facts;
mod listing;
mod module_files;
mod session;
mod settings;
mod upload;

pub use settings::Settings;

use super::context::{Context, accounted_as, is_loss};
use super::dialect::{Dialect, Directories};
use super::driver::{self, Driver};
use super::facts::Facts;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Entry, EntryKind, Metadata, SessionState};
use facts::PATH;
use listing::Until;
use settings::LocalSide;

/// A China Mobile IoT module.
pub type ChinaMobile = Driver<Mftp>;

/// The MFTP dialect.
pub struct Mftp {
    /// The number of the connection in use (§3.1: 0 to 5).
    connection: u8,
    settings: Settings,
    /// What is set at the module.
    local_side: LocalSide,
    /// Whether offsets beyond 65535 were found to work with the server.
    long_offsets: bool,
    /// Whether the row that ends the last listing may be still to come.
    owes_list_end: bool,
}

impl Dialect for Mftp {
    const FACTS: Facts = facts::FACTS;

    fn open(cx: &mut Context) -> Result<Self> {
        // A sibling service of the same firmware leaves the line end of such lines out (78/esp-ml307).
        cx.engine.tokens.allow_unended("+MFTP");
        let dialect = Mftp {
            connection: 0,
            settings: Settings::default(),
            local_side: LocalSide::Port,
            long_offsets: false,
            owes_list_end: false,
        };
        bearer::watch(cx, dialect.settings.context);
        driver::number_errors(cx)?;
        Ok(dialect)
    }

    /// The rest is sent with every login.
    fn set_up(&mut self, cx: &mut Context) -> Result<()> {
        driver::set_up_answers(cx)
    }

    /// The server's refusals have one code, which its reply 421 has as well: behind that the session is closed.
    fn explain(&mut self, cx: &mut Context, error: Error) -> Error {
        if !cx.session.is_open() || !facts::is_server_error(&error) {
            return error;
        }
        match settings::state(cx, self.connection) {
            Ok(SessionState::Closed) => error.with_kind(ErrorKind::SessionLost),
            // Its line is here by now.
            Err(loss) if loss.kind() == ErrorKind::SessionLost => error.with_kind(ErrorKind::SessionLost),
            // More than the session is lost.
            Err(loss) if is_loss(loss.kind()) => accounted_as(&error, loss),
            _ => error,
        }
    }

    /// Still blocked: by an upload whose end the module did not understand. Only closing the session ends that.
    fn recover(&mut self, cx: &mut Context, error: Error) -> Error {
        let is_blocked = error.kind() == ErrorKind::ModuleBusy && error.module_code().is_some();
        if is_blocked { self.abandon(cx, error) } else { error }
    }
}

impl Directories for Mftp {
    fn directory(&mut self, cx: &mut Context) -> Result<String> {
        self.current_directory(cx)
    }

    fn enter(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.on_path(cx, "+MFTPCWD", path)
    }

    fn list(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Entry>> {
        if path.is_empty() {
            let current = self.current_directory(cx)?;
            self.listing(cx, &current)
        } else {
            self.listing(cx, path)
        }
    }

    fn metadata(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        self.listed_metadata(cx, path, Until::ALONE)
    }

    fn metadata_to_fetch(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        self.listed_metadata(cx, path, Until::SOON_ALONE)
    }

    fn make_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.on_path(cx, "+MFTPMKD", path)
    }

    fn remove_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.check_kind(cx, path, EntryKind::Directory)?;
        self.on_path(cx, "+MFTPDEL", path)
    }

    fn remove(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.check_kind(cx, path, EntryKind::File)?;
        self.on_path(cx, "+MFTPDEL", path)
    }

    fn rename(&mut self, cx: &mut Context, from: &str, to: &str) -> Result<()> {
        let limit = self.result_limit();
        self.finish(cx, "+MFTPRN", |command| command.text(&PATH, from).text(&PATH, to), limit).map(drop)
    }
}

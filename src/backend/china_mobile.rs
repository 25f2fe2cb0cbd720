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
mod connection;
mod connection_settings;
mod download;
mod facts;
mod listing;
mod module_files;
mod session;
mod settings;
mod upload;

pub use connection_settings::Settings;

use super::context::{Context, accounted_as, is_loss};
use super::dialect::{Dialect, Directories};
use super::driver::{self, Driver};
use super::facts::Facts;
use crate::at::Command;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Entry, EntryKind, Metadata, SessionState};
use connection::{Connection, state};
use download::LongOffsets;
use facts::PATH;
use listing::Until;

/// A China Mobile IoT module.
pub type ChinaMobile = Driver<Mftp>;

/// The MFTP dialect.
pub struct Mftp {
    connection: Connection,
    long_offsets: LongOffsets,
    /// Whether the size of the next download is not that of a row which may be of another directory.
    is_row_proven: bool,
}

impl Dialect for Mftp {
    const FACTS: Facts = facts::FACTS;

    fn open(cx: &mut Context) -> Result<Self> {
        // A sibling service of the same firmware leaves the line end of such lines out (78/esp-ml307).
        cx.engine.settings().allow_unended("+MFTP");
        let dialect =
            Mftp { connection: Connection::default(), long_offsets: LongOffsets::default(), is_row_proven: true };
        bearer::watch(cx, dialect.connection.settings.context);
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
        match state(cx, self.connection.number) {
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
        if is_blocked { self.connection.abandon(cx, error) } else { error }
    }
}

impl Directories for Mftp {
    fn directory(&mut self, cx: &mut Context) -> Result<String> {
        self.connection.directory(cx)
    }

    fn enter(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.connection.on_path(cx, "+MFTPCWD", path)
    }

    fn list(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Entry>> {
        let current = if path.is_empty() { Some(self.connection.directory(cx)?) } else { None };
        listing::entries(cx, &mut self.connection, current.as_deref().unwrap_or(path), Until::End)
    }

    fn metadata(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        self.listed_metadata(cx, path, Until::ALONE)
    }

    fn metadata_to_fetch(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        self.listed_metadata(cx, path, Until::SOON_ALONE)
    }

    fn make_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.connection.on_path(cx, "+MFTPMKD", path)
    }

    fn remove_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        listing::check_kind(cx, &mut self.connection, path, EntryKind::Directory)?;
        self.connection.on_path(cx, "+MFTPDEL", path)
    }

    fn remove(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        listing::check_kind(cx, &mut self.connection, path, EntryKind::File)?;
        self.connection.on_path(cx, "+MFTPDEL", path)
    }

    fn rename(&mut self, cx: &mut Context, from: &str, to: &str) -> Result<()> {
        let limit = self.connection.result_limit();
        let arguments = |command: Command| command.text(&PATH, from).text(&PATH, to);
        self.connection.finish(cx, "+MFTPRN", arguments, limit).map(drop)
    }
}

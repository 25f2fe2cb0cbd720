//! The FTPSERV dialect of UCchip's UC8088.
//!
//! After the UC8088 FTP manual, in both its editions. Everything is synchronous: what the network has to say comes
//! before `OK`, and nothing comes unsolicited. The module refuses with a bare `ERROR`, whatever the reason.

mod bearer;
mod download;
mod facts;
mod listing;
mod session;
mod settings;
mod upload;

use super::context::Context;
use super::dialect::{Dialect, Directories};
use super::driver::Driver;
use super::facts::Facts;
use crate::at::Command;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{DataConnection, Entry, FileType, Metadata, listing as rows};
use facts::{DIRECTORY, SERVER_LIMIT, WRITE_BLOCK};

/// A module of the FTPSERV dialect.
pub type Generic = Driver<Ftpserv>;

/// The FTPSERV dialect.
pub struct Ftpserv {
    /// What FTPPATH was last set to in this session.
    path_set: Option<String>,
    data_connection: DataConnection,
    file_type: FileType,
    /// Payload bytes in one FTPPUT.
    upload_block: usize,
    /// Whether FTPRESET was found to work in this session.
    offsets_work: bool,
    /// The longest piece behind which more of the file came: the most that FTPGET brings, as far as is known.
    piece_limit: Option<u64>,
}

impl Dialect for Ftpserv {
    const FACTS: Facts = facts::FACTS;

    fn open(_: &mut Context) -> Result<Self> {
        Ok(Ftpserv {
            path_set: None,
            data_connection: DataConnection::Passive,
            file_type: FileType::Binary,
            upload_block: WRITE_BLOCK,
            offsets_work: false,
            piece_limit: None,
        })
    }

    /// The rest is sent with every login.
    fn set_up(&mut self, cx: &mut Context) -> Result<()> {
        cx.set(Command::run("E0"))
    }

    /// The module refuses with a bare `ERROR` both what the server refuses and what needs a session that is gone, and
    /// it never says when one goes: after an `ERROR` the session is ended, which shows whether there was one, and the
    /// next operation opens a new one. So it does after a silence, which may have been a restart: the module does not
    /// say when it has started.
    fn recover(&mut self, cx: &mut Context, error: Error) -> Error {
        // The current directory of the module is not known for sure any more.
        self.path_set = None;
        if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Protocol) {
            cx.session.lose();
        }
        if !is_bare_refusal(&error) || !cx.session.is_open() {
            return error;
        }
        session::after_refusal(cx, error, ErrorKind::ServerRefused)
    }
}

impl Directories for Ftpserv {
    fn enter(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.point_to(cx, path)
    }

    fn list(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Entry>> {
        Ok(rows::parse(&self.listing(cx, path)?))
    }

    fn metadata(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        Ok((&self.entry(cx, path)?).into())
    }

    fn make_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        on_directory(cx, "+FTPMKD", path)
    }

    fn remove_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        on_directory(cx, "+FTPRMD", path)
    }

    fn remove(&mut self, _: &mut Context, _: &str) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "this dialect cannot remove files"))
    }

    fn rename(&mut self, _: &mut Context, _: &str, _: &str) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "this dialect cannot rename"))
    }
}

impl Ftpserv {
    /// Whether files are transferred as text.
    fn is_text(&self) -> bool {
        self.file_type == FileType::Text
    }
}

/// Runs a command on a directory, named by its absolute path.
fn on_directory(cx: &mut Context, command: &'static str, path: &str) -> Result<()> {
    cx.engine.execute(Command::set(command).text(&DIRECTORY, path).known(), SERVER_LIMIT).map(drop)
}

/// `ERROR`, which may mean anything.
fn is_bare_refusal(error: &Error) -> bool {
    error.kind() == ErrorKind::ModuleRefused && error.module_code().is_none()
}

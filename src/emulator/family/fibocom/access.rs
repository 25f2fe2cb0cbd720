//! How the module comes to the files of the server.

use std::io::{Cursor, Read};

use super::data::{Breaking, Text};
use super::lines::Lines;
use super::list::Rows;
use super::options::FibocomOptions;
use super::sink::Sink;
use super::task::{Request, Target};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{Listing, NetworkCause, RemoteError, StoreMode};

/// What data connections are opened with. Kept from session to session, until the module restarts.
#[derive(Default)]
pub(super) struct Access {
    /// `AT+FTPMODE`: active data connections.
    pub(super) active: bool,
    /// The path `AT+FTPLIST` was last given.
    last_list: String,
}

impl Access {
    /// Whether data connections can be opened.
    fn check(&self, options: &FibocomOptions) -> Result<(), RemoteError> {
        if self.active && !options.active_mode_works {
            return Err(RemoteError::Network(NetworkCause::DataConnection));
        }
        Ok(())
    }

    /// The file to download. The connection is lost after `left` bytes.
    pub(super) fn retrieve(
        &self,
        request: &Request,
        left: Option<u64>,
        lines: &Lines,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Result<Box<dyn Read + Send>, RemoteError> {
        lines.inform(&format!("RETR {}", request.name), modem);
        self.check(options)?;
        let reader = modem.remote.retrieve(&request.name, request.offset.unwrap_or(0))?;
        lines.inform("150 Opening data connection.", modem);
        let reader: Box<dyn Read + Send> = match left {
            Some(left) => Box::new(Breaking::new(reader, left)),
            None => reader,
        };
        if request.ascii && options.ascii_converts {
            return Ok(Box::new(Text::new(reader)));
        }
        Ok(reader)
    }

    /// The file to upload. The connection is lost after `left` bytes.
    pub(super) fn store(
        &self,
        target: &Target,
        left: Option<u64>,
        lines: &Lines,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Result<Sink, RemoteError> {
        let mode = match target.offset {
            None | Some(0) => StoreMode::Create,
            Some(offset) => StoreMode::At(offset),
        };
        lines.inform(&format!("STOR {}", target.name), modem);
        self.check(options)?;
        let upload = modem.remote.store(&target.name, mode)?;
        lines.inform("150 Ok to send data.", modem);
        Ok(Sink::new(upload, left, target.ascii && options.ascii_converts))
    }

    /// The listing of a directory or file, as the server sends it.
    pub(super) fn list(
        &mut self,
        path: &str,
        lines: &Lines,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Result<Rows, RemoteError> {
        let path = self.effective_path(path, options, modem);
        lines.inform(format!("LIST {path}").trim_end(), modem);
        self.check(options)?;
        let mut reader = modem.remote.list(&path, Listing::Long)?;
        let mut first = [0];
        let count = reader.read(&mut first).map_err(|error| RemoteError::from_io(&error))?;
        let first = first.get(..count).unwrap_or_default().to_vec();
        Ok(Rows { is_empty: count == 0, reader: Box::new(Cursor::new(first).chain(reader)) })
    }

    /// Without a path the last list may be repeated wherever the working directory is now (Motorola G24 AT commands
    /// reference manual, `+FTPLIST`).
    fn effective_path(&mut self, path: &str, options: &FibocomOptions, modem: &mut Modem) -> String {
        if !options.list_repeats {
            return path.to_owned();
        }
        if !path.is_empty() || self.last_list.is_empty() {
            self.last_list = if path.starts_with('/') {
                path.to_owned()
            } else {
                let directory = modem.remote.pwd().unwrap_or_default();
                format!("{}/{path}", directory.trim_end_matches('/'))
            };
        }
        self.last_list.clone()
    }
}

//! Between the server and the module's own files, past the port: QFTPGET, QFTPPUT and the listings with a local name
//! (note §2.5, §2.6, §2.11 to §2.13, §3.6, §3.7).
//!
//! The command is acknowledged at once. Its result comes when everything is moved; `rsptimeout` limits only the silence
//! between two packets. QFTPLEN tells in between whether it gets on.

use std::time::Duration;

use log::debug;

use super::module_files::{LOCAL, check_module_name};
use super::settings::FileType;
use super::{COMMAND_LIMIT, PATH, Quectel, without_result};
use crate::at::{Command, Pattern, Verdict};
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Transfer};

/// The slowest transfer that is waited for where the module does not tell how it gets on, in bytes a second.
const SLOWEST: u64 = 1024;
/// How long a listing may take then.
const LISTING_LIMIT: Duration = Duration::from_secs(300);

/// What a listing on the module is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListFormat {
    /// The server's own form (LIST), for [`listing::parse`](crate::modem::listing::parse).
    Long,
    /// Names only (NLST), for [`listing::names`](crate::modem::listing::names).
    Names,
    /// Facts in a standard form (MLSD, RFC 3659 §7), for [`listing::parse`](crate::modem::listing::parse).
    Facts,
}

impl Quectel {
    /// Downloads the server's file `path`, from byte `offset` on, into the new file `name` of the module's own (`AT+QFTPGET` with a
    /// local name). The module's count is compared with the server's size and with the size of the new file. A download that
    /// fails leaves no file behind.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for names that are none and an offset beyond the end,
    /// [`ModuleStorage`](ErrorKind::ModuleStorage) when a file of this name exists or there is no room; else as
    /// [`retrieve`](crate::FtpModem::retrieve).
    pub fn retrieve_to_module(&mut self, path: &str, name: &str, offset: u64) -> Result<Transfer> {
        self.checked_at_server("retrieve to module", &[(&PATH, path)], Some(name), |quectel| {
            if offset > 0 && quectel.settings.file_type == FileType::Text {
                return Err(Error::new(ErrorKind::Unsupported, "no parts of files are to be had as text"));
            }
            let size = quectel.told_size_if_any(path)?;
            let wanted = match size {
                Some(size) if offset > size => {
                    let detail = format!("offset {offset} is beyond the file's {size} bytes");
                    return Err(Error::new(ErrorKind::InvalidInput, detail));
                }
                size => size.map(|size| size - offset),
            };
            quectel.check_new(name)?;
            quectel.check_room(name, wanted.unwrap_or(0))?;
            let mut command = Command::set("+QFTPGET").text(&PATH, path).text(&LOCAL, name);
            if offset > 0 {
                command = command.number(offset);
            }
            let moved = quectel.receive_file(command, "+QFTPGET", name, wanted)?;
            match wanted {
                Some(wanted) if wanted == moved => Ok(Transfer::new(moved, Assurance::ServerSize)),
                Some(wanted) => {
                    let detail = format!("the module took {moved} of {wanted} bytes");
                    quectel.discard(name);
                    Err(Error::new(ErrorKind::Incomplete, detail).with_transferred(moved))
                }
                None => Ok(Transfer::new(moved, Assurance::ModuleCount)),
            }
        })
    }

    /// Uploads the whole of the module's own file `name` as `path`, which is created or replaced (`AT+QFTPPUT` with a local name).
    /// The server's size is compared with the file's where the server tells it.
    ///
    /// A start position is not offered: whether it also skips that much of the module's file is not documented.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for names that are none, [`ModuleStorage`](ErrorKind::ModuleStorage) when there is
    /// no such file; else as [`store`](crate::FtpModem::store).
    pub fn store_from_module(&mut self, name: &str, path: &str) -> Result<Transfer> {
        self.checked_at_server("store from module", &[(&PATH, path)], Some(name), |quectel| {
            let Some(size) = quectel.told_module_size(name)? else {
                return Err(quectel.engine.error(ErrorKind::ModuleStorage, "no such file"));
            };
            let command = Command::set("+QFTPPUT").text(&PATH, path).text(&LOCAL, name).number(0u8);
            // What the server has of an upload that failed is not known.
            let moved =
                quectel.relayed(command, "+QFTPPUT", Some(size)).map_err(|error| error.with_transferred(size))?;
            let failed = |kind, what: &str, count: u64| {
                let detail = format!("the file has {size} bytes, {what} {count}");
                Err(Error::new(kind, detail).with_transferred(moved))
            };
            if moved != size {
                return failed(ErrorKind::Incomplete, "the module sent", moved);
            }
            match quectel.told_size_if_any(path) {
                _ if quectel.settings.file_type == FileType::Text => Ok(Transfer::new(moved, Assurance::ModuleCount)),
                Ok(Some(told)) if told == size => Ok(Transfer::new(moved, Assurance::ServerSize)),
                Ok(Some(told)) => failed(ErrorKind::VerificationFailed, "on the server", told),
                Ok(None) => Ok(Transfer::new(moved, Assurance::ModuleCount)),
                Err(error) => Err(error.with_transferred(moved)),
            }
        })
    }

    /// Writes the listing of a directory into the new file `name` of the module's own, and returns its size in bytes. An empty
    /// path means the current directory.
    ///
    /// # Errors
    /// As [`Self::retrieve_to_module`].
    pub fn list_to_module(&mut self, format: ListFormat, path: &str, name: &str) -> Result<u64> {
        let path = if path.is_empty() { "." } else { path };
        self.checked_at_server("list to module", &[(&PATH, path)], Some(name), |quectel| {
            quectel.check_new(name)?;
            let command = match format {
                ListFormat::Long => "+QFTPLIST",
                ListFormat::Names => "+QFTPNLST",
                ListFormat::Facts => "+QFTPMLSD",
            };
            quectel.receive_file(Command::set(command).text(&PATH, path).text(&LOCAL, name), command, name, None)
        })
    }

    /// How many bytes the running or the last transfer of this session has moved (`AT+QFTPLEN`, note §2.16).
    ///
    /// # Errors
    /// [`SessionLost`](ErrorKind::SessionLost) without a session; as any exchange with the module.
    pub fn transfer_length(&mut self) -> Result<u64> {
        self.operation("transfer length", |quectel| {
            let verdict = quectel.run(Command::run("+QFTPLEN"), &Pattern::Prefix("+QFTPLEN"))?;
            verdict.number(1).ok_or_else(|| quectel.engine.protocol("the length is not a number"))
        })
    }

    /// What is there already would be overwritten on some platforms and be in the way on others; neither is documented.
    fn check_new(&mut self, name: &str) -> Result<()> {
        match self.told_module_size(name)? {
            None => Ok(()),
            Some(_) => Err(self.engine.error(ErrorKind::ModuleStorage, "a file of this name exists on the module")),
        }
    }

    /// Runs a transfer into the new file `name`, and compares the count with the file's size.
    fn receive_file(
        &mut self,
        command: Command,
        prefix: &'static str,
        name: &str,
        expected: Option<u64>,
    ) -> Result<u64> {
        let moved = self.relayed(command, prefix, expected).inspect_err(|_| self.discard(name))?;
        match self.told_module_size(name)? {
            Some(size) if size == moved => Ok(moved),
            size => {
                let size = size.map_or("no file".to_owned(), |size| format!("{size} bytes"));
                self.discard(name);
                let detail = format!("the module says it took {moved} bytes, and has {size}");
                Err(self.engine.error(ErrorKind::VerificationFailed, detail).with_transferred(0))
            }
        }
    }

    /// Removes what a transfer that failed has left.
    fn discard(&mut self, name: &str) {
        if self.engine.is_out_of_step() {
            return;
        }
        if let Err(error) = self.set(Command::set("+QFDEL").text(&LOCAL, name)) {
            debug!("nothing left of {name:?}: {error}");
        }
    }

    /// Runs a transfer past the port to its result, and returns the module's count.
    fn relayed(&mut self, command: Command, prefix: &'static str, expected: Option<u64>) -> Result<u64> {
        let result = Pattern::Prefix(prefix);
        let outcome = self.relay(command, &result, expected).and_then(|verdict| {
            self.succeeded(&verdict)?;
            verdict.number(1).ok_or_else(|| self.engine.protocol("the count is not a number"))
        });
        outcome.map_err(|error| self.abandon(error, None).with_transferred(0))
    }

    fn relay(&mut self, command: Command, result: &Pattern, expected: Option<u64>) -> Result<Verdict> {
        self.engine.forget(result);
        let deadline = self.engine.start(command, Phase::Acknowledgement, COMMAND_LIMIT)?;
        let _ = self.engine.acknowledgement(deadline)?;
        let patience = match expected {
            Some(bytes) => Duration::from_secs(bytes / SLOWEST),
            None => LISTING_LIMIT,
        };
        let last = self.engine.deadline(Phase::Result, self.result_limit() + patience);
        let mut moved = 0;
        loop {
            let deadline = self.engine.deadline(Phase::Result, self.result_limit());
            let error = match self.engine.verdict(result, deadline) {
                Err(error) if error.kind() == ErrorKind::Timeout => error,
                other => return other,
            };
            let now_moved = self.progress()?;
            if now_moved <= moved && self.engine.now() >= last.at() {
                return Err(without_result(error));
            }
            moved = moved.max(now_moved);
        }
    }

    /// What QFTPLEN tells while a transfer is going on; 0 where the module does not answer it then.
    fn progress(&mut self) -> Result<u64> {
        let result = Pattern::Prefix("+QFTPLEN");
        let told = self.engine.perform(Command::run("+QFTPLEN"), COMMAND_LIMIT, &result, COMMAND_LIMIT);
        match told {
            Ok(verdict) => Ok(verdict.number(1).unwrap_or(0)),
            Err(error) if is_refusal(error.kind()) || error.module_code().is_some() => Ok(0),
            Err(error) if error.kind() == ErrorKind::Timeout && !self.engine.is_out_of_step() => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// As [`Self::at_server`], with all names checked before anything is sent.
    fn checked_at_server<T>(
        &mut self,
        operation: &'static str,
        paths: &[(&crate::at::Parameter, &str)],
        name: Option<&str>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let paths = crate::at::Parameter::check_all(paths);
        let names = paths.and_then(|()| name.map_or(Ok(()), |name| check_module_name(&LOCAL, name)));
        names.map_err(|error| error.during(operation))?;
        self.at_server(operation, work)
    }
}

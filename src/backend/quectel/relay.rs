//! Between the server and the module's own files, past the port: QFTPGET, QFTPPUT and the listings with a local name
//! (note §2.5, §2.6, §2.11 to §2.13, §3.6, §3.7).
//!
//! The command is acknowledged at once. Its result comes when everything is moved; `rsptimeout` limits only the silence
//! between two packets. QFTPLEN shows in between whether there is progress.

use std::time::Duration;

use log::debug;

use super::facts::PATH;
use super::listing::here;
use super::module_files::{self, LOCAL, check_module_name};
use super::results::{self, without_result};
use super::{Qftp, Quectel};
use crate::at::{Command, Pattern, ResultLine};
use crate::backend::codes::{self, is_refusal};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::driver::Part;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

/// The slowest transfer that is waited for where the module does not show progress, in bytes a second.
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
    /// Downloads the server's file `path`, from byte `offset` on, into the new file `name` of the module's own
    /// (`AT+QFTPGET` with a local name). The module's count is compared with the server's size and with the size of
    /// the new file. A download that fails leaves no file behind.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for names that are none and an offset beyond the end,
    /// [`ModuleStorage`](ErrorKind::ModuleStorage) when a file of this name exists or there is no room; else as
    /// [`retrieve`](crate::FtpModem::retrieve).
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::quectel::Quectel;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::{AccessPoint, FtpModem, OpenOptions, Server};
    /// # let files = MemoryServer::new();
    /// # files.put("/firmware.bin", vec![0; 5000]);
    /// # let module = Module::new(Family::Quectel, files.remote(), Options::default());
    /// let mut modem: Quectel = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
    /// let transfer = modem.retrieve_to_module("/firmware.bin", "UFS:firmware.bin", 0)?;
    /// assert_eq!(transfer.bytes, 5000);
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn retrieve_to_module(&mut self, path: &str, name: &str, offset: u64) -> Result<Transfer> {
        self.past_the_port("retrieve to module", path, name, |qftp, cx| {
            qftp.settings.check_part(offset > 0)?;
            let size = qftp.size_if_any(cx, path)?;
            let wanted = Part::of(&Retrieve::from(offset), size)?.rest();
            module_files::check_new(cx, name)?;
            module_files::check_room(cx, name, wanted.unwrap_or(0))?;
            let mut command = Command::set("+QFTPGET").text(&PATH, path).text(&LOCAL, name);
            if offset > 0 {
                command = command.number(offset);
            }
            let moved = move_to_new(qftp, cx, command, "+QFTPGET", name, wanted);
            let moved = moved.map_err(|error| results::restart_refused(error, offset))?;
            match wanted {
                Some(wanted) if wanted == moved => Ok(Transfer::new(moved, Assurance::ServerSize)),
                Some(wanted) if wanted > moved => {
                    let detail = format!("the module took {moved} of {wanted} bytes");
                    discard(cx, name);
                    Err(Error::new(ErrorKind::Incomplete, detail).with_transferred(moved))
                }
                // The module fetches all of the file, whatever size was stated.
                _ => Ok(Transfer::new(moved, Assurance::ModuleCount)),
            }
        })
    }

    /// Uploads the whole of the module's own file `name` as `path`, which is created or replaced (`AT+QFTPPUT` with a
    /// local name). The server's size is compared with the file's where the server states it.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for names that are none, [`ModuleStorage`](ErrorKind::ModuleStorage)
    /// when there is no such file; else as [`store`](crate::FtpModem::store).
    pub fn store_from_module(&mut self, name: &str, path: &str) -> Result<Transfer> {
        self.past_the_port("store from module", path, name, |qftp, cx| {
            let size = module_files::size_of_existing(cx, name)?;
            upload(qftp, cx, name, path, 0, size)
        })
    }

    /// Uploads the rest of the module's own file `name` behind the first `offset` bytes, which the server has as `path`
    /// (`AT+QFTPPUT` with a local name and a start position). Whether a firmware skips the first bytes of its own file,
    /// or sends them once more, is not documented: the sizes at the server are compared before and after.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) where the file on the server has not `offset` bytes, or the module's
    /// file has less; [`VerificationFailed`](ErrorKind::VerificationFailed) where the file on the server is wrong
    /// afterwards; else as [`Self::store_from_module`].
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::backend::quectel::{Pacing, Quectel};
    /// use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// use ftp_modem::transport::memory::MemoryPipe;
    /// use ftp_modem::{AccessPoint, FtpModem, OpenOptions, Server};
    ///
    /// let files = MemoryServer::new();
    /// files.put("/log.csv", "one\n");
    /// let module = Module::new(Family::Quectel, files.remote(), Options::default());
    /// let mut modem: Quectel = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
    ///
    /// modem.store_to_module("UFS:log.csv", 8, Pacing::Flow, &mut &b"one\ntwo\n"[..])?;
    /// modem.continue_from_module("UFS:log.csv", "/log.csv", 4)?;
    /// assert_eq!(files.file("/log.csv").as_deref(), Some(&b"one\ntwo\n"[..]));
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn continue_from_module(&mut self, name: &str, path: &str, offset: u64) -> Result<Transfer> {
        self.past_the_port("continue from module", path, name, |qftp, cx| {
            qftp.settings.check_part(true)?;
            let size = module_files::size_of_existing(cx, name)?;
            let stored = qftp.size(cx, path)?.ok_or_else(codes::size_overflows)?;
            if stored != offset || size < offset {
                let detail =
                    format!("cannot resume at offset {offset}: {path:?} has {stored} bytes, and {name:?} {size}");
                return Err(Error::new(ErrorKind::InvalidInput, detail));
            }
            match offset == size {
                true => Ok(Transfer::new(0, Assurance::ServerSize)),
                false => upload(qftp, cx, name, path, offset, size),
            }
        })
    }

    /// Writes the listing of a directory into the new file `name` of the module's own, and returns its size in bytes.
    /// An empty path means the current directory.
    ///
    /// # Errors
    /// As [`Self::retrieve_to_module`].
    pub fn list_to_module(&mut self, format: ListFormat, path: &str, name: &str) -> Result<u64> {
        let path = here(path);
        self.past_the_port("list to module", path, name, |qftp, cx| {
            module_files::check_new(cx, name)?;
            let command = match format {
                ListFormat::Long => "+QFTPLIST",
                ListFormat::Names => "+QFTPNLST",
                ListFormat::Facts => "+QFTPMLSD",
            };
            let list = Command::set(command).text(&PATH, path).text(&LOCAL, name);
            move_to_new(qftp, cx, list, command, name, None)
        })
    }

    /// Queries the number of bytes that the running or the last transfer of this session has moved (`AT+QFTPLEN`, note
    /// §2.16).
    ///
    /// # Errors
    /// [`SessionLost`](ErrorKind::SessionLost) without a session; as any exchange with the module.
    pub fn transfer_length(&mut self) -> Result<u64> {
        self.operation("transfer length", |qftp, cx| {
            let result = qftp.run_alone(cx, "+QFTPLEN")?;
            result.number(1).ok_or_else(|| cx.engine.protocol("the length is not a number"))
        })
    }

    /// Runs an operation at the server, with both names checked before anything is sent.
    fn past_the_port<T>(
        &mut self,
        operation: &'static str,
        path: &str,
        name: &str,
        work: impl FnOnce(&mut Qftp, &mut Context) -> Result<T>,
    ) -> Result<T> {
        let charset = self.parts().1.engine.charset;
        let checked = PATH.check_in(charset, path).and_then(|()| check_module_name(&LOCAL, name));
        checked.map_err(|error| error.during(operation))?;
        self.at_server(operation, work)
    }
}

/// Uploads the module's file of `size` bytes behind its first `offset` ones, and compares the sizes.
fn upload(qftp: &mut Qftp, cx: &mut Context, name: &str, path: &str, offset: u64, size: u64) -> Result<Transfer> {
    let rest = size - offset;
    let command = Command::set("+QFTPPUT").text(&PATH, path).text(&LOCAL, name).number(offset);
    // What the server has of an upload that failed is not known.
    let moved = moved(qftp, cx, command, "+QFTPPUT", Some(rest)).map_err(|error| error.with_transferred(size))?;
    let failed = |kind, stored: &str| {
        let detail = format!("the module sent {moved} of {rest} bytes{stored}");
        Err(Error::new(kind, detail).with_transferred(moved))
    };
    if moved != rest && offset == 0 {
        return failed(ErrorKind::Incomplete, "");
    }
    match qftp.size_after_upload(cx, path).map_err(|error| error.with_transferred(moved))? {
        Some(stored) if stored == size && moved == rest => Ok(Transfer::new(moved, Assurance::ServerSize)),
        None if moved == rest => Ok(Transfer::new(moved, Assurance::ModuleCount)),
        Some(stored) => failed(ErrorKind::VerificationFailed, &format!(", and the server has {stored} bytes")),
        None => failed(ErrorKind::VerificationFailed, ", and the server does not state the size"),
    }
}

/// Runs a transfer into the new file `name`, and compares the count with the file's size.
fn move_to_new(
    qftp: &mut Qftp,
    cx: &mut Context,
    command: Command,
    prefix: &'static str,
    name: &str,
    expected: Option<u64>,
) -> Result<u64> {
    let moved = moved(qftp, cx, command, prefix, expected).inspect_err(|_| discard(cx, name))?;
    match module_files::size(cx, name)? {
        Some(size) if size == moved => Ok(moved),
        size => {
            let size = size.map_or("no file".to_owned(), |size| format!("{size} bytes"));
            discard(cx, name);
            let detail = format!("the module says it took {moved} bytes, and has {size}");
            Err(cx.engine.error(ErrorKind::VerificationFailed, detail).with_transferred(0))
        }
    }
}

/// Runs a transfer past the port to its result, and returns the module's count.
fn moved(
    qftp: &mut Qftp,
    cx: &mut Context,
    command: Command,
    prefix: &'static str,
    expected: Option<u64>,
) -> Result<u64> {
    let outcome = result_of(cx, command, prefix, qftp.settings.result_limit(), expected).and_then(|result| {
        results::check(&cx.engine, &result)?;
        result.number(1).ok_or_else(|| cx.engine.protocol("the count is not a number"))
    });
    outcome.map_err(|error| qftp.end_transfer(cx, error, None).with_transferred(0))
}

/// Waits for the result for as long as there is progress, and as long as the `expected` bytes may take without.
fn result_of(
    cx: &mut Context,
    command: Command,
    prefix: &'static str,
    limit: Duration,
    expected: Option<u64>,
) -> Result<ResultLine> {
    let pattern = Pattern::Prefix(prefix);
    cx.engine.inbox().forget(&pattern);
    cx.set(command)?;
    let patience = expected.map_or(LISTING_LIMIT, |bytes| Duration::from_secs(bytes / SLOWEST));
    let last = cx.engine.deadline(Phase::Result, limit + patience);
    let mut most = 0;
    loop {
        let deadline = cx.engine.deadline(Phase::Result, limit);
        if let Some(result) = cx.engine.poll(&pattern, deadline)? {
            return Ok(result);
        }
        let moved = progress(cx)?;
        if moved <= most && cx.engine.now() >= last.at() {
            return Err(without_result(deadline.passed().at_command(&format!("AT{prefix}"))));
        }
        most = most.max(moved);
    }
}

/// The number of bytes in the answer to QFTPLEN while a transfer is running; 0 where the module does not answer it
/// then.
fn progress(cx: &mut Context) -> Result<u64> {
    let pattern = Pattern::Prefix("+QFTPLEN");
    match cx.engine.perform(Command::run("+QFTPLEN"), COMMAND_LIMIT, &pattern, COMMAND_LIMIT) {
        Ok(result) => Ok(result.number(1).unwrap_or(0)),
        Err(error) if is_refusal(error.kind()) || error.module_code().is_some() => Ok(0),
        Err(error) if error.kind() == ErrorKind::Timeout && !cx.engine.is_lost() => Ok(0),
        Err(error) => Err(error),
    }
}

/// Removes what a transfer that failed has left.
fn discard(cx: &mut Context, name: &str) {
    if cx.engine.is_lost() {
        return;
    }
    if let Err(error) = cx.set(Command::set("+QFDEL").text(&LOCAL, name)) {
        debug!("nothing left of {name:?}: {error}");
    }
}

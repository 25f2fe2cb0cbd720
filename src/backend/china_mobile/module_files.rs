//! Files in the module: MFPUT, MFGET and MFDELETE, and transfers between them and the server.
//!
//! The FTP manual shows MFPUT with the data in the command line only; the form with a prompt, which can carry every
//! byte, and MFDELETE are those of `cm_file_at_cmd.c` in the China Mobile OpenCPU SDK.

use std::io::{Read, Write};
use std::time::Duration;

use super::connection::Connection;
use super::connection_settings::LocalSide;
use super::download::RETRIEVE;
use super::facts::{MODULE_FILE, PATH, RESULT_MARGIN};
use super::listing::{self, Until};
use super::upload::{APPEND, STORE};
use super::{ChinaMobile, Mftp};
use crate::at::{Acknowledgement, Command, Expect, Header, Line, Opened, Parameter, Sink, Upload};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::driver::{Part, Source};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, StoreMode, Transfer};

/// A transfer between a file in the module and the server says nothing before its end, and no manual limits it. The
/// module's files are a few megabytes at most.
const TRANSFER_LIMIT: Duration = Duration::from_secs(600);
/// The longest silence while a file is written or read: the module waits as long by itself (MFCFG "timeout", 10 s).
const FILE_LIMIT: Duration = Duration::from_secs(10);

/// `+MFGET: <count>,<data>`.
const HEADER: Expect = Expect::Header(Header { prefix: "+MFGET:", commas: 1 });

/// Most bytes written within the command line: well below §3.11 note 5, which allows 1024 for an upload.
const MOST_INLINE: u64 = 512;
const BLOCK: usize = 4096;

impl ChinaMobile {
    /// Downloads a file of the server, or the part of it that `what` names, into the file `file` of the module, which
    /// it replaces (§3.10 with `local_fs` 1). Its name is up to 255 bytes, like `/usr/1.txt`.
    ///
    /// # Errors
    /// As [`retrieve`](crate::FtpModem::retrieve); [`ModuleStorage`](ErrorKind::ModuleStorage) when it does not fit.
    pub fn retrieve_to_module(&mut self, path: &str, file: &str, what: &Retrieve) -> Result<Transfer> {
        self.at_server("download into the module", |dialect, cx| {
            Parameter::check_all(&[(&PATH, path), (&MODULE_FILE, file)])?;
            let Mftp { connection, long_offsets, .. } = dialect;
            let size = match what.size {
                // Nothing of a file that is stored in the module shows whether another row was meant.
                None => listing::listed_size(cx, connection, path, Until::ALONE)?,
                known => known,
            };
            let part = Part::of(what, size)?;
            long_offsets.check(cx, connection, path, what.offset, size)?;
            within_module(cx, connection, |connection, cx| {
                let arguments = |command: Command| {
                    let command = command.text(&PATH, path).text(&MODULE_FILE, file);
                    match part.length {
                        Some(length) => command.number(part.offset).number(length),
                        None if part.offset > 0 => command.number(part.offset),
                        None => command,
                    }
                };
                let result = connection.finish(cx, RETRIEVE, arguments, TRANSFER_LIMIT)?;
                // Some modules print both lengths, some the first only; for a file both are its own.
                let stored = result.number(3).or(result.number(2)).unwrap_or_default();
                let wanted = part.wanted().filter(|_| !connection.settings.is_text());
                match wanted {
                    Some(wanted) if stored < wanted => {
                        let detail = format!("the module stored {stored} of {wanted} bytes, or the size is wrong");
                        Err(cx.engine.error(ErrorKind::Incomplete, detail).with_transferred(stored))
                    }
                    Some(wanted) if stored == wanted => Ok(Transfer::new(stored, Assurance::ServerSize)),
                    _ => Ok(Transfer::new(stored, Assurance::Unconfirmed)),
                }
            })
        })
    }

    /// Uploads the file `file` of the module (§3.11 and §3.12 with `local_fs` 1).
    ///
    /// # Errors
    /// As [`store`](crate::FtpModem::store); [`Unavailable`](ErrorKind::Unavailable) when the module has no such file,
    /// [`Unsupported`](ErrorKind::Unsupported) for [`StoreMode::At`] a place that is not 0.
    pub fn store_from_module(&mut self, file: &str, path: &str, mode: StoreMode) -> Result<Transfer> {
        self.at_server("upload from the module", |dialect, cx| {
            Parameter::check_all(&[(&PATH, path), (&MODULE_FILE, file)])?;
            let name = match mode {
                StoreMode::Create | StoreMode::At(0) => STORE,
                StoreMode::Append => APPEND,
                StoreMode::At(_) => {
                    return Err(Error::new(ErrorKind::Unsupported, "a file of the module is stored whole or appended"));
                }
            };
            within_module(cx, &mut dialect.connection, |connection, cx| {
                let arguments = |command: Command| command.text(&PATH, path).text(&MODULE_FILE, file);
                let result = connection.finish(cx, name, arguments, TRANSFER_LIMIT)?;
                match result.number(2) {
                    Some(sent) => Ok(Transfer::new(sent, Assurance::ModuleCount)),
                    None => Err(cx.engine.protocol("the number of bytes is missing")),
                }
            })
        })
    }

    /// Writes a file of the module: `length` bytes, 1 or more, that `source` yields (MFPUT).
    ///
    /// # Errors
    /// [`ModuleStorage`](ErrorKind::ModuleStorage) when it does not fit, [`LocalIo`](ErrorKind::LocalIo) when the
    /// source fails or yields fewer bytes; the file is filled up with zeros then.
    pub fn write_file(&mut self, file: &str, length: u64, source: &mut dyn Read) -> Result<()> {
        self.operation("write a file of the module", |_, cx| {
            MODULE_FILE.check(file)?;
            if length == 0 {
                return Err(Error::new(ErrorKind::Unsupported, "a file of the module cannot be written empty"));
            }
            match write_file(cx, file, length, &mut Source::new(source, Some(length)))? {
                Some(count) if count == length => Ok(()),
                Some(count) => {
                    let detail = format!("the module wrote {count} of {length} bytes");
                    Err(cx.engine.error(ErrorKind::Incomplete, detail))
                }
                None => Err(cx.engine.protocol("the number of bytes is missing")),
            }
        })
    }

    /// Reads a file of the module into `sink` and returns its length (MFGET).
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file; [`LocalIo`](ErrorKind::LocalIo) when the
    /// sink fails.
    pub fn read_file(&mut self, file: &str, sink: &mut dyn Write) -> Result<u64> {
        self.operation("read a file of the module", |_, cx| {
            let command = Command::set("+MFGET").text(&MODULE_FILE, file);
            let mut exchange = cx.engine.send(command, Phase::Acknowledgement, FILE_LIMIT)?;
            let Some(count) = exchange.first_line(HEADER)?.and_then(|line| announced(&line)) else {
                return Err(exchange.wire().protocol("expected the length of the file"));
            };
            let mut sink = Sink::new(sink);
            exchange.wire().payload().block(count, FILE_LIMIT).copy_to(&mut sink)?;
            let mut exchange = exchange.within(Phase::Acknowledgement, COMMAND_LIMIT);
            exchange.wire().payload().line_end(&mut sink, COMMAND_LIMIT)?;
            exchange.acknowledged_behind_data()?;
            sink.release();
            sink.check()?;
            Ok(count)
        })
    }

    /// Removes a file of the module (MFDELETE).
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file.
    pub fn remove_file(&mut self, file: &str) -> Result<()> {
        let command = Command::set("+MFDELETE").text(&MODULE_FILE, file);
        self.operation("remove a file of the module", |_, cx| {
            cx.engine.execute(command, COMMAND_LIMIT + RESULT_MARGIN).map(drop)
        })
    }
}

/// Runs a transfer whose data are in a file of the module.
fn within_module(
    cx: &mut Context,
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection, &mut Context) -> Result<Transfer>,
) -> Result<Transfer> {
    let outcome = connection.transfer_with(cx, LocalSide::File).and_then(|()| work(connection, cx));
    let outcome = outcome.map_err(|error| connection.abandon(cx, error));
    // Where this fails the next transfer sets it; the transfer that was done is done.
    if cx.session.is_open()
        && let Err(error) = connection.transfer_with(cx, LocalSide::Port)
    {
        cx.note(&error);
    }
    outcome
}

/// Writes a file of the module, and returns the number of bytes that the module counted.
fn write_file(cx: &mut Context, file: &str, length: u64, source: &mut Source<'_>) -> Result<Option<u64>> {
    let mut block = [0; BLOCK];
    let filled = fill(&mut block, length, source)?;
    if (filled as u64) < length.min(BLOCK as u64) {
        source.check_yielded(filled as u64)?;
    }
    let first = block.get(..filled).unwrap_or_default();
    let command = Command::set("+MFPUT").text(&MODULE_FILE, file).number(length);
    let answer = if length <= MOST_INLINE && first.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'"') {
        cx.engine.execute(command.payload(&[b"\"", first, b"\""].concat()), FILE_LIMIT)?
    } else {
        let exchange = cx.engine.send(command, Phase::Prompt, FILE_LIMIT)?;
        match exchange.prompted(length, None, |_| false)? {
            Opened::Data(exchange) => send_file(exchange.upload(length), length, &mut block, filled, source)?,
            Opened::Refused(_) => return Ok(None),
        }
    };
    Ok(answer.first().and_then(|line| line.number(0)))
}

/// Sends a file of `length` bytes. The first `filled` are in `block` already.
fn send_file(
    mut upload: Upload<'_>,
    length: u64,
    block: &mut [u8; BLOCK],
    mut filled: usize,
    source: &mut Source<'_>,
) -> Result<Acknowledgement> {
    let mut sent = 0;
    while filled > 0 {
        upload.write(block.get(..filled).unwrap_or_default(), FILE_LIMIT)?;
        sent += filled as u64;
        filled = fill(block, length - sent, source)?;
    }
    source.check_yielded(sent)?;
    let limit = FILE_LIMIT + upload.wire().link().line_time(length);
    upload.acknowledged(limit)
}

/// Fills `block` with at most `left` bytes of a source; returns how many it holds.
fn fill(block: &mut [u8; BLOCK], left: u64, source: &mut Source<'_>) -> Result<usize> {
    let room = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
    source.fill(block.get_mut(..room).unwrap_or_default())
}

/// The length in `+MFGET: <count>,`; an empty file may come without the comma.
fn announced(line: &Line) -> Option<u64> {
    let has_data = line.information()?.fields.count() > 1;
    line.number(0).filter(|count| has_data || *count == 0)
}

//! From the module's own files to the host: QFDWL for whole files; QFOPEN, QFSEEK, QFREAD and QFCLOSE for parts (FILE
//! application note).

use std::io::Write;
use std::time::Duration;

use super::Quectel;
use super::checksum::Summing;
use super::data_mode;
use super::module_files::{self, FILE, check_module_name};
use super::results::restored;
use crate::at::{Command, Flow, Line, Sink};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

/// Longest silence within a file.
const SILENCE: Duration = Duration::from_secs(10);
/// Number of bytes that QFREAD is asked for at a time.
const PIECE: u64 = 16 * 1024;
/// QFREAD at the end of the file, where it does not answer `CONNECT 0`.
const AT_END: &str = "402";
/// QFOPEN of a file that is only read.
const READ_ONLY: u8 = 2;

impl Quectel {
    /// Reads one of the module's files, or a part of it, into `sink`. A whole file is read by `AT+QFDWL` and compared
    /// with the module's checksum; for parts there is none.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a name that is not one,
    /// [`ModuleStorage`](ErrorKind::ModuleStorage) when there is no such file, it is open, or the offset is beyond its
    /// end, [`VerificationFailed`](ErrorKind::VerificationFailed) when bytes changed on the way; as any exchange with
    /// the module.
    pub fn retrieve_from_module(&mut self, name: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.checked_operation("retrieve from module", check_module_name(&FILE, name), |_, cx| {
            let bytes = read(cx, name, what, sink)?;
            Ok(Transfer::new(bytes, Assurance::ModuleCount))
        })
    }
}

/// Reads a file, or a part of it, and returns the number of bytes.
pub(super) fn read(cx: &mut Context, name: &str, what: &Retrieve, writer: &mut dyn Write) -> Result<u64> {
    if *what != Retrieve::whole() {
        return read_part(cx, name, what, writer);
    }
    let size = module_files::size_of_existing(cx, name)?;
    let mut summing = Summing::new(writer);
    let mut sink = Sink::new(&mut summing);
    let outcome = read_whole(cx, name, size, &mut sink).and_then(|stated| sink.check().map(|()| stated));
    let written = sink.written();
    let stated = outcome.map_err(|error| back_to_commands(cx, error).with_transferred(written))?;
    if summing.checksum().is_stated_by(&stated) {
        return Ok(written);
    }
    let detail = "the module's checksum differs";
    Err(cx.engine.error(ErrorKind::VerificationFailed, detail).with_transferred(written))
}

/// Reads a whole file of `size` bytes. Returns the line with the module's count and checksum.
fn read_whole(cx: &mut Context, name: &str, size: u64, sink: &mut Sink<'_>) -> Result<Line> {
    let (mut exchange, _) = data_mode::enter_file(cx, Command::set("+QFDWL").text(&FILE, name))?;
    exchange.wire().payload().block(size, SILENCE).copy_to(sink)?;
    exchange.wire().payload().line_end(sink, COMMAND_LIMIT)?;
    let answer = exchange.within(Phase::Acknowledgement, COMMAND_LIMIT).acknowledged()?;
    match answer.lines.into_iter().next_back() {
        Some(line) if line.number(0) == Some(size) => {
            sink.release();
            Ok(line)
        }
        _ => Err(cx.engine.error(ErrorKind::Incomplete, format!("the module did not send {size} bytes"))),
    }
}

fn read_part(cx: &mut Context, name: &str, what: &Retrieve, writer: &mut dyn Write) -> Result<u64> {
    let handle = open(cx, name, READ_ONLY)?;
    let mut sink = Sink::new(writer);
    let read = read_handle(cx, handle, what, &mut sink).and_then(|()| sink.check());
    let read = read.map_err(|error| sink.account(back_to_commands(cx, error)));
    // A file that stays open can be neither opened nor removed.
    match (read, close(cx, handle)) {
        (Ok(()), closed) => closed.map(|()| sink.written()),
        (Err(error), Err(failure)) if !failure.module_usable() => Err(error.module_left_unusable()),
        (Err(error), _) => Err(error),
    }
}

/// QFOPEN with mode 0 (created if need be) or [`READ_ONLY`].
pub(super) fn open(cx: &mut Context, name: &str, mode: u8) -> Result<u64> {
    let answer = cx.query(Command::set("+QFOPEN").text(&FILE, name).number(mode))?;
    let handle = answer.first().and_then(|line| line.number(0));
    handle.ok_or_else(|| cx.engine.error(ErrorKind::Protocol, "the handle is not a number"))
}

pub(super) fn close(cx: &mut Context, handle: u64) -> Result<()> {
    cx.set(Command::set("+QFCLOSE").number(handle))
}

fn read_handle(cx: &mut Context, handle: u64, what: &Retrieve, sink: &mut Sink<'_>) -> Result<()> {
    if what.offset > 0 {
        cx.set(Command::set("+QFSEEK").number(handle).number(what.offset).number(0u8))?;
    }
    let mut left = what.length.unwrap_or(u64::MAX);
    while left > 0 {
        let count = read_piece(cx, handle, left.min(PIECE), sink)?;
        if count == 0 || sink.has_failed() {
            return Ok(());
        }
        left -= count;
    }
    Ok(())
}

/// Reads at most `most` bytes and returns their number, which is 0 at the end of the file.
fn read_piece(cx: &mut Context, handle: u64, most: u64, sink: &mut Sink<'_>) -> Result<u64> {
    let (mut exchange, count) = match data_mode::enter_file(cx, Command::set("+QFREAD").number(handle).number(most)) {
        Err(error) if error.module_code().is_some_and(|code| code.value == AT_END) => return Ok(0),
        other => other?,
    };
    let Some(count) = count.filter(|count| *count <= most) else {
        return Err(exchange.wire().protocol(format!("asked for at most {most} bytes")));
    };
    if count > 0 {
        exchange.wire().payload().block(count, SILENCE).copy_to(sink)?;
        exchange.wire().payload().line_end(sink, COMMAND_LIMIT)?;
    }
    exchange.within(Phase::Acknowledgement, COMMAND_LIMIT).acknowledged_behind_data()?;
    sink.release();
    Ok(count)
}

/// Brings the module out of data mode after an exchange with its files that broke off.
fn back_to_commands(cx: &mut Context, error: Error) -> Error {
    if error.kind() == ErrorKind::ModuleRestarted {
        return error;
    }
    let left = data_mode::leave(cx, Flow::ToHost);
    restored(error, left)
}

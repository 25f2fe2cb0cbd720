//! From the host to the module's own files: QFUPL (FILE application note; FTP(S) application note §3.6).

use std::io::Read;
use std::time::Duration;

use super::checksum::Checksum;
use super::facts::GUARD;
use super::module_files::{self, FILE, check_module_name};
use super::{Quectel, data_mode, module_download};
use crate::at::{Command, Event, Flow, Line, Upload};
use crate::backend::context::Context;
use crate::backend::driver::Source;
use crate::error::{ErrorKind, Result};
use crate::modem::{Assurance, Transfer};

/// The longest silence that the module is to tolerate, in seconds (default 5, up to 65535).
const PATIENCE_SECONDS: u8 = 60;
/// As long, with room for the module to report it first.
const PATIENCE: Duration = Duration::from_secs(PATIENCE_SECONDS as u64 + 5);
/// Number of bytes that are sent at a time without acknowledgements.
const CHUNK: usize = 16 * 1024;
/// In ACK mode the module sends one `A` for so many bytes; for the rest behind the last full block it sends none.
const BLOCK: usize = 1024;
const ACKNOWLEDGEMENT: u8 = b'A';
/// So many blocks may be without acknowledgement: some firmware acknowledges two at a time (seen on EC2x).
const WINDOW: u64 = 2;
/// QFOPEN of a file that is created if need be.
const CREATE: u8 = 0;

/// What keeps the host from sending faster than the module can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Pacing {
    /// The port's flow control, if it has one.
    #[default]
    Flow,
    /// Acknowledgements of every 1024 bytes (ACK mode), for ports without flow control.
    Acknowledged,
}

impl Quectel {
    /// Writes `length` bytes of `source` into a new file of the module's own (`AT+QFUPL`), such as `UFS:a.txt`. The
    /// module's count and its checksum are compared with what was sent. An upload that fails leaves no file behind.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a name that is not one,
    /// [`ModuleStorage`](ErrorKind::ModuleStorage) when a file of this name exists (code 407) or there is no room,
    /// [`LocalIo`](ErrorKind::LocalIo) when the source fails or yields fewer bytes,
    /// [`Incomplete`](ErrorKind::Incomplete) and [`VerificationFailed`](ErrorKind::VerificationFailed) when bytes were
    /// lost or changed on the way.
    pub fn store_to_module(
        &mut self,
        name: &str,
        length: u64,
        pacing: Pacing,
        source: &mut dyn Read,
    ) -> Result<Transfer> {
        self.checked_operation("store to module", check_module_name(&FILE, name), |_, cx| {
            let mut source = Source::new(source, Some(length));
            write(cx, name, pacing, &mut source).map_err(|error| error.with_transferred(source.taken()))?;
            Ok(Transfer::new(length, Assurance::ModuleCount))
        })
    }
}

/// Writes all of `source`, whose length is known, into a new file.
pub(super) fn write(cx: &mut Context, name: &str, pacing: Pacing, source: &mut Source<'_>) -> Result<()> {
    let length = source.length().unwrap_or_default();
    module_files::check_room(cx, name, length)?;
    if length == 0 {
        return write_empty(cx, name);
    }
    let command = Command::set("+QFUPL").text(&FILE, name).number(length).number(PATIENCE_SECONDS);
    let command = command.number(u8::from(pacing == Pacing::Acknowledged));
    let (exchange, _) = data_mode::enter_file(cx, command)?;
    let mut upload = exchange.upload(length);
    let outcome = match send(&mut upload, length, pacing, source) {
        Ok(checksum) => {
            let limit = PATIENCE + upload.wire().link().line_time(CHUNK as u64);
            let (lines, outcome) = upload.answer(limit);
            confirm(cx, length, checksum, lines.last(), outcome)
        }
        Err(error) => {
            drop(upload);
            Err(data_mode::end_early(cx, length - source.taken(), error))
        }
    };
    outcome.map_err(|error| {
        if error.kind() == ErrorKind::ModuleRestarted || !error.module_usable() {
            return error;
        }
        // A part of a file is of no use, and would be in the way of the next attempt (code 407).
        match module_files::remove(cx, name) {
            Err(failure) if cx.engine.is_lost() || !failure.module_usable() => error.module_left_unusable(),
            _ => error,
        }
    })
}

/// QFUPL takes no length of 0; opening for writing creates the file (FILE application note, QFOPEN).
fn write_empty(cx: &mut Context, name: &str) -> Result<()> {
    module_files::check_new(cx, name)?;
    let handle = module_download::open(cx, name, CREATE)?;
    module_download::close(cx, handle)
}

/// Sends all of `source`, unless the module ends it early: what is sent then would be taken for commands.
fn send(upload: &mut Upload<'_>, length: u64, pacing: Pacing, source: &mut Source<'_>) -> Result<Checksum> {
    let mut checksum = Checksum::default();
    let mut room = vec![0; if pacing == Pacing::Flow { CHUNK } else { BLOCK }];
    let mut open = 0;
    while source.taken() < length {
        room.truncate(usize::try_from(length - source.taken()).unwrap_or(usize::MAX));
        source.fill_all(&mut room)?;
        let (acknowledged, is_over) = match pacing {
            Pacing::Flow => (0, !matches!(upload.wire().glance()?, None | Some(Event::Unsolicited))),
            Pacing::Acknowledged => upload.marks(ACKNOWLEDGEMENT, u64::from(open == WINDOW), open, PATIENCE)?,
        };
        if is_over {
            return Ok(checksum);
        }
        upload.write(&room, PATIENCE)?;
        checksum.add(&room);
        source.take(room.len() as u64);
        open = open - acknowledged + u64::from(pacing == Pacing::Acknowledged && room.len() == BLOCK);
    }
    if pacing == Pacing::Acknowledged {
        // One that is lost does no harm any more: count and checksum follow.
        upload.marks(ACKNOWLEDGEMENT, open, open, PATIENCE)?;
    }
    Ok(checksum)
}

/// Compares what was sent with `+QFUPL: <bytes>,<checksum>`. The final result code behind it may be an error all the
/// same: when data did not come in time, QFUPL states what came and then `+CME ERROR: 421` (seen on EG800K).
fn confirm(
    cx: &mut Context,
    length: u64,
    checksum: Checksum,
    stated: Option<&Line>,
    outcome: Result<()>,
) -> Result<()> {
    if let Err(error) = outcome {
        if error.kind() == ErrorKind::Timeout && cx.engine.escape(GUARD, Flow::ToModule).is_err() {
            return Err(error.module_left_unusable());
        }
        return Err(error);
    }
    let (kind, detail) = match stated.and_then(|line| Some((line, line.number(0)?))) {
        Some((line, taken)) if taken == length && checksum.is_stated_by(line) => return Ok(()),
        Some((_, taken)) if taken == length => {
            (ErrorKind::VerificationFailed, "the module's checksum differs".to_owned())
        }
        Some((_, taken)) => (ErrorKind::Incomplete, format!("sent {length} bytes, the module says it took {taken}")),
        None => (ErrorKind::Protocol, "the module does not state how much it took".to_owned()),
    };
    Err(cx.engine.error(kind, detail))
}

//! Uploads from the port: QFTPPUT, counted, and without count on request (note §2.5).

use std::time::Duration;

use super::Qftp;
use super::data_mode::{self, MOST_PADDING, Outcome};
use super::facts::{GUARD, PATH, PORT};
use super::results::{self, without_result};
use crate::at::{Command, Event, Exchange, Flow, Pattern, ResultLine, Upload};
use crate::backend::codes;
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::dialect::Uploads;
use crate::backend::driver::{Placement, Source};
use crate::backend::path;
use crate::backend::pieces::Pieces;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, listing as rows};

const RESULT: Pattern = Pattern::Prefix("+QFTPPUT");

/// Most bytes of the source that are written to the port at a time; before each the driver looks what the module has
/// said.
const CHUNK: usize = 16 * 1024;
/// What ends a transfer where it comes alone between two silences (note §1.4). Whether counted uploads heed it is not
/// documented.
const ESCAPE: &[u8] = b"+++";
/// Number of bytes of a source of unknown length that are announced at a time.
const PIECE: usize = 64 * 1024;
/// Number of bytes more than were counted that the server may have: what is on its way, and what is sent as padding or
/// taken for payload when the upload fails.
const AT_RISK: u64 = CHUNK as u64 + MOST_PADDING;

impl Uploads for Qftp {
    fn store(&mut self, cx: &mut Context, path: &str, source: &mut Source<'_>) -> Result<Assurance> {
        let length = source.length();
        self.upload_by(cx, path, source, |put, cx, source| match length {
            Some(0) => put.nothing(cx),
            Some(length) => put.whole(cx, length, source),
            None => put.in_pieces(cx, source),
        })
    }
}

impl Qftp {
    /// In pieces, each announced by its length, also where the length of all is known.
    pub(super) fn upload_in_pieces(
        &mut self,
        cx: &mut Context,
        path: &str,
        source: &mut Source<'_>,
    ) -> Result<Assurance> {
        self.upload_by(cx, path, source, |put, cx, source| put.in_pieces(cx, source))
    }

    fn upload_by(
        &mut self,
        cx: &mut Context,
        path: &str,
        source: &mut Source<'_>,
        by: impl FnOnce(&Put<'_>, &mut Context, &mut Source<'_>) -> Result<()>,
    ) -> Result<Assurance> {
        let put = Put::to(self, cx, path, source.placement())?;
        by(&put, cx, source).map_err(|error| self.end_transfer(cx, error, Some(Flow::ToModule)))?;
        put.assurance(self, cx, source.taken())
    }

    /// Without announced lengths: all of the source, then `+++`.
    pub(super) fn upload_uncounted(
        &mut self,
        cx: &mut Context,
        path: &str,
        source: &mut Source<'_>,
    ) -> Result<Assurance> {
        let put = Put::to(self, cx, path, source.placement())?;
        let mut sent = None;
        match (put.until_escape(cx, source, &mut sent), sent) {
            (Ok(()), sent) => {
                source.take(sent.unwrap_or_default());
                put.assurance(self, cx, source.taken())
            }
            // The time-out of an upload without end, whose file may be complete all the same (seen on EC200): the size
            // tells.
            (Err(error), Some(sent))
                if error.kind() == ErrorKind::NetworkTimeout
                    && matches!(self.size_if_any(cx, path), Ok(Some(size)) if size == put.start.saturating_add(sent)) =>
            {
                source.take(sent);
                Ok(Assurance::ServerSize)
            }
            (Err(error), _) => Err(self.end_transfer(cx, error, Some(Flow::ToModule))),
        }
    }
}

/// Checks that a file whose size the server refuses does not exist: an upload from the start would replace it.
fn check_missing(qftp: &mut Qftp, cx: &mut Context, path: &str) -> Result<()> {
    let exists = match qftp.run_on_path(cx, "+QFTPMDTM", path) {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::Unavailable => false,
        // A server without MDTM.
        Err(error) if error.kind() == ErrorKind::ServerRefused => is_listed(qftp, cx, path)?,
        Err(error) => return Err(error),
    };
    if !exists {
        return Ok(());
    }
    let detail = "the file exists, and the server does not state its size, at which to append";
    Err(cx.engine.error(ErrorKind::ServerRefused, detail))
}

/// Whether the directory of a file lists its name. Some servers refuse to list an empty directory.
fn is_listed(qftp: &mut Qftp, cx: &mut Context, path: &str) -> Result<bool> {
    let (directory, name) = path::parent(path);
    match qftp.listing(cx, "+QFTPNLST", directory) {
        Err(error) if error.kind() == ErrorKind::Unavailable => Ok(false),
        text => Ok(rows::names(&text?).iter().any(|listed| path::last_part(listed) == name.as_bytes())),
    }
}

/// An upload to one file on the server, from byte `start` on: what the file has before it is kept.
struct Put<'p> {
    path: &'p str,
    start: u64,
    /// The limit of its results, and of a silence within it.
    limit: Duration,
}

impl<'p> Put<'p> {
    /// An upload that begins where `placement` says.
    fn to(qftp: &mut Qftp, cx: &mut Context, path: &'p str, placement: Placement) -> Result<Self> {
        let start = match placement {
            Placement::Replace => 0,
            Placement::Continue(offset) => offset,
            Placement::Append => match qftp.size(cx, path) {
                Err(error) if error.kind() == ErrorKind::Unavailable => check_missing(qftp, cx, path).map(|()| 0)?,
                size => size?.ok_or_else(codes::size_overflows)?,
            },
        };
        Ok(Put { path, start, limit: qftp.settings.result_limit() })
    }

    /// How far an upload of `sent` bytes that succeeded is known to be complete.
    fn assurance(&self, qftp: &mut Qftp, cx: &mut Context, sent: u64) -> Result<Assurance> {
        if self.start == 0 {
            return Ok(Assurance::ModuleCount);
        }
        // A start position appends on some platforms and seeks on others: only the size tells that both came to the
        // same.
        let expected = self.start.saturating_add(sent);
        match qftp.size_after_upload(cx, self.path)? {
            None => Ok(Assurance::Unconfirmed),
            Some(size) if size == expected => Ok(Assurance::ServerSize),
            Some(size) => {
                let detail = format!("the file has {size} bytes now, expected {expected}");
                Err(cx.engine.error(ErrorKind::VerificationFailed, detail))
            }
        }
    }

    /// One counted transfer for all of it.
    fn whole(&self, cx: &mut Context, length: u64, source: &mut Source<'_>) -> Result<()> {
        source.announce(&cx.engine, length.min(AT_RISK));
        let command = self.command(self.start).number(length).number(1u8);
        let send = |exchange: Exchange<'_>| send_all(exchange.upload(length), length, source, self.limit);
        let outcome = self.transfer(cx, command, send);
        outcome.map_err(|error| data_mode::end_early(cx, length - source.taken(), error))
    }

    /// Piece after piece, each announced by its length. The last is marked.
    fn in_pieces(&self, cx: &mut Context, source: &mut Source<'_>) -> Result<()> {
        let mut pieces = pieces();
        loop {
            let (piece, is_last) = pieces.next(PIECE, source)?;
            if piece.is_empty() {
                return self.nothing(cx);
            }
            let (size, count) = (piece.len(), piece.len() as u64);
            source.announce(&cx.engine, count);
            let position = self.start.saturating_add(source.taken());
            let command = self.command(position).number(count).number(u8::from(is_last));
            self.transfer(cx, command, |exchange| {
                source.begin();
                let mut upload = exchange.upload(count);
                upload.write_all(piece, self.limit)?;
                acknowledged(upload, self.limit)?;
                Ok(count)
            })?;
            source.take(count);
            if is_last {
                return Ok(());
            }
            pieces.take(size);
        }
    }

    /// Everything, then the escape sequence. `sent` becomes the number of bytes as soon as all are sent.
    fn until_escape(&self, cx: &mut Context, source: &mut Source<'_>, sent: &mut Option<u64>) -> Result<()> {
        let mut pieces = pieces();
        if pieces.next(PIECE, source)?.0 == ESCAPE {
            return Err(Error::new(ErrorKind::InvalidInput, "the file would be taken for the mark of its end"));
        }
        self.transfer(cx, self.command(self.start), |exchange| {
            let (upload, count) = send_pieces(exchange.upload(0), pieces, source, self.limit)?;
            *sent = Some(count);
            upload.escape(GUARD, self.limit)?;
            Ok(count)
        })
    }

    /// An empty file, which has no counted form: data mode is left again at once.
    fn nothing(&self, cx: &mut Context) -> Result<()> {
        if self.start > 0 {
            return Ok(());
        }
        self.transfer(cx, self.command(0), |exchange| exchange.upload(0).escape(GUARD, self.limit).map(|()| 0))
    }

    fn command(&self, position: u64) -> Command {
        Command::set("+QFTPPUT").text(&PATH, self.path).literal(PORT).number(position)
    }

    /// One QFTPPUT: `work` sends the payload up to its `OK` and returns the number of bytes, with which the result
    /// must agree.
    fn transfer(
        &self,
        cx: &mut Context,
        command: Command,
        work: impl FnOnce(Exchange<'_>) -> Result<u64>,
    ) -> Result<()> {
        let unexpected = cx.engine.inbox().unexpected();
        let count = match data_mode::pass(cx, command, &RESULT, self.limit, work)? {
            Outcome::Data(count) => count,
            Outcome::Nothing(_) => return Err(cx.engine.protocol("a result without data")),
        };
        let deadline = cx.engine.deadline(Phase::Result, self.limit);
        let result = cx.engine.result(&RESULT, deadline).map_err(without_result)?;
        results::check(&cx.engine, &result)?;
        results::check_count(&cx.engine, &result, count, Flow::ToModule)?;
        // What is pushed out of the payload is answered as a command.
        cx.engine.no_more_results(unexpected)
    }
}

/// Sends `length` bytes of the source, waits for `OK`, and returns the number of bytes.
fn send_all(mut upload: Upload<'_>, length: u64, source: &mut Source<'_>, limit: Duration) -> Result<u64> {
    let mut chunk = vec![0; CHUNK];
    while source.taken() < length {
        let left = length - source.taken();
        source.announce(upload.wire(), left.min(AT_RISK));
        let room = chunk.get_mut(..chunk_size(left)).unwrap_or_default();
        source.fill_all(room)?;
        // Reading the source may have taken longer than the module waits.
        upload = still_wanted(upload, left)?;
        source.begin();
        match room.len() as u64 == left {
            true => upload.write_all(room, limit)?,
            false => upload.write(room, limit)?,
        }
        source.take(room.len() as u64);
    }
    acknowledged(upload, limit)?;
    Ok(length)
}

/// Sends all of the source, and returns the number of bytes.
fn send_pieces<'w>(
    mut upload: Upload<'w>,
    mut pieces: Pieces,
    source: &mut Source<'_>,
    limit: Duration,
) -> Result<(Upload<'w>, u64)> {
    let mut sent = 0;
    loop {
        let (piece, is_last) = pieces.next(PIECE, source)?;
        let (size, mut rest) = (piece.len(), piece);
        while !rest.is_empty() {
            upload = still_wanted(upload, 0)?;
            let (chunk, behind) = rest.split_at_checked(chunk_size(rest.len() as u64)).unwrap_or((rest, &[]));
            sent += chunk.len() as u64;
            source.announce(upload.wire(), sent);
            source.begin();
            upload.write(chunk, limit)?;
            rest = behind;
        }
        if is_last {
            return Ok((upload, sent));
        }
        pieces.take(size);
    }
}

/// Waits for `OK` behind the payload; the last of it may still be on the line.
fn acknowledged(mut upload: Upload<'_>, limit: Duration) -> Result<()> {
    let limit = COMMAND_LIMIT + limit + upload.wire().link().line_time(CHUNK as u64);
    upload.acknowledged(limit).map(drop)
}

/// Makes sure that the module has not left data mode early, `left` bytes before the end: what is sent then would be
/// taken for commands.
fn still_wanted(mut upload: Upload<'_>, left: u64) -> Result<Upload<'_>> {
    let ended = match upload.wire().glance() {
        Ok(None | Some(Event::Unsolicited)) => match upload.wire().inbox().take(&RESULT) {
            None => return Ok(upload),
            Some(line) => results::check(upload.wire(), &ResultLine(line)),
        },
        Ok(Some(_)) => Ok(()),
        // The module still expects the rest.
        Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
        Err(error) => Err(error),
    };
    let detail = format!("the module ended the upload {left} bytes early");
    let early = upload.wire().error(ErrorKind::DataConnection, detail);
    upload.abandon();
    Err(ended.err().unwrap_or(early))
}

/// The pieces of a source of unknown length. None is short enough to be taken for a lone `+++`, unless it is the only
/// one.
fn pieces() -> Pieces {
    Pieces::of_at_least(ESCAPE.len() + 1, PIECE)
}

/// Number of bytes to write at once when `left` are to be sent: never such that a lone `+++` is left to be sent
/// between two pauses.
fn chunk_size(left: u64) -> usize {
    let size = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
    if matches!(left - size as u64, 1..=3) { size - ESCAPE.len() - 1 } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_chunk_leaves_a_lone_escape_sequence_behind() {
        for (left, first) in [(0, 0), (1, 1), (3, 3), (CHUNK, CHUNK), (CHUNK + 1, CHUNK - 4), (CHUNK + 3, CHUNK - 4)] {
            assert_eq!(chunk_size(left as u64), first, "{left}");
        }
        assert_eq!(chunk_size(CHUNK as u64 + 4), CHUNK);
        assert_eq!(chunk_size(u64::MAX), CHUNK);
    }
}

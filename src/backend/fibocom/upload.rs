//! Uploads: FTPPUT, piece by piece.

use std::io;

use super::FibocomFtp;
use super::facts::{BINARY, BLOCK_LIMITS, CONVERSATION, PATH, WRITE_BLOCK};
use super::listing;
use super::recovery::{Activity, find_loss, leaves_unknown};
use super::results::{self, DATA, await_stored, ended_by_module};
use super::session::{Conversation, end_conversation, last_reply};
use super::streams::stream_in;
use crate::at::{Command, Engine, Exchange, Expect, Pattern, Wire};
use crate::backend::codes;
use crate::backend::context::{Context, is_loss};
use crate::backend::dialect::Uploads;
use crate::backend::driver::Source;
use crate::backend::path;
use crate::backend::pieces::Pieces;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

/// The end of the file; `+FTPPUT: 0` may also end it early. `+FTPPUT: 2,n` is an answer.
const RESULT: Pattern = Pattern::Prefix("+FTPPUT");

impl Uploads for FibocomFtp {
    fn store(&mut self, cx: &mut Context, path: &str, source: &mut Source<'_>) -> Result<Assurance> {
        PATH.check_in(cx.engine.charset, path)?;
        cx.engine.inbox().forget(&RESULT);
        cx.engine.inbox().forget(&CONVERSATION);
        match self.pieces(cx, path, source) {
            Ok(()) => {
                self.sizes.follow_upload = source.taken() > 0;
                if std::mem::replace(&mut self.conversation, Conversation::Hidden) == Conversation::Shown {
                    end_conversation(cx)?;
                }
                Ok(Assurance::ModuleCount)
            }
            // There is no command that ends an upload but closing the session.
            Err(error) => {
                // What has begun was not refused.
                let error = match source.taken() {
                    0 => explained(cx, path, error),
                    _ => with_last_reply(cx, error),
                };
                let has_no_reason = error.kind() == ErrorKind::DataConnection && error.ftp_reply().is_none();
                self.conversation = if has_no_reason { Conversation::Wanted } else { Conversation::Hidden };
                Err(self.activity.abandon(cx, error))
            }
        }
    }
}

impl FibocomFtp {
    fn pieces(&mut self, cx: &mut Context, path: &str, source: &mut Source<'_>) -> Result<()> {
        let mut pieces = Pieces::new(WRITE_BLOCK);
        let unexpected = cx.engine.inbox().unexpected();
        loop {
            // No more than the module was seen to take: a last piece that it cuts short ends the file too early.
            let (piece, is_last) = pieces.next(self.write_block, source)?;
            if piece.is_empty() {
                // FTPPUT has no form for an empty file.
                return stream_in(cx, &mut self.activity, path, &mut Source::new(&mut io::empty(), None));
            }
            let offered = piece.len();
            let taken = put(cx, &mut self.activity, path, piece, is_last, source)?;
            if taken < offered {
                self.write_block = taken;
            }
            // A line end within the command ends it early: the rest of it is payload then, and payload a command.
            cx.engine.no_more_results(unexpected)?;
            if is_last {
                if taken < offered {
                    let detail = format!("the module took only {taken} of the last {offered} bytes");
                    return Err(cx.engine.error(ErrorKind::Incomplete, detail));
                }
                await_stored(&mut cx.engine, &RESULT, source.taken())?;
                return cx.engine.no_more_results(unexpected);
            }
            pieces.take(taken);
        }
    }
}

/// Sends one piece; returns how many of its bytes the module requested.
fn put(
    cx: &mut Context,
    activity: &mut Activity,
    path: &str,
    bytes: &[u8],
    is_last: bool,
    source: &mut Source<'_>,
) -> Result<usize> {
    // An upload that the module has ended would begin again with this piece.
    cx.engine.look()?;
    check_running(&mut cx.engine)?;
    let offered = bytes.len() as u64;
    let command = Command::set("+FTPPUT").text(&PATH, path).number(offered).number(u8::from(is_last)).number(BINARY);
    source.announce(&cx.engine, offered);
    let announced = go_ahead(&mut cx.engine, command, bytes.len()).inspect_err(|error| {
        if leaves_unknown(error.kind()) || is_loss(error.kind()) {
            *activity = Activity::Piece(offered);
        }
    });
    let (wanted, exchange) = announced.map_err(piece_refused)?;
    let piece = bytes.get(..wanted).unwrap_or(bytes);
    source.begin();
    let mut upload = exchange.upload(piece.len() as u64);
    upload.write_all(piece, BLOCK_LIMITS.inactivity)?;
    let limit = BLOCK_LIMITS.acknowledgement + upload.wire().link().line_time(piece.len() as u64);
    let _ = upload.acknowledged(limit).map_err(piece_refused)?;
    source.take(wanted as u64);
    // A number that was damaged on its way: perhaps the module still waits for the rest.
    source.announce(&cx.engine, (bytes.len() - wanted) as u64);
    // Between two pieces there is no result, unless it is a failure.
    if !is_last {
        check_running(&mut cx.engine)?;
    }
    Ok(wanted)
}

/// Sends FTPPUT and waits for `+FTPPUT: 2,n`, which comes before any OK (guide §3.3). Returns how many bytes the
/// module requests, at most `offered`.
fn go_ahead(engine: &mut Engine, command: Command, offered: usize) -> Result<(usize, Exchange<'_>)> {
    let mut exchange = engine.send(command.known(), Phase::Prompt, BLOCK_LIMITS.announcement)?;
    let Some(line) = exchange.first_line(Expect::Line)? else {
        // An `OK` here is the answer to a command that fails; the result gives the reason.
        await_stored(exchange.wire(), &RESULT, 0)?;
        return Err(exchange.wire().protocol("the module has stored the file without its data"));
    };
    let wanted = line.number(1).filter(|_| line.number(0) == Some(DATA));
    match wanted.and_then(|wanted| usize::try_from(wanted).ok()) {
        Some(wanted @ 1..) if wanted <= offered => Ok((wanted, exchange)),
        _ => {
            let said = exchange.wire().report().outline(line.bytes());
            Err(exchange.wire().protocol(format!("{offered} bytes were offered, the module said {said}")))
        }
    }
}

/// The cause of an upload that was refused at its first piece: the session is lost, the directory does not exist, or
/// the server refuses this file, because data connections to its directory succeed. The session is closed behind it, so
/// that its current directory does not matter.
fn explained(cx: &mut Context, path: &str, error: Error) -> Error {
    let error = find_loss(cx, error);
    let is_refused = matches!(error.kind(), ErrorKind::DataConnection | ErrorKind::ServerRefused);
    if !is_refused || error.ftp_reply().is_some() {
        return error;
    }
    let (directory, _) = path::parent(path);
    // Another directory than the current one.
    if !matches!(directory, "" | "/" | ".") {
        match results::on_path(cx, "+FTPCWD", directory) {
            Ok(()) => {}
            Err(refused) if refused.kind() == ErrorKind::Unavailable => {
                let detail =
                    format!("the server has no directory {directory:?} to upload into, or denies access to it");
                return cx.engine.error(ErrorKind::Unavailable, detail);
            }
            Err(_) => return error,
        }
    }
    match error.kind() {
        ErrorKind::DataConnection if listing::text(cx, "").is_ok() => {
            error.with_kind(ErrorKind::ServerRefused).explained_further("the directory can be entered and listed")
        }
        _ => error,
    }
}

/// The error of an upload that broke off, by the reply of the server, where the module has printed that.
fn with_last_reply(cx: &mut Context, error: Error) -> Error {
    let reply = last_reply(cx, 400..600);
    match reply.and_then(|reply| Some((reply, codes::ftp_reply_kind(u64::from(reply))?))) {
        Some((reply, kind)) if error.kind() == ErrorKind::DataConnection => error.with_kind(kind).with_ftp_reply(reply),
        _ => error,
    }
}

/// `ERROR` to a piece has no reason, and the guide's advice for it is to retry (§3.2).
fn piece_refused(error: Error) -> Error {
    match error.kind() {
        ErrorKind::ModuleRefused => error.with_kind(ErrorKind::DataConnection),
        _ => error,
    }
}

/// Checks that the module has not ended the upload by itself.
fn check_running(wire: &mut Wire) -> Result<()> {
    match wire.inbox().take(&RESULT) {
        Some(_) => Err(ended_by_module(wire)),
        None => Ok(()),
    }
}

//! The other way to move files: FTPRETR and FTPSTOR, streams that are coded instead of counted.

use std::io::{Read, Write};

use super::Fibocom;
use super::coding::{self, Decoder, END};
use super::download::{Requests, assurance, not_fetched};
use super::facts::{BINARY, PATH, RESULT_LIMIT};
use super::recovery::Activity;
use super::results::{DATA, DONE, await_stored, ended_by_module, run};
use crate::at::{Command, Pattern, Sink, Upload};
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::driver::{Part, Source};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Store, Transfer};

const RETRIEVED: Pattern = Pattern::Prefix("+FTPRETR");
const STORED: Pattern = Pattern::Prefix("+FTPSTOR");

/// Number of bytes of a file that are coded and sent at a time. Between two pieces the driver looks for what the
/// module says.
const PIECE: usize = 512;
/// Number of the last bytes that are believed only when the stream has ended. What a module says that restarts in the
/// middle would otherwise pass for the file's.
const HELD_BACK: usize = 512;

impl Fibocom {
    /// Downloads as [`FtpModem::retrieve`](crate::FtpModem::retrieve) does, but by FTPRETR (L610 guide V1.0.0 §3.2):
    /// the file comes in one stream, not through the module's cache. It is faster where the serial line is the
    /// bottleneck. But nothing makes the module stop: behind a cancellation the next call waits for the end of the
    /// file, and a writer that fails takes effect there. The number of bytes is checked against the size that the
    /// server states.
    ///
    /// # Errors
    /// As [`FtpModem::retrieve`](crate::FtpModem::retrieve).
    pub fn retrieve_streamed(&mut self, path: &str, what: &Retrieve, writer: &mut dyn Write) -> Result<Transfer> {
        self.retrieve_by(path, what, writer, |dialect, cx, path, part, sink| {
            if part.most() > 0 {
                stream_out(cx, &mut dialect.requests, path, part, sink)?;
            }
            assurance(part, sink.written())
        })
    }

    /// Uploads as [`FtpModem::store`](crate::FtpModem::store) does, but by FTPSTOR (L610 guide V1.0.0 §3.2 note 6): in
    /// one stream, in which each 0x03 and 0x10 takes two bytes. Nothing counts the bytes on their way, so the result
    /// is [`Unconfirmed`](crate::modem::Assurance::Unconfirmed).
    ///
    /// # Errors
    /// As [`FtpModem::store`](crate::FtpModem::store).
    pub fn store_streamed(&mut self, path: &str, how: &Store, reader: &mut dyn Read) -> Result<Transfer> {
        self.store_by(path, how, reader, |dialect, cx, path, source| {
            stream_in(cx, &mut dialect.activity, path, source)?;
            Ok(Assurance::Unconfirmed)
        })
    }
}

/// Requests a file in the guide's form, which is its name alone, or with the arguments of the MC66x SDK where it is not
/// all of it, and takes the stream.
fn stream_out(cx: &mut Context, requests: &mut Requests, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<()> {
    let whole = || Command::set("+FTPRETR").text(&PATH, path);
    let begun = match part.offset == 0 && !part.ends_early() {
        true => run(cx, whole(), &RETRIEVED),
        false => requests.run_on_part(cx, || whole().number(BINARY).number(part.offset), part, &RETRIEVED),
    };
    if begun?.number(0) != Some(DATA) {
        return Err(not_fetched(&cx.engine, part, 0));
    }
    let mut arrival = Arrival::new(sink, part.most());
    let outcome = cx.engine.payload().stream(RESULT_LIMIT, |bytes| arrival.take(bytes));
    outcome.map_err(|error| match error.kind() {
        // The module goes on all the same. Coding makes two bytes of one, at most.
        ErrorKind::Cancelled => {
            cx.engine.break_off(None, error, part.rest().map_or(u64::MAX, |rest| rest.saturating_mul(2)))
        }
        _ => error,
    })?;
    let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
    match cx.engine.result(&RETRIEVED, deadline)?.number(0) {
        Some(DONE) => arrival.check(part),
        _ => Err(not_fetched(&cx.engine, part, arrival.sink.written())),
    }
}

/// Stores all of `source` in one stream; also the only form for an empty file.
pub(super) fn stream_in(cx: &mut Context, activity: &mut Activity, path: &str, source: &mut Source<'_>) -> Result<()> {
    send_stream(cx, path, source).map_err(|error| {
        // The module has said that the stream is over, or that it does not begin.
        let is_over = matches!(error.kind(), ErrorKind::ServerRefused | ErrorKind::InvalidInput);
        if is_over || is_refusal(error.kind()) {
            return error;
        }
        *activity = Activity::Stream;
        activity.abandon(cx, error)
    })
}

fn send_stream(cx: &mut Context, path: &str, source: &mut Source<'_>) -> Result<()> {
    let result = run(cx, Command::set("+FTPSTOR").text(&PATH, path), &STORED)?;
    if result.number(0) != Some(DATA) {
        return Err(cx.engine.error(ErrorKind::ServerRefused, "the module gives no reason"));
    }
    let sent = send_coded(cx, source)?;
    await_stored(&mut cx.engine, &STORED, sent)?;
    source.take(sent);
    Ok(())
}

/// Sends the coded stream with its end. Returns the number of bytes of the file; nothing acknowledges them on their
/// way.
fn send_coded(cx: &mut Context, source: &mut Source<'_>) -> Result<u64> {
    let mut upload = Upload::without_command(&mut cx.engine);
    let mut piece = [0; PIECE];
    let mut coded = Vec::with_capacity(2 * PIECE);
    let mut sent = 0;
    loop {
        let filled = source.fill(&mut piece)?;
        if filled == 0 {
            upload.write(&[END], RESULT_LIMIT)?;
            return Ok(sent);
        }
        let _ = upload.wire().glance()?;
        if upload.wire().inbox().take(&STORED).is_some() {
            return Err(ended_by_module(upload.wire()));
        }
        coded.clear();
        coding::encode(piece.get(..filled).unwrap_or_default(), &mut coded);
        sent += filled as u64;
        source.announce(upload.wire(), sent);
        source.begin();
        upload.write(&coded, RESULT_LIMIT)?;
    }
}

/// A coded stream on its way to the caller's writer.
struct Arrival<'a, 's> {
    sink: &'a mut Sink<'s>,
    decoder: Decoder,
    decoded: Vec<u8>,
    /// Number of bytes that are still wanted.
    left: u64,
    /// Whether more bytes came than were wanted.
    has_surplus: bool,
}

impl<'a, 's> Arrival<'a, 's> {
    fn new(sink: &'a mut Sink<'s>, most: u64) -> Self {
        Arrival { sink, decoder: Decoder::default(), decoded: Vec::new(), left: most, has_surplus: false }
    }

    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let (used, has_ended) = self.decoder.decode(bytes, &mut self.decoded);
        let held = if has_ended { 0 } else { HELD_BACK };
        self.pass_on(self.decoded.len().saturating_sub(held));
        (used, has_ended)
    }

    fn pass_on(&mut self, count: usize) {
        let wanted = usize::try_from(self.left).map_or(count, |left| left.min(count));
        self.sink.put(self.decoded.get(..wanted).unwrap_or_default());
        self.left -= wanted as u64;
        self.has_surplus |= count > wanted;
        self.decoded.drain(..count);
    }

    /// Checks a stream that has come to its end.
    fn check(&mut self, part: Part) -> Result<()> {
        self.sink.check()?;
        if self.decoder.is_corrupt() || (self.has_surplus && !part.ends_early()) {
            let detail = "bytes were lost or added on the way, or the file has changed meanwhile";
            return Err(Error::new(ErrorKind::VerificationFailed, detail));
        }
        Ok(())
    }
}

//! Uploads: FTPPUT, piece by piece.

use std::io::Read;

use super::connection::{Doubt, is_loss, leaves_open};
use super::download::BINARY;
use super::{BLOCK_LIMITS, DATA, DONE, Fibocom, PATH, RESULT_LIMIT, WRITE_BLOCK};
use crate::at::{Command, Drain, Event, Expect, Pattern};
use crate::backend::sent::Sent;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Store, StoreMode, Transfer};

/// The end of the file; an unasked `+FTPPUT: 0` is its early one. `+FTPPUT: 2,n` is an answer.
const RESULT: Pattern = Pattern::Prefix("+FTPPUT");

/// Whether `how` is a way that FTPPUT and FTPSTOR have. Only the SDK of the MC66x names an offset; one that is not obeyed would
/// destroy what the server has.
pub(super) fn supported(how: &Store) -> Result<()> {
    if matches!(how.mode, StoreMode::Create | StoreMode::At(0)) {
        return Ok(());
    }
    let detail = "neither appending nor continuing an upload is documented for Fibocom modules";
    Err(Error::new(ErrorKind::Unsupported, detail))
}

/// Whether the source yielded as many bytes as it was said to.
pub(super) fn as_announced(how: &Store, sent: u64) -> Result<()> {
    match how.length {
        Some(length) if length != sent => {
            let detail = format!("the source yielded {sent} bytes, {length} were announced");
            Err(Error::new(ErrorKind::LocalIo, detail).with_transferred(sent))
        }
        _ => Ok(()),
    }
}

impl Fibocom {
    pub(super) fn upload(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.engine.forget(&RESULT);
        let mut sent = Sent::default();
        match self.pieces(path, source, &mut sent) {
            Ok(()) => {
                let sent = sent.taken();
                as_announced(how, sent)?;
                self.has_uploaded = sent > 0;
                Ok(Transfer::new(sent, Assurance::ModuleCount))
            }
            // There is no command that ends an upload but closing the session.
            Err(error) => {
                let error = self.give_up(error);
                Err(sent.told(&self.engine, error))
            }
        }
    }

    fn pieces(&mut self, path: &str, source: &mut dyn Read, sent: &mut Sent) -> Result<()> {
        let mut source = Drain::new(source);
        // The last piece has to be sent as such, so one is always read ahead.
        let mut piece = vec![0; WRITE_BLOCK];
        let mut next = vec![0; WRITE_BLOCK];
        let mut filled = source.fill(&mut piece)?;
        if filled == 0 {
            // FTPPUT has no form for an empty file.
            return self.stream_in(path, &mut std::io::empty()).map(drop);
        }
        let strays = self.engine.strays();
        loop {
            let ahead = source.fill(&mut next)?;
            let mut rest = piece.get(..filled).unwrap_or_default();
            while !rest.is_empty() {
                // No more than the module was seen to take: a last piece that it cuts short ends the file too early.
                let (now, later) = rest.split_at(rest.len().min(self.write_block));
                let is_last = ahead == 0 && later.is_empty();
                let taken = self.put(path, now, is_last, sent)?;
                // A line end within the command ends it early: the rest of it is payload then, and payload a command.
                self.engine.nothing_stray_since(strays)?;
                rest = rest.get(taken..).unwrap_or_default();
                if is_last && !rest.is_empty() {
                    let detail = format!("the module took only {taken} of the last {} bytes", now.len());
                    return Err(self.engine.error(ErrorKind::Incomplete, detail));
                }
            }
            if ahead == 0 {
                return self.finish(&RESULT);
            }
            std::mem::swap(&mut piece, &mut next);
            filled = ahead;
        }
    }

    /// Sends one piece; returns how many of its bytes the module asked for.
    fn put(&mut self, path: &str, bytes: &[u8], is_last: bool, sent: &mut Sent) -> Result<usize> {
        // An upload that the module has ended would begin anew with this piece.
        self.engine.look()?;
        self.still_going()?;
        let command = Command::set("+FTPPUT")
            .text(&PATH, path)
            .number(bytes.len() as u64)
            .number(u8::from(is_last))
            .number(BINARY);
        self.doubt = Some(Doubt::Piece(bytes.len() as u64));
        sent.announce(&self.engine, bytes.len() as u64);
        // ERROR here has no reason, and the guide's advice for it is to try again (§3.2).
        let asked = self.go_ahead(command, bytes.len()).map_err(|error| match error.kind() {
            ErrorKind::ModuleRefused => error.with_kind(ErrorKind::DataConnection),
            _ => error,
        });
        if !asked.as_ref().is_err_and(|error| leaves_open(error.kind()) || is_loss(error.kind())) {
            self.doubt = None;
        }
        let wanted = asked?;
        let piece = bytes.get(..wanted).unwrap_or(bytes);
        sent.begin();
        self.engine.send_payload(piece, piece.len() as u64, BLOCK_LIMITS.inactivity)?;
        let limit = BLOCK_LIMITS.acknowledgement + self.engine.line_time(piece.len() as u64);
        let deadline = self.engine.deadline(Phase::Acknowledgement, limit);
        let _ = self.engine.acknowledgement(deadline).map_err(|error| match error.kind() {
            ErrorKind::ModuleRefused => error.with_kind(ErrorKind::DataConnection),
            _ => error,
        })?;
        sent.take(wanted as u64);
        // A number that was damaged on its way: perhaps the module still waits for the rest.
        sent.announce(&self.engine, (bytes.len() - wanted) as u64);
        if wanted < bytes.len() {
            self.write_block = wanted;
        }
        // Between two pieces there is no result, unless it is a failure.
        if !is_last {
            self.still_going()?;
        }
        Ok(wanted)
    }

    /// Sends FTPPUT and waits for `+FTPPUT: 2,n`, which comes before any OK (guide §3.3). Returns how many bytes the module wants,
    /// at most `offered`.
    fn go_ahead(&mut self, command: Command, offered: usize) -> Result<usize> {
        let deadline = self.engine.start(command, Phase::Prompt, BLOCK_LIMITS.announcement)?;
        loop {
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Information(line) => {
                    let wanted = line.number(1).filter(|_| line.number(0) == Some(DATA));
                    let wanted = wanted.and_then(|wanted| usize::try_from(wanted).ok());
                    return match wanted {
                        Some(wanted @ 1..) if wanted <= offered => Ok(wanted),
                        _ => {
                            let said = self.engine.shown(line.bytes());
                            Err(self.engine.protocol(format!("{offered} bytes were offered, the module said {said}")))
                        }
                    };
                }
                // An `OK` here is the answer to a command that fails; why, says the result.
                Event::Acknowledged => {
                    self.finish(&RESULT)?;
                    return Err(self.engine.protocol("the module has stored the file without its data"));
                }
                // A failure, before the `ERROR` that it explains.
                Event::Unsolicited => {}
                _ => return Err(self.engine.protocol("expected the line that asks for the data")),
            }
        }
    }

    /// Whether the module has not ended the upload by itself.
    fn still_going(&mut self) -> Result<()> {
        match self.engine.take(&RESULT) {
            Some(_) => Err(self.engine.error(ErrorKind::DataConnection, "the module ended the upload by itself")),
            None => Ok(()),
        }
    }

    /// Waits for the result, without which the file is not stored.
    pub(super) fn finish(&mut self, result: &Pattern) -> Result<()> {
        let deadline = self.engine.deadline(Phase::Result, RESULT_LIMIT);
        match self.engine.verdict(result, deadline)?.number(0) {
            Some(DONE) => Ok(()),
            _ => Err(self.engine.error(ErrorKind::ServerRefused, "the module gives no reason")),
        }
    }
}

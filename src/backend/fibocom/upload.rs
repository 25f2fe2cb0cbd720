//! Uploads: FTPPUT, piece by piece.

use std::io::Read;

use super::{BLOCK_LIMITS, COMMAND_LIMIT, DATA, DONE, Fibocom, PATH, RESULT_LIMIT, WRITE_BLOCK};
use crate::at::{Command, Drain, Pattern};
use crate::backend::exchange::{self, is_refusal};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Store, StoreMode, Transfer};

/// The end of the file; an unasked `+FTPPUT: 0` is its early one. `+FTPPUT: 2,n` is an answer.
const RESULT: Pattern = Pattern::Prefix("+FTPPUT");
/// `type` of FTPPUT: left out it is not proven to be binary (the guide's table even shows 0, ASCII).
const BINARY: u8 = 1;
/// What ends the data of FTPSTOR (guide §3.2 note 6).
const END_OF_TEXT: &[u8] = &[0x03];

impl Fibocom {
    pub(super) fn upload(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        if !matches!(how.mode, StoreMode::Create | StoreMode::At(0)) {
            let detail = "neither appending nor continuing an upload is documented for Fibocom modules";
            return Err(Error::new(ErrorKind::Unsupported, detail));
        }
        PATH.check(path)?;
        self.engine.forget(&RESULT);
        let mut sent = 0;
        match self.pieces(path, source, &mut sent) {
            Ok(()) if how.length.is_some_and(|length| length != sent) => {
                let detail =
                    format!("the source yielded {sent} bytes, {} were announced", how.length.unwrap_or_default());
                Err(Error::new(ErrorKind::LocalIo, detail).with_transferred(sent))
            }
            Ok(()) => Ok(Transfer::new(sent, Assurance::ModuleCount)),
            Err(error) => Err(self.abandon(error).with_transferred(sent)),
        }
    }

    fn pieces(&mut self, path: &str, source: &mut dyn Read, sent: &mut u64) -> Result<()> {
        let mut source = Drain::new(source);
        // The last piece has to be sent as such, so one is always read ahead.
        let mut piece = vec![0; WRITE_BLOCK];
        let mut next = vec![0; WRITE_BLOCK];
        let mut filled = source.fill(&mut piece)?;
        if filled == 0 {
            return self.store_nothing(path);
        }
        loop {
            let ahead = source.fill(&mut next)?;
            let is_last = ahead == 0;
            let mut rest = piece.get(..filled).unwrap_or_default();
            while !rest.is_empty() {
                let taken = self.put(path, rest, is_last)?;
                *sent += taken as u64;
                rest = rest.get(taken..).unwrap_or_default();
                if taken == 0 || (is_last && !rest.is_empty()) {
                    let detail = format!("the module took {taken} bytes, {} were offered", taken + rest.len());
                    return Err(self.engine.error(ErrorKind::Incomplete, detail));
                }
            }
            if is_last {
                return self.finish(&RESULT);
            }
            std::mem::swap(&mut piece, &mut next);
            filled = ahead;
        }
    }

    /// Sends one piece; returns how many of its bytes the module asked for.
    fn put(&mut self, path: &str, bytes: &[u8], is_last: bool) -> Result<usize> {
        let command = Command::set("+FTPPUT")
            .text(&PATH, path)
            .number(bytes.len() as u64)
            .number(u8::from(is_last))
            .number(BINARY);
        let taken = exchange::write_announced(&mut self.engine, command, 1, bytes, BLOCK_LIMITS);
        // ERROR here has no reason, and the guide's advice for it is to try again (§3.2).
        let taken = taken.map_err(|error| match is_refusal(error.kind()) {
            true => error.with_kind(ErrorKind::DataConnection),
            false => error,
        })?;
        // Between two pieces there is no result, unless it is a failure.
        if !is_last && self.engine.take(&RESULT).is_some() {
            return Err(self.engine.error(ErrorKind::DataConnection, "the module ended the upload by itself"));
        }
        Ok(taken)
    }

    /// Waits for the result, without which the file is not stored.
    fn finish(&mut self, result: &Pattern) -> Result<()> {
        let deadline = self.engine.deadline(Phase::Verdict, RESULT_LIMIT);
        match self.engine.verdict(result, deadline)?.number(0) {
            Some(DONE) => Ok(()),
            _ => Err(self.engine.error(ErrorKind::ServerRefused, "the module gives no reason")),
        }
    }

    /// Stores an empty file, which FTPPUT has no form for: an FTPSTOR that ends at once.
    fn store_nothing(&mut self, path: &str) -> Result<()> {
        let result = Pattern::Prefix("+FTPSTOR");
        let command = Command::set("+FTPSTOR").text(&PATH, path);
        let verdict = self.engine.perform(command, COMMAND_LIMIT, &result, RESULT_LIMIT)?;
        if verdict.number(0) != Some(DATA) {
            return Err(self.engine.error(ErrorKind::ServerRefused, "the module gives no reason"));
        }
        self.engine.send_payload(END_OF_TEXT, END_OF_TEXT.len() as u64, RESULT_LIMIT)?;
        self.finish(&result)
    }

    /// Ends an upload that cannot go on. There is no command for that but closing the session; the next operation opens it
    /// again.
    fn abandon(&mut self, error: Error) -> Error {
        let gone = matches!(error.kind(), ErrorKind::PortLost | ErrorKind::ModuleRestarted | ErrorKind::BearerLost);
        self.session.lost();
        if gone || error.kind() == ErrorKind::InvalidInput || self.close().is_ok() {
            error
        } else {
            error.module_left_unusable()
        }
    }
}

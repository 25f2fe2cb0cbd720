//! Uploads: MFTPSTOR and MFTPAPPE, piece by piece behind a prompt.

use std::io::Read;

use super::{ChinaMobile, GUARD, PATH, WRITE_BLOCK};
use crate::at::{Command, Drain, Event, Expect, Verdict};
use crate::backend::sent::Sent;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Store, StoreMode, Transfer};

/// The two commands that write, which are also the prefix of their results.
const STORE: &str = "+MFTPSTOR";
const APPEND: &str = "+MFTPAPPE";

impl ChinaMobile {
    pub(super) fn upload(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        PATH.check(path)?;
        let writer = match how.mode {
            StoreMode::Create | StoreMode::At(0) => STORE,
            StoreMode::Append => APPEND,
            StoreMode::At(offset) => match self.entry(path)?.size {
                Some(size) if size == offset => APPEND,
                size => {
                    let size = size.map_or("no".to_owned(), |size| size.to_string());
                    let detail = format!("the file has {size} bytes, so it cannot be continued at {offset}");
                    return Err(Error::new(ErrorKind::InvalidInput, detail));
                }
            },
        };
        self.use_files(false)?;
        self.engine.forget(&self.ours(writer));
        let mut sent = Sent::default();
        if let Err(error) = self.pieces(writer, path, source, &mut sent) {
            let error = self.abandon(error);
            return Err(sent.told(&self.engine, error));
        }
        let sent = sent.taken();
        if let Some(length) = how.length.filter(|length| *length != sent) {
            let detail = format!("the source yielded {sent} bytes, {length} were announced");
            return Err(Error::new(ErrorKind::LocalIo, detail).with_transferred(sent));
        }
        // What the module says of an empty file is no count; it was looked for at the server.
        Ok(Transfer::new(sent, if sent > 0 { Assurance::ModuleCount } else { Assurance::ServerSize }))
    }

    fn pieces(&mut self, writer: &'static str, path: &str, source: &mut dyn Read, sent: &mut Sent) -> Result<()> {
        let mut source = Drain::new(source);
        // The last piece has to be sent as such, so one is always read ahead.
        let mut piece = vec![0; WRITE_BLOCK];
        let mut next = vec![0; WRITE_BLOCK];
        let mut filled = source.fill(&mut piece)?;
        if filled == 0 {
            return self.write_nothing(writer, path);
        }
        loop {
            let ahead = source.fill(&mut next)?;
            let bytes = piece.get(..filled).unwrap_or_default();
            // Blocked before anything was sent.
            if sent.taken() == 0 {
                self.patiently(|module| module.write(writer, path, bytes, ahead == 0, sent))?;
            } else {
                self.write(writer, path, bytes, ahead == 0, sent)?;
            }
            let told = self.result(writer)?.number(2);
            // Whether the count is of the piece or of all so far is not said.
            if told.is_some_and(|told| told != filled as u64 && told != sent.taken() + filled as u64) {
                let detail = format!("sent {filled} bytes, the module says it took {}", told.unwrap_or_default());
                return Err(self.engine.error(ErrorKind::Incomplete, detail));
            }
            sent.take(filled as u64);
            if ahead == 0 {
                return Ok(());
            }
            std::mem::swap(&mut piece, &mut next);
            filled = ahead;
        }
    }

    /// Announces a piece, waits for the prompt, sends it, and waits for `OK`.
    fn write(&mut self, writer: &'static str, path: &str, bytes: &[u8], is_last: bool, sent: &mut Sent) -> Result<()> {
        let count = bytes.len() as u64;
        sent.announce(&self.engine, count);
        let command = Command::set(writer).number(self.number()).text(&PATH, path);
        let command = command.number(u8::from(is_last)).number(count);
        let deadline = self.engine.start(command, Phase::Prompt, self.result_limit())?;
        let result = self.ours(writer);
        loop {
            match self.engine.next_event(Expect::Prompt, deadline) {
                Ok(Event::Prompt) => break,
                Ok(Event::Unsolicited) => {
                    if let Some(line) = self.engine.take(&result).filter(|line| line.number(1) != Some(1)) {
                        let _ = self.engine.acknowledgement(deadline)?;
                        return self.refused(&Verdict(line));
                    }
                }
                Ok(Event::Acknowledged) => {
                    let deadline = self.engine.deadline(Phase::Result, self.result_limit());
                    let verdict = self.engine.verdict(&result, deadline)?;
                    return self.refused(&verdict);
                }
                Ok(_) => return Err(self.engine.protocol("expected the prompt")),
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    // Perhaps the prompt was lost: then the module waits for what it was promised.
                    self.engine.owe(count);
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        let limit = self.result_limit();
        sent.begin();
        self.engine.send_payload(bytes, count, limit)?;
        // It may come behind the result.
        let deadline = self.engine.deadline(Phase::Acknowledgement, limit + self.engine.line_time(count));
        self.engine.acknowledgement(deadline).map(drop)
    }

    /// The error of a result in place of the prompt.
    fn refused(&mut self, verdict: &Verdict) -> Result<()> {
        self.succeeded(verdict)?;
        Err(self.engine.protocol("a result without data"))
    }

    /// Waits for the result of a piece.
    fn result(&mut self, writer: &'static str) -> Result<Verdict> {
        let deadline = self.engine.deadline(Phase::Result, self.result_limit());
        loop {
            let verdict = self.engine.verdict(&self.ours(writer), deadline)?;
            if verdict.number(1) != Some(1) {
                self.succeeded(&verdict)?;
                return Ok(verdict);
            }
        }
    }

    /// Stores an empty file, which has no counted form: transparent mode is left again at once. Its result is not always told,
    /// so the file is looked for.
    fn write_nothing(&mut self, writer: &'static str, path: &str) -> Result<()> {
        let command = Command::set(writer).number(self.number()).text(&PATH, path);
        let limit = self.result_limit();
        let deadline = self.engine.start(command, Phase::Prompt, limit)?;
        loop {
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Connected(_) => break,
                Event::Unsolicited => {}
                _ => return Err(self.engine.protocol("expected CONNECT")),
            }
        }
        self.engine.escape_to_end(GUARD, limit)?;
        match self.entry(path) {
            Ok(entry) if entry.size == Some(0) || writer == APPEND => Ok(()),
            Ok(_) => Err(self.engine.error(ErrorKind::Incomplete, "the file is not empty afterwards")),
            Err(error) if error.kind() == ErrorKind::Unavailable => Err(error.with_kind(ErrorKind::Incomplete)),
            Err(error) => Err(error),
        }
    }
}

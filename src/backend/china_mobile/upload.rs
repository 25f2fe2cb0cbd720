//! Uploads: MFTPSTOR and MFTPAPPE, piece by piece behind a prompt.

use std::io::Read;

use super::{COMMAND_LIMIT, CONNECTION, CONNECTION_FIELD, ChinaMobile, GUARD, PATH, RESULT_LIMIT, WRITE_BLOCK};
use crate::at::{Command, Drain, Event, Expect, Pattern, Verdict};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Store, StoreMode, Transfer};

/// The two commands that write.
#[derive(Clone, Copy)]
struct Writer {
    command: &'static str,
    result: Pattern,
}

const STORE: Writer = Writer { command: "+MFTPSTOR", result: Pattern::Fields("+MFTPSTOR", CONNECTION_FIELD) };
const APPEND: Writer = Writer { command: "+MFTPAPPE", result: Pattern::Fields("+MFTPAPPE", CONNECTION_FIELD) };

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
        self.engine.forget(&writer.result);
        let mut sent = 0;
        let outcome = self.pieces(writer, path, source, &mut sent);
        outcome.map_err(|error| self.abandon(error).with_transferred(sent))?;
        if let Some(length) = how.length.filter(|length| *length != sent) {
            let detail = format!("the source yielded {sent} bytes, {length} were announced");
            return Err(Error::new(ErrorKind::LocalIo, detail).with_transferred(sent));
        }
        Ok(Transfer::new(sent, Assurance::ModuleCount))
    }

    fn pieces(&mut self, writer: Writer, path: &str, source: &mut dyn Read, sent: &mut u64) -> Result<()> {
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
            self.write(writer, path, bytes, ahead == 0)?;
            *sent += filled as u64;
            let told = self.result(writer)?.number(2);
            // Whether the count is of the piece or of all so far is not said.
            if told.is_some_and(|told| told != filled as u64 && told != *sent) {
                let detail = format!("sent {filled} bytes, the module says it took {}", told.unwrap_or_default());
                return Err(self.engine.error(ErrorKind::Incomplete, detail));
            }
            if ahead == 0 {
                return Ok(());
            }
            std::mem::swap(&mut piece, &mut next);
            filled = ahead;
        }
    }

    /// Announces a piece, waits for the prompt, sends it, and waits for `OK`.
    fn write(&mut self, writer: Writer, path: &str, bytes: &[u8], is_last: bool) -> Result<()> {
        let count = bytes.len() as u64;
        let command = Command::set(writer.command).number(CONNECTION).text(&PATH, path);
        let command = command.number(u8::from(is_last)).number(count);
        let deadline = self.engine.start(command, Phase::Prompt, RESULT_LIMIT)?;
        loop {
            match self.engine.next_event(Expect::Prompt, deadline) {
                Ok(Event::Prompt) => break,
                Ok(Event::Unsolicited) => {
                    if let Some(line) = self.engine.take(&writer.result) {
                        self.engine.settle();
                        self.succeeded(&Verdict(line))?;
                        return Err(self.engine.protocol("a result without data"));
                    }
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
        self.engine.send_payload(bytes, count, RESULT_LIMIT)?;
        let deadline = self.engine.deadline(Phase::Acknowledgement, COMMAND_LIMIT + self.engine.line_time(count));
        self.engine.acknowledgement(deadline).map(drop)
    }

    /// Waits for the result of a piece.
    fn result(&mut self, writer: Writer) -> Result<Verdict> {
        let deadline = self.engine.deadline(Phase::Verdict, RESULT_LIMIT);
        loop {
            let verdict = self.engine.verdict(&writer.result, deadline)?;
            if verdict.number(1) != Some(1) {
                self.succeeded(&verdict)?;
                return Ok(verdict);
            }
        }
    }

    /// Stores an empty file, which has no counted form: transparent mode is left again at once.
    fn write_nothing(&mut self, writer: Writer, path: &str) -> Result<()> {
        let command = Command::set(writer.command).number(CONNECTION).text(&PATH, path);
        let deadline = self.engine.start(command, Phase::Prompt, RESULT_LIMIT)?;
        loop {
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Connected(_) => return self.engine.escape_to_end(GUARD, RESULT_LIMIT),
                Event::Unsolicited => {}
                _ => return Err(self.engine.protocol("expected CONNECT")),
            }
        }
    }
}

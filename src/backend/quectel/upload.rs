//! Uploads: QFTPPUT from the port, counted.

use std::io::Read;

use super::{COMMAND_LIMIT, GUARD, PATH, Quectel, RESULT_LIMIT, without_result};
use crate::at::{Command, Drain, Event, Expect, Flow, Pattern, Verdict};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Store, StoreMode, Transfer};

const RESULT: Pattern = Pattern::Prefix("+QFTPPUT");
const FROM_PORT: &str = "\"COM:\"";

/// How much is read from the source and written to the port at a time; in between the module is listened to.
const CHUNK: usize = 16 * 1024;
/// How much of a source of unknown length is announced at a time.
const PIECE: usize = 64 * 1024;
/// Up to so many missing bytes are made up with zeros; it takes less time than to escape.
const MADE_UP: u64 = 16 * 1024;

impl Quectel {
    pub(super) fn upload(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        PATH.check(path)?;
        let start = self.start_position(path, how.mode)?;
        let mut sent = 0;
        let mut source = Drain::new(source);
        let outcome = match how.length {
            Some(0) => self.put_nothing(path, start),
            Some(length) => self.put_whole(path, start, length, &mut source, &mut sent),
            None => self.put_pieces(path, start, &mut source, &mut sent),
        };
        outcome.map_err(|error| self.abandon(error, Flow::ToModule).with_transferred(sent))?;
        if start == 0 {
            return Ok(Transfer::new(sent, Assurance::ModuleCount));
        }
        // A start position appends on some platforms and seeks on others: only the size tells that both came to the same.
        let size = self.told_size(path)?;
        if size == start + sent {
            return Ok(Transfer::new(sent, Assurance::ServerSize));
        }
        let detail = format!("the file has {size} bytes now, expected {}", start + sent);
        Err(self.engine.error(ErrorKind::VerificationFailed, detail).with_transferred(sent))
    }

    /// Where the file is to be continued.
    fn start_position(&mut self, path: &str, mode: StoreMode) -> Result<u64> {
        match mode {
            StoreMode::Create | StoreMode::At(0) => Ok(0),
            StoreMode::Append => match self.told_size(path) {
                Err(error) if error.kind() == ErrorKind::Unavailable => Ok(0),
                other => other,
            },
            StoreMode::At(offset) => match self.told_size(path)? {
                size if size == offset => Ok(offset),
                size => {
                    let detail = format!("the file has {size} bytes, so it cannot be continued at {offset}");
                    Err(Error::new(ErrorKind::InvalidInput, detail))
                }
            },
        }
    }

    /// One counted transfer for all of it.
    fn put_whole(&mut self, path: &str, start: u64, length: u64, source: &mut Drain<'_>, sent: &mut u64) -> Result<()> {
        self.connect(path, start, length, true)?;
        let mut chunk = vec![0; CHUNK];
        while *sent < length {
            let left = length - *sent;
            let mut size = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            // Never leaves a lone `+++` to be sent between two pauses: it might be taken for the escape.
            if matches!(left - size as u64, 1..=3) {
                size -= 4;
            }
            let room = chunk.get_mut(..size).unwrap_or_default();
            let (filled, failure) = match source.fill(room) {
                Ok(filled) => (filled, None),
                Err(error) => (0, Some(error)),
            };
            if filled < size {
                let detail = format!("the source yielded {} bytes, {length} were announced", *sent + filled as u64);
                let short = failure.unwrap_or_else(|| Error::new(ErrorKind::LocalIo, detail));
                return Err(self.break_promise(left, short));
            }
            self.engine.send_payload(room, left, RESULT_LIMIT)?;
            *sent += filled as u64;
            if *sent < length {
                self.check_still_wanted(length - *sent)?;
            }
        }
        self.finish(length)
    }

    /// Piece after piece, each announced by its length; the last is marked as such, so one is read ahead.
    fn put_pieces(&mut self, path: &str, start: u64, source: &mut Drain<'_>, sent: &mut u64) -> Result<()> {
        let mut piece = vec![0; PIECE];
        let mut next = vec![0; PIECE];
        let mut filled = source.fill(&mut piece)?;
        if filled == 0 {
            return self.put_nothing(path, start);
        }
        loop {
            let ahead = source.fill(&mut next)?;
            self.connect(path, start + *sent, filled as u64, ahead == 0)?;
            let bytes = piece.get(..filled).unwrap_or_default();
            self.engine.send_payload(bytes, filled as u64, RESULT_LIMIT)?;
            self.finish(filled as u64)?;
            *sent += filled as u64;
            if ahead == 0 {
                return Ok(());
            }
            std::mem::swap(&mut piece, &mut next);
            filled = ahead;
        }
    }

    /// An empty file, which has no counted form: data mode is left again at once.
    fn put_nothing(&mut self, path: &str, start: u64) -> Result<()> {
        if start > 0 {
            return Ok(());
        }
        let command = Command::set("+QFTPPUT").text(&PATH, path).literal(FROM_PORT).number(0u8);
        self.enter_data_mode(command)?;
        self.engine.escape_to_end(GUARD, RESULT_LIMIT)?;
        let deadline = self.engine.deadline(Phase::Verdict, RESULT_LIMIT);
        let verdict = self.engine.verdict(&RESULT, deadline).map_err(without_result)?;
        self.counted_result(&verdict, 0)
    }

    fn connect(&mut self, path: &str, start: u64, length: u64, is_last: bool) -> Result<()> {
        let command = Command::set("+QFTPPUT").text(&PATH, path).literal(FROM_PORT);
        self.enter_data_mode(command.number(start).number(length).number(u8::from(is_last)))
    }

    fn enter_data_mode(&mut self, command: Command) -> Result<()> {
        self.engine.forget(&RESULT);
        let deadline = self.engine.start(command, Phase::Prompt, RESULT_LIMIT)?;
        loop {
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Connected(_) => return Ok(()),
                Event::Unsolicited => {
                    if let Some(line) = self.engine.take(&RESULT) {
                        self.engine.settle();
                        return self.refused(&Verdict(line));
                    }
                }
                Event::Acknowledged => {
                    let deadline = self.engine.deadline(Phase::Verdict, RESULT_LIMIT);
                    let verdict = self.engine.verdict(&RESULT, deadline).map_err(without_result)?;
                    return self.refused(&verdict);
                }
                _ => return Err(self.engine.protocol("expected CONNECT")),
            }
        }
    }

    /// The error of a result in place of CONNECT.
    fn refused(&mut self, verdict: &Verdict) -> Result<()> {
        self.succeeded(verdict)?;
        Err(self.engine.protocol("a result without data"))
    }

    /// Makes sure that the module has not left data mode early: what is sent then would be taken for commands.
    fn check_still_wanted(&mut self, left: u64) -> Result<()> {
        let ended = match self.engine.glance() {
            Ok(None | Some(Event::Unsolicited)) => match self.engine.take(&RESULT) {
                None => return Ok(()),
                Some(line) => self.succeeded(&Verdict(line)),
            },
            Ok(Some(_)) => Ok(()),
            Err(error) => Err(error),
        };
        let early =
            || self.engine.error(ErrorKind::DataConnection, format!("the module ended the upload {left} bytes early"));
        let error = ended.err().unwrap_or_else(early);
        self.engine.mark_out_of_step();
        Err(error)
    }

    /// Waits for `OK` and the result behind a counted transfer.
    fn finish(&mut self, count: u64) -> Result<()> {
        let limit = COMMAND_LIMIT + RESULT_LIMIT + self.engine.line_time(CHUNK as u64);
        let deadline = self.engine.deadline(Phase::Acknowledgement, limit);
        let _ = self.engine.acknowledgement(deadline)?;
        let deadline = self.engine.deadline(Phase::Verdict, RESULT_LIMIT);
        let verdict = self.engine.verdict(&RESULT, deadline).map_err(without_result)?;
        self.counted_result(&verdict, count)
    }

    fn counted_result(&mut self, verdict: &Verdict, count: u64) -> Result<()> {
        self.succeeded(verdict)?;
        match verdict.number(1) {
            Some(told) if told == count => Ok(()),
            told => {
                let told = told.map_or("no number".to_owned(), |told| told.to_string());
                let detail = format!("sent {count} bytes, the module says it took {told}");
                Err(self.engine.error(ErrorKind::Incomplete, detail))
            }
        }
    }

    /// `left` bytes were promised and will not come: few are made up, of many the module is relieved by an escape.
    fn break_promise(&mut self, left: u64, error: Error) -> Error {
        let relieved = left > MADE_UP && self.engine.escape(GUARD, Flow::ToModule).is_ok();
        if !relieved {
            self.engine.owe(left);
            if self.engine.resynchronise().is_err() {
                return error.module_left_unusable();
            }
        }
        error
    }
}

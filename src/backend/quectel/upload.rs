//! Uploads: QFTPPUT from the port, counted, and on request uncounted (note §2.5).

use std::io::Read;

use super::settings::FileType;
use super::{COMMAND_LIMIT, GUARD, PATH, Quectel, without_result};
use crate::at::{Command, Drain, Event, Expect, Flow, Pattern, Verdict};
use crate::backend::sent::Sent;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Store, StoreMode, Transfer};

const RESULT: Pattern = Pattern::Prefix("+QFTPPUT");
const FROM_PORT: &str = "\"COM:\"";

/// How much is read from the source and written to the port at a time; in between the module is listened to.
const CHUNK: usize = 16 * 1024;
/// What ends a transfer when it stands alone between two silences (note §1.4); whether counted uploads heed it is not documented.
const ESCAPE: &[u8] = b"+++";
/// How much of a source of unknown length is announced at a time.
const PIECE: usize = 64 * 1024;
/// Up to so many missing bytes are made up with zeros; it takes less time than to escape.
const MADE_UP: u64 = 16 * 1024;
/// How many bytes more than were counted the server may have: what is under way, and what is made up or taken for payload when the
/// upload fails.
const AT_RISK: u64 = CHUNK as u64 + MADE_UP;

impl Quectel {
    pub(super) fn upload(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        let start = self.start_position(path, how.mode)?;
        let mut sent = Sent::default();
        let mut source = Drain::new(source);
        let outcome = match how.length {
            Some(0) => self.put_nothing(path, start),
            Some(length) => self.put_whole(path, start, length, &mut source, &mut sent),
            None => self.put_pieces(path, start, &mut source, &mut sent),
        };
        if let Err(error) = outcome {
            let error = self.abandon(error, Some(Flow::ToModule));
            return Err(sent.told(&self.engine, error));
        }
        self.continued(path, start, sent.taken())
    }

    /// Without lengths: all of the source, then `+++`.
    pub(super) fn upload_uncounted(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        let start = self.start_position(path, how.mode)?;
        let mut sent = 0;
        let mut source = Drain::new(source);
        match self.put_until_escape(path, start, &mut source, &mut sent) {
            Ok(()) => self.continued(path, start, sent),
            // The time-out of an upload without end, whose file may be complete all the same (seen on EC200): the size tells.
            Err(error) if error.kind() == ErrorKind::NetworkTimeout => match self.told_size_if_any(path) {
                Ok(Some(size)) if size == start.saturating_add(sent) => Ok(Transfer::new(sent, Assurance::ServerSize)),
                _ => Err(self.abandon(error, Some(Flow::ToModule)).with_transferred(sent)),
            },
            Err(error) => Err(self.abandon(error, Some(Flow::ToModule)).with_transferred(sent)),
        }
    }

    /// What came of an upload that began at `start`.
    fn continued(&mut self, path: &str, start: u64, sent: u64) -> Result<Transfer> {
        if start == 0 {
            return Ok(Transfer::new(sent, Assurance::ModuleCount));
        }
        // A start position appends on some platforms and seeks on others: only the size tells that both came to the same.
        let size = self.told_size(path).map_err(|error| error.with_transferred(sent))?;
        if size == start.saturating_add(sent) {
            return Ok(Transfer::new(sent, Assurance::ServerSize));
        }
        let detail = format!("the file has {size} bytes now, expected {}", start.saturating_add(sent));
        Err(self.engine.error(ErrorKind::VerificationFailed, detail).with_transferred(sent))
    }

    /// Where the file is to be continued.
    fn start_position(&mut self, path: &str, mode: StoreMode) -> Result<u64> {
        PATH.check(path)?;
        if self.settings.file_type == FileType::Text && !matches!(mode, StoreMode::Create | StoreMode::At(0)) {
            return Err(Error::new(ErrorKind::Unsupported, "files are not continued as text: sizes differ"));
        }
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
    fn put_whole(
        &mut self,
        path: &str,
        start: u64,
        length: u64,
        source: &mut Drain<'_>,
        sent: &mut Sent,
    ) -> Result<()> {
        sent.announce(&self.engine, length.min(AT_RISK));
        self.connect(path, start, length, true)?;
        let mut chunk = vec![0; CHUNK];
        while sent.taken() < length {
            let left = length - sent.taken();
            sent.announce(&self.engine, left.min(AT_RISK));
            let size = chunk_size(left);
            let room = chunk.get_mut(..size).unwrap_or_default();
            let (filled, failure) = match source.fill(room) {
                Ok(filled) => (filled, None),
                Err(error) => (0, Some(error)),
            };
            if filled < size {
                let yielded = sent.taken() + filled as u64;
                let detail = format!("the source yielded {yielded} bytes, {length} were announced");
                let short = failure.unwrap_or_else(|| Error::new(ErrorKind::LocalIo, detail));
                return Err(self.break_promise(left, short));
            }
            // Reading the source may have taken longer than the module waits.
            self.check_still_wanted(left)?;
            sent.begin();
            self.engine.send_payload(room, left, self.result_limit())?;
            sent.take(filled as u64);
        }
        self.finish(length)
    }

    /// Piece after piece, each announced by its length; the last is marked as such, so one is read ahead.
    fn put_pieces(&mut self, path: &str, start: u64, source: &mut Drain<'_>, sent: &mut Sent) -> Result<()> {
        let mut piece = read_piece(source)?;
        if piece.is_empty() {
            return self.put_nothing(path, start);
        }
        loop {
            let mut next = read_piece(source)?;
            if next.len() <= ESCAPE.len() {
                // A last piece that might be a lone `+++` is not sent by itself.
                piece.append(&mut next);
            }
            let count = piece.len() as u64;
            sent.announce(&self.engine, count);
            self.connect(path, start.saturating_add(sent.taken()), count, next.is_empty())?;
            sent.begin();
            self.engine.send_payload(&piece, count, self.result_limit())?;
            self.finish(count)?;
            sent.take(count);
            if next.is_empty() {
                return Ok(());
            }
            piece = next;
        }
    }

    /// Everything, then the escape. One piece is read ahead, so that the last one is never short enough to be taken for it.
    fn put_until_escape(&mut self, path: &str, start: u64, source: &mut Drain<'_>, sent: &mut u64) -> Result<()> {
        let mut piece = read_piece(source)?;
        if piece == ESCAPE {
            return Err(Error::new(ErrorKind::InvalidInput, "the file would be taken for the mark of its end"));
        }
        let command = Command::set("+QFTPPUT").text(&PATH, path).literal(FROM_PORT).number(start);
        self.enter_data_mode(command)?;
        while !piece.is_empty() {
            let mut next = match read_piece(source) {
                Ok(next) => next,
                Err(failure) => {
                    self.engine.mark_out_of_step();
                    return Err(failure);
                }
            };
            if next.len() <= ESCAPE.len() {
                piece.append(&mut next);
            }
            let mut rest = piece.as_slice();
            while !rest.is_empty() {
                self.check_still_wanted(0)?;
                let (chunk, behind) = rest.split_at_checked(chunk_size(rest.len() as u64)).unwrap_or((rest, &[]));
                self.engine.send_payload(chunk, chunk.len() as u64, self.result_limit())?;
                *sent += chunk.len() as u64;
                rest = behind;
            }
            piece = next;
        }
        self.end_by_escape(*sent)
    }

    fn end_by_escape(&mut self, count: u64) -> Result<()> {
        let limit = self.result_limit();
        self.engine.escape_to_end(GUARD, limit)?;
        let deadline = self.engine.deadline(Phase::Result, limit);
        let verdict = self.engine.verdict(&RESULT, deadline).map_err(without_result)?;
        self.counted_result(&verdict, count)
    }

    /// An empty file, which has no counted form: data mode is left again at once.
    fn put_nothing(&mut self, path: &str, start: u64) -> Result<()> {
        if start > 0 {
            return Ok(());
        }
        let command = Command::set("+QFTPPUT").text(&PATH, path).literal(FROM_PORT).number(0u8);
        self.enter_data_mode(command)?;
        self.end_by_escape(0)
    }

    fn connect(&mut self, path: &str, start: u64, length: u64, is_last: bool) -> Result<()> {
        let command = Command::set("+QFTPPUT").text(&PATH, path).literal(FROM_PORT);
        self.enter_data_mode(command.number(start).number(length).number(u8::from(is_last)))
    }

    fn enter_data_mode(&mut self, command: Command) -> Result<()> {
        self.engine.forget(&RESULT);
        let limit = self.result_limit();
        let deadline = self.engine.start(command, Phase::Prompt, limit)?;
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
                    let deadline = self.engine.deadline(Phase::Result, limit);
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
        let limit = COMMAND_LIMIT + self.result_limit() + self.engine.line_time(CHUNK as u64);
        let deadline = self.engine.deadline(Phase::Acknowledgement, limit);
        let _ = self.engine.acknowledgement(deadline)?;
        let deadline = self.engine.deadline(Phase::Result, self.result_limit());
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
    pub(super) fn break_promise(&mut self, left: u64, error: Error) -> Error {
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

/// The next piece of a source of unknown length; a short one is the last.
fn read_piece(source: &mut Drain<'_>) -> Result<Vec<u8>> {
    let mut piece = vec![0; PIECE];
    let filled = source.fill(&mut piece)?;
    piece.truncate(filled);
    Ok(piece)
}

/// How much of `left` bytes to write at once: never so that a lone `+++` is left to be sent between two pauses.
fn chunk_size(left: u64) -> usize {
    let size = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
    if matches!(left - size as u64, 1..=3) { size - ESCAPE.len() - 1 } else { size }
}

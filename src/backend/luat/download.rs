//! Downloads and listings: FTPGET and FTPLIST, which work alike.

use std::io::Write;
use std::time::Duration;

use super::memory::MEMORY;
use super::{BLOCK_LIMITS, Luat, READ_BLOCK, RESULT_LIMIT};
use crate::at::{Command, Pattern, Sink};
use crate::backend::exchange::{self, is_refusal};
use crate::backend::listing_buffer::ListingBuffer;
use crate::backend::path;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

/// How long to wait for more data before asking for it anyway: a module may forget to announce it (780EP log).
const POLL: Duration = Duration::from_millis(500);
/// How long the module may take to notice, after the last byte, that the server has closed.
const CLOSING: Duration = Duration::from_secs(2);

/// The two commands that read.
struct Reader {
    command: &'static str,
    result: Pattern,
}

const GET: Reader = Reader { command: "+FTPGET", result: Pattern::Fields("+FTPGET", &["1"]) };
const LIST: Reader = Reader { command: "+FTPLIST", result: Pattern::Fields("+FTPLIST", &["1"]) };

/// What the module has said about the session so far.
enum Session {
    Open,
    /// `1,0`: the server's side is finished. It does not mean that all data were read (780EP log: 42 bytes were left).
    Finished,
}

impl Luat {
    pub(super) fn download(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        let file = path::file(&self.directory, path)?;
        if !self.binary {
            // The size would not show it (SIM7000 AT manual V1.06, FTPTYPE: in ASCII every byte loses its top bit).
            let detail = "this firmware has no FTPTYPE, so a download may change bytes";
            return Err(Error::new(ErrorKind::Unsupported, detail));
        }
        self.point_to(&file)?;
        let size = if what.size.is_some() { what.size } else { self.known_size()? };
        let rest = match size {
            Some(size) if what.offset > size => {
                let detail = format!("offset {} is beyond the file's {size} bytes", what.offset);
                return Err(Error::new(ErrorKind::InvalidInput, detail));
            }
            size => size.map(|size| size - what.offset),
        };
        let expected = match (rest, what.length) {
            (Some(rest), Some(length)) => Some(rest.min(length)),
            (rest, None) => rest,
            // The length may reach beyond the end, which only the size could tell.
            (None, Some(_)) => None,
        };
        if expected == Some(0) {
            // What a module answers to an offset at the end of the file is not documented (74, or an empty download).
            return Ok(Transfer::new(0, Assurance::ServerSize));
        }
        // Whether a finished session clears the restart offset is not documented: only a 0 is known to hold.
        if (self.restart, what.offset) != (Some(0), 0) {
            self.restart = None;
            self.set(Command::set("+FTPREST").number(what.offset))?;
            self.restart = Some(what.offset);
        }

        let mut sink = Sink::new(sink);
        let fetched = match (rest.filter(|rest| self.uses_memory && *rest <= MEMORY), expected) {
            (Some(rest), Some(wanted)) => self.fetch_by_memory(rest, wanted, &mut sink),
            _ => self.read_session(&GET, expected, what.length, &mut sink),
        };
        fetched.map_err(|error| sink.told(error))?;
        let assurance = if expected.is_some() { Assurance::ServerSize } else { Assurance::Unconfirmed };
        Ok(Transfer::new(sink.written(), assurance))
    }

    pub(super) fn listing(&mut self, path: &str) -> Result<Vec<u8>> {
        let directory = path::join(&self.directory, path);
        self.set(Command::set("+FTPGETPATH").text(&self.profile.get_path, &directory))?;
        let mut text = ListingBuffer::default();
        let mut sink = Sink::new(&mut text);
        let unclaimed = self.engine.unclaimed();
        self.read_session(&LIST, None, None, &mut sink)?;
        let text = text.into_bytes();
        if text.trim_ascii().is_empty() {
            self.engine.nothing_unclaimed_since(unclaimed)?;
        }
        Ok(text)
    }

    /// The size of the file the module is pointed to, if module and server can tell. Only a size tells a complete download
    /// from one that ended early.
    fn known_size(&mut self) -> Result<Option<u64>> {
        match self.pointed_size() {
            Ok(size) => Ok(Some(size)),
            // A server without SIZE, a firmware without FTPSIZE; a missing file shows again at FTPGET=1.
            Err(error) if is_refusal(error.kind()) => Ok(None),
            Err(error) if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::ServerRefused) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a session, reads until `expected` bytes are there (or, where unknown, until the module has no more, or `most`
    /// bytes), and closes it.
    fn read_session(
        &mut self,
        reader: &Reader,
        expected: Option<u64>,
        most: Option<u64>,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let outcome =
            self.open_reading(reader).and_then(|session| self.read_all(reader, session, expected, most, sink));
        match outcome.and_then(|session| sink.check().map(|()| session)) {
            Ok(Session::Finished) if self.is_over()? => Ok(()),
            Ok(_) => self.quit(),
            // Nothing was opened.
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(error),
            Err(error) => Err(self.quit_after(error)),
        }
    }

    /// Sends `…=1` and waits for its result.
    fn open_reading(&mut self, reader: &Reader) -> Result<Session> {
        let deadline = self.engine.deadline(Phase::Result, RESULT_LIMIT);
        let opened = self.open_session(|| Command::set(reader.command).number(1u8), &reader.result);
        let mut verdict = match opened {
            Err(error) if is_refusal(error.kind()) => return Err(self.given_up(reader.command, error)),
            other => other?,
        };
        loop {
            match verdict.number(1) {
                Some(1) => return Ok(Session::Open),
                Some(0) if self.has_ended_well(&reader.result)? => return Ok(Session::Finished),
                // A late report of the session before.
                Some(0) => verdict = self.engine.verdict(&reader.result, deadline)?,
                _ => return Err(self.failed(&verdict)),
            }
        }
    }

    fn read_all(
        &mut self,
        reader: &Reader,
        mut session: Session,
        expected: Option<u64>,
        most: Option<u64>,
        sink: &mut Sink<'_>,
    ) -> Result<Session> {
        let limit = expected.or(most).unwrap_or(u64::MAX);
        let mut received = 0u64;
        let mut idle_since = self.engine.now();
        let mut empty = 0u32;
        while received < limit && !sink.has_failed() {
            // Only what the caller limits is asked for in smaller blocks: at the end of the file the module stops by itself.
            let asked = READ_BLOCK.min(most.unwrap_or(u64::MAX) - received);
            let command = Command::set(reader.command).number(2u8).number(asked);
            let count = match exchange::read_announced(&mut self.engine, command, 1, asked, sink, BLOCK_LIMITS) {
                Ok(count) => count,
                Err(error) if is_refusal(error.kind()) => {
                    // Nothing more to read behind the end of the session; its cause, if it was a failure, has come by now.
                    session = self.news(reader, session)?;
                    match (&session, self.is_busy()?) {
                        // Asked before the module was ready: refused, and nothing lost (SIM7000 FTP application note V1.02 §5.6).
                        (_, Some(true)) => 0,
                        (Session::Finished, _) => break,
                        (Session::Open, _) => return Err(error.with_kind(ErrorKind::Incomplete)),
                    }
                }
                Err(error) => return Err(error),
            };
            received += count;
            session = self.news(reader, session)?;
            if count > 0 {
                idle_since = self.engine.now();
                empty = 0;
            } else if matches!(session, Session::Finished) && self.is_over()? {
                break;
            } else if self.engine.now() > idle_since + RESULT_LIMIT {
                // An empty block alone is not the end: nothing has arrived yet.
                return Err(self.engine.deadline(Phase::Data, RESULT_LIMIT).passed());
            }
            let is_short = count < asked && expected.is_none_or(|expected| received < expected);
            empty += u32::from(count == 0);
            if empty > 1 {
                // Announced, and yet not there: asking again at once would only keep the module busy.
                self.listen(POLL)?;
                session = self.news(reader, session)?;
            } else if is_short && (count == 0 || matches!(session, Session::Open)) {
                // An end that was reported and is none was that of the session before.
                session = self.wait_for_news(reader, session, POLL)?;
            }
        }
        if expected.is_some_and(|expected| received < expected) && !sink.has_failed() {
            let expected = expected.unwrap_or_default();
            let detail = format!("the session ended after {received} of {expected} bytes");
            return Err(self.engine.error(ErrorKind::Incomplete, detail));
        }
        if most.is_none() && expected.is_some_and(|expected| received > expected) {
            let detail =
                format!("{received} bytes came, {limit} were expected: the server or the module ignores the offset");
            return Err(self.engine.error(ErrorKind::VerificationFailed, detail));
        }
        // At the end of the file the module closes by itself; otherwise it has to be told to.
        if matches!(session, Session::Open) && most.is_none() && !sink.has_failed() {
            session = self.wait_for_end(reader, session)?;
        }
        Ok(session)
    }

    /// Takes in what the module has said about the session since the last look.
    fn news(&mut self, reader: &Reader, mut session: Session) -> Result<Session> {
        while let Some(line) = self.engine.take(&reader.result) {
            match line.number(1) {
                // More data, announced at the module's own discretion: not at all, once, or again and again.
                Some(1) => {}
                Some(0) => session = Session::Finished,
                _ => return Err(self.failed(&crate::at::Verdict(line))),
            }
        }
        Ok(session)
    }

    /// As [`Self::news`], waiting `limit` for some.
    fn wait_for_news(&mut self, reader: &Reader, session: Session, limit: Duration) -> Result<Session> {
        let deadline = self.engine.deadline(Phase::Result, limit);
        match self.engine.verdict(&reader.result, deadline) {
            Ok(verdict) => match verdict.number(1) {
                Some(1) => self.news(reader, session),
                Some(0) => self.news(reader, Session::Finished),
                _ => Err(self.failed(&verdict)),
            },
            Err(error) if error.kind() == ErrorKind::Timeout => Ok(session),
            Err(error) => Err(error),
        }
    }

    /// Waits for the end of a session whose data were all read; one that stays open is left to be quit.
    fn wait_for_end(&mut self, reader: &Reader, mut session: Session) -> Result<Session> {
        let until = self.engine.deadline(Phase::Result, CLOSING).at();
        while matches!(session, Session::Open) && self.engine.now() < until {
            let left = until.saturating_duration_since(self.engine.now());
            session = self.wait_for_news(reader, session, left)?;
        }
        Ok(session)
    }
}

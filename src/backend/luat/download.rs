//! Downloads: FTPGET. Listings are read in the same way.

use std::io;
use std::time::Duration;

use super::LuatFtp;
use super::facts::{BLOCK_LIMITS, MEMORY, READ_BLOCK, RESULT_LIMIT, results};
use super::operations::{explain_refusal, is_busy};
use crate::at::{Command, Pattern, ResultLine, Sink};
use crate::backend::blocks;
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::dialect::Downloads;
use crate::backend::driver::Part;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

/// How long to wait for more data before the next request: a module may forget to announce them (780EP log).
const ANNOUNCEMENT_LIMIT: Duration = Duration::from_millis(500);
/// How long the module may take to notice, after the last byte, that the server has closed.
const CLOSING_LIMIT: Duration = Duration::from_secs(2);

/// A command that reads.
pub(super) struct Reader {
    command: &'static str,
    result: Pattern,
}

const GET: Reader = Reader { command: "+FTPGET", result: results::GET };
pub(super) const LIST: Reader = Reader { command: "+FTPLIST", result: results::LIST };

/// How much is to be read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    /// Number of bytes, where known.
    expected: Option<u64>,
    /// Offset of the first of them in the file.
    offset: u64,
    /// Most bytes that the caller wants.
    most: Option<u64>,
}

/// What the module has reported of the session so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    Open,
    /// `1,1`: there are more data than were read.
    Announced,
    /// `1,0`: the server's side is finished. It does not mean that all data were read (780EP log: 42 bytes were left).
    Finished {
        /// Whether more data were announced before.
        behind_more: bool,
    },
}

impl Session {
    const FINISHED: Self = Session::Finished { behind_more: false };

    fn is_finished(self) -> bool {
        matches!(self, Session::Finished { .. })
    }

    /// Whether more data were announced since the last read.
    fn has_more(self) -> bool {
        matches!(self, Session::Announced | Session::Finished { behind_more: true })
    }

    /// What is announced by now is read next.
    fn before_read(self) -> Self {
        if self.is_finished() { Session::FINISHED } else { Session::Open }
    }
}

impl Downloads for LuatFtp {
    /// Only a size tells a complete download from one that ended early.
    fn size_to_fetch(&mut self, cx: &mut Context, file: &str) -> Result<Option<u64>> {
        self.check_type()?;
        if self.unstated_size.take().as_deref() == Some(file) {
            return Ok(None);
        }
        self.point_to_file_to_fetch(cx, file)?;
        match self.pointed_size(cx) {
            Ok(size) => Ok(size),
            Err(error) if is_without_size(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn retrieve(&mut self, cx: &mut Context, file: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        self.check_type()?;
        self.point_downloads_to(cx, file)?;
        self.start_at(cx, part.offset)?;
        // A size of 0 may be a damaged one: the end is looked for as that of a file that is read block by block.
        match (part.rest().filter(|rest| self.uses_memory && (1..=MEMORY).contains(rest)), part.wanted()) {
            (Some(rest), Some(wanted)) => self.fetch_by_memory(cx, rest, wanted, part.length.is_none(), sink),
            (_, expected) => {
                self.read_session(cx, &GET, Wanted { expected, offset: part.offset, most: part.length }, sink)
            }
        }?;
        Ok(part.assurance())
    }
}

impl LuatFtp {
    fn check_type(&self) -> Result<()> {
        if self.is_binary {
            return Ok(());
        }
        // The size would not show it (SIM7000 AT manual V1.06, FTPTYPE: in ASCII every byte loses its top bit).
        Err(Error::new(ErrorKind::Unsupported, "this firmware has no FTPTYPE, so a download may change bytes"))
    }

    /// Opens a session, reads what is wanted (where the number is not known, until the module has no more), and closes
    /// it.
    pub(super) fn read_session(
        &mut self,
        cx: &mut Context,
        reader: &Reader,
        wanted: Wanted,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let outcome =
            self.open_reading(cx, reader).and_then(|session| self.read_all(cx, reader, session, wanted, sink));
        match outcome.and_then(|session| sink.check().map(|()| session)) {
            Ok(session) if session.is_finished() && self.is_over(cx)? => Ok(()),
            Ok(_) => self.quit(cx),
            // Nothing was opened.
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(error),
            Err(error) => Err(self.quit_after(cx, error)),
        }
    }

    /// Sends `…=1` and waits for its result.
    fn open_reading(&mut self, cx: &mut Context, reader: &Reader) -> Result<Session> {
        let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
        let opened = self.open_session(cx, || Command::set(reader.command).number(1u8), &reader.result);
        let mut result = opened.map_err(|error| explain_refusal(cx, reader.command, error))?;
        loop {
            match result.number(1) {
                Some(1) => return Ok(Session::Open),
                Some(0) if self.has_ended_well(cx, &reader.result)? => return Ok(Session::FINISHED),
                // A late report of the session before.
                Some(0) => result = cx.engine.result(&reader.result, deadline)?,
                _ => return Err(self.failed(cx, &result)),
            }
        }
    }

    fn read_all(
        &mut self,
        cx: &mut Context,
        reader: &Reader,
        mut session: Session,
        wanted: Wanted,
        sink: &mut Sink<'_>,
    ) -> Result<Session> {
        let Wanted { expected, offset, most } = wanted;
        let limit = expected.or(most).unwrap_or(u64::MAX);
        let mut received = 0u64;
        let mut idle_since = cx.engine.now();
        let mut empty_blocks = 0u32;
        // Whether more may be behind the last block: it was as long as was requested, or it was short as others before
        // it whose rest was only late.
        let mut may_go_on = !session.is_finished();
        // Until a block was full, a short one says nothing about the end.
        let mut is_late = true;
        while received < limit && !sink.has_failed() {
            // Only where the caller wants less the last block is smaller: at the end of the file the module stops by
            // itself.
            let asked = READ_BLOCK.min(most.unwrap_or(u64::MAX) - received);
            let command = Command::set(reader.command).number(2u8).number(asked);
            session = self.reported(cx, reader, session)?.before_read();
            let count = match blocks::read(&mut cx.engine, command, 1, asked, sink, BLOCK_LIMITS) {
                Ok(count) => count,
                Err(error) if is_refusal(error.kind()) => {
                    // Nothing more to read behind the end of the session; its cause, if it was a failure, has come by
                    // now.
                    session = self.reported(cx, reader, session)?;
                    match (session, is_busy(cx)?) {
                        // Requested before the module was ready: refused, and nothing lost (SIM7000 FTP application
                        // note V1.02 §5.6).
                        (_, Some(true)) => 0,
                        (session, _) if session.is_finished() => break,
                        _ => return Err(error.with_kind(ErrorKind::Incomplete)),
                    }
                }
                Err(error) => return Err(error),
            };
            received += count;
            // An announcement amid the answer is of what was read.
            session = self.reported(cx, reader, session)?.before_read();
            if count == 0 {
                // Behind a block, what came since was sorted already.
                cx.engine.look()?;
                session = self.reported(cx, reader, session)?;
            }
            may_go_on = count == asked || (is_late && !session.is_finished());
            is_late = count < asked;
            if count > 0 {
                idle_since = cx.engine.now();
                empty_blocks = 0;
            } else if session.is_finished() && self.is_over(cx)? {
                break;
            } else if cx.engine.now() > idle_since + RESULT_LIMIT {
                // An empty block alone is not the end: nothing has arrived yet.
                return Err(cx.engine.deadline(Phase::Data, RESULT_LIMIT).passed());
            }
            let is_short = count < asked && expected.is_none_or(|expected| received < expected);
            empty_blocks += u32::from(count == 0);
            if empty_blocks > 1 {
                // Announced, and yet not there: a request at once would only keep the module busy.
                cx.engine.wait(Phase::Result, ANNOUNCEMENT_LIMIT)?;
                session = self.reported(cx, reader, session)?;
            } else if is_short && (count == 0 || !session.is_finished()) {
                // An end that was reported and is none was that of the session before.
                session = self.report(cx, reader, session, ANNOUNCEMENT_LIMIT)?;
            }
        }
        if let Some(expected) = expected.filter(|_| !sink.has_failed()) {
            check_count(cx, received, expected, offset, most)?;
        }
        if most.is_none() && !sink.has_failed() {
            // At the end of the file the module closes by itself; otherwise the session is quit.
            if !session.is_finished() {
                session = self.wait_for_end(cx, reader, session)?;
            }
            may_go_on |= session.has_more() || !session.is_finished();
            if let Some(expected) = expected.filter(|_| may_go_on) {
                check_end(cx, reader, expected)?;
                session = self.reported(cx, reader, session)?;
            }
        }
        Ok(session)
    }

    /// Takes in what the module has reported of the session since the last look.
    fn reported(&self, cx: &mut Context, reader: &Reader, mut session: Session) -> Result<Session> {
        while let Some(line) = cx.engine.inbox.take(&reader.result) {
            session = self.after_report(cx, session, &ResultLine(line))?;
        }
        Ok(session)
    }

    /// As [`Self::reported`], waiting `limit` for a report.
    fn report(&self, cx: &mut Context, reader: &Reader, session: Session, limit: Duration) -> Result<Session> {
        let deadline = cx.engine.deadline(Phase::Result, limit);
        match cx.engine.poll(&reader.result, deadline)? {
            Some(result) => {
                let session = self.after_report(cx, session, &result)?;
                self.reported(cx, reader, session)
            }
            None => Ok(session),
        }
    }

    fn after_report(&self, cx: &Context, session: Session, result: &ResultLine) -> Result<Session> {
        match result.number(1) {
            // More data, announced at the module's own discretion: not at all, once, or again and again.
            Some(1) if session.is_finished() => Ok(session),
            Some(1) => Ok(Session::Announced),
            Some(0) => Ok(Session::Finished { behind_more: session.has_more() }),
            _ => Err(self.failed(cx, result)),
        }
    }

    /// Waits for the end of a session whose data were all read; one that stays open is left to be quit.
    fn wait_for_end(&self, cx: &mut Context, reader: &Reader, mut session: Session) -> Result<Session> {
        let until = cx.engine.deadline(Phase::Result, CLOSING_LIMIT).at();
        while !session.is_finished() && cx.engine.now() < until {
            let left = until.saturating_duration_since(cx.engine.now());
            session = self.report(cx, reader, session, left)?;
        }
        Ok(session)
    }
}

/// Whether a query of a size failed as on a server without SIZE or a firmware without FTPSIZE; a missing file shows
/// again at FTPGET=1.
pub(super) fn is_without_size(error: &Error) -> bool {
    is_refusal(error.kind())
        || matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::ServerRefused | ErrorKind::Unsupported)
}

/// Checks that the module holds no more than the `expected` bytes that have come: that may not be the size of the file,
/// or the file has grown.
fn check_end(cx: &mut Context, reader: &Reader, expected: u64) -> Result<()> {
    check_surplus(cx, Command::set(reader.command).number(2u8).number(1u8), expected)
}

/// Checks that `command`, which reads one byte behind the `expected` ones, finds none.
pub(super) fn check_surplus(cx: &mut Context, command: Command, expected: u64) -> Result<()> {
    let mut surplus = io::sink();
    match blocks::read(&mut cx.engine, command, 1, 1, &mut Sink::new(&mut surplus), BLOCK_LIMITS) {
        Ok(0) => Ok(()),
        Ok(_) => {
            let detail = format!("more came than the {expected} bytes that were expected");
            Err(cx.engine.report.error(ErrorKind::VerificationFailed, detail))
        }
        // Nothing to read behind the end of the session.
        Err(error) if is_refusal(error.kind()) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Checks that `expected` bytes have come: the last block may bring more where the caller wants all.
fn check_count(cx: &Context, received: u64, expected: u64, offset: u64, most: Option<u64>) -> Result<()> {
    if received < expected {
        let detail = format!("the session ended after {received} of {expected} bytes");
        return Err(cx.engine.report.error(ErrorKind::Incomplete, detail));
    }
    if received > expected && most.is_none() {
        // With an offset it may also be the whole file.
        let reason = match offset {
            0 => "the file grew after its size was queried, or the server states a wrong size",
            offset if received == expected + offset => "the server or the module ignores the offset",
            _ => "the file grew, the server states a wrong size, or server or module ignores the offset",
        };
        let detail = format!("{received} bytes came, {expected} were expected: {reason}");
        let error = cx.engine.report.error(ErrorKind::VerificationFailed, detail);
        return Err(
            error.advising("check the size that the server states, and whether the file is still being written")
        );
    }
    Ok(())
}

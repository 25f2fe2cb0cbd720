//! Downloads: FTPGET. Listings are read in the same way.

use std::time::Duration;

use super::client::{Client, is_busy};
use super::facts::{BLOCK_LIMITS, MEMORY, READ_BLOCK, RESULT_LIMIT, result};
use super::{LuatFtp, memory};
use crate::at::{Command, ResultLine, Sink};
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

impl Downloads for LuatFtp {
    /// Only a size tells a complete download from one that ended early.
    fn size_to_fetch(&mut self, cx: &mut Context, file: &str, _: u64) -> Result<Option<u64>> {
        self.check_type()?;
        self.target.point_to(cx, file)?;
        match self.pointed_size(cx) {
            Err(error) if is_without_size(&error) => Ok(None),
            size => size,
        }
    }

    fn retrieve(&mut self, cx: &mut Context, file: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        self.check_type()?;
        self.target.point_downloads_to(cx, file)?;
        self.target.start_at(cx, part.offset)?;
        // A size of 0 may be a damaged one: the end is looked for as that of a file that is read block by block.
        match part.rest().filter(|rest| self.uses_memory && (1..=MEMORY).contains(rest)) {
            Some(rest) => memory::fetch(&mut self.client, cx, rest, part, sink),
            None => read_session(&mut self.client, cx, "+FTPGET", part, sink),
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
}

/// Opens a session by command `name`, reads what is wanted (where the number is not known, until the module has no
/// more), and closes it.
pub(super) fn read_session(
    client: &mut Client,
    cx: &mut Context,
    name: &'static str,
    wanted: Part,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let outcome = Reading::open(client, cx, name).and_then(|mut reading| {
        reading.read_all(cx, wanted, sink)?;
        sink.check()?;
        Ok(reading.is_finished)
    });
    match outcome {
        Ok(is_finished) if is_finished && client.is_over(cx)? => Ok(()),
        Ok(_) => client.quit(cx),
        Err(error) => Err(client.quit_after(cx, error)),
    }
}

/// A session that reads, and what the module has reported of it so far.
struct Reading<'c> {
    client: &'c Client,
    name: &'static str,
    /// `1,0`: the server's side is finished. It does not mean that all data were read (780EP log: 42 bytes were left).
    is_finished: bool,
    /// `1,1`: more data were announced since the last read, and before the server's side was finished.
    has_more: bool,
}

impl<'c> Reading<'c> {
    fn open(client: &'c mut Client, cx: &mut Context, name: &'static str) -> Result<Self> {
        let first = client.open_for_data(cx, name)?;
        match first.number(1) {
            Some(state @ (0 | 1)) => Ok(Reading { client, name, is_finished: state == 0, has_more: false }),
            _ => Err(client.failed(cx, &first)),
        }
    }

    fn read_all(&mut self, cx: &mut Context, wanted: Part, sink: &mut Sink<'_>) -> Result<()> {
        let expected = wanted.wanted();
        let limit = wanted.most();
        let mut received = 0u64;
        let mut idle_since = cx.engine.now();
        let mut empty_blocks = 0u32;
        // Whether more may be behind the last block: it was as long as was requested, or it was short as others before
        // it whose rest was only late.
        let mut may_go_on = !self.is_finished;
        // Until a block was full, a short one says nothing about the end.
        let mut is_late = true;
        while received < limit && !sink.has_failed() {
            // Only where the caller wants less the last block is smaller: at the end of the file the module stops by
            // itself.
            let asked = READ_BLOCK.min(wanted.length.unwrap_or(u64::MAX) - received);
            self.skip_announcements(cx)?;
            let count = match blocks::read(&mut cx.engine, self.request(asked), 1, asked, sink, BLOCK_LIMITS) {
                Ok(count) => count,
                Err(error) if is_refusal(error.kind()) => {
                    // Nothing more to read behind the end of the session; its cause, if it was a failure, has come by
                    // now.
                    self.take_reports(cx)?;
                    match is_busy(cx)? {
                        // Requested before the module was ready: refused, and nothing lost (SIM7000 FTP application
                        // note V1.02 §5.6).
                        Some(true) => 0,
                        _ if self.is_finished => break,
                        _ => return Err(error.with_kind(ErrorKind::Incomplete)),
                    }
                }
                Err(error) => return Err(error),
            };
            received += count;
            // An announcement amid the answer is of what was read.
            self.skip_announcements(cx)?;
            if count == 0 {
                // Behind a block, what came since was sorted already.
                cx.engine.look()?;
                self.take_reports(cx)?;
            }
            may_go_on = count == asked || (is_late && !self.is_finished);
            is_late = count < asked;
            if count > 0 {
                idle_since = cx.engine.now();
                empty_blocks = 0;
            } else if self.is_finished && self.client.is_over(cx)? {
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
                self.take_reports(cx)?;
            } else if is_short && (count == 0 || !self.is_finished) {
                // An end that was reported too early was that of the session before.
                self.await_report(cx, ANNOUNCEMENT_LIMIT)?;
            }
        }
        if sink.has_failed() {
            return Ok(());
        }
        if let Some(expected) = expected {
            check_count(cx, received, expected, wanted)?;
        }
        if wanted.length.is_some() {
            return Ok(());
        }
        // At the end of the file the module closes by itself; otherwise the session is quit.
        self.await_end(cx)?;
        may_go_on |= self.has_more || !self.is_finished;
        if let Some(expected) = expected.filter(|_| may_go_on) {
            blocks::check_surplus(&mut cx.engine, self.request(1), expected, BLOCK_LIMITS)?;
            self.take_reports(cx)?;
        }
        Ok(())
    }

    /// The command that reads `count` bytes at most.
    fn request(&self, count: u64) -> Command {
        Command::set(self.name).number(2u8).number(count)
    }

    /// Takes in what the module has reported of the session since the last look.
    fn take_reports(&mut self, cx: &mut Context) -> Result<()> {
        while let Some(line) = cx.engine.inbox().take(&result(self.name)) {
            self.note(cx, &ResultLine(line))?;
        }
        Ok(())
    }

    /// As [`Self::take_reports`], where what was announced is read next or was read just now.
    fn skip_announcements(&mut self, cx: &mut Context) -> Result<()> {
        self.take_reports(cx)?;
        self.has_more = false;
        Ok(())
    }

    /// As [`Self::take_reports`], waiting `limit` for a report.
    fn await_report(&mut self, cx: &mut Context, limit: Duration) -> Result<()> {
        let deadline = cx.engine.deadline(Phase::Result, limit);
        if let Some(report) = cx.engine.poll(&result(self.name), deadline)? {
            self.note(cx, &report)?;
        }
        self.take_reports(cx)
    }

    fn note(&mut self, cx: &Context, report: &ResultLine) -> Result<()> {
        match report.number(1) {
            // More data, announced at the module's own discretion: not at all, once, or again and again.
            Some(1) => self.has_more |= !self.is_finished,
            Some(0) => self.is_finished = true,
            _ => return Err(self.client.failed(cx, report)),
        }
        Ok(())
    }

    /// Waits for the end of a session whose data were all read; one that stays open is left to be quit.
    fn await_end(&mut self, cx: &mut Context) -> Result<()> {
        let until = cx.engine.deadline(Phase::Result, CLOSING_LIMIT).at();
        while !self.is_finished && cx.engine.now() < until {
            self.await_report(cx, until.saturating_duration_since(cx.engine.now()))?;
        }
        Ok(())
    }
}

/// Whether a query of a size failed as on a server without SIZE or a firmware without FTPSIZE; a missing file shows
/// again at FTPGET=1.
fn is_without_size(error: &Error) -> bool {
    is_refusal(error.kind()) || matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::ServerRefused)
}

/// Checks that the `expected` bytes have come: the last block may bring more where the caller wants all.
fn check_count(cx: &Context, received: u64, expected: u64, wanted: Part) -> Result<()> {
    if received < expected {
        let detail = format!("the session ended after {received} of {expected} bytes");
        return Err(cx.engine.error(ErrorKind::Incomplete, detail));
    }
    if received == expected || wanted.length.is_some() {
        return Ok(());
    }
    // With an offset it may also be the whole file.
    let reason = match wanted.offset {
        0 => "the file grew after its size was queried, or the server states a wrong size",
        offset if received == expected + offset => "the server or the module ignores the offset",
        _ => "the file grew, the server states a wrong size, or server or module ignores the offset",
    };
    let detail = format!("{received} bytes came, {expected} were expected: {reason}");
    let error = cx.engine.error(ErrorKind::VerificationFailed, detail);
    Err(error.advising("check the size that the server states, and whether the file is still being written"))
}

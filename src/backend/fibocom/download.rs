//! Downloads: FTPGET fills the module's cache, FTPRECV empties it.

use std::io;
use std::time::Duration;

use log::{debug, warn};

use super::FibocomFtp;
use super::cache::Cache;
use super::facts::{BINARY, PATH, RESULT_LIMIT};
use super::results::{DATA, DONE, run};
use crate::at::{Command, Pattern, ResultLine, Sink, Wire};
use crate::backend::codes::unless_refused;
use crate::backend::context::Context;
use crate::backend::dialect::{Directories, Downloads};
use crate::backend::driver::Part;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

const RESULT: Pattern = Pattern::Prefix("+FTPGET");
/// How long to wait for more data before the next request.
const POLL: Duration = Duration::from_millis(200);
/// How long to wait for `+FTPGET: 1` where all data have come by the size of the file, before the next request.
const SETTLING: Duration = Duration::from_secs(2);

/// Which requests this firmware and the server of this session take.
pub(super) struct Requests {
    /// Whether FTPGET and FTPRETR take a number of bytes.
    takes_size: bool,
    /// Whether the server refuses to start a download at an offset.
    pub refuses_offsets: bool,
}

impl Default for Requests {
    fn default() -> Self {
        Requests { takes_size: true, refuses_offsets: false }
    }
}

impl Requests {
    /// Lets the module fill its cache with the part.
    fn get(&mut self, cx: &mut Context, path: &str, part: Part) -> Result<Filling> {
        let command = || Command::set("+FTPGET").text(&PATH, path).number(BINARY).number(part.offset);
        Ok(Filling::of(&self.run_on_part(cx, command, part, &RESULT)?))
    }

    /// Runs a command that requests a file from the part's offset on. The number of bytes is added only where it is
    /// not all of them: the guide's FTPGET has three arguments, only the SDK of the MC66x the fourth.
    pub fn run_on_part(
        &mut self,
        cx: &mut Context,
        command: impl Fn() -> Command,
        part: Part,
        result: &Pattern,
    ) -> Result<ResultLine> {
        if part.ends_early()
            && self.takes_size
            && let Some(line) = unless_refused(run(cx, command().number(part.most()), result))?
        {
            return Ok(line);
        }
        let line = run(cx, command(), result)?;
        self.takes_size &= !part.ends_early();
        Ok(line)
    }
}

/// How far the module is with filling its cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filling {
    /// `+FTPGET: 2`: data are coming.
    Running,
    /// `+FTPGET: 1`: the file, or as much of it as the cache holds, has come.
    Done,
    /// `+FTPGET: 0`.
    Failed,
}

impl Filling {
    fn of(result: &ResultLine) -> Self {
        match result.number(0) {
            Some(DATA) => Filling::Running,
            Some(DONE) => Filling::Done,
            _ => Filling::Failed,
        }
    }
}

impl Downloads for FibocomFtp {
    /// A size that neither module nor server states is no reason not to try.
    fn size_to_fetch(&mut self, cx: &mut Context, path: &str, _: u64) -> Result<Option<u64>> {
        match self.metadata(cx, path) {
            Err(error) if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::ServerRefused) => Ok(None),
            metadata => Ok(metadata?.size),
        }
    }

    fn retrieve(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        self.rounds(cx, path, part, sink).inspect_err(|_| {
            // What was learnt about the module may have been a line that was damaged.
            self.cache = Cache::default();
        })
    }
}

impl FibocomFtp {
    /// Fetches the part, as much at a time as the cache holds, until the file ends where it should by its size, or a
    /// round brings nothing. A stated size may be too small, so the driver looks for the end of the file behind it.
    fn rounds(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        loop {
            let before = sink.written();
            if part.length.is_some_and(|length| before >= length) {
                return Ok(part.assurance());
            }
            let overlap = sink.rewind();
            let offset = part.offset.saturating_add(before) - overlap;
            let rest = Part {
                offset,
                length: part.length.map(|length| (length - before).saturating_add(overlap)),
                size: part.size.filter(|size| *size >= offset),
            };
            let outcome = self.round(cx, path, rest, part.offset == 0, sink);
            let has_progressed = sink.written() > before || overlap > 0;
            let is_end = match outcome {
                // A module that failed in the middle is resumed from there, as long as it makes progress.
                Err(error) if error.kind() != ErrorKind::DataConnection || !has_progressed => return Err(error),
                outcome => {
                    sink.check()?;
                    outcome.is_ok_and(|is_end| is_end)
                }
            };
            let written = sink.written();
            if part.rest() == Some(written) {
                // Size and end agree; without the end the size alone is no proof.
                return Ok(if is_end { Assurance::ServerSize } else { Assurance::Unconfirmed });
            }
            if !has_progressed {
                if let Some(rest) = part.rest().filter(|rest| *rest < written) {
                    warn!("{path}: {written} bytes came, {rest} were expected by the size that the server states");
                }
                return assurance(part, written).map(|_| Assurance::Unconfirmed);
            }
        }
    }

    /// One FTPGET, and as many FTPRECV as it takes to empty the cache. Returns whether the end of the file was seen.
    fn round(
        &mut self,
        cx: &mut Context,
        path: &str,
        part: Part,
        may_exceed: bool,
        sink: &mut Sink<'_>,
    ) -> Result<bool> {
        let filling = self.start(cx, path, part)?;
        let mut round = Round { part, may_exceed, filling, bytes: 0 };
        let is_end = round.empty(cx, &mut self.cache, sink).map_err(|error| {
            // The module would go on.
            let goes_on = error.kind() == ErrorKind::VerificationFailed && round.filling == Filling::Running;
            if goes_on { self.activity.abandon(cx, error) } else { error }
        })?;
        if round.filling == Filling::Running {
            let is_cut = part.length.is_some_and(|length| round.bytes >= length);
            // Where the module has more of the file to deliver the round does not end by itself.
            let has_more = part.ends_early() && !self.requests.takes_size;
            if sink.has_failed() || !is_cut || has_more || !round.ends_by_itself(cx)? {
                // The module would go on, and take no other command meanwhile.
                cx.session.lose();
                self.activity.close(cx)?;
            }
        }
        Ok(is_end)
    }

    /// Requests the file from the part's offset on. Where the server refuses the offset (`REST`, RFC 3659 §5), the
    /// file is requested from its beginning and the bytes before the offset are dropped.
    fn start(&mut self, cx: &mut Context, path: &str, part: Part) -> Result<Filling> {
        if part.offset == 0 || !self.requests.refuses_offsets {
            match self.requests.get(cx, path, part)? {
                Filling::Failed if part.offset > 0 => {}
                Filling::Failed => return Err(not_fetched(&cx.engine, part, 0)),
                filling => return Ok(filling),
            }
        }
        let whole =
            Part { offset: 0, length: part.length.map(|length| length.saturating_add(part.offset)), size: part.size };
        let filling = self.requests.get(cx, path, whole)?;
        if filling == Filling::Failed {
            return Err(not_fetched(&cx.engine, part, 0));
        }
        debug!("{path}: the server refuses the offset {}; the file is fetched from its beginning", part.offset);
        self.requests.refuses_offsets = true;
        let before = Part { length: Some(part.offset), ..whole };
        let mut skipped = Round { part: before, may_exceed: false, filling, bytes: 0 };
        skipped.empty(cx, &mut self.cache, &mut Sink::new(&mut io::sink()))?;
        if skipped.bytes < part.offset {
            // Perhaps it was only one data connection that failed.
            self.requests.refuses_offsets = false;
            let detail = format!(
                "the server refuses to start at byte {}, and the module's cache holds no more than the first {} bytes",
                part.offset, skipped.bytes
            );
            return Err(cx.engine.error(ErrorKind::ServerRefused, detail));
        }
        Ok(skipped.filling)
    }
}

/// What one FTPGET fetches.
struct Round {
    part: Part,
    /// Whether bytes beyond the size may be the file's: behind an offset they may come from a module that did not start
    /// there.
    may_exceed: bool,
    filling: Filling,
    /// Number of bytes that were taken out of the cache.
    bytes: u64,
}

impl Round {
    /// Reads the cache until all that is wanted has come or it is empty for good. Returns whether the module has said
    /// that it is done, and its cache was empty then.
    fn empty(&mut self, cx: &mut Context, cache: &mut Cache, sink: &mut Sink<'_>) -> Result<bool> {
        let most = self.part.length.unwrap_or(u64::MAX);
        let mut idle_since = cx.engine.now();
        while self.bytes < most && !sink.has_failed() {
            // By the size. The end of the file is still to be seen.
            let has_all = self.part.rest() == Some(self.bytes);
            if self.filling == Filling::Failed {
                return if has_all { Ok(false) } else { Err(not_fetched(&cx.engine, self.part, self.bytes)) };
            }
            if has_all && self.filling == Filling::Running {
                self.poll(cx, SETTLING)?;
            }
            let count = match has_all && !self.may_exceed {
                true => self.check_surplus(cx, cache)?,
                false => {
                    let left = self.part.rest().and_then(|rest| rest.checked_sub(self.bytes)).filter(|left| *left > 0);
                    cache.read(cx, left.unwrap_or(u64::MAX).min(most - self.bytes), sink)?
                }
            };
            self.bytes += count;
            if count > 0 {
                idle_since = cx.engine.now();
            } else if self.filling == Filling::Done {
                // Empty, and nothing more to come.
                return Ok(true);
            } else if cx.engine.now() <= idle_since + RESULT_LIMIT {
                // Empty, but more may be coming.
                self.poll(cx, POLL)?;
            } else if has_all {
                break;
            } else {
                return Err(cx.engine.deadline(Phase::Data, RESULT_LIMIT).passed());
            }
        }
        Ok(false)
    }

    /// Waits a moment for news about the cache.
    fn poll(&mut self, cx: &mut Context, limit: Duration) -> Result<()> {
        let deadline = cx.engine.deadline(Phase::Data, limit);
        if let Some(result) = cx.engine.poll(&RESULT, deadline)? {
            self.filling = Filling::of(&result);
        }
        Ok(())
    }

    /// Checks that the cache is empty behind the end of a part that did not begin at the start of the file.
    fn check_surplus(&self, cx: &mut Context, cache: &mut Cache) -> Result<u64> {
        if cache.read(cx, 1, &mut Sink::new(&mut io::sink()))? == 0 {
            return Ok(0);
        }
        let detail = format!(
            "more bytes came than the size that the server states leaves: the module did not start at byte {}, the \
             size is wrong, or the file has grown; download it from its beginning",
            self.part.offset
        );
        Err(cx.engine.error(ErrorKind::VerificationFailed, detail))
    }

    /// Waits for the end of a round whose data are all read: before it the module takes no other FTP command.
    fn ends_by_itself(&self, cx: &mut Context) -> Result<bool> {
        let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
        while let Some(result) = cx.engine.poll(&RESULT, deadline)? {
            // All bytes have come, by the size that the server stated; how the module sees it does not matter.
            if Filling::of(&result) != Filling::Running {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The assurance of a download of `bytes` bytes, or the error that these are not all.
pub(super) fn assurance(part: Part, bytes: u64) -> Result<Assurance> {
    match part.wanted() {
        Some(wanted) if bytes < wanted => {
            Err(Error::new(ErrorKind::Incomplete, format!("the module delivered {bytes} of {wanted} bytes")))
        }
        _ => Ok(part.assurance()),
    }
}

/// The error of a download that ended without a reason after `received` bytes.
pub(super) fn not_fetched(wire: &Wire, part: Part, received: u64) -> Error {
    // A file whose size is known exists: what failed is its transfer.
    let exists = part.size.is_some() || received > 0;
    let kind = if exists { ErrorKind::DataConnection } else { ErrorKind::Unavailable };
    wire.error(kind, "the module gives no reason")
}

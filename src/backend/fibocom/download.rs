//! Downloads: FTPGET fills the module's cache, FTPRECV empties it.

use std::io;
use std::time::Duration;

use super::FibocomFtp;
use super::facts::{BINARY, BLOCK_LIMITS, PATH, READ_BLOCK, RESULT_LIMIT};
use super::results::{DATA, DONE, run};
use crate::at::{Answer, Command, Pattern, ResultLine, Sink, Wire};
use crate::backend::blocks;
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::driver::Part;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

const RESULT: Pattern = Pattern::Prefix("+FTPGET");
/// What every FTPRECV was seen to take (the guide requests 100, drivers 1024).
const SMALL_BLOCK: u64 = 1024;
/// How long to wait for more data before the next request.
const POLL: Duration = Duration::from_millis(200);

/// How this firmware's cache is read, as far as it was seen to work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    command: &'static str,
    block: u64,
    is_proven: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Reading { command: "+FTPRECV", block: READ_BLOCK, is_proven: false }
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

impl FibocomFtp {
    pub(super) fn download(
        &mut self,
        cx: &mut Context,
        path: &str,
        part: Part,
        sink: &mut Sink<'_>,
    ) -> Result<Assurance> {
        let fetched = self.rounds(cx, path, part, sink);
        let checked = fetched.and_then(|()| self.check_end(cx, part));
        checked.and_then(|()| assurance(part, sink.written())).inspect_err(|_| {
            // What was learnt about the module may have been a line that was damaged.
            self.reading = Reading::default();
        })
    }

    /// Fetches the part, as much at a time as the cache holds, until a round brings nothing.
    fn rounds(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<()> {
        while sink.written() < part.most() {
            let before = sink.written();
            let overlap = sink.rewind();
            let rest = Part {
                offset: part.offset.saturating_add(before) - overlap,
                length: part.length.map(|length| (length - before).saturating_add(overlap)),
                size: part.size,
            };
            let outcome = self.round(cx, path, rest, sink);
            let has_progressed = sink.written() > before || overlap > 0;
            match outcome {
                // A module that failed in the middle is resumed from there, as long as it makes progress.
                Err(error) if error.kind() != ErrorKind::DataConnection || !has_progressed => return Err(error),
                _ => sink.check()?,
            }
            if !has_progressed {
                break;
            }
        }
        Ok(())
    }

    /// One FTPGET, and as many FTPRECV as it takes to empty the cache.
    fn round(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<()> {
        let command = || Command::set("+FTPGET").text(&PATH, path).number(BINARY).number(part.offset);
        let mut filling = Filling::of(&self.run_on_part(cx, command, part, &RESULT)?);
        if filling == Filling::Failed {
            return Err(not_fetched(&cx.engine, part, 0));
        }
        self.empty_cache(cx, part, &mut filling, sink)?;
        if filling == Filling::Running && (sink.has_failed() || !self.ends_by_itself(cx, part)?) {
            // The module would go on, and take no other command meanwhile.
            cx.session.lose();
            self.close(cx)?;
        }
        Ok(())
    }

    /// Runs a command that requests a file from the part's offset on. The number of bytes is added only where it is
    /// not all of them: the guide's FTPGET has three arguments, only the SDK of the MC66x the fourth.
    pub(super) fn run_on_part(
        &mut self,
        cx: &mut Context,
        command: impl Fn() -> Command,
        part: Part,
        result: &Pattern,
    ) -> Result<ResultLine> {
        if part.ends_early() && self.takes_size {
            match run(cx, command().number(part.most()), result) {
                Err(error) if is_refusal(error.kind()) => {}
                outcome => return outcome,
            }
        }
        let line = run(cx, command(), result)?;
        self.takes_size &= !part.ends_early();
        Ok(line)
    }

    /// Reads the cache until all that is wanted has come or it is empty for good.
    fn empty_cache(&mut self, cx: &mut Context, part: Part, filling: &mut Filling, sink: &mut Sink<'_>) -> Result<()> {
        let most = part.most();
        let mut received = 0;
        let mut idle_since = cx.engine.now();
        while received < most && !sink.has_failed() {
            if *filling == Filling::Failed {
                return Err(not_fetched(&cx.engine, part, received));
            }
            let count = self.read_cache(cx, most - received, sink)?;
            received += count;
            if count > 0 {
                idle_since = cx.engine.now();
            } else if *filling == Filling::Done {
                // Empty, and nothing more to come.
                break;
            } else {
                // Empty, but more may be coming.
                if cx.engine.now() > idle_since + RESULT_LIMIT {
                    return Err(cx.engine.deadline(Phase::Data, RESULT_LIMIT).passed());
                }
                let deadline = cx.engine.deadline(Phase::Data, POLL);
                if let Some(result) = cx.engine.poll(&RESULT, deadline)? {
                    *filling = Filling::of(&result);
                }
            }
        }
        Ok(())
    }

    /// Reads at most `left` bytes of the cache; 0 when there are none, which some firmware says by a refusal.
    fn read_cache(&mut self, cx: &mut Context, left: u64, sink: &mut Sink<'_>) -> Result<u64> {
        let mut reading = self.reading;
        loop {
            let wanted = reading.block.min(left);
            // The guide's table prints FTP_RECV, its log FTPRECV: a module may answer with the name of either.
            let answer = Answer::Either("+FTPRECV", "+FTP_RECV");
            let command = Command::set(reading.command).number(wanted).answered_by(answer);
            match blocks::read(&mut cx.engine, command, 0, wanted, sink, BLOCK_LIMITS) {
                Ok(count) => {
                    if count > 0 {
                        self.reading = Reading { is_proven: true, ..reading };
                    }
                    return Ok(count);
                }
                Err(error) if !is_refusal(error.kind()) => return Err(error),
                Err(_) if reading.is_proven => return Ok(0),
                Err(_) if reading.command == "+FTPRECV" => reading.command = "+FTP_RECV",
                Err(_) if wanted > SMALL_BLOCK => {
                    reading = Reading { block: SMALL_BLOCK, ..Reading::default() };
                }
                Err(_) => return Ok(0),
            }
        }
    }

    /// Waits for the end of a round whose data are all read: before it the module takes no other FTP command. It does
    /// not come by itself where the module has more of the file to deliver.
    fn ends_by_itself(&self, cx: &mut Context, part: Part) -> Result<bool> {
        if part.ends_early() && !self.takes_size {
            return Ok(false);
        }
        let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
        while let Some(result) = cx.engine.poll(&RESULT, deadline)? {
            // All bytes have come, by the size that the server stated; how the module sees it does not matter.
            if Filling::of(&result) != Filling::Running {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Checks that the cache is empty behind the end of the file. Where it is not, the size was another one, the file
    /// has grown, or the module began at the start of the file and not at the offset.
    fn check_end(&mut self, cx: &mut Context, part: Part) -> Result<()> {
        let Some(size) = part.size.filter(|_| !part.ends_early() && cx.session.is_open()) else { return Ok(()) };
        let mut surplus = io::sink();
        if self.read_cache(cx, 1, &mut Sink::new(&mut surplus))? > 0 {
            let detail = format!("more came than the {size} bytes of the file, from byte {} on", part.offset);
            return Err(cx.engine.report.error(ErrorKind::VerificationFailed, detail));
        }
        Ok(())
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

/// The error of a file of which the module fetched `received` bytes, without a reason.
pub(super) fn not_fetched(wire: &Wire, part: Part, received: u64) -> Error {
    // A file whose size is known exists: what failed is its transfer.
    let exists = part.size.is_some() || received > 0;
    let kind = if exists { ErrorKind::DataConnection } else { ErrorKind::Unavailable };
    wire.report.error(kind, "the module gives no reason")
}

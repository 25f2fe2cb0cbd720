//! Uploads: FTPPUT.

use std::time::Duration;

use super::facts::{BLOCK_LIMITS, MAX_WRITE_BLOCK, RESULT_LIMIT, SAFE_WRITE_BLOCK, results};
use super::operations::{explain_refusal, is_busy};
use super::session::PutOption;
use super::{LuatFtp, memory};
use crate::at::{Command, ResultLine};
use crate::backend::blocks;
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::dialect::Uploads;
use crate::backend::driver::{Placement, Source};
use crate::backend::pieces::Pieces;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Store};

/// How long the module may take to ask for the next block. Most firmware asks at once; one was seen that never does.
const ANNOUNCEMENT_LIMIT: Duration = Duration::from_secs(2);
/// Time between two offers of a block of which the module takes no byte yet, and between two queries at the end.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// "Upload error": before any data the server's refusal if it comes twice, behind them also a closed connection.
const UPLOAD_ERROR: u64 = 78;

/// What the module has said of the block that it wants.
#[derive(Debug, Clone, Copy)]
struct Demand {
    /// Most bytes.
    most: usize,
    /// Whether it has asked for the block; some firmware never asks but for the first.
    is_announced: bool,
}

impl Uploads for LuatFtp {
    fn check_upload(&self, file: &str, how: &Store) -> Result<()> {
        self.check_target(file)?;
        if self.is_binary || how.force_binary {
            return Ok(());
        }
        let detail = "this firmware has no FTPTYPE, so an upload may change bytes";
        Err(Error::new(ErrorKind::Unsupported, detail).advising("force_binary (--force-binary) uploads all the same"))
    }

    fn store(
        &mut self,
        cx: &mut Context,
        file: &str,
        placement: Placement,
        _: &Store,
        source: &mut Source<'_>,
    ) -> Result<Assurance> {
        let option = match placement {
            Placement::Replace => PutOption::Store,
            Placement::Append | Placement::Continue(_) => PutOption::Append,
        };
        self.choose_put_option(cx, option)?;
        self.start_at(cx, 0)?;
        self.point_uploads_to(cx, file)?;

        let block = if self.collects_uploads() { memory::first_block(source)? } else { Vec::new() };
        let is_collected = !block.is_empty();
        let outcome = if is_collected {
            self.write_by_memory(cx, block, source)
        } else {
            self.open_writing(cx).and_then(|most| self.write_all(cx, most, source))
        };
        match outcome {
            // Nothing was opened.
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(error),
            Err(error) => {
                let error = self.quit_after(cx, error);
                if is_collected {
                    // Left on, the next upload would be one of what the memory holds.
                    memory::clear(cx, &error, "+FTPEXTPUT");
                }
                Err(error)
            }
            Ok(()) => Ok(Assurance::ModuleCount),
        }
    }
}

impl LuatFtp {
    /// Sends FTPPUT=1 and waits until the module asks for data. Returns the number of bytes that it takes at a time.
    fn open_writing(&mut self, cx: &mut Context) -> Result<usize> {
        let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
        let put = || Command::set("+FTPPUT").number(1u8);
        let opened = self.open_session(cx, put, &results::PUT);
        let mut result = opened.map_err(|error| explain_refusal(cx, "+FTPPUT", error))?;
        let mut is_repeated = false;
        loop {
            match result.number(1) {
                Some(1) => return Ok(most_bytes(&result)),
                // With FTPEXTPUT or FTPFILEPUT on, the module uploads what it holds itself.
                Some(0) if self.has_ended_well(cx, &results::PUT)? => {
                    let detail = "the module uploaded data of its own (FTPEXTPUT or FTPFILEPUT is on)";
                    return Err(cx.engine.report.error(ErrorKind::WrongState, detail));
                }
                // A late report of the session before.
                Some(0) => result = cx.engine.result(&results::PUT, deadline)?,
                // It may also be a connection that was lost just now; one that cannot be opened has a code of its own.
                Some(UPLOAD_ERROR) if !is_repeated => {
                    is_repeated = true;
                    result = self.open_session(cx, put, &results::PUT)?;
                }
                Some(UPLOAD_ERROR) => {
                    let error = self.failed(cx, &result).with_kind(ErrorKind::ServerRefused);
                    return Err(error.advising("check the permissions and the free space on the server"));
                }
                _ => return Err(self.failed(cx, &result)),
            }
        }
    }

    fn write_all(&mut self, cx: &mut Context, most: usize, source: &mut Source<'_>) -> Result<()> {
        let mut pieces = Pieces::new(MAX_WRITE_BLOCK as usize);
        let mut demand = Demand { most, is_announced: true };
        let unexpected = cx.engine.inbox.unexpected_results();
        loop {
            let (piece, _) = pieces.next(demand.most, source)?;
            if piece.is_empty() {
                break;
            }
            let taken = self.write_block(cx, piece, &mut demand, source)?;
            pieces.take(taken);
            source.take(taken as u64);
            demand = self.next_demand(cx, demand, taken)?;
            // A line end within the number of a block ends the command early: the rest of it is payload then, and
            // payload a command.
            cx.engine.no_unexpected_results_since(unexpected)?;
        }
        source.check_length()?;
        self.close_writing(cx)?;
        cx.engine.no_unexpected_results_since(unexpected)
    }

    /// Sends one block, as far as the module takes it at a time; returns how many of its bytes the module took.
    fn write_block(
        &mut self,
        cx: &mut Context,
        bytes: &[u8],
        demand: &mut Demand,
        source: &mut Source<'_>,
    ) -> Result<usize> {
        let started = cx.engine.now();
        loop {
            let offered = bytes.get(..bytes.len().min(demand.most)).unwrap_or_default();
            let command = Command::set("+FTPPUT").number(2u8).number(offered.len() as u64);
            let refused = match blocks::write(&mut cx.engine, command, 1, offered, BLOCK_LIMITS, source) {
                // `2,0`: the module is not ready yet.
                Ok(0) => None,
                Ok(count) => return Ok(count),
                // Refused when it had the block already: sent once more it might be there twice.
                Err(error) if is_refusal(error.kind()) && source.has_begun() => {
                    return Err(error.with_kind(ErrorKind::Incomplete));
                }
                // It has asked, and does not understand the answer: bytes that were added to the block before stand in
                // front of it.
                Err(error) if is_refusal(error.kind()) && demand.is_announced && source.taken() > 0 => {
                    return Err(error.with_kind(ErrorKind::Protocol));
                }
                // Offered before it asked: refused, and nothing lost (SIM7000 FTP application note V1.02 §5.5).
                Err(error) if is_refusal(error.kind()) => Some(error),
                Err(error) => return Err(error),
            };
            if cx.engine.now() > started + RESULT_LIMIT {
                return Err(refused.unwrap_or_else(|| cx.engine.deadline(Phase::Data, RESULT_LIMIT).passed()));
            }
            let deadline = cx.engine.deadline(Phase::Prompt, POLL_INTERVAL);
            match cx.engine.poll(&results::PUT, deadline)? {
                Some(result) => {
                    self.must_be_open(cx, &result)?;
                    demand.most = most_bytes(&result);
                }
                None if refused.is_some() && is_busy(cx)? == Some(false) => {
                    let detail = "the module has no upload open any more";
                    return Err(cx.engine.report.error(ErrorKind::Incomplete, detail));
                }
                None => {}
            }
        }
    }

    /// Waits until the module, having taken `taken` bytes, asks for the next block.
    fn next_demand(&self, cx: &mut Context, demand: Demand, taken: usize) -> Result<Demand> {
        let limit = if demand.is_announced && taken > 0 { ANNOUNCEMENT_LIMIT } else { Duration::ZERO };
        let deadline = cx.engine.deadline(Phase::Prompt, limit);
        let Some(mut newest) = cx.engine.poll(&results::PUT, deadline)? else {
            return Ok(Demand { is_announced: false, ..demand });
        };
        self.must_be_open(cx, &newest)?;
        while let Some(line) = cx.engine.inbox.take(&results::PUT) {
            newest = ResultLine(line);
            self.must_be_open(cx, &newest)?;
        }
        Ok(Demand { most: most_bytes(&newest), is_announced: true })
    }

    /// Makes sure that a result code in the middle of an upload is not its end.
    fn must_be_open(&self, cx: &mut Context, result: &ResultLine) -> Result<()> {
        match result.number(1) {
            Some(1) => Ok(()),
            // A late report of the session before.
            Some(0) if !self.is_over(cx)? => Ok(()),
            // Seen after 32 s of silence (780EP log).
            Some(0) => Err(cx.engine.report.error(ErrorKind::Incomplete, "the module ended the upload by itself")),
            _ => Err(self.failed(cx, result)),
        }
    }

    /// Sends FTPPUT=2,0 and waits for the result: only that proves that the file is stored.
    fn close_writing(&mut self, cx: &mut Context) -> Result<()> {
        cx.engine.inbox.forget(&results::PUT);
        let closed = cx.set(Command::set("+FTPPUT").number(2u8).number(0u8));
        // Bytes that were added to the last block stand in front of it.
        closed.map_err(|error| if is_refusal(error.kind()) { error.with_kind(ErrorKind::Protocol) } else { error })?;
        let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
        let mut is_reported = false;
        loop {
            // After a report that may be a late one of the session before, the state of the session decides.
            let result = if is_reported {
                if self.has_ended_well(cx, &results::PUT)? {
                    return Ok(());
                }
                let soon = cx.engine.deadline(Phase::Result, POLL_INTERVAL);
                cx.engine.poll(&results::PUT, soon)?
            } else {
                Some(cx.engine.result(&results::PUT, deadline)?)
            };
            match result {
                None if cx.engine.now() < deadline.at() => {}
                None => return Err(deadline.passed()),
                Some(result) => match result.number(1) {
                    // It asked for more before it knew.
                    Some(1) => {}
                    Some(0) => is_reported = true,
                    _ => return Err(self.failed(cx, &result)),
                },
            }
        }
    }
}

/// `<maxlength>` of `+FTPPUT: 1,1,<maxlength>`; one SIM7080 firmware leaves it out.
fn most_bytes(result: &ResultLine) -> usize {
    let most = result.number(2).filter(|most| *most > 0).unwrap_or(SAFE_WRITE_BLOCK);
    most.min(MAX_WRITE_BLOCK) as usize
}

//! Uploads: FTPPUT.

use std::time::Duration;

use super::client::{Client, is_busy};
use super::facts::{BLOCK_LIMITS, MAX_WRITE_BLOCK, RESULT_LIMIT, SAFE_WRITE_BLOCK, result};
use super::target::{APPEND, REPLACE};
use super::{Family, LuatFtp, memory};
use crate::at::{Command, Pattern, ResultLine};
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
/// Time between two offers of a block while the module takes no byte of it, and between two queries at the end.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

const PUT: &str = "+FTPPUT";
const RESULT: Pattern = result(PUT);

/// "Upload error": before any data the server's refusal if it comes twice, behind them also a closed connection.
const UPLOAD_ERROR: u64 = 78;

impl Uploads for LuatFtp {
    fn check_upload(&self, cx: &Context, file: &str, how: &Store) -> Result<()> {
        self.target.check_upload(cx.engine.charset, file)?;
        if self.is_binary || how.force_binary {
            return Ok(());
        }
        let detail = "this firmware has no FTPTYPE, so an upload may change bytes";
        Err(Error::new(ErrorKind::Unsupported, detail).advising("force_binary (--force-binary) uploads all the same"))
    }

    fn store(&mut self, cx: &mut Context, file: &str, source: &mut Source<'_>) -> Result<Assurance> {
        let option = if source.placement() == Placement::Replace { REPLACE } else { APPEND };
        self.target.choose_put_option(cx, option)?;
        self.target.start_at(cx, 0)?;
        self.target.point_uploads_to(cx, file)?;

        let block = if self.collects_uploads() { memory::first_block(source)? } else { Vec::new() };
        let is_collected = !block.is_empty();
        let outcome = if is_collected {
            memory::store(&mut self.client, &mut self.target, cx, block, source)
        } else {
            Writing::open(&mut self.client, cx).and_then(|writing| writing.write_all(cx, source))
        };
        outcome.map_err(|error| {
            let error = self.client.quit_after(cx, error);
            if is_collected {
                // Left on, the next upload would be one of what the memory holds.
                memory::clear(cx, &error, "+FTPEXTPUT");
            }
            error
        })?;
        Ok(Assurance::ModuleCount)
    }
}

impl LuatFtp {
    /// Whether uploads pass through the memory.
    pub(super) fn collects_uploads(&self) -> bool {
        // SIM7080 FTP(S) application note V1.02: the line that asks for the bytes is missing in an example.
        self.uses_memory && self.family.family != Family::Sim7080
    }
}

/// A session that uploads, and what the module has said of the block that it wants.
struct Writing<'c> {
    client: &'c Client,
    /// Most bytes of the block.
    most: usize,
    /// Whether the module has asked for the block; some firmware never asks but for the first.
    is_announced: bool,
}

impl<'c> Writing<'c> {
    /// Opens the session and waits until the module asks for data.
    fn open(client: &'c mut Client, cx: &mut Context) -> Result<Self> {
        let mut first = client.open_for_data(cx, PUT)?;
        if first.number(1) == Some(UPLOAD_ERROR) {
            // It may also be a connection that was lost just now; one that cannot be opened has a code of its own.
            first = client.open_for_data(cx, PUT)?;
        }
        match first.number(1) {
            Some(1) => Ok(Writing { client, most: most_bytes(&first), is_announced: true }),
            // With FTPEXTPUT or FTPFILEPUT on, the module uploads what it holds itself.
            Some(0) => {
                let detail = "the module uploaded data of its own (FTPEXTPUT or FTPFILEPUT is on)";
                Err(cx.engine.error(ErrorKind::WrongState, detail))
            }
            Some(UPLOAD_ERROR) => {
                let error = client.failed(cx, &first).with_kind(ErrorKind::ServerRefused);
                Err(error.advising("check the permissions and the free space on the server"))
            }
            _ => Err(client.failed(cx, &first)),
        }
    }

    fn write_all(mut self, cx: &mut Context, source: &mut Source<'_>) -> Result<()> {
        let mut pieces = Pieces::new(MAX_WRITE_BLOCK as usize);
        let unexpected = cx.engine.inbox().unexpected();
        loop {
            let (piece, _) = pieces.next(self.most, source)?;
            if piece.is_empty() {
                break;
            }
            let taken = self.write_block(cx, piece, source)?;
            pieces.take(taken);
            source.take(taken as u64);
            self.await_demand(cx, taken)?;
            // A line end within the number of a block ends the command early: the rest of it is payload then, and
            // payload a command.
            cx.engine.no_more_results(unexpected)?;
        }
        source.check_length()?;
        self.close(cx)?;
        cx.engine.no_more_results(unexpected)
    }

    /// Sends one block, as far as the module takes it at a time; returns how many of its bytes the module took.
    fn write_block(&mut self, cx: &mut Context, bytes: &[u8], source: &mut Source<'_>) -> Result<usize> {
        let started = cx.engine.now();
        loop {
            let offered = bytes.get(..bytes.len().min(self.most)).unwrap_or_default();
            let command = Command::set(PUT).number(2u8).number(offered.len() as u64);
            let refused = match blocks::write(&mut cx.engine, command, 1, offered, BLOCK_LIMITS, source) {
                // `2,0`: the module is not ready yet.
                Ok(0) => None,
                Ok(count) => return Ok(count),
                // Refused when it had the block already: sent once more it might be there twice.
                Err(error) if is_refusal(error.kind()) && source.has_begun() => {
                    return Err(error.with_kind(ErrorKind::Incomplete));
                }
                // It has asked, and does not understand the answer: bytes that were added to the block before are in
                // front of it.
                Err(error) if is_refusal(error.kind()) && self.is_announced && source.taken() > 0 => {
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
            match cx.engine.poll(&RESULT, deadline)? {
                Some(result) => {
                    self.must_be_open(cx, &result)?;
                    self.most = most_bytes(&result);
                }
                None if refused.is_some() && is_busy(cx)? == Some(false) => {
                    let detail = "the module has no upload open any more";
                    return Err(cx.engine.error(ErrorKind::Incomplete, detail));
                }
                None => {}
            }
        }
    }

    /// Waits until the module, having taken `taken` bytes, asks for the next block.
    fn await_demand(&mut self, cx: &mut Context, taken: usize) -> Result<()> {
        let limit = if self.is_announced && taken > 0 { ANNOUNCEMENT_LIMIT } else { Duration::ZERO };
        let deadline = cx.engine.deadline(Phase::Prompt, limit);
        let mut newest = cx.engine.poll(&RESULT, deadline)?;
        self.is_announced = newest.is_some();
        while let Some(result) = newest {
            self.must_be_open(cx, &result)?;
            self.most = most_bytes(&result);
            newest = cx.engine.inbox().take(&RESULT).map(ResultLine);
        }
        Ok(())
    }

    /// Makes sure that a result code in the middle of an upload is not its end.
    fn must_be_open(&self, cx: &mut Context, result: &ResultLine) -> Result<()> {
        match result.number(1) {
            Some(1) => Ok(()),
            // A late report of the session before.
            Some(0) if !self.client.is_over(cx)? => Ok(()),
            // Seen after 32 s of silence (780EP log).
            Some(0) => Err(cx.engine.error(ErrorKind::Incomplete, "the module ended the upload by itself")),
            _ => Err(self.client.failed(cx, result)),
        }
    }

    /// Sends FTPPUT=2,0 and waits for the result: only that proves that the file is stored.
    fn close(&self, cx: &mut Context) -> Result<()> {
        cx.engine.inbox().forget(&RESULT);
        let closed = cx.set(Command::set(PUT).number(2u8).number(0u8));
        // Bytes that were added to the last block precede it.
        closed.map_err(|error| if is_refusal(error.kind()) { error.with_kind(ErrorKind::Protocol) } else { error })?;
        let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
        let mut is_reported = false;
        loop {
            // After a report that may be a late one of the session before, the state of the session decides.
            let result = if is_reported {
                if self.client.has_ended_well(cx, PUT)? {
                    return Ok(());
                }
                let soon = cx.engine.deadline(Phase::Result, POLL_INTERVAL);
                cx.engine.poll(&RESULT, soon)?
            } else {
                Some(cx.engine.result(&RESULT, deadline)?)
            };
            match result {
                None if cx.engine.now() < deadline.at() => {}
                None => return Err(deadline.passed()),
                Some(result) => match result.number(1) {
                    // It asked for more before it knew.
                    Some(1) => {}
                    Some(0) => is_reported = true,
                    _ => return Err(self.client.failed(cx, &result)),
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

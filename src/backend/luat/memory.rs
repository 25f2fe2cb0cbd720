//! Transfers through the module's own memory, in blocks of up to 300 kB instead of 1460 bytes: FTPEXTGET and FTPEXTPUT.
//!
//! After the chapters of these names in the Luat AT manual and in the SIM800 AT manual V1.09 §10. A program chooses it
//! by [`Luat::use_memory`]: the whole of a block passes the network before the first byte of it passes the line, or the
//! other way round. So a transfer takes longer where the network is slow and the module answers fast, and is much
//! shorter where the module takes its time for every command.

use std::io;
use std::time::Duration;

use super::download::check_surplus;
use super::facts::{BLOCK_LIMITS, MAX_WRITE_BLOCK, MEMORY, READ_BLOCK, RESULT_LIMIT, results};
use super::operations::{explain_refusal, is_busy, is_gone};
use super::session::PutOption;
use super::{Family, Luat, LuatFtp};
use crate::at::{Command, Pattern, ResultLine, Sink};
use crate::backend::blocks;
use crate::backend::context::Context;
use crate::backend::driver::{Source, knows};
use crate::error::{Error, ErrorKind, Phase, Result};

/// Time between two queries of a silent module for whether its session goes on.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// What the slowest networks in use carry in a second.
const SLOWEST: u64 = 1000;
/// How long the module waits for the bytes of FTPEXTPUT=2 beyond their time on the line, and the longest time that the
/// command takes.
const PATIENCE: Duration = Duration::from_secs(60);
const LONGEST_PATIENCE: u64 = 1_000_000;

impl Luat {
    /// Chooses whether files pass through the module's own memory (FTPEXTGET, FTPEXTPUT), from the next transfer on:
    /// one exchange then carries up to 300 kB instead of 1460 bytes, which saves time on a module that takes its time
    /// for each command. Downloads of more than that, and all uploads to a SIM7070, SIM7080 or SIM7090, whose manual
    /// leaves open how it asks for the bytes, go in small blocks as before. An upload of more than 300 kB goes in
    /// several parts, all but the first appended (`APPE`). Default: `false`.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) when the firmware does not know both commands. Otherwise as any exchange
    /// with the module.
    pub fn use_memory(&mut self, use_it: bool) -> Result<()> {
        self.operation("use memory", |luat, cx| {
            for command in if use_it { &["+FTPEXTGET", "+FTPEXTPUT"][..] } else { &[] } {
                if !knows(cx, command)? {
                    return Err(Error::new(ErrorKind::Unsupported, format!("this firmware has no AT{command}")));
                }
            }
            luat.uses_memory = use_it;
            cx.capabilities.limits.download_block = if use_it { MEMORY } else { READ_BLOCK };
            cx.capabilities.limits.upload_block = if luat.collects_uploads() { MEMORY } else { MAX_WRITE_BLOCK };
            Ok(())
        })
    }

    /// Returns whether files pass through the module's own memory.
    pub fn uses_memory(&self) -> bool {
        self.dialect().uses_memory
    }
}

impl LuatFtp {
    /// Whether uploads pass through the memory.
    pub(super) fn collects_uploads(&self) -> bool {
        // SIM7080 FTP(S) application note V1.02: the line that asks for the bytes is missing in an example.
        self.uses_memory && self.family.family != Family::Sim7080
    }

    /// Fetches the `rest` bytes of a file into the memory, and `wanted` of them from there. Where these reach `to_end`,
    /// the memory must hold no more.
    pub(super) fn fetch_by_memory(
        &mut self,
        cx: &mut Context,
        rest: u64,
        wanted: u64,
        to_end: bool,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let filled = self.fill_memory(cx, rest).and_then(|()| read_memory(cx, wanted, sink));
        let outcome = filled.and_then(|()| if to_end { check_memory_end(cx, wanted) } else { Ok(()) });
        match outcome.and_then(|()| sink.check()) {
            Ok(()) => cx.set(Command::set("+FTPEXTGET").number(0u8)),
            // Nothing was opened.
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(error),
            Err(error) => {
                let error = self.quit_after(cx, error);
                clear(cx, &error, "+FTPEXTGET");
                Err(error)
            }
        }
    }

    fn fill_memory(&mut self, cx: &mut Context, count: u64) -> Result<()> {
        let command = || Command::set("+FTPEXTGET").number(1u8);
        let filled = self.open_long_session(cx, count, command, &results::EXTGET);
        let result = filled.map_err(|error| explain_refusal(cx, "+FTPEXTGET", error))?;
        if result.number(1) == Some(0) { Ok(()) } else { Err(self.failed(cx, &result)) }
    }

    /// Uploads what `source` yields, behind the bytes in `block`, which it has yielded already.
    pub(super) fn write_by_memory(
        &mut self,
        cx: &mut Context,
        mut block: Vec<u8>,
        source: &mut Source<'_>,
    ) -> Result<()> {
        loop {
            collect(cx, &block)?;
            self.store_collected(cx, &block, source)?;
            cx.set(Command::set("+FTPEXTPUT").number(0u8))?;
            let filled = source.fill(&mut block)?;
            if filled == 0 {
                return source.check_length();
            }
            block.truncate(filled);
            self.choose_put_option(cx, PutOption::Append)?;
        }
    }

    /// Has the module upload what it has collected.
    fn store_collected(&mut self, cx: &mut Context, block: &[u8], source: &mut Source<'_>) -> Result<()> {
        let count = block.len() as u64;
        source.announce(&cx.engine, count);
        source.begin();
        let command = || Command::set("+FTPPUT").number(1u8);
        let result = self.open_long_session(cx, count, command, &results::PUT)?;
        match result.number(1) {
            Some(0) => {
                source.take(count);
                Ok(())
            }
            Some(1) => Err(cx.engine.report.error(ErrorKind::Protocol, "the module has forgotten what it collected")),
            _ => Err(self.failed(cx, &result)),
        }
    }

    /// Opens a session in which the module moves `count` bytes on its own before it reports anything.
    fn open_long_session(
        &mut self,
        cx: &mut Context,
        count: u64,
        command: impl Fn() -> Command,
        result: &Pattern,
    ) -> Result<ResultLine> {
        self.open_by(cx, |luat, cx| luat.perform_long(cx, count, command(), result))
    }

    /// Sends a command by which the module moves `count` bytes on its own, and waits for the result for as long as the
    /// session goes on.
    fn perform_long(&self, cx: &mut Context, count: u64, command: Command, result: &Pattern) -> Result<ResultLine> {
        cx.engine.inbox.forget(result);
        cx.set(command)?;
        let whole = cx.engine.deadline(Phase::Result, RESULT_LIMIT + Duration::from_secs(count / SLOWEST));
        let mut has_ended = false;
        loop {
            let left = whole.at().saturating_duration_since(cx.engine.now());
            let patience = if has_ended { Duration::ZERO } else { HEARTBEAT.min(left) };
            let deadline = cx.engine.deadline(Phase::Result, patience);
            match cx.engine.poll(result, deadline)? {
                // Success may be the late report of a session that was quit.
                Some(line) if line.number(1) != Some(0) || self.has_ended_well(cx, result)? => return Ok(line),
                Some(_) => {}
                None if has_ended => {
                    let detail = "the session ended without a result";
                    return Err(cx.engine.report.error(ErrorKind::Incomplete, detail));
                }
                None if cx.engine.now() >= whole.at() => return Err(whole.passed()),
                None => has_ended = is_busy(cx)? == Some(false),
            }
        }
    }
}

fn read_memory(cx: &mut Context, wanted: u64, sink: &mut Sink<'_>) -> Result<()> {
    let mut received = 0;
    while received < wanted && !sink.has_failed() {
        let left = wanted - received;
        let command = Command::set("+FTPEXTGET").number(3u8).number(received).number(left);
        let count = blocks::read(&mut cx.engine, command, 1, left, sink, BLOCK_LIMITS)?;
        if count == 0 {
            let detail = format!("the module's memory held {received} of {wanted} bytes");
            return Err(cx.engine.report.error(ErrorKind::Incomplete, detail));
        }
        received += count;
    }
    Ok(())
}

/// Checks that the memory holds no more than the `count` bytes that were read: their number may not be the size of the
/// file, or the file has grown.
fn check_memory_end(cx: &mut Context, count: u64) -> Result<()> {
    let command = Command::set("+FTPEXTGET").number(3u8).number(count).number(1u8);
    check_surplus(cx, command, count)
}

/// Moves a block into the module's memory.
fn collect(cx: &mut Context, block: &[u8]) -> Result<()> {
    cx.set(Command::set("+FTPEXTPUT").number(1u8))?;
    let mut position = 0;
    // The server has none of these bytes yet: nothing of the upload is at risk.
    let mut empty = io::empty();
    let mut not_at_risk = Source::new(&mut empty, None);
    while let Some(rest) = block.get(position..).filter(|rest| !rest.is_empty()) {
        let count = rest.len() as u64;
        let patience = (PATIENCE + cx.engine.line_time(count) * 2).as_millis();
        let patience = u64::try_from(patience).unwrap_or(u64::MAX).min(LONGEST_PATIENCE);
        let command = Command::set("+FTPEXTPUT").number(2u8).number(position as u64).number(count).number(patience);
        let taken = blocks::write(&mut cx.engine, command, 1, rest, BLOCK_LIMITS, &mut not_at_risk)?;
        if taken == 0 {
            return Err(cx.engine.report.error(ErrorKind::Incomplete, "the module's memory takes no more"));
        }
        position += taken;
    }
    Ok(())
}

/// Has the module drop what is in its memory, after `error`. A module that is not in step is left alone: the next
/// login, or the next transfer of this kind, does the same.
pub(super) fn clear(cx: &mut Context, error: &Error, command: &'static str) {
    if !is_gone(error) && error.module_usable() && !cx.engine.sync.is_lost() {
        let _ = cx.set(Command::set(command).number(0u8));
    }
}

/// The first block of what `source` yields; empty at its end.
pub(super) fn first_block(source: &mut Source<'_>) -> Result<Vec<u8>> {
    let size = usize::try_from(source.length().unwrap_or(MEMORY).clamp(1, MEMORY)).unwrap_or_default();
    let mut block = vec![0; size];
    let filled = source.fill(&mut block)?;
    block.truncate(filled);
    Ok(block)
}

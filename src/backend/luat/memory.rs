//! Transfers through the module's own memory, in blocks of up to 300 kB instead of 1460 bytes: FTPEXTGET and FTPEXTPUT.
//!
//! After the chapters of these names in the Luat AT manual and in the SIM800 AT manual V1.09 §10. A program chooses it
//! by [`Luat::use_memory`]: the whole of a block passes the network before the first byte of it passes the line, or the
//! other way round. So a transfer takes longer where the network is slow and the module answers fast, and is much
//! shorter where the module takes its time for every command.

use std::io;
use std::time::Duration;

use super::Luat;
use super::client::{Client, is_busy, may_be_open};
use super::facts::{BLOCK_LIMITS, MAX_WRITE_BLOCK, MEMORY, READ_BLOCK, RESULT_LIMIT, result};
use super::target::{APPEND, Target};
use crate::at::{Command, ResultLine, Sink};
use crate::backend::blocks;
use crate::backend::context::Context;
use crate::backend::driver::{Part, Source, knows};
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

/// Fetches the `rest` bytes of a file behind the offset into the memory, and what is `wanted` of them from there. Where
/// that reaches to the end of the file, the memory must hold no more.
pub(super) fn fetch(client: &mut Client, cx: &mut Context, rest: u64, wanted: Part, sink: &mut Sink<'_>) -> Result<()> {
    let count = wanted.most();
    let fetched = fill(client, cx, rest).and_then(|()| read(cx, count, sink));
    let checked = fetched.and_then(|()| match wanted.length {
        None => blocks::check_surplus(&mut cx.engine, read_at(count, 1), count, BLOCK_LIMITS),
        Some(_) => Ok(()),
    });
    match checked.and_then(|()| sink.check()) {
        Ok(()) => cx.set(Command::set("+FTPEXTGET").number(0u8)),
        Err(error) => {
            let error = client.quit_after(cx, error);
            clear(cx, &error, "+FTPEXTGET");
            Err(error)
        }
    }
}

fn fill(client: &mut Client, cx: &mut Context, count: u64) -> Result<()> {
    let filled = client.open(cx, |client, cx| move_on_its_own(client, cx, count, "+FTPEXTGET"));
    let result = client.explained(cx, "+FTPEXTGET", filled)?;
    if result.number(1) == Some(0) { Ok(()) } else { Err(client.failed(cx, &result)) }
}

/// Uploads what `source` yields, behind the bytes in `block`, which it has yielded already.
pub(super) fn store(
    client: &mut Client,
    target: &mut Target,
    cx: &mut Context,
    mut block: Vec<u8>,
    source: &mut Source<'_>,
) -> Result<()> {
    loop {
        collect(cx, &block)?;
        store_collected(client, cx, block.len() as u64, source)?;
        cx.set(Command::set("+FTPEXTPUT").number(0u8))?;
        let filled = source.fill(&mut block)?;
        if filled == 0 {
            return Ok(());
        }
        block.truncate(filled);
        target.choose_put_option(cx, APPEND)?;
    }
}

/// Has the module upload the `count` bytes that it has collected.
fn store_collected(client: &mut Client, cx: &mut Context, count: u64, source: &mut Source<'_>) -> Result<()> {
    source.announce(&cx.engine, count);
    source.begin();
    let result = client.open(cx, |client, cx| move_on_its_own(client, cx, count, "+FTPPUT"))?;
    match result.number(1) {
        Some(0) => {
            source.take(count);
            Ok(())
        }
        Some(1) => Err(cx.engine.error(ErrorKind::Protocol, "the module has forgotten what it collected")),
        _ => Err(client.failed(cx, &result)),
    }
}

/// Sends `<name>=1`, by which the module moves `count` bytes on its own before it reports anything, and waits for the
/// result for as long as the session goes on.
fn move_on_its_own(client: &Client, cx: &mut Context, count: u64, name: &'static str) -> Result<ResultLine> {
    cx.engine.inbox().forget(&result(name));
    cx.set(Command::set(name).number(1u8))?;
    let whole = cx.engine.deadline(Phase::Result, RESULT_LIMIT + Duration::from_secs(count / SLOWEST));
    let mut has_ended = false;
    loop {
        let left = whole.at().saturating_duration_since(cx.engine.now());
        let patience = if has_ended { Duration::ZERO } else { HEARTBEAT.min(left) };
        let deadline = cx.engine.deadline(Phase::Result, patience);
        match cx.engine.poll(&result(name), deadline)? {
            // Success may be the late report of a session that was quit.
            Some(line) if line.number(1) != Some(0) || client.has_ended_well(cx, name)? => return Ok(line),
            Some(_) => {}
            None if has_ended => {
                return Err(cx.engine.error(ErrorKind::Incomplete, "the session ended without a result"));
            }
            None if cx.engine.now() >= whole.at() => return Err(whole.passed()),
            None => has_ended = is_busy(cx)? == Some(false),
        }
    }
}

/// Reads at most `count` bytes of the memory, from `position` on.
fn read_at(position: u64, count: u64) -> Command {
    Command::set("+FTPEXTGET").number(3u8).number(position).number(count)
}

fn read(cx: &mut Context, wanted: u64, sink: &mut Sink<'_>) -> Result<()> {
    let mut received = 0;
    while received < wanted && !sink.has_failed() {
        let left = wanted - received;
        let count = blocks::read(&mut cx.engine, read_at(received, left), 1, left, sink, BLOCK_LIMITS)?;
        if count == 0 {
            let detail = format!("the module's memory held {received} of {wanted} bytes");
            return Err(cx.engine.error(ErrorKind::Incomplete, detail));
        }
        received += count;
    }
    Ok(())
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
        let patience = (PATIENCE + cx.engine.link().line_time(count) * 2).as_millis();
        let patience = u64::try_from(patience).unwrap_or(u64::MAX).min(LONGEST_PATIENCE);
        let command = Command::set("+FTPEXTPUT").number(2u8).number(position as u64).number(count).number(patience);
        let taken = blocks::write(&mut cx.engine, command, 1, rest, BLOCK_LIMITS, &mut not_at_risk)?;
        if taken == 0 {
            return Err(cx.engine.error(ErrorKind::Incomplete, "the module's memory takes no more"));
        }
        position += taken;
    }
    Ok(())
}

/// Has the module drop what is in its memory, after `error`. A module that is not in step is left alone: the next
/// login, or the next transfer of this kind, does the same.
pub(super) fn clear(cx: &mut Context, error: &Error, command: &'static str) {
    if may_be_open(error) && error.module_usable() && !cx.engine.is_lost() {
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

//! Transfers by way of the module's own memory, in blocks of up to 300 kB in place of 1460 bytes: FTPEXTGET and FTPEXTPUT.
//!
//! After the chapters of these names in the Luat AT manual and in the SIM800 AT manual V1.09 §10. A program asks for it with
//! [`Luat::use_memory`]: the whole of a block passes the network before the first byte of it passes the line or the other way
//! round, so that it takes longer where the network is slow and the module answers fast, and is much shorter where the module takes its
//! time for every command.

use std::time::Duration;

use super::upload::{RESULT as STORED, as_announced};
use super::{BLOCK_LIMITS, COMMAND_LIMIT, Family, Luat, MAX_WRITE_BLOCK, PutOption, READ_BLOCK, RESULT_LIMIT, knows};
use crate::at::{Command, Drain, Expect, Pattern, Sink, Verdict};
use crate::backend::exchange::{self, is_refusal};
use crate::backend::sent::Sent;
use crate::error::{Error, ErrorKind, Phase, Result};

/// `+FTPEXTGET: 1,<code>`, the result of filling the memory; what has 3 as its first field is the answer to a command.
pub(super) const FETCHED: Pattern = Pattern::Fields("+FTPEXTGET", &["1"]);

/// What the memory holds: Luat's 302512 bytes (manual, FTPEXTGET) are the least of all families.
pub(super) const MEMORY: u64 = 300_000;

/// How often a module that says nothing is asked whether its session goes on.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// What the slowest networks in use carry in a second.
const SLOWEST: u64 = 1000;
/// How long the module waits for the bytes of FTPEXTPUT=2 beyond their time on the line, and the longest that it can be told.
const PATIENCE: Duration = Duration::from_secs(60);
const LONGEST_PATIENCE: u64 = 1_000_000;

impl Luat {
    /// Chooses whether files pass through the module's own memory (FTPEXTGET, FTPEXTPUT), from the next transfer on: one exchange
    /// then carries up to 300 kB in place of 1460 bytes, so that a module that takes its time for each command costs less of it.
    /// Downloads of more than that, and all uploads to a SIM7070, SIM7080 or SIM7090, whose manual leaves open how it asks for
    /// the bytes, go in small blocks as ever. An upload of more than 300 kB goes in several parts, all but the first appended
    /// (`APPE`). Defaults to `false`.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) when the firmware does not know both commands. Otherwise as any exchange with the
    /// module.
    pub fn use_memory(&mut self, use_it: bool) -> Result<()> {
        self.operation("use memory", |luat| {
            for command in if use_it { &["+FTPEXTGET", "+FTPEXTPUT"][..] } else { &[] } {
                if !knows(&mut luat.engine, command)? {
                    return Err(Error::new(ErrorKind::Unsupported, format!("this firmware has no AT{command}")));
                }
            }
            luat.uses_memory = use_it;
            luat.capabilities.limits.download_block = if use_it { MEMORY } else { READ_BLOCK };
            luat.capabilities.limits.upload_block = if luat.collects_uploads() { MEMORY } else { MAX_WRITE_BLOCK };
            Ok(())
        })
    }

    /// Whether files pass through the module's own memory.
    pub fn uses_memory(&self) -> bool {
        self.uses_memory
    }

    /// Whether uploads do.
    pub(super) fn collects_uploads(&self) -> bool {
        // SIM7080 FTP(S) application note V1.02: the line that asks for the bytes is missing in an example.
        self.uses_memory && self.profile.family != Family::Sim7080
    }

    /// Fetches the `rest` bytes of a file into the memory, and `wanted` of them from there.
    pub(super) fn fetch_by_memory(&mut self, rest: u64, wanted: u64, sink: &mut Sink<'_>) -> Result<()> {
        let outcome = self.fill_memory(rest).and_then(|()| self.read_memory(wanted, sink));
        match outcome.and_then(|()| sink.check()) {
            Ok(()) => self.set(Command::set("+FTPEXTGET").number(0u8)),
            // Nothing was opened.
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(error),
            Err(error) => {
                let error = self.quit_after(error);
                self.put_off(&error, "+FTPEXTGET");
                Err(error)
            }
        }
    }

    fn fill_memory(&mut self, count: u64) -> Result<()> {
        let command = || Command::set("+FTPEXTGET").number(1u8);
        match self.open_long_session(count, command, &FETCHED) {
            Err(error) if is_refusal(error.kind()) => Err(self.given_up("+FTPEXTGET", error)),
            Err(error) => Err(error),
            Ok(verdict) if verdict.number(1) == Some(0) => Ok(()),
            Ok(verdict) => Err(self.failed(&verdict)),
        }
    }

    fn read_memory(&mut self, wanted: u64, sink: &mut Sink<'_>) -> Result<()> {
        let mut received = 0;
        while received < wanted && !sink.has_failed() {
            let left = wanted - received;
            let command = Command::set("+FTPEXTGET").number(3u8).number(received).number(left);
            let count = exchange::read_announced(&mut self.engine, command, 1, left, sink, BLOCK_LIMITS)?;
            if count == 0 {
                let detail = format!("the module's memory held {received} of {wanted} bytes");
                return Err(self.engine.error(ErrorKind::Incomplete, detail));
            }
            received += count;
        }
        Ok(())
    }

    /// Uploads what `source` yields, behind the bytes in `block`, which it has yielded already.
    pub(super) fn write_by_memory(
        &mut self,
        mut block: Vec<u8>,
        length: Option<u64>,
        source: &mut Drain<'_>,
        sent: &mut Sent,
    ) -> Result<()> {
        loop {
            self.collect(&block)?;
            self.store_collected(&block, sent)?;
            self.set(Command::set("+FTPEXTPUT").number(0u8))?;
            let filled = source.fill(&mut block)?;
            if filled == 0 {
                return as_announced(length, sent.taken());
            }
            block.truncate(filled);
            self.choose_put_option(PutOption::Appe)?;
        }
    }

    /// Moves a block into the module's memory.
    fn collect(&mut self, block: &[u8]) -> Result<()> {
        self.set(Command::set("+FTPEXTPUT").number(1u8))?;
        let mut position = 0;
        // The server has nothing of it yet.
        let mut nothing = Sent::default();
        while let Some(rest) = block.get(position..).filter(|rest| !rest.is_empty()) {
            let count = rest.len() as u64;
            let patience = (PATIENCE + self.engine.line_time(count) * 2).as_millis();
            let patience = u64::try_from(patience).unwrap_or(u64::MAX).min(LONGEST_PATIENCE);
            let command = Command::set("+FTPEXTPUT").number(2u8).number(position as u64).number(count).number(patience);
            let taken = exchange::write_announced(&mut self.engine, command, 1, rest, BLOCK_LIMITS, &mut nothing)?;
            if taken == 0 {
                return Err(self.engine.error(ErrorKind::Incomplete, "the module's memory takes no more"));
            }
            position += taken;
        }
        Ok(())
    }

    /// Has the module upload what it has collected.
    fn store_collected(&mut self, block: &[u8], sent: &mut Sent) -> Result<()> {
        let count = block.len() as u64;
        sent.announce(&self.engine, count);
        sent.begin();
        let verdict = self.open_long_session(count, || Command::set("+FTPPUT").number(1u8), &STORED)?;
        match verdict.number(1) {
            Some(0) => {
                sent.take(count);
                Ok(())
            }
            Some(1) => Err(self.engine.error(ErrorKind::Protocol, "the module has forgotten what it collected")),
            _ => Err(self.failed(&verdict)),
        }
    }

    /// Has the module forget what is in its memory, after `error`. One that is not in step is left alone: the next login, or the
    /// next transfer of this kind, does the same.
    pub(super) fn put_off(&mut self, error: &Error, command: &'static str) {
        let gone = matches!(error.kind(), ErrorKind::PortLost | ErrorKind::ModuleRestarted | ErrorKind::BearerLost);
        if !gone && error.module_usable() && !self.engine.is_out_of_step() {
            let _ = self.set(Command::set(command).number(0u8));
        }
    }

    /// Sends a command by which the module moves `count` bytes on its own, and waits for the result for as long as it is at it.
    pub(super) fn perform_long(&mut self, count: u64, command: Command, result: &Pattern) -> Result<Verdict> {
        self.engine.forget(result);
        let _ = self.engine.execute(command, COMMAND_LIMIT)?;
        let whole = self.engine.deadline(Phase::Result, RESULT_LIMIT + Duration::from_secs(count / SLOWEST));
        let mut has_ended = false;
        loop {
            if let Some(line) = self.engine.take(result) {
                let verdict = Verdict(line);
                // Success may be the late report of a session that was quit.
                if verdict.number(1) != Some(0) || self.has_ended_well(result)? {
                    return Ok(verdict);
                }
            } else if has_ended {
                return Err(self.engine.error(ErrorKind::Incomplete, "the session ended without a result"));
            }
            let left = whole.at().saturating_duration_since(self.engine.now());
            if left.is_zero() {
                return Err(whole.passed());
            }
            let deadline = self.engine.deadline(Phase::Result, HEARTBEAT.min(left));
            match self.engine.next_event(Expect::Line, deadline) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => has_ended = self.is_busy()? == Some(false),
                Err(error) => return Err(error),
            }
        }
    }
}

/// The first block of what `source` yields; empty at its end.
pub(super) fn first_block(length: Option<u64>, source: &mut Drain<'_>) -> Result<Vec<u8>> {
    let size = usize::try_from(length.unwrap_or(MEMORY).clamp(1, MEMORY)).unwrap_or_default();
    let mut block = vec![0; size];
    let filled = source.fill(&mut block)?;
    block.truncate(filled);
    Ok(block)
}

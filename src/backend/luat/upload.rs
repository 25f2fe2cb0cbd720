//! Uploads: FTPPUT.

use std::io::Read;
use std::time::Duration;

use super::{BLOCK_LIMITS, Luat, MAX_WRITE_BLOCK, PutOption, RESULT_LIMIT, SAFE_WRITE_BLOCK, memory};
use crate::at::{Command, Drain, Line, Pattern, Verdict};
use crate::backend::exchange::{self, is_refusal};
use crate::backend::path;
use crate::backend::sent::Sent;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Store, StoreMode, Transfer};

pub(super) const RESULT: Pattern = Pattern::Fields("+FTPPUT", &["1"]);

/// How long to wait for the module to ask for the next block. Most firmware asks at once; one was seen that never does.
const ANNOUNCEMENT: Duration = Duration::from_secs(2);
/// How long to wait before asking again when the module takes no byte yet.
const POLL: Duration = Duration::from_millis(500);

impl Luat {
    pub(super) fn upload(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        let file = path::file(&self.directory, path)?;
        self.check_target(&file)?;
        if !self.binary && !how.force_binary {
            let detail = "this firmware has no FTPTYPE, so an upload may change bytes, unless force_binary is set";
            return Err(Error::new(ErrorKind::Unsupported, detail));
        }
        let option = match how.mode {
            StoreMode::Create | StoreMode::At(0) => PutOption::Stor,
            StoreMode::Append => PutOption::Appe,
            StoreMode::At(offset) => {
                self.check_size(&file, offset)?;
                PutOption::Appe
            }
        };
        self.choose_put_option(option)?;
        if self.restart != Some(0) {
            self.set(Command::set("+FTPREST").number(0u8))?;
            self.restart = Some(0);
        }
        self.point_uploads_to(&file)?;

        let mut sent = Sent::default();
        let mut source = Drain::new(source);
        let block = if self.collects_uploads() { memory::first_block(how.length, &mut source)? } else { Vec::new() };
        let is_collected = !block.is_empty();
        let outcome = if is_collected {
            self.write_by_memory(block, how.length, &mut source, &mut sent)
        } else {
            self.open_writing().and_then(|most| self.write_all(most, how.length, &mut source, &mut sent))
        };
        match outcome {
            Ok(()) => Ok(Transfer::new(sent.taken(), Assurance::ModuleCount)),
            // Nothing was opened.
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(error),
            Err(error) => {
                let error = self.quit_after(error);
                if is_collected {
                    // Left on, it would turn the next upload into one of what the module holds.
                    self.put_off(&error, "+FTPEXTPUT");
                }
                Err(sent.told(&self.engine, error))
            }
        }
    }

    /// Says what becomes of a file of the same name.
    pub(super) fn choose_put_option(&mut self, option: PutOption) -> Result<()> {
        if self.put_option != Some(option) {
            let text = if option == PutOption::Appe { "\"APPE\"" } else { "\"STOR\"" };
            self.set(Command::set("+FTPPUTOPT").literal(text))?;
            self.put_option = Some(option);
        }
        Ok(())
    }

    /// Makes sure that the file has the size from which it is to be continued.
    fn check_size(&mut self, file: &str, offset: u64) -> Result<()> {
        self.point_to(file)?;
        let size = self.pointed_size()?;
        if size == offset {
            return Ok(());
        }
        let detail = format!("the file has {size} bytes, so it cannot be continued at {offset}");
        Err(Error::new(ErrorKind::InvalidInput, detail))
    }

    /// Sends FTPPUT=1 and waits until the module asks for data. Returns how many bytes it takes at a time.
    fn open_writing(&mut self) -> Result<u64> {
        let deadline = self.engine.deadline(Phase::Result, RESULT_LIMIT);
        let opened = self.open_session(|| Command::set("+FTPPUT").number(1u8), &RESULT);
        let mut verdict = match opened {
            Err(error) if is_refusal(error.kind()) => return Err(self.given_up("+FTPPUT", error)),
            other => other?,
        };
        loop {
            match verdict.number(1) {
                Some(1) => return Ok(most_bytes(&verdict.0)),
                // With FTPEXTPUT or FTPFILEPUT on, the module sends what it holds itself.
                Some(0) if self.has_ended_well(&RESULT)? => {
                    let detail = "the module uploaded data of its own (FTPEXTPUT or FTPFILEPUT is on)";
                    return Err(self.engine.error(ErrorKind::WrongState, detail));
                }
                // A late report of the session before.
                Some(0) => verdict = self.engine.verdict(&RESULT, deadline)?,
                _ => return Err(self.failed(&verdict)),
            }
        }
    }

    fn write_all(&mut self, mut most: u64, length: Option<u64>, source: &mut Drain<'_>, sent: &mut Sent) -> Result<()> {
        let mut block = vec![0; MAX_WRITE_BLOCK as usize];
        // What the module did not take of the last block stays at the front.
        let mut left = 0;
        let mut announces = true;
        let strays = self.engine.strays();
        loop {
            let room = block.get_mut(left..most as usize).unwrap_or_default();
            left += source.fill(room)?;
            if left == 0 {
                break;
            }
            let ready = block.get(..left).unwrap_or_default();
            let taken = self.write_block(ready, &mut most, announces, sent)?;
            block.copy_within(taken..left, 0);
            left -= taken;
            sent.take(taken as u64);
            (most, announces) = self.next_block(most, announces, taken)?;
            // A line end within the number of a block ends the command early: the rest of it is payload then, and payload a command.
            self.engine.nothing_stray_since(strays)?;
        }
        as_announced(length, sent.taken())?;
        self.close_writing()
    }

    /// Sends one block of `most` bytes or less; returns how many of its bytes the module took. `asked` says whether the module has
    /// asked for it.
    fn write_block(&mut self, bytes: &[u8], most: &mut u64, asked: bool, sent: &mut Sent) -> Result<usize> {
        let started = self.engine.now();
        loop {
            let offered = bytes.get(..bytes.len().min(*most as usize)).unwrap_or_default();
            let command = Command::set("+FTPPUT").number(2u8).number(offered.len() as u64);
            let refused = match exchange::write_announced(&mut self.engine, command, 1, offered, BLOCK_LIMITS, sent) {
                // `2,0`: the module is not ready yet.
                Ok(0) => None,
                Ok(count) => return Ok(count),
                // Refused when it had the block already: sent once more it might be there twice.
                Err(error) if is_refusal(error.kind()) && sent.has_begun() => {
                    return Err(error.with_kind(ErrorKind::Incomplete));
                }
                // It has asked, and does not understand the answer: bytes that were added to the block before stand in front of it.
                Err(error) if is_refusal(error.kind()) && asked && sent.taken() > 0 => {
                    return Err(error.with_kind(ErrorKind::Protocol));
                }
                // Asked before it asked: refused, and nothing lost (SIM7000 FTP application note V1.02 §5.5).
                Err(error) if is_refusal(error.kind()) => Some(error),
                Err(error) => return Err(error),
            };
            if self.engine.now() > started + RESULT_LIMIT {
                return Err(refused.unwrap_or_else(|| self.engine.deadline(Phase::Data, RESULT_LIMIT).passed()));
            }
            let deadline = self.engine.deadline(Phase::Prompt, POLL);
            match self.engine.verdict(&RESULT, deadline) {
                Ok(verdict) => {
                    self.still_open(&verdict)?;
                    *most = most_bytes(&verdict.0);
                }
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    if refused.is_some() && self.is_busy()? == Some(false) {
                        return Err(self.engine.error(ErrorKind::Incomplete, "the module has no upload open any more"));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for the module to ask for the next block. Returns how many bytes it takes, and whether this firmware asks at all.
    fn next_block(&mut self, most: u64, announces: bool, taken: usize) -> Result<(u64, bool)> {
        let limit = if announces && taken > 0 { ANNOUNCEMENT } else { Duration::ZERO };
        let deadline = self.engine.deadline(Phase::Prompt, limit);
        let mut newest = match self.engine.verdict(&RESULT, deadline) {
            Ok(verdict) => verdict,
            Err(error) if error.kind() == ErrorKind::Timeout => return Ok((most, false)),
            Err(error) => return Err(error),
        };
        self.still_open(&newest)?;
        while let Some(line) = self.engine.take(&RESULT) {
            newest = Verdict(line);
            self.still_open(&newest)?;
        }
        Ok((most_bytes(&newest.0), true))
    }

    /// Makes sure that a result code in the middle of an upload is not its end.
    fn still_open(&mut self, verdict: &Verdict) -> Result<()> {
        match verdict.number(1) {
            Some(1) => Ok(()),
            // A late report of the session before.
            Some(0) if !self.is_over()? => Ok(()),
            // Seen after 32 s of silence (780EP log).
            Some(0) => Err(self.engine.error(ErrorKind::Incomplete, "the module ended the upload by itself")),
            _ => Err(self.failed(verdict)),
        }
    }

    /// Sends FTPPUT=2,0 and waits for the result: only that says that the file is stored.
    fn close_writing(&mut self) -> Result<()> {
        self.engine.forget(&RESULT);
        self.set(Command::set("+FTPPUT").number(2u8).number(0u8))?;
        let deadline = self.engine.deadline(Phase::Result, RESULT_LIMIT);
        let mut finished = false;
        loop {
            if finished && self.has_ended_well(&RESULT)? {
                return Ok(());
            }
            // After a report that may be a late one of the session before, the session itself tells.
            let wait = if finished { self.engine.deadline(Phase::Result, POLL) } else { deadline };
            match self.engine.verdict(&RESULT, wait) {
                Ok(verdict) => match verdict.number(1) {
                    // It asked for more before it knew.
                    Some(1) => {}
                    Some(0) => finished = true,
                    _ => return Err(self.failed(&verdict)),
                },
                Err(error) if finished && error.kind() == ErrorKind::Timeout && self.engine.now() < deadline.at() => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether the source yielded as many bytes as it was said to.
pub(super) fn as_announced(length: Option<u64>, yielded: u64) -> Result<()> {
    match length {
        Some(length) if length != yielded => {
            let detail = format!("the source yielded {yielded} bytes, {length} were announced");
            Err(Error::new(ErrorKind::LocalIo, detail))
        }
        _ => Ok(()),
    }
}

/// `<maxlength>` of `+FTPPUT: 1,1,<maxlength>`; one SIM7080 firmware leaves it out.
fn most_bytes(line: &Line) -> u64 {
    match line.number(2) {
        Some(most @ 1..=MAX_WRITE_BLOCK) => most,
        Some(most) if most > MAX_WRITE_BLOCK => MAX_WRITE_BLOCK,
        _ => SAFE_WRITE_BLOCK,
    }
}

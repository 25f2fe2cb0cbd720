//! Downloads: FTPGET fills the module's cache, FTPRECV empties it.

use std::io::Write;
use std::time::Duration;

use super::{BLOCK_LIMITS, DATA, DONE, Fibocom, PATH, READ_BLOCK, RESULT_LIMIT};
use crate::at::{Answer, Command, Pattern, Sink};
use crate::backend::exchange;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

const RESULT: Pattern = Pattern::Prefix("+FTPGET");
/// `type` of FTPGET, FTPRETR and FTPPUT (MC66x SDK; the guide's example sends it without naming it).
pub(super) const BINARY: u8 = 1;
/// What every FTPRECV was seen to take (the guide asks for 100, drivers for 1024).
const SMALL_BLOCK: u64 = 1024;
/// How long to wait for more data before asking for it again.
const POLL: Duration = Duration::from_millis(200);

/// What is to be fetched.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// First byte.
    pub(super) offset: u64,
    /// Size of the file, where known.
    pub(super) size: Option<u64>,
    /// Most bytes from `offset` on.
    pub(super) most: u64,
    /// Whether the caller wants less than the rest of the file.
    pub(super) is_part: bool,
}

impl Wanted {
    /// The transfer of `bytes` bytes, or the error that these are not all.
    pub(super) fn outcome(&self, bytes: u64) -> Result<Transfer> {
        match self.size {
            Some(_) if bytes < self.most => {
                let detail = format!("the module delivered {bytes} of {} bytes", self.most);
                Err(Error::new(ErrorKind::Incomplete, detail))
            }
            Some(_) => Ok(Transfer::new(bytes, Assurance::ServerSize)),
            None => Ok(Transfer::new(bytes, Assurance::Unconfirmed)),
        }
    }
}

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

/// Where the module stands with filling its cache.
#[derive(Clone, Copy, PartialEq)]
enum Filling {
    /// `+FTPGET: 2`: data are coming.
    Running,
    /// `+FTPGET: 1`: the file, or as much of it as the cache holds, is there.
    Done,
    /// `+FTPGET: 0`.
    Failed,
}

impl Fibocom {
    pub(super) fn download(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        let wanted = self.wanted(path, what)?;
        let mut sink = Sink::new(sink);
        let fetched = self.rounds(path, wanted, &mut sink);
        let bytes = sink.written();
        let outcome = fetched.and_then(|()| self.check_offset(path, wanted)).and_then(|()| wanted.outcome(bytes));
        outcome.map_err(|error| {
            // What was found out about the module may have been a line that was damaged.
            self.reading = Reading::default();
            error.with_transferred(bytes)
        })
    }

    /// What `what` means for the file at `path`. A size that nobody tells is no reason not to try.
    pub(super) fn wanted(&mut self, path: &str, what: &Retrieve) -> Result<Wanted> {
        let size = match what.size {
            None => match self.file_metadata(path) {
                Err(error) if error.kind() == ErrorKind::Unavailable => None,
                metadata => metadata?.size,
            },
            known => known,
        };
        if let Some(size) = size.filter(|size| what.offset > *size) {
            let detail = format!("offset {} is beyond the file's {size} bytes", what.offset);
            return Err(Error::new(ErrorKind::InvalidInput, detail));
        }
        let rest = size.map_or(u64::MAX, |size| size - what.offset);
        let most = what.length.unwrap_or(u64::MAX).min(rest);
        Ok(Wanted { offset: what.offset, size, most, is_part: most < rest })
    }

    /// The error of a file of which the module fetched `received` bytes, without a reason.
    pub(super) fn not_fetched(&self, wanted: Wanted, received: u64) -> Error {
        // A file whose size was told is there: what failed is its transfer.
        let is_there = wanted.size.is_some() || received > 0;
        let kind = if is_there { ErrorKind::DataConnection } else { ErrorKind::Unavailable };
        self.engine.error(kind, "the module gives no reason")
    }

    /// Fetches what is wanted, as much at a time as the cache holds, until a round brings nothing.
    fn rounds(&mut self, path: &str, wanted: Wanted, sink: &mut Sink<'_>) -> Result<()> {
        while sink.written() < wanted.most {
            let before = sink.written();
            let overlap = sink.rewind();
            let offset = wanted.offset.saturating_add(before) - overlap;
            let round = Wanted { offset, most: (wanted.most - before).saturating_add(overlap), ..wanted };
            let outcome = self.round(path, round, sink);
            let gets_on = sink.written() > before || overlap > 0;
            match outcome {
                // A module that failed in the middle is asked again from there, as long as it gets on.
                Err(error) if error.kind() != ErrorKind::DataConnection || !gets_on => return Err(error),
                _ => sink.check()?,
            }
            if !gets_on {
                break;
            }
        }
        Ok(())
    }

    /// One FTPGET, and as many FTPRECV as it takes to empty the cache.
    fn round(&mut self, path: &str, wanted: Wanted, sink: &mut Sink<'_>) -> Result<()> {
        let mut filling = self.start_filling(path, wanted)?;
        if filling == Filling::Failed {
            return Err(self.not_fetched(wanted, 0));
        }
        self.empty_cache(wanted, &mut filling, sink)?;
        if filling == Filling::Running && (sink.has_failed() || !self.ends_by_itself(wanted)?) {
            // The module would go on, and take no other command meanwhile.
            self.session.lost();
            let _ = self.close()?;
        }
        Ok(())
    }

    /// Asks for a file. How many bytes is only said where it is not all of them: the guide's FTPGET has three arguments, only the
    /// SDK of the MC66x the fourth.
    fn start_filling(&mut self, path: &str, wanted: Wanted) -> Result<Filling> {
        let command = || Command::set("+FTPGET").text(&PATH, path).number(BINARY).number(wanted.offset);
        if wanted.is_part && self.takes_size {
            match self.run(command().number(wanted.most), &RESULT) {
                Err(error) if exchange::is_refusal(error.kind()) => {}
                verdict => return Ok(state(verdict?.number(0))),
            }
        }
        let verdict = self.run(command(), &RESULT)?;
        self.takes_size &= !wanted.is_part;
        Ok(state(verdict.number(0)))
    }

    /// Reads the cache until all that is wanted has come or it is empty for good.
    fn empty_cache(&mut self, wanted: Wanted, filling: &mut Filling, sink: &mut Sink<'_>) -> Result<()> {
        let most = wanted.most;
        let mut received = 0;
        let mut idle_since = self.engine.now();
        while received < most && !sink.has_failed() {
            if *filling == Filling::Failed {
                return Err(self.not_fetched(wanted, received));
            }
            let count = self.read_cache(most - received, sink)?;
            received += count;
            if count > 0 {
                idle_since = self.engine.now();
            } else if *filling == Filling::Done {
                // Empty, and nothing more to come.
                break;
            } else {
                // Empty, but more may be coming.
                if self.engine.now() > idle_since + RESULT_LIMIT {
                    return Err(self.engine.deadline(Phase::Data, RESULT_LIMIT).passed());
                }
                let deadline = self.engine.deadline(Phase::Data, POLL);
                match self.engine.verdict(&RESULT, deadline) {
                    Ok(verdict) => *filling = state(verdict.number(0)),
                    Err(error) if error.kind() == ErrorKind::Timeout => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Reads at most `left` bytes of the cache; 0 when there are none, which some firmware says by a refusal.
    fn read_cache(&mut self, left: u64, sink: &mut Sink<'_>) -> Result<u64> {
        let mut reading = self.reading;
        loop {
            let asked = reading.block.min(left);
            // The guide's table prints FTP_RECV, its log FTPRECV: a module may answer with the name of either.
            let answer = Answer::Either("+FTPRECV", "+FTP_RECV");
            let command = Command::set(reading.command).number(asked).answered_by(answer);
            match exchange::read_announced(&mut self.engine, command, 0, asked, sink, BLOCK_LIMITS) {
                Ok(count) => {
                    if count > 0 {
                        self.reading = Reading { is_proven: true, ..reading };
                    }
                    return Ok(count);
                }
                Err(error) if !exchange::is_refusal(error.kind()) => return Err(error),
                Err(_) if reading.is_proven => return Ok(0),
                Err(_) if reading.command == "+FTPRECV" => reading.command = "+FTP_RECV",
                Err(_) if asked > SMALL_BLOCK => {
                    reading = Reading { block: SMALL_BLOCK, ..Reading::default() };
                }
                Err(_) => return Ok(0),
            }
        }
    }

    /// Waits for the end of a round whose data are all read: before it the module takes no other FTP command. It does not come by
    /// itself where more of the file is to be had.
    fn ends_by_itself(&mut self, wanted: Wanted) -> Result<bool> {
        if wanted.is_part && !self.takes_size {
            return Ok(false);
        }
        let deadline = self.engine.deadline(Phase::Result, RESULT_LIMIT);
        loop {
            match self.engine.verdict(&RESULT, deadline) {
                Ok(verdict) if state(verdict.number(0)) == Filling::Running => {}
                // Every byte is there, by the size that the server stated; how the module sees it does not matter.
                Ok(_) => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the offset was obeyed, as far as the cache tells: a module that began at the start of the file has more to give.
    fn check_offset(&mut self, path: &str, wanted: Wanted) -> Result<()> {
        if wanted.offset == 0 || wanted.is_part || wanted.size.is_none() || !self.session.is_open() {
            return Ok(());
        }
        let mut surplus = std::io::sink();
        let mut sink = Sink::new(&mut surplus);
        // More than the file had: it has grown, or these are not the bytes that were asked for.
        if self.read_cache(1, &mut sink)? > 0 && self.file_metadata(path)?.size == wanted.size {
            let detail = format!("the module did not start at byte {}", wanted.offset);
            return Err(self.engine.error(ErrorKind::VerificationFailed, detail));
        }
        Ok(())
    }
}

fn state(digit: Option<u64>) -> Filling {
    match digit {
        Some(DATA) => Filling::Running,
        Some(DONE) => Filling::Done,
        _ => Filling::Failed,
    }
}

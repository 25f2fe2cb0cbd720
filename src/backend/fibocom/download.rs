//! Downloads: FTPGET fills the module's cache, FTPRECV empties it.

use std::io::Write;
use std::time::Duration;

use super::{BLOCK_LIMITS, COMMAND_LIMIT, DATA, DONE, Fibocom, PATH, READ_BLOCK, RESULT_LIMIT};
use crate::at::{Answer, Command, Pattern, Sink};
use crate::backend::exchange;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

const RESULT: Pattern = Pattern::Prefix("+FTPGET");
/// `type` of FTPGET and FTPPUT (MC66x SDK; the guide's example sends it without naming it).
const BINARY: u8 = 1;
/// How long to wait for more data before asking for it again.
const POLL: Duration = Duration::from_millis(200);

/// Where the module stands with filling its cache.
#[derive(PartialEq)]
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
        let size = self.file_size(path)?;
        if let Some(size) = size.filter(|size| what.offset > *size) {
            let detail = format!("offset {} is beyond the file's {size} bytes", what.offset);
            return Err(Error::new(ErrorKind::InvalidInput, detail));
        }
        let rest = size.map(|size| size - what.offset);
        let most = what.length.unwrap_or(u64::MAX).min(rest.unwrap_or(u64::MAX));
        let mut sink = Sink::new(sink);
        self.rounds(path, what.offset, most, &mut sink).map_err(|error| error.with_transferred(sink.written()))?;
        if rest.is_some() && sink.written() < most {
            let detail = format!("the module delivered {} of {most} bytes", sink.written());
            return Err(self.engine.error(ErrorKind::Incomplete, detail).with_transferred(sink.written()));
        }
        let assurance = if rest.is_some() { Assurance::ServerSize } else { Assurance::Unconfirmed };
        Ok(Transfer::new(sink.written(), assurance))
    }

    /// Fetches `most` bytes, as many at a time as the cache holds, until a round brings nothing.
    fn rounds(&mut self, path: &str, offset: u64, most: u64, sink: &mut Sink<'_>) -> Result<()> {
        while sink.written() < most {
            let before = sink.written();
            let outcome = self.round(path, offset + before, most - before, sink);
            sink.check()?;
            match outcome {
                Ok(()) if sink.written() == before => break,
                Ok(()) => {}
                // A module that failed in the middle is asked again from there, as long as it gets on.
                Err(error) if error.kind() == ErrorKind::DataConnection && sink.written() > before => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// One FTPGET, and as many FTPRECV as it takes to empty the cache.
    fn round(&mut self, path: &str, offset: u64, most: u64, sink: &mut Sink<'_>) -> Result<()> {
        let mut command = Command::set("+FTPGET").text(&PATH, path).number(BINARY).number(offset);
        if most < u64::MAX {
            command = command.number(most);
        }
        let verdict = self.engine.perform(command, COMMAND_LIMIT, &RESULT, RESULT_LIMIT)?;
        let mut filling = state(verdict.number(0));
        let mut received = 0;
        let mut idle_since = self.engine.now();
        while received < most && !sink.has_failed() {
            if filling == Filling::Failed {
                // The file is there, it was listed: what failed is its transfer.
                return Err(self.engine.error(ErrorKind::DataConnection, "the module gives no reason"));
            }
            let asked = READ_BLOCK.min(most - received);
            // The guide's table prints FTP_RECV, its log FTPRECV.
            let answer = Answer::Either("+FTPRECV", "+FTP_RECV");
            let command = Command::set("+FTPRECV").number(asked).answered_by(answer);
            let count = exchange::read_announced(&mut self.engine, command, 0, asked, sink, BLOCK_LIMITS)?;
            received += count;
            let was_done = filling == Filling::Done;
            while let Some(line) = self.engine.take(&RESULT) {
                filling = state(line.number(0));
            }
            if count > 0 {
                idle_since = self.engine.now();
            } else if was_done {
                // Empty, and nothing more to come.
                break;
            } else if filling == Filling::Running {
                // Empty, but more is coming.
                if self.engine.now() > idle_since + RESULT_LIMIT {
                    return Err(self.engine.deadline(Phase::Data, RESULT_LIMIT).passed());
                }
                let deadline = self.engine.deadline(Phase::Data, POLL);
                match self.engine.verdict(&RESULT, deadline) {
                    Ok(verdict) => filling = state(verdict.number(0)),
                    Err(error) if error.kind() == ErrorKind::Timeout => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.let_it_finish(filling)
    }

    /// Waits for the end of a round whose data are all read: before it the module takes no other FTP command.
    fn let_it_finish(&mut self, mut filling: Filling) -> Result<()> {
        let deadline = self.engine.deadline(Phase::Verdict, RESULT_LIMIT);
        while filling == Filling::Running {
            filling = state(self.engine.verdict(&RESULT, deadline)?.number(0));
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

//! Downloads: MFTPRETR, whose data stand inside the result lines.

use std::io::{self, Write};
use std::time::Duration;

use super::{COMMAND_LIMIT, CONNECTION, CONNECTION_FIELD, ChinaMobile, PATH, RESULT_LIMIT};
use crate::at::{Command, Event, Expect, Header, Line, Pattern, Sink, Verdict};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

const RESULT: Pattern = Pattern::Fields("+MFTPRETR", CONNECTION_FIELD);
/// `+MFTPRETR: <connection>,<result>,<sum_size>,<recv_size>,<data>`.
const HEADER: Expect = Expect::Header(Header { prefix: "+MFTPRETR:", commas: 4 });

/// How long the line end behind a piece may take; a sibling service of the same firmware leaves it out.
const LINE_END: Duration = Duration::from_secs(1);
/// How long the rest of a download that went wrong is waited out.
const SILENCE: Duration = Duration::from_secs(3);
/// The largest offset that firmware which keeps offsets in 16 bits (seen in one vendor header) gets right.
const SHORT_OFFSET: u64 = u16::MAX as u64;

/// What one piece of a download says of itself.
struct Piece {
    /// `<sum_size>`: bytes delivered so far, this piece included. The manual's text calls it the file's length, its examples
    /// do not (23 bytes from offset 5: `18,18`).
    sum: u64,
    /// `<recv_size>`: bytes in this piece.
    count: u64,
}

impl ChinaMobile {
    pub(super) fn download(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        // Without the size nothing tells when all pieces have come: there is no end mark.
        let size = self.entry(path)?.size;
        let size = size.ok_or_else(|| self.engine.error(ErrorKind::Unavailable, "it is not a file"))?;
        if what.offset > size {
            let detail = format!("offset {} is beyond the file's {size} bytes", what.offset);
            return Err(Error::new(ErrorKind::InvalidInput, detail));
        }
        let wanted = (size - what.offset).min(what.length.unwrap_or(u64::MAX));
        let mut sink = Sink::new(sink);
        let outcome = self.pulls(path, what.offset, wanted, size, &mut sink);
        outcome.map_err(|error| self.abandon(error).with_transferred(sink.written()))?;
        Ok(Transfer::new(sink.written(), Assurance::ServerSize))
    }

    /// Fetches `wanted` bytes: in one pull, as each opens a data connection of its own, unless pieces get lost on the way.
    fn pulls(&mut self, path: &str, offset: u64, wanted: u64, size: u64, sink: &mut Sink<'_>) -> Result<()> {
        while sink.written() < wanted {
            let before = sink.written();
            let start = offset + before;
            if start > SHORT_OFFSET && !self.long_offsets {
                self.check_long_offsets(path, size)?;
            }
            let pulled = self.pull(path, start, Some(wanted - before), wanted - before, sink);
            sink.check()?;
            // The file is there, it was listed: what failed is its transfer.
            pulled.map_err(|error| match error.kind() {
                ErrorKind::Unavailable => error.with_kind(ErrorKind::DataConnection),
                _ => error,
            })?;
            if sink.written() == before {
                let detail = format!("the module delivered {before} of {wanted} bytes");
                return Err(self.engine.error(ErrorKind::Incomplete, detail));
            }
        }
        Ok(())
    }

    /// Makes sure that an offset beyond 65535 is not taken modulo 65536: asks for the last byte of the file by its offset alone,
    /// which brings more than a byte when it is.
    fn check_long_offsets(&mut self, path: &str, size: u64) -> Result<()> {
        let mut nowhere = io::sink();
        let mut sink = Sink::new(&mut nowhere);
        self.pull(path, size - 1, None, 1, &mut sink)?;
        if sink.written() == 1 {
            self.long_offsets = true;
            return Ok(());
        }
        // The rest of the file is on its way: only closing the session stops it.
        self.session.lost();
        self.close()?;
        let detail = "this firmware gets offsets beyond 65535 wrong; download the file from its beginning";
        Err(self.engine.error(ErrorKind::Unsupported, detail))
    }

    /// One MFTPRETR of `asked` bytes, or of all from `offset` on, until `expected` bytes have come. Stops early, with what was
    /// right until then, when a piece was lost.
    fn pull(&mut self, path: &str, offset: u64, asked: Option<u64>, expected: u64, sink: &mut Sink<'_>) -> Result<()> {
        self.engine.forget(&RESULT);
        let command = Command::set("+MFTPRETR").number(CONNECTION).text(&PATH, path).omitted().number(offset);
        let command = match asked {
            Some(asked) => command.number(asked),
            None => command,
        };
        let mut acknowledged = false;
        let mut received = 0;
        let mut lost = false;
        let acknowledgement = self.engine.start(command, Phase::Acknowledgement, COMMAND_LIMIT)?;
        while !acknowledged || received < expected {
            let silence = if lost { SILENCE } else { RESULT_LIMIT };
            let data = self.engine.deadline(Phase::Data, silence);
            let event = match self.engine.next_event(HEADER, if acknowledged { data } else { acknowledgement }) {
                Err(error) if error.kind() == ErrorKind::Timeout && lost => return Ok(()),
                event => event?,
            };
            match event {
                Event::Acknowledged => acknowledged = true,
                Event::Header(line) => {
                    let piece = self.piece(&line, asked)?;
                    // The sum tells of a piece that never arrived; what follows it must not be taken for its place.
                    lost |= piece.sum != received + piece.count;
                    if !lost {
                        received += piece.count;
                        self.block(piece.count, sink)?;
                        continue;
                    }
                    self.block(piece.count, &mut Sink::new(&mut io::sink()))?;
                    if piece.sum >= expected {
                        return Ok(());
                    }
                }
                Event::Unsolicited => {
                    if let Some(line) = self.engine.take(&RESULT) {
                        match line.number(1) {
                            // In progress, or a summary without data.
                            Some(0 | 1) => {}
                            _ => return self.succeeded(&Verdict(line)),
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn piece(&mut self, line: &Line, asked: Option<u64>) -> Result<Piece> {
        let ours = line.number(0) == Some(u64::from(CONNECTION)) && matches!(line.number(1), Some(0 | 1));
        match (line.number(2), line.number(3)) {
            (Some(sum), Some(count)) if ours && asked.is_none_or(|asked| count <= asked) => Ok(Piece { sum, count }),
            _ => {
                let said = self.engine.shown(line.bytes());
                Err(self.engine.protocol(format!("unexpected data: {said}")))
            }
        }
    }

    /// Takes the data of one piece in, and the line end behind them.
    fn block(&mut self, count: u64, sink: &mut Sink<'_>) -> Result<()> {
        self.engine.receive_block(count, sink, RESULT_LIMIT)?;
        self.engine.end_of_glued_block(sink, LINE_END)?;
        sink.release();
        Ok(())
    }
}

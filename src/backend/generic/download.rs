//! Downloads and listings: FTPGET and FTPLIST.

use std::io::{self, Write};

use super::{COMMAND_LIMIT, Generic, NAME, SERVER_LIMIT};
use crate::at::{Command, Event, Expect, FinalResult, Header, Reply, Sink};
use crate::backend::listing_buffer::ListingBuffer;
use crate::backend::path;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

/// `+FTPGET:<n>,<data>`, as the manual's example prints it. Its table has `+FTPGET:<n>` on a line of its own before the data;
/// the first byte behind the number tells which it is.
const GET_HEADER: Expect = Expect::Header(Header { prefix: "+FTPGET:", commas: 1 });

impl Generic {
    pub(super) fn download(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        let file = path::file(&self.directory, path)?;
        let (directory, name) = path::split(&file);
        // Whether a module delivers a file in one piece is not documented; only the listed size tells when it is complete.
        let size = if what.size.is_some() { what.size } else { self.entry(&file)?.size };
        let rest = match size {
            Some(size) if what.offset > size => {
                let detail = format!("offset {} is beyond the file's {size} bytes", what.offset);
                return Err(Error::new(ErrorKind::InvalidInput, detail));
            }
            size => size.map(|size| size - what.offset),
        };
        self.enter(directory)?;
        self.set(Command::set("+FTPGETNAME").text(&NAME, name))?;

        let mut sink = Sink::new(sink);
        self.pieces(what, rest, &mut sink).map_err(|error| sink.told(error))?;
        let assurance = if rest.is_some() { Assurance::ServerSize } else { Assurance::Unconfirmed };
        Ok(Transfer::new(sink.written(), assurance))
    }

    /// Fetches piece after piece until the file, or the part of it that is wanted, is there. Of a file of unknown size one
    /// piece is fetched, since nothing could tell the next from the same again.
    fn pieces(&mut self, what: &Retrieve, rest: Option<u64>, sink: &mut Sink<'_>) -> Result<()> {
        let most = what.length.unwrap_or(u64::MAX).min(rest.unwrap_or(u64::MAX));
        while sink.written() < most {
            let start = what.offset + sink.written();
            if let Some(size) = rest.map(|rest| what.offset + rest) {
                self.check_offsets(start, size).map_err(|error| {
                    let begun = sink.written() > 0 && error.kind() == ErrorKind::Unsupported;
                    if begun { error.with_kind(ErrorKind::VerificationFailed) } else { error }
                })?;
            }
            let before = sink.written();
            let overlap = sink.rewind();
            // Whether the offset outlives a download is not documented: it is said anew for each.
            self.set(Command::set("+FTPRESET").number(start - overlap))?;
            let delivered = self.piece((most - before).saturating_add(overlap), sink)?;
            sink.check()?;
            match rest {
                None => return Ok(()),
                Some(rest) if delivered > rest - before + overlap => {
                    let detail = "more bytes than the file has: the module ignores the offset";
                    return Err(self.engine.error(ErrorKind::VerificationFailed, detail));
                }
                Some(_) if sink.written() == before && overlap == 0 => {
                    let detail = format!("the module delivered {} of {most} bytes", sink.written());
                    return Err(self.engine.error(ErrorKind::Incomplete, detail));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Makes sure, before the first piece that does not start at 0, that the module heeds FTPRESET: asks for the last byte of the
    /// file alone. A piece from its beginning could otherwise be taken for the one at `start`, and the manual calls the offset a
    /// number of bits while its example counts bytes.
    fn check_offsets(&mut self, start: u64, size: u64) -> Result<()> {
        // The last byte alone proves itself.
        if start == 0 || start + 1 >= size || self.offsets_work {
            return Ok(());
        }
        self.set(Command::set("+FTPRESET").number(size - 1))?;
        let delivered = self.piece(1, &mut Sink::new(&mut io::sink()))?;
        self.offsets_work = delivered == 1;
        if self.offsets_work {
            return Ok(());
        }
        let detail = "the module ignores the offset; download the file from its beginning";
        Err(self.engine.error(ErrorKind::Unsupported, detail))
    }

    /// Fetches one piece, of which at most `most` bytes go to the sink. Returns how many bytes the module delivered.
    fn piece(&mut self, most: u64, sink: &mut Sink<'_>) -> Result<u64> {
        let deadline = self.engine.start(Command::run("+FTPGET"), Phase::Prompt, SERVER_LIMIT)?;
        let count = loop {
            match self.engine.next_event(GET_HEADER, deadline)? {
                Event::Header(line) | Event::Information(line) => match line.number(0) {
                    Some(count) => break count,
                    None => return Err(self.engine.protocol("the length of the data is not a number")),
                },
                // The manual's own short example; there is nothing to count then.
                Event::Acknowledged => return Err(self.engine.protocol("OK without data")),
                _ => {}
            }
        };
        let wanted = count.min(most);
        self.engine.receive_block(wanted, sink, SERVER_LIMIT)?;
        if wanted < count {
            // The module offers no way to ask for less than all.
            sink.release();
            self.engine.receive_block(count - wanted, &mut Sink::new(&mut io::sink()), SERVER_LIMIT)?;
        }
        let deadline = self.engine.deadline(Phase::Acknowledgement, COMMAND_LIMIT);
        if count > 0 {
            self.engine.end_of_block(deadline)?;
        }
        let unclaimed = self.engine.unclaimed();
        let _ = self.engine.acknowledgement(deadline)?;
        // Between the data and OK they are more data: the number before them was cut.
        if self.engine.unclaimed() != unclaimed {
            return Err(self.engine.protocol("lines stand between the data and OK"));
        }
        sink.release();
        Ok(count)
    }

    /// The text of a directory's listing; the directory is absolute.
    pub(super) fn listing(&mut self, directory: &str) -> Result<Vec<u8>> {
        self.enter(directory)?;
        let unclaimed = self.engine.unclaimed();
        let deadline = self.engine.start(Command::run("+FTPLIST"), Phase::Prompt, SERVER_LIMIT)?;
        let count = loop {
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Information(line) => match line.number(1) {
                    Some(count) => break count,
                    None => return Err(self.engine.protocol("the length of the listing is not a number")),
                },
                Event::Acknowledged => return self.engine.nothing_unclaimed_since(unclaimed).map(|()| Vec::new()),
                _ => {}
            }
        };
        let mut text = ListingBuffer::default();
        let mut sink = Sink::new(&mut text);
        // The length may leave out the line ends (the manual's 48): take so many bytes without looking, then the rest.
        self.engine.receive_block(count, &mut sink, SERVER_LIMIT)?;
        let at_line_start = count == 0 || sink.holds_a_line_end();
        sink.release();
        let end = self
            .engine
            .receive_text(at_line_start, &mut sink, SERVER_LIMIT, |reply| matches!(reply, Reply::Final(_)))?;
        self.engine.settle();
        sink.check()?;
        let text = text.into_bytes();
        if text.trim_ascii_start().starts_with(b"+FTPLIST:") {
            return Err(self.engine.error(ErrorKind::Protocol, "the listing was announced twice"));
        }
        if end.reply() != Reply::Final(FinalResult::Ok) {
            return Err(self.engine.error(ErrorKind::ModuleRefused, "the listing ended in an error"));
        }
        Ok(text)
    }
}

//! Downloads and listings to the port: QFTPGET, QFTPLIST, QFTPNLST and QFTPMLSD (note §2.6, §2.11 to §2.13).

use std::io::Write;

use super::settings::FileType;
use super::{COMMAND_LIMIT, PATH, Quectel, without_result};
use crate::at::{Command, Event, Expect, Flow, Pattern, Sink, Verdict};
use crate::backend::listing_buffer::ListingBuffer;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

const TO_PORT: &str = "\"COM:\"";

impl Quectel {
    pub(super) fn download(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        if self.settings.file_type == FileType::Text && !what.is_whole() {
            PATH.check(path)?;
            return Err(Error::new(ErrorKind::Unsupported, "no parts of files are to be had as text"));
        }
        let size = match what.size {
            Some(size) if self.settings.file_type != FileType::Text => Some(size),
            _ => self.told_size_if_any(path)?,
        };
        let rest = match size {
            Some(size) if what.offset > size => {
                let detail = format!("offset {} is beyond the file's {size} bytes", what.offset);
                return Err(Error::new(ErrorKind::InvalidInput, detail));
            }
            size => size.map(|size| size - what.offset),
        };
        let mut sink = Sink::new(sink);
        let outcome = match rest {
            Some(rest) => {
                let wanted = rest.min(what.length.unwrap_or(u64::MAX));
                self.counted(path, what.offset, wanted, &mut sink).map(|()| Assurance::ServerSize)
            }
            None => self.uncounted(path, what, &mut sink).map(|()| Assurance::ModuleCount),
        };
        let assurance = outcome.map_err(|error| sink.told(self.abandon(error, Some(Flow::ToHost))))?;
        Ok(Transfer::new(sink.written(), assurance))
    }

    /// Fetches exactly `wanted` bytes. A module that delivers fewer is asked again from there, as long as it gets on.
    fn counted(&mut self, path: &str, offset: u64, wanted: u64, sink: &mut Sink<'_>) -> Result<()> {
        while sink.written() < wanted {
            let before = sink.written();
            let overlap = sink.rewind();
            let left = wanted - before + overlap;
            let command = Command::set("+QFTPGET").text(&PATH, path).literal(TO_PORT);
            let command = command.number(offset + before - overlap).number(left);
            self.data("+QFTPGET", command, Some(left), sink)?;
            if sink.written() == before && overlap == 0 {
                let detail = format!("the module delivered {before} of {wanted} bytes");
                return Err(self.engine.error(ErrorKind::Incomplete, detail));
            }
        }
        Ok(())
    }

    /// Fetches what there is. Its end shows only by the lines behind it.
    fn uncounted(&mut self, path: &str, what: &Retrieve, sink: &mut Sink<'_>) -> Result<()> {
        let mut command = Command::set("+QFTPGET").text(&PATH, path).literal(TO_PORT).number(what.offset);
        if let Some(length) = what.length {
            command = command.number(length);
        }
        self.data("+QFTPGET", command, None, sink)
    }

    /// The text of a listing.
    pub(super) fn text(&mut self, name: &'static str, path: &str) -> Result<Vec<u8>> {
        // "." is the current directory (note §2.11).
        let path = if path.is_empty() { "." } else { path };
        let mut text = ListingBuffer::default();
        let mut sink = Sink::new(&mut text);
        let outcome = self.data(name, Command::set(name).text(&PATH, path), None, &mut sink);
        outcome.map_err(|error| self.abandon(error, Some(Flow::ToHost)))?;
        Ok(text.into_bytes())
    }

    /// A result in place of CONNECT: that the module has sent something cannot be so.
    fn without_data(&mut self, verdict: &Verdict) -> Result<()> {
        self.succeeded(verdict)?;
        match verdict.number(1) {
            Some(told @ 1..) => {
                let detail = format!("the module says it sent {told} bytes, and CONNECT is missing");
                Err(self.engine.protocol(detail))
            }
            _ => Ok(()),
        }
    }

    /// Sends a command that puts the port into data mode and takes the data in, to their end and result.
    fn data(&mut self, name: &'static str, command: Command, count: Option<u64>, sink: &mut Sink<'_>) -> Result<()> {
        let result = Pattern::Prefix(name);
        let limit = self.result_limit();
        self.engine.forget(&result);
        let deadline = self.engine.start(command, Phase::Prompt, limit)?;
        loop {
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Connected(_) => break,
                Event::Unsolicited => {
                    // Refused by its result, without CONNECT.
                    if let Some(line) = self.engine.take(&result) {
                        self.engine.settle();
                        return self.without_data(&Verdict(line));
                    }
                }
                Event::Acknowledged => {
                    let deadline = self.engine.deadline(Phase::Result, limit);
                    let verdict = self.engine.verdict(&result, deadline).map_err(without_result)?;
                    return self.without_data(&verdict);
                }
                _ => return Err(self.engine.protocol("expected CONNECT")),
            }
        }
        let trailer = self.engine.receive_until_trailer(name, count, sink, limit)?;
        let verdict = match trailer.line {
            Some(line) => Verdict(line),
            None => {
                let deadline = self.engine.deadline(Phase::Acknowledgement, COMMAND_LIMIT);
                self.engine.end_of_block(deadline)?;
                let _ = self.engine.acknowledgement(deadline)?;
                let deadline = self.engine.deadline(Phase::Result, limit);
                self.engine.verdict(&result, deadline).map_err(without_result)?
            }
        };
        if let Err(error) = self.succeeded(&verdict) {
            // What else the module has to say may be the reason: the context is lost.
            self.engine.glance()?;
            return Err(error);
        }
        let received = trailer.payload;
        match verdict.number(1) {
            Some(told) if told == received => {
                sink.release();
                sink.check()
            }
            told => {
                let told = told.map_or("no number".to_owned(), |told| told.to_string());
                let detail = format!("received {received} bytes, the module says it sent {told}");
                Err(self.engine.error(ErrorKind::Incomplete, detail))
            }
        }
    }
}

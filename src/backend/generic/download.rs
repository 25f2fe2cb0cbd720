//! Downloads: FTPGETNAME, FTPRESET and FTPGET.

use std::io;

use log::warn;

use super::facts::{NAME, SERVER_LIMIT};
use super::{Ftpserv, is_bare_refusal};
use crate::at::{Command, Expect, Header, Sink};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::driver::Part;
use crate::backend::path;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

/// `+FTPGET:<n>,<data>`, as the manual's example prints it. Its table has `+FTPGET:<n>` on a line of its own before
/// the data; the first byte behind the number tells which it is.
const GET_HEADER: Expect = Expect::Header(Header { prefix: "+FTPGET:", commas: 1 });

impl Ftpserv {
    pub(super) fn download(
        &mut self,
        cx: &mut Context,
        file: &str,
        part: Part,
        sink: &mut Sink<'_>,
    ) -> Result<Assurance> {
        if self.is_text() && part.offset > 0 {
            return Err(Error::new(ErrorKind::Unsupported, "a transfer as text begins at the start of the file"));
        }
        let (directory, name) = path::split(file);
        self.point_to(cx, directory)?;
        cx.set(Command::set("+FTPGETNAME").text(&NAME, name))?;
        match self.is_text() {
            true => {
                // The offset is that of type I.
                piece(cx, part.most(), sink)?;
                sink.check()?;
                Ok(Assurance::Unconfirmed)
            }
            false => self.pieces(cx, part, sink),
        }
    }

    /// Fetches piece after piece until the file, or the part of it that is wanted, is there. The size may be unknown,
    /// or the file may have grown since: then the end is where a piece brings nothing new.
    fn pieces(&mut self, cx: &mut Context, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        let mut part = part;
        // A listed size of 0 may be wrong, too.
        let mut is_observed = part.wanted() != Some(0);
        while sink.written() < part.most() || !is_observed {
            is_observed = true;
            let start = part.offset + sink.written();
            if let Some(size) = part.size {
                self.check_offsets(cx, start, size).map_err(|error| {
                    let has_begun = sink.written() > 0 && error.kind() == ErrorKind::Unsupported;
                    if !has_begun {
                        return error.advising("download the file from its beginning");
                    }
                    let advice = "check the size that the server lists, and whether the file is still being written";
                    error.with_kind(ErrorKind::VerificationFailed).advising(advice)
                })?;
            }
            let before = sink.written();
            let overlap = sink.rewind();
            // Whether the offset outlives a download is not documented: it is set for each.
            cx.set(Command::set("+FTPRESET").number(start - overlap))?;
            // From the start of the file no byte can be one of another place.
            let most = if start == 0 { part.length.unwrap_or(u64::MAX) } else { part.most() - before };
            let is_at_end = part.rest().map_or(before > 0, |rest| rest == before);
            let delivered = match piece(cx, most.saturating_add(overlap), sink) {
                // Some modules answer `ERROR` at the end of the file.
                Err(error) if is_at_end && is_bare_refusal(&error) => {
                    part.size = None;
                    0
                }
                delivered => delivered?,
            };
            sink.check()?;
            match part.rest() {
                Some(0) if delivered == 0 => return Ok(part.assurance()),
                None if delivered <= overlap => return Ok(Assurance::Unconfirmed),
                Some(rest) if start == 0 && delivered > rest && !part.ends_early() => {
                    warn!("the server lists {rest} bytes, {delivered} came: the file has grown");
                    part.size = None;
                }
                Some(rest) if start > 0 && delivered > rest - before + overlap => {
                    let detail = "more bytes came than are left of the file's size: the module ignores the offset, or \
                                  the file has grown";
                    return Err(cx.engine.report.error(ErrorKind::VerificationFailed, detail));
                }
                Some(_) if sink.written() == before && overlap == 0 => {
                    let detail = format!("the module delivered {} of {} bytes", sink.written(), part.most());
                    return Err(cx.engine.report.error(ErrorKind::Incomplete, detail));
                }
                _ => {}
            }
        }
        Ok(part.assurance())
    }

    /// Makes sure, before the first piece that does not start at 0, that the module obeys FTPRESET: requests the last
    /// byte of the file alone. A piece from its beginning could otherwise be taken for the one at `start`, and the
    /// manual calls the offset a number of bits while its example counts bytes.
    fn check_offsets(&mut self, cx: &mut Context, start: u64, size: u64) -> Result<()> {
        // The last byte alone proves itself.
        if start == 0 || start + 1 >= size || self.offsets_work {
            return Ok(());
        }
        cx.set(Command::set("+FTPRESET").number(size - 1))?;
        let delivered = piece(cx, 1, &mut Sink::new(&mut io::sink()))?;
        self.offsets_work = delivered == 1;
        if self.offsets_work {
            return Ok(());
        }
        let detail =
            "the last byte alone does not come: the module ignores the offset, or the server states a wrong size";
        Err(cx.engine.report.error(ErrorKind::Unsupported, detail))
    }
}

/// Fetches one piece, of which at most `most` bytes go to the sink. Returns the number of bytes that the module
/// delivered.
fn piece(cx: &mut Context, most: u64, sink: &mut Sink<'_>) -> Result<u64> {
    let mut exchange = cx.engine.send(Command::run("+FTPGET").known(), Phase::Prompt, SERVER_LIMIT)?;
    let Some(line) = exchange.first_line(GET_HEADER)? else {
        // The manual's own short example; there is nothing to count then.
        return Err(exchange.wire().protocol("OK without data"));
    };
    let Some(count) = line.number(0) else {
        return Err(exchange.wire().protocol("the length of the data is not a number"));
    };
    let wanted = count.min(most);
    exchange.wire().payload().block(wanted, SERVER_LIMIT).copy_to(sink)?;
    let mut exchange = exchange.within(Phase::Acknowledgement, COMMAND_LIMIT);
    if wanted < count {
        // The module offers no way to request less than all.
        sink.release();
        let mut nowhere = io::sink();
        let mut surplus = Sink::new(&mut nowhere);
        exchange.wire().payload().block(count - wanted, SERVER_LIMIT).copy_to(&mut surplus)?;
        exchange.wire().payload().line_end(&mut surplus, COMMAND_LIMIT).inspect_err(|_| sink.doubt())?;
    } else if count > 0 {
        exchange.wire().payload().line_end(sink, COMMAND_LIMIT)?;
    }
    let unexpected = exchange.wire().inbox.unexpected_lines();
    let _ = exchange.acknowledged()?;
    // Between the data and OK they are more data: the number before them was cut.
    if cx.engine.inbox.unexpected_lines() != unexpected {
        return Err(cx.engine.protocol("lines came between the data and OK"));
    }
    sink.release();
    Ok(count)
}

//! Downloads: FTPGETNAME, FTPRESET and FTPGET.

use std::io;

use log::warn;

use super::facts::{NAME, SERVER_LIMIT};
use super::{Ftpserv, is_bare_refusal};
use crate::at::{Command, Expect, Header, Sink};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::dialect::{Directories, Downloads};
use crate::backend::driver::Part;
use crate::backend::path;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

/// `+FTPGET:<n>,<data>`, as the manual's example prints it. Its table has `+FTPGET:<n>` on a line of its own before
/// the data; the first byte behind the number tells which it is.
const GET_HEADER: Expect = Expect::Header(Header { prefix: "+FTPGET:", commas: 1 });

impl Downloads for Ftpserv {
    /// A refused FTPGET costs the session.
    const FETCHES_UNLISTED: bool = false;

    fn size_to_fetch(&mut self, cx: &mut Context, path: &str, _: u64) -> Result<Option<u64>> {
        // The size is not that of the text that comes.
        if self.is_text() {
            return Ok(None);
        }
        // Whether a module delivers a file in one piece is not documented; only the listed size tells when it is
        // complete.
        match self.metadata(cx, path) {
            // The server may refuse to list the directory, and deliver its files all the same.
            Err(error) if is_bare_refusal(&error) => Ok(None),
            metadata => Ok(metadata?.size),
        }
    }

    fn retrieve(&mut self, cx: &mut Context, file: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
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
}

impl Ftpserv {
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
            // From the start of the file no byte can be one of another place.
            let most = if start == 0 { part.length.unwrap_or(u64::MAX) } else { part.most() - before };
            let is_at_end = part.rest().map_or(before > 0, |rest| rest == before);
            // Whether the offset outlives a download is not documented: it is set for each.
            let delivered = match piece_at(cx, start - overlap, most.saturating_add(overlap), sink) {
                // Some modules answer `ERROR` at the end of the file.
                Err(error) if is_at_end && is_bare_refusal(&error) => {
                    part.size = None;
                    0
                }
                delivered => delivered?,
            };
            sink.check()?;
            // The manual's FTPGET delivers the rest of the file. A module that was seen to deliver less may have done
            // so again.
            let may_be_cut = self.piece_limit == Some(delivered);
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
                    return Err(cx.engine.error(ErrorKind::VerificationFailed, detail));
                }
                Some(_) if sink.written() == before && overlap == 0 => {
                    let detail = format!("the module delivered {} of {} bytes", sink.written(), part.most());
                    return Err(cx.engine.error(ErrorKind::Incomplete, detail));
                }
                Some(rest) if sink.written() < rest && !part.ends_early() => {
                    self.piece_limit = self.piece_limit.max(Some(delivered));
                }
                Some(rest) if sink.written() == rest && !part.ends_early() && may_be_cut => {
                    match self.look_for_the_end(cx, part.offset + rest, sink)? {
                        End::There => {}
                        End::Unseen => return Ok(Assurance::Unconfirmed),
                        End::Behind => {
                            warn!("the file is longer than the {rest} bytes that the server lists");
                            part.size = None;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(part.assurance())
    }

    /// Looks whether the file ends at `size`. The last piece was as long as a truncated one. Requests the last few
    /// bytes again: exactly these must come, and no more.
    fn look_for_the_end(&mut self, cx: &mut Context, size: u64, sink: &mut Sink<'_>) -> Result<End> {
        if !self.offsets_work {
            return Ok(End::Unseen);
        }
        let overlap = sink.rewind();
        let delivered = match piece_at(cx, size - overlap, overlap, sink) {
            // This server refuses offsets.
            Err(error) if is_bare_refusal(&error) => return Ok(End::Unseen),
            delivered => delivered?,
        };
        if sink.check().is_err() || delivered < overlap {
            return Ok(End::Unseen);
        }
        Ok(if delivered == overlap { End::There } else { End::Behind })
    }

    /// Makes sure, before the first piece that does not start at 0, that the module obeys FTPRESET: requests the last
    /// byte of the file alone. A piece from its beginning could otherwise be taken for the one at `start`, and the
    /// manual calls the offset a number of bits while its example counts bytes.
    fn check_offsets(&mut self, cx: &mut Context, start: u64, size: u64) -> Result<()> {
        // The last byte alone proves itself.
        if start == 0 || start + 1 >= size || self.offsets_work {
            return Ok(());
        }
        self.offsets_work = piece_at(cx, size - 1, 1, &mut Sink::new(&mut io::sink()))? == 1;
        if self.offsets_work {
            return Ok(());
        }
        let detail =
            "the last byte alone does not come: the module ignores the offset, or the server states a wrong size";
        Err(cx.engine.error(ErrorKind::Unsupported, detail))
    }
}

/// Where the end of a file is that seems to be complete.
enum End {
    /// Where it seems to be.
    There,
    /// Behind that.
    Behind,
    /// The driver cannot tell.
    Unseen,
}

/// As [`piece`], from an offset on.
fn piece_at(cx: &mut Context, offset: u64, most: u64, sink: &mut Sink<'_>) -> Result<u64> {
    cx.set(Command::set("+FTPRESET").number(offset))?;
    piece(cx, most, sink)
}

/// Fetches one piece. At most `most` bytes of it go to the sink. Returns the number of bytes that the module
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
    let unexpected = exchange.wire().inbox().unexpected();
    let _ = exchange.acknowledged()?;
    // Between the data and OK they are more data: the number before them was cut.
    if cx.engine.inbox().unexpected() != unexpected {
        return Err(cx.engine.protocol("lines came between the data and OK"));
    }
    sink.release();
    Ok(count)
}

//! Listings: FTPLIST, and the row of one file in it.

use super::Ftpserv;
use super::facts::{NAME, SERVER_LIMIT};
use crate::at::{Command, Expect, FinalResult, Reply, Sink};
use crate::backend::context::Context;
use crate::backend::listing_buffer::{ListingBuffer, MAX_LISTING};
use crate::backend::path;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Entry, EntryKind, listing};

impl Ftpserv {
    /// The listing's entry of a file.
    pub(super) fn entry(&mut self, cx: &mut Context, file: &str) -> Result<Entry> {
        let (directory, name) = path::split(file);
        NAME.check_in(cx.engine.charset, name)?;
        let text = self.listing(cx, directory)?;
        // Some servers put the path before the name, or list in a form of their own, where the name is at the end.
        let found = listing::parse(&text).into_iter().find(|entry| {
            let is_separator =
                |byte: &u8| *byte == b'/' || (entry.kind == EntryKind::Other && byte.is_ascii_whitespace());
            entry.name == name.as_bytes() || entry.name.rsplit(is_separator).next() == Some(name.as_bytes())
        });
        found.ok_or_else(|| {
            Error::new(ErrorKind::Unavailable, format!("{file:?} is not in the listing of {directory:?}"))
        })
    }

    /// The text of a directory's listing.
    pub(super) fn listing(&mut self, cx: &mut Context, directory: &str) -> Result<Vec<u8>> {
        self.point_to(cx, directory)?;
        let unexpected = cx.engine.inbox().unexpected();
        let mut exchange = cx.engine.send(Command::run("+FTPLIST").known(), Phase::Prompt, SERVER_LIMIT)?;
        let Some(line) = exchange.first_line(Expect::Line)? else {
            drop(exchange);
            return cx.engine.no_more_lines(unexpected).map(|()| Vec::new());
        };
        let Some(count) = line.number(1) else {
            return Err(exchange.wire().protocol("the length of the listing is not a number"));
        };
        if count > MAX_LISTING as u64 {
            drop(exchange.wire().payload().block(count, SERVER_LIMIT));
            let detail = format!("the module announced a listing of {count} bytes, more than any that is taken in");
            return Err(exchange.wire().error(ErrorKind::Protocol, detail));
        }
        let mut text = ListingBuffer::default();
        let mut sink = Sink::new(&mut text);
        // The length may leave out the line ends (the manual's 48): take so many bytes without looking, then the rest.
        exchange.wire().payload().block(count, SERVER_LIMIT).copy_to(&mut sink)?;
        let at_line_start = count == 0 || sink.held().ends_with(b"\r\n");
        sink.release();
        let is_end = |reply: &Reply<'_>| matches!(reply, Reply::Final(_));
        let end = exchange.wire().payload().text(at_line_start, &mut sink, SERVER_LIMIT, is_end)?;
        exchange.settle();
        sink.check()?;
        let text = text.into_bytes();
        if text.trim_ascii_start().starts_with(b"+FTPLIST:") {
            return Err(cx.engine.error(ErrorKind::Protocol, "the listing was announced twice"));
        }
        if end.reply() != Reply::Final(FinalResult::Ok) {
            return Err(cx.engine.error(ErrorKind::ModuleRefused, "the listing ended in an error"));
        }
        Ok(cx.engine.charset.convert_lines(text))
    }
}

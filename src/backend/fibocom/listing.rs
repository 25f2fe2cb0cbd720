//! Listings, and what is read out of them: FTPLIST, FTPSIZE.

use super::coding::{Decoder, END};
use super::facts::{PATH, RESULT_LIMIT, SIZE_LIMIT};
use super::results::{DATA, DONE, perform, run, succeeded};
use crate::at::{Command, Pattern, Reply, ResultLine, Sink};
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::listing_buffer::ListingBuffer;
use crate::backend::path::{self, last_part};
use crate::error::{ErrorKind, Phase, Result};
use crate::modem::{Entry, listing};

const LISTED: Pattern = Pattern::Prefix("+FTPLIST");
const SIZE: Pattern = Pattern::Prefix("+FTPSIZE");

/// What the FTPSIZE of this firmware answers, as far as it was seen.
#[derive(Default)]
pub(super) struct Sizes {
    form: Form,
    /// Whether a counted upload has ended since a size was queried.
    pub follow_upload: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Form {
    /// A size or a refusal, as far as is known.
    #[default]
    Answers,
    /// A size, but no digit behind it.
    WithoutEnd,
    /// Nothing but OK.
    Mute,
}

/// The listing of a directory, or of one file, as the server writes it.
pub(super) fn text(cx: &mut Context, path: &str) -> Result<Vec<u8>> {
    // Without a path the module may repeat the last listing (G24 manual, +FTPLIST).
    let path = if path.is_empty() { "." } else { path };
    let unexpected = cx.engine.inbox().unexpected();
    let result = run(cx, Command::set("+FTPLIST").text(&PATH, path), &LISTED)?;
    if result.number(0) != Some(DATA) {
        // An empty directory may have nothing but the end.
        succeeded(&cx.engine, &result)?;
        return cx.engine.no_more_lines(unexpected).map(|()| Vec::new());
    }
    let mut text = ListingBuffer::default();
    let mut sink = Sink::new(&mut text);
    // A line that only begins like the end belongs to the listing.
    let is_end = |reply: &Reply<'_>| match reply {
        Reply::Information(line) => line.prefix == "+FTPLIST" && matches!(line.body, b"0" | b"1"),
        _ => false,
    };
    let end = cx.engine.payload().text(true, &mut sink, RESULT_LIMIT, is_end)?;
    sink.check()?;
    succeeded(&cx.engine, &ResultLine(end))?;
    let text = text.into_bytes();
    if text.trim_ascii().is_empty() {
        cx.engine.no_more_lines(unexpected)?;
    }
    Ok(cx.engine.charset.convert_lines(plain(text)))
}

/// The listing's entry of one file: of the file itself, or of its directory where the server does not list files, or
/// takes the name for a pattern (`a[1].bin` lists `a1.bin`).
pub(super) fn entry(cx: &mut Context, path: &str) -> Result<Entry> {
    // An empty path, which is the current directory, names no file.
    PATH.check_in(cx.engine.charset, path)?;
    match text(cx, path) {
        Ok(text) => {
            let rows = listing::parse(&text);
            // Servers name the file by the path in the request, or by its last component. The latter proves something
            // only where the request has no other component, or where nothing else is listed: some servers ignore the
            // path and list the current directory.
            let is_proof = rows.len() == 1 || !path.contains('/');
            let by_path = rows.iter().find(|row| row.name == path.as_bytes());
            let by_name = rows.iter().find(|row| last_part(&row.name) == last_part(path.as_bytes()));
            match by_path.or(by_name.filter(|_| is_proof)) {
                Some(entry) => return Ok(entry.clone()),
                None if by_name.is_some() => {
                    let detail = "the server lists another directory instead, so that it states no size and no time";
                    return Err(cx.engine.error(ErrorKind::ServerRefused, detail));
                }
                None => {}
            }
        }
        Err(error) if error.kind() == ErrorKind::Unavailable => {}
        Err(error) => return Err(error),
    }
    // The directory of `/a` is the root, that of `a` the current one.
    let (directory, name) = path::parent(path);
    let rows = listing::parse(&text(cx, directory)?);
    let found = rows.into_iter().find(|entry| last_part(&entry.name) == name.as_bytes());
    found.ok_or_else(|| cx.engine.error(ErrorKind::Unavailable, "the server lists no such file"))
}

impl Sizes {
    /// What FTPSIZE answers, if this firmware has it and the answer has only one meaning.
    ///
    /// Its form is documented nowhere: the size alone, or behind a 1 or 2. A lone 0, 1 or 2 may be a size or a result.
    pub fn of(&mut self, cx: &mut Context, path: &str) -> Result<Option<u64>> {
        if self.form == Form::Mute {
            return Ok(None);
        }
        let result = match self.query(cx, path) {
            Ok(result) => result,
            Err(error) if is_refusal(error.kind()) => return Ok(None),
            Err(error) if error.phase() == Some(Phase::Result) && !is_out_of_time(cx) => {
                self.form = Form::Mute;
                cx.engine.inbox().not_overdue(&SIZE);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        Ok(match (result.number(0), result.number(1)) {
            // Three numbers are a code among them, not a size.
            _ if result.number(2).is_some() => None,
            (Some(DATA), Some(size)) => {
                self.take_end(cx)?;
                Some(size)
            }
            (Some(DONE), Some(size)) => Some(size),
            (Some(size), None) if size > DATA => Some(size),
            _ => None,
        })
    }

    /// Sends FTPSIZE; right behind a counted upload once more where it is refused.
    fn query(&mut self, cx: &mut Context, path: &str) -> Result<ResultLine> {
        let query = |cx: &mut Context| {
            let command = Command::set("+FTPSIZE").text(&PATH, path);
            perform(cx, command, &SIZE, SIZE_LIMIT)
        };
        let first = query(cx);
        let is_refused = first.as_ref().is_err_and(|error| is_refusal(error.kind()));
        let is_behind_upload = std::mem::take(&mut self.follow_upload) && cx.engine.sync().is_behind_payload();
        if !(is_refused && is_behind_upload) {
            return first;
        }
        match query(cx) {
            // Bytes that were added to the payload on its way have pushed out as many at its end, which preceded the
            // command.
            Ok(_) => Err(cx.engine.protocol("the module did not understand the first command behind the payload")),
            second => second,
        }
    }

    /// Takes the digit that ends FTPSIZE where the size came in a line of its own.
    fn take_end(&mut self, cx: &mut Context) -> Result<()> {
        if self.form == Form::WithoutEnd {
            return Ok(());
        }
        let deadline = cx.engine.deadline(Phase::Result, SIZE_LIMIT);
        match cx.engine.result(&SIZE, deadline) {
            Err(error) if error.kind() == ErrorKind::Timeout && !is_out_of_time(cx) => {
                self.form = Form::WithoutEnd;
                cx.engine.inbox().not_overdue(&SIZE);
                Ok(())
            }
            outcome => outcome.map(drop),
        }
    }
}

/// Whether the budget has cut a silence short, so that it teaches nothing about the firmware.
fn is_out_of_time(cx: &Context) -> bool {
    cx.engine.limits().is_spent(cx.engine.now())
}

/// A listing without the coding of file data. No manual says whether listings are coded, too; the bare 0x03 at the end
/// tells.
fn plain(text: Vec<u8>) -> Vec<u8> {
    let lines = text.strip_suffix(b"\r\n").unwrap_or(&text);
    let Some(coded) = lines.strip_suffix(&[END]) else { return text };
    let mut decoded = Vec::with_capacity(coded.len());
    let mut decoder = Decoder::default();
    let (used, ended) = decoder.decode(lines, &mut decoded);
    if ended && used == lines.len() && !decoder.is_corrupt() { decoded } else { coded.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_with_and_without_the_coding_of_files() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"", b""),
            (b"a\r\nb\r\n", b"a\r\nb\r\n"),
            (b"a\r\nb\r\n\x03\r\n", b"a\r\nb\r\n"),
            (b"a\x10\x03b\x10\x10\r\n\x03\r\n", b"a\x03b\x10\r\n"),
            // Not coded, although there is an end mark.
            (b"a\x10b\r\n\x03\r\n", b"a\x10b\r\n"),
            (b"a\x03b\r\n\x03\r\n", b"a\x03b\r\n"),
            (b"\x03\r\n", b""),
            (b"\x03", b""),
            // A name that ends in the mark, in a listing that has none.
            (b"a\x03\r\nb\r\n", b"a\x03\r\nb\r\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text.to_vec()), *expected, "{:?}", String::from_utf8_lossy(text));
        }
    }
}

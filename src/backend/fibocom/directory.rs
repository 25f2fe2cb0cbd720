//! Listings, and what is read out of them: FTPLIST, FTPSIZE.

use std::time::Duration;

use super::coding::{Decoder, END};
use super::{DATA, DONE, Fibocom, PATH, RESULT_LIMIT};
use crate::at::{Command, Engine, Pattern, Reply, Sink, Verdict};
use crate::backend::exchange::is_refusal;
use crate::backend::listing_buffer::ListingBuffer;
use crate::error::{ErrorKind, Phase, Result};
use crate::modem::{Entry, Metadata, listing};

/// How long FTPSIZE may take. Half of what the guide grants other commands: no document shows its answer, and a firmware that gives
/// none costs this once.
const SIZE_LIMIT: Duration = Duration::from_secs(30);

/// What this firmware's FTPSIZE is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum SizeCommand {
    /// It gives a size or a refusal, as far as is known.
    #[default]
    Answers,
    /// It gives a size, but no digit behind it.
    WithoutEnd,
    /// It gives nothing but OK.
    Mute,
}

impl Fibocom {
    /// The listing of a directory, or of one file, as the server writes it.
    pub(super) fn listing(&mut self, path: &str) -> Result<Vec<u8>> {
        let result = Pattern::Prefix("+FTPLIST");
        // Without a path the module may repeat the last listing (G24 manual, +FTPLIST).
        let path = if path.is_empty() { "." } else { path };
        let unclaimed = self.engine.unclaimed();
        let verdict = self.run(Command::set("+FTPLIST").text(&PATH, path), &result)?;
        if verdict.number(0) != Some(DATA) {
            // An empty directory may have nothing but the end.
            self.succeeded(&verdict)?;
            return self.engine.nothing_unclaimed_since(unclaimed).map(|()| Vec::new());
        }
        let mut text = ListingBuffer::default();
        let mut sink = Sink::new(&mut text);
        // A line that only begins like the end belongs to the listing.
        let ends = |reply: &Reply<'_>| match reply {
            Reply::Information(line) => line.prefix == "+FTPLIST" && matches!(line.body, b"0" | b"1"),
            _ => false,
        };
        let end = self.engine.receive_text(true, &mut sink, RESULT_LIMIT, ends)?;
        sink.check()?;
        self.succeeded(&Verdict(end))?;
        let text = text.into_bytes();
        if text.trim_ascii().is_empty() {
            self.engine.nothing_unclaimed_since(unclaimed)?;
        }
        Ok(plain(text))
    }

    /// The listing's entry of one file.
    pub(super) fn entry(&mut self, path: &str) -> Result<Entry> {
        let text = self.listing(path)?;
        let name = path.rsplit('/').next().unwrap_or(path).as_bytes();
        // Servers name the file as it was asked for, with its directories, or by its last part.
        let named = |entry: &Entry| {
            entry.name == path.as_bytes() || entry.name.rsplit(|byte| *byte == b'/').next() == Some(name)
        };
        let found = listing::parse(&text).into_iter().find(named);
        found.ok_or_else(|| self.engine.error(ErrorKind::Unavailable, "the server lists no such file"))
    }

    /// What one query tells about a file: FTPSIZE where it answers, else the listing.
    pub(super) fn file_metadata(&mut self, path: &str) -> Result<Metadata> {
        match self.told_size(path)? {
            Some(size) => Ok(Metadata::new().with_size(size)),
            None => Ok((&self.entry(path)?).into()),
        }
    }

    /// What FTPSIZE says, if this firmware has it and the answer has only one meaning.
    ///
    /// Its form is documented nowhere: the size alone, or behind a 1 or 2. A lone 0, 1 or 2 may be a size or a result.
    fn told_size(&mut self, path: &str) -> Result<Option<u64>> {
        let result = Pattern::Prefix("+FTPSIZE");
        if self.size_command == SizeCommand::Mute {
            return Ok(None);
        }
        let ask = |engine: &mut Engine| {
            let command = Command::set("+FTPSIZE").text(&PATH, path);
            engine.perform(command, SIZE_LIMIT, &result, SIZE_LIMIT)
        };
        let mut asked = ask(&mut self.engine);
        let is_refused = asked.as_ref().is_err_and(|error| is_refusal(error.kind()));
        if std::mem::take(&mut self.has_uploaded) && is_refused && self.engine.is_first_behind_payload() {
            asked = ask(&mut self.engine);
            if asked.is_ok() {
                // Bytes that were added to the payload have pushed as many out at its end, which stood in front of the command.
                return Err(self.engine.protocol("the module did not understand the first command behind the payload"));
            }
        }
        let verdict = match asked {
            Ok(verdict) => verdict,
            Err(error) if is_refusal(error.kind()) => return Ok(None),
            Err(error) if error.phase() == Some(Phase::Result) && !self.engine.is_out_of_time() => {
                self.size_command = SizeCommand::Mute;
                self.engine.not_overdue(&result);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        Ok(match (verdict.number(0), verdict.number(1)) {
            (Some(DATA), Some(size)) => {
                self.end_of_size(&result)?;
                Some(size)
            }
            (Some(DONE), Some(size)) => Some(size),
            (Some(size), None) if size > DATA => Some(size),
            _ => None,
        })
    }

    /// Takes the digit that ends FTPSIZE where the size stood on a line of its own.
    fn end_of_size(&mut self, result: &Pattern) -> Result<()> {
        if self.size_command == SizeCommand::WithoutEnd {
            return Ok(());
        }
        let deadline = self.engine.deadline(Phase::Result, SIZE_LIMIT);
        match self.engine.verdict(result, deadline) {
            Err(error) if error.kind() == ErrorKind::Timeout && !self.engine.is_out_of_time() => {
                self.size_command = SizeCommand::WithoutEnd;
                self.engine.not_overdue(result);
                Ok(())
            }
            outcome => outcome.map(drop),
        }
    }
}

/// A listing without the coding of file data. No manual says whether that stands here, too; the bare 0x03 at the end tells.
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

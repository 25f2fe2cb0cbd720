//! Downloads: MFTPRETR, once for all of a file where nothing is lost on the way.

mod ending;
mod offsets;
mod pull;
mod spacing;
mod tail;

use std::io;

use super::Mftp;
use super::connection_settings::LocalSide;
use super::listing::{Until, listed_size};
use crate::at::Sink;
use crate::backend::context::Context;
use crate::backend::dialect::Downloads;
use crate::backend::driver::{Part, reopen_session};
use crate::error::{ErrorKind, Result};
use crate::modem::Assurance;
use ending::{abandon, break_off};
pub(super) use offsets::LongOffsets;
pub(super) use pull::RETRIEVE;
use pull::{Outcome, Request};

impl Downloads for Mftp {
    /// The row of the file is not waited out, so it may be that of another directory: an offset beyond its size, or a
    /// download that contradicts it, is a reason to do so.
    fn size_to_fetch(&mut self, cx: &mut Context, path: &str, offset: u64) -> Result<Option<u64>> {
        let size = listed_size(cx, &mut self.connection, path, Until::SOON_ALONE)?;
        self.is_row_proven = size.is_some_and(|size| size < offset);
        if self.is_row_proven { listed_size(cx, &mut self.connection, path, Until::End) } else { Ok(size) }
    }

    fn retrieve(&mut self, cx: &mut Context, path: &str, mut part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        self.connection.transfer_with(cx, LocalSide::Port)?;
        let outcome = self.requests(cx, path, &mut part, sink);
        let is_end_seen = outcome.map_err(|error| {
            if error.kind() == ErrorKind::Protocol {
                // Lines between the pieces show only when some of these were released.
                sink.doubt();
            }
            // A download that was too short is known to be over.
            if matches!(error.kind(), ErrorKind::Incomplete | ErrorKind::VerificationFailed) {
                return error;
            }
            abandon(cx, &self.connection, error, part.most().saturating_sub(sink.written()))
        })?;
        let is_size_right = match part.rest() {
            Some(rest) if is_end_seen => sink.written() == rest,
            // Of a part that ends early the end of the file is not seen.
            Some(rest) => part.length == Some(sink.written()) && sink.written() <= rest,
            // The module itself knows that the file is empty.
            None => is_end_seen && part.offset == 0 && sink.written() == 0,
        };
        let is_proven = is_size_right && !self.connection.settings.is_text();
        Ok(if is_proven { Assurance::ServerSize } else { Assurance::Unconfirmed })
    }
}

impl Mftp {
    /// Fetches all that is wanted: in one request, as each opens a data connection of its own, unless pieces get lost
    /// on the way. Returns whether the end of the file was seen.
    ///
    /// The size of the file is no more than a hint: that of a link is the length of its text, and servers count modulo
    /// 65536 or list another file. So the length is left out, and the state of the module shows the end.
    fn requests(&mut self, cx: &mut Context, path: &str, part: &mut Part, sink: &mut Sink<'_>) -> Result<bool> {
        let is_ascii = self.connection.settings.is_text();
        let mut most = u64::MAX;
        let mut sum_is_size = false;
        while part.length.is_none_or(|length| sink.written() < length) {
            // Converted text has another length than the file.
            let rest = part.rest().filter(|_| !is_ascii);
            let before = sink.written();
            let start = part.offset + before;
            let has_all = rest.is_some_and(|rest| before >= rest);
            if has_all && !self.long_offsets.allow(start) {
                return Ok(false);
            }
            // Behind what has come before, a few bytes are compared.
            let size = if before > 0 { part.size.or(Some(0)) } else { part.size };
            self.long_offsets.check(cx, &mut self.connection, path, start, size).map_err(|error| {
                let has_begun = before > 0 && error.kind() == ErrorKind::Unsupported;
                if has_begun { error.with_kind(ErrorKind::Incomplete) } else { error }
            })?;
            // Converted text has no offsets.
            let overlap = if is_ascii { 0 } else { sink.rewind() };
            let enough = part.length.map_or(u64::MAX, |length| (length - before).saturating_add(overlap)).min(most);
            let expected = rest.map(|rest| rest.saturating_sub(before) + overlap);
            let length = (enough < u64::MAX).then_some(enough);
            let request = Request { path, offset: start - overlap, length, expected, enough };
            let outcome = self.connection.patiently(cx, |connection, cx| request.send(cx, connection, sink));
            sink.check()?;
            let outcome = outcome.map_err(|error| match error.kind() {
                // The file is there, it was listed: the server refuses the offset, or starts no download at all.
                ErrorKind::Unavailable if part.size.is_some() && part.offset > 0 && sink.written() == 0 => {
                    error.with_kind(ErrorKind::ServerRefused)
                }
                // What failed is its transfer.
                ErrorKind::Unavailable if part.size.is_some() || sink.written() > 0 => {
                    error.with_kind(ErrorKind::DataConnection)
                }
                _ => error,
            })?;
            if let Outcome::Broken(gap) = outcome {
                sum_is_size |= gap.sum_is_size;
                if let Some(left) = gap.left {
                    self.end_behind_a_gap(cx, left)?;
                }
            }
            match outcome {
                Outcome::End | Outcome::NothingThere if is_ascii || self.is_all(cx, path, part, sink.written()) => {
                    return Ok(true);
                }
                Outcome::Unseen => return Ok(false),
                _ if sink.written() > before || overlap > 0 => {
                    // What was lost has come: the rest comes in one request again.
                    if !sum_is_size && sink.written() > before {
                        most = u64::MAX;
                    }
                }
                // Nothing can be lost before a piece that holds all that was requested, whatever its sum says: the
                // manual's text calls it the length of the file (§3.10).
                Outcome::Broken(gap) if gap.largest < most => most = gap.largest,
                _ => {
                    let detail = match rest {
                        Some(rest) => format!("the module delivered {before} of {rest} bytes, or the size is wrong"),
                        None => format!("the module delivered {before} of an unknown number of bytes"),
                    };
                    // Where the module itself says that nothing follows, another attempt would end at the same byte.
                    let is_final = matches!(outcome, Outcome::NothingThere);
                    let kind = if is_final { ErrorKind::VerificationFailed } else { ErrorKind::Incomplete };
                    return Err(cx.engine.error(kind, detail));
                }
            }
        }
        Ok(false)
    }

    /// Returns whether the `written` bytes, behind which the module has no more, are all of the part. A row that says
    /// otherwise may be that of another directory, if it was not waited out: then the file is listed once more.
    fn is_all(&mut self, cx: &mut Context, path: &str, part: &mut Part, written: u64) -> bool {
        let is_all = |part: &Part| part.rest().is_none_or(|rest| written >= rest);
        if written > 0 && !is_all(part) && !std::mem::replace(&mut self.is_row_proven, true) {
            match listed_size(cx, &mut self.connection, path, Until::End) {
                Ok(size) if size.is_none_or(|size| size >= part.offset) => part.size = size,
                Ok(_) => {}
                Err(error) => cx.note(&error),
            }
        }
        is_all(part)
    }

    /// Returns whether a file ends at `size`: no byte follows.
    pub(super) fn ends_at(&mut self, cx: &mut Context, path: &str, size: u64) -> Result<bool> {
        let mut nowhere = io::sink();
        let mut sink = Sink::new(&mut nowhere);
        let part = Part { offset: size, length: Some(1), size: Some(size) };
        match self.retrieve(cx, path, part, &mut sink) {
            Ok(_) => Ok(sink.written() == 0),
            // A link to a directory, or a server that starts no download at an offset.
            Err(error) if matches!(error.kind(), ErrorKind::DataConnection | ErrorKind::ServerRefused) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Ends a download in which a piece was lost while `left` bytes are still to come, and opens the session again. A
    /// module that does not close it before the end of the file is waited for.
    fn end_behind_a_gap(&mut self, cx: &mut Context, left: u64) -> Result<()> {
        let lost = cx.engine.error(ErrorKind::DataConnection, "a piece was lost on the line");
        let _ = break_off(cx, &self.connection, lost, left);
        if cx.engine.is_lost() {
            cx.engine.resynchronise()?;
        }
        reopen_session(self, cx)
    }
}

//! Downloads: MFTPRETR, once for all of a file where nothing is lost on the way.

mod pull;
mod tail;

use std::io;
use std::time::Duration;

use super::Mftp;
use super::session::{DISCONNECT, is_under_way};
use super::settings::{LocalSide, state};
use crate::at::Sink;
use crate::backend::context::Context;
use crate::backend::dialect::Downloads;
use crate::backend::driver::{Part, reopen_session};
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};
use crate::modem::{Assurance, SessionState};
pub(super) use pull::RETRIEVE;
use pull::{Gap, Outcome, Request};

/// The largest offset that firmware gets right that keeps offsets in 16 bits (as fields of `ec_ftpclient_api.h` do).
const SHORT_OFFSET: u64 = u16::MAX as u64;

/// How long the data of a download that was abandoned are dropped beyond their time on the line, how long before the
/// module is requested once more to close the session, and how long a silence ends them.
const DISCARD_LIMIT: Duration = Duration::from_secs(60);
const DISCARD_STEP: Duration = Duration::from_secs(5);
const DISCARD_SILENCE: Duration = Duration::from_secs(1);

impl Downloads for Mftp {
    fn size_to_fetch(&mut self, cx: &mut Context, path: &str) -> Result<Option<u64>> {
        self.listed_size(cx, path)
    }

    fn retrieve(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        self.transfer_with(cx, LocalSide::Port)?;
        self.download(cx, path, part, sink)
    }
}

impl Mftp {
    fn download(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        let outcome = self.requests(cx, path, part, sink);
        let is_end_seen = outcome.map_err(|error| {
            if error.kind() == ErrorKind::Protocol {
                // Lines between the pieces show only when some of these were released.
                sink.doubt();
            }
            // A download that was too short is known to be over.
            if matches!(error.kind(), ErrorKind::Incomplete | ErrorKind::VerificationFailed) {
                return error;
            }
            let most = part.wanted().or(part.length);
            let left = most.map_or(u64::MAX, |most| most.saturating_sub(sink.written()));
            self.abandon_download(cx, error, left)
        })?;
        let is_size_right = match part.rest() {
            Some(rest) if is_end_seen => sink.written() == rest,
            // Of a part that ends early the end of the file is not seen.
            Some(rest) => part.length == Some(sink.written()) && sink.written() <= rest,
            // The module itself knows that the file is empty.
            None => is_end_seen && part.offset == 0 && sink.written() == 0,
        };
        let is_proven = is_size_right && !self.settings.is_text();
        Ok(if is_proven { Assurance::ServerSize } else { Assurance::Unconfirmed })
    }

    /// Fetches all that is wanted: in one request, as each opens a data connection of its own, unless pieces get lost
    /// on the way. Returns whether the end of the file was seen.
    ///
    /// The size of the file is no more than a hint: that of a link is the length of its text, and servers count modulo
    /// 65536 or list another file. So the length is left out, and the state of the module shows the end.
    fn requests(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<bool> {
        let is_ascii = self.settings.is_text();
        // Converted text has another length than the file.
        let rest = part.rest().filter(|_| !is_ascii);
        let mut most = u64::MAX;
        let mut sum_is_size = false;
        while part.length.is_none_or(|length| sink.written() < length) {
            let before = sink.written();
            let start = part.offset + before;
            let has_all = rest.is_some_and(|rest| before >= rest);
            if has_all && start > SHORT_OFFSET && !self.long_offsets {
                return Ok(false);
            }
            // Behind what has come before, a few bytes are compared.
            let size = if before > 0 { part.size.or(Some(0)) } else { part.size };
            self.check_offset(cx, path, start, size).map_err(|error| {
                let has_begun = before > 0 && error.kind() == ErrorKind::Unsupported;
                if has_begun { error.with_kind(ErrorKind::Incomplete) } else { error }
            })?;
            // Converted text has no offsets.
            let overlap = if is_ascii { 0 } else { sink.rewind() };
            let limit = part.length.map_or(u64::MAX, |length| (length - before).saturating_add(overlap)).min(most);
            let expected = rest.map(|rest| rest.saturating_sub(before) + overlap);
            let length = (limit < u64::MAX).then_some(limit);
            let request = Request::of(path, start - overlap, length).expecting(expected);
            let outcome = self.patiently(cx, |dialect, cx| dialect.pull(cx, request, sink));
            sink.check()?;
            self.owes_list_end &= outcome.is_err();
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
            if let Outcome::StillComing(_, left) = outcome {
                self.end_behind_a_gap(cx, left)?;
            }
            if let Outcome::Broken(gap) | Outcome::StillComing(gap, _) = outcome {
                sum_is_size |= gap.sum_is_size;
            }
            match outcome {
                Outcome::End | Outcome::NothingThere if rest.is_none_or(|rest| sink.written() >= rest) => {
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
                Outcome::Broken(Gap { largest, .. }) | Outcome::StillComing(Gap { largest, .. }, _)
                    if largest < most =>
                {
                    most = largest;
                }
                _ => {
                    let detail = match rest {
                        Some(rest) => format!("the module delivered {before} of {rest} bytes, or the size is wrong"),
                        None => format!("the module delivered {before} of an unknown number of bytes"),
                    };
                    // Where the module itself says that nothing follows, another attempt would end at the same byte.
                    let is_final = matches!(outcome, Outcome::NothingThere);
                    let kind = if is_final { ErrorKind::VerificationFailed } else { ErrorKind::Incomplete };
                    return Err(cx.engine.report.error(kind, detail));
                }
            }
        }
        Ok(false)
    }

    /// Returns whether a file ends at `size`: no byte follows.
    pub(super) fn ends_at(&mut self, cx: &mut Context, path: &str, size: u64) -> Result<bool> {
        self.transfer_with(cx, LocalSide::Port)?;
        let mut nowhere = io::sink();
        let mut sink = Sink::new(&mut nowhere);
        let part = Part { offset: size, length: Some(1), size: Some(size) };
        match self.download(cx, path, part, &mut sink) {
            Ok(_) => Ok(sink.written() == 0),
            // A link to a directory, or a server that starts no download at an offset.
            Err(error) if matches!(error.kind(), ErrorKind::DataConnection | ErrorKind::ServerRefused) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes sure, before a request that starts beyond 65535, that such an offset is not taken modulo 65536: requests
    /// the last byte of the file by its offset alone, which brings more than a byte where it is.
    pub(super) fn check_offset(&mut self, cx: &mut Context, path: &str, offset: u64, size: Option<u64>) -> Result<()> {
        if offset <= SHORT_OFFSET || self.long_offsets {
            return Ok(());
        }
        let Some(size) = size else {
            let detail = "offsets beyond 65535 cannot be checked where the size of the file is not known";
            return Err(cx.engine.report.error(ErrorKind::Unsupported, detail));
        };
        if offset >= size {
            return Ok(());
        }
        let mut nowhere = io::sink();
        let mut sink = Sink::new(&mut nowhere);
        // Two, so that the end is waited for.
        let request = Request::of(path, size - 1, None).up_to(2);
        let outcome = self.pull(cx, request, &mut sink);
        let outcome = outcome.map_err(|error| self.abandon_download(cx, error, size))?;
        let count = match outcome {
            Outcome::Broken(gap) | Outcome::StillComing(gap, _) if sink.written() == 0 => gap.largest,
            _ => sink.written(),
        };
        self.long_offsets = count == 1;
        if self.long_offsets {
            return Ok(());
        }
        let detail = "this firmware gets offsets beyond 65535 wrong; download the file from its beginning";
        let error = cx.engine.report.error(ErrorKind::Unsupported, detail);
        // The rest of the file is on its way.
        Err(self.close_amid_data(cx, error, size))
    }

    /// Ends a download in which a piece was lost while `left` bytes are still to come, and opens the session again. A
    /// module that does not close it before the end of the file is waited for.
    fn end_behind_a_gap(&mut self, cx: &mut Context, left: u64) -> Result<()> {
        let lost = cx.engine.report.error(ErrorKind::DataConnection, "a piece was lost on the line");
        let _ = self.break_off(cx, lost, left);
        if cx.engine.sync.is_lost() {
            cx.engine.resynchronise()?;
        }
        reopen_session(self, cx)
    }

    /// As [`Self::abandon`], for a download of which `left` bytes may not have come.
    fn abandon_download(&mut self, cx: &mut Context, error: Error, left: u64) -> Error {
        match error.kind() {
            _ if !is_under_way(cx, &error) => error,
            ErrorKind::Cancelled => self.break_off(cx, error, left),
            _ => self.close_amid_data(cx, error, left),
        }
    }

    /// Closes the session as [`Self::close_amid_data`] does, but waits no longer than a moment: a module that does not
    /// close it before the end of the file is left to that, and the next operation closes it.
    fn break_off(&mut self, cx: &mut Context, error: Error, left: u64) -> Error {
        cx.engine.note_recovery(Recovery::AbortTransfer);
        cx.session.lose();
        self.expect_close(cx);
        cx.has_forgotten = true;
        // The heads of the pieces come on top.
        let error = cx.engine.break_off(self.command(DISCONNECT), error, left.saturating_add(left / 4));
        let is_silent = error.module_usable();
        match is_silent && !matches!(state(cx, self.connection), Ok(SessionState::Closed)) {
            true => self.close_amid_data(cx, error, left),
            false => error,
        }
    }

    /// Closes the session while `left` bytes may be coming, which stand between the module's lines until the download
    /// is over. A module may close the session in the middle of it or not before its end, and what looks like a refusal
    /// or a loss may be data: the state decides.
    fn close_amid_data(&mut self, cx: &mut Context, error: Error, left: u64) -> Error {
        cx.engine.note_recovery(Recovery::AbortTransfer);
        cx.session.lose();
        self.expect_close(cx);
        let limit = DISCARD_LIMIT + cx.engine.link.line_time(left.min(u32::MAX.into()));
        let end = cx.engine.deadline(Phase::Resynchronisation, limit);
        let is_closed = loop {
            let dropped = cx.engine.discard(DISCARD_SILENCE, DISCARD_STEP);
            let closed = dropped.and_then(|()| self.attempt(cx, DISCONNECT, |command| command, self.result_limit()));
            match closed {
                Ok(_) => break true,
                Err(lost) if lost.kind() == ErrorKind::PortLost => break false,
                Err(_) if matches!(state(cx, self.connection), Ok(SessionState::Closed)) => break true,
                Err(_) if cx.engine.now() >= end.at() => break false,
                Err(_) => {}
            }
        };
        // An answer that came between the data may still be followed by the real one, and a restart of the module may
        // have been dropped with them.
        cx.engine.sync.lose();
        cx.has_forgotten = true;
        if is_closed { error } else { error.module_left_unusable() }
    }
}

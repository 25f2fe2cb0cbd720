//! Downloads to the port: QFTPGET (note §2.6), and the way that file data and listings take.

use std::cmp::Ordering;

use log::warn;

use super::Qftp;
use super::data_mode::{self, Direction, Outcome};
use super::facts::{PATH, PORT};
use super::results::{self, Moved, without_result};
use crate::at::{Command, Expected, Pattern, ResultLine, Sink, Trailer};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::dialect::Downloads;
use crate::backend::driver::Part;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

impl Downloads for Qftp {
    fn size_to_fetch(&mut self, cx: &mut Context, path: &str) -> Result<Option<u64>> {
        self.size_if_any(cx, path)
    }

    fn retrieve(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        let is_whole = part.offset == 0 && part.length.is_none();
        // As text the server's size is not the number of bytes that come.
        let wanted = match (self.settings.is_text(), is_whole) {
            (true, false) => {
                return Err(Error::new(ErrorKind::Unsupported, "parts of files are not supported as text"));
            }
            (true, true) => None,
            (false, _) => part.wanted(),
        };
        let outcome = match wanted {
            Some(wanted) => self.counted(cx, path, part, wanted, sink),
            None => self.uncounted(cx, path, part, sink).map(|()| Assurance::ModuleCount),
        };
        outcome.map_err(|error| self.end_transfer(cx, error, Direction::ToHost))
    }
}

impl Qftp {
    /// Fetches `wanted` bytes. Where the module delivers fewer, the rest is fetched from there, as long as there is
    /// progress. Where they reach to the end of the file, one byte more is requested: a size may be too small (some
    /// servers and modules count in 16 or 32 bits), and a last piece that is one byte short shows that it is not.
    fn counted(
        &mut self,
        cx: &mut Context,
        path: &str,
        part: Part,
        wanted: u64,
        sink: &mut Sink<'_>,
    ) -> Result<Assurance> {
        let offset = part.offset;
        let looks_for_end = part.length.is_none_or(|length| length > wanted);
        loop {
            let before = sink.written();
            let overlap = sink.rewind();
            let left = wanted - before + overlap;
            let expected = if looks_for_end { Expected::OrOneMore(left) } else { Expected::Exactly(left) };
            match self.piece(cx, path, offset + before - overlap, Some(expected.most()), expected, sink) {
                // Some modules refuse to start at the end (seen on EC200).
                Err(error) if error.kind() == ErrorKind::Unavailable && wanted == 0 && offset > 0 => {
                    return Ok(Assurance::Unconfirmed);
                }
                other => other?,
            }
            let written = sink.written();
            match written.cmp(&wanted) {
                Ordering::Less if written > before || overlap > 0 => {}
                Ordering::Less => {
                    let detail = format!("the module delivered {written} of {wanted} bytes");
                    return Err(cx.engine.report.error(ErrorKind::Incomplete, detail));
                }
                Ordering::Equal if looks_for_end => return Ok(Assurance::ServerSize),
                Ordering::Equal => return Ok(Assurance::ModuleCount),
                Ordering::Greater => {
                    warn!("{}: {path} is longer than the {} bytes of its size", cx.engine.link.name(), offset + wanted);
                    return self.rest(cx, path, part, sink).map(|()| Assurance::ModuleCount);
                }
            }
        }
    }

    /// Fetches what is left of a file whose size is not known, until the module delivers nothing new.
    fn rest(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<()> {
        loop {
            let before = sink.written();
            let overlap = sink.rewind();
            let start = part.offset.saturating_add(before) - overlap;
            let length = part.length.map(|length| length.saturating_sub(before) + overlap);
            self.piece(cx, path, start, length, Expected::Unknown, sink)?;
            if sink.written() == before || part.length.is_some_and(|length| sink.written() >= length) {
                return Ok(());
            }
        }
    }

    /// Fetches what there is. Only the lines behind it show its end.
    fn uncounted(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<()> {
        self.piece(cx, path, part.offset, part.length, Expected::Unknown, sink)
    }

    /// One QFTPGET of at most `length` bytes from `start` on.
    fn piece(
        &mut self,
        cx: &mut Context,
        path: &str,
        start: u64,
        length: Option<u64>,
        expected: Expected,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let mut command = Command::set("+QFTPGET").text(&PATH, path).literal(PORT).number(start);
        if let Some(length) = length {
            command = command.number(length);
        }
        let outcome = self.receive(cx, "+QFTPGET", command, expected, sink);
        outcome.map_err(|error| results::restart_refused(error, start))
    }

    /// Sends a command that puts the port into data mode, and takes in the data with their end and result.
    pub(super) fn receive(
        &mut self,
        cx: &mut Context,
        name: &'static str,
        command: Command,
        expected: Expected,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let pattern = Pattern::Prefix(name);
        let limit = self.settings.result_limit();
        let outcome = data_mode::pass(cx, command, &pattern, limit, |exchange| {
            match exchange.until_trailer(name, expected, sink, limit)? {
                Trailer::Lines { payload, line } => Ok((payload, Some(ResultLine(line)))),
                Trailer::Count { payload, exchange } => {
                    let mut exchange = exchange.within(Phase::Acknowledgement, COMMAND_LIMIT);
                    exchange.wire().payload().line_end(sink, COMMAND_LIMIT)?;
                    let _ = exchange.acknowledged()?;
                    Ok((payload, None))
                }
            }
        })?;
        let (received, result) = match outcome {
            Outcome::Nothing(result) => return check_empty(cx, &result),
            Outcome::Data((received, Some(result))) => (received, result),
            Outcome::Data((received, None)) => {
                let deadline = cx.engine.deadline(Phase::Result, limit);
                (received, cx.engine.result(&pattern, deadline).map_err(without_result)?)
            }
        };
        if let Err(error) = results::check(&cx.engine, &result) {
            // What else the module has to say may be the cause: the context is lost.
            cx.engine.glance()?;
            return Err(error);
        }
        results::check_count(&cx.engine, &result, received, Moved::Received)?;
        sink.release();
        sink.check()
    }
}

/// Checks a result in place of `CONNECT`: nothing can have been sent then.
fn check_empty(cx: &mut Context, result: &ResultLine) -> Result<()> {
    match result.number(1) {
        Some(stated @ 1..) => {
            let detail = format!("the module says it sent {stated} bytes, and CONNECT is missing");
            Err(cx.engine.protocol(detail))
        }
        _ => Ok(()),
    }
}

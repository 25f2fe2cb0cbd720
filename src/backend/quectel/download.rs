//! Downloads to the port: QFTPGET (note §2.6), and the way that file data and listings take.

use std::cmp::Ordering;
use std::time::Duration;

use log::warn;

use super::Qftp;
use super::data_mode::{self, Outcome};
use super::facts::{PATH, PORT};
use super::results::{self, without_result};
use crate::at::{Command, Expected, Flow, Pattern, ResultLine, Sink, Trailer};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::dialect::Downloads;
use crate::backend::driver::Part;
use crate::error::{ErrorKind, Phase, Result};
use crate::modem::Assurance;

impl Downloads for Qftp {
    fn size_to_fetch(&mut self, cx: &mut Context, path: &str, _: u64) -> Result<Option<u64>> {
        self.size_if_any(cx, path)
    }

    fn retrieve(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance> {
        let is_part = part.offset > 0 || part.length.is_some();
        self.settings.check_part(is_part)?;
        let get = Get { path, part, limit: self.settings.result_limit() };
        // As text the server's size is not the number of bytes that come.
        let outcome = match part.wanted().filter(|_| !self.settings.is_text()) {
            Some(wanted) => get.counted(cx, wanted, sink),
            // Only the lines behind the data show their end.
            None => get.piece(cx, 0, part.length, Expected::Unknown, sink).map(|()| Assurance::ModuleCount),
        };
        outcome.map_err(|error| self.end_transfer(cx, error, Some(Flow::ToHost)))
    }
}

/// A download of a part of one file on the server.
struct Get<'p> {
    path: &'p str,
    part: Part,
    /// The limit of its results, and of a silence within it.
    limit: Duration,
}

impl Get<'_> {
    /// Fetches `wanted` bytes. Where the module delivers fewer, the rest is fetched from there, as long as there is
    /// progress. Where they reach to the end of the file, one byte more is requested: a size may be too small (some
    /// servers and modules count in 16 or 32 bits), and a last piece that is one byte short shows that it is not.
    fn counted(&self, cx: &mut Context, wanted: u64, sink: &mut Sink<'_>) -> Result<Assurance> {
        let offset = self.part.offset;
        let looks_for_end = self.part.length.is_none_or(|length| length > wanted);
        loop {
            let before = sink.written();
            let overlap = sink.rewind();
            let left = wanted - before + overlap;
            let expected = if looks_for_end { Expected::OrOneMore(left) } else { Expected::Exactly(left) };
            match self.piece(cx, overlap, Some(expected.most()), expected, sink) {
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
                    return Err(cx.engine.error(ErrorKind::Incomplete, detail));
                }
                Ordering::Equal if looks_for_end => return Ok(Assurance::ServerSize),
                Ordering::Equal => return Ok(Assurance::ModuleCount),
                Ordering::Greater => {
                    let (port, size) = (cx.engine.link().name(), offset + wanted);
                    warn!("{port}: {} is longer than the {size} bytes that the server states", self.path);
                    return self.rest(cx, sink).map(|()| Assurance::ModuleCount);
                }
            }
        }
    }

    /// Fetches what is left of a file whose size is not known, until the module delivers nothing new.
    fn rest(&self, cx: &mut Context, sink: &mut Sink<'_>) -> Result<()> {
        let most = self.part.length;
        loop {
            let before = sink.written();
            let overlap = sink.rewind();
            let length = most.map(|most| most.saturating_sub(before) + overlap);
            self.piece(cx, overlap, length, Expected::Unknown, sink)?;
            if sink.written() == before || most.is_some_and(|most| sink.written() >= most) {
                return Ok(());
            }
        }
    }

    /// One QFTPGET of at most `length` bytes, from `overlap` bytes before the end of what has come.
    fn piece(
        &self,
        cx: &mut Context,
        overlap: u64,
        length: Option<u64>,
        expected: Expected,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let start = self.part.offset.saturating_add(sink.written()) - overlap;
        let mut command = Command::set("+QFTPGET").text(&PATH, self.path).literal(PORT).number(start);
        if let Some(length) = length {
            command = command.number(length);
        }
        let outcome = receive(cx, "+QFTPGET", command, self.limit, expected, sink);
        outcome.map_err(|error| results::restart_refused(error, start))
    }
}

/// Sends a command that puts the port into data mode, and takes in the data with their end and result. `limit` is that
/// of the result, and of a silence within the data.
pub(super) fn receive(
    cx: &mut Context,
    name: &'static str,
    command: Command,
    limit: Duration,
    expected: Expected,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let pattern = Pattern::Prefix(name);
    let outcome = data_mode::pass(cx, command, &pattern, limit, |exchange| {
        match exchange.until_trailer(name, expected, sink, limit)? {
            Trailer::Lines { payload, line } => Ok((payload, Some(ResultLine(line)))),
            Trailer::Count { payload, exchange } => {
                let mut exchange = exchange.within(Phase::Acknowledgement, COMMAND_LIMIT);
                exchange.wire().payload().line_end(sink, COMMAND_LIMIT)?;
                exchange.acknowledged_behind_data()?;
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
    if cx.engine.is_lost() {
        check_end(cx)?;
    }
    if let Err(error) = results::check(&cx.engine, &result) {
        // What else the module has to say may be the cause: the context is lost.
        cx.engine.glance()?;
        return Err(error);
    }
    results::check_count(&cx.engine, &result, received, Flow::ToHost)?;
    sink.release();
    sink.check()
}

/// Checks that the module is in command mode behind what looks like an early end of the data. Else that was file data,
/// and what follows them was late.
fn check_end(cx: &mut Context) -> Result<()> {
    match cx.engine.is_in_command_mode()? {
        true => Ok(()),
        false => Err(cx.engine.error(ErrorKind::DataConnection, "the data paused behind what looks like their end")),
    }
}

/// Checks a result that came instead of `CONNECT`: nothing can have been sent then.
fn check_empty(cx: &mut Context, result: &ResultLine) -> Result<()> {
    match result.number(1) {
        Some(stated @ 1..) => {
            let detail = format!("the module says it sent {stated} bytes, and CONNECT is missing");
            Err(cx.engine.protocol(detail))
        }
        _ => Ok(()),
    }
}

//! Downloads to the port: QFTPGET (note §2.6), and the way that file data and listings take.

use super::Qftp;
use super::data_mode::{self, Direction, Outcome};
use super::facts::{PATH, PORT};
use super::results::{self, Moved, without_result};
use crate::at::{Command, Pattern, ResultLine, Sink, Trailer};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::driver::Part;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

impl Qftp {
    pub(super) fn download(
        &mut self,
        cx: &mut Context,
        path: &str,
        part: Part,
        sink: &mut Sink<'_>,
    ) -> Result<Assurance> {
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
            Some(wanted) => self.counted(cx, path, part, wanted, sink).map(|()| Assurance::ServerSize),
            None => self.uncounted(cx, path, part, sink).map(|()| Assurance::ModuleCount),
        };
        outcome.map_err(|error| self.end_transfer(cx, error, Direction::ToHost))
    }

    /// Fetches exactly `wanted` bytes. Where the module delivers fewer, the rest is fetched from there, as long as
    /// there is progress. What goes to the end of the file is requested without a length: then the module's own count
    /// shows whether the file ends there.
    fn counted(&mut self, cx: &mut Context, path: &str, part: Part, wanted: u64, sink: &mut Sink<'_>) -> Result<()> {
        while sink.written() < wanted {
            let before = sink.written();
            let overlap = sink.rewind();
            let left = wanted - before + overlap;
            let command = Command::set("+QFTPGET").text(&PATH, path).literal(PORT);
            let command = command.number(part.offset + before - overlap);
            let command = if part.ends_early() { command.number(left) } else { command };
            self.receive(cx, "+QFTPGET", command, Some(left), sink)?;
            if sink.written() == before && overlap == 0 {
                let detail = format!("the module delivered {before} of {wanted} bytes");
                return Err(cx.engine.report.error(ErrorKind::Incomplete, detail));
            }
        }
        Ok(())
    }

    /// Fetches what there is. Only the lines behind it show its end.
    fn uncounted(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<()> {
        let mut command = Command::set("+QFTPGET").text(&PATH, path).literal(PORT).number(part.offset);
        if let Some(length) = part.length {
            command = command.number(length);
        }
        self.receive(cx, "+QFTPGET", command, None, sink)
    }

    /// Sends a command that puts the port into data mode, and takes in the data with their end and result.
    pub(super) fn receive(
        &mut self,
        cx: &mut Context,
        name: &'static str,
        command: Command,
        count: Option<u64>,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let pattern = Pattern::Prefix(name);
        let limit = self.settings.result_limit();
        let outcome = data_mode::pass(cx, command, &pattern, limit, |exchange| {
            match exchange.until_trailer(name, count, sink, limit)? {
                Trailer::Lines { payload, line } => Ok((payload, Some(ResultLine(line)))),
                Trailer::Count(exchange) => {
                    let mut exchange = exchange.within(Phase::Acknowledgement, COMMAND_LIMIT);
                    if let Err(error) = exchange.wire().payload().line_end(COMMAND_LIMIT) {
                        // A writer that refused the data did so before.
                        return Err(sink.check().err().unwrap_or(error));
                    }
                    let _ = exchange.acknowledged()?;
                    Ok((count.unwrap_or_default(), None))
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

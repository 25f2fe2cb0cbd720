//! Uploads: MFTPSTOR and MFTPAPPE, block by block behind a prompt.
//!
//! Of the three ways of §3.11 and §3.12 to upload from the port the one with a prompt and a length is used. Data
//! within the command line (at most 1024 bytes, no quotation mark) would add nothing to it; transparent mode has no
//! counts, ends with `+++` and is used for empty files only, which have no other form.

use std::time::Duration;

use super::connection::{Connection, is_progress, last_result};
use super::connection_settings::LocalSide;
use super::facts::{PATH, WRITE_BLOCK, check_result, is_server_error};
use super::{Mftp, listing};
use crate::at::{Opened, Pattern, ResultLine, Wire};
use crate::backend::context::{Context, accounted_as, is_loss};
use crate::backend::dialect::Uploads;
use crate::backend::driver::{Placement, Source};
use crate::backend::pieces::Pieces;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Assurance;

/// The two commands that write, which are also the prefixes of their results.
pub(super) const STORE: &str = "+MFTPSTOR";
pub(super) const APPEND: &str = "+MFTPAPPE";

/// Silence before and after `+++`. The manual names no guard times; these are V.250's usual ones.
const GUARD: Duration = Duration::from_millis(1100);

impl Uploads for Mftp {
    fn store(&mut self, cx: &mut Context, path: &str, source: &mut Source<'_>) -> Result<Assurance> {
        let connection = &mut self.connection;
        connection.transfer_with(cx, LocalSide::Port)?;
        let command = match source.placement() {
            Placement::Replace => STORE,
            Placement::Append | Placement::Continue(_) => APPEND,
        };
        let (results, limit) = (connection.results_of(command), connection.result_limit());
        cx.engine.inbox().forget(&results);
        let upload = BlockUpload { command, path, results, limit };
        upload.blocks(cx, connection, source).map_err(|error| {
            let error = match source.taken() {
                0 => explain_first_block(cx, connection, path, source, error),
                taken => broken_off(error, taken),
            };
            connection.abandon(cx, error)
        })
    }
}

/// An upload under way.
struct BlockUpload<'a> {
    command: &'static str,
    path: &'a str,
    /// The lines that are results of the command.
    results: Pattern,
    /// The limit of a result.
    limit: Duration,
}

impl BlockUpload<'_> {
    fn blocks(&self, cx: &mut Context, connection: &mut Connection, source: &mut Source<'_>) -> Result<Assurance> {
        let mut blocks = Pieces::new(WRITE_BLOCK);
        loop {
            let (block, is_last) = blocks.next(WRITE_BLOCK, source)?;
            if block.is_empty() {
                return self.write_nothing(cx, connection);
            }
            let count = block.len();
            if source.taken() == 0 {
                // Another command may block it before anything is sent.
                connection.patiently(cx, |connection, cx| self.write(cx, connection, block, is_last, source))?;
            } else {
                self.write(cx, connection, block, is_last, source)?;
            }
            self.check_count(cx, count as u64, source.taken())?;
            source.take(count as u64);
            if is_last {
                return Ok(Assurance::ModuleCount);
            }
            blocks.take(count);
        }
    }

    /// Announces a block, waits for the prompt, sends the block, and waits for `OK`.
    fn write(
        &self,
        cx: &mut Context,
        connection: &Connection,
        bytes: &[u8],
        is_last: bool,
        source: &mut Source<'_>,
    ) -> Result<()> {
        let (limit, count) = (self.limit, bytes.len() as u64);
        source.announce(&cx.engine, count);
        let command = connection.command(self.command).text(&PATH, self.path).number(u8::from(is_last)).number(count);
        let exchange = cx.engine.send(command.known(), Phase::Prompt, limit)?;
        let refusal = match exchange.prompted(count, Some((&self.results, limit)), is_progress)? {
            Opened::Data(exchange) => {
                source.begin();
                let mut upload = exchange.upload(count);
                upload.write_all(bytes, limit)?;
                // It may come behind the result.
                let limit = limit + upload.wire().link().line_time(count);
                return upload.acknowledged(limit).map(drop);
            }
            Opened::Refused(result) => result,
        };
        Err(refused(&mut cx.engine, &refusal))
    }

    /// Waits for the result of a block of `count` bytes behind `before` others, which the module has to have counted as
    /// well.
    fn check_count(&self, cx: &mut Context, count: u64, before: u64) -> Result<()> {
        let deadline = cx.engine.deadline(Phase::Result, self.limit);
        let result = last_result(&mut cx.engine, &self.results, deadline)?;
        check_result(&cx.engine, &result)?;
        match result.number(2) {
            // Whether it is of the block or of all so far is not documented.
            Some(counted) if counted != count && counted != before + count => {
                let detail = format!("sent {count} bytes, the module counted {counted}");
                Err(cx.engine.error(ErrorKind::Incomplete, detail))
            }
            _ => Ok(()),
        }
    }

    /// Stores an empty file, which has no counted form: enters transparent mode and leaves it at once. The result does
    /// not always come, so the file is looked for. A file that is not listed may have been taken away, or the server
    /// does not list.
    fn write_nothing(&self, cx: &mut Context, connection: &mut Connection) -> Result<Assurance> {
        let command = connection.command(self.command).text(&PATH, self.path);
        let exchange = cx.engine.send(command.known(), Phase::Prompt, self.limit)?;
        let refusal = match exchange.connected(Some((&self.results, self.limit)))? {
            (Opened::Data(exchange), _) => exchange.upload(0).escape(GUARD, self.limit).map(|()| None)?,
            (Opened::Refused(refusal), _) => Some(refusal),
        };
        if let Some(refusal) = refusal {
            return Err(refused(&mut cx.engine, &refusal));
        }
        let listed = listing::own_entry(cx, connection, self.path)?;
        let result = cx.engine.inbox().take(&self.results).map(ResultLine);
        match (listed, result) {
            (Some(entry), _) if entry.size == Some(0) || self.command == APPEND => Ok(Assurance::ServerSize),
            (Some(_), _) => Err(cx.engine.error(ErrorKind::Incomplete, "the file is not empty afterwards")),
            (None, Some(result)) => check_result(&cx.engine, &result).map(|()| Assurance::Unconfirmed),
            (None, None) => Ok(Assurance::Unconfirmed),
        }
    }
}

/// The cause of a refusal behind the first block, which has one code (§5, table 5: 10) for an upload that the server
/// does not accept and for one that breaks off. The listing shows whether the file was begun: STOR empties it before
/// the data come, APPE makes it longer.
fn explain_first_block(
    cx: &mut Context,
    connection: &mut Connection,
    path: &str,
    source: &Source<'_>,
    error: Error,
) -> Error {
    if !source.has_begun() || !is_server_error(&error) {
        return error;
    }
    let size = match listing::own_entry(cx, connection, path) {
        Ok(entry) => entry.and_then(|entry| entry.size),
        Err(loss) if is_loss(loss.kind()) && loss.kind() != ErrorKind::SessionLost => {
            return accounted_as(&error, loss);
        }
        Err(_) => None,
    };
    let is_begun = |size| match source.placement() {
        Placement::Replace => size <= source.announced(),
        Placement::Continue(offset) => size > offset,
        // What the file had before is not known.
        Placement::Append => false,
    };
    match size.is_some_and(is_begun) {
        true => error.with_kind(ErrorKind::DataConnection).explained_further("the server has begun the file"),
        false => error,
    }
}

/// The error of an upload that failed with `error` behind `taken` bytes: a server that has taken some has accepted the
/// upload, so that neither the path nor the permissions can be the cause.
fn broken_off(error: Error, taken: u64) -> Error {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::ServerRefused if taken > 0 => error.with_kind(ErrorKind::DataConnection),
        _ => error,
    }
}

/// The error of a result that came instead of the request for data.
fn refused(wire: &mut Wire, result: &ResultLine) -> Error {
    match check_result(wire, result) {
        Ok(()) => wire.protocol("a result without data"),
        Err(error) => error,
    }
}

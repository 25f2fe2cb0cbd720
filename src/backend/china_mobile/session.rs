//! The session: MFTPCONN and MFTPDISC, and how commands at the server end.
//!
//! A command is acknowledged and ends with `+MFTPxxx: <connection>,<result>`; the acknowledgement and the result come
//! in either order (§4.1 shows both).

use std::time::Duration;

use super::Mftp;
use super::facts::{HOST, IN_PROGRESS, PASSWORD, PATH, RESULT_MARGIN, USER, check_result};
use super::settings::state;
use crate::at::{Command, Deadline, Event, Exchange, Expect, Field, Line, Parameter, Pattern, ResultLine, Wire};
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::dialect::Sessions;
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};
use crate::modem::{Charset, DataConnection, FileType, Server, SessionState};

/// Pauses before a command that another one blocks (result 4) is repeated: the first one, and the longest, up to which
/// they double.
const FIRST_BUSY_PAUSE: Duration = Duration::from_millis(250);
const BUSY_PAUSE: Duration = Duration::from_secs(2);

const CONNECT: &str = "+MFTPCONN";
pub(super) const DISCONNECT: &str = "+MFTPDISC";
pub(super) const DIRECTORY: &str = "+MFTPPWD";

impl Sessions for Mftp {
    fn check_server(&self, server: &Server) -> Result<()> {
        Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])
    }

    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
        self.settings.data_connection = mode;
        Ok(())
    }

    fn use_file_type(&mut self, _: &mut Context, file_type: FileType) -> Result<()> {
        self.settings.file_type = file_type;
        Ok(())
    }

    fn log_in(&mut self, cx: &mut Context, server: &Server) -> Result<()> {
        if cx.session.server() != Some(server) {
            self.long_offsets = false;
        }
        self.send_settings(cx, server.security)?;
        // The module resolves the name, connects and logs in, each within `rsptimeout`.
        let limit = self.server_limit() * 3 + RESULT_MARGIN;
        let connect = |command: Command| {
            let command = command.text(&HOST, &server.host).text(&USER, &server.user);
            command.text(&PASSWORD, &server.password).number(server.port)
        };
        let mut opened = self.attempt(cx, CONNECT, connect, limit);
        if opened.as_ref().is_err_and(may_be_open) {
            // A session that another program has left open.
            self.close_session(cx)?;
            opened = self.finish(cx, CONNECT, connect, limit);
        }
        let _ = opened.map_err(|error| match error.kind() {
            // Connected, and then refused.
            ErrorKind::Unavailable => error.with_kind(ErrorKind::LoginRefused),
            _ => error,
        })?;
        cx.engine.inbox.arm(self.loss(), ErrorKind::SessionLost);
        Ok(())
    }

    fn log_out(&mut self, cx: &mut Context) -> Result<()> {
        self.close_session(cx)
    }

    fn session_lost(&mut self, cx: &mut Context) {
        self.expect_close(cx);
    }

    fn status(&mut self, cx: &mut Context) -> Result<SessionState> {
        state(cx, self.connection)
    }
}

impl Mftp {
    /// Closes the session; one that is closed already is no error.
    pub(super) fn close_session(&mut self, cx: &mut Context) -> Result<()> {
        self.expect_close(cx);
        match self.finish(cx, DISCONNECT, |command| command, self.result_limit()) {
            // Blocked, which is not closed.
            Err(error) if error.kind() == ErrorKind::ModuleBusy => Err(error),
            Err(error) if error.module_code().is_some() || is_refusal(error.kind()) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// The line that reports the loss of the connection in use (§3.14).
    fn loss(&self) -> Pattern {
        Pattern::Numbered { prefix: "+MFTPURC", before: &[], number: self.connection.into(), after: &["conn", "0"] }
    }

    /// Stops listening for the loss of the connection: from now on its line is the last echo of MFTPDISC, or reports a
    /// loss once more that a result has reported.
    pub(super) fn expect_close(&self, cx: &mut Context) {
        cx.engine.inbox.disarm(ErrorKind::SessionLost);
    }

    /// Closes the session after a transfer that failed with `error`: there is no other command that ends one. The next
    /// operation opens it again.
    pub(super) fn abandon(&mut self, cx: &mut Context, error: Error) -> Error {
        if !is_under_way(cx, &error) {
            return error;
        }
        cx.engine.note_recovery(Recovery::AbortTransfer);
        cx.session.lose();
        match self.close_session(cx) {
            Ok(()) => error,
            Err(_) => error.module_left_unusable(),
        }
    }

    /// Queries the current directory.
    pub(super) fn current_directory(&mut self, cx: &mut Context) -> Result<String> {
        let result = self.finish(cx, DIRECTORY, |command| command, self.result_limit())?;
        directory(&result.0, cx.engine.charset).ok_or_else(|| cx.engine.protocol("the directory is missing"))
    }

    /// Runs a command on a path.
    pub(super) fn on_path(&mut self, cx: &mut Context, name: &'static str, path: &str) -> Result<()> {
        self.finish(cx, name, |command| command.text(&PATH, path), self.result_limit()).map(drop)
    }

    /// A command of the connection in use.
    pub(super) fn command(&self, name: &'static str) -> Command {
        Command::set(name).number(self.connection)
    }

    /// The results of a command of the connection in use.
    pub(super) fn results_of(&self, name: &'static str) -> Pattern {
        Pattern::of(name, self.connection.into())
    }

    /// How long the module waits for the server.
    fn server_limit(&self) -> Duration {
        Duration::from_secs(self.settings.response_seconds.into())
    }

    /// The limit of a result, of a silence within data, and of an acknowledgement, which may come behind the result.
    pub(super) fn result_limit(&self) -> Duration {
        self.server_limit() + RESULT_MARGIN
    }

    /// Sends a command and waits for its result, for `limit` at most. A command that an earlier one blocks is repeated.
    pub(super) fn finish(
        &mut self,
        cx: &mut Context,
        name: &'static str,
        arguments: impl Fn(Command) -> Command,
        limit: Duration,
    ) -> Result<ResultLine> {
        let result = self.patiently(cx, |dialect, cx| dialect.attempt(cx, name, &arguments, limit))?;
        // It was not blocked, so a listing before it is over.
        self.owes_list_end = false;
        Ok(result)
    }

    /// As [`Self::finish`], once.
    pub(super) fn attempt(
        &self,
        cx: &mut Context,
        name: &'static str,
        arguments: impl Fn(Command) -> Command,
        limit: Duration,
    ) -> Result<ResultLine> {
        let results = self.results_of(name);
        let deadline = cx.engine.deadline(Phase::Result, limit);
        let first = cx.engine.perform(arguments(self.command(name)).known(), limit, &results, limit)?;
        let result = if is_progress(&first.0) { last_result(&mut cx.engine, &results, deadline)? } else { first };
        check_result(&cx.engine, &result)?;
        Ok(result)
    }

    /// Repeats what an earlier command blocks, which has not been done then, for as long as the earlier one may take.
    pub(super) fn patiently<T>(
        &mut self,
        cx: &mut Context,
        mut work: impl FnMut(&mut Self, &mut Context) -> Result<T>,
    ) -> Result<T> {
        let end = cx.engine.deadline(Phase::Result, self.result_limit());
        let mut pause = FIRST_BUSY_PAUSE;
        loop {
            match work(self, cx) {
                Err(error)
                    if error.kind() == ErrorKind::ModuleBusy
                        && !cx.engine.sync.is_lost()
                        && cx.engine.now() < end.at() =>
                {
                    cx.engine.wait(Phase::Result, pause)?;
                    pause = (pause * 2).min(BUSY_PAUSE);
                }
                outcome => return outcome,
            }
        }
    }
}

/// Waits for the result that ends an operation.
pub(super) fn last_result(wire: &mut Wire, results: &Pattern, deadline: Deadline) -> Result<ResultLine> {
    loop {
        let result = wire.result(results, deadline)?;
        if !is_progress(&result.0) {
            return Ok(result);
        }
    }
}

/// Whether a result says only that the operation is in progress, which is in the table of results and in no example.
pub(super) fn is_progress(line: &Line) -> bool {
    line.number(1) == Some(IN_PROGRESS)
}

/// Waits for `OK`. Everything else that comes meanwhile passes through `take` and restarts the limit.
pub(super) fn acknowledged_amid(
    mut exchange: Exchange<'_>,
    expect: Expect,
    phase: Phase,
    limit: Duration,
    mut take: impl FnMut(&mut Wire, Event) -> Result<()>,
) -> Result<()> {
    loop {
        match exchange.next(expect)? {
            Event::Acknowledged => return Ok(()),
            event => take(exchange.wire(), event)?,
        }
        exchange = exchange.within(phase, limit);
    }
}

/// Whether a transfer that failed with `error` may be under way: it was begun, is not over, and its session is open.
pub(super) fn is_under_way(cx: &Context, error: &Error) -> bool {
    use ErrorKind::*;
    let is_over = matches!(
        error.kind(),
        InvalidInput
            | Unsupported
            | Unavailable
            | WrongState
            | ServerRefused
            | PortLost
            | ModuleRestarted
            | BearerLost
            | SessionLost
    );
    cx.session.is_open() && !is_over
}

/// Whether a refused MFTPCONN may mean that the connection is open already: 802, or its own 803.
fn may_be_open(error: &Error) -> bool {
    let code = error.module_code().filter(|code| code.table == "CME");
    error.kind() == ErrorKind::ModuleBusy || code.is_some_and(|code| code.value == "803")
}

/// The directory in `+MFTPPWD: 0,0,/a` or `+MFTPPWD: 0,0,"/a"` (§4.1 prints both); a bare path may hold commas.
fn directory(line: &Line, charset: Charset) -> Option<String> {
    let line = line.information()?;
    let field = line.fields.get(2)?;
    match &field {
        Field::Quoted(path) => Some(charset.decode(path).into_owned()),
        // A mark that is not closed: the rest of the line is lost.
        Field::Bare(path) if path.starts_with(b"\"") => None,
        Field::Bare(_) => {
            let path = line.body.splitn(3, |byte| *byte == b',').nth(2)?;
            Some(charset.decode(path.trim_ascii()).into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_comes_with_and_without_quotation_marks() {
        for (line, expected) in [
            ("+MFTPPWD: 0,0,/home/uftp", Some("/home/uftp")),
            ("+MFTPPWD: 0,0,\"/home/uftp\"", Some("/home/uftp")),
            ("+MFTPPWD: 0,0,/a,b", Some("/a,b")),
            ("+MFTPPWD: 0,0,\"/a,b\"", Some("/a,b")),
            ("+MFTPPWD: 0,0,\"/a", None),
            ("+MFTPPWD: 0,0", None),
        ] {
            assert_eq!(directory(&Line::new(line.as_bytes()), Charset::UTF_8).as_deref(), expected, "{line}");
        }
    }
}

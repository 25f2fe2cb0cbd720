//! One of the module's six connections: its commands, and how these end.
//!
//! A command is acknowledged and ends with `+MFTPxxx: <connection>,<result>`; the acknowledgement and the result come
//! in either order (§4.1 shows both).

use std::time::Duration;

use super::connection_settings::{LocalSide, Settings};
use super::facts::{IN_PROGRESS, PATH, RESULT_MARGIN, check_result};
use crate::at::{Command, Deadline, Event, Exchange, Expect, Line, Pattern, ResultLine, Wire};
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};
use crate::modem::SessionState;

/// Pauses before a command that another one blocks (result 4) is repeated: the first one, and the longest, up to which
/// they double.
const FIRST_BUSY_PAUSE: Duration = Duration::from_millis(250);
const BUSY_PAUSE: Duration = Duration::from_secs(2);

pub(super) const STATE: &str = "+MFTPSTATE";
pub(super) const DISCONNECT: &str = "+MFTPDISC";
pub(super) const DIRECTORY: &str = "+MFTPPWD";

/// The connection in use, and what is set for it.
#[derive(Default)]
pub(super) struct Connection {
    /// 0 to 5 (§3.1).
    pub number: u8,
    /// What the next login sets. In a session, that is what is set.
    pub settings: Settings,
    /// What "local_fs" is set to, where that is known.
    pub local_side: Option<LocalSide>,
    /// Whether the row that ends the last listing may be still to come. Any command that is carried out shows that the
    /// listing is over.
    pub owes_list_end: bool,
}

impl Connection {
    /// A command of the connection.
    pub fn command(&self, name: &'static str) -> Command {
        Command::set(name).number(self.number)
    }

    /// The results of a command.
    pub fn results_of(&self, name: &'static str) -> Pattern {
        Pattern::of(name, self.number.into())
    }

    /// How long the module waits for the server.
    pub fn server_limit(&self) -> Duration {
        Duration::from_secs(self.settings.response_seconds.into())
    }

    /// The limit of a result, of a silence within data, and of an acknowledgement, which may come behind the result.
    pub fn result_limit(&self) -> Duration {
        self.server_limit() + RESULT_MARGIN
    }

    /// Sends a command and waits for its result, for `limit` at most. A command that an earlier one blocks is repeated.
    pub fn finish(
        &mut self,
        cx: &mut Context,
        name: &'static str,
        arguments: impl Fn(Command) -> Command,
        limit: Duration,
    ) -> Result<ResultLine> {
        self.patiently(cx, |connection, cx| connection.attempt(cx, name, &arguments, limit))
    }

    /// As [`Self::finish`], once.
    pub fn attempt(
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

    /// Runs a command on a path.
    pub fn on_path(&mut self, cx: &mut Context, name: &'static str, path: &str) -> Result<()> {
        self.finish(cx, name, |command| command.text(&PATH, path), self.result_limit()).map(drop)
    }

    /// Repeats what an earlier command blocks, which has not been done then, for as long as the earlier one may take.
    pub fn patiently<T>(
        &mut self,
        cx: &mut Context,
        mut work: impl FnMut(&mut Self, &mut Context) -> Result<T>,
    ) -> Result<T> {
        let end = cx.engine.deadline(Phase::Result, self.result_limit());
        let mut pause = FIRST_BUSY_PAUSE;
        loop {
            match work(self, cx) {
                Err(error)
                    if error.kind() == ErrorKind::ModuleBusy && !cx.engine.is_lost() && cx.engine.now() < end.at() =>
                {
                    cx.engine.wait(Phase::Result, pause)?;
                    pause = (pause * 2).min(BUSY_PAUSE);
                }
                outcome => {
                    self.owes_list_end &= outcome.is_err();
                    return outcome;
                }
            }
        }
    }
}

/// Queries what a connection is doing (§3.13).
pub(super) fn state(cx: &mut Context, number: u8) -> Result<SessionState> {
    let answer = cx.query(Command::set(STATE).number(number))?;
    match answer.first().and_then(|line| line.number(1)) {
        Some(0) => Ok(SessionState::Closed),
        Some(1) => Ok(SessionState::Idle),
        Some(2 | 3) => Ok(SessionState::Busy),
        _ => Err(cx.engine.protocol("the state is not 0 to 3")),
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

/// Stops listening for the loss of the connection: from now on its line is the last echo of MFTPDISC, or reports a loss
/// once more that a result has reported.
pub(super) fn expect_close(cx: &mut Context) {
    cx.engine.inbox().disarm(ErrorKind::SessionLost);
}

/// Notes that the transfer is ended now, and the session with it.
pub(super) fn give_up(cx: &mut Context) {
    cx.engine.note_recovery(Recovery::AbortTransfer);
    cx.session.lose();
    expect_close(cx);
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

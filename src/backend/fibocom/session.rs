//! The session: FTPMODE, FTPOPEN and FTPCLOSE.

use std::ops::Range;

use super::FibocomFtp;
use super::bearer::state_if_up;
use super::facts::{CONVERSATION, HOST, OPEN_LIMIT, PASSWORD, RESULT_LIMIT, USER};
use super::recovery::Activity;
use super::results::{DONE, close_down, perform};
use super::retries::persistently;
use crate::at::{Command, Parameter, Pattern, ResultLine};
use crate::backend::codes::{self, is_refusal};
use crate::backend::context::{Context, is_loss};
use crate::backend::dialect::Sessions;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{DataConnection, Server, SessionState};

const OPENED: Pattern = Pattern::Prefix("+FTPOPEN");
const CLOSED: Pattern = Pattern::Prefix("+FTPCLOSE");

impl Sessions for FibocomFtp {
    fn check_server(&self, server: &Server) -> Result<()> {
        let (user, password) = account(server);
        Parameter::check_all(&[(&HOST, &server.host), (&USER, user), (&PASSWORD, password)])
    }

    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
        self.data_connection = mode;
        Ok(())
    }

    fn log_in(&mut self, cx: &mut Context, server: &Server) -> Result<()> {
        self.leave_data_mode(cx)?;
        // FTPOPEN fails while a session is open.
        if cx.session.is_open() {
            cx.session.ended();
            self.close(cx)?;
        }
        self.open_session(cx, server)
    }

    fn log_out(&mut self, cx: &mut Context) -> Result<()> {
        self.close(cx).map(drop)
    }

    /// Seen on MC669: the read form of FTPOPEN tells whether there is a session.
    fn status(&mut self, cx: &mut Context) -> Result<SessionState> {
        if !cx.session.is_open() {
            return Ok(SessionState::Closed);
        }
        match cx.query(Command::read("+FTPOPEN")) {
            Ok(answer) if answer.first().is_some_and(|line| line.number(0) == Some(0)) => {
                cx.session.lose();
                Ok(SessionState::Closed)
            }
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(SessionState::Idle),
        }
    }
}

impl FibocomFtp {
    /// Opens the session.
    fn open_session(&mut self, cx: &mut Context, server: &Server) -> Result<()> {
        self.activity = Activity::Session;
        self.refuses_offsets = false;
        // 0 is passive here, unlike in the other dialects (guide §3.2, FTPMODE).
        let is_active = self.data_connection == DataConnection::Active;
        match cx.set(Command::set("+FTPMODE").number(u8::from(is_active))) {
            // A module that knows only one mode is in passive mode.
            Err(error) if is_refusal(error.kind()) && !is_active => {}
            Err(error) if is_refusal(error.kind()) => {
                let detail = "the module has passive data connections only";
                return Err(error.with_kind(ErrorKind::Unsupported).explained_further(detail));
            }
            outcome => outcome?,
        }
        if let Some(bytes) = self.cache {
            cx.set(Command::set("+FTPCACHE").number(bytes))?;
        }
        let has_conversation = report_conversation(cx, true)?;
        // Without the conversation a refused password looks as a server that cannot be reached does: one attempt.
        let outcome = match has_conversation {
            true => persistently(cx, OPEN_LIMIT, |cx| self.connect(cx, server)),
            false => self.connect(cx, server),
        };
        self.prints_replies = has_conversation && self.needs_reason && outcome.is_ok();
        match &outcome {
            _ if self.prints_replies => outcome,
            Err(error) if is_loss(error.kind()) => outcome,
            _ => report_conversation(cx, false).and(outcome),
        }
    }

    /// Sends FTPOPEN, and once more behind the end of a session that another program left open.
    fn connect(&mut self, cx: &mut Context, server: &Server) -> Result<()> {
        let first = match send_open(cx, server) {
            Ok(result) if result.number(0) == Some(DONE) => return Ok(()),
            Ok(_) => opening_failed(cx),
            Err(error) if is_refusal(error.kind()) => error,
            Err(error) => return Err(error),
        };
        if first.ftp_reply().is_some() {
            // The server has given the reason.
            return Err(first);
        }
        if !self.close(cx)? {
            return Err(without_bearer(cx, first)?);
        }
        self.activity = Activity::Session;
        match send_open(cx, server) {
            Ok(result) if result.number(0) == Some(DONE) => Ok(()),
            Ok(_) => Err(opening_failed(cx)),
            Err(error) if is_refusal(error.kind()) => Err(without_bearer(cx, error)?),
            Err(error) => Err(error),
        }
    }

    /// Closes the session, and with it whatever is going on in it. Returns whether there was one.
    pub(super) fn close(&mut self, cx: &mut Context) -> Result<bool> {
        let was_open = close_down(cx, Command::run("+FTPCLOSE"), &CLOSED, RESULT_LIMIT)?;
        self.activity = Activity::Nothing;
        Ok(was_open)
    }
}

/// Sends FTPOPEN. The server's port is the sixth argument: the fifth, where the guide's example has it, is the
/// module's own (G24 manual, +FTPOPEN).
fn send_open(cx: &mut Context, server: &Server) -> Result<ResultLine> {
    let (user, password) = account(server);
    let command = Command::set("+FTPOPEN")
        .text(&HOST, &server.host)
        .text(&USER, user)
        .text(&PASSWORD, password)
        .literal("\"\"")
        .omitted()
        .number(server.port)
        .omitted();
    perform(cx, command.known(), OPEN_LIMIT, &OPENED, OPEN_LIMIT)
}

/// User name and password. An empty one makes the login fail even on servers that want none (MC66x SDK release notes).
fn account(server: &Server) -> (&str, &str) {
    const ANONYMOUS: &str = "anonymous";
    let user = if server.user.is_empty() { ANONYMOUS } else { &server.user };
    let password = if server.password.is_empty() && user == ANONYMOUS { "guest" } else { &server.password };
    (user, password)
}

/// Lets the module print what server and module say to each other, where it can. Only while the session is opened,
/// whose failure has no reason otherwise, and during an upload that broke off before: else the lines would stand
/// between others.
///
/// Returns whether it can.
fn report_conversation(cx: &mut Context, on: bool) -> Result<bool> {
    cx.engine.inbox.forget(&CONVERSATION);
    cx.set_if_known(Command::set("+FTPINFO").number(u8::from(on)))
}

/// Lets the module print no more of it. This is the first command behind the payload: bytes that were added to that on
/// its way have pushed others out, which then stand in front of the command.
pub(super) fn end_conversation(cx: &mut Context) -> Result<()> {
    cx.set(Command::set("+FTPINFO").number(0u8)).map_err(|error| match is_refusal(error.kind()) {
        true => error
            .with_kind(ErrorKind::Protocol)
            .explained_further("the module did not understand the first command behind the payload"),
        false => error,
    })
}

/// The last reply code of the server, among `codes`, that the module has printed.
pub(super) fn last_reply(cx: &mut Context, codes: Range<u16>) -> Option<u16> {
    let mut reply = None;
    while let Some(line) = cx.engine.inbox.take(&CONVERSATION) {
        let code = line.information().and_then(|line| std::str::from_utf8(line.body.get(..3)?).ok()?.parse().ok());
        reply = code.filter(|code| codes.contains(code)).or(reply);
    }
    reply
}

/// The error of `+FTPOPEN: 0`, with the last reply code of the server.
fn opening_failed(cx: &mut Context) -> Error {
    let reply = last_reply(cx, 100..600);
    let report = &cx.engine.report;
    match reply {
        Some(reply) => {
            let kind = codes::ftp_reply_kind(u64::from(reply)).unwrap_or(ErrorKind::ConnectFailed);
            report.error(kind, "").with_ftp_reply(reply)
        }
        None => report.error(ErrorKind::ConnectFailed, "the module gives no reason; perhaps the login was refused"),
    }
}

/// The error of a session that was refused, or that there is no bearer, if that is why.
fn without_bearer(cx: &mut Context, refused: Error) -> Result<Error> {
    Ok(match state_if_up(cx)? {
        None => cx.engine.report.error(ErrorKind::BearerLost, "there is no bearer"),
        Some(_) => refused,
    })
}

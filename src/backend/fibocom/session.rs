//! The session: FTPMODE, FTPOPEN and FTPCLOSE.

use std::ops::Range;

use super::FibocomFtp;
use super::bearer::state_if_up;
use super::facts::{CONVERSATION, HOST, OPEN_LIMIT, PASSWORD, USER};
use super::recovery::Activity;
use super::results::{DONE, perform};
use super::retries::persistently;
use crate::at::{Command, Parameter, Pattern};
use crate::backend::codes::{self, is_refusal};
use crate::backend::context::{Context, is_loss};
use crate::backend::dialect::Sessions;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{DataConnection, Server, SessionState};

const OPENED: Pattern = Pattern::Prefix("+FTPOPEN");

/// How long the module prints what server and module say to each other (G24 manual, +FTPINFO). These lines would stand
/// between others, so they are printed only where a failure has no reason otherwise: while the session is opened, and
/// during an upload behind one that broke off without a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conversation {
    /// Only while the session is opened.
    Hidden,
    /// The same in this session. In the next one, the upload that broke off may be repeated.
    Wanted,
    /// Up to the end of the next upload.
    Shown,
}

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
        self.activity.leave_data_mode(cx)?;
        // FTPOPEN fails while a session is open.
        if cx.session.is_open() {
            cx.session.ended();
            self.activity.close(cx)?;
        }
        self.activity = Activity::Session;
        self.requests.refuses_offsets = false;
        choose(cx, self.data_connection)?;
        if let Some(bytes) = self.cache_size {
            cx.set(Command::set("+FTPCACHE").number(bytes))?;
        }
        let has_conversation = report_conversation(cx, true)?;
        let mut connect = |cx: &mut Context| connect(cx, &mut self.activity, server);
        // Without the conversation a refused password looks as a server that cannot be reached does: one attempt.
        let outcome = if has_conversation { persistently(cx, OPEN_LIMIT, connect) } else { connect(cx) };
        if self.conversation != Conversation::Hidden {
            let is_shown = has_conversation && outcome.is_ok();
            self.conversation = if is_shown { Conversation::Shown } else { Conversation::Wanted };
        }
        match &outcome {
            _ if self.conversation == Conversation::Shown => outcome,
            Err(error) if is_loss(error.kind()) => outcome,
            _ => report_conversation(cx, false).and(outcome),
        }
    }

    fn log_out(&mut self, cx: &mut Context) -> Result<()> {
        self.activity.close(cx).map(drop)
    }

    /// Seen on MC669: the read form of FTPOPEN tells whether there is a session.
    fn status(&mut self, cx: &mut Context) -> Result<SessionState> {
        if cx.session.is_open() {
            let answer = cx.query_if_known(Command::read("+FTPOPEN"))?;
            if answer.is_none_or(|answer| answer.first().and_then(|line| line.number(0)) != Some(0)) {
                return Ok(SessionState::Idle);
            }
            cx.session.lose();
        }
        Ok(SessionState::Closed)
    }
}

/// Chooses who opens the data connections.
fn choose(cx: &mut Context, mode: DataConnection) -> Result<()> {
    // 0 is passive here, unlike in the other dialects (guide §3.2, FTPMODE).
    let is_active = mode == DataConnection::Active;
    match cx.set(Command::set("+FTPMODE").number(u8::from(is_active))) {
        // A module that knows only one mode is in passive mode.
        Err(error) if is_refusal(error.kind()) && !is_active => Ok(()),
        Err(error) if is_refusal(error.kind()) => {
            let detail = "the module has passive data connections only";
            Err(error.with_kind(ErrorKind::Unsupported).explained_further(detail))
        }
        outcome => outcome,
    }
}

/// Opens the session, once more behind the end of one that another program left open.
fn connect(cx: &mut Context, activity: &mut Activity, server: &Server) -> Result<()> {
    let first = match open(cx, server) {
        Err(error) if is_refusal(error.kind()) || is_without_reason(&error) => error,
        outcome => return outcome,
    };
    if !activity.close(cx)? {
        return Err(without_bearer(cx, first)?);
    }
    *activity = Activity::Session;
    match open(cx, server) {
        Err(error) if is_refusal(error.kind()) => Err(without_bearer(cx, error)?),
        outcome => outcome,
    }
}

/// Sends FTPOPEN. The server's port is the sixth argument: the fifth, where the guide's example has it, is the
/// module's own (G24 manual, +FTPOPEN).
fn open(cx: &mut Context, server: &Server) -> Result<()> {
    let (user, password) = account(server);
    let command = Command::set("+FTPOPEN")
        .text(&HOST, &server.host)
        .text(&USER, user)
        .text(&PASSWORD, password)
        .literal("\"\"")
        .omitted()
        .number(server.port)
        .omitted();
    match perform(cx, command.known(), &OPENED, OPEN_LIMIT)?.number(0) {
        Some(DONE) => Ok(()),
        _ => Err(opening_failed(cx)),
    }
}

/// User name and password. An empty one makes the login fail even on servers that want none (MC66x SDK release notes).
fn account(server: &Server) -> (&str, &str) {
    const ANONYMOUS: &str = "anonymous";
    let user = if server.user.is_empty() { ANONYMOUS } else { &server.user };
    let password = if server.password.is_empty() && user == ANONYMOUS { "guest" } else { &server.password };
    (user, password)
}

/// Lets the module print the conversation or not. Returns whether it can.
fn report_conversation(cx: &mut Context, on: bool) -> Result<bool> {
    cx.engine.inbox().forget(&CONVERSATION);
    cx.set_if_known(Command::set("+FTPINFO").number(u8::from(on)))
}

/// Ends [`Conversation::Shown`] behind an upload. This is the first command behind the payload: bytes that were added
/// to the payload on its way have pushed others out, which then precede the command.
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
    while let Some(line) = cx.engine.inbox().take(&CONVERSATION) {
        let code = line.information().and_then(|line| std::str::from_utf8(line.body.get(..3)?).ok()?.parse().ok());
        reply = code.filter(|code| codes.contains(code)).or(reply);
    }
    reply
}

/// The error of `+FTPOPEN: 0`, with the last reply code of the server.
fn opening_failed(cx: &mut Context) -> Error {
    let reply = last_reply(cx, 100..600);
    let report = cx.engine.report();
    match reply {
        Some(reply) => {
            let kind = codes::ftp_reply_kind(u64::from(reply)).unwrap_or(ErrorKind::ConnectFailed);
            report.error(kind, "").with_ftp_reply(reply)
        }
        None => report.error(ErrorKind::ConnectFailed, "the module gives no reason; perhaps the login was refused"),
    }
}

/// Whether FTPOPEN failed and the server has given no reason.
fn is_without_reason(error: &Error) -> bool {
    error.kind() == ErrorKind::ConnectFailed && error.ftp_reply().is_none()
}

/// The error of a session that was refused, or that there is no bearer, if that is why.
fn without_bearer(cx: &mut Context, refused: Error) -> Result<Error> {
    Ok(match state_if_up(cx)? {
        None => cx.engine.error(ErrorKind::BearerLost, "there is no bearer"),
        Some(_) => refused,
    })
}

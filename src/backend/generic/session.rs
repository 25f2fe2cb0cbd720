//! The session: FTPPORT, FTPMODE, FTPSERV, FTPUN, FTPPW, FTPTYPE and FTPQUIT.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::facts::{self, ADDRESS, PASSWORD, SERVER_CODES, SERVER_LIMIT, USER};
use super::{Ftpserv, bearer, is_bare_refusal};
use crate::at::{Command, Engine, Parameter};
use crate::backend::codes;
use crate::backend::context::Context;
use crate::backend::dialect::Sessions;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, DataConnection, FileType, Server, SessionState};

/// How long the host may take to resolve a name.
const RESOLUTION_LIMIT: Duration = Duration::from_secs(30);

/// How soon a wait for the host notices the stop flag and the end of the budget.
const RESOLUTION_CHECK: Duration = Duration::from_millis(50);

impl Sessions for Ftpserv {
    fn check_server(&self, server: &Server) -> Result<()> {
        Parameter::check_all(&[(&USER, &server.user), (&PASSWORD, &server.password)])
    }

    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
        self.data_connection = mode;
        Ok(())
    }

    /// The size on the server is not that of the text, and the manual has restart offsets for type `I` only (FTPTYPE):
    /// the capabilities then lack both, and a download is what the module delivers in one piece.
    fn use_file_type(&mut self, cx: &mut Context, file_type: FileType) -> Result<()> {
        self.file_type = file_type;
        (cx.capabilities.operations, cx.capabilities.download_assurance) = match file_type {
            FileType::Binary => (facts::OPERATIONS, Assurance::ServerSize),
            FileType::Text => (facts::TEXT_OPERATIONS, Assurance::Unconfirmed),
        };
        Ok(())
    }

    fn log_in(&mut self, cx: &mut Context, server: &Server) -> Result<()> {
        self.path_set = None;
        self.offsets_work = false;
        let address = resolve(&mut cx.engine, &server.host, server.port)?;
        self.connect_afresh(cx, &address, server.port).or_else(|error| match cx.session.is_lost() {
            true => Err(without_bearer(cx, error)?),
            false => Err(error),
        })?;
        // The login happens here, after the connection: an ERROR is the server's refusal.
        let user = Command::set("+FTPUN").text(&USER, &server.user);
        let password = Command::set("+FTPPW").text(&PASSWORD, &server.password);
        for command in [user, password] {
            let refused = match cx.engine.execute(command.known(), SERVER_LIMIT) {
                Err(error) if error.kind() == ErrorKind::ModuleRefused => error.with_kind(ErrorKind::LoginRefused),
                Err(error) => error,
                Ok(_) => continue,
            };
            // A connection without a login is of no use to the next one.
            let _ = quit(cx);
            return Err(refused);
        }
        cx.set(Command::set("+FTPTYPE").literal(if self.is_text() { "A" } else { "I" }))
    }

    fn log_out(&mut self, cx: &mut Context) -> Result<()> {
        match quit(cx) {
            // Refused when the connection was lost before: closed all the same.
            Err(error) if error.kind() != ErrorKind::ModuleRefused => Err(error),
            _ => Ok(()),
        }
    }

    fn status(&mut self, cx: &mut Context) -> Result<SessionState> {
        Ok(if cx.session.is_open() { SessionState::Idle } else { SessionState::Closed })
    }
}

impl Ftpserv {
    /// Connects, once more behind the end of a session that is still open.
    fn connect_afresh(&mut self, cx: &mut Context, address: &str, port: u16) -> Result<()> {
        match self.connect(cx, address, port) {
            // Refused without a code: a session that is still open, or no reason given.
            Err(error) if is_bare_refusal(&error) => {
                let without_reason = |error: Error| {
                    if is_bare_refusal(&error) { error.with_kind(ErrorKind::ConnectFailed) } else { error }
                };
                end_abandoned_session(cx).map_err(|_| without_reason(error))?;
                self.connect(cx, address, port).map_err(without_reason)
            }
            other => other,
        }
    }

    /// Connects with FTPSERV, whose code may be followed by `OK` or by `ERROR`.
    fn connect(&mut self, cx: &mut Context, address: &str, port: u16) -> Result<()> {
        let serv = || Command::set("+FTPSERV").text(&ADDRESS, address);
        // The older edition of the manual sets the port beforehand, the newer one in FTPSERV.
        let command = match cx.set(Command::set("+FTPPORT").number(port)) {
            Ok(()) => serv(),
            Err(error) if error.kind() == ErrorKind::ModuleRefused => serv().number(port),
            Err(error) => return Err(error),
        };
        cx.set(Command::set("+FTPMODE").number(u8::from(self.data_connection == DataConnection::Passive)))?;
        let (lines, outcome) = cx.engine.answer(command.known(), SERVER_LIMIT);
        match (lines.first().and_then(|line| line.number(0)), outcome) {
            (Some(0), outcome) => outcome,
            (Some(code), _) => Err(codes::failure(&cx.engine, "FTPSERV", SERVER_CODES, &code.to_string())),
            (None, Ok(())) => Err(cx.engine.protocol("the result of FTPSERV is missing")),
            (None, Err(error)) => Err(error),
        }
    }

    /// Points the module to a directory, which is absolute.
    pub(super) fn point_to(&mut self, cx: &mut Context, directory: &str) -> Result<()> {
        let directory = if directory.len() > 1 { directory.trim_end_matches('/') } else { directory };
        if self.path_set.as_deref() == Some(directory) {
            return Ok(());
        }
        self.path_set = None;
        let command = Command::set("+FTPPATH").text(&super::DIRECTORY, directory);
        let _ = cx.engine.execute(command.known(), SERVER_LIMIT)?;
        self.path_set = Some(directory.to_owned());
        Ok(())
    }
}

pub(super) fn quit(cx: &mut Context) -> Result<()> {
    cx.engine.execute(Command::run("+FTPQUIT"), SERVER_LIMIT).map(drop)
}

/// The error of a command that the module answered with `ERROR`, which it does both for what the server refuses and
/// where the session is gone. FTPQUIT tells: it is refused without a session. The next operation opens a new one.
/// `kind` is the kind of error in a session that was there.
pub(super) fn after_refusal(cx: &mut Context, error: Error, kind: ErrorKind) -> Error {
    cx.session.lose();
    match quit(cx) {
        Ok(()) => error.with_kind(kind),
        Err(refused) if refused.kind() == ErrorKind::ModuleRefused => {
            let detail = "the module has no session any more";
            error.caused_by(ErrorKind::SessionLost, detail, ErrorKind::SessionLost.advice())
        }
        Err(_) => error.with_kind(kind).module_left_unusable(),
    }
}

/// Ends the upload: `FTPPUT=0` as the manual's example has it, or `FTPPUT=0,` as its text does.
pub(super) fn close_upload(cx: &mut Context) -> Result<()> {
    match cx.engine.execute(Command::set("+FTPPUT").number(0u8), SERVER_LIMIT) {
        Err(error) if error.kind() == ErrorKind::ModuleRefused => {
            let with_comma = Command::set("+FTPPUT").number(0u8).omitted();
            cx.query(with_comma).map(drop).map_err(|_| error)
        }
        other => other.map(drop),
    }
}

/// Ends the session of a program that is gone. One that was uploading has to end the upload before.
fn end_abandoned_session(cx: &mut Context) -> Result<()> {
    match quit(cx) {
        Err(error) if error.kind() == ErrorKind::ModuleRefused => {
            close_upload(cx)?;
            quit(cx)
        }
        other => other,
    }
}

/// The error of a connection that failed, or that there is no bearer, if that is why.
fn without_bearer(cx: &mut Context, error: Error) -> Result<Error> {
    if error.kind() == ErrorKind::ConnectFailed && !bearer::is_active(cx)? {
        return Ok(cx.engine.error(ErrorKind::BearerLost, "there is no bearer"));
    }
    Ok(error)
}

/// The address of `host`: the module knows no names.
fn resolve(engine: &mut Engine, host: &str, port: u16) -> Result<String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    let failed = |why: String| Error::new(ErrorKind::NameResolution, format!("{host:?} on this host: {why}"));
    // The resolver of the operating system takes no deadline; a thread that outlives ours does no harm.
    let (sender, receiver) = mpsc::channel();
    let target = (host.to_owned(), port);
    let work = move || {
        let found = target.to_socket_addrs().map(|addresses| addresses.map(|address| address.ip()).collect::<Vec<_>>());
        let _ = sender.send(found);
    };
    let started = thread::Builder::new().name("name resolution".to_owned()).spawn(work);
    started.map_err(|error| failed(error.to_string()))?;
    let found = answer_of(engine, &receiver)?.ok_or_else(|| failed("no answer in 30 s".into()))?;
    let addresses = found.map_err(|error| failed(error.to_string()))?;
    let best = addresses.iter().find(|address| address.is_ipv4()).or_else(|| addresses.first());
    best.map(IpAddr::to_string).ok_or_else(|| failed("it has no address".into()))
}

/// Waits for what a thread of this host sends; `None` if nothing comes.
///
/// # Errors
/// The stop flag was set; the caller allows less time than [`RESOLUTION_LIMIT`].
fn answer_of<T>(engine: &mut Engine, receiver: &Receiver<T>) -> Result<Option<T>> {
    let deadline = engine.deadline(Phase::Result, RESOLUTION_LIMIT);
    let limit = deadline.at().saturating_duration_since(engine.now());
    let begun = Instant::now();
    while begun.elapsed() < limit {
        match receiver.recv_timeout(RESOLUTION_CHECK.min(limit)) {
            Ok(answer) => return Ok(Some(answer)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) if engine.settings().ends_operation() => {
                return Err(engine.error(ErrorKind::Cancelled, ""));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    if limit < RESOLUTION_LIMIT { Err(deadline.passed()) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::transport::replay::Replay;
    use crate::transport::transcript::Transcript;

    /// A resolver that never answers.
    #[test]
    fn the_wait_for_the_resolver_ends_with_the_stop_flag_the_time_limit_and_the_budget() {
        let short = Some(Duration::from_millis(1));
        for (flag, command, budget, expected) in [
            (Some(Arc::new(AtomicBool::new(true))), None, None, ErrorKind::Cancelled),
            (None, short, None, ErrorKind::Timeout),
            (None, None, short, ErrorKind::Timeout),
        ] {
            let mut engine = Engine::new(Box::new(Replay::new(Transcript::parse("").unwrap())));
            engine.settings().cancel_by(flag);
            engine.settings().limit(command, None);
            engine.settings().set_budget(budget);
            let (_resolver, receiver) = mpsc::channel::<()>();
            assert_eq!(answer_of(&mut engine, &receiver).unwrap_err().kind(), expected);
        }
    }
}

//! The session: QFTPOPEN and QFTPCLOSE (note §2.2 and §2.18), commands in it, and its end behind an exchange that
//! failed.

use super::data_mode;
use super::facts::{HOST, PASSWORD, PATH, USER};
use super::results::{self, restored, without_result};
use super::{Qftp, bearer, settings};
use crate::at::{Answer, Command, Flow, Parameter, Pattern, ResultLine};
use crate::backend::codes::is_refusal;
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::dialect::Sessions;
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};
use crate::modem::{DataConnection, FileType, Server, SessionState};

/// What a module may be doing that did not leave data mode behind an upload.
const WAITING: &str = "the module may be waiting for the rest of the file; it gives up on its own within 90 s";

/// What a transfer that was completed with padding leaves behind.
const PADDED: &str = "the file on the server is padded: remove it or upload it again";

const OPENED: Pattern = Pattern::Prefix("+QFTPOPEN");
const CLOSED: Pattern = Pattern::Prefix("+QFTPCLOSE");
/// The result of a 2G module's settings, which the modules of this dialect do not send.
const CONFIGURED: Pattern = Pattern::Prefix("+QFTPCFG");

impl Sessions for Qftp {
    fn check_server(&self, server: &Server) -> Result<()> {
        Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])?;
        self.settings.check_security(server)
    }

    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
        self.settings.data_connection = mode;
        Ok(())
    }

    fn use_file_type(&mut self, cx: &mut Context, file_type: FileType) -> Result<()> {
        self.settings.file_type = file_type;
        settings::limit_to(cx, file_type);
        Ok(())
    }

    /// Sends all settings and opens the session. One that another program left open is closed first: until then, and
    /// until it is closed, the module answers 603 (seen on EG800K).
    fn log_in(&mut self, cx: &mut Context, server: &Server) -> Result<()> {
        cx.engine.inbox().forget(&CONFIGURED);
        let configured = self.closing_another(cx, |qftp, cx| qftp.settings.send(cx, server));
        check_client(cx, configured)?;
        let opened = self.closing_another(cx, |qftp, cx| {
            let command = Command::set("+QFTPOPEN").text(&HOST, &server.host).number(server.port);
            cx.engine.perform(command.known(), COMMAND_LIMIT, &OPENED, qftp.settings.open_limit())
        });
        let result = match opened {
            Err(error) if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Cancelled | ErrorKind::Protocol) => {
                return Err(self.end_session(cx, without_result(error)));
            }
            other => other?,
        };
        let Err(error) = results::check(&cx.engine, &result) else { return Ok(()) };
        match error.kind() {
            ErrorKind::SessionLost if error.ftp_reply() == Some(421) => Err(error.with_kind(ErrorKind::ServerBusy)),
            // Seen as the answer to a closed port.
            ErrorKind::SessionLost => Err(error.with_kind(ErrorKind::ConnectFailed)),
            ErrorKind::NameResolution | ErrorKind::ConnectFailed => Err(self.without_bearer(cx, error)),
            ErrorKind::Tls => Err(error.explained_further(
                "the certificate is not of the given authority, or not of this name, or the module's clock is wrong",
            )),
            _ => Err(error),
        }
    }

    fn log_out(&mut self, cx: &mut Context) -> Result<()> {
        self.close_session(cx)
    }

    fn status(&mut self, cx: &mut Context) -> Result<SessionState> {
        match self.run_alone(cx, "+QFTPSTAT")?.number(1) {
            Some(0) => Ok(SessionState::Opening),
            Some(1) => Ok(SessionState::Idle),
            Some(2) => Ok(SessionState::Busy),
            Some(3) => Ok(SessionState::Closing),
            Some(4) => Ok(SessionState::Closed),
            _ => Err(cx.engine.protocol("the state is not 0 to 4")),
        }
    }
}

impl Qftp {
    /// Does `work`, once more behind a close where the module is busy with a session.
    fn closing_another<T>(
        &mut self,
        cx: &mut Context,
        work: impl Fn(&mut Self, &mut Context) -> Result<T>,
    ) -> Result<T> {
        match work(self, cx) {
            Err(error) if error.kind() == ErrorKind::ModuleBusy => {
                self.close_session(cx)?;
                work(self, cx)
            }
            other => other,
        }
    }

    /// The error of a server that was not found, where a context that is not active is the cause (note §4.3).
    fn without_bearer(&mut self, cx: &mut Context, error: Error) -> Error {
        match bearer::active(cx, self.settings.context) {
            Ok(None) => cx.engine.error(ErrorKind::BearerLost, "the PDP context is not active: attach first"),
            _ => error,
        }
    }

    /// Sends a command, waits for its result, and returns it if it is 0. Where the result does not come the session
    /// ends: the late result would be taken for that of the next such command (note §2.3 to §2.15: disconnect).
    pub(super) fn run(&mut self, cx: &mut Context, command: Command, name: &'static str) -> Result<ResultLine> {
        use ErrorKind::{Cancelled, ModuleBusy, Protocol, Timeout};
        let limit = self.settings.result_limit();
        let outcome = cx.engine.perform(command.known(), COMMAND_LIMIT, &Pattern::Prefix(name), limit);
        let result = outcome.map_err(without_result).map_err(|error| match error.kind() {
            Timeout | Cancelled | Protocol | ModuleBusy if cx.session.is_open() => self.end_session(cx, error),
            _ => error,
        })?;
        results::check(&cx.engine, &result)?;
        Ok(result)
    }

    /// As [`Self::run`], for a command without arguments.
    pub(super) fn run_alone(&mut self, cx: &mut Context, name: &'static str) -> Result<ResultLine> {
        self.run(cx, Command::run(name), name)
    }

    /// As [`Self::run`], for a command on a path.
    pub(super) fn run_on_path(&mut self, cx: &mut Context, name: &'static str, path: &str) -> Result<ResultLine> {
        self.run(cx, Command::set(name).text(&PATH, path), name)
    }

    /// Closes the session; where that does not work, by taking its context down and renewing it.
    pub(super) fn close_session(&mut self, cx: &mut Context) -> Result<()> {
        match self.close(cx) {
            Err(error) if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::ModuleBusy) => {
                bearer::renew(cx, self.settings.context).map_err(Error::module_left_unusable)
            }
            other => other,
        }
    }

    /// Closes the session. Until its result comes the module answers everything else with 603 (seen on EG800K); a
    /// session that is closed already is no error.
    pub(super) fn close(&mut self, cx: &mut Context) -> Result<()> {
        let limit = self.settings.result_limit();
        match cx.engine.perform(Command::run("+QFTPCLOSE"), COMMAND_LIMIT, &CLOSED, limit) {
            // It is being closed already: the result is still to come.
            Err(error) if error.kind() == ErrorKind::ModuleBusy => {
                let deadline = cx.engine.deadline(Phase::Result, limit);
                cx.engine.result(&CLOSED, deadline).map(drop).or(Err(error))
            }
            Err(error) if error.module_code().is_some() || is_refusal(error.kind()) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Ends the session behind an exchange whose end is not known. The next operation opens it again.
    fn end_session(&mut self, cx: &mut Context, error: Error) -> Error {
        cx.session.lose();
        let closed = self.close_session(cx);
        restored(error, closed)
    }

    /// Brings the module back after a transfer that failed: out of data mode, and out of the session, because after a
    /// failed data connection the FTP client answers 603 until it was closed (seen on EG800K). The next operation
    /// opens it again. `flow` is the way of the data through the port, where they do not pass it by.
    pub(super) fn end_transfer(&mut self, cx: &mut Context, error: Error, flow: Option<Flow>) -> Error {
        use ErrorKind::*;
        match error.kind() {
            // The session is not affected.
            InvalidInput | Unsupported | Unavailable | WrongState | ServerRefused | LoginRefused | ModuleStorage => {
                return error;
            }
            // Whether an upload is over with its context is not documented: until it is, commands would be taken for
            // its data.
            BearerLost if flow == Some(Flow::ToModule) => return restored(error, data_mode::leave(cx, Flow::ToModule)),
            PortLost | ModuleRestarted | BearerLost => return error,
            _ => {}
        }
        cx.session.lose();
        let padding = cx.engine.swallowed().padding;
        let left = flow.map_or(Ok(()), |flow| data_mode::leave(cx, flow));
        let is_padded = cx.engine.swallowed().padding > padding;
        cx.engine.note_recovery(Recovery::AbortTransfer);
        let is_waiting = left.is_err() && flow == Some(Flow::ToModule);
        let closed = left.and_then(|()| self.close_session(cx));
        let error = restored(error, closed);
        let error = if is_padded { error.explained_further(PADDED) } else { error };
        match is_waiting && !error.module_usable() {
            true => error.explained_further(WAITING),
            false => error,
        }
    }
}

/// Whether the lines of ATI name a 2G module: M10 to M95, MC20, MC60.
fn is_2g(information: &[String]) -> bool {
    let is_2g = |word: &str| {
        let number = word.strip_prefix("MC").or_else(|| word.strip_prefix('M')).unwrap_or_default();
        number.len() >= 2 && number.chars().take(2).all(|digit| digit.is_ascii_digit())
    };
    information.iter().flat_map(|line| line.split(|letter: char| !letter.is_ascii_alphanumeric())).any(is_2g)
}

/// Tells a firmware that refused the settings, or answered them by a result, from one of this dialect. Only a refusal
/// costs a query.
fn check_client(cx: &mut Context, configured: Result<()>) -> Result<()> {
    const OLDER: &str = "a 2G module of Quectel (M26 and its relatives), whose FTP commands are another dialect";
    let unsupported = |why: &'static str| Err(Error::new(ErrorKind::Unsupported, why));
    if cx.engine.inbox().take(&CONFIGURED).is_some() {
        return unsupported(OLDER);
    }
    let Err(error) = configured else { return Ok(()) };
    if !is_refusal(error.kind()) {
        return Err(error);
    }
    if is_2g(&cx.identity.information) {
        return unsupported(OLDER);
    }
    match cx.query(Command::test("+QFTPCFG").answered_by(Answer::Read("+QFTPCFG"))) {
        Err(refused) if is_refusal(refused.kind()) => unsupported("this firmware has no FTP client"),
        Err(other) => Err(other),
        Ok(answer) if answer.lines.is_empty() => Err(error),
        // Every module of this dialect names its keys (note §2.1).
        Ok(answer) if !answer.lines.iter().any(|line| line.text().contains("contextid")) => unsupported(OLDER),
        Ok(_) => Err(error),
    }
}

//! Opening and closing the session: QFTPOPEN and QFTPCLOSE (note §2.2 and §2.18).

use super::{COMMAND_LIMIT, GUARD, HOST, Quectel, without_result};
use crate::at::{Command, Flow, Pattern};
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};
use crate::modem::Server;

impl Quectel {
    /// Sets everything up and opens the session. One that somebody left open is closed first: until then, and until it is
    /// closed, the module answers 603 (seen on EG800K).
    pub(super) fn open(&mut self, server: &Server) -> Result<()> {
        self.freed(|quectel| quectel.write_settings(server))?;
        let result = Pattern::Prefix("+QFTPOPEN");
        let opened = self.freed(|quectel| {
            let command = Command::set("+QFTPOPEN").text(&HOST, &server.host).number(server.port);
            quectel.engine.perform(command, COMMAND_LIMIT, &result, quectel.settings.open_limit())
        });
        let verdict = match opened {
            Err(error) if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Cancelled | ErrorKind::Protocol) => {
                return Err(self.give_up(without_result(error)));
            }
            other => other?,
        };
        let Err(error) = self.succeeded(&verdict) else { return Ok(()) };
        match error.kind() {
            // Seen as the answer to a closed port.
            ErrorKind::SessionLost => Err(error.with_kind(ErrorKind::ConnectFailed)),
            ErrorKind::NameResolution | ErrorKind::ConnectFailed => Err(self.without_bearer(error)),
            ErrorKind::Tls => Err(error.explained_further(
                "the certificate is not of the given authority, or not of this name, or the module's clock is wrong",
            )),
            _ => Err(error),
        }
    }

    /// Does `work`, once more behind a close when the module is busy with a session.
    fn freed<T>(&mut self, work: impl Fn(&mut Self) -> Result<T>) -> Result<T> {
        match work(self) {
            Err(error) if error.kind() == ErrorKind::ModuleBusy => {
                self.close_session()?;
                work(self)
            }
            other => other,
        }
    }

    /// The error of a server that was not found, where a context that is not active is the reason (note §4.3).
    fn without_bearer(&mut self, error: Error) -> Error {
        match self.bearer() {
            Ok(None) => self.engine.error(ErrorKind::BearerLost, "the PDP context is not active: attach first"),
            _ => error,
        }
    }

    /// Closes the session; where that does not work, by taking the context away under it and renewing it.
    pub(super) fn close_session(&mut self) -> Result<()> {
        match self.close() {
            Err(error) if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::ModuleBusy) => {
                self.renew_bearer().map_err(Error::module_left_unusable)
            }
            other => other,
        }
    }

    /// Closes the session. Until its result comes the module answers everything else with 603; one that is closed already
    /// is no error.
    pub(super) fn close(&mut self) -> Result<()> {
        let result = Pattern::Prefix("+QFTPCLOSE");
        let limit = self.result_limit();
        match self.engine.perform(Command::run("+QFTPCLOSE"), COMMAND_LIMIT, &result, limit) {
            // It is being closed already: its result is still to come.
            Err(error) if error.kind() == ErrorKind::ModuleBusy => {
                let deadline = self.engine.deadline(Phase::Result, limit);
                self.engine.verdict(&result, deadline).map(drop).or(Err(error))
            }
            Err(error) if error.module_code().is_some() || is_refusal(error.kind()) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Gives the session up after an exchange whose end is not known. The next operation opens it again.
    pub(super) fn give_up(&mut self, error: Error) -> Error {
        self.session.lost();
        let ended = self.close_session();
        restored(error, ended)
    }

    /// Brings the module back after a transfer that failed: out of data mode, and out of the session, because after a failed
    /// data connection the FTP client answers 603 until it was closed. The next operation opens it again.
    ///
    /// `data` says which way data went in data mode; none if there was no data mode.
    pub(super) fn abandon(&mut self, error: Error, data: Option<Flow>) -> Error {
        use ErrorKind::*;
        match error.kind() {
            // The session is as it was.
            InvalidInput | Unsupported | Unavailable | WrongState | ServerRefused | LoginRefused | ModuleStorage => {
                return error;
            }
            // Whether an upload is over with its context is not documented: until it is, commands would be taken for its data.
            BearerLost if data == Some(Flow::ToModule) && self.engine.is_out_of_step() => {
                let escaped = self.engine.escape(GUARD, Flow::ToModule);
                return restored(error, escaped);
            }
            PortLost | ModuleRestarted | BearerLost => return error,
            _ => {}
        }
        self.session.lost();
        let in_step = match data {
            Some(flow) if self.engine.is_out_of_step() => self.engine.escape(GUARD, flow),
            _ => Ok(()),
        };
        self.engine.note_recovery(Recovery::AbortTransfer);
        let ended = in_step.and_then(|()| self.close_session());
        restored(error, ended)
    }
}

/// The error of an operation after which the module was to be brought back.
fn restored(error: Error, outcome: Result<()>) -> Error {
    match outcome {
        Ok(()) => error,
        // The reason of it all.
        Err(other) if matches!(other.kind(), ErrorKind::ModuleRestarted | ErrorKind::BearerLost) => other,
        Err(_) => error.module_left_unusable(),
    }
}

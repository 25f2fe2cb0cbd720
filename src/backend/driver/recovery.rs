//! The stronger steps of recovery, and activations that are taken back.

use log::debug;

use super::Driver;
use crate::backend::context::Context;
use crate::backend::dialect::Dialect;
use crate::backend::facts::SessionKeeper;
use crate::backend::identify;
use crate::error::{Error, ErrorKind, RecoveryStep, Result};
use crate::modem::{AccessPoint, FtpModem};

impl<D: Dialect> Driver<D> {
    /// Takes one step.
    pub(super) fn take_step(&mut self, step: RecoveryStep, access_point: &AccessPoint) -> Result<()> {
        self.cx.engine.note_recovery(step.into());
        let taken = match step {
            RecoveryStep::ReopenPort => self.reopen_port().and_then(|()| self.attach(access_point).map(drop)),
            RecoveryStep::RebuildBearer => {
                // What cannot be closed properly is gone with the bearer, and the bearer with its new activation.
                for outcome in [self.suspend(), self.detach()] {
                    if let Err(error) = outcome {
                        debug!("{error}");
                    }
                }
                self.attach(access_point).map(drop)
            }
            RecoveryStep::ReopenSession => self.suspend(),
        };
        taken.map_err(|error| error.after_recovery(&[step.into()]).during("recover"))
    }

    /// Closes the session, if there is one; the next operation opens it again.
    pub(super) fn suspend(&mut self) -> Result<()> {
        if !self.cx.session.is_open() {
            return Ok(());
        }
        self.lose_session();
        match D::FACTS.session {
            SessionKeeper::Module => self.leaving("logout", |dialect, cx| dialect.log_out(cx)),
            SessionKeeper::Operation => Ok(()),
        }
    }

    /// The session counts as lost from now on.
    pub(super) fn lose_session(&mut self) {
        self.cx.session.lose();
        self.dialect.session_lost(&mut self.cx);
    }

    /// Opens the port and makes sure that the same module is behind it.
    fn reopen_port(&mut self) -> Result<()> {
        self.lose_session();
        self.cx.has_forgotten = true;
        self.cx.is_identified = false;
        self.cx.engine.reopen()?;
        identify_again(&mut self.cx)
    }
}

/// Makes sure, behind a port that was opened again, that the same module is there: another one may have taken its name.
/// As long as it is not, every operation fails.
pub(super) fn identify_again(cx: &mut Context) -> Result<()> {
    if cx.is_identified {
        return Ok(());
    }
    let identity = identify::identify(&mut cx.engine)?;
    if identity.information != cx.identity.information {
        let detail = format!("{identity} answers where {} was", cx.identity);
        return Err(Error::new(ErrorKind::UnknownModule, detail));
    }
    cx.is_identified = true;
    Ok(())
}

/// What becomes of an activation that failed with `error`. One that was abandoned may succeed all the same, and
/// nobody would take that bearer down: it is taken down now.
pub(super) fn activation_failed<D: Dialect>(dialect: &mut D, cx: &mut Context, error: Error) -> Error {
    let was_begun = |command: &str| D::FACTS.activation.iter().any(|begun| command.starts_with(begun));
    if !error.command().is_some_and(was_begun) || !matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Timeout) {
        return error;
    }
    match dialect.give_activation_up(cx) {
        Ok(()) => error,
        Err(other) => {
            debug!("{other}");
            error.module_left_unusable()
        }
    }
}

//! What a dialect works with: the line, and what the driver knows of module and session.

use std::time::Duration;

use super::codes::unless_refused;
use super::session::Session;
use crate::at::{Acknowledgement, Command, Engine};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Capabilities, Identity};

/// The limit of commands that are answered from the module's own memory.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(5);

/// The line to an identified module, and what is known of it.
pub struct Context {
    pub(crate) engine: Engine,
    pub(crate) identity: Identity,
    pub(crate) capabilities: Capabilities,
    pub(crate) session: Session,
    /// Whether the module behind the port is known to be the one of `identity`. Until then nothing else is sent.
    pub(crate) is_identified: bool,
    /// Whether the module may have forgotten what [`Dialect::set_up`](super::Dialect::set_up) has set.
    pub(crate) has_forgotten: bool,
}

impl Context {
    /// Sends a command that the module answers from its own memory.
    ///
    /// # Errors
    /// As any exchange with the module.
    pub(crate) fn query(&mut self, command: Command) -> Result<Acknowledgement> {
        self.engine.execute(command, COMMAND_LIMIT)
    }

    /// Sends a setting.
    ///
    /// # Errors
    /// As any exchange with the module.
    pub(crate) fn set(&mut self, command: Command) -> Result<()> {
        self.query(command.known()).map(drop)
    }

    /// As [`Self::query`], for a command that not every firmware has; `None` where the module refuses it.
    ///
    /// # Errors
    /// As any exchange with the module, but for a refusal.
    pub(crate) fn query_if_known(&mut self, command: Command) -> Result<Option<Acknowledgement>> {
        unless_refused(self.query(command))
    }

    /// Sends a setting that not every firmware has, and returns whether this one has it.
    ///
    /// # Errors
    /// As any exchange with the module, but for a refusal.
    pub(crate) fn set_if_known(&mut self, command: Command) -> Result<bool> {
        Ok(self.query_if_known(command)?.is_some())
    }

    /// Takes in what the module has sent since the last exchange, and brings it into step first where it is not.
    ///
    /// # Errors
    /// A loss; a module that cannot be brought back into step.
    pub(crate) fn look(&mut self) -> Result<()> {
        if self.engine.is_lost() { self.engine.resynchronise() } else { self.engine.look() }
    }

    /// Takes in what the module has lost since the last call, before a call that does not depend on it. `aftermath` is
    /// how long more may follow a line that reports a loss.
    ///
    /// # Errors
    /// As any exchange with the module; the last loss where the losses do not end.
    pub(crate) fn catch_up(&mut self, aftermath: Duration) -> Result<()> {
        /// SIM, bearer and session may be lost one after the other, each reported in a line or two.
        const MOST: u32 = 8;
        let mut outcome = self.look();
        for _ in 0..MOST {
            match outcome {
                // The loss ends the command that was in flight, too: nothing of it can be taken for a later answer.
                Err(error) if is_loss(error.kind()) => self.note(&error),
                other => return other,
            }
            let quiet = if aftermath.is_zero() { Ok(()) } else { self.engine.wait(Phase::Result, aftermath) };
            outcome = quiet.and_then(|()| self.look());
        }
        outcome
    }

    /// Notes what `error` says about session and module.
    pub(crate) fn note(&mut self, error: &Error) {
        self.has_forgotten |= error.kind() == ErrorKind::ModuleRestarted;
        self.session.note(error);
    }
}

/// The cause of an error, with the error's account of a transfer.
pub fn accounted_as(error: &Error, cause: Error) -> Error {
    let cause = match error.transferred() {
        Some(bytes) => cause.with_transferred(bytes),
        None => cause,
    };
    match error.proven() {
        Some(bytes) => cause.with_proven(bytes),
        None => cause,
    }
}

/// Whether something is gone, and the module has said all about it.
pub fn is_loss(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ModuleRestarted | ErrorKind::BearerLost | ErrorKind::SessionLost)
}

//! The stronger steps of recovery, which are the same for every dialect.

use log::debug;

use super::detect;
use super::session::Session;
use crate::at::Engine;
use crate::error::{Error, ErrorKind, Recovery, Result};
use crate::modem::{AccessPoint, FtpModem};

/// What a backend does towards them.
pub(super) trait Recoverable: FtpModem {
    fn engine(&mut self) -> &mut Engine;

    fn session(&mut self) -> &mut Session;

    /// Ends the session in the module.
    fn end_session(&mut self) -> Result<()>;

    /// The module may have forgotten everything it was told; that the session is lost is noted already.
    fn start_anew(&mut self);

    /// Ends the session, if there is one; the next operation opens it again.
    fn suspend(&mut self) -> Result<()> {
        if !self.session().is_open() {
            return Ok(());
        }
        self.session().lost();
        self.end_session()
    }
}

/// Takes one step.
pub(super) fn climb(modem: &mut impl Recoverable, step: Recovery, access_point: &AccessPoint) -> Result<()> {
    let taken = match step {
        Recovery::ReopenSession => {
            modem.engine().note_recovery(step);
            modem.suspend()
        }
        Recovery::RebuildBearer => {
            modem.engine().note_recovery(step);
            // What cannot be closed properly is gone with the bearer, and the bearer with its new activation.
            for outcome in [modem.suspend(), modem.detach()] {
                if let Err(error) = outcome {
                    debug!("{error}");
                }
            }
            modem.attach(access_point).map(drop)
        }
        Recovery::ReopenPort => {
            modem.engine().note_recovery(step);
            reopen(modem).and_then(|()| modem.attach(access_point).map(drop))
        }
        _ => Err(Error::new(ErrorKind::InvalidInput, "the driver takes this step by itself")),
    };
    taken.map_err(|error| error.after_recovery(&[step]).during("recover"))
}

/// What becomes of an activation that failed with `error`. One that was given up on may succeed all the same, and nobody would take
/// that bearer down: it is taken down now.
pub(super) fn activation_failed(error: Error, commands: &[&str], deactivate: impl FnOnce() -> Result<()>) -> Error {
    let was_begun = error.command().is_some_and(|command| commands.iter().any(|begun| command.starts_with(begun)));
    if !was_begun || !matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Timeout) {
        return error;
    }
    match deactivate() {
        Ok(()) => error,
        Err(other) => {
            debug!("{other}");
            error.module_left_unusable()
        }
    }
}

/// Opens the port and makes sure that the same module is behind it.
fn reopen(modem: &mut impl Recoverable) -> Result<()> {
    modem.session().lost();
    modem.start_anew();
    modem.engine().reopen()?;
    let identity = detect::identify(modem.engine())?;
    if identity.information != modem.identity().information {
        let detail = format!("{identity} answers where {} was", modem.identity());
        return Err(Error::new(ErrorKind::UnknownModule, detail));
    }
    Ok(())
}

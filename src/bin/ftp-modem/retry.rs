//! Retries of whole operations after temporary failures.

use ftp_modem::transfer::Retry;
use ftp_modem::{Error, ErrorKind};
use log::warn;

use crate::failure::Failure;
use crate::session::{self, Session};
use crate::settings::Settings;

/// One attempt of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Number of retries before this attempt.
    pub number: u32,
}

impl Attempt {
    /// Returns the retries of a whole-file transfer within this attempt: all but the last one. The last retry starts
    /// with opening the port, because the transfer does not detect every loss of state and cannot open the port.
    pub fn within(self, settings: &Settings) -> Retry {
        let within = if self.number > 0 { 0 } else { settings.retry.retries.saturating_sub(1) };
        settings.retry.with_retries(within)
    }

    /// Converts the error of a whole-file transfer, after which at most one more attempt follows.
    pub fn failed(self, error: Error) -> Failure {
        let failure = Failure::from(error);
        if self.number > 0 { failure.without_retry() } else { failure }
    }

    /// Returns the number of attempts before this one.
    pub fn before(self, settings: &Settings) -> u32 {
        if self.number > 0 { settings.retry.retries } else { 0 }
    }
}

/// Runs `work` in a session, and retries it in a new session after each temporary failure while retries are left. The
/// back-off is that of whole-file transfers.
///
/// # Errors
/// The last failure.
pub fn with_session<T>(
    settings: &mut Settings,
    mut work: impl FnMut(&mut Session, &Settings, Attempt) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut number = 0;
    loop {
        let outcome =
            session::with(settings, number > 0, |session, settings| work(session, settings, Attempt { number }));
        let doublings = number.min(16);
        let pause = (settings.retry.pause * 2u32.pow(doublings)).min(settings.retry.longest_pause);
        let failure = match outcome {
            Err(failure) if failure.may_retry() && number < settings.retry.retries => failure,
            Err(failure) if number > 0 && is_refusal(&failure) => {
                return Err(failure.with_note("an earlier attempt may have succeeded although its result was lost"));
            }
            outcome => return outcome.map_err(|failure| settings.interrupt.explain(failure)),
        };
        if settings.interrupt.left().is_some_and(|left| left <= pause) {
            return Err(settings.interrupt.explain(failure.out_of_time()));
        }
        number = if failure.has_progress() { 1 } else { number + 1 };
        let (cause, retries) = (failure.cause(), settings.retry.retries);
        warn!("{cause}; retry {number} of {retries} in {:.1} s", pause.as_secs_f64());
        settings.interrupt.pause(pause)?;
    }
}

fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.kind(), Some(ErrorKind::Unavailable | ErrorKind::ServerRefused))
}

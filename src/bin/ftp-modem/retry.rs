//! Whole operations, tried again after failures that may pass.

use ftp_modem::transfer::Retry;
use ftp_modem::{Error, ErrorKind};
use log::warn;

use crate::failure::Failure;
use crate::session::{self, Session};
use crate::settings::Settings;

/// Which attempt an operation is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Retries before it.
    pub number: u32,
}

impl Attempt {
    /// How a whole-file transfer retries by itself within this attempt: all but the last retry, which begins anew at the port,
    /// because the transfer does not notice everything that was lost, and cannot open the port again.
    pub fn within(self, settings: &Settings) -> Retry {
        let within = if self.number > 0 { 0 } else { settings.retry.retries.saturating_sub(1) };
        settings.retry.with_retries(within)
    }

    /// The failure of a whole-file transfer, after which there is one more attempt at most.
    pub fn failed(self, error: Error) -> Failure {
        let failure = Failure::from(error);
        if self.number > 0 { failure.and_final() } else { failure }
    }

    /// Attempts that were made before this one.
    pub fn before(self, settings: &Settings) -> u32 {
        if self.number > 0 { settings.retry.retries } else { 0 }
    }
}

/// Runs `work` in a session of its own, and again in another one as long as its failures may pass and there are retries left.
/// The pauses are those of whole-file transfers.
///
/// # Errors
/// The last failure.
pub fn with_session<T>(
    settings: &mut Settings,
    mut work: impl FnMut(&mut Session, &Settings, Attempt) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut number = 0;
    loop {
        let outcome = session::with(settings, |session, settings| work(session, settings, Attempt { number }));
        let failure = match outcome {
            Err(failure) if failure.may_go_again() && number < settings.retry.retries => failure,
            Err(failure) if number > 0 && is_refusal(&failure) => {
                return Err(failure.noting("an earlier attempt, whose answer was lost, may have done it already"));
            }
            outcome => return outcome,
        };
        let doublings = number.min(16);
        let pause = (settings.retry.pause * 2u32.pow(doublings)).min(settings.retry.longest_pause);
        warn!("{failure}; trying again in {:.1} s", pause.as_secs_f64());
        settings.interrupt.pause(pause)?;
        number += 1;
    }
}

fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.kind(), Some(ErrorKind::Unavailable | ErrorKind::ServerRefused))
}

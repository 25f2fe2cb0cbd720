//! What the log says of an attempt that failed: what the retry does, and what the user can do if it does not help.

use std::time::Duration;

use super::attempts::Retry;
use crate::error::{Error, RecoveryStep};

impl Retry {
    /// Describes the failure of an attempt and the retry that follows. `failures` is the number of failures in a row,
    /// `step` what is done before the retry.
    pub(super) fn announcement(
        &self,
        error: &Error,
        failures: u32,
        pause: Duration,
        step: Option<RecoveryStep>,
    ) -> String {
        let retry = self.made.saturating_add(failures);
        let of_all = match self.made.saturating_add(self.retries).saturating_add(self.kept) {
            u32::MAX => String::new(),
            all => format!(" of {all}"),
        };
        let step = step.map_or(String::new(), |step| format!(", after {step}"));
        let advice = error.user_advice().map_or(String::new(), |advice| format!("; if it does not help, {advice}"));
        format!("{}; retry {retry}{of_all} in {:.1} s{step}{advice}", error.symptom(), pause.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::transfer::Attempt;

    const PAUSE: Duration = Duration::from_secs(2);

    fn busy() -> Error {
        Error::new(ErrorKind::ServerBusy, "")
    }

    #[test]
    fn a_retry_is_numbered_within_those_of_the_whole_operation() {
        let own = Retry::default();
        let numbers = |retry: &Retry, failures| {
            let words = retry.announcement(&busy(), failures, PAUSE, None);
            words.replace("server busy; ", "").replace(" in 2.0 s; if it does not help, wait a few minutes", "")
        };
        assert_eq!(numbers(&own, 1), "retry 1 of 3");
        let endless = Attempt::new(4, own.with_retries(u32::MAX - 4), None).take_retries();
        assert_eq!(numbers(&endless, 1), "retry 5");
        for (before, left, failures, words) in
            [(0, 3, 1, "retry 1 of 3"), (0, 3, 2, "retry 2 of 3"), (1, 2, 1, "retry 2 of 3"), (3, 6, 5, "retry 8 of 9")]
        {
            let taken = Attempt::new(before, own.with_retries(left), None).take_retries();
            assert_eq!((numbers(&taken, failures), taken.retries), (words.to_owned(), left - 1));
        }
    }

    /// What the driver does itself is no advice.
    #[test]
    fn the_words_say_what_the_driver_does_next_and_what_the_user_can_do() {
        use ErrorKind::{BearerLost, DataConnection, ModuleRestarted, PortLost, SessionLost};
        use RecoveryStep::{RebuildBearer, ReopenPort, ReopenSession};
        for (kind, step, words) in [
            (SessionLost, Some(ReopenSession), "FTP session lost; retry 1 of 3 in 2.0 s, after reopening the session"),
            (SessionLost, None, "FTP session lost; retry 1 of 3 in 2.0 s"),
            (BearerLost, Some(RebuildBearer), "bearer lost; retry 1 of 3 in 2.0 s, after rebuilding the bearer"),
            (
                PortLost,
                Some(ReopenPort),
                "port lost; retry 1 of 3 in 2.0 s, after reopening the port; \
                 if it does not help, check cable and power",
            ),
            (
                ModuleRestarted,
                Some(RebuildBearer),
                "module restarted; retry 1 of 3 in 2.0 s, after rebuilding the bearer; if it does not help, check the \
                 module's power supply",
            ),
            (
                DataConnection,
                None,
                "FTP data connection failed; retry 1 of 3 in 2.0 s; if it does not help, check the server's passive \
                 ports and the address that it announces",
            ),
        ] {
            let error = Error::new(kind, "");
            assert_eq!(Retry::default().announcement(&error, 1, PAUSE, step), words);
        }
    }
}

//! When to retry, and after which pause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use log::{info, warn};

use super::caller_controls::CallerControls;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Phase, Recovery, RecoveryStep, Result};
use crate::modem::{AccessPoint, FtpModem};

/// Number of retries of a failed transfer, and the pauses before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// Largest number of retries after the first attempt. Default: 3. An attempt that brought the file further is not
    /// counted.
    pub retries: u32,
    /// Pause before the first retry. Default: 2 seconds.
    pub pause: Duration,
    /// Longest pause. Default: 60 seconds. Each pause is twice the one before, until bytes of the file have arrived.
    /// The pauses of a link count, too.
    pub longest_pause: Duration,
    /// Time limit for the whole transfer, pauses included. Default: none.
    pub total: Option<Duration>,
    /// Number of retries of the same operation that a link has made before.
    pub(super) made: u32,
    /// Number of retries of the same operation that a link keeps for itself.
    pub(super) kept: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            retries: 3,
            pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(60),
            total: None,
            made: 0,
            kept: 0,
        }
    }
}

impl Retry {
    /// Makes one attempt, and no retry.
    pub fn never() -> Self {
        Retry { retries: 0, ..Retry::default() }
    }

    /// Sets the number of retries.
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets the pause before the first retry.
    pub fn with_pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Sets the longest pause.
    pub fn with_longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Sets the time limit for the whole transfer, pauses included.
    pub fn with_total(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }

    /// The pause after so many failures in a row.
    pub(super) fn pause_after(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        self.pause.saturating_mul(2u32.pow(doublings)).min(self.longest_pause)
    }
}

/// How a transfer recovers the module, the bearer and the port: the access point to attach to, and the strongest step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconnect {
    /// The access point to attach to.
    pub access_point: AccessPoint,
    /// The strongest step that may be taken. Default: [`RecoveryStep::ReopenPort`].
    pub highest: RecoveryStep,
    /// Time for which a port that has disappeared is searched for under its name. Default: 30 seconds. A module on USB
    /// returns 2 to 20 seconds after a restart. Its device may have another number then; a link such as
    /// `/dev/serial/by-id/…` points to it.
    pub search: Duration,
}

impl Reconnect {
    /// Creates a value with this access point that permits every step up to [`RecoveryStep::ReopenPort`].
    pub fn new(access_point: AccessPoint) -> Self {
        Reconnect { access_point, highest: RecoveryStep::ReopenPort, search: Duration::from_secs(30) }
    }

    /// Sets the strongest step.
    pub fn up_to(mut self, highest: RecoveryStep) -> Self {
        self.highest = highest;
        self
    }

    /// Sets the time for which a port that has disappeared is searched for.
    pub fn with_search(mut self, time: Duration) -> Self {
        self.search = time;
        self
    }
}

/// The attempts at one transfer.
pub(super) struct Attempts<'a> {
    pub retry: Retry,
    pub reconnect: Option<Reconnect>,
    pub cancel: Option<Arc<AtomicBool>>,
    pub clock: &'a dyn Clock,
    pub begun: Duration,
    pub count: u32,
    callers: CallerControls,
    failures: u32,
    /// Failures in a row before this transfer, of the operation that it is a part of.
    failures_before: u32,
    /// The steps taken to bring the module back.
    steps: Vec<Recovery>,
    /// The furthest the file had got.
    reached: u64,
}

/// Interval at which a pause checks for cancellation.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// Interval at which a port that has disappeared is looked for.
pub(super) const SEARCH_PAUSE: Duration = Duration::from_secs(1);

/// Whether an error of opening a port may pass when the device comes back: it is not there yet, its permissions are not
/// set yet, or another program takes a look at it.
pub(super) fn is_absent(kind: ErrorKind) -> bool {
    use ErrorKind::{PortBusy, PortDenied, PortLost, PortNotFound};
    matches!(kind, PortNotFound | PortDenied | PortBusy | PortLost)
}

/// Whether the module is not in a known state after `error`, or not there.
pub(super) fn is_loss(error: &Error) -> bool {
    !error.module_usable() || is_absent(error.kind())
}

/// Says why no retry follows an error that one may cure.
pub(super) fn without_time_for_a_retry(error: Error) -> Error {
    let is_explained = error.phase() == Some(Phase::Budget);
    if is_explained { error } else { error.explained_further("the time limit leaves no time for a retry") }
}

impl<'a> Attempts<'a> {
    pub fn new(
        retry: Retry,
        reconnect: Option<Reconnect>,
        cancel: Option<Arc<AtomicBool>>,
        callers: CallerControls,
        clock: &'a dyn Clock,
    ) -> Self {
        Attempts {
            retry,
            reconnect,
            cancel: cancel.or_else(|| callers.caller_flag().cloned()),
            callers,
            clock,
            begun: clock.now(),
            count: 0,
            failures: 0,
            failures_before: retry.made,
            steps: Vec::new(),
            reached: 0,
        }
    }

    /// Begins another attempt, which has the time that is left for all of them.
    pub fn begin(&mut self, modem: &mut dyn FtpModem) {
        self.count += 1;
        self.limit(modem);
    }

    /// Puts the caller's controls of `modem` back.
    pub fn end(self, modem: &mut dyn FtpModem) {
        self.callers.end(modem);
    }

    /// Limits the next commands to the time that is left. Without a time limit it changes nothing.
    pub fn limit(&mut self, modem: &mut dyn FtpModem) {
        let left = self.deadline().map(|deadline| deadline.saturating_sub(self.clock.now()));
        self.callers.limit(modem, left);
    }

    /// Time since the transfer was begun.
    pub fn elapsed(&self) -> Duration {
        self.clock.now().saturating_sub(self.begun)
    }

    /// The time at which the transfer must have ended.
    pub fn deadline(&self) -> Option<Duration> {
        self.retry.total.map(|total| self.begun.saturating_add(total))
    }

    /// Decides whether another attempt follows the one that failed with `error` after the file had `reached` bytes;
    /// waits before it, and takes the step that brings the module back.
    ///
    /// # Errors
    /// `error`, when there is no point in another attempt.
    pub fn again(&mut self, modem: &mut dyn FtpModem, error: Error, reached: u64) -> Result<()> {
        let outcome = self.prepare_another(modem, error, reached);
        outcome.map_err(|error| error.after_recovery(&self.steps))
    }

    fn prepare_another(&mut self, modem: &mut dyn FtpModem, error: Error, reached: u64) -> Result<()> {
        let mut error = self.in_time(modem, error);
        loop {
            let gained = reached > self.reached;
            self.reached = self.reached.max(reached);
            (self.failures, self.failures_before) =
                if gained { (1, 0) } else { (self.failures + 1, self.failures_before) };
            let is_out_of_time = error.phase() == Some(Phase::Budget);
            if !error.is_retryable() || is_out_of_time || self.failures > self.retry.retries {
                return Err(error);
            }
            let step = match self.step(error.kind()) {
                Some(needed) if needed > self.highest() => return Err(error),
                step => step,
            };
            let pause = self.retry.pause_after(self.failures_before.saturating_add(self.failures));
            if self.limit_within(modem, pause).is_some() {
                return Err(without_time_for_a_retry(error));
            }
            warn!("{}", self.retry.announcement(&error, self.failures, pause, step));
            self.sleep(pause).map_err(|ended| if is_loss(&error) { ended.module_left_unusable() } else { ended })?;
            let Some(step) = step else { return Ok(()) };
            match self.take(modem, step) {
                Ok(()) => return Ok(()),
                Err(failed) => error = self.in_time(modem, failed),
            }
        }
    }

    /// The step after a failure of this kind. If a step is known to cure this kind, it is that step. Otherwise each
    /// failure in a row takes a stronger step, up to the strongest one that is allowed.
    fn step(&self, kind: ErrorKind) -> Option<RecoveryStep> {
        match kind {
            ErrorKind::PortLost => Some(RecoveryStep::ReopenPort),
            ErrorKind::BearerLost | ErrorKind::BearerFailed | ErrorKind::ModuleRestarted => {
                Some(if self.failures > 2 {
                    RecoveryStep::ReopenPort.min(self.highest())
                } else {
                    RecoveryStep::RebuildBearer
                })
            }
            _ => match self.failures {
                0 | 1 => None,
                2 => Some(RecoveryStep::ReopenSession),
                3 => Some(RecoveryStep::RebuildBearer.min(self.highest())),
                _ => Some(RecoveryStep::ReopenPort.min(self.highest())),
            },
        }
    }

    /// The strongest step that may be taken: without an access point no bearer can be rebuilt.
    fn highest(&self) -> RecoveryStep {
        self.reconnect.as_ref().map_or(RecoveryStep::ReopenSession, |reconnect| reconnect.highest)
    }

    fn take(&mut self, modem: &mut dyn FtpModem, step: RecoveryStep) -> Result<()> {
        self.steps.push(step.into());
        let access_point = self.reconnect.as_ref().map(|reconnect| reconnect.access_point.clone()).unwrap_or_default();
        self.limit(modem);
        let taken = match step {
            RecoveryStep::ReopenPort => self.search(modem, &access_point),
            _ => modem.recover(step, &access_point),
        };
        match taken {
            // Such a port cannot be reopened: the bearer behind it is rebuilt.
            Err(error) if error.kind() == ErrorKind::Unsupported && step == RecoveryStep::ReopenPort => {
                modem.recover(RecoveryStep::RebuildBearer, &access_point)
            }
            outcome => outcome,
        }
    }

    /// Opens the port, which may have disappeared for a while.
    fn search(&self, modem: &mut dyn FtpModem, access_point: &AccessPoint) -> Result<()> {
        let time = self.reconnect.as_ref().map_or(Duration::ZERO, |reconnect| reconnect.search);
        let begun = self.clock.now();
        loop {
            let outcome = modem.recover(RecoveryStep::ReopenPort, access_point);
            let searched = self.clock.now().saturating_sub(begun);
            let error = match outcome {
                Err(error) if is_absent(error.kind()) => error,
                outcome => {
                    if outcome.is_ok() && !searched.is_zero() {
                        info!("the port was found after {:.1} s", searched.as_secs_f64());
                    }
                    return outcome;
                }
            };
            if searched.saturating_add(SEARCH_PAUSE) >= time {
                let seconds = time.as_secs();
                return Err(error.explained_further(format!("it did not come back within {seconds} s")));
            }
            if let Some(limit) = self.limit_within(modem, SEARCH_PAUSE) {
                let late = Error::timeout(Phase::Budget, limit).during("recover");
                return Err(late.explained("the port did not come back").with_source(error).module_left_unusable());
            }
            self.sleep(SEARCH_PAUSE).map_err(Error::module_left_unusable)?;
        }
    }

    /// The limit of all operations that passes before `time` has passed, if one does.
    fn limit_within(&self, modem: &dyn FtpModem, time: Duration) -> Option<Duration> {
        let is_late = self.deadline().is_some_and(|deadline| self.clock.now().saturating_add(time) > deadline);
        let is_spent = self.callers.budget_left(modem).is_some_and(|left| left <= time);
        let own = self.retry.total.filter(|_| is_late);
        own.or_else(|| self.callers.budget().filter(|_| is_spent))
    }

    /// Whether another thread has cancelled, perhaps while the driver was cleaning up after another error.
    fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Names the limit of all operations in the error if that limit has ended the last operation. The limit has then
    /// cut a wait short, or the meter has ended the transfer by an I/O error.
    fn in_time(&self, modem: &dyn FtpModem, error: Error) -> Error {
        let now = self.clock.now();
        match (error.kind(), self.retry.total, self.deadline(), self.callers.budget()) {
            (ErrorKind::LocalIo, Some(total), Some(deadline), _) if now > deadline => {
                let late = Error::timeout(Phase::Budget, total).during("transfer");
                late.with_transferred(error.transferred().unwrap_or(0))
            }
            (ErrorKind::Timeout, Some(total), Some(deadline), _) if now >= deadline => {
                error.with_phase(Phase::Budget, total)
            }
            (ErrorKind::Timeout, _, _, Some(budget)) if self.callers.budget_left(modem) == Some(Duration::ZERO) => {
                error.with_phase(Phase::Budget, budget)
            }
            _ => error,
        }
    }

    fn sleep(&self, time: Duration) -> Result<()> {
        let until = self.clock.now().saturating_add(time);
        loop {
            if self.is_cancelled() {
                return Err(Error::new(ErrorKind::Cancelled, "before the next attempt").during("transfer"));
            }
            let left = until.saturating_sub(self.clock.now());
            if left.is_zero() {
                return Ok(());
            }
            self.clock.sleep(CANCEL_CHECK.min(left));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scripted::Scripted;
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn the_step_after_so_many_failures_in_a_row() {
        use ErrorKind::{BearerLost, DataConnection, ModuleRestarted, PortLost};
        use RecoveryStep::{RebuildBearer, ReopenPort, ReopenSession};
        let clock = SystemClock::default();
        let cases: &[(RecoveryStep, ErrorKind, [Option<RecoveryStep>; 5])] = &[
            (
                ReopenPort,
                DataConnection,
                [None, Some(ReopenSession), Some(RebuildBearer), Some(ReopenPort), Some(ReopenPort)],
            ),
            (
                RebuildBearer,
                DataConnection,
                [None, Some(ReopenSession), Some(RebuildBearer), Some(RebuildBearer), Some(RebuildBearer)],
            ),
            (
                ReopenSession,
                DataConnection,
                [None, Some(ReopenSession), Some(ReopenSession), Some(ReopenSession), Some(ReopenSession)],
            ),
            (
                ReopenPort,
                BearerLost,
                [Some(RebuildBearer), Some(RebuildBearer), Some(ReopenPort), Some(ReopenPort), Some(ReopenPort)],
            ),
            (RebuildBearer, ModuleRestarted, [Some(RebuildBearer); 5]),
            (ReopenPort, PortLost, [Some(ReopenPort); 5]),
        ];
        for (highest, kind, steps) in cases {
            let reconnect = Reconnect::new(AccessPoint::default()).up_to(*highest);
            let mut attempts =
                Attempts::new(Retry::default(), Some(reconnect), None, CallerControls::default(), &clock);
            for step in steps {
                attempts.failures += 1;
                assert_eq!(attempts.step(*kind), *step, "{kind:?} up to {highest}, failure {}", attempts.failures);
            }
        }
    }

    #[test]
    fn a_failing_writer_is_the_time_limit_once_the_time_is_over() {
        /// A clock that begins at 100 s and shows the given number of seconds more.
        struct At(std::cell::Cell<u64>);
        impl Clock for At {
            fn now(&self) -> Duration {
                Duration::from_secs(100 + self.0.get())
            }
            fn sleep(&self, _: Duration) {}
        }
        let cases = [
            (Some(10), 9, ErrorKind::LocalIo, ErrorKind::LocalIo),
            (Some(10), 10, ErrorKind::LocalIo, ErrorKind::LocalIo),
            (Some(10), 11, ErrorKind::LocalIo, ErrorKind::Timeout),
            (Some(10), 9, ErrorKind::Timeout, ErrorKind::Timeout),
            (Some(10), 11, ErrorKind::ServerRefused, ErrorKind::ServerRefused),
            (None, 11, ErrorKind::LocalIo, ErrorKind::LocalIo),
        ];
        for (limit, passed, failed, expected) in cases {
            let clock = At(0.into());
            let retry = Retry { total: limit.map(Duration::from_secs), ..Retry::default() };
            let attempts = Attempts::new(retry, None, None, CallerControls::default(), &clock);
            clock.0.set(passed);
            let error = attempts.in_time(&Scripted::default(), Error::new(failed, "").with_transferred(7));
            assert_eq!((error.kind(), error.transferred()), (expected, Some(7)), "{limit:?}, {passed} s, {failed:?}");
        }
    }
}

//! What a caller decides about the time, the end and the recovery of operations.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::error::{Recovery, RecoveryObserver};

/// Recoveries in a row that a module may leave unanswered by default.
const DEAD_AFTER: u32 = 3;

/// Time limits that replace the longer ones of the dialect. They never lengthen a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TimeLimits {
    /// Limit for every answer to a command and every result. Default: those of the manual.
    pub command: Option<Duration>,
    /// Limit for every silence within file data. Default: those of the manual.
    pub stall: Option<Duration>,
}

impl TimeLimits {
    /// Sets the limit for commands.
    pub fn with_command(mut self, limit: Duration) -> Self {
        self.command = Some(limit);
        self
    }

    /// Sets the limit for silences within file data.
    pub fn with_stall(mut self, limit: Duration) -> Self {
        self.stall = Some(limit);
        self
    }
}

/// The caller's control over the operations of a modem: cancellation, time limits, and the observer of recoveries.
///
/// A modem has one such value ([`FtpModem::controls`](super::FtpModem::controls)), which is replaced as a whole by
/// [`FtpModem::set_controls`](super::FtpModem::set_controls). To change one field, change a copy of the present value.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use ftp_modem::modem::{Controls, TimeLimits};
///
/// let controls = Controls::new()
///     .with_time_limits(TimeLimits::default().with_command(Duration::from_secs(30)))
///     .with_budget(Duration::from_secs(600))
///     .with_observer(|step| eprintln!("recovery: {step}"));
/// assert_eq!(controls.dead_after, 3);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Controls {
    /// The flag by which another thread stops operations. While the flag is set, the operation that is going on fails
    /// as [`Cancelled`](crate::ErrorKind::Cancelled) within a tenth of a second, plus the time it takes to bring the
    /// module back to a known state. Later operations fail the same way before they send anything, except
    /// [`logout`](super::FtpModem::logout) and [`detach`](super::FtpModem::detach), which the flag never stops. The
    /// driver never resets the flag: the program does, before the next operation. Default: none.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Shorter time limits than those of the dialect. Default: the dialect's own.
    pub limits: TimeLimits,
    /// The time for all operations together, counted from [`set_controls`](super::FtpModem::set_controls). An operation
    /// that exceeds it fails as [`Timeout`](crate::ErrorKind::Timeout). Default: no limit.
    pub budget: Option<Duration>,
    /// Called with each recovery step, before the step is taken. Default: none.
    pub observer: Option<RecoveryObserver>,
    /// Number of recoveries in a row that the module may leave unanswered before it is [declared
    /// unresponsive](Recovery::DeclareUnresponsive). The observer is called with that step, too: the application should
    /// then switch the module off and on, if it can. At least 1. Default: 3.
    pub dead_after: u32,
}

impl Default for Controls {
    fn default() -> Self {
        Controls { cancel: None, limits: TimeLimits::default(), budget: None, observer: None, dead_after: DEAD_AFTER }
    }
}

impl Controls {
    /// Returns the defaults.
    pub fn new() -> Self {
        Controls::default()
    }

    /// Sets the flag by which another thread stops operations ([`cancel`](Self::cancel)).
    pub fn with_cancel(mut self, flag: Arc<AtomicBool>) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// Sets shorter time limits ([`limits`](Self::limits)).
    pub fn with_time_limits(mut self, limits: TimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the time for all operations together ([`budget`](Self::budget)). `None` lifts the limit.
    pub fn with_budget(mut self, budget: impl Into<Option<Duration>>) -> Self {
        self.budget = budget.into();
        self
    }

    /// Registers a callback for recovery steps ([`observer`](Self::observer)).
    pub fn with_observer(mut self, observer: impl Fn(Recovery) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Sets the number of unanswered recoveries after which a module is declared unresponsive
    /// ([`dead_after`](Self::dead_after)).
    pub fn with_dead_after(mut self, recoveries: u32) -> Self {
        self.dead_after = recoveries;
        self
    }
}

impl fmt::Debug for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Stands for the callback, which has no text.
        struct Callback;
        impl fmt::Debug for Callback {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("Fn(Recovery)")
            }
        }
        f.debug_struct("Controls")
            .field("cancel", &self.cancel)
            .field("limits", &self.limits)
            .field("budget", &self.budget)
            .field("observer", &self.observer.as_ref().map(|_| Callback))
            .field("dead_after", &self.dead_after)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_every_field() {
        let controls = Controls::new().with_cancel(Arc::default()).with_observer(|_| {}).with_dead_after(2);
        let text = format!("{controls:?}");
        for part in ["cancel: Some(false)", "budget: None", "observer: Some(Fn(Recovery))", "dead_after: 2"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

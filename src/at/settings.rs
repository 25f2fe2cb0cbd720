//! What the program and the dialect set on a line.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::parts::Parts;
use super::report::Refusal;
use super::urc::Rule;
use crate::error::Result;

/// The settings of a line. They apply from the next command on.
pub struct Settings<'e> {
    pub(super) parts: &'e mut Parts,
}

impl Settings<'_> {
    /// Sets the dialect's unsolicited result codes, and what the codes behind `+CME ERROR` and its relatives mean.
    pub fn speak(self, rules: &'static [Rule], refusal: Refusal) {
        self.parts.inbox.set_rules(rules);
        self.parts.report.refusal = refusal;
    }

    /// Lets lines that begin with `start` lack their line end: silence or the next such line ends them, too.
    pub fn allow_unended(self, start: &'static str) {
        self.parts.tokens.allow_unended(start);
    }

    /// Lets a drop of DTR leave data mode. Otherwise DTR is on.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a port without this line.
    pub fn escape_by_dtr(self) -> Result<()> {
        self.parts.link.escape_by_dtr()
    }

    /// Sets the flag by which another thread ends operations.
    pub fn cancel_by(self, flag: Option<Arc<AtomicBool>>) {
        self.parts.link.cancellation.set_flag(flag);
    }

    /// Whether that flag ends the running operation now.
    pub fn ends_operation(self) -> bool {
        self.parts.link.cancellation.ends_operation()
    }

    /// Replaces longer limits: `command` for answers and results, `stall` for silences within payload.
    pub fn limit(self, command: Option<Duration>, stall: Option<Duration>) {
        self.parts.limits.set(command, stall);
    }

    /// Limits all operations from now on, taken together, or lifts that limit.
    pub fn set_budget(self, limit: Option<Duration>) {
        let now = self.parts.now();
        self.parts.limits.set_budget(now, limit);
    }
}

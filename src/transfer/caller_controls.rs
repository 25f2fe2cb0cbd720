//! The caller's controls, while a transfer uses the modem with its own.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::modem::{Controls, FtpModem};

/// The controls to restore at the end of the transfer.
#[derive(Default)]
pub(super) struct CallerControls {
    before: Controls,
    /// The part of the caller's budget beyond the budget in force.
    spare: Duration,
}

impl CallerControls {
    /// Notes the controls of `modem`. If `cancel` is a flag, it replaces the caller's flag during the transfer.
    pub fn begin(modem: &mut dyn FtpModem, cancel: Option<&Arc<AtomicBool>>) -> Self {
        let before = modem.controls().clone();
        let callers = CallerControls { before, spare: Duration::ZERO };
        if let Some(flag) = cancel {
            let budget = callers.budget_left(modem);
            modem.set_controls(modem.controls().clone().with_cancel(flag.clone()).with_budget(budget));
        }
        callers
    }

    /// The flag that the caller has set on the modem before.
    pub fn caller_flag(&self) -> Option<&Arc<AtomicBool>> {
        self.before.cancel.as_ref()
    }

    /// The caller's budget when the transfer began.
    pub fn budget(&self) -> Option<Duration> {
        self.before.budget
    }

    /// The rest of the caller's budget.
    pub fn budget_left(&self, modem: &dyn FtpModem) -> Option<Duration> {
        self.before.budget.and(modem.budget_left()).map(|left| left.saturating_add(self.spare))
    }

    /// Limits the next commands to `own` and to the rest of the caller's budget.
    pub fn limit(&mut self, modem: &mut dyn FtpModem, own: Option<Duration>) {
        let left = self.budget_left(modem);
        let budget = match (left, own) {
            (Some(left), Some(own)) => Some(left.min(own)),
            (left, own) => left.or(own),
        };
        self.spare = left.zip(budget).map_or(Duration::ZERO, |(left, budget)| left - budget);
        modem.set_controls(modem.controls().clone().with_budget(budget));
    }

    /// Restores the caller's controls, with the rest of the caller's budget.
    pub fn end(self, modem: &mut dyn FtpModem) {
        let left = self.budget_left(modem);
        modem.set_controls(self.before.with_budget(left));
    }
}

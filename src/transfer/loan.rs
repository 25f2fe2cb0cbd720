//! The caller's controls, while a transfer uses the modem with its own.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::modem::{Controls, FtpModem};

/// What has to be put back when the transfer is over.
#[derive(Default)]
pub(super) struct Loan {
    before: Controls,
    /// What the caller's budget leaves beyond the budget in force.
    spare: Duration,
}

impl Loan {
    /// Takes note of the controls of `modem`. During the transfer `cancel` takes the place of the caller's flag, where
    /// there is one.
    pub fn begin(modem: &mut dyn FtpModem, cancel: Option<&Arc<AtomicBool>>) -> Self {
        let before = modem.controls().clone();
        let loan = Loan { before, spare: Duration::ZERO };
        if let Some(flag) = cancel {
            let budget = loan.budget_left(modem);
            modem.set_controls(modem.controls().clone().with_cancel(flag.clone()).with_budget(budget));
        }
        loan
    }

    /// The flag that the caller has set on the modem before.
    pub fn caller_flag(&self) -> Option<&Arc<AtomicBool>> {
        self.before.cancel.as_ref()
    }

    /// The caller's budget when the transfer began.
    pub fn budget(&self) -> Option<Duration> {
        self.before.budget
    }

    /// What is left of the caller's budget.
    pub fn budget_left(&self, modem: &dyn FtpModem) -> Option<Duration> {
        self.before.budget.and(modem.budget_left()).map(|left| left.saturating_add(self.spare))
    }

    /// Limits what follows to `own`, and to what is left of the caller's budget.
    pub fn limit(&mut self, modem: &mut dyn FtpModem, own: Option<Duration>) {
        let left = self.budget_left(modem);
        let budget = match (left, own) {
            (Some(left), Some(own)) => Some(left.min(own)),
            (left, own) => left.or(own),
        };
        self.spare = left.zip(budget).map_or(Duration::ZERO, |(left, budget)| left - budget);
        modem.set_controls(modem.controls().clone().with_budget(budget));
    }

    /// Puts the caller's controls back, with what is left of the caller's budget.
    pub fn end(self, modem: &mut dyn FtpModem) {
        let left = self.budget_left(modem);
        modem.set_controls(self.before.with_budget(left));
    }
}

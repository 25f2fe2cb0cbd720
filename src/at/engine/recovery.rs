//! The steps that were taken to bring the module back, and when it is declared unresponsive.

use log::{Level, log, warn};

use super::Engine;
use super::surplus::abandon_payload;
use crate::at::cancellation::Watch;
use crate::error::{Error, ErrorKind, Recovery, RecoveryObserver, Result};

/// Default number of recoveries in a row that a module may leave unanswered.
const UNRESPONSIVE_AFTER: u32 = 3;

/// Most steps that are remembered of one operation.
const MOST_STEPS: usize = 32;

/// The recoveries so far.
pub struct RecoveryLog {
    /// The steps taken in the running operation.
    steps: Vec<Recovery>,
    observer: Option<RecoveryObserver>,
    /// Number of recoveries in a row that the module has left unanswered.
    unanswered: u32,
    unresponsive_after: u32,
}

impl Default for RecoveryLog {
    fn default() -> Self {
        RecoveryLog { steps: Vec::new(), observer: None, unanswered: 0, unresponsive_after: UNRESPONSIVE_AFTER }
    }
}

impl RecoveryLog {
    /// Registers a callback for each step, and sets the number of recoveries in a row that a module may leave
    /// unanswered before it is declared unresponsive.
    pub fn watch(&mut self, observer: Option<RecoveryObserver>, unresponsive_after: u32) {
        self.observer = observer;
        self.unresponsive_after = unresponsive_after.max(1);
    }

    /// Counts recoveries that the module leaves unanswered. Returns whether this one makes it unresponsive.
    pub(super) fn judge(&mut self, outcome: &Result<bool>) -> bool {
        match outcome {
            Ok(_) => self.unanswered = 0,
            Err(error) if error.kind() == ErrorKind::Timeout => {
                self.unanswered += 1;
                return self.unanswered == self.unresponsive_after;
            }
            Err(_) => {}
        }
        false
    }
}

impl Engine {
    /// Notes a step that is about to be taken.
    pub fn note_recovery(&mut self, step: Recovery) {
        // While a port that has disappeared is searched for, the same step is taken each second.
        let is_repeated = self.recovery.steps.last() == Some(&step);
        let is_routine = step < Recovery::ReopenSession || is_repeated;
        let level = if is_routine { Level::Debug } else { Level::Warn };
        match step {
            Recovery::DeclareUnresponsive => {
                warn!("{}: no recovery step has helped; switch the module off and on", self.parts.link.name());
            }
            _ => log!(level, "{}: recovery: {step}", self.parts.link.name()),
        }
        if self.recovery.steps.len() < MOST_STEPS {
            self.recovery.steps.push(step);
        }
        if let Some(observer) = &self.recovery.observer {
            observer(step);
        }
    }

    /// Begins an operation, which a cancellation ends or not: the steps of the one before are forgotten.
    ///
    /// # Errors
    /// [`Cancelled`](ErrorKind::Cancelled), before anything was sent.
    pub fn begin_operation(&mut self, watch: Watch) -> Result<()> {
        self.recovery.steps.clear();
        self.parts.limits.begin_operation();
        self.parts.link.cancellation.begin_operation(watch)
    }

    /// The error of the running operation, with the steps that were taken about it. Where it says nothing of what the
    /// module is doing now, the module is probed, and the error says if it did not answer.
    pub fn ended(&mut self, mut error: Error, operation: &'static str) -> Error {
        if self.parts.sync.debt().from_module > 0 && error.module_usable() {
            error = abandon_payload(self, error);
        }
        let is_unknown = matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Protocol) && error.module_usable();
        if self.parts.sync.is_lost() && is_unknown && self.resynchronise().is_err() {
            error = error.module_left_unusable();
        }
        let steps = std::mem::take(&mut self.recovery.steps);
        error.after_recovery(&steps).during(operation)
    }
}

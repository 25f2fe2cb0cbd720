//! What was done to bring the module back, and when it is taken for dead.

use log::{Level, log};

use super::Engine;
use crate::error::{Error, ErrorKind, Recovery, RecoveryObserver, Result};

/// How many recoveries in a row a module may leave unanswered.
const DEAD_AFTER: u32 = 3;

/// Most steps that are remembered of one operation.
const MOST_STEPS: usize = 32;

/// What is known of the recoveries so far.
pub(super) struct Ladder {
    /// The steps taken in the operation that is going on.
    steps: Vec<Recovery>,
    observer: Option<RecoveryObserver>,
    /// Recoveries in a row that the module has left unanswered.
    unanswered: u32,
    dead_after: u32,
}

impl Default for Ladder {
    fn default() -> Self {
        Ladder { steps: Vec::new(), observer: None, unanswered: 0, dead_after: DEAD_AFTER }
    }
}

impl Engine {
    /// Sets who hears of each step, and how many recoveries in a row a module may leave unanswered before it is declared dead.
    pub fn watch_recovery(&mut self, observer: Option<RecoveryObserver>, dead_after: u32) {
        self.ladder.observer = observer;
        self.ladder.dead_after = dead_after.max(1);
    }

    /// Notes a step that is about to be taken.
    pub fn note_recovery(&mut self, step: Recovery) {
        let level = if step < Recovery::ReopenSession { Level::Debug } else { Level::Warn };
        log!(level, "{}: recovery: {step}", self.port());
        if self.ladder.steps.len() < MOST_STEPS {
            self.ladder.steps.push(step);
        }
        if let Some(observer) = &self.ladder.observer {
            observer(step);
        }
    }

    /// Forgets the steps of the operation before.
    pub(super) fn forget_recovery(&mut self) {
        self.ladder.steps.clear();
    }

    /// An error of the operation that is going on, with the steps that were taken about it. Where it says
    /// nothing of what the module is doing now, the module is asked, and the error says if it did not answer.
    pub fn ended(&mut self, mut error: Error, operation: &'static str) -> Error {
        let is_unknown = matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Protocol) && error.module_usable();
        if self.out_of_step && is_unknown && self.resynchronise().is_err() {
            error = error.module_left_unusable();
        }
        let steps = std::mem::take(&mut self.ladder.steps);
        error.after_recovery(&steps).during(operation)
    }

    /// Counts recoveries that the module leaves unanswered.
    pub(super) fn judge_recovery(&mut self, outcome: &Result<()>) {
        match outcome {
            Ok(()) => self.ladder.unanswered = 0,
            Err(error) if error.kind() == ErrorKind::Timeout => {
                self.ladder.unanswered += 1;
                if self.ladder.unanswered == self.ladder.dead_after {
                    self.note_recovery(Recovery::DeclareUnresponsive);
                }
            }
            Err(_) => {}
        }
    }
}

//! Time limits: what the manual allows, what the caller allows, and the budget for all operations together.

use std::time::{Duration, Instant};

use crate::error::{Error, Phase};

/// How long the port may refuse to take a command line. The time on the line itself is added.
const SEND_LIMIT: Duration = Duration::from_secs(5);

/// As [`SEND_LIMIT`], where the port has just refused to take anything: a cancelled operation ends soon all the same.
pub(super) const BLOCKED_LIMIT: Duration = Duration::from_millis(500);

/// The longest limit of anything, so that no time overflows.
pub(super) const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The shortest single wait, when even the time for bringing the module back is over.
const SHORTEST: Duration = Duration::from_millis(1);

/// The instant by which an exchange must be over, and the phase that it limits.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    pub(super) at: Instant,
    pub(super) limit: Duration,
    pub(super) phase: Phase,
}

impl Deadline {
    /// A deadline that ignores the caller's limits. With `at` = now, only what has arrived is read.
    pub(super) fn until(at: Instant, phase: Phase) -> Self {
        Deadline { at, limit: Duration::ZERO, phase }
    }

    /// The instant.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The error of having passed it.
    pub fn passed(&self) -> Error {
        Error::timeout(self.phase, self.limit)
    }
}

/// The caller's limits. A deadline is the earliest of the dialect's limit, the caller's limit and the end of the
/// budget.
#[derive(Debug, Default)]
pub struct Limits {
    command: Option<Duration>,
    stall: Option<Duration>,
    budget: Option<Budget>,
    /// The time for bringing back a module that has exceeded the caller's limit of a command.
    recovery_time: Option<RecoveryTime>,
}

/// The end of the time for bringing the module back, and the caller's limit that it follows from.
#[derive(Debug, Clone, Copy)]
struct RecoveryTime {
    end: Instant,
    limit: Duration,
}

impl Limits {
    /// Of the caller's limit of a command, a tenth may be added for bringing the module back.
    const RECOVERY_PART: u32 = 10;

    /// Replaces longer limits: `command` for answers and results, `stall` for silences within payload.
    pub(super) fn set(&mut self, command: Option<Duration>, stall: Option<Duration>) {
        let bounded = |limit: Option<Duration>| limit.map(|limit| limit.min(LONGEST));
        (self.command, self.stall) = (bounded(command), bounded(stall));
    }

    /// Limits all operations from `now` on, taken together, or lifts that limit.
    pub(super) fn set_budget(&mut self, now: Instant, limit: Option<Duration>) {
        self.budget = limit.map(|limit| Budget::new(now, limit));
    }

    /// Begins a new operation, which has all of the caller's limits.
    pub(super) fn begin_operation(&mut self) {
        self.recovery_time = None;
    }

    /// Notes that a wait of `limit` was in vain. Where that is the caller's limit of a command, a tenth of it is left
    /// for the recovery.
    pub(super) fn passed(&mut self, now: Instant, limit: Duration) {
        if self.command == Some(limit) && self.recovery_time.is_none() {
            self.recovery_time = Some(RecoveryTime { end: now + limit / Self::RECOVERY_PART, limit });
        }
    }

    /// Begins a recovery before the next command, which the caller's limit of a command bounds. Returns whether none
    /// was going on.
    pub(super) fn begin_recovery(&mut self, now: Instant) -> bool {
        let begins = self.recovery_time.is_none();
        if begins {
            self.recovery_time = self.command.map(|limit| RecoveryTime { end: now + limit, limit });
        }
        begins
    }

    /// Ends the recovery: the module is back.
    pub(super) fn end_recovery(&mut self) {
        self.recovery_time = None;
    }

    /// The caller's limit of a command.
    pub fn command(&self) -> Option<Duration> {
        self.command
    }

    /// How long the port may take no byte; `is_blocked` tells whether it has just taken none.
    pub(super) fn send(&self, is_blocked: bool) -> Duration {
        let limit = if is_blocked { BLOCKED_LIMIT } else { SEND_LIMIT };
        self.command.map_or(limit, |own| own.min(limit))
    }

    /// What is left of the budget; `None` without one.
    pub fn budget_left(&self, now: Instant) -> Option<Duration> {
        self.budget.map(|budget| budget.end.saturating_duration_since(now))
    }

    /// Whether the budget is spent. A silence that it has cut short teaches nothing about the module.
    pub fn is_spent(&self, now: Instant) -> bool {
        self.budget.is_some_and(|budget| now >= budget.end)
    }

    /// The limit that forbids another command, once even the time for the recovery is over.
    pub(super) fn exhausted(&self, now: Instant) -> Option<(Phase, Duration)> {
        let spent = self.budget.filter(|budget| now >= budget.end + budget.grace);
        let late = self.recovery_time.filter(|recovery_time| now >= recovery_time.end);
        let spent = spent.map(|budget| (Phase::Budget, budget.limit));
        spent.or(late.map(|recovery_time| (Phase::Resynchronisation, recovery_time.limit)))
    }

    /// Whether the limits leave room for `time`.
    pub(super) fn leaves(&self, now: Instant, time: Duration) -> bool {
        self.longest_wait(now) >= time
    }

    /// The longest that the next wait may last.
    fn longest_wait(&self, now: Instant) -> Duration {
        let budget = self.budget.map_or(LONGEST, |budget| budget.left(now));
        let recovery_time =
            self.recovery_time.map_or(LONGEST, |recovery_time| recovery_time.end.saturating_duration_since(now));
        budget.min(recovery_time).max(SHORTEST)
    }

    /// A deadline `limit` from now, or sooner where the caller allows less.
    pub(super) fn deadline(&self, now: Instant, phase: Phase, limit: Duration) -> Deadline {
        let own = match phase {
            Phase::Acknowledgement | Phase::Prompt | Phase::Result => self.command,
            Phase::Data => self.stall,
            Phase::Send | Phase::Resynchronisation | Phase::Budget => None,
        };
        let limit = own.map_or(limit, |own| own.min(limit)).min(self.longest_wait(now));
        Deadline { at: now + limit, limit, phase }
    }
}

/// The time for all operations: they end at `end`, and within `grace` after it the module is brought back.
#[derive(Debug, Clone, Copy)]
struct Budget {
    limit: Duration,
    end: Instant,
    grace: Duration,
}

impl Budget {
    /// Of a limit, a twentieth may be added for bringing the module back.
    const GRACE: u32 = 20;

    fn new(now: Instant, limit: Duration) -> Self {
        let limit = limit.min(LONGEST);
        Budget { limit, end: now + limit, grace: limit / Self::GRACE }
    }

    /// What is left of it, with the grace once the limit is over.
    fn left(&self, now: Instant) -> Duration {
        let end = if now < self.end { self.end } else { self.end + self.grace };
        end.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_deadline_is_the_earliest_of_manual_caller_and_budget() {
        let now = Instant::now();
        let cases = [
            (None, None, None, Phase::Result, 60),
            (Some(5), None, None, Phase::Result, 5),
            (Some(90), None, None, Phase::Result, 60),
            (Some(5), None, None, Phase::Data, 60),
            (None, Some(7), None, Phase::Data, 7),
            (Some(5), Some(7), None, Phase::Resynchronisation, 60),
            (Some(5), None, Some(3), Phase::Result, 3),
            (None, None, Some(3), Phase::Resynchronisation, 3),
        ];
        for (command, stall, budget, phase, expected) in cases {
            let mut limits = Limits::default();
            limits.set(command.map(|limit| limit * SECOND), stall.map(|limit| limit * SECOND));
            limits.set_budget(now, budget.map(|limit| limit * SECOND));
            let deadline = limits.deadline(now, phase, 60 * SECOND);
            assert_eq!(deadline.at() - now, expected * SECOND, "{command:?} {stall:?} {budget:?} {phase:?}");
        }
    }

    #[test]
    fn a_spent_budget_leaves_a_twentieth_for_the_recovery() {
        let now = Instant::now();
        let mut limits = Limits::default();
        limits.set_budget(now, Some(20 * SECOND));
        assert!(!limits.is_spent(now + 19 * SECOND) && limits.is_spent(now + 20 * SECOND));
        assert!(limits.leaves(now + 20 * SECOND, SECOND) && !limits.leaves(now + 20 * SECOND, 2 * SECOND));
        assert_eq!(limits.exhausted(now + 20 * SECOND), None);
        assert_eq!(limits.exhausted(now + 21 * SECOND), Some((Phase::Budget, 20 * SECOND)));
        limits.set_budget(now, None);
        assert!(limits.leaves(now, LONGEST));
    }

    #[test]
    fn the_callers_limit_leaves_a_tenth_for_the_recovery() {
        let now = Instant::now();
        let mut limits = Limits::default();
        limits.set(Some(10 * SECOND), None);
        // A shorter wait is one of many.
        limits.passed(now, SECOND);
        assert_eq!(limits.deadline(now, Phase::Resynchronisation, 60 * SECOND).at() - now, 60 * SECOND);
        limits.passed(now, 10 * SECOND);
        assert_eq!(limits.deadline(now, Phase::Resynchronisation, 60 * SECOND).at() - now, SECOND);
        assert!(limits.leaves(now, SECOND) && !limits.leaves(now, 2 * SECOND));
        assert_eq!(limits.exhausted(now + SECOND), Some((Phase::Resynchronisation, 10 * SECOND)));
        limits.begin_operation();
        assert_eq!(limits.exhausted(now + SECOND), None);
    }
}

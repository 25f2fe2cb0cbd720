//! The time for everything that a caller wants done.

use std::time::{Duration, Instant};

use super::LONGEST;

/// The time for everything: `end` is when it is over, and within `grace` after it the module is brought back.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub(super) limit: Duration,
    end: Instant,
    grace: Duration,
}

impl Budget {
    /// Of a limit, so much may be added for bringing the module back: a twentieth.
    const GRACE: u32 = 20;
    /// What a single wait may take when even that is over.
    const LEAST: Duration = Duration::from_millis(1);

    pub(super) fn new(now: Instant, limit: Duration) -> Self {
        let limit = limit.min(LONGEST);
        Budget { limit, end: now + limit, grace: limit / Self::GRACE }
    }

    /// How long the next wait may take.
    pub(super) fn left(&self, now: Instant) -> Duration {
        let end = if now < self.end { self.end } else { self.end + self.grace };
        end.saturating_duration_since(now).max(Self::LEAST)
    }

    /// What is left of the limit itself.
    pub(super) fn rest(&self, now: Instant) -> Duration {
        self.end.saturating_duration_since(now)
    }

    /// Whether only the grace is left.
    pub(super) fn is_spent(&self, now: Instant) -> bool {
        now >= self.end
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.end + self.grace
    }
}

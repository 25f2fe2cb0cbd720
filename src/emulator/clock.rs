//! The time at which the module does what it is doing.

use std::time::Duration;

use super::remote::radio::Meter;

/// The time since power-on, and the replies of the server that what is being done has waited for.
pub(crate) struct Clock {
    now: Duration,
    replies: Meter,
    reply_time: Duration,
}

impl Clock {
    pub(crate) fn new(reply_time: Duration, replies: &Meter) -> Self {
        Self { now: Duration::ZERO, replies: replies.clone(), reply_time }
    }

    /// Returns the time since power-on at which the module does what it is doing.
    pub(crate) fn now(&self) -> Duration {
        self.now.saturating_add(self.waited())
    }

    /// Begins something at `now`, which has not waited for anything yet.
    pub(crate) fn set(&mut self, now: Duration) {
        self.now = now;
        self.forget();
    }

    /// Makes the time that has been waited part of the time that has passed.
    pub(crate) fn settle(&mut self) {
        self.set(self.now());
    }

    /// Forgets what has been waited for.
    pub(crate) fn forget(&self) {
        self.replies.set(0);
    }

    /// Returns the time that has been waited for the server.
    pub(crate) fn waited(&self) -> Duration {
        self.reply_time.saturating_mul(self.replies.count())
    }

    /// Asks the remote side for what a real module need not ask the server for, and waits for nothing.
    pub(crate) fn unasked<T>(&self, ask: impl FnOnce() -> T) -> T {
        self.unwaited(ask).0
    }

    /// Does something with the remote side without waiting for the replies, and returns their number.
    pub(crate) fn unwaited<T>(&self, ask: impl FnOnce() -> T) -> (T, u32) {
        let before = self.replies.count();
        let answer = ask();
        let replies = self.replies.count().saturating_sub(before);
        self.replies.set(before);
        (answer, replies)
    }

    /// Waits for a number of replies of the server.
    pub(crate) fn wait_for(&self, replies: u32) {
        self.replies.set(self.replies.count().saturating_add(replies));
    }

    /// Blocks the module: what it says from here on comes `time` later, and input waits until then.
    pub(crate) const fn delay(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
    }
}

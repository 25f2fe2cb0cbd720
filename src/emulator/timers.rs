//! Events that happen later by themselves.

use std::time::Duration;

pub(crate) enum Event {
    /// The dialect is called back with this token.
    Token(u32),
    /// This unsolicited line is printed.
    Line(String),
}

/// Events that are not due yet.
#[derive(Default)]
pub(crate) struct Timers(Vec<(Duration, Event)>);

impl Timers {
    pub(crate) fn set(&mut self, due: Duration, event: Event) {
        self.0.push((due, event));
    }

    /// Forgets the timers of a token.
    pub(crate) fn cancel(&mut self, token: u32) {
        self.0.retain(|(_, event)| !matches!(event, Event::Token(other) if *other == token));
    }

    /// Returns when the earliest event is due.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.iter().map(|(due, _)| *due).min()
    }

    /// Removes the earliest event. Of events due at one time the first one that was set comes first.
    pub(crate) fn take(&mut self) -> Option<Event> {
        let due = self.next()?;
        let index = self.0.iter().position(|(time, _)| *time == due)?;
        Some(self.0.remove(index).1)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

//! What happens later by itself.

use std::time::Duration;

pub(crate) enum Event {
    Token(u32),
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

    /// When the earliest event is due.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.iter().map(|(due, _)| *due).min()
    }

    /// The earliest event, the first set of equal ones.
    pub(crate) fn take(&mut self) -> Option<Event> {
        let due = self.next()?;
        let index = self.0.iter().position(|(time, _)| *time == due)?;
        Some(self.0.remove(index).1)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

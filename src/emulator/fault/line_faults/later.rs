//! Lines that are kept back.

use std::time::Duration;

/// Lines that come later than the module said them.
///
/// They come out only between two lines: [`Later::release`] is called nowhere else.
#[derive(Debug, Default)]
pub(super) struct Later {
    /// Lines that come at a time.
    delayed: Vec<(Duration, Vec<u8>)>,
    /// Lines that come after the next one.
    swapped: Vec<u8>,
    /// Whether the next one has come.
    swap_due: bool,
}

impl Later {
    pub(super) const fn is_empty(&self) -> bool {
        self.delayed.is_empty() && self.swapped.is_empty()
    }

    /// Returns when a delayed line becomes due.
    pub(super) fn due(&self) -> Option<Duration> {
        self.delayed.iter().map(|(due, _)| *due).min()
    }

    /// Keeps a line back until `due`.
    pub(super) fn delay(&mut self, due: Duration, line: Vec<u8>) {
        self.delayed.push((due, line));
    }

    /// Keeps a line back until the next one has come.
    pub(super) fn swap(&mut self, line: &mut Vec<u8>) {
        self.swapped.append(line);
    }

    /// A line has come: those that were swapped before it are due.
    pub(super) const fn line_came(&mut self) {
        self.swap_due = !self.swapped.is_empty();
    }

    /// Moves the lines that are due at `now` to `out`.
    pub(super) fn release(&mut self, now: Duration, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.swap_due) {
            out.append(&mut self.swapped);
        }
        for (_, line) in self.delayed.extract_if(.., |(due, _)| *due <= now) {
            out.extend_from_slice(&line);
        }
    }
}

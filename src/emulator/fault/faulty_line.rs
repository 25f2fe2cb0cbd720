//! A line where things go wrong.

use std::time::Duration;

use super::channel::Channel;
use super::line_faults::LineFaults;
use super::{Direction, Fault, Plan};
use crate::emulator::queue::Span;

/// The line of a [`Faulty`](super::Faulty) module, with the faults that wait on it.
#[derive(Debug, Default)]
pub struct FaultyLine {
    plan: Plan,
    pub(super) input: Channel,
    pub(super) lines: LineFaults,
    pub(super) output: Channel,
    hung_up: bool,
    /// What has just left the module. Kept for its space.
    raw: Vec<u8>,
    /// The same after the faults of lines.
    altered: Vec<u8>,
}

impl FaultyLine {
    pub(super) fn play(&mut self, plan: Plan) {
        let all = || plan.faults.iter().enumerate();
        let bytes = |wanted: Direction| {
            all().filter_map(move |(index, fault)| match fault {
                Fault::Byte { direction, at, damage } if *direction == wanted => Some((index, *at, damage.clone())),
                _ => None,
            })
        };
        self.input.plan(bytes(Direction::Input));
        self.output.plan(bytes(Direction::Output));
        self.lines.plan(all());
        self.plan = plan;
    }

    /// Counts bytes from here. Faults at bytes that have not struck yet wait for the new count.
    pub const fn rewind(&mut self) {
        self.input.rewind();
        self.output.rewind();
    }

    /// Makes the line new: stalling, dripping and hanging up end, and what was held back is lost. Faults that have not
    /// struck yet still will.
    pub fn heal(&mut self) {
        self.hung_up = false;
        self.input.heal();
        self.output.heal();
        self.lines.heal();
    }

    pub(super) fn hang_up(&mut self) {
        self.heal();
        self.hung_up = true;
    }

    /// Whether nothing passes any more in either direction.
    #[must_use]
    pub const fn is_hung_up(&self) -> bool {
        self.hung_up
    }

    /// Returns the plan that is played.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the faults of the plan that have not struck yet. Faults of the server are always among them.
    pub fn pending(&self) -> impl Iterator<Item = &Fault> {
        let is_pending = |index: usize, fault: &Fault| {
            let mut waiting = self.input.waiting().chain(self.output.waiting()).chain(self.lines.waiting());
            matches!(fault, Fault::Server(_)) || waiting.any(|waiting| waiting == index)
        };
        let faults = self.plan.faults.iter().enumerate();
        faults.filter(move |(index, fault)| is_pending(*index, fault)).map(|(_, fault)| fault)
    }

    /// Returns the number of bytes that have come to the faults of a direction since the count began.
    #[must_use]
    pub const fn position(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Input => self.input.position(),
            Direction::Output => self.output.position(),
        }
    }

    /// Takes what `out` has from `before` on, which has just left the module. If no fault is near, it stays in `out`.
    pub(super) fn take(&mut self, now: Duration, spans: &[Span], before: usize, out: &mut Vec<u8>) {
        let count = out.len().saturating_sub(before);
        if self.lines.is_idle() && self.output.is_clear(count) {
            self.output.skip(count);
            return;
        }
        self.raw.clear();
        self.raw.extend_from_slice(out.get(before..).unwrap_or_default());
        out.truncate(before);
        if self.lines.is_idle() {
            self.output.push(now, &self.raw);
        } else {
            self.altered.clear();
            self.lines.pass(now, &self.raw, spans, &mut self.altered);
            self.output.push(now, &self.altered);
        }
    }
}

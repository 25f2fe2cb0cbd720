//! One direction of the serial line, byte by byte where a fault strikes and in slices everywhere else.

use std::collections::VecDeque;
use std::time::Duration;

use super::Damage;

/// What befalls the module or the whole line, not only this direction of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    HangUp,
    Restart,
    Die(Duration),
    DataMode,
}

/// A fault that has not struck yet.
#[derive(Debug)]
struct Waiting {
    at: u64,
    damage: Damage,
    /// Its place in the plan.
    index: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Flow {
    #[default]
    Open,
    Stalled {
        until: Duration,
        /// Whether the sender must stop.
        is_held: bool,
    },
    Dripping {
        interval: Duration,
        next: Duration,
    },
}

/// Bytes that come behind others that have not passed yet.
#[derive(Debug, Default)]
struct Behind {
    bytes: Vec<u8>,
    /// The number of bytes that pass before them.
    left: usize,
    /// Whether the bytes that pass come a second time, as these.
    repeats: bool,
}

/// One direction of the line.
///
/// Bytes pass in order, and each meets the faults at its position before it passes.
#[derive(Debug, Default)]
pub(super) struct Channel {
    /// The number of bytes that have been dealt with since the count began.
    position: u64,
    /// The faults that have not struck; the last one strikes first.
    faults: Vec<Waiting>,
    flow: Flow,
    /// Bytes that have not been dealt with.
    held: VecDeque<u8>,
    behind: Behind,
}

impl Channel {
    /// Replaces the faults, given with their places in the plan, and counts from here.
    pub(super) fn plan(&mut self, faults: impl Iterator<Item = (usize, u64, Damage)>) {
        self.faults = faults.map(|(index, at, damage)| Waiting { at, damage, index }).collect();
        // Stable: of two faults at one place the one that is first in the plan strikes first.
        self.faults.reverse();
        self.faults.sort_by_key(|waiting| std::cmp::Reverse(waiting.at));
        self.position = 0;
    }

    /// Counts from here.
    pub(super) const fn rewind(&mut self) {
        self.position = 0;
    }

    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Returns the places in the plan of the faults that have not struck.
    pub(super) fn waiting(&self) -> impl Iterator<Item = usize> {
        self.faults.iter().map(|waiting| waiting.index)
    }

    /// Ends stalling and dripping; what was held is lost.
    pub(super) fn heal(&mut self) {
        self.flow = Flow::Open;
        self.discard();
    }

    /// Forgets what was held.
    pub(super) fn discard(&mut self) {
        self.held.clear();
        self.behind = Behind::default();
    }

    /// Returns the number of bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Returns when the sender may go on, if it must stop at `now`.
    pub(super) fn held_until(&self, now: Duration) -> Option<Duration> {
        match self.flow {
            Flow::Stalled { until, is_held: true } => Some(until).filter(|until| *until > now),
            _ => None,
        }
    }

    /// Whether the next `count` bytes meet nothing here.
    pub(super) fn is_clear(&self, count: usize) -> bool {
        let end = self.position.saturating_add(count as u64);
        let is_plain = self.flow == Flow::Open && self.held.is_empty() && self.behind.left == 0;
        is_plain && self.faults.last().is_none_or(|waiting| waiting.at >= end)
    }

    /// Counts bytes that have passed because [`Channel::is_clear`] said so.
    pub(super) const fn skip(&mut self, count: usize) {
        self.position = self.position.saturating_add(count as u64);
    }

    /// Takes bytes that have come at `now`.
    pub(super) fn push(&mut self, now: Duration, bytes: &[u8]) {
        if let Flow::Dripping { next, .. } = &mut self.flow
            && self.held.is_empty()
        {
            *next = now.max(*next);
        }
        self.held.extend(bytes);
    }

    /// Returns when held bytes move on by themselves.
    pub(super) fn next_event(&self) -> Option<Duration> {
        let is_held = matches!(self.flow, Flow::Stalled { is_held: true, .. });
        if self.held.is_empty() && !is_held {
            return None;
        }
        match self.flow {
            Flow::Open => Some(Duration::ZERO),
            Flow::Stalled { until, .. } => Some(until).filter(|until| *until < Duration::MAX),
            Flow::Dripping { next, .. } => Some(next),
        }
    }

    fn stall(&mut self, now: Duration, limit: Option<Duration>, is_held: bool) {
        let until = limit.map_or(Duration::MAX, |limit| now.saturating_add(limit));
        self.flow = Flow::Stalled { until, is_held };
    }

    /// Passes on what may pass by `now`, each piece with its time; stops at an event.
    pub(super) fn pump(&mut self, now: Duration, pass: &mut impl FnMut(Duration, &[u8])) -> Option<(Duration, Event)> {
        if matches!(self.flow, Flow::Stalled { until, is_held: true } if until <= now) {
            self.flow = Flow::Open;
        }
        while !self.held.is_empty() {
            let (time, allowed) = self.allowed(now)?;
            if let Some(waiting) = self.faults.pop_if(|waiting| waiting.at <= self.position) {
                if let Some(event) = self.strike(time, waiting, pass) {
                    return Some((time, event));
                }
            } else {
                self.pass_run(time, allowed, pass);
            }
        }
        None
    }

    /// Returns the time at which the next byte passes, and the number of bytes that pass with it; `None` if none may
    /// pass by `now`.
    fn allowed(&mut self, now: Duration) -> Option<(Duration, usize)> {
        match self.flow {
            Flow::Open => {}
            Flow::Stalled { until, .. } if until <= now => self.flow = Flow::Open,
            Flow::Dripping { next, .. } if next <= now => return Some((next, 1)),
            Flow::Stalled { .. } | Flow::Dripping { .. } => return None,
        }
        Some((now, usize::MAX))
    }

    /// Lets a fault strike the byte that is about to pass.
    fn strike(&mut self, time: Duration, waiting: Waiting, pass: &mut impl FnMut(Duration, &[u8])) -> Option<Event> {
        match waiting.damage {
            Damage::Delete | Damage::Lose(1) => drop(self.take_byte()),
            Damage::Lose(0) => {}
            Damage::Lose(count) => {
                self.take_byte();
                let rest = Damage::Lose(count.saturating_sub(1));
                self.faults.push(Waiting { at: self.position, damage: rest, index: waiting.index });
            }
            Damage::Repeat(count) => {
                let left = usize::try_from(count).unwrap_or(usize::MAX);
                self.behind = Behind { bytes: Vec::new(), left, repeats: true };
            }
            Damage::Exchange => {
                let bytes = self.take_byte().into_iter().collect();
                self.behind = Behind { bytes, left: 1, repeats: false };
            }
            Damage::Duplicate => self.held.front().into_iter().for_each(|byte| pass(time, &[*byte])),
            Damage::Flip(bit) => self.held.front_mut().into_iter().for_each(|byte| *byte ^= 1 << (bit & 7)),
            Damage::Insert(bytes) => pass(time, &bytes),
            Damage::Stall(limit) => self.stall(time, limit, false),
            Damage::Hold(limit) => self.stall(time, limit, true),
            Damage::Drip(interval) => self.flow = Flow::Dripping { interval, next: time.saturating_add(interval) },
            Damage::HangUp => return Some(Event::HangUp),
            Damage::Restart => return Some(Event::Restart),
            Damage::Die(dead) => return Some(Event::Die(dead)),
            Damage::DataMode => return Some(Event::DataMode),
        }
        None
    }

    /// Takes the byte that is about to pass off the line.
    fn take_byte(&mut self) -> Option<u8> {
        self.skip(1);
        self.held.pop_front()
    }

    /// Passes on up to `allowed` bytes, as far as the next fault, and the bytes that come behind them.
    fn pass_run(&mut self, time: Duration, allowed: usize, pass: &mut impl FnMut(Duration, &[u8])) {
        let to_fault = self.faults.last().map_or(u64::MAX, |waiting| waiting.at.saturating_sub(self.position));
        let run = usize::try_from(to_fault).unwrap_or(usize::MAX).min(allowed);
        let run = if self.behind.left > 0 { run.min(self.behind.left) } else { run };
        let (piece, _) = self.held.as_slices();
        let piece = piece.get(..run).unwrap_or(piece);
        pass(time, piece);
        let count = piece.len();
        if self.behind.left > 0 {
            if self.behind.repeats {
                self.behind.bytes.extend_from_slice(piece);
            }
            self.behind.left = self.behind.left.saturating_sub(count);
            if self.behind.left == 0 {
                pass(time, &std::mem::take(&mut self.behind).bytes);
            }
        }
        self.held.drain(..count);
        self.skip(count);
        if let Flow::Dripping { interval, next } = &mut self.flow {
            *next = time.saturating_add(*interval);
        }
    }
}

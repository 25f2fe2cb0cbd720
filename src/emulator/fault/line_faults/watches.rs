//! The faults that wait for a line or for payload.

use crate::emulator::fault::{Fate, Fault, Number, PayloadChange};

/// A fault that waits for its line.
#[derive(Debug)]
struct LineWatch {
    prefix: String,
    /// Matching lines that come before it.
    left: u32,
    /// Whether only lines with payload behind them count.
    heads: bool,
    fate: Fate,
    /// Its place in the plan.
    index: usize,
}

impl LineWatch {
    fn matches(&self, text: &[u8], is_head: bool) -> bool {
        text.starts_with(self.prefix.as_bytes()) && (is_head || !self.heads)
    }
}

/// A fault that waits for its payload.
#[derive(Debug)]
struct PayloadWatch {
    /// Payloads that come before it.
    left: u32,
    change: PayloadChange,
    /// Its place in the plan.
    index: usize,
}

/// The faults that have not struck yet. Each strikes once.
#[derive(Debug, Default)]
pub(super) struct Watches {
    lines: Vec<LineWatch>,
    payloads: Vec<PayloadWatch>,
}

/// The faults that strike one line.
#[derive(Debug, Default)]
pub(super) struct Struck {
    /// The changes of numbers, each with the number of numbers behind it.
    pub(super) numbers: Vec<(u32, Number)>,
    /// What becomes of the line as a whole. Of several fates the last one counts.
    pub(super) fate: Option<Fate>,
}

impl Watches {
    /// Replaces the faults, given with their places in the plan.
    pub(super) fn plan<'a>(&mut self, faults: impl Iterator<Item = (usize, &'a Fault)>) {
        self.lines.clear();
        self.payloads.clear();
        for (index, fault) in faults {
            let heads = matches!(fault, Fault::Head { .. });
            match fault.clone() {
                Fault::Line { prefix, nth, fate } | Fault::Head { prefix, nth, fate } => {
                    self.lines.push(LineWatch { prefix, left: nth, heads, fate, index });
                }
                Fault::Payload { nth, change } => self.payloads.push(PayloadWatch { left: nth, change, index }),
                Fault::Byte { .. } | Fault::Slow(_) | Fault::Memory(_) | Fault::Server(_) => {}
            }
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.payloads.is_empty()
    }

    /// Returns the places in the plan of the faults.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        let lines = self.lines.iter().map(|watch| watch.index);
        lines.chain(self.payloads.iter().map(|watch| watch.index))
    }

    /// Whether a line that begins with `text` may be one that is waited for.
    pub(super) fn may_match(&self, text: &[u8]) -> bool {
        self.lines.iter().any(|watch| {
            let prefix = watch.prefix.as_bytes();
            text.starts_with(prefix) || prefix.starts_with(text)
        })
    }

    /// Counts a complete line and returns the faults that strike it. `is_head`: whether payload follows.
    pub(super) fn strike(&mut self, text: &[u8], is_head: bool) -> Struck {
        let mut struck = Struck::default();
        let strikes = |watch: &mut LineWatch| watch.matches(text, is_head) && is_due(&mut watch.left);
        for watch in self.lines.extract_if(.., strikes) {
            match watch.fate {
                Fate::Number(number) => struck.numbers.push((0, number)),
                Fate::NumberAt { back, number } => struck.numbers.push((back, number)),
                other => struck.fate = Some(other),
            }
        }
        struck
    }

    /// Counts a payload and returns what happens to it. Of several changes the last one counts.
    pub(super) fn strike_payload(&mut self) -> Option<PayloadChange> {
        let struck = self.payloads.extract_if(.., |watch| is_due(&mut watch.left)).last();
        struck.map(|watch| watch.change)
    }
}

/// Counts down; whether nothing was left to come before.
fn is_due(left: &mut u32) -> bool {
    let is_due = *left == 0;
    *left = left.saturating_sub(1);
    is_due
}

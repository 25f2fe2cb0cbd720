//! The lines a module says, distinguished from the data of transfers by the module's own marks.

use std::time::Duration;

use super::{Fate, Fault, Number, PayloadChange};
use crate::emulator::queue::{Content, Span};

/// A fault that waits for its line.
#[derive(Debug)]
struct Watch {
    prefix: String,
    /// Matching lines that come before it.
    left: u32,
    /// Only lines with payload behind them count.
    heads: bool,
    fate: Fate,
    /// Its place in the plan.
    index: usize,
}

/// A fault that waits for its payload.
#[derive(Debug)]
struct PayloadWatch {
    left: u32,
    change: PayloadChange,
    index: usize,
}

/// Where between lines and within them the output is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Before the first character of a line.
    #[default]
    Lead,
    /// Within a line.
    Text,
    /// After the carriage return of a line that began with a line end of its own: the line feed belongs to it.
    LineFeed,
    /// After a carriage return that ended a line without one, such as an echo.
    Return {
        /// The line is lost, and a line feed that follows with it.
        lost: bool,
    },
    /// Behind a line that announced payload.
    Head,
    Payload,
    /// In what follows payload and belongs to it.
    Tail,
}

/// The layer that recognises lines and plays the faults that concern them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    watches: Vec<Watch>,
    payloads: Vec<PayloadWatch>,
    phase: Phase,
    /// A line that may turn out to be one that is waited for, with the line ends before it.
    unit: Vec<u8>,
    /// Where its text begins.
    start: usize,
    /// Whether the line is being kept in `unit`.
    holding: bool,
    /// The byte looked at is the last one before payload.
    before_payload: bool,
    /// Lines that come later.
    delayed: Vec<(Duration, Vec<u8>)>,
    /// A line that comes after the next one.
    swapped: Vec<u8>,
    swap_due: bool,
    /// What happens to the payload under way.
    change: Option<PayloadChange>,
    /// The end of the payload under way, as far as it may be cut off.
    cut: Vec<u8>,
}

impl Lines {
    /// Replaces the faults, given with their places in the plan, and counts from here.
    pub(super) fn plan<'a>(&mut self, faults: impl Iterator<Item = (usize, &'a Fault)>) {
        if self.is_idle() {
            self.phase = Phase::Lead;
        }
        self.watches.clear();
        self.payloads.clear();
        for (index, fault) in faults {
            match fault.clone() {
                Fault::Line { prefix, nth, fate } => {
                    self.watches.push(Watch { prefix, left: nth, heads: false, fate, index })
                }
                Fault::Head { prefix, nth, fate } => {
                    self.watches.push(Watch { prefix, left: nth, heads: true, fate, index })
                }
                Fault::Payload { nth, change } => self.payloads.push(PayloadWatch { left: nth, change, index }),
                Fault::Byte { .. } | Fault::Slow(_) | Fault::Memory(_) | Fault::Server(_) => {}
            }
        }
    }

    /// The places in the plan of the faults that have not struck.
    pub(super) fn waiting(&self) -> impl Iterator<Item = usize> {
        let lines = self.watches.iter().map(|watch| watch.index);
        lines.chain(self.payloads.iter().map(|watch| watch.index))
    }

    /// Whether all output passes unseen.
    pub(super) const fn is_idle(&self) -> bool {
        self.watches.is_empty()
            && self.payloads.is_empty()
            && self.unit.is_empty()
            && self.delayed.is_empty()
            && self.swapped.is_empty()
            && self.change.is_none()
    }

    /// The line is new: what is kept is lost, the faults that have not struck stay.
    pub(super) fn heal(&mut self) {
        self.phase = Phase::Lead;
        self.unit.clear();
        self.delayed.clear();
        self.swapped.clear();
        self.change = None;
        self.cut.clear();
    }

    /// When a delayed line becomes due.
    pub(super) fn next_event(&self) -> Option<Duration> {
        let due = self.delayed.iter().map(|(due, _)| *due).min();
        due.filter(|_| self.is_between())
    }

    /// Passes on `bytes`; `spans` says what they are.
    pub(super) fn pass(&mut self, now: Duration, bytes: &[u8], spans: &[Span], out: &mut Vec<u8>) {
        self.between(now, out);
        let mut rest = bytes;
        for span in spans {
            let (piece, behind) = rest.split_at(span.length.min(rest.len()));
            rest = behind;
            match span.content {
                Content::Payload => {
                    self.payload(piece, out);
                    if span.closes {
                        self.end_payload(out);
                    }
                }
                Content::Tail => {
                    out.extend_from_slice(piece);
                    self.phase = if span.closes { Phase::Lead } else { Phase::Tail };
                }
                Content::Lines => self.lines(now, piece, span.closes, out),
            }
        }
        self.between(now, out);
    }

    fn lines(&mut self, now: Duration, bytes: &[u8], before_payload: bool, out: &mut Vec<u8>) {
        self.end_payload(out);
        self.between(now, out);
        let mut bytes = bytes.iter().peekable();
        while let Some(byte) = bytes.next() {
            self.before_payload = before_payload && bytes.peek().is_none();
            self.text(now, *byte, out);
        }
        if before_payload {
            self.begin_payload(now, out);
            self.before_payload = false;
        }
    }

    fn is_between(&self) -> bool {
        self.phase == Phase::Lead && self.unit.is_empty()
    }

    /// Between two lines there is room for the ones kept back.
    fn between(&mut self, now: Duration, out: &mut Vec<u8>) {
        if !self.is_between() {
            return;
        }
        if std::mem::take(&mut self.swap_due) {
            out.append(&mut self.swapped);
        }
        self.delayed.retain(|(due, line)| {
            let is_due = *due <= now;
            if is_due {
                out.extend_from_slice(line);
            }
            !is_due
        });
    }

    fn text(&mut self, now: Duration, byte: u8, out: &mut Vec<u8>) {
        let is_line_end = matches!(byte, b'\r' | b'\n');
        match self.phase {
            Phase::Lead if is_line_end => self.unit.push(byte),
            // The blank behind a prompt.
            Phase::Lead if byte == b' ' && self.unit.is_empty() => out.push(byte),
            Phase::Lead => {
                self.start = self.unit.len();
                self.holding = true;
                self.phase = Phase::Text;
                self.extend(byte, out);
                if byte == b'>' {
                    self.end_line(now, Phase::Lead, out);
                }
            }
            Phase::Text if !is_line_end => self.extend(byte, out),
            Phase::Text => {
                self.extend(byte, out);
                match byte {
                    b'\r' if self.start > 0 => self.phase = Phase::LineFeed,
                    b'\r' => self.end_line(now, Phase::Return { lost: false }, out),
                    _ => self.end_line(now, Phase::Lead, out),
                }
            }
            Phase::LineFeed if byte == b'\n' => {
                self.extend(byte, out);
                self.end_line(now, Phase::Lead, out);
            }
            Phase::LineFeed => {
                self.end_line(now, Phase::Lead, out);
                self.text(now, byte, out);
            }
            Phase::Return { lost } if byte == b'\n' => {
                if !lost {
                    out.push(byte);
                }
                self.phase = Phase::Lead;
                self.between(now, out);
            }
            Phase::Return { .. } | Phase::Tail | Phase::Head | Phase::Payload => {
                self.phase = Phase::Lead;
                self.between(now, out);
                self.text(now, byte, out);
            }
        }
    }

    /// The next byte of the line, kept as long as the line may be one that is waited for.
    fn extend(&mut self, byte: u8, out: &mut Vec<u8>) {
        if !self.holding {
            out.push(byte);
            return;
        }
        self.unit.push(byte);
        let text = self.unit.get(self.start..).unwrap_or_default();
        let may_match = |watch: &Watch| {
            let prefix = watch.prefix.as_bytes();
            text.starts_with(prefix) || prefix.starts_with(text)
        };
        if !self.watches.iter().any(may_match) {
            out.append(&mut self.unit);
            self.holding = false;
        }
    }

    /// The line is complete; its faults strike.
    fn end_line(&mut self, now: Duration, next: Phase, out: &mut Vec<u8>) {
        let is_head = self.before_payload;
        self.phase = if is_head { Phase::Head } else { next };
        self.swap_due = !self.swapped.is_empty();
        if std::mem::take(&mut self.holding) {
            let mut unit = std::mem::take(&mut self.unit);
            let mut fate = None;
            let text = unit.get(self.start..).unwrap_or_default();
            let matching = |watch: &Watch| text.starts_with(watch.prefix.as_bytes()) && (is_head || !watch.heads);
            let mut numbers = Vec::new();
            for watch in self.watches.extract_if(.., |watch| {
                matching(watch) && {
                    let strikes = watch.left == 0;
                    watch.left = watch.left.saturating_sub(1);
                    strikes
                }
            }) {
                match watch.fate {
                    Fate::Number(number) => numbers.push((0, number)),
                    Fate::NumberAt { back, number } => numbers.push((back, number)),
                    other => fate = Some(other),
                }
            }
            for (back, number) in &numbers {
                unit = renumbered(&unit, self.start, *back, number);
            }
            match fate {
                Some(Fate::Lose) => {
                    if let Phase::Return { lost } = &mut self.phase {
                        *lost = true;
                    }
                }
                Some(Fate::Delay(time)) => self.delayed.push((now.saturating_add(time), unit)),
                Some(Fate::Swap) => self.swapped.append(&mut unit),
                Some(Fate::Repeat(times)) => {
                    for _ in 0..=times {
                        out.extend_from_slice(&unit);
                    }
                }
                Some(Fate::Number(_) | Fate::NumberAt { .. }) | None => out.append(&mut unit),
            }
        }
        self.between(now, out);
    }

    /// The next bytes are payload, or would be if there were any.
    fn begin_payload(&mut self, now: Duration, out: &mut Vec<u8>) {
        if matches!(self.phase, Phase::Text | Phase::LineFeed) {
            self.end_line(now, Phase::Head, out);
        }
        out.append(&mut self.unit);
        self.phase = Phase::Head;
    }

    fn payload(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.phase != Phase::Payload {
            self.phase = Phase::Payload;
            out.append(&mut self.unit);
            self.holding = false;
            let starts = |watch: &mut PayloadWatch| {
                let strikes = watch.left == 0;
                watch.left = watch.left.saturating_sub(1);
                strikes
            };
            let struck = self.payloads.extract_if(.., starts).last();
            self.change = struck.map(|watch| watch.change);
        }
        if let Some(PayloadChange::Shorten(by)) = self.change {
            self.cut.extend_from_slice(bytes);
            let by = usize::try_from(by).unwrap_or(usize::MAX);
            let sure = self.cut.len().saturating_sub(by);
            out.extend(self.cut.drain(..sure));
        } else {
            out.extend_from_slice(bytes);
        }
    }

    fn end_payload(&mut self, out: &mut Vec<u8>) {
        if self.phase != Phase::Payload {
            return;
        }
        self.phase = Phase::Lead;
        self.cut.clear();
        if let Some(PayloadChange::Extend(bytes)) = self.change.take() {
            out.extend_from_slice(&bytes);
        }
    }
}

/// The line with the number changed that is `back` before its last one, looked for from `start` on.
fn renumbered(line: &[u8], start: usize, back: u32, number: &Number) -> Vec<u8> {
    let text = line.get(start..).unwrap_or_default();
    // Where the line was last cut, and how many digits end there.
    let (mut end, mut count) = (text.len(), 0);
    for _ in 0..=back {
        let left = text.get(..end.saturating_sub(count)).unwrap_or_default();
        let Some(last) = left.iter().rposition(u8::is_ascii_digit) else {
            return line.to_owned();
        };
        end = last.saturating_add(1);
        count = text.get(..end).unwrap_or_default().iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    }
    let digits = text.get(..end).unwrap_or_default();
    let (before, old) = digits.split_at(end.saturating_sub(count));
    let old = std::str::from_utf8(old).unwrap_or_default();
    let old: u64 = old.parse().unwrap_or(u64::MAX);
    let new = match number {
        Number::More(more) => old.saturating_add(*more).to_string(),
        Number::Fewer(fewer) => old.saturating_sub(*fewer).to_string(),
        Number::Text(text) => text.clone(),
    };
    let mut changed = line.get(..start).unwrap_or_default().to_vec();
    changed.extend_from_slice(before);
    changed.extend_from_slice(new.as_bytes());
    changed.extend_from_slice(text.get(end..).unwrap_or_default());
    changed
}

//! The lines a module says, distinguished from the data of transfers by the module's own marks.

mod later;
mod number;
mod payload;
mod watches;

use std::time::Duration;

use self::later::Later;
use self::number::renumbered;
use self::payload::ChangedPayload;
use self::watches::Watches;
use super::{Fate, Fault};
use crate::emulator::queue::{Content, Span};

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
        /// Whether the line is lost, and a line feed that follows with it.
        lost: bool,
    },
    /// Behind a line that announced payload.
    Head,
    Payload,
    /// In what follows payload and belongs to it.
    Tail,
}

/// The layer that recognises lines and plays the faults that concern them.
///
/// A line is kept only as long as it may be one that a fault waits for. Everything else passes at once.
#[derive(Debug, Default)]
pub(super) struct LineFaults {
    watches: Watches,
    later: Later,
    payload: ChangedPayload,
    phase: Phase,
    /// A line that may turn out to be one that is waited for, with the line ends before it.
    unit: Vec<u8>,
    /// Where its text begins.
    start: usize,
    /// Whether the line is being kept in `unit`.
    holding: bool,
    /// Whether the byte looked at is the last one before payload.
    before_payload: bool,
}

impl LineFaults {
    /// Replaces the faults, given with their places in the plan, and counts from here.
    pub(super) fn plan<'a>(&mut self, faults: impl Iterator<Item = (usize, &'a Fault)>) {
        if self.is_idle() {
            self.phase = Phase::Lead;
        }
        self.watches.plan(faults);
    }

    /// Returns the places in the plan of the faults that have not struck.
    pub(super) fn waiting(&self) -> impl Iterator<Item = usize> {
        self.watches.places()
    }

    /// Whether all output passes unseen.
    pub(super) const fn is_idle(&self) -> bool {
        self.watches.is_empty() && self.unit.is_empty() && self.later.is_empty() && self.payload.is_unchanged()
    }

    /// Makes the line new: what is kept is lost, the faults that have not struck stay.
    pub(super) fn heal(&mut self) {
        self.phase = Phase::Lead;
        self.unit.clear();
        self.later = Later::default();
        self.payload = ChangedPayload::default();
    }

    /// Returns when a delayed line becomes due.
    pub(super) fn next_event(&self) -> Option<Duration> {
        self.later.due().filter(|_| self.is_between())
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

    /// Between two lines, lets the ones out that were kept back and are due.
    fn between(&mut self, now: Duration, out: &mut Vec<u8>) {
        if self.is_between() {
            self.later.release(now, out);
        }
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
        if !self.watches.may_match(self.unit.get(self.start..).unwrap_or_default()) {
            out.append(&mut self.unit);
            self.holding = false;
        }
    }

    /// The line is complete; its faults strike.
    fn end_line(&mut self, now: Duration, next: Phase, out: &mut Vec<u8>) {
        let is_head = self.before_payload;
        self.phase = if is_head { Phase::Head } else { next };
        self.later.line_came();
        if std::mem::take(&mut self.holding) {
            let unit = std::mem::take(&mut self.unit);
            self.strike(now, unit, is_head, out);
        }
        self.between(now, out);
    }

    /// Lets a line out as its faults want it.
    fn strike(&mut self, now: Duration, mut unit: Vec<u8>, is_head: bool, out: &mut Vec<u8>) {
        let struck = self.watches.strike(unit.get(self.start..).unwrap_or_default(), is_head);
        for (back, number) in &struck.numbers {
            unit = renumbered(&unit, self.start, *back, number);
        }
        match struck.fate {
            Some(Fate::Lose) => {
                if let Phase::Return { lost } = &mut self.phase {
                    *lost = true;
                }
            }
            Some(Fate::Delay(time)) => self.later.delay(now.saturating_add(time), unit),
            Some(Fate::Swap) => self.later.swap(&mut unit),
            Some(Fate::Repeat(times)) => (0..=times).for_each(|_| out.extend_from_slice(&unit)),
            Some(Fate::Number(_) | Fate::NumberAt { .. }) | None => out.append(&mut unit),
        }
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
            self.payload.begin(self.watches.strike_payload());
        }
        self.payload.pass(bytes, out);
    }

    fn end_payload(&mut self, out: &mut Vec<u8>) {
        if self.phase == Phase::Payload {
            self.phase = Phase::Lead;
            self.payload.end(out);
        }
    }
}

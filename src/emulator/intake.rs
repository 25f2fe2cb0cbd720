//! Data mode: the rules by which bytes from the host are payload, and when they cease to be.

use std::time::Duration;

/// Data link escape of the coded streams: the next byte is payload whatever it is.
const DLE: u8 = 0x10;
/// End of a coded stream.
const ETX: u8 = 0x03;
const CTRL_Z: u8 = 0x1A;
const ESC: u8 = 0x1B;

/// Why data mode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntakeEnd {
    /// The announced number of bytes has come.
    Complete,
    /// `+++` between its guard times.
    Escape,
    /// The terminator: Ctrl-Z, or the bare 0x03 of a coded stream.
    Terminator,
    /// ESC where Ctrl-Z would have ended the data.
    Cancel,
    /// Nothing came for the idle limit.
    Idle,
    /// The host dropped DTR.
    DataTerminalReady,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Plain,
    CtrlZ,
    Escaped,
}

/// A data mode: the rules by which it ends, and the bytes whose meaning is not decided yet.
///
/// Undecided are at most three `+`, which may be an escape sequence or payload.
#[derive(Debug)]
pub(crate) struct Intake {
    /// The number of bytes to come, if it was announced.
    left: Option<u64>,
    /// The silence before and after `+++`, if it ends the data mode.
    guard: Option<Duration>,
    /// The silence that ends the data mode, if any does.
    idle: Option<Duration>,
    coding: Coding,
    /// When the last byte came.
    last: Duration,
    /// The number of `+` that are held back.
    pluses: u8,
    /// Whether the last byte was the one that makes the next byte payload.
    escaped: bool,
}

/// What one look at the input found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Taken<'a> {
    /// This many `+`, held back before, are payload after all and come first.
    pub(crate) pluses: u8,
    /// Payload.
    pub(crate) payload: &'a [u8],
    /// The number of bytes of the input that are dealt with.
    pub(crate) consumed: usize,
    pub(crate) end: Option<IntakeEnd>,
}

impl Taken<'_> {
    const fn nothing(consumed: usize) -> Self {
        Taken { pluses: 0, payload: b"", consumed, end: None }
    }
}

impl Intake {
    const fn new(coding: Coding) -> Self {
        Self { left: None, guard: None, idle: None, coding, last: Duration::ZERO, pluses: 0, escaped: false }
    }

    /// Takes exactly `count` raw bytes.
    pub(crate) const fn counted(count: u64) -> Self {
        let mut intake = Self::new(Coding::Plain);
        intake.left = Some(count);
        intake
    }

    /// Takes raw bytes without an end of their own; see [`Intake::or_escape`] and [`Intake::or_idle`].
    pub(crate) const fn open() -> Self {
        Self::new(Coding::Plain)
    }

    /// Takes raw bytes up to Ctrl-Z. ESC cancels.
    pub(crate) const fn until_ctrl_z() -> Self {
        Self::new(Coding::CtrlZ)
    }

    /// Takes bytes with 0x10 before each 0x03 and 0x10, up to a bare 0x03.
    pub(crate) const fn escaped() -> Self {
        Self::new(Coding::Escaped)
    }

    /// Adds an end: `+++` with `guard` of silence before and after.
    pub(crate) const fn or_escape(mut self, guard: Duration) -> Self {
        self.guard = Some(guard);
        self
    }

    /// Adds an end: silence of this length.
    pub(crate) const fn or_idle(mut self, limit: Duration) -> Self {
        self.idle = Some(limit);
        self
    }

    pub(crate) const fn begin(&mut self, now: Duration) {
        self.last = now;
    }

    /// Looks at `bytes` arriving at `now`. Call it again with what was not consumed.
    pub(crate) fn take<'a>(&mut self, now: Duration, bytes: &'a [u8]) -> Taken<'a> {
        if self.left == Some(0) {
            return Taken { end: Some(IntakeEnd::Complete), ..Taken::nothing(0) };
        }
        if let Some(guard) = self.guard {
            let silence = now.saturating_sub(self.last);
            let only_pluses = bytes.iter().all(|byte| *byte == b'+');
            let together = bytes.len().saturating_add(usize::from(self.pluses));
            let in_time = if self.pluses == 0 { silence >= guard } else { silence < guard };
            let decided_by_count = self.left.is_some_and(|left| left <= 3);
            if only_pluses && in_time && together <= 3 && !decided_by_count {
                self.pluses = u8::try_from(together).unwrap_or(3);
                self.last = now;
                return Taken::nothing(bytes.len());
            }
            if self.pluses > 0 {
                return Taken { pluses: self.release_pluses(), ..Taken::nothing(0) };
            }
        }
        self.last = now;
        match self.coding {
            Coding::Plain => self.plain(bytes),
            Coding::CtrlZ => until_ctrl_z(bytes),
            Coding::Escaped => self.unescape(bytes),
        }
    }

    /// Returns the number of `+` held back, which are payload after all.
    fn release_pluses(&mut self) -> u8 {
        let pluses = std::mem::take(&mut self.pluses);
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(u64::from(pluses));
        }
        pluses
    }

    fn plain<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a> {
        let Some(left) = &mut self.left else {
            return Taken { payload: bytes, ..Taken::nothing(bytes.len()) };
        };
        let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
        *left = left.saturating_sub(count as u64);
        let end = (*left == 0).then_some(IntakeEnd::Complete);
        let payload = bytes.get(..count).unwrap_or_default();
        Taken { pluses: 0, payload, consumed: count, end }
    }

    fn unescape<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a> {
        let literal = usize::from(std::mem::take(&mut self.escaped));
        let run = literal + bytes.iter().skip(literal).take_while(|byte| !matches!(**byte, DLE | ETX)).count();
        let payload = bytes.get(..run).unwrap_or_default();
        let special = bytes.get(run).copied();
        self.escaped = special == Some(DLE);
        Taken {
            pluses: 0,
            payload,
            consumed: run + usize::from(special.is_some()),
            end: (special == Some(ETX)).then_some(IntakeEnd::Terminator),
        }
    }

    /// Returns when something is decided without further input.
    pub(crate) fn due(&self) -> Option<Duration> {
        let guard = self.guard.filter(|_| self.pluses > 0);
        let wait = guard.into_iter().chain(self.idle).min()?;
        Some(self.last.saturating_add(wait))
    }

    /// Returns what silence up to `now` has decided.
    pub(crate) fn silence(&mut self, now: Duration) -> Taken<'static> {
        if self.due().is_none_or(|due| now < due) {
            return Taken::nothing(0);
        }
        match self.pluses {
            3 => Taken { end: Some(IntakeEnd::Escape), ..Taken::nothing(0) },
            0 => Taken { end: Some(IntakeEnd::Idle), ..Taken::nothing(0) },
            _ => Taken { pluses: self.release_pluses(), ..Taken::nothing(0) },
        }
    }
}

fn until_ctrl_z(bytes: &[u8]) -> Taken<'_> {
    let run = bytes.iter().take_while(|byte| !matches!(**byte, CTRL_Z | ESC)).count();
    let end = match bytes.get(run) {
        Some(&CTRL_Z) => Some(IntakeEnd::Terminator),
        Some(_) => Some(IntakeEnd::Cancel),
        None => None,
    };
    Taken { pluses: 0, payload: bytes.get(..run).unwrap_or_default(), consumed: run + usize::from(end.is_some()), end }
}

#[cfg(test)]
mod tests {
    use super::{Intake, IntakeEnd};
    use std::time::Duration;

    /// A piece and the millisecond it arrives at.
    type Piece = (u64, &'static [u8]);

    const GUARD: Duration = Duration::from_secs(1);

    /// Payload, the end and what was left over, after the pieces arrived at their milliseconds.
    fn play(mut intake: Intake, pieces: &[(u64, &[u8])], until: u64) -> (Vec<u8>, Option<IntakeEnd>, Vec<u8>) {
        let mut payload = Vec::new();
        let silences = |intake: &mut Intake, now: Duration, payload: &mut Vec<u8>| {
            while intake.due().is_some_and(|due| due <= now) {
                let taken = intake.silence(now);
                payload.extend(std::iter::repeat_n(b'+', taken.pluses.into()));
                if taken.end.is_some() {
                    return taken.end;
                }
            }
            None
        };
        for (at, bytes) in pieces {
            let now = Duration::from_millis(*at);
            if let Some(end) = silences(&mut intake, now, &mut payload) {
                return (payload, Some(end), bytes.to_vec());
            }
            let mut rest = *bytes;
            while !rest.is_empty() {
                let taken = intake.take(now, rest);
                payload.extend(std::iter::repeat_n(b'+', taken.pluses.into()));
                payload.extend_from_slice(taken.payload);
                rest = &rest[taken.consumed..];
                if taken.end.is_some() {
                    return (payload, taken.end, rest.to_vec());
                }
            }
        }
        let end = silences(&mut intake, Duration::from_millis(until), &mut payload);
        (payload, end, Vec::new())
    }

    #[test]
    fn counted_data_ends_by_count_alone() {
        let (payload, end, rest) = play(Intake::counted(5), &[(0, b"abc"), (1, b"\x1a\x03AT\r")], 9);
        assert_eq!(
            (payload.as_slice(), end, rest.as_slice()),
            (&b"abc\x1a\x03"[..], Some(IntakeEnd::Complete), &b"AT\r"[..])
        );
    }

    #[test]
    fn escape_needs_its_guard_times() {
        let open = || Intake::open().or_escape(GUARD);
        let cases: [(&[Piece], &[u8], Option<IntakeEnd>); 6] = [
            (&[(0, b"ab"), (1000, b"+++")], b"ab", Some(IntakeEnd::Escape)),
            (&[(0, b"ab"), (1000, b"+"), (1500, b"++")], b"ab", Some(IntakeEnd::Escape)),
            (&[(0, b"ab"), (500, b"+++")], b"ab+++", None),
            (&[(0, b"ab"), (1500, b"+++"), (2000, b"c")], b"ab+++c", None),
            (&[(0, b"ab+++")], b"ab+++", None),
            (&[(0, b"ab"), (1500, b"++")], b"ab++", None),
        ];
        for (pieces, payload, end) in cases {
            let played = play(open(), pieces, 10_000);
            assert_eq!((played.0.as_slice(), played.1), (payload, end), "{pieces:?}");
        }
        let (payload, end, _) = play(Intake::counted(3).or_escape(GUARD), &[(2000, b"+++")], 9000);
        assert_eq!((payload.as_slice(), end), (&b"+++"[..], Some(IntakeEnd::Complete)));
    }

    #[test]
    fn coded_data_decodes_across_pieces() {
        let (payload, end, rest) = play(Intake::escaped(), &[(0, b"A\x10"), (1, b"\x03B\x10\x10"), (2, b"\x03AT")], 9);
        assert_eq!(
            (payload.as_slice(), end, rest.as_slice()),
            (&b"A\x03B\x10"[..], Some(IntakeEnd::Terminator), &b"AT"[..])
        );
    }

    #[test]
    fn ctrl_z_ends_and_escape_cancels() {
        let ended = play(Intake::until_ctrl_z(), &[(0, b"ab\x1ac")], 9);
        assert_eq!(ended, (b"ab".to_vec(), Some(IntakeEnd::Terminator), b"c".to_vec()));
        assert_eq!(play(Intake::until_ctrl_z(), &[(0, b"ab\x1b")], 9).1, Some(IntakeEnd::Cancel));
    }

    #[test]
    fn silence_ends_it_when_limited() {
        let intake = Intake::counted(9).or_idle(Duration::from_secs(5));
        assert_eq!(play(intake, &[(0, b"abc")], 5000), (b"abc".to_vec(), Some(IntakeEnd::Idle), Vec::new()));
    }
}

//! The number of line ends between data and the next line, which shows whether bytes were added or lost on the way.
//!
//! The number of data bytes is announced. Behind the data comes the line end that precedes the final result code. A
//! module may send another line end before that one: no document excludes it (V.250 §5.7.1 has one behind every line of
//! an answer). Data within a line may be followed by none.
//!
//! Where the data themselves end in line ends, two added bytes push a line end out of the data, and a line end behind
//! the data takes the place of two lost bytes. Only this number shows either. So the number is learnt, and then
//! required.

/// The number of line ends behind the data of this module, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataEnd {
    /// Nothing was seen yet.
    #[default]
    Unknown,
    /// This number was seen behind data that may have changed on the way. The next one must agree. It is negative where
    /// bytes are missing that precede every line.
    Seen(isize),
    /// This number follows the data.
    Known(isize),
    /// Two numbers differ: the bytes around one of them changed on the way.
    Differs,
}

impl DataEnd {
    /// Learns that `count` line ends have followed data. `ends_line` tells whether the last byte of the data is a line
    /// feed. Returns whether the data can be right.
    ///
    /// Behind data that end in another byte, one line end or none is proof: nothing was pushed out of the data, and
    /// nothing behind the data has replaced a lost byte. Otherwise two equal numbers are proof: no disturbance of the
    /// line is expected to change both in the same way. A number that contradicts a proof weighs as much as the proof:
    /// one of the two was disturbed.
    pub(super) fn take_in(&mut self, count: isize, ends_line: bool) -> bool {
        *self = match *self {
            DataEnd::Differs => DataEnd::Differs,
            DataEnd::Seen(seen) if seen != count => DataEnd::Differs,
            DataEnd::Known(known) if known != count => DataEnd::Seen(count),
            DataEnd::Unknown if !(0..=1).contains(&count) || ends_line => DataEnd::Seen(count),
            _ => DataEnd::Known(count),
        };
        *self != DataEnd::Differs
    }

    /// Whether data have come that nothing has proven so far.
    pub fn is_in_doubt(self) -> bool {
        matches!(self, DataEnd::Seen(_) | DataEnd::Differs)
    }

    /// Forgets what is not known for sure.
    pub fn forget_doubts(&mut self) {
        if self.is_in_doubt() {
            *self = DataEnd::Unknown;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_line_ends_is_learnt_and_then_required() {
        use DataEnd::{Differs, Known, Seen};
        // What was seen (line ends, whether the data end in a line feed), and what is known then.
        type Case = (&'static [(isize, bool)], DataEnd);
        let cases: &[Case] = &[
            (&[(1, false)], Known(1)),
            (&[(0, false)], Known(0)),
            (&[(0, true)], Seen(0)),
            (&[(1, true)], Seen(1)),
            (&[(2, false)], Seen(2)),
            (&[(2, true)], Seen(2)),
            (&[(1, true), (1, true)], Known(1)),
            (&[(1, true), (1, false)], Known(1)),
            (&[(2, false), (2, true)], Known(2)),
            (&[(2, false), (1, false)], Differs),
            (&[(1, true), (2, true)], Differs),
            (&[(1, false), (2, false)], Seen(2)),
            (&[(1, false), (2, true), (1, true)], Differs),
            (&[(1, false), (2, true), (2, true)], Known(2)),
            (&[(-1, false)], Seen(-1)),
        ];
        for (seen, expected) in cases {
            let mut end = DataEnd::default();
            let mut is_right = true;
            for (count, ends_line) in *seen {
                is_right = end.take_in(*count, *ends_line);
            }
            assert_eq!((end, is_right), (*expected, *expected != Differs), "{seen:?}");
        }
    }

    #[test]
    fn only_what_is_not_known_is_forgotten() {
        for (end, left) in [
            (DataEnd::Seen(2), DataEnd::Unknown),
            (DataEnd::Differs, DataEnd::Unknown),
            (DataEnd::Known(2), DataEnd::Known(2)),
        ] {
            let mut end = end;
            end.forget_doubts();
            assert_eq!(end, left);
        }
    }
}

//! The number of line ends between data and the next line, which shows whether bytes were added or lost on the way.
//!
//! Data are counted, and the line end of the final result code follows them. Some modules may send a line end of the
//! data's own before it: no document says (V.250 §5.7.1 has one behind every line of an answer). Data within a line may
//! have none at all. Where data end in
//! line ends themselves, two bytes that were added push a line end out of the data, and two that were lost are
//! replaced by one. Both show in nothing but this number. So it is learnt, and then required.

/// The number of line ends behind the data of this module, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataEnd {
    /// Nothing was seen yet.
    #[default]
    Unknown,
    /// So many were seen behind data that may have changed on the way. What follows must agree. The number is negative
    /// where bytes are missing that precede every line.
    Seen(isize),
    /// So many follow the data.
    Known(isize),
    /// What was seen does not agree: one of the two was changed on the way.
    Differs,
}

impl DataEnd {
    /// Takes in that `count` line ends have followed data. `ends_line` tells whether the last byte of the data is a
    /// line feed. Returns whether the data can be right.
    ///
    /// At most one line end behind data that end in another byte is proof: nothing was pushed out of the data, and
    /// nothing behind them has taken the place of a lost byte. Otherwise two that agree are: a disturbance of the line
    /// that strikes both in the same way is not expected. What contradicts the proof is as good as it: one of the two
    /// was disturbed.
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

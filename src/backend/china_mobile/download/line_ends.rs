//! The line ends around the data of a download, which show whether bytes of the data were lost.

/// Number of bytes of a line end.
const LINE_END_BYTES: usize = 2;

/// How the data of a piece end.
pub(super) struct Tail {
    /// Whether their last bytes are a line end.
    pub is_line_end: bool,
    /// Whether a line end follows them.
    pub has_line_end: bool,
    /// Whether they end in what the module sends when it restarts or loses something: it may have.
    pub reads_as_loss: bool,
}

/// What is known of the line ends around the data of one request.
pub(super) struct LineEnds<'a> {
    /// Number of line-end bytes before the first piece, as before every line of this firmware.
    lead: Option<usize>,
    /// Whether data that end in a line end had none behind them: it may be their own, in the place of two bytes that
    /// were lost.
    is_in_doubt: bool,
    /// Whether this firmware was seen to end the data with a line end.
    are_sent: &'a mut bool,
}

impl<'a> LineEnds<'a> {
    /// Nothing but what is known of the firmware.
    pub fn of(are_sent: &'a mut bool) -> Self {
        LineEnds { lead: None, is_in_doubt: false, are_sent }
    }

    /// The head of a piece has come, with `blank` line-end bytes before it.
    pub fn begin(&mut self, blank: usize) {
        self.lead.get_or_insert(blank);
    }

    /// Whether data that came may lack two bytes.
    pub fn are_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// Judges the line end behind a piece, now that it is known what follows: the head of a piece with `blank` line-end
    /// bytes before it, or nothing. Returns whether the data can be as the tail says: data that end in a line end with
    /// none behind it are believed only of a firmware that sends none.
    pub fn agree_with(&mut self, tail: &Tail, blank: Option<usize>) -> bool {
        let own = if tail.has_line_end { LINE_END_BYTES } else { 0 };
        let is_ended = match blank {
            Some(blank) => own + blank >= self.lead.unwrap_or(0) + LINE_END_BYTES,
            None => tail.has_line_end,
        };
        if tail.is_line_end {
            self.is_in_doubt |= !is_ended;
        } else {
            *self.are_sent |= is_ended;
        }
        !(self.is_in_doubt && *self.are_sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_end_in_a_line_end_with_none_behind_it_are_believed_only_of_a_firmware_that_sends_none() {
        // Data that end in a line end, a line end behind them, the bytes before the next head; whether they can be so.
        type Piece = (bool, bool, Option<usize>, bool);
        let cases: &[(&str, &[Piece])] = &[
            ("a line end behind and one before each line", &[(false, true, Some(2), true), (true, true, None, true)]),
            ("no line end behind", &[(false, false, Some(2), true), (true, false, None, true)]),
            ("the line end of the data is their own", &[(true, true, Some(2), true), (false, true, None, true)]),
            ("lost at the end", &[(false, true, Some(2), true), (true, false, None, false)]),
            ("lost in the middle", &[(false, true, Some(2), true), (true, true, Some(0), false)]),
            ("lost before it is known", &[(true, false, Some(2), true), (false, true, None, false)]),
            ("counted as the next head's", &[(true, false, Some(4), true), (false, true, None, true)]),
        ];
        for (case, pieces) in cases {
            let mut are_sent = false;
            let mut line_ends = LineEnds::of(&mut are_sent);
            line_ends.begin(2);
            for (index, (is_line_end, has_line_end, blank, expected)) in pieces.iter().copied().enumerate() {
                let tail = Tail { is_line_end, has_line_end, reads_as_loss: false };
                assert_eq!(line_ends.agree_with(&tail, blank), expected, "{case}, piece {index}");
            }
        }
    }
}

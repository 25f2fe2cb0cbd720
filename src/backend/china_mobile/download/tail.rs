//! The line ends behind a piece of a download, which show whether bytes of its data were lost or added.

use std::time::Duration;

use crate::at::{Sink, Tokens, Wire};
use crate::error::Result;

/// Number of bytes of a line end.
const LINE_END: usize = 2;

/// How long the line end behind a piece may take; a sibling service of the same firmware leaves it out (78/esp-ml307).
const LINE_END_LIMIT: Duration = Duration::from_secs(1);

/// How the data of a piece end.
pub(super) struct Tail {
    /// Whether their last byte is a line feed.
    ends_line: bool,
    /// Whether a line end follows them.
    has_line_end: bool,
    /// Whether they end in what the module sends when it restarts or loses something: it may have.
    pub reads_as_loss: bool,
    /// Number of line-end bytes behind that, where nothing or another line than a piece was seen to follow, without the
    /// line end that precedes every such line. Negative where that is missing.
    behind: Option<isize>,
    /// Whether such a line has come.
    is_followed: bool,
}

impl Tail {
    /// A line that is no piece has come.
    pub fn see_line(&mut self, tokens: &Tokens) {
        if !self.is_followed {
            self.behind = Some(excess(LINE_END, tokens.blank_before()));
            self.is_followed = true;
        }
    }

    /// Nothing but line ends has come for a while.
    pub fn see_nothing(&mut self, tokens: &Tokens) {
        if !self.is_followed {
            self.behind = Some(excess(0, tokens.blank()));
        }
    }

    /// Judges the line ends behind the piece, now that it is known what follows: a piece, with `behind` line-end bytes
    /// more before it than before the first one, or something else.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol) where this piece or one before it was changed on the way.
    pub fn judge(&self, wire: &mut Wire, behind: Option<isize>) -> Result<()> {
        let own = if self.has_line_end { excess(0, LINE_END) } else { 0 };
        match behind.or(self.behind) {
            Some(behind) => {
                let count = (own + behind).div_euclid(excess(0, LINE_END));
                // Of a firmware that leaves line ends out, one may have been pushed out of the data.
                let is_pushed_out = count > 0 && wire.tokens().may_lack_line_ends();
                wire.payload().take_in_data_end(count, self.ends_line || is_pushed_out)
            }
            // The line end may be the data's own, in the place of two bytes that were lost.
            None if self.ends_line && own == 0 => wire.payload().take_in_data_end(0, true),
            None => Ok(()),
        }
    }
}

/// Number of line-end bytes in excess of the `expected` ones.
pub(super) fn excess(expected: usize, seen: usize) -> isize {
    isize::try_from(seen).unwrap_or(isize::MAX).saturating_sub_unsigned(expected)
}

/// Takes in `count` bytes of data, and the line end behind them.
pub(super) fn receive(wire: &mut Wire, count: u64, limit: Duration, sink: &mut Sink<'_>) -> Result<Tail> {
    wire.payload().block(count, limit).copy_to(sink)?;
    let has_line_end = wire.payload().optional_line_end(LINE_END_LIMIT)?;
    let ends_line = sink.held().ends_with(b"\n");
    let reads_as_loss = wire.inbox().would_report_loss(sink);
    if ends_line || reads_as_loss || wire.payload().data_end().is_in_doubt() {
        sink.release_in_doubt();
    } else {
        sink.release();
    }
    Ok(Tail { ends_line, has_line_end, reads_as_loss, behind: None, is_followed: false })
}

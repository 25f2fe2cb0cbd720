//! What comes before, between and behind the pieces of a request: it shows whether bytes were added or lost on the way.

use super::tail::{Tail, excess};
use crate::at::{Tokens, Unexpected, Wire};
use crate::error::Result;

/// What was seen around the pieces so far.
#[derive(Default)]
pub(super) struct Spacing {
    first: Option<First>,
    /// How the last piece ends, unless it is empty.
    tail: Option<Tail>,
    /// What was unexpected up to the acknowledgement. Further final result codes are bytes that were added or lost.
    at_acknowledgement: Option<Unexpected>,
}

/// What was seen of the first piece.
struct First {
    /// Number of line-end bytes before it, as before every line of this firmware.
    lead: usize,
    /// What was unexpected up to its end. Further lines are bytes that were added or lost.
    behind: Unexpected,
}

impl Spacing {
    /// The request is acknowledged.
    pub fn acknowledge(&mut self, wire: &mut Wire) {
        self.at_acknowledgement = Some(wire.inbox().unexpected());
    }

    /// Checks what came between the last piece and the next one, whose head has come.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol).
    pub fn check_before_piece(&mut self, wire: &mut Wire) -> Result<()> {
        if let Some(before) = self.at_acknowledgement {
            wire.no_more_results(before)?;
        }
        match (self.tail.take(), &self.first) {
            (Some(tail), Some(first)) => tail.judge(wire, Some(excess(first.lead, wire.tokens().blank_before()))),
            _ => Ok(()),
        }
    }

    /// Takes in how a piece ends, before which there were `lead` line-end bytes; an empty one has no end.
    pub fn add_piece(&mut self, wire: &mut Wire, lead: usize, tail: Option<Tail>) {
        let behind = wire.inbox().unexpected();
        self.first.get_or_insert(First { lead, behind });
        self.tail = tail;
    }

    /// A line that is no piece has come.
    pub fn see_line(&mut self, tokens: &Tokens) {
        if let Some(tail) = &mut self.tail {
            tail.see_line(tokens);
        }
    }

    /// Nothing but line ends has come for a while.
    pub fn see_nothing(&mut self, tokens: &Tokens) {
        if let Some(tail) = &mut self.tail {
            tail.see_nothing(tokens);
        }
    }

    /// Checks that no lines came between the pieces: such a line is the end of a piece that other bytes have replaced.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol). A loss.
    pub fn check_lines(&self, wire: &mut Wire) -> Result<()> {
        self.first.as_ref().map_or(Ok(()), |first| wire.no_more_lines(first.behind))
    }

    /// Judges the end of the last piece; returns whether it reads as if the module had lost something.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol).
    pub fn ends_in_a_loss(&mut self, wire: &mut Wire) -> Result<bool> {
        match self.tail.take() {
            Some(tail) => tail.judge(wire, None).map(|()| tail.reads_as_loss),
            None => Ok(false),
        }
    }
}

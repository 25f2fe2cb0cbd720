//! Lines that answer nothing. Between two moments they show that bytes were added or lost on the way.

/// How much was unexpected up to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unexpected {
    /// Number of final result codes that answer nothing. In the middle of an exchange they are a piece of payload, or
    /// the end of one.
    pub(super) results: u64,
    /// Number of lines that are neither answers nor unsolicited result codes. Where nothing was announced, they may be
    /// the data that should have been.
    pub(super) lines: u64,
}

//! What an exchange is made of: its deadline, what happens in it, how it ends.

use std::time::{Duration, Instant};

use super::line::Line;
use super::reply::ErrorCode;
use super::urc::Rule;
use crate::error::{Error, ErrorKind, Phase};

/// An instant by which an exchange must be over, and what it is that takes so long.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    pub(super) at: Instant,
    pub(super) limit: Duration,
    pub(super) phase: Phase,
}

impl Deadline {
    /// The instant.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The error of having passed it.
    pub fn passed(&self) -> Error {
        Error::timeout(self.phase, self.limit)
    }
}

/// Something that happened while a command was under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A line of the command's answer.
    Information(Line),
    /// `OK`.
    Acknowledged,
    /// `CONNECT`: the port is in data mode.
    Connected(Option<u64>),
    /// The prompt `>`.
    Prompt,
    /// The head of a line whose payload follows.
    Header(Line),
    /// A line that belongs to no command was kept; it may be what the caller waits for.
    Unsolicited,
}

/// The module took the command: its information lines, then `OK`. For most FTP commands this says nothing yet about how
/// the operation ends; that is the [`Verdict`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Acknowledgement {
    /// The information lines.
    pub lines: Vec<Line>,
}

impl Acknowledgement {
    /// The first information line.
    pub fn first(&self) -> Option<&Line> {
        self.lines.first()
    }
}

/// The line that says how an operation really ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Verdict(pub Line);

impl Verdict {
    /// Field `index` as a number.
    pub fn number(&self, index: usize) -> Option<u64> {
        self.0.number(index)
    }
}

/// What a dialect tells the engine about itself.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// Lines that the module sends on its own.
    pub rules: &'static [Rule],
    /// Kind and meaning of the codes behind `+CME ERROR` and its relatives, where the manual lists them.
    pub refusal: fn(&ErrorCode) -> Option<(ErrorKind, &'static str)>,
}

impl Dialect {
    /// Nothing is known yet.
    pub const UNKNOWN: Dialect = Dialect { rules: &[], refusal: |_| None };
}

/// Which way payload flows in data mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// A download.
    ToHost,
    /// An upload.
    ToModule,
}

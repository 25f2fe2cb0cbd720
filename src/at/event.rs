//! What happens while a command is in flight, and how it ends.

use std::fmt;

use super::line::Line;

/// Something that happened while a command was in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An information response of the command.
    Information(Line),
    /// `OK`.
    Acknowledged,
    /// `CONNECT`: the port is in data mode.
    Connected(Option<u64>),
    /// The prompt `>`.
    Prompt,
    /// The head of a line whose payload follows.
    Header(Line),
    /// An unsolicited result code was kept; it may be what the caller waits for.
    Unsolicited,
}

/// The module took the command: its information responses, then `OK`. For most FTP commands this says nothing yet
/// about how the operation ends; that is the [`ResultLine`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Acknowledgement {
    /// The information responses.
    pub lines: Vec<Line>,
}

impl Acknowledgement {
    /// The first information response.
    pub fn first(&self) -> Option<&Line> {
        self.lines.first()
    }
}

/// The line that tells how an operation ended. A type of its own, so that no `OK` can be taken for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ResultLine(pub Line);

impl ResultLine {
    /// Field `index` as a number.
    pub fn number(&self, index: usize) -> Option<u64> {
        self.0.number(index)
    }
}

/// What it is, without what it says: that may be file data.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Event::Information(_) => "an information response",
            Event::Acknowledged => "OK",
            Event::Connected(_) => "CONNECT",
            Event::Prompt => "a prompt",
            Event::Header(_) => "the head of a payload",
            Event::Unsolicited => "an unsolicited result code",
        })
    }
}

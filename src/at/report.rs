//! Errors of the command in flight, in the words of its dialect, and what may be shown of the bytes on the line.

use std::borrow::Cow;
use std::io;

use log::{debug, trace};

use super::command::Answer;
use super::event::Event;
use super::inbox::Sorted;
use super::limits::Deadline;
use super::line::Line;
use super::link::Fault;
use super::redactor::Redactor;
use super::reply::{ErrorCode, FinalResult};
use crate::error::{Error, ErrorKind, ModuleCode, Result};

/// Longer than the names of the commands in use.
const LONGEST_NAME: usize = 16;
/// Longer than a final result code with a number.
const LONGEST_RESULT: usize = 16;

/// Kind and meaning of an error code, where the dialect's manual lists it.
pub type Refusal = fn(&ErrorCode) -> Option<(ErrorKind, &'static str)>;

/// What errors are made of.
pub struct Report {
    /// The secrets that were sent.
    pub(super) redactor: Redactor,
    pub(super) refusal: Refusal,
    /// The command line last sent, as it may be shown.
    pub(super) command: String,
}

impl Default for Report {
    fn default() -> Self {
        Report { redactor: Redactor::default(), refusal: |_| None, command: String::new() }
    }
}

impl Report {
    /// An error of the command in flight.
    pub fn error(&self, kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Error {
        self.named(Error::new(kind, detail))
    }

    /// Bytes as text for logs and errors: control characters escaped, secrets masked, length bounded.
    pub fn shown(&self, bytes: &[u8]) -> String {
        self.redactor.shown(bytes)
    }

    /// Bytes as text for the caller, with secrets masked.
    pub fn masked(&self, bytes: &[u8]) -> String {
        self.redactor.masked(bytes)
    }

    /// A line that may be file data, as far as it can be shown: no more than its name and the numbers behind it, or the
    /// number of its bytes.
    pub fn outline(&self, bytes: &[u8]) -> String {
        let name_end = bytes.iter().position(|byte| *byte == b':').unwrap_or(bytes.len());
        let (name, rest) = bytes.split_at(name_end);
        let is_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
        let has_name = match name {
            [b'+' | b'^' | b'*' | b'%' | b'#' | b'$', name @ ..] => {
                name.len() <= LONGEST_NAME && name.iter().all(is_name)
            }
            _ => false,
        };
        if !has_name {
            return format!("({} bytes)", bytes.len());
        }
        let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b':' | b' ' | b',' | b'-' | b'.');
        let numbers = rest.iter().take_while(|byte| is_number(byte)).count();
        let shown = self.shown(bytes.get(..name_end + numbers).unwrap_or_default());
        if numbers < rest.len() { shown + "…" } else { shown }
    }

    /// Writes a line of the module to the log, as far as it cannot be file data.
    pub(super) fn log(&self, port: &str, line: &Line, sorted: &Sorted, awaiting: Option<Answer>) {
        let bytes = line.bytes();
        match (sorted, awaiting) {
            (Sorted::Answer(_), Some(Answer::Hidden)) => trace!("{port} < ***"),
            (Sorted::Answer(_), Some(Answer::Any | Answer::Read(_))) => trace!("{port} < {}", self.shown(bytes)),
            (Sorted::Final(_), _) if bytes.len() <= LONGEST_RESULT => trace!("{port} < {}", self.shown(bytes)),
            (Sorted::Late(_), _) => debug!("{port}: ignored a late final result code"),
            (Sorted::Unexpected(_), _) => debug!("{port}: unexpected line {}", self.outline(bytes)),
            _ => trace!("{port} < {}", self.outline(bytes)),
        }
    }

    /// Names the command line last sent in `error`.
    pub(super) fn named(&self, error: Error) -> Error {
        if self.command.is_empty() { error } else { error.at_command(&self.command) }
    }

    /// The error of reading or writing that ended.
    pub(super) fn failed(&self, fault: Fault, deadline: Deadline) -> Error {
        match fault {
            Fault::Cancelled => self.error(ErrorKind::Cancelled, ""),
            Fault::Overflow => self.error(ErrorKind::Protocol, "more than fits came without being asked for"),
            Fault::Port(error) if error.kind() == io::ErrorKind::TimedOut => self.named(deadline.passed()),
            Fault::Port(error) => {
                // A transport's words may quote what was written (a replay's do).
                let words = self.shown(error.to_string().as_bytes());
                let source = io::Error::new(error.kind(), words.clone());
                let lost = |kind| self.error(kind, words).with_source(source);
                match error.kind() {
                    // The port turned out not to carry raw bytes.
                    io::ErrorKind::Unsupported => lost(ErrorKind::UnknownModule).advising("serve the port in raw mode"),
                    _ => lost(ErrorKind::PortLost),
                }
            }
        }
    }

    /// What a final result code means for the command that it ends.
    pub(super) fn outcome(&self, result: &FinalResult) -> Result<Event> {
        match result {
            FinalResult::Ok => Ok(Event::Acknowledged),
            FinalResult::Connect(number) => Ok(Event::Connected(*number)),
            FinalResult::Error(code) => Err(self.refused(code)),
            FinalResult::Aborted => Err(self.error(ErrorKind::ModuleBusy, "the module ended the command (ABORT)")),
            FinalResult::NoCarrier => Err(self.error(ErrorKind::ModuleRefused, "NO CARRIER")),
            FinalResult::Call(words) => Err(self.error(ErrorKind::ModuleRefused, *words)),
        }
    }

    /// The error of an error result.
    fn refused(&self, code: &ErrorCode) -> Error {
        let (kind, meaning) = match (self.refusal)(code) {
            Some((kind, meaning)) => (kind, Some(meaning)),
            None => (ErrorKind::ModuleRefused, None),
        };
        let coded = |table, value: &String| {
            let value = self.shown(value.as_bytes());
            self.error(kind, "").with_code(ModuleCode { table, value, meaning })
        };
        match code {
            ErrorCode::None => self.error(kind, "the module answered ERROR"),
            ErrorCode::Numbered(value) => coded("ERROR", value),
            ErrorCode::Cme(value) => coded("CME", value),
            ErrorCode::Cms(value) => coded("CMS", value),
            ErrorCode::Cis(value) => coded("CIS", value),
        }
    }
}

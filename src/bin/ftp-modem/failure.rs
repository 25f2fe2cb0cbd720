//! What a run failed for, and the exit status that tells scripts.

use std::fmt;
use std::io;
use std::path::Path;

use ftp_modem::{Error, ErrorKind};

/// Exit status after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Where in a run an error came up: a module that is silent from the start is no module, one that falls silent may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Opening the port and asking who is there.
    Opening,
    /// Anything after it.
    Working,
}

/// The exit status for an error of the library.
pub fn status_of(kind: ErrorKind, stage: Stage) -> u8 {
    use ErrorKind::*;
    match kind {
        InvalidInput => 2,
        PortNotFound | PortDenied | PortBusy => 3,
        PortLost if stage == Stage::Opening => 3,
        Timeout | Protocol if stage == Stage::Opening => 4,
        UnknownModule => 4,
        PortLost | Timeout | Protocol | ModuleBusy | ModuleRestarted | BearerFailed | BearerLost | NameResolution
        | ConnectFailed | NetworkTimeout | ServerBusy | DataConnection | SessionLost => 5,
        LoginRefused => 6,
        Unsupported => 7,
        Unavailable | ServerRefused => 8,
        LocalIo => 9,
        Incomplete | VerificationFailed => 11,
        Cancelled => INTERRUPTED,
        WrongState | ModuleRefused | ModuleStorage | Tls | ServerStorage => 1,
        // What a later library adds.
        other if other.is_retryable() => 5,
        _ => 1,
    }
}

/// Why a run failed.
#[derive(Debug)]
pub struct Failure {
    status: u8,
    text: String,
    kind: Option<ErrorKind>,
    /// Whether this run may try the whole operation again.
    again: bool,
    /// Whether the module still listens, so that it can be left as it was found.
    usable: bool,
}

impl Failure {
    fn new(status: u8, text: String) -> Self {
        Failure { status, text, kind: None, again: false, usable: true }
    }

    /// The command line cannot be meant so.
    pub fn usage(text: impl fmt::Display) -> Self {
        Failure::new(2, format!("{text}; see ftp-modem --help"))
    }

    /// A local file that cannot be read or written.
    pub fn local(path: &Path, error: &io::Error) -> Self {
        Failure::new(9, format!("local file error: {}: {error}; check the path and its permissions", path.display()))
    }

    /// stdout that takes no more.
    pub fn stdout(error: &io::Error) -> Self {
        Failure::new(9, format!("stdout: {error}; retrying does not help"))
    }

    /// A file that arrived, but not as it should.
    pub fn verification(text: impl fmt::Display) -> Self {
        Failure::new(11, format!("verification failed: {text}; transfer the whole file again"))
    }

    /// The user pressed Ctrl-C when nothing was going on.
    pub fn interrupted() -> Self {
        Failure::new(INTERRUPTED, "cancelled; start again when ready".to_owned())
    }

    /// Something without a status of its own.
    pub fn other(text: impl fmt::Display) -> Self {
        Failure::new(1, text.to_string())
    }

    /// An error of the library.
    pub fn of(error: &Error, stage: Stage) -> Self {
        let status = status_of(error.kind(), stage);
        let again = error.is_retryable() && !(stage == Stage::Opening && matches!(status, 3 | 4));
        let helps = match error.kind() {
            ErrorKind::Cancelled => "",
            _ if again => "; retrying may help",
            _ => "; retrying does not help",
        };
        let usable = error.module_usable() && error.kind() != ErrorKind::PortLost;
        Failure { status, text: format!("{error}{helps}"), kind: Some(error.kind()), again, usable }
    }

    /// The same, but this run shall not try again: it already has, or it cannot be repeated.
    pub fn and_final(mut self) -> Self {
        self.again = false;
        self
    }

    /// Says more about it.
    pub fn noting(mut self, note: &str) -> Self {
        self.text.push_str("; ");
        self.text.push_str(note);
        self
    }

    /// The exit status.
    pub fn status(&self) -> u8 {
        self.status
    }

    /// The kind of the library's error, where it was one.
    pub fn kind(&self) -> Option<ErrorKind> {
        self.kind
    }

    /// Whether this run may try the whole operation again.
    pub fn may_go_again(&self) -> bool {
        self.again
    }

    /// Whether the module still listens.
    pub fn module_usable(&self) -> bool {
        self.usable
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::of(&error, Stage::Working)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind::*;

    /// Kind, status when it comes up after the module was recognised, status before.
    const TABLE: &[(ErrorKind, u8, u8)] = &[
        (InvalidInput, 2, 2),
        (Unsupported, 7, 7),
        (WrongState, 1, 1),
        (LocalIo, 9, 9),
        (Cancelled, 130, 130),
        (PortNotFound, 3, 3),
        (PortDenied, 3, 3),
        (PortBusy, 3, 3),
        (PortLost, 5, 3),
        (Timeout, 5, 4),
        (Protocol, 5, 4),
        (UnknownModule, 4, 4),
        (ModuleRefused, 1, 1),
        (ModuleBusy, 5, 5),
        (ModuleRestarted, 5, 5),
        (ModuleStorage, 1, 1),
        (BearerFailed, 5, 5),
        (BearerLost, 5, 5),
        (NameResolution, 5, 5),
        (ConnectFailed, 5, 5),
        (NetworkTimeout, 5, 5),
        (Tls, 1, 1),
        (LoginRefused, 6, 6),
        (Unavailable, 8, 8),
        (ServerRefused, 8, 8),
        (ServerBusy, 5, 5),
        (DataConnection, 5, 5),
        (SessionLost, 5, 5),
        (ServerStorage, 1, 1),
        (Incomplete, 11, 11),
        (VerificationFailed, 11, 11),
    ];

    #[test]
    fn every_kind_has_its_status() {
        for &(kind, working, opening) in TABLE {
            assert_eq!(status_of(kind, Stage::Working), working, "{kind:?}");
            assert_eq!(status_of(kind, Stage::Opening), opening, "{kind:?} at the start");
        }
    }

    #[test]
    fn the_table_has_every_kind() {
        let source = include_str!("../../error/kind.rs");
        let (_, from) = source.split_once("pub enum ErrorKind {").unwrap();
        let (body, _) = from.split_once("\n}").unwrap();
        let is_variant = |line: &&str| line.starts_with(|first: char| first.is_ascii_uppercase());
        let kinds: Vec<&str> = body.lines().map(str::trim).filter(is_variant).collect();
        let mut listed: Vec<String> = TABLE.iter().map(|(kind, ..)| format!("{kind:?},")).collect();
        listed.sort();
        let mut expected: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        expected.sort();
        assert_eq!(listed, expected);
    }

    #[test]
    fn a_status_of_5_is_what_a_retry_may_help() {
        for &(kind, working, _) in TABLE {
            assert_eq!(kind.is_retryable(), working == 5 || kind == Incomplete, "{kind:?}");
        }
    }
}

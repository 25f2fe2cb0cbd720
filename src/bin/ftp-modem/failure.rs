//! The failure of a run, and its exit status.

use std::fmt;
use std::io;
use std::path::Path;

use ftp_modem::error::Phase;
use ftp_modem::transfer::LinkFailure;
use ftp_modem::{Error, ErrorKind};

/// Exit status of a run that found no port.
pub const NO_PORT: u8 = 3;
/// Exit status where the network, the module or the time did not suffice.
pub const TEMPORARY: u8 = 5;
/// Exit status where the server has no such file, or refuses it.
pub const UNAVAILABLE: u8 = 8;
/// Exit status where a local file, or stdout, cannot be read or written.
pub const LOCAL: u8 = 9;
/// Exit status of a transfer whose result is not the file, or not known to be.
pub const NOT_VERIFIED: u8 = 11;
/// Exit status after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// The stage of a run in which an error occurred. A port that does not answer at the start has no module; a module that
/// stops answering later may recover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Opening the port and identifying the module.
    Opening,
    /// Everything after that.
    Working,
}

/// Returns the exit status for an error of the library.
pub fn status_of(kind: ErrorKind, stage: Stage) -> u8 {
    use ErrorKind::*;
    match kind {
        InvalidInput => 2,
        PortNotFound | PortDenied | PortBusy => NO_PORT,
        PortLost if stage == Stage::Opening => NO_PORT,
        Timeout | Protocol if stage == Stage::Opening => 4,
        UnknownModule => 4,
        PortLost | Timeout | Protocol | ModuleBusy | ModuleRestarted | BearerFailed | BearerLost | NameResolution
        | ConnectFailed | NetworkTimeout | ServerBusy | DataConnection | SessionLost => TEMPORARY,
        LoginRefused => 6,
        Unsupported => 7,
        Unavailable | ServerRefused => UNAVAILABLE,
        LocalIo => LOCAL,
        Incomplete | VerificationFailed => NOT_VERIFIED,
        Cancelled => INTERRUPTED,
        WrongState | ModuleRefused | ModuleStorage | SimUnavailable | Tls | ServerStorage => 1,
        // Kinds that a later version of the library adds.
        other if other.is_retryable() => TEMPORARY,
        _ => 1,
    }
}

/// The reason why a run failed.
#[derive(Debug)]
pub struct Failure {
    status: u8,
    /// What failed, and where.
    symptom: String,
    /// What to do next; may be empty.
    remedy: String,
    /// Whether retrying helps, as the end of the message.
    outlook: &'static str,
    /// The library's error, if it was one.
    error: Option<Error>,
    /// Whether this run may retry the whole operation.
    may_retry: bool,
    /// Whether the time for all operations together was over, or did not suffice for a retry.
    is_out_of_time: bool,
    is_reported: bool,
}

/// The end of a message where the same command fails again.
const NO_RETRY: &str = "; retrying does not help";

impl Failure {
    /// Creates a failure that the tool itself finds: what failed, and what to do next.
    pub fn new(status: u8, symptom: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Failure {
            status,
            symptom: symptom.to_string(),
            remedy: remedy.to_string(),
            outlook: "",
            error: None,
            may_retry: false,
            is_out_of_time: false,
            is_reported: false,
        }
    }

    /// Creates the failure of an invalid command line; `remedy` says what to type.
    pub fn usage(symptom: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Failure::new(2, symptom, format!("{remedy}; see ftp-modem --help"))
    }

    /// Creates the failure of a local file that cannot be read or written.
    pub fn local(path: &Path, error: &io::Error) -> Self {
        use io::ErrorKind::*;
        let remedy = match error.kind() {
            NotFound => "check the path",
            PermissionDenied | ReadOnlyFilesystem => "check the permissions of the file and of its directory",
            IsADirectory => "name a file",
            NotADirectory => "name a directory",
            StorageFull | QuotaExceeded => "free space on the disk",
            _ => "check the path and its permissions",
        };
        let failure = Failure::new(LOCAL, format!("local file error: {}: {error}", path.display()), remedy);
        Failure { outlook: NO_RETRY, ..failure }
    }

    /// Creates the failure of a transfer whose result is not the file.
    pub fn verification(text: impl fmt::Display) -> Self {
        Failure::new(NOT_VERIFIED, format!("verification failed: {text}"), "transfer the whole file again")
    }

    /// Creates a failure without an exit status of its own.
    pub fn other(symptom: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Failure::new(1, symptom, remedy)
    }

    /// Creates the failure of an error of the library.
    pub fn of(error: Error, stage: Stage) -> Self {
        let is_out_of_time = error.phase() == Some(Phase::Budget);
        let status = if is_out_of_time { TEMPORARY } else { status_of(error.kind(), stage) };
        let may_retry = error.is_retryable() && !(stage == Stage::Opening && matches!(status, 3 | 4));
        let outlook = match error.kind() {
            ErrorKind::Cancelled => "",
            ErrorKind::PortBusy => "; retrying helps when the port is free",
            _ if may_retry => "; retrying may help",
            // The next run may find the module ready.
            _ if error.is_retryable() => "",
            _ => NO_RETRY,
        };
        let message = error.to_string();
        let symptom = message.strip_suffix(error.advice()).and_then(|rest| rest.strip_suffix("; ")).unwrap_or(&message);
        // The next run of this tool does what a program would have to do: a user needs no advice for that.
        let remedy = error.user_advice().map(|advice| in_words_of_the_tool(error.kind(), advice));
        let failure = Failure::new(status, symptom, remedy.unwrap_or_default());
        Failure { outlook, error: Some(error), may_retry, is_out_of_time, ..failure }
    }

    /// Forbids retries: this run has already retried, or the operation cannot be repeated.
    pub fn without_retry(mut self) -> Self {
        self.may_retry = false;
        self
    }

    /// Notes that it was reported already.
    pub fn reported(mut self) -> Self {
        self.is_reported = true;
        self
    }

    /// Returns whether it was reported already.
    pub fn is_reported(&self) -> bool {
        self.is_reported
    }

    /// Returns whether the time for all operations together was over, or did not suffice for a retry.
    pub fn is_out_of_time(&self) -> bool {
        self.is_out_of_time
    }

    /// Appends to what failed.
    pub fn with_note(mut self, note: &str) -> Self {
        self.symptom.push_str("; ");
        self.symptom.push_str(note);
        self
    }

    /// Names `limit`, which has caused this failure, in place of what to do next.
    pub fn ended_by(mut self, limit: &Failure) -> Self {
        self.outlook = "";
        self.with_note(&limit.symptom).with_remedy(&limit.remedy)
    }

    /// Returns the exit status.
    pub fn status(&self) -> u8 {
        self.status
    }

    /// Replaces what to do next.
    pub fn with_remedy(mut self, remedy: &str) -> Self {
        remedy.clone_into(&mut self.remedy);
        self
    }

    /// Returns what failed, without what to do next.
    pub fn symptom(&self) -> &str {
        &self.symptom
    }

    /// Returns what to do next; may be empty.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }

    /// Returns the kind of the library's error, if it was one.
    pub fn kind(&self) -> Option<ErrorKind> {
        self.error.as_ref().map(Error::kind)
    }

    /// Returns whether the module answers.
    pub fn module_usable(&self) -> bool {
        self.error.as_ref().is_none_or(|error| error.module_usable() && error.kind() != ErrorKind::PortLost)
    }

    /// Returns the one with the higher status; `other` if they are equal.
    pub fn worse_of(self, other: Option<Failure>) -> Failure {
        other.filter(|other| other.status >= self.status).unwrap_or(self)
    }
}

/// Returns `advice`, or what it means for the user of this tool where it is the general one of the kind.
fn in_words_of_the_tool(kind: ErrorKind, advice: &str) -> &str {
    match kind {
        _ if advice != kind.advice() => advice,
        ErrorKind::Unsupported => "ftp-modem info lists what it supports",
        ErrorKind::UnknownModule => "name its dialect with --vendor",
        _ => advice,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::of(error, Stage::Working)
    }
}

impl LinkFailure for Failure {
    fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    fn of_opening(error: Error) -> Self {
        Failure::of(error, Stage::Opening)
    }

    fn is_final(&self) -> bool {
        !self.may_retry
    }

    fn out_of_time(mut self) -> Self {
        self.is_out_of_time = true;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.remedy.is_empty() { "" } else { "; " };
        write!(f, "{}{separator}{}{}", self.symptom, self.remedy, self.outlook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind::*;

    /// Kind, status after the module was identified, status before.
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
        (SimUnavailable, 1, 1),
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
    fn every_kind_has_an_exit_status() {
        for &(kind, working, opening) in TABLE {
            assert_eq!(status_of(kind, Stage::Working), working, "{kind:?}");
            assert_eq!(status_of(kind, Stage::Opening), opening, "{kind:?} at the start");
        }
    }

    #[test]
    fn the_table_lists_every_kind() {
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

    /// A user cannot log in or attach again: the next run does.
    #[test]
    fn a_message_has_no_step_that_the_tool_takes_itself_and_names_its_options() {
        for (kind, message) in [
            (SessionLost, "FTP session lost; retrying may help"),
            (BearerLost, "bearer lost; retrying may help"),
            (PortLost, "port lost; check cable and power; retrying may help"),
            (ModuleRestarted, "module restarted; check the module's power supply; retrying may help"),
            (LoginRefused, "login refused by the server; check user name and password; retrying does not help"),
            (
                Unsupported,
                "not supported by this module; ftp-modem info lists what it supports; retrying does not help",
            ),
            (UnknownModule, "module not recognised; name its dialect with --vendor; retrying does not help"),
        ] {
            assert_eq!(Failure::from(Error::new(kind, "")).to_string(), message);
        }
    }

    #[test]
    fn retryable_kinds_have_status_5_except_incomplete_transfers() {
        for &(kind, working, _) in TABLE {
            assert_eq!(kind.is_retryable(), working == 5 || kind == Incomplete, "{kind:?}");
        }
    }
}

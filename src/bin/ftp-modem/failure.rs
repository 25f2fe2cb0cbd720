//! The failure of a run, and its exit status.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use ftp_modem::error::Phase;
use ftp_modem::transfer::LinkFailure;
use ftp_modem::{Error, ErrorKind};

/// Exit status after Ctrl-C.
const INTERRUPTED: u8 = 130;

/// What to do next after a write to stdout that failed.
const CHECK_READER: &str = "check the program that reads it, or the disk that it goes to";

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
        WrongState | ModuleRefused | ModuleStorage | SimUnavailable | Tls | ServerStorage => 1,
        // Kinds that a later version of the library adds.
        other if other.is_retryable() => 5,
        _ => 1,
    }
}

/// The reason why a run failed.
#[derive(Debug)]
pub struct Failure {
    status: u8,
    cause: String,
    /// What to do next; the end of `cause` where it is not empty.
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

impl Failure {
    fn new(status: u8, cause: String) -> Self {
        Failure {
            status,
            cause,
            remedy: String::new(),
            outlook: "",
            error: None,
            may_retry: false,
            is_out_of_time: false,
            is_reported: false,
        }
    }

    /// Creates the failure of an invalid command line.
    pub fn usage(text: impl fmt::Display) -> Self {
        Failure::new(2, format!("{text}; see ftp-modem --help"))
    }

    /// The status of a run that found no port.
    pub const NO_PORT: u8 = 3;

    /// Creates the failure of a run that found no port.
    pub fn no_port(text: impl fmt::Display) -> Self {
        Failure::new(Self::NO_PORT, text.to_string())
    }

    /// Creates the failure of a local file that cannot be read or written.
    pub fn local(path: &Path, error: &io::Error) -> Self {
        Failure::new(9, format!("local file error: {}: {error}; check the path and its permissions", path.display()))
    }

    /// Creates the failure of a write to stdout.
    pub fn stdout(error: &io::Error) -> Self {
        Failure::new(9, format!("writing to stdout failed: {error}; {CHECK_READER}"))
    }

    /// Names the reader of stdout as what to check, if the local end of a download to stdout has failed.
    pub fn with_stdout_as_target(self) -> Self {
        if self.kind() == Some(ErrorKind::LocalIo) { self.with_remedy(CHECK_READER) } else { self }
    }

    /// Creates the failure of a transfer whose result is not the file.
    pub fn verification(text: impl fmt::Display) -> Self {
        Failure::new(11, format!("verification failed: {text}; transfer the whole file again"))
    }

    /// Creates the failure of a run that a signal ended between two operations.
    pub fn interrupted() -> Self {
        Failure::new(INTERRUPTED, "cancelled; start the command again when ready".to_owned())
    }

    /// Creates the failure of a run that was longer than `limit`.
    pub fn late(limit: Duration) -> Self {
        let seconds = limit.as_secs_f64();
        Failure::new(5, format!("the time for the whole run, --max-time {seconds}, is over; raise this limit"))
    }

    /// Creates the failure of a run whose `limit` leaves no time for the next attempt.
    pub fn short_of_time(limit: Duration) -> Self {
        let seconds = limit.as_secs_f64();
        let what = "does not suffice for the next attempt; raise this limit";
        Failure::new(5, format!("the time left for the whole run, --max-time {seconds}, {what}"))
    }

    /// Creates a failure without an exit status of its own.
    pub fn other(text: impl fmt::Display) -> Self {
        Failure::new(1, text.to_string())
    }

    /// Creates the failure of an error of the library.
    pub fn of(error: Error, stage: Stage) -> Self {
        let is_out_of_time = error.phase() == Some(Phase::Budget);
        let status = if is_out_of_time { 5 } else { status_of(error.kind(), stage) };
        let may_retry = error.is_retryable() && !(stage == Stage::Opening && matches!(status, 3 | 4));
        let outlook = match error.kind() {
            ErrorKind::Cancelled => "",
            _ if may_retry => "; retrying may help",
            // The next run may find the module ready.
            _ if error.is_retryable() => "",
            _ => "; retrying does not help",
        };
        let (cause, remedy) = (error.to_string(), error.advice().to_owned());
        let user_advice = error.user_advice().map(str::to_owned);
        let error = Some(error);
        let failure = Failure { status, cause, remedy, outlook, error, may_retry, is_out_of_time, is_reported: false };
        match user_advice {
            Some(advice) => failure.with_remedy(&advice),
            // The next run of this tool does what a program would have to do.
            None => failure.without_remedy(),
        }
    }

    /// Forbids retries: this run has already retried, or the operation cannot be repeated.
    pub fn without_retry(mut self) -> Self {
        self.may_retry = false;
        self
    }

    /// Creates the failure of a pattern without a file.
    pub fn no_match(pattern: &str) -> Self {
        Failure::new(8, format!("no file matches {pattern}; check the pattern and the directory"))
    }

    /// Creates the failure of a source that stays because its copy is not confirmed.
    pub fn not_deleted(source: &str) -> Self {
        Failure::new(
            11,
            format!("{source} was transferred, but is not deleted: nothing confirms the copy; use --verify"),
        )
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

    /// Returns whether the library's error is the end of the time for all operations together.
    pub fn is_of_budget(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.phase() == Some(Phase::Budget))
    }

    /// Appends to the cause.
    pub fn with_note(mut self, note: &str) -> Self {
        self.cause.push_str("; ");
        self.cause.push_str(note);
        self
    }

    /// Names `limit`, which has caused this failure, in place of what to do next.
    pub fn ended_by(mut self, limit: &Failure) -> Self {
        self.outlook = "";
        self.with_remedy(limit.cause())
    }

    /// Returns the exit status.
    pub fn status(&self) -> u8 {
        self.status
    }

    /// Returns what failed and what to do next, without whether retrying helps.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// Replaces what to do next.
    pub fn with_remedy(mut self, remedy: &str) -> Self {
        self.cause = format!("{}; {remedy}", self.symptom());
        self.remedy = remedy.to_owned();
        self
    }

    /// Removes what to do next.
    fn without_remedy(mut self) -> Self {
        (self.cause, self.remedy) = (self.symptom().to_owned(), String::new());
        self
    }

    /// Returns what failed, without what to do next.
    pub fn symptom(&self) -> &str {
        let rest = self.cause.strip_suffix(&self.remedy).filter(|_| !self.remedy.is_empty());
        rest.and_then(|rest| rest.strip_suffix("; ")).unwrap_or(&self.cause)
    }

    /// Returns what to do next. Empty if the cause says it.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }

    /// Returns the kind of the library's error, if it was one.
    pub fn kind(&self) -> Option<ErrorKind> {
        self.error.as_ref().map(Error::kind)
    }

    /// Returns whether this run may retry the whole operation.
    pub fn may_retry(&self) -> bool {
        self.may_retry
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
        write!(f, "{}{}", self.cause, self.outlook)
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
    fn a_message_has_no_step_that_the_tool_takes_itself() {
        for (kind, message) in [
            (SessionLost, "FTP session lost; retrying may help"),
            (BearerLost, "bearer lost; retrying may help"),
            (PortLost, "port lost; check cable and power; retrying may help"),
            (ModuleRestarted, "module restarted; check the module's power supply; retrying may help"),
            (LoginRefused, "login refused by the server; check user name and password; retrying does not help"),
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

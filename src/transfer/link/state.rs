//! The states of a link, and what a link and an operation have to know of each other.

use std::time::Duration;

use crate::error::Error;
use crate::transfer::Retry;
use crate::transfer::attempts::without_time_for_a_retry;
use crate::transfer::upload::Unfinished;

/// State of a [`Link`](super::Link).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkState {
    /// The link opens the port and identifies the module.
    Opening,
    /// The link brings the bearer up.
    Attaching,
    /// The link logs in.
    LoggingIn,
    /// The session is open.
    Online,
    /// An operation has failed, and is repeated after a pause.
    #[non_exhaustive]
    Waiting {
        /// What failed, where, and what the user can do if the retry does not help.
        error: String,
        /// Number of the retry that follows, from 1.
        retry: u32,
        /// Pause before the retry.
        pause: Duration,
    },
    /// Session and bearer are closed.
    Closed,
}

/// What an operation on a [`Link`](super::Link) needs. Each value includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Needs {
    /// The module, identified and prepared.
    Module,
    /// The bearer.
    Bearer,
    /// The session on the server.
    Session,
}

/// One attempt of an operation on a [`Link`](super::Link).
#[derive(Debug)]
pub struct Attempt {
    before: u32,
    left: Retry,
    pub(super) taken: u32,
    /// The upload that failed last.
    pub(in crate::transfer) upload: Option<Unfinished>,
}

impl Attempt {
    pub(in crate::transfer) fn new(before: u32, left: Retry, upload: Option<Unfinished>) -> Self {
        Attempt { before, left, taken: 0, upload }
    }

    /// Returns the number of attempts before this one, those of a transfer with retries of its own included. Attempts
    /// that have not reached the server count, too: the number does not tell whether anything was sent. An upload that
    /// continues what earlier attempts have sent is run by [`Upload::run_in`](crate::transfer::Upload::run_in).
    pub fn before(&self) -> u32 {
        self.before
    }

    /// Returns whether no retry follows this attempt.
    pub fn is_last(&self) -> bool {
        self.left.retries == 0
    }

    /// Returns the retries for a transfer that makes them itself, as [`Download`](crate::transfer::Download) and
    /// [`Upload`](crate::transfer::Upload) do. These are all retries that are left, except the last one. A transfer
    /// recovers faster than the link, and keeps its knowledge of the file. It does not detect every loss of state and
    /// cannot replace the modem. The last retry is therefore the link's, and begins with opening the port.
    pub fn take_retries(&mut self) -> Retry {
        self.taken = self.left.retries.saturating_sub(1);
        Retry { made: self.before, kept: self.left.retries - self.taken, ..self.left.with_retries(self.taken) }
    }
}

/// An error with which an operation on a [`Link`](super::Link) may end: [`Error`], or a program's own that contains
/// one.
///
/// # Examples
/// ```
/// use ftp_modem::transfer::LinkFailure;
/// use ftp_modem::{Error, ErrorKind};
///
/// enum Failure {
///     Modem(Error),
///     Empty,
/// }
///
/// impl From<Error> for Failure {
///     fn from(error: Error) -> Self {
///         Failure::Modem(error)
///     }
/// }
///
/// impl LinkFailure for Failure {
///     fn error(&self) -> Option<&Error> {
///         if let Failure::Modem(error) = self { Some(error) } else { None }
///     }
/// }
/// # assert!(Failure::Empty.error().is_none());
/// # assert!(Failure::from(Error::new(ErrorKind::ServerBusy, "")).error().is_some());
/// ```
pub trait LinkFailure: From<Error> {
    /// Returns the error of this crate, from which the link learns whether a retry may help, and what has to be opened
    /// again. `None`: the operation failed for another reason, and is not repeated.
    fn error(&self) -> Option<&Error>;

    /// Converts the error of opening the module. Default: by [`From`].
    fn of_opening(error: Error) -> Self {
        error.into()
    }

    /// Returns whether the operation must not be repeated, even if a retry may help. Default: `false`.
    fn is_final(&self) -> bool {
        false
    }

    /// Adds to the error that no time is left for a retry that may help. Default: does nothing.
    fn out_of_time(self) -> Self {
        self
    }
}

impl LinkFailure for Error {
    fn error(&self) -> Option<&Error> {
        Some(self)
    }

    fn out_of_time(self) -> Self {
        without_time_for_a_retry(self)
    }
}

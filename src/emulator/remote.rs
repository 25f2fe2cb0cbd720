//! The FTP server as the module sees it.

pub(crate) mod ftp;
pub(crate) mod memory;
pub(crate) mod radio;

use std::fmt;
use std::io::{self, Read, Write};

/// How the control connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// Plain FTP.
    #[default]
    Off,
    /// TLS from the first byte.
    Implicit,
    /// `AUTH TLS` after the greeting.
    Explicit,
}

/// What the TLS handshakes to come demand of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trust {
    /// Certificates in PEM; one of them must have signed the server's chain. `None` accepts any server.
    pub authority: Option<Vec<u8>>,
    /// Whether a certificate is accepted that is not valid yet or not valid any more.
    pub ignores_clock: bool,
    /// Whether the client sends the server the name that it calls it by (SNI, RFC 6066).
    pub names_server: bool,
    /// Whether the certificate must be made out to the name that the client calls the server by.
    pub checks_name: bool,
    /// Whether a data connection negotiates a TLS session of its own instead of resuming the one of the control
    /// connection. Servers may refuse this (`522`, as vsftpd with `require_ssl_reuse`).
    pub fresh_sessions: bool,
}

impl Trust {
    /// Sets [`Trust::authority`].
    #[must_use]
    pub fn with_authority(mut self, certificates: &[u8]) -> Self {
        self.authority = Some(certificates.to_vec());
        self
    }
}

super::choices::setters! { Trust:
    with_ignores_clock(bool) => ignores_clock,
    with_names_server(bool) => names_server,
    with_checks_name(bool) => checks_name,
    with_fresh_sessions(bool) => fresh_sessions,
}

/// The kind of directory listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// `LIST`: as `ls -l` prints it.
    Long,
    /// `NLST`: names only.
    Names,
    /// `MLSD`: facts and names (RFC 3659).
    Facts,
}

/// What happens to a file that exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreMode {
    /// `STOR`: it is replaced.
    Create,
    /// `APPE`: it grows.
    Append,
    /// `REST` and `STOR`: it is overwritten from this offset on.
    At(u64),
}

/// Why an operation failed in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NetworkCause {
    /// The host name has no address.
    Dns,
    /// No program listens on the port.
    Refused,
    /// The host cannot be reached.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The connection broke.
    Dropped,
    /// The data connection could not be opened although the control connection works.
    DataConnection,
    /// The TLS handshake failed, or TLS is not available.
    Tls,
}

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoteError {
    /// The server refused.
    Reply {
        /// Its reply code, such as 530 or 550.
        code: u16,
        /// The text of the reply.
        text: String,
    },
    /// There was no reply.
    Network(NetworkCause),
}

impl RemoteError {
    /// Returns a refusal by the server.
    #[must_use]
    pub fn reply(code: u16, text: &str) -> Self {
        Self::Reply { code, text: text.to_owned() }
    }

    /// Returns the server's reply code, if it replied.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        match self {
            Self::Reply { code, .. } => Some(*code),
            Self::Network(_) => None,
        }
    }

    /// Returns what a failed read or write of a transfer means.
    #[must_use]
    pub fn from_io(error: &io::Error) -> Self {
        if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return inner.clone();
        }
        Self::Network(match error.kind() {
            io::ErrorKind::ConnectionRefused => NetworkCause::Refused,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => NetworkCause::Timeout,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => NetworkCause::Unreachable,
            _ => NetworkCause::Dropped,
        })
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply { code, text } => write!(formatter, "{code} {text}"),
            Self::Network(cause) => write!(formatter, "network failure: {cause:?}"),
        }
    }
}

impl std::error::Error for RemoteError {}

impl From<RemoteError> for io::Error {
    fn from(error: RemoteError) -> Self {
        Self::other(error)
    }
}

/// A file on its way to the server. Dropping it aborts it.
pub trait Upload: Write + Send {
    /// Closes the data connection and waits for the server's reply that the file is stored.
    ///
    /// # Errors
    /// The server did not store the file.
    fn finish(self: Box<Self>) -> Result<(), RemoteError>;

    /// Aborts the transfer. What has arrived may remain on the server.
    fn abort(self: Box<Self>);
}

/// An FTP server as its client sees it: one control connection.
///
/// Dropping a reader or an [`Upload`] before its end aborts the transfer.
///
/// A byte of a path that is not UTF-8 is the character U+10FF00 plus the byte.
///
/// Every operation fails with [`RemoteError::Reply`] when the server refuses it and with [`RemoteError::Network`]
/// when there is no connection, or none any more.
#[allow(clippy::missing_errors_doc, reason = "said once for all above")]
pub trait Remote: Send {
    /// Sets what the TLS handshakes of later connections demand. Default: nothing.
    fn trust(&mut self, _trust: Trust) {}
    /// Opens the control connection and reads the greeting. One that is open already is dropped.
    fn connect(&mut self, host: &str, port: u16, tls: Tls) -> Result<(), RemoteError>;
    /// Logs in: `USER` and `PASS`.
    fn login(&mut self, user: &str, password: &str) -> Result<(), RemoteError>;
    /// Returns the working directory.
    fn pwd(&mut self) -> Result<String, RemoteError>;
    /// Changes the working directory.
    fn cwd(&mut self, path: &str) -> Result<(), RemoteError>;
    /// Returns the listing of a directory or file as the server sends it. An empty path is the working directory.
    fn list(&mut self, path: &str, listing: Listing) -> Result<Box<dyn Read + Send>, RemoteError>;
    /// Returns the size of a file.
    fn size(&mut self, path: &str) -> Result<u64, RemoteError>;
    /// Returns the size of a file as the server writes it, for modules that pass it on. Some servers write a negative
    /// number.
    fn size_text(&mut self, path: &str) -> Result<String, RemoteError> {
        self.size(path).map(|size| size.to_string())
    }
    /// Returns the time of last change, `YYYYMMDDhhmmss`.
    fn modified(&mut self, path: &str) -> Result<String, RemoteError>;
    /// Makes a directory.
    fn make_dir(&mut self, path: &str) -> Result<(), RemoteError>;
    /// Removes an empty directory.
    fn remove_dir(&mut self, path: &str) -> Result<(), RemoteError>;
    /// Removes a file.
    fn remove(&mut self, path: &str) -> Result<(), RemoteError>;
    /// Renames a file or directory.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), RemoteError>;
    /// Returns the bytes of a file from `offset` on.
    fn retrieve(&mut self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, RemoteError>;
    /// Begins to store a file.
    fn store(&mut self, path: &str, mode: StoreMode) -> Result<Box<dyn Upload>, RemoteError>;
    /// Sends any other command without data, such as `NOOP` or `SYST`, and returns the reply code and its text.
    fn command(&mut self, line: &str) -> Result<(u16, String), RemoteError>;
    /// Logs out and closes the control connection.
    fn quit(&mut self) -> Result<(), RemoteError>;
    /// Returns a further client like this one, not connected, for modules with several connections at a time. `None` if
    /// there can be only one.
    fn another(&self) -> Option<Box<dyn Remote>> {
        None
    }
    /// Whether the replies take time of their own, so that
    /// [`Options::reply_time`](super::Options::reply_time) adds nothing.
    fn takes_real_time(&self) -> bool {
        false
    }
}

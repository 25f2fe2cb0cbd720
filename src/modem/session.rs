//! The state of the module's FTP client.

/// State of the module's FTP client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionState {
    /// No session.
    Closed,
    /// The session is being opened.
    Opening,
    /// Logged in, and idle. On dialects without sessions: a server is set, and the client is idle.
    Idle,
    /// A transfer or another operation is in progress.
    Busy,
    /// The session is being closed.
    Closing,
}

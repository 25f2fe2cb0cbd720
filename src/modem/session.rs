//! What the module's FTP client is doing.

/// What the module's FTP client is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionState {
    /// No session.
    Closed,
    /// The session is being opened.
    Opening,
    /// Logged in, nothing going on. On dialects without sessions: a server is set, nothing going on.
    Idle,
    /// A transfer or another operation is going on.
    Busy,
    /// The session is being closed.
    Closing,
}

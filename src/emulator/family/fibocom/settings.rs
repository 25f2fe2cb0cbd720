//! What is set with one command and kept until the module restarts.

/// How transfers are made.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// `AT+FTPMODE`: active data connections.
    pub(super) active: bool,
    /// `AT+FTPREST`: where the next transfer starts.
    pub(super) restart_at: Option<u64>,
}

//! The recovery steps that bring a module back to a known state.

use std::fmt;
use std::sync::Arc;

/// A step that was taken to bring a module back to a known state. The order is from the mildest step to the strongest.
///
/// After a failed operation the driver takes the first three steps itself, and reconfigures a module that has
/// restarted. The transfers of [`crate::transfer`] also take the stronger ones ([`RecoveryStep`]), as far as their
/// settings allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// Discards pending output of the module, then sends a harmless command whose answer is unmistakable.
    Probe,
    /// Completes an announced block with padding, or sends the escape sequence (`+++` between guard times).
    LeaveDataMode,
    /// Ends the transfer that is in progress with the module's command for it.
    AbortTransfer,
    /// Closes the FTP session and opens it again.
    ReopenSession,
    /// Deactivates the bearer and activates it again.
    RebuildBearer,
    /// Sends all settings again to a module that has restarted.
    Reconfigure,
    /// Opens the port again.
    ReopenPort,
    /// Reports that several recoveries in a row failed. The application should switch the module off and on.
    DeclareUnresponsive,
}

impl Recovery {
    /// All steps, the mildest first.
    pub const ALL: [Recovery; 8] = [
        Recovery::Probe,
        Recovery::LeaveDataMode,
        Recovery::AbortTransfer,
        Recovery::ReopenSession,
        Recovery::RebuildBearer,
        Recovery::Reconfigure,
        Recovery::ReopenPort,
        Recovery::DeclareUnresponsive,
    ];
}

/// Writes what the driver does in this step: "reopening the port".
impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Recovery::Probe => "probing the module",
            Recovery::LeaveDataMode => "leaving data mode",
            Recovery::AbortTransfer => "aborting the transfer",
            Recovery::ReopenSession => "reopening the session",
            Recovery::RebuildBearer => "rebuilding the bearer",
            Recovery::Reconfigure => "reconfiguring the module",
            Recovery::ReopenPort => "reopening the port",
            Recovery::DeclareUnresponsive => "declaring the module unresponsive",
        })
    }
}

/// A recovery step that a program requests ([`FtpModem::recover`](crate::FtpModem::recover)) or permits a transfer to
/// take ([`Reconnect::up_to`](crate::transfer::Reconnect::up_to)). The order is from the mildest step to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecoveryStep {
    /// Closes the FTP session and opens it again ([`Recovery::ReopenSession`]).
    ReopenSession,
    /// Deactivates the bearer and activates it again ([`Recovery::RebuildBearer`]).
    RebuildBearer,
    /// Opens the port again ([`Recovery::ReopenPort`]).
    ReopenPort,
}

impl From<RecoveryStep> for Recovery {
    fn from(step: RecoveryStep) -> Self {
        match step {
            RecoveryStep::ReopenSession => Recovery::ReopenSession,
            RecoveryStep::RebuildBearer => Recovery::RebuildBearer,
            RecoveryStep::ReopenPort => Recovery::ReopenPort,
        }
    }
}

/// Writes what the driver does in this step: "reopening the port".
impl fmt::Display for RecoveryStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Recovery::from(*self).fmt(f)
    }
}

/// A callback that receives every recovery step when the driver takes it.
pub type RecoveryObserver = Arc<dyn Fn(Recovery) + Send + Sync>;

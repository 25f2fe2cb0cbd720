//! What is done to bring a module back: the rungs of one ladder.

use std::fmt;

/// A step on the way back to a known state, from the mildest to the strongest.
///
/// The driver takes the first three by itself whenever an operation fails in the middle, and sets a module up again that has
/// started anew. The transfers of [`crate::transfer`] climb further where they are allowed to; a program can do the same with
/// [`FtpModem::recover`](crate::FtpModem::recover).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// What is still coming is taken in, and a question asked whose answer cannot be mistaken.
    Probe,
    /// Promised payload is made up, or the module told to leave data mode (`+++` between guard times).
    LeaveDataMode,
    /// The transfer that is going on in the module is ended by its own command.
    AbortTransfer,
    /// The FTP session is closed and opened again.
    ReopenSession,
    /// The bearer is taken down and brought up again.
    RebuildBearer,
    /// A module that has started anew is told its settings again.
    Reconfigure,
    /// The port is opened again.
    ReopenPort,
    /// Nothing helped, time after time: the module is taken for dead. An application that can should cut its power.
    DeclareUnresponsive,
}

impl Recovery {
    /// All of them, the mildest first.
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

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Recovery::Probe => "probe",
            Recovery::LeaveDataMode => "leave data mode",
            Recovery::AbortTransfer => "abort the transfer",
            Recovery::ReopenSession => "reopen the session",
            Recovery::RebuildBearer => "rebuild the bearer",
            Recovery::Reconfigure => "reconfigure the module",
            Recovery::ReopenPort => "reopen the port",
            Recovery::DeclareUnresponsive => "declare the module unresponsive",
        })
    }
}

/// Hears of every step while it is taken.
pub type RecoveryObserver = Box<dyn FnMut(Recovery) + Send>;

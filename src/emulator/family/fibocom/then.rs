//! What becomes of an operation.

use super::task::Task;
use crate::emulator::remote::RemoteError;

/// What becomes of an operation after one step of it.
#[must_use]
pub(super) enum Then {
    /// Nothing more is to be done now.
    Nothing,
    /// The server is asked.
    Asks(Task),
    /// The command with this name is over, and its result line is due.
    Ends(&'static str, Result<(), RemoteError>),
    /// It has failed, and the host has got its answer.
    Failed(RemoteError),
}

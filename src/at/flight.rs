//! The borrow of the line by a command in flight.

use super::sync::Debt;
use super::wire::Wire;

/// The borrow of the line. The only type around a command that implements `Drop`, so that the others can be taken
/// apart.
pub(super) struct InFlight<'w> {
    pub wire: &'w mut Wire,
    /// Number of payload bytes that the module still expects.
    pub promised: u64,
}

impl InFlight<'_> {
    /// Records what is outstanding.
    pub fn abandon(&mut self) {
        self.wire.parts.sync.record_debt(Debt { to_module: self.promised, ..self.wire.parts.sync.debt() });
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if self.wire.parts.sync.awaiting().is_some() {
            self.abandon();
        }
    }
}

//! The control connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::state::State;

/// A control connection, which a transfer may take down with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Connection(Arc<AtomicBool>);

impl Connection {
    pub(super) fn open(state: &mut State) -> Self {
        state.sessions = state.sessions.saturating_add(1);
        Self(Arc::new(AtomicBool::new(true)))
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn close(&self, state: &mut State) {
        if self.0.swap(false, Ordering::Relaxed) {
            state.sessions = state.sessions.saturating_sub(1);
        }
    }
}

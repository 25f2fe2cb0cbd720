//! How a broken transfer is taken up again.

use std::time::Duration;

/// Number and interval of the attempts to resume a broken transfer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reconnection {
    pub(super) count: u64,
    pub(super) pause: Duration,
}

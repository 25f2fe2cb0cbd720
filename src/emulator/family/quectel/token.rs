//! Names of timers and streams.

/// Timer of the job under way.
pub(super) const OPERATION: u32 = 0;
/// Timers of the PDP contexts begin here.
pub(super) const CONTEXT: u32 = 100;

/// Streams: a download, what of it still comes after `+++`, a local file.
pub(super) const DOWNLOAD: u32 = 0;
pub(super) const LATE: u32 = 1;
pub(super) const LOCAL_FILE: u32 = 2;
/// A download that stalls, and the timer of its end.
pub(super) const STALL: u32 = 3;

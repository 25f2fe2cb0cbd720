//! What is being sent to the host.

/// A listing.
pub(super) const LIST: u32 = 1;
/// A coded file.
pub(super) const RETRIEVE: u32 = 2;
/// A piece of the cache.
pub(super) const CACHE: u32 = 3;

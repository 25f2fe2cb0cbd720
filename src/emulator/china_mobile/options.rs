//! Where China Mobile modules differ among themselves.

/// How an emulated China Mobile module behaves where real ones differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChinaMobileOptions {}

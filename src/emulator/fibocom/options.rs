//! Where Fibocom modules differ among themselves.

/// How an emulated Fibocom module behaves where real ones differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FibocomOptions {}

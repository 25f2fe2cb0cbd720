//! Where Quectel modules differ among themselves.

/// How an emulated Quectel module behaves where real ones differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuectelOptions {}

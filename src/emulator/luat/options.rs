//! Where Luat modules differ among themselves.

/// How an emulated Luat module behaves where real ones differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LuatOptions {}

//! What can be chosen where the modules of a dialect differ. A further dialect has one line in each list.

pub use super::china_mobile::options::*;
pub use super::fibocom::options::*;
pub use super::generic::options::*;
pub use super::luat::options::*;
pub use super::quectel::options::*;

/// Hands the declaration of [`Options`] to the macro `declare`, with the options of the dialects: what they are, their
/// field, its type and its setter.
macro_rules! with_dialect_options {
    ($declare:ident! { $($common:tt)* }) => {
        $declare! {
            { $($common)* }
            "the Luat dialect": luat, LuatOptions, with_luat;
            "the Fibocom dialect": fibocom, FibocomOptions, with_fibocom;
            "the Quectel dialect": quectel, QuectelOptions, with_quectel;
            "the China Mobile dialect": china_mobile, ChinaMobileOptions, with_china_mobile;
            "the generic dialect": generic, GenericOptions, with_generic;
        }
    };
}

pub(crate) use with_dialect_options;

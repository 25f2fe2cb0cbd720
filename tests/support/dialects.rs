//! The dialects, for tests that every dialect must pass.

/// Makes a test per dialect out of a function that takes the dialect.
#[allow(unused_macros, reason = "not every suite has such tests")]
macro_rules! for_each_dialect {
    ($($(#[$attribute:meta])* fn $name:ident($vendor:ident: Vendor) $body:block)*) => {
        $(
            mod $name {
                use super::*;

                fn check($vendor: Vendor) $body

                $(#[$attribute])* #[test] fn luat() { check(Vendor::Luat) }
                $(#[$attribute])* #[test] fn fibocom() { check(Vendor::Fibocom) }
                $(#[$attribute])* #[test] fn quectel() { check(Vendor::Quectel) }
                $(#[$attribute])* #[test] fn cmcc() { check(Vendor::ChinaMobile) }
                $(#[$attribute])* #[test] fn generic() { check(Vendor::Generic) }
            }
        )*
    };
}
#[allow(unused_imports, reason = "not every suite has such tests")]
pub(crate) use for_each_dialect;

/// Hands the dialects to the macro `then`: the name of each, which is that of its files, and its variant of `Vendor`.
#[allow(unused_macros, reason = "not every suite reads the files of the dialects")]
macro_rules! with_dialects {
    ($then:ident!) => {
        $then! {
            luat: Luat;
            fibocom: Fibocom;
            quectel: Quectel;
            cmcc: ChinaMobile;
            generic: Generic;
        }
    };
}
#[allow(unused_imports, reason = "not every suite reads the files of the dialects")]
pub(crate) use with_dialects;

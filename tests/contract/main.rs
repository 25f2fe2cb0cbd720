//! The contract: one list of promises, kept by every dialect.
//!
//! Most promises are checked in memory and in virtual time, where a module can be made to behave in every way its
//! documents allow; the main path once more on a pty, with a real FTP server (`loopback`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cancellation;
mod commands;
mod crashes;
mod errors;
mod identification;
mod loopback;
mod payloads;
mod refusals;
mod secrets;
mod session;
#[path = "../support/mod.rs"]
mod support;

/// Makes a test per dialect out of a function that takes the dialect.
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
pub(crate) use for_each_dialect;

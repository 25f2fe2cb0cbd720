//! The emulator without the driver: it is compiled here a second time, in a crate in which there is no driver. A
//! misreading of a manual that both shared would cancel out, so the emulator must not name anything of the driver. An
//! emulator file that does (`crate::at`, `super::super::modem`) does not compile here.

#![allow(missing_docs, reason = "the library documents it")]
#![allow(unused, reason = "the tests use a part of it")]
#![allow(clippy::enum_variant_names, reason = "the names are public in the library")]

mod framings;
#[path = "../support/ftps/mod.rs"]
mod ftps;
mod hosts;
mod line;
mod line_ends;
mod names;
mod servers;
mod tls;
/// A file that `#[path]` names directly would look for its own modules beside itself.
#[path = "../../src"]
mod source {
    pub mod emulator;
}

use source::emulator;

//! The traps that real modules and the vendors' documents set, each with a test named after it.
//!
//! `<dialect>_trap_<number>_<what>` is trap `<number>` of the dialect, `<dialect>_contradiction_<number>_<what>` a place where the
//! vendor's document disagrees with itself or with what modules were seen doing. Each is played by an emulated module with the
//! option that sets it, or by a transcript. Where a trap cannot apply to this driver, a comment in its place says why.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cmcc;
mod generic;
#[path = "../support/mod.rs"]
mod support;

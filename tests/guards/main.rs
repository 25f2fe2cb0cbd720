//! The line engine of the crate: deadlines, floods, late answers, resynchronisation, recordings. Each test repeats a case
//! that once failed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod engine;
#[path = "../support/mod.rs"]
mod support;

//! Findings of the review: every test here states what should hold, and fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod found;
mod modems;
#[path = "../support/mod.rs"]
mod support;
mod tools;
mod transfers;

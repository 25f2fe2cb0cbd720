//! Hostile input: arguments of callers, names and listings of servers, modules that never end. One table for the whole
//! public API and all dialects.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod arguments;
#[path = "../support/hostile/mod.rs"]
#[allow(dead_code, reason = "the calls of single dialects are among their quirks")]
mod hostile;
mod memory;
mod names;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod tool;

//! The contract: one list of promises, kept by every dialect.
//!
//! Most promises are checked in memory and in virtual time, where a module can be made to behave in every way its
//! documents allow; the main path once more on a pty, with a real FTP server (`loopback`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cancellation;
mod charset;
mod commands;
mod crashes;
mod deadlines;
mod errors;
mod identification;
mod loopback;
mod network;
mod payloads;
mod raw_commands;
mod refusals;
mod refused_once;
mod secrets;
mod session;
#[path = "../support/mod.rs"]
mod support;

pub(crate) use support::dialects::for_each_dialect;

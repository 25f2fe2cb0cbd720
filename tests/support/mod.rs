//! What the test suites share.

// No suite uses all of it.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod access;
pub mod blocked;
pub mod chance;
pub mod clock;
pub mod dialects;
pub mod expected;
pub mod host;
pub mod line;
pub mod payload;
pub mod replay;
pub mod rig;
pub mod scripted;
pub mod streams;
pub mod watch;

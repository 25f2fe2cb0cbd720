//! What the test suites share.

// No suite uses all of it.
#![allow(dead_code)]

pub mod bench;
pub mod watch;

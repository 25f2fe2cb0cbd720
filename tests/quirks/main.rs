//! What real modules do otherwise than one would expect: one directory a dialect, one file a topic.
//!
//! The name of a test says what the driver does. Its comment says what the module does, and where that was seen or
//! documented. An emulated module plays it, with the option for it, or a session that was composed line by line. The
//! file `transcripts` of each dialect plays the sessions that its documents print.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cmcc;
mod fibocom;
#[path = "../support/ftps/mod.rs"]
mod ftps;
mod generic;
#[path = "../support/hostile/mod.rs"]
#[allow(dead_code, reason = "the calls of every dialect are checked in the security suite")]
mod hostile;
mod luat;
mod quectel;
#[path = "../support/mod.rs"]
mod support;
mod transcript;

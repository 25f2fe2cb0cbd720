//! The tool, run as a process as scripts run it: emulated modules on ptys, a real FTP server on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod commands;
#[path = "../support/dialects.rs"]
mod dialects;
mod emulate;
#[path = "../../examples/demo/ftp_server.rs"]
mod ftp_server;
mod interrupts;
mod output;
mod rig;
mod secrets;
mod statuses;
mod terminal;
mod transfers;
mod usage;

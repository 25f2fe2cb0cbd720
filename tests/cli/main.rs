//! The tool, run as a process as scripts run it: emulated modules on ptys, a real FTP server on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod at;
mod causes;
mod commands;
#[path = "../support/dialects.rs"]
mod dialects;
mod doctor;
mod emulate;
#[path = "../support/expected/mod.rs"]
#[allow(dead_code, reason = "the other suites use the rest")]
mod expected;
mod files;
#[path = "../../examples/demo/ftp_server.rs"]
mod ftp_server;
#[path = "../support/ftps/mod.rs"]
mod ftps;
mod help;
mod interrupts;
mod limits;
#[path = "../support/machine.rs"]
mod machine;
mod manual;
mod options;
mod output;
mod ports;
mod rig;
mod screen;
mod secrets;
mod secured;
mod spool;
mod statuses;
mod terminal;
mod transfers;
mod usage;
mod vanishing;
mod wire;

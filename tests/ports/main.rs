//! The list of ports from sysfs trees of real modules, the selection among them, and what explains a port that cannot
//! be opened.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod access;
mod devices;
mod list;
#[path = "../support/machine.rs"]
mod machine;
mod probes;
mod selection;

use ftp_modem::ports::System;

/// The system of `machine`.
fn system(machine: &machine::Machine) -> System {
    System::with_root(machine.root())
}

//! The position sweep, a sample of it: every operation of every dialect, with single faults all over its exchange.
//!
//! `cargo run --release --example sweep -- --full` does all of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod binary_mode;
mod kit;
mod once;

use ftp_modem::Vendor;

use kit::crew;
use kit::operation::Operation;
use kit::sheet::Sheet;

const RUNS: usize = 50_000;
const SEED: u64 = 1;

#[test]
fn no_single_fault_makes_a_wrong_success_a_hang_or_a_useless_driver() {
    let folder = crew::scratch();
    let sheets = Sheet::all(&Vendor::ALL, Operation::ALL, None, folder.path());
    let tally = crew::sweep(&sheets, &crew::sample(&sheets, RUNS, SEED));
    println!("{tally}");
    assert!(tally.runs >= RUNS as u64);
    assert!(tally.failures.is_empty(), "{tally}\n{}", tally.failures.join("\n"));
}

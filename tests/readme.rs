//! What README says of the dialects is what `capabilities()` says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/mod.rs"]
mod support;

use ftp_modem::Vendor;
use ftp_modem::modem::{Capabilities, Operation};
use support::rig::AnyRig;

fn capabilities() -> Vec<Capabilities> {
    Vendor::ALL.map(|vendor| AnyRig::open(vendor).modem.capabilities().clone()).to_vec()
}

/// The lines between a marker and the next blank line after the table it introduces.
fn table(marker: &str) -> String {
    let readme = include_str!("../README.md");
    let (_, rest) =
        readme.split_once(&format!("<!-- {marker} -->\n")).unwrap_or_else(|| panic!("no {marker} in README"));
    let lines: Vec<&str> =
        rest.lines().skip_while(|line| line.is_empty()).take_while(|line| line.starts_with('|')).collect();
    lines.join("\n")
}

fn header(first: &str, capabilities: &[Capabilities]) -> String {
    let names: Vec<&str> = capabilities.iter().map(|one| one.dialect).collect();
    format!("| {first} | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()))
}

fn row(first: &str, cells: impl Iterator<Item = String>) -> String {
    format!("\n| {first} | {} |", cells.collect::<Vec<_>>().join(" | "))
}

#[test]
fn the_table_of_operations_is_true() {
    let capabilities = capabilities();
    let mut expected = header("Operation", &capabilities);
    for operation in Operation::ALL {
        expected += &row(operation.name(), capabilities.iter().map(|one| one.support(operation).to_string()));
    }
    assert_eq!(table("operations"), expected, "README should say:\n{expected}\n");
}

#[test]
fn the_table_of_assurances_is_true() {
    let capabilities = capabilities();
    let mut expected = header("Transfer", &capabilities);
    expected += &row("download", capabilities.iter().map(|one| format!("{:?}", one.download_assurance)));
    expected += &row("upload", capabilities.iter().map(|one| format!("{:?}", one.upload_assurance)));
    expected += &row("every byte value", capabilities.iter().map(|one| format!("{:?}", one.binary_upload)));
    expected += &row("a wrong password shows", capabilities.iter().map(|one| format!("{:?}", one.login_check)));
    assert_eq!(table("assurance"), expected, "README should say:\n{expected}\n");
}

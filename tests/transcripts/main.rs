//! The sessions that the documents of the vendors print, and public logs of modules, against the whole driver.
//!
//! The headings of a transcript say where its lines are from (`provenance`) and what was added to them (`composed`).
//! Comments mark what only the driver sends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cmcc;
mod fibocom;
mod generic;
mod luat;
mod quectel;
#[path = "../support/mod.rs"]
mod support;

use std::fs;

use ftp_modem::FtpModem;
use ftp_modem::backend::Backend;
use ftp_modem::modem::{Entry, EntryKind};
use ftp_modem::transport::transcript::Transcript;

use support::replay;

/// The session in a file.
#[track_caller]
fn session(file: &str) -> String {
    let path = format!("{}/tests/transcripts/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let transcript = Transcript::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    for heading in ["provenance", "composed"] {
        assert!(transcript.heading(heading).is_some(), "{file} has no heading {heading}");
    }
    text
}

/// Plays a file to the driver of the dialect that the session identifies.
#[track_caller]
fn play(file: &str, scenario: impl Fn(&mut dyn FtpModem)) {
    replay::play_any(&session(file), scenario);
}

/// Plays a file to the driver of one dialect.
#[track_caller]
fn play_as<B: Backend>(file: &str, scenario: impl Fn(&mut B)) {
    replay::play(&session(file), scenario);
}

/// Name, kind and size of each entry.
fn shapes(entries: &[Entry]) -> Vec<(String, EntryKind, Option<u64>)> {
    entries.iter().map(|entry| (entry.name_lossy().into_owned(), entry.kind, entry.size)).collect()
}

/// No transcript is unused.
#[test]
fn every_transcript_is_played() {
    for vendor in ftp_modem::Vendor::ALL {
        let folder = format!("{}/tests/transcripts/{vendor}", env!("CARGO_MANIFEST_DIR"));
        let scenarios =
            fs::read_to_string(format!("{folder}.rs")).unwrap_or_else(|error| panic!("{folder}.rs: {error}"));
        let files: Vec<_> = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}")).collect();
        assert!(!files.is_empty(), "{folder} is empty");
        for file in files {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(scenarios.contains(&format!("\"{vendor}/{name}\"")), "no test plays {vendor}/{name}");
        }
    }
}

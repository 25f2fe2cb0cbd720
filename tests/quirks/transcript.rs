//! Recorded and printed sessions against the whole driver: how a test plays one.
//!
//! The files in tests/transcripts are the sessions that the documents of the vendors print, and public logs of modules.
//! The headings of a transcript say where its lines are from (`provenance`) and what was added to them (`composed`).
//! Comments mark what only the driver sends.

use std::fs;

use ftp_modem::FtpModem;
use ftp_modem::backend::Backend;
use ftp_modem::modem::{Entry, EntryKind};
use ftp_modem::transport::transcript::Transcript;

use crate::support::replay;

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
pub fn play(file: &str, scenario: impl Fn(&mut dyn FtpModem)) {
    replay::play_any(&session(file), scenario);
}

/// Plays a file to the driver of one dialect.
#[track_caller]
pub fn play_as<B: Backend>(file: &str, scenario: impl Fn(&mut B)) {
    replay::play(&session(file), scenario);
}

/// Name, kind and size of each entry.
pub fn shapes(entries: &[Entry]) -> Vec<(String, EntryKind, Option<u64>)> {
    entries.iter().map(|entry| (entry.name_lossy().into_owned(), entry.kind, entry.size)).collect()
}

/// No transcript is unused.
#[test]
fn every_transcript_is_played() {
    for vendor in ftp_modem::Vendor::ALL {
        let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
        let folder = format!("{tests}/transcripts/{vendor}");
        let scenarios = format!("{tests}/quirks/{vendor}/transcripts.rs");
        let scenarios = fs::read_to_string(&scenarios).unwrap_or_else(|error| panic!("{scenarios}: {error}"));
        let files: Vec<_> = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}")).collect();
        assert!(!files.is_empty(), "{folder} is empty");
        for file in files {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(scenarios.contains(&format!("\"{vendor}/{name}\"")), "no test plays {vendor}/{name}");
        }
    }
}

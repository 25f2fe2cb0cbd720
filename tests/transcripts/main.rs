//! Recorded sessions, replayed: what the vendors' documents print, byte for byte, against the whole driver.
//!
//! Each transcript says where it comes from in its `provenance` line, and marks by comments where our side of the session
//! differs from the printed one (an explicit port, a size asked for first).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cmcc;
mod fibocom;
mod generic;
mod luat;
mod quectel;

use ftp_modem::modem::{Entry, EntryKind};
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{FtpModem, OpenOptions};

/// How the module's bytes are delivered: one at a time, in small pieces, all at once.
const FRAGMENTS: [usize; 4] = [1, 2, 7, usize::MAX];

/// Plays `file` against `scenario`, delivered in every way, and expects that all of it was played.
fn play(file: &str, scenario: impl Fn(&mut dyn FtpModem)) {
    let path = format!("{}/tests/transcripts/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let transcript = Transcript::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(transcript.heading("provenance").is_some(), "{file} does not say where it comes from");
    for fragment in FRAGMENTS {
        let replay = Replay::new(transcript.clone()).with_fragment(fragment);
        let opened = OpenOptions::new().open_on(replay.clone());
        let mut modem = opened.unwrap_or_else(|error| panic!("{file} in pieces of {fragment}: {error}"));
        scenario(&mut *modem);
        replay.finish().unwrap_or_else(|difference| panic!("{file} in pieces of {fragment}: {difference}"));
    }
}

/// Name, kind and size of each entry.
fn shapes(entries: &[Entry]) -> Vec<(String, EntryKind, Option<u64>)> {
    entries.iter().map(|entry| (entry.name_lossy().into_owned(), entry.kind, entry.size)).collect()
}

/// No transcript lies about unused.
#[test]
fn every_transcript_is_played() {
    for vendor in ftp_modem::Vendor::ALL {
        let folder = format!("{}/tests/transcripts/{vendor}", env!("CARGO_MANIFEST_DIR"));
        let scenarios =
            std::fs::read_to_string(format!("{folder}.rs")).unwrap_or_else(|error| panic!("{folder}.rs: {error}"));
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}")).collect();
        assert!(!files.is_empty(), "{folder} is empty");
        for file in files {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(scenarios.contains(&format!("\"{vendor}/{name}\"")), "nobody plays {vendor}/{name}");
        }
    }
}

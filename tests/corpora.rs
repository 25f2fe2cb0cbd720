//! The corpora of the fuzzers, without a nightly toolchain: every input of `fuzz/corpus` goes through the same check as
//! under the fuzzer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../fuzz/checks/framer.rs"]
#[allow(dead_code, reason = "what other tests use of it")]
mod framer;
#[path = "../fuzz/checks/listing.rs"]
mod listing;
#[path = "../fuzz/checks/reply.rs"]
mod reply;
#[path = "../fuzz/checks/session.rs"]
mod session;
#[path = "../fuzz/checks/transcript.rs"]
mod transcript;

use std::fs;
use std::path::Path;

/// A fuzz target, by the name of its corpus.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 5] = [
    ("framer", framer::run),
    ("reply", reply::run),
    ("listing", listing::run),
    ("transcript", transcript::run),
    ("session", session::run),
];

#[test]
fn every_input_that_was_kept_passes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (target, check) in TARGETS {
        let inputs = fs::read_dir(corpus.join(target)).unwrap();
        let mut count = 0;
        for input in inputs {
            let path = input.unwrap().path();
            // The last one that is printed is the one that fails.
            println!("{}", path.display());
            check(&fs::read(&path).unwrap());
            count += 1;
        }
        assert!(count >= 30, "{target}: only {count} inputs");
    }
}

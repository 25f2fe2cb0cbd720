//! What fuzzing and property tests have found.

use std::fs;

use ftp_modem::Vendor;
use ftp_modem::emulator::{Operation, RemoteError, ServerFault};
use ftp_modem::transfer::{Retry, Upload};

use crate::support::bench::Bench;

/// A server that answers 550 to SIZE, or a session that was lost with a code that also means a missing file, once made an
/// append begin with STOR.
#[test]
fn an_append_does_not_replace_a_file_that_was_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("more.txt");
    fs::write(&local, "567890").unwrap();
    for vendor in [Vendor::Luat, Vendor::Quectel, Vendor::ChinaMobile] {
        for is_lost in [true, false] {
            let mut bench = Bench::online(vendor);
            bench.files.put("/log", "1234");
            if is_lost {
                bench.files.misbehave(ServerFault::Unavailable { after: 0 });
            }
            for operation in [Operation::Size, Operation::List] {
                bench.files.fail_next(operation, RemoteError::Reply { code: 550, text: "not now".into() });
            }
            let append = Upload::new(&local, "/log").append(true).retry(Retry::never());
            let outcome = append.run(&mut *bench.modem);
            let there = bench.files.file("/log").unwrap();
            assert!(there.starts_with(b"1234"), "{vendor}: {outcome:?}, the file is {:?}", there.escape_ascii());
        }
    }
}

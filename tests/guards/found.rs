//! What fuzzing and property tests have found.

use std::fs;

use ftp_modem::Vendor;
use ftp_modem::emulator::{Operation, RemoteError, ServerFault};
use ftp_modem::transfer::{Download, Retry, Upload};

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
            assert!(there.starts_with(b"1234"), "{vendor}: {outcome:?}, the file is {}", there.escape_ascii());
        }
    }
}

/// The size of the file that was there before was once taken for that of the one which had replaced it meanwhile.
#[test]
fn a_file_that_is_replaced_while_it_is_compared_is_downloaded_whole() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let folder = tempfile::tempdir().unwrap();
        let local = folder.path().join("a.bin");
        let download = || Download::new("/a.bin", &local).resume(true).retry(Retry::never());
        bench.files.put("/a.bin", vec![1; 9_000]);
        bench.files.misbehave(ServerFault::Abort { after: 7_000 });
        bench.files.misbehave(ServerFault::Replace { content: vec![3; 30_000] });
        if download().run(&mut *bench.modem).is_ok() {
            // This dialect asks again by itself.
            continue;
        }
        let report = download().run(&mut *bench.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(fs::read(&local).unwrap() == vec![3; 30_000], "{vendor}: {report:?}");
    }
}

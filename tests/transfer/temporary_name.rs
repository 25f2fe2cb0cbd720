//! Uploads via a temporary name: the file on the server is the old one or the new one, never a part.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftp_modem::emulator::{Operation, RemoteError};
use ftp_modem::modem::Operation as Supported;
use ftp_modem::transfer::{Retry, Upload};
use ftp_modem::{ErrorKind, Vendor};

use crate::support::clock::Sleepless;
use crate::support::payload::pattern;
use crate::support::rig::AnyRig;
use crate::{broken, reconnect, target};

const FILE: &str = "/dir/up.bin";

/// The dialects that can rename, each with an old file on the server and a new one on the disk.
fn for_each_that_renames(mut check: impl FnMut(Vendor, &mut AnyRig, Upload<'static>)) {
    for vendor in [Vendor::Fibocom, Vendor::Quectel, Vendor::ChinaMobile] {
        let mut rig = AnyRig::online(vendor);
        assert!(rig.modem.capabilities().supports(Supported::Rename), "{vendor}");
        rig.files.put(FILE, "old");
        let (_folder, path) = target();
        fs::write(&path, pattern(20_000)).unwrap();
        let upload = Upload::new(&path, FILE).via_temporary_name(true).on_clock(Sleepless::default());
        check(vendor, &mut rig, upload);
    }
}

#[test]
fn the_old_file_stays_until_the_new_one_is_complete() {
    for_each_that_renames(|vendor, rig, upload| {
        let files = rig.files.clone();
        let report = upload
            .on_progress(move |_| assert_eq!(files.file(FILE).unwrap(), b"old"))
            .run(&mut *rig.modem)
            .unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert_eq!((report.size, report.attempts), (20_000, 1), "{vendor}");
        assert_eq!(rig.files.files(), [FILE], "{vendor}");
        assert!(rig.files.file(FILE).unwrap() == pattern(20_000), "{vendor}");
    });
}

#[test]
fn a_failed_upload_leaves_the_old_file_and_nothing_else() {
    for_each_that_renames(|vendor, rig, upload| {
        rig.files.play(&"server 426 5000".parse().unwrap());
        let outcome = upload.retry(Retry::never()).run(&mut *rig.modem);
        let error = outcome.expect_err(vendor.name());
        assert_eq!(rig.files.files(), [FILE], "{vendor}: {error}");
        assert_eq!(rig.files.file(FILE).unwrap(), b"old", "{vendor}: {error}");
        assert!(!error.to_string().contains("may be left"), "{vendor}: {error}");
    });
}

#[test]
fn an_upload_that_is_stopped_leaves_the_old_file_and_nothing_else() {
    for_each_that_renames(|vendor, rig, upload| {
        let flag = Arc::new(AtomicBool::new(false));
        let set = flag.clone();
        let upload = upload.cancel_with(flag.clone()).on_progress(move |progress| {
            if progress.bytes > 0 {
                set.store(true, Ordering::Relaxed);
            }
        });
        let error = upload.run(&mut *rig.modem).expect_err(vendor.name());
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{vendor}: {error}");
        assert_eq!(rig.files.files(), [FILE], "{vendor}: {error}");
        assert!(!error.to_string().contains("may be left"), "{vendor}: {error}");
        rig.still_works();
    });
}

#[test]
fn the_old_file_makes_way_where_the_server_does_not_replace_it() {
    for_each_that_renames(|vendor, rig, upload| {
        rig.files.fail_next(Operation::Rename, RemoteError::reply(553, "File exists."));
        upload.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert_eq!(rig.files.files(), [FILE], "{vendor}");
        assert!(rig.files.file(FILE).unwrap() == pattern(20_000), "{vendor}");
    });
}

#[test]
fn the_old_file_keeps_its_name_where_the_server_refuses_every_rename() {
    for_each_that_renames(|vendor, rig, upload| {
        for _ in 0..2 {
            rig.files.fail_next(Operation::Rename, RemoteError::reply(553, "Not allowed."));
        }
        let error = upload.run(&mut *rig.modem).expect_err(vendor.name());
        assert_eq!(rig.files.files(), [FILE], "{vendor}: {error}");
        assert_eq!(rig.files.file(FILE).unwrap(), b"old", "{vendor}: {error}");
        assert_eq!(error.transferred(), Some(20_000), "{vendor}");
    });
    // Without an old file nothing is in the way: what the server refuses is cleaned up.
    for_each_that_renames(|vendor, rig, upload| {
        rig.modem.remove(FILE).unwrap();
        rig.files.fail_next(Operation::Rename, RemoteError::reply(553, "Not allowed."));
        let error = upload.run(&mut *rig.modem).expect_err(vendor.name());
        assert_eq!(rig.files.files(), [""; 0], "{vendor}: {error}");
    });
}

#[test]
fn a_rename_that_the_network_interrupts_is_retried() {
    for_each_that_renames(|vendor, rig, upload| {
        rig.files.fail_next(Operation::Rename, broken());
        let outcome = upload.reconnect_with(reconnect()).run(&mut *rig.modem);
        // Fibocom's result names no reason, and the session is found lost only later.
        match outcome {
            Ok(_) => assert!(rig.files.file(FILE).unwrap() == pattern(20_000), "{vendor}"),
            Err(error) => {
                assert_eq!(vendor, Vendor::Fibocom, "{error}");
                assert_eq!(rig.files.file(FILE).unwrap(), b"old", "{error}");
            }
        }
        assert_eq!(rig.files.files(), [FILE], "{vendor}");
    });
}

#[test]
fn what_cannot_go_by_a_temporary_name_is_refused_before_anything_is_sent() {
    let cases = [
        (Vendor::Luat, FILE, false, ErrorKind::Unsupported),
        (Vendor::Generic, FILE, false, ErrorKind::Unsupported),
        (Vendor::Quectel, FILE, true, ErrorKind::InvalidInput),
        (Vendor::Quectel, "/dir/", false, ErrorKind::InvalidInput),
        (Vendor::Quectel, "..", false, ErrorKind::InvalidInput),
    ];
    for (vendor, remote, append, kind) in cases {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, "x").unwrap();
        let before = rig.line.sent();
        let upload = Upload::new(&path, remote).via_temporary_name(true).append(append);
        let error = upload.run(&mut *rig.modem).unwrap_err();
        assert_eq!(error.kind(), kind, "{vendor}, {remote}: {error}");
        assert_eq!(rig.line.sent(), before, "{vendor}, {remote}");
    }
}

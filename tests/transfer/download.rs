//! Downloads: complete and verified, or the old file is kept.

use std::fs;

use ftp_modem::emulator::{Damage, Operation, Plan, RemoteError};
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Download, Retry};
use ftp_modem::{ErrorKind, Vendor};

use crate::support::clock::Sleepless;
use crate::support::expected::expected;
use crate::support::payload::{padded, pattern};
use crate::support::rig::AnyRig;
use crate::{broken, names, reconnect, target};

#[test]
fn a_download_appears_under_its_name_when_it_is_complete() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let (folder, path) = target();
        for size in [0, 1, 100_000] {
            rig.files.put("/a.bin", pattern(size));
            let mut seen = 0;
            let report = Download::new("/a.bin", &path)
                .on_progress(|progress| seen = progress.bytes)
                .run(&mut *rig.modem)
                .unwrap_or_else(|error| panic!("{vendor}, {size}: {error}"));
            assert_eq!((report.size, report.attempts, seen), (size as u64, 1, size as u64), "{vendor}");
            assert_eq!(report.assurance, Assurance::ServerSize);
            assert!(fs::read(&path).unwrap() == pattern(size), "{vendor}");
            assert_eq!(names(&folder), ["file.bin"], "{vendor}: nothing else is left");
        }
    }
}

#[test]
fn a_failed_download_keeps_the_old_file() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, "mine").unwrap();
        let missing = Download::new("/missing.bin", &path).run(&mut *rig.modem).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Unavailable, "{vendor}: {missing}");
        rig.files.put("/a.bin", pattern(50_000));
        rig.files.fail_next(Operation::Retrieve, broken());
        let failed = Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *rig.modem);
        // One dialect retries by itself.
        if failed.is_err() {
            assert_eq!(fs::read(&path).unwrap(), b"mine", "{vendor}");
        }
        rig.still_works();
    }
}

#[test]
fn a_broken_download_is_resumed() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let (folder, path) = target();
        let bytes = pattern(60_000);
        rig.files.put("/a.bin", bytes.clone());
        rig.files.break_download_after(40_000);
        let clock = Sleepless::default();
        let report = Download::new("/a.bin", &path)
            .on_clock(clock.clone())
            .reconnect_with(reconnect())
            .run(&mut *rig.modem)
            .unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(fs::read(&path).unwrap() == bytes, "{vendor}");
        let most = if expected(vendor).proves_no_part { 100_000 } else { 90_000 };
        assert!(report.moved < most, "{vendor}: {report:?} began at the first byte");
        assert_eq!(names(&folder), ["file.bin"], "{vendor}");
    }
}

#[test]
fn bytes_that_never_passed_are_not_counted_as_moved() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let bytes = padded(30_000, 0);
    rig.files.put("/a.bin", bytes.clone());
    rig.files.break_download_after(20_000);
    let (_folder, path) = target();
    let mut moved = 0;
    if Download::new("/a.bin", &path).resume(true).retry(Retry::never()).run(&mut *rig.modem).is_err() {
        for _ in 0..3 {
            rig.files.fail_next(Operation::Retrieve, broken());
        }
        let second = Download::new("/a.bin", &path).resume(true).on_clock(Sleepless::default());
        let report = second.run(&mut *rig.modem).unwrap();
        moved = report.moved;
    }
    assert!(moved <= 30_000 - 19_000 + 1024 + 600, "{moved} bytes");
}

#[test]
fn a_server_that_refuses_size_or_mdtm_can_still_be_downloaded_from() {
    for operation in [Operation::Size, Operation::Modified] {
        for (code, words) in [(550, "not allowed in ASCII mode"), (502, "not implemented")] {
            let mut rig = AnyRig::online(Vendor::Quectel);
            rig.files.put("/a.bin", "x");
            rig.files.fail_next(operation, RemoteError::reply(code, words));
            let (_folder, path) = target();
            let outcome = Download::new("/a.bin", &path).run(&mut *rig.modem);
            assert!(outcome.is_ok(), "{operation:?}, {code}: {}", outcome.unwrap_err());
        }
    }
}

#[test]
fn a_byte_lost_on_the_line_is_noticed() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let bytes = padded(20_000, 60_000);
        rig.files.put("/fw.bin", bytes.clone());
        let (_folder, path) = target();
        rig.line.play(Plan::from(Damage::Delete.of_output(8_000)));
        let outcome = Download::new("/fw.bin", &path).on_clock(Sleepless::default()).run(&mut *rig.modem);
        if let Ok(report) = outcome {
            assert!(fs::read(&path).unwrap() == bytes, "{vendor}: {report:?}");
        }
    }
}

//! Servers that refuse what most accept, or that change files meanwhile.

use std::fs;
use std::time::Duration;

use ftp_modem::emulator::{Operation, Options, RemoteError};
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Download, Retry, Upload};
use ftp_modem::{ErrorKind, Vendor};

use crate::support::clock::Sleepless;
use crate::support::expected::expected;
use crate::support::payload::pattern;
use crate::support::rig::{AnyRig, carrying};
use crate::{broken, names, reconnect, target};

#[test]
fn a_complete_upload_whose_size_cannot_be_checked_is_a_success() {
    for vendor in Vendor::ALL {
        for reply in [550, 502] {
            let mut options = carrying(vendor);
            options.network_latency = Duration::from_millis(300);
            let mut rig = AnyRig::online_with(vendor, options);
            let (_folder, path) = target();
            fs::write(&path, pattern(3000)).unwrap();
            // A driver may look for the size in more than one way.
            for operation in [Operation::Size, Operation::List, Operation::List, Operation::List] {
                rig.files.fail_next(operation, RemoteError::reply(reply, "Refused."));
            }
            let upload = Upload::new(&path, "/up.bin").force_binary(true).retry(Retry::never());
            let report = upload.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}, {reply}: {error}"));
            assert_eq!((report.size, report.attempts), (3000, 1), "{vendor}, {reply}");
            assert!(report.assurance < Assurance::ServerSize, "{vendor}, {reply}: {report:?}");
            assert!(rig.files.file("/up.bin").unwrap() == pattern(3000), "{vendor}, {reply}");
        }
    }
}

#[test]
fn a_download_goes_on_where_the_server_refuses_the_restart_offset() {
    // An error without a reason is taken for the server's refusal, which no retry cures.
    for vendor in Vendor::ALL.into_iter().filter(|vendor| !expected(*vendor).refuses_without_reason) {
        let mut rig = AnyRig::online(vendor);
        let (folder, path) = target();
        rig.files.put("/a.bin", pattern(40_000));
        rig.files.break_download_after(20_000);
        let files = rig.files.clone();
        let mut has_begun = false;
        let download = Download::new("/a.bin", &path).on_clock(Sleepless::default()).reconnect_with(reconnect());
        let report = download
            .on_progress(|_| {
                if !std::mem::replace(&mut has_begun, true) {
                    files.fail_next(Operation::Retrieve, RemoteError::reply(502, "REST not implemented."));
                }
            })
            .run(&mut *rig.modem)
            .unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(report.attempts > 1 || expected(vendor).repeats_downloads, "{vendor}: {report:?}");
        assert!(fs::read(&path).unwrap() == pattern(40_000), "{vendor}");
        assert_eq!(names(&folder), ["file.bin"], "{vendor}");
    }
}

#[test]
fn an_upload_goes_on_where_the_server_refuses_to_append() {
    for vendor in Vendor::ALL {
        for reply in [502, 451] {
            let mut rig = AnyRig::online_with(vendor, carrying(vendor));
            let (_folder, path) = target();
            fs::write(&path, pattern(40_000)).unwrap();
            rig.files.put("/up.bin", &pattern(40_000)[..12_000]);
            rig.files.fail_next(Operation::Store, RemoteError::reply(reply, "APPE refused."));
            let upload = Upload::new(&path, "/up.bin").force_binary(true).resume(true).on_clock(Sleepless::default());
            let outcome = upload.reconnect_with(reconnect()).run(&mut *rig.modem);
            outcome.unwrap_or_else(|error| panic!("{vendor}, {reply}: {error}"));
            assert!(rig.files.file("/up.bin").unwrap() == pattern(40_000), "{vendor}, {reply}");
        }
    }
}

#[test]
fn a_download_of_a_missing_file_leaves_nothing() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let (folder, path) = target();
        let download = Download::new("/missing.bin", &path).resume(true).on_clock(Sleepless::default());
        let error = download.run(&mut *rig.modem).unwrap_err();
        assert!(!error.is_retryable(), "{vendor}: {error}");
        assert_eq!(names(&folder), [""; 0], "{vendor}");
        // Nor where nothing of the file arrives.
        rig.files.put("/a.bin", pattern(1000));
        rig.files.fail_next(Operation::Retrieve, broken());
        let download = Download::new("/a.bin", &path).retry(Retry::never()).on_clock(Sleepless::default());
        download.run(&mut *rig.modem).unwrap_err();
        assert_eq!(names(&folder), [""; 0], "{vendor}");
    }
}

#[test]
fn a_size_that_contradicts_the_upload_stays_an_error() {
    for vendor in [Vendor::Luat, Vendor::Fibocom, Vendor::Quectel] {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, pattern(3000)).unwrap();
        rig.files.play(&"server part 2000".parse().unwrap());
        let upload = Upload::new(&path, "/up.bin").retry(Retry::never());
        let error = upload.run(&mut *rig.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{vendor}: {error}");
    }
}

#[test]
fn the_length_of_a_link_is_not_the_size_of_its_target() {
    let mut rig = AnyRig::online(Vendor::Generic);
    rig.files.put("/R.pkg", pattern(5000));
    rig.files.set_listing("/", "lrwxrwxrwx   1 0 1001 15 May 01  2017 R.pkg -> old/R.pkg\r\n");
    let error = rig.modem.size("/R.pkg").unwrap_err();
    assert!(error.kind() == ErrorKind::Unavailable && error.to_string().contains("symbolic link"), "{error}");
}

#[test]
fn a_file_that_grew_since_its_size_was_queried_is_downloaded_whole() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let (folder, path) = target();
        rig.files.put("/a.bin", pattern(10_000));
        let download = Download::new("/a.bin", &path).size(6_000).on_clock(Sleepless::default());
        let report = download.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert_eq!(report.size, 10_000, "{vendor}: {report:?}");
        assert!(fs::read(&path).unwrap() == pattern(10_000), "{vendor}");
        assert_eq!(names(&folder), ["file.bin"], "{vendor}");
    }
}

/// Without the end of the file the size proves nothing. Here it is that of the longest piece that the module delivers.
#[test]
fn a_download_whose_end_cannot_be_seen_is_unconfirmed() {
    let mut options = Options::default();
    options.generic.get_limit = Some(1000);
    let mut rig = AnyRig::online_with(Vendor::Generic, options);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(10_000));
    for refuses in [false, true] {
        if refuses {
            rig.files.habits().refuses_restart = Some(502);
            rig.files.put("/a.bin", pattern(1000));
        }
        let report = Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *rig.modem).unwrap();
        let known = if refuses { Assurance::Unconfirmed } else { Assurance::ServerSize };
        assert_eq!((report.assurance, fs::read(&path).unwrap().len() as u64), (known, report.size));
    }
}

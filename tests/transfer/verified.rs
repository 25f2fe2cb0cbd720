//! The comparison of every byte, on request: it finds what counts cannot find.

use std::fs;

use ftp_modem::emulator::{Damage, MemoryServer, Operation, Plan, RemoteError};
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Download, Retry, Upload};
use ftp_modem::{ErrorKind, Vendor};

use crate::support::clock::Sleepless;
use crate::support::payload::pattern;
use crate::support::rig::{AnyRig, carrying};
use crate::{broken, names, target};

/// Text, which every dialect carries.
fn text(size: usize) -> Vec<u8> {
    (0..size).map(|index| b'a' + (index % 23) as u8).collect()
}

#[test]
fn a_file_that_is_the_same_is_confirmed_by_its_content() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online_with(vendor, carrying(vendor));
        let (_folder, path) = target();
        for size in [1, 30_000] {
            fs::write(&path, pattern(size)).unwrap();
            let upload = Upload::new(&path, "/a.bin").force_binary(true).verify_content(true);
            let report = upload.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}, {size}: {error}"));
            assert_eq!((report.assurance, report.moved), (Assurance::ContentCompared, size as u64), "{vendor}");
            let download = Download::new("/a.bin", &path).verify_content(true);
            let report = download.run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}, {size}: {error}"));
            assert_eq!((report.assurance, report.moved), (Assurance::ContentCompared, size as u64), "{vendor}");
            assert!(fs::read(&path).unwrap() == pattern(size), "{vendor}");
        }
    }
}

#[test]
fn a_changed_bit_of_a_download_is_found() {
    for vendor in Vendor::ALL {
        for verify in [false, true] {
            let mut rig = AnyRig::online(vendor);
            let (folder, path) = target();
            rig.files.put("/a.bin", text(30_000));
            rig.line.play(Plan::from(Damage::Flip(0).of_output(10_000)));
            let download = Download::new("/a.bin", &path).retry(Retry::never()).verify_content(verify);
            match download.run(&mut *rig.modem) {
                Ok(report) => {
                    assert!(!verify, "{vendor}: {report:?}");
                    assert!(fs::read(&path).unwrap() != text(30_000), "{vendor}: no bit was changed");
                }
                Err(error) => {
                    assert!(verify, "{vendor}: {error}");
                    assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{vendor}: {error}");
                    assert_eq!(names(&folder), [""; 0], "{vendor}: neither of the two is kept");
                }
            }
        }
    }
}

#[test]
fn a_changed_bit_of_an_upload_is_found() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, text(30_000)).unwrap();
        rig.line.play(Plan::from(Damage::Flip(0).of_input(10_000)));
        let upload = Upload::new(&path, "/a.bin").retry(Retry::never()).verify_content(true);
        let error = upload.run(&mut *rig.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{vendor}: {error}");
        assert!(rig.files.file("/a.bin").unwrap() != text(30_000), "{vendor}: no bit was changed");
    }
}

#[test]
fn a_comparison_that_is_asked_for_and_cannot_be_made_is_an_error() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let (_folder, path) = target();
    fs::write(&path, text(3_000)).unwrap();
    rig.files.fail_next(Operation::Retrieve, RemoteError::reply(550, "write-only"));
    let error = Upload::new(&path, "/a.bin").verify_content(true).run(&mut *rig.modem).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Unavailable, Some(3_000)), "{error}");
    assert!(error.to_string().contains("the file was uploaded, but could not be compared"), "{error}");
    assert!(rig.files.file("/a.bin").unwrap() == text(3_000));
}

#[test]
fn a_comparison_that_breaks_off_is_repeated_alone() {
    for vendor in [Vendor::Luat, Vendor::Fibocom, Vendor::Quectel] {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, text(30_000)).unwrap();
        rig.files.fail_next(Operation::Retrieve, broken());
        let upload = Upload::new(&path, "/a.bin").verify_content(true).on_clock(Sleepless::default());
        let (report, sent) = rig.line.sent_by(|| upload.run(&mut *rig.modem));
        let report = report.unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert_eq!((report.assurance, report.moved), (Assurance::ContentCompared, 30_000), "{vendor}");
        assert!(sent.len() < 40_000, "{vendor}: {} bytes were sent", sent.len());
    }
}

#[test]
fn a_file_that_the_dialect_does_not_carry_is_refused_before_anything_is_sent() {
    let mut rig = AnyRig::online(Vendor::Generic);
    let (_folder, path) = target();
    let mut content = text(30_000);
    content.push(b'\r');
    fs::write(&path, content).unwrap();
    let before = rig.line.sent();
    let error = Upload::new(&path, "/a.txt").run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(error.to_string().contains("the byte 0x0d at offset 30000"), "{error}");
    assert_eq!(rig.line.sent(), before);
}

#[test]
fn a_file_that_grows_meanwhile_is_compared_as_far_as_it_was_downloaded() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let (_folder, path) = target();
    rig.files.put("/a.log", text(5_000));
    let grow = |files: &MemoryServer, size: usize| {
        let files = files.clone();
        move |_: &mut ftp_modem::emulator::Faulty, _| files.put("/a.log", text(size))
    };
    rig.line.before("+QFTPGET", grow(&rig.files, 6_000));
    // The size is queried before the download and after it.
    for size in [5_000, 7_000] {
        rig.line.before("+QFTPSIZE", grow(&rig.files, size));
    }
    let download = Download::new("/a.log", &path).verify_content(true);
    let report = download.run(&mut *rig.modem).unwrap();
    assert_eq!((report.size, report.grown_to), (6_000, Some(7_000)), "{report:?}");
    assert_eq!(report.assurance, Assurance::ContentCompared);
    assert!(fs::read(&path).unwrap() == text(6_000));
}

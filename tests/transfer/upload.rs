//! Uploads: verified, resumed, never doubled.

use std::fs;
use std::time::Duration;

use ftp_modem::emulator::{Damage, Operation, Options, RemoteError};
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Retry, Upload};
use ftp_modem::{ErrorKind, Vendor};

use crate::support::clock::Sleepless;
use crate::support::expected::expected;
use crate::support::payload::{padded, pattern};
use crate::support::rig::{AnyRig, carrying};
use crate::{broken, reconnect, target};

#[test]
fn an_upload_is_verified_by_the_size_on_the_server_unless_that_takes_a_listing() {
    for vendor in Vendor::ALL {
        let known = expected(vendor).upload;
        let mut rig = AnyRig::online_with(vendor, carrying(vendor));
        let (_folder, path) = target();
        for size in [1, 30_000] {
            fs::write(&path, pattern(size)).unwrap();
            let report = Upload::new(&path, "/up.bin").force_binary(true).run(&mut *rig.modem);
            let report = report.unwrap_or_else(|error| panic!("{vendor}, {size}: {error}"));
            assert_eq!((report.size, report.attempts), (size as u64, 1), "{vendor}");
            assert_eq!(report.assurance, known, "{vendor}");
            assert!(rig.files.file("/up.bin").unwrap() == pattern(size), "{vendor}");
        }
    }
}

/// The payload is part of command lines, where a size may be right and the content wrong.
#[test]
fn a_dialect_that_confirms_no_upload_is_read_back_and_compared() {
    let mut rig = AnyRig::online(Vendor::Generic);
    let (_folder, path) = target();
    let csv = b"\"2024-07-22\";21,5;\"a, b\";;,,".repeat(40);
    fs::write(&path, &csv).unwrap();
    rig.line.clear();
    let report = Upload::new(&path, "/up.csv").run(&mut *rig.modem).unwrap();
    assert_eq!((report.size, report.assurance), (csv.len() as u64, Assurance::ContentCompared));
    assert_eq!(rig.line.text().matches("AT+FTPGET\r").count(), 1);
    assert_eq!(rig.line.text().matches("AT+FTPLIST").count(), 0, "a comparison needs no size");
    for (change, size) in [("shorter", csv.len() - 1), ("longer", csv.len() + 1)] {
        let mut rig = AnyRig::online(Vendor::Generic);
        let mut changed = csv.clone();
        changed.resize(size, b'x');
        let files = rig.files.clone();
        rig.line.before("AT+FTPGETNAME", move |_, _| files.put("/up.csv", changed));
        let error = Upload::new(&path, "/up.csv").run(&mut *rig.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{change}: {error}");
    }
    for at in [0, 700, csv.len() - 1] {
        let mut rig = AnyRig::online(Vendor::Generic);
        let mut changed = csv.clone();
        changed[at] ^= 1;
        let files = rig.files.clone();
        rig.line.before("AT+FTPGETNAME", move |_, _| files.put("/up.csv", changed));
        let error = Upload::new(&path, "/up.csv").run(&mut *rig.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{error}");
        assert!(error.to_string().contains(&format!("behind its first {at} bytes")), "{error}");
    }
    // A file that nobody may read is uploaded all the same.
    let mut rig = AnyRig::online(Vendor::Generic);
    rig.line.answer("AT+FTPGET\r", b"\r\nERROR\r\n");
    let report = Upload::new(&path, "/up.csv").run(&mut *rig.modem).unwrap();
    assert_eq!(report.attempts, 1);
    assert!(rig.files.file("/up.csv").unwrap() == csv);
}

/// Seen on a SIM900: line feeds grow although the binary type was set (mikrocontroller.net, topic 256481).
#[test]
fn a_module_that_changes_line_ends_is_noticed() {
    let mut options = Options::default();
    options.luat.line_feeds_expanded = true;
    let mut rig = AnyRig::online_with(Vendor::Luat, options);
    let (_folder, path) = target();
    fs::write(&path, "a\nb\n").unwrap();
    let error = Upload::new(&path, "/up.txt").run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{error}");
    assert!(error.transferred().is_some(), "the error says how much the server may have: {error}");
}

#[test]
fn bytes_lost_on_the_line_are_noticed() {
    for vendor in [Vendor::Quectel, Vendor::Luat, Vendor::ChinaMobile] {
        for lost in [1, 5, 20] {
            let mut rig = AnyRig::online(vendor);
            let bytes = padded(20_000, 60_000);
            let (_folder, path) = target();
            fs::write(&path, &bytes).unwrap();
            rig.line.play((8_000..8_000 + lost).map(|at| Damage::Delete.of_input(at)).collect());
            let outcome = Upload::new(&path, "/fw.bin").on_clock(Sleepless::default()).run(&mut *rig.modem);
            if let Ok(report) = outcome {
                assert!(rig.files.file("/fw.bin").unwrap() == bytes, "{vendor}, {lost} lost: {report:?}");
            }
        }
    }
}

#[test]
fn a_broken_upload_is_completed() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online_with(vendor, carrying(vendor));
        let (_folder, path) = target();
        let bytes = pattern(40_000);
        fs::write(&path, &bytes).unwrap();
        rig.files.fail_next(Operation::Store, broken());
        let clock = Sleepless::default();
        let report = Upload::new(&path, "/up.bin")
            .force_binary(true)
            .reconnect_with(reconnect())
            .on_clock(clock)
            .run(&mut *rig.modem)
            .unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(report.attempts >= 2 || expected(vendor).repeats_uploads, "{vendor}: {report:?}");
        assert!(rig.files.file("/up.bin").unwrap() == bytes, "{vendor}");
    }
}

#[test]
fn a_partial_file_on_the_server_is_resumed_when_its_end_matches() {
    for vendor in [Vendor::Luat, Vendor::Quectel, Vendor::ChinaMobile] {
        for ours in [true, false] {
            let mut rig = AnyRig::online(vendor);
            let (_folder, path) = target();
            let bytes = pattern(20_000);
            fs::write(&path, &bytes).unwrap();
            let mut there = bytes[..12_000].to_vec();
            there[11_990] ^= u8::from(!ours);
            rig.files.put("/up.bin", there);
            let report = Upload::new(&path, "/up.bin").resume(true).run(&mut *rig.modem).unwrap();
            assert!(rig.files.file("/up.bin").unwrap() == bytes, "{vendor}");
            assert_eq!(report.moved, if ours { 8_000 } else { 20_000 }, "{vendor}");
        }
    }
}

#[test]
fn an_older_file_on_the_server_is_not_taken_for_the_upload() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let bytes: Vec<u8> = (0..3000u32).map(|index| b'a' + (index * index % 26) as u8).collect();
        let mut old = bytes.clone();
        old[5] = b'_';
        rig.files.put("/up.txt", old);
        let (_folder, path) = target();
        fs::write(&path, &bytes).unwrap();
        // The first attempt ends before anything is sent.
        rig.files.play(&"server drop 0".parse().unwrap());
        let outcome = Upload::new(&path, "/up.txt").on_clock(Sleepless::default()).run(&mut *rig.modem);
        let is_stored = rig.files.file("/up.txt").unwrap() == bytes;
        assert!(outcome.is_err() || is_stored, "{vendor}: {outcome:?}, but the old file is there");
    }
}

#[test]
fn an_empty_file_is_created_with_resume_too() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, "").unwrap();
        let outcome = Upload::new(&path, "/empty.bin").resume(true).run(&mut *rig.modem);
        match outcome {
            Ok(_) => assert_eq!(rig.files.file("/empty.bin").as_deref(), Some(&b""[..]), "{vendor}"),
            // A dialect without a form for it does not support it.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{vendor}: {error}"),
        }
    }
}

#[test]
fn what_a_module_lacks_is_refused_before_anything_is_sent() {
    for vendor in [Vendor::Fibocom, Vendor::Generic] {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, "x").unwrap();
        let before = rig.line.sent();
        let error = Upload::new(&path, "/log").append(true).run(&mut *rig.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{vendor}: {error}");
        assert_eq!(rig.line.sent(), before, "{vendor}");
    }
}

#[test]
fn a_failed_upload_says_how_much_the_server_may_have() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let (_folder, path) = target();
    let bytes = padded(20_000, 0);
    fs::write(&path, &bytes).unwrap();
    rig.files.put("/up.bin", bytes[..12_000].to_vec());
    rig.files.fail_next(Operation::Store, broken());
    let error = Upload::new(&path, "/up.bin").resume(true).retry(Retry::never()).run(&mut *rig.modem).unwrap_err();
    let there = rig.files.file("/up.bin").map_or(0, |file| file.len()) as u64;
    assert!(error.transferred().is_some_and(|count| count >= there), "the server has {there}: {error}");
}

/// The module has acknowledged every byte, and a check that cannot be made changes nothing in that.
#[test]
fn a_complete_upload_behind_which_the_cable_is_pulled_is_a_success() {
    let (_folder, path) = target();
    fs::write(&path, pattern(3000)).unwrap();
    // Number of bytes that pass before the answer to the query of the size.
    let mut before = 0;
    for is_pulled in [false, true] {
        let mut rig = AnyRig::online(Vendor::Quectel);
        rig.line.clear();
        if is_pulled {
            rig.line.unplug_after(before, Duration::from_secs(600));
        }
        let report = Upload::new(&path, "/up.bin").retry(Retry::never()).run(&mut *rig.modem).unwrap();
        let known = if is_pulled { Assurance::ModuleCount } else { Assurance::ServerSize };
        assert_eq!((report.size, report.moved, report.assurance), (3000, 3000, known));
        assert_eq!(rig.line.text().matches("AT+QFTPSIZE").count(), 1);
        let heard = String::from_utf8_lossy(&rig.line.heard()).into_owned();
        before = rig.line.sent().len() + heard.split_inclusive("+QFTPPUT: 0,3000\r\n").next().unwrap().len();
    }
}

/// The old file ends as a part of the new one does. Quectel takes the data first and names the refusal behind them.
#[test]
fn an_old_file_is_not_continued_after_the_server_has_refused_to_open_it() {
    let new = pattern(40_000);
    for vendor in Vendor::ALL {
        for (reply, length) in [(421, 5_000), (421, 40_000), (425, 5_000), (450, 30_000), (450, 40_000)] {
            let mut old = new[..length].to_vec();
            old[0] ^= 1;
            let mut rig = AnyRig::online_with(vendor, carrying(vendor));
            rig.files.put("/up.bin", &*old);
            rig.files.fail_next(Operation::Store, RemoteError::reply(reply, "Not now."));
            let (_folder, path) = target();
            fs::write(&path, &new).unwrap();
            let upload = Upload::new(&path, "/up.bin").force_binary(true).on_clock(Sleepless::default());
            let outcome = upload.reconnect_with(reconnect()).run(&mut *rig.modem);
            // Not every module names the refusal as one that a retry may cure.
            let expected = if outcome.is_ok() { &new } else { &old };
            assert!(rig.files.file("/up.bin").unwrap() == *expected, "{vendor}, {reply}, {length}: {outcome:?}");
        }
    }
}

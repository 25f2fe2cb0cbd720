//! Whole files: complete and verified, or as they were before; resumed, retried, never doubled.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../support/mod.rs"]
mod support;

mod ladder;

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::emulator::{NetworkCause, Operation, Options, RemoteError};
use ftp_modem::modem::{self, AccessPoint, Assurance};
use ftp_modem::transfer::{Clock, Download, Reconnect, Retry, Upload};
use ftp_modem::{Controls, ErrorKind, Vendor};
use support::bench::{Bench, server};

/// A clock that goes on only by being slept on; it notes every pause.
#[derive(Clone, Default)]
struct Sleepless {
    now: Rc<Cell<Duration>>,
    pauses: Rc<Cell<u32>>,
}

impl Clock for Sleepless {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, time: Duration) {
        self.now.set(self.now.get() + time);
        self.pauses.set(self.pauses.get() + 1);
    }
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// A folder of its own, and a file in it.
fn target() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.bin");
    (folder, path)
}

/// The names in a folder.
fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn carrying(vendor: Vendor) -> Options {
    let mut options = Options::default();
    options.generic.put_counted = vendor == Vendor::Generic;
    options
}

fn broken() -> RemoteError {
    RemoteError::Network(NetworkCause::Dropped)
}

fn reconnect() -> Reconnect {
    Reconnect::new(AccessPoint::default())
}

#[test]
fn a_download_appears_under_its_name_when_it_is_complete() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let (folder, path) = target();
        for size in [0, 1, 100_000] {
            bench.files.put("/a.bin", pattern(size));
            let mut seen = 0;
            let report = Download::new("/a.bin", &path)
                .on_progress(|progress| seen = progress.bytes)
                .run(&mut *bench.modem)
                .unwrap_or_else(|error| panic!("{vendor}, {size}: {error}"));
            assert_eq!((report.size, report.attempts, seen), (size as u64, 1, size as u64), "{vendor}");
            assert_eq!(report.assurance, Assurance::ServerSize);
            assert!(fs::read(&path).unwrap() == pattern(size), "{vendor}");
            assert_eq!(names(&folder), ["file.bin"], "{vendor}: nothing else is left");
        }
    }
}

#[test]
fn a_failed_download_leaves_what_was_there() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, "mine").unwrap();
        let missing = Download::new("/missing.bin", &path).run(&mut *bench.modem).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Unavailable, "{vendor}: {missing}");
        bench.files.put("/a.bin", pattern(50_000));
        bench.files.fail_next(Operation::Retrieve, broken());
        let failed = Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *bench.modem);
        // One dialect asks again by itself.
        if failed.is_err() {
            assert_eq!(fs::read(&path).unwrap(), b"mine", "{vendor}");
        }
        bench.still_works();
    }
}

#[test]
fn a_broken_download_is_continued_and_not_begun_anew() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let (folder, path) = target();
        let bytes = pattern(60_000);
        bench.files.put("/a.bin", bytes.clone());
        bench.files.break_download_after(40_000);
        let clock = Sleepless::default();
        let report = Download::new("/a.bin", &path)
            .on_clock(clock.clone())
            .reconnect_with(reconnect())
            .run(&mut *bench.modem)
            .unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(fs::read(&path).unwrap() == bytes, "{vendor}");
        // The generic dialect delivers a file in one block, and of a block that breaks off nothing is proven.
        let most = if vendor == Vendor::Generic { 100_000 } else { 90_000 };
        assert!(report.moved < most, "{vendor}: {report:?} was begun anew");
        assert_eq!(names(&folder), ["file.bin"], "{vendor}");
    }
}

#[test]
fn a_partial_file_of_an_earlier_run_is_continued_only_when_it_is_of_the_same_file() {
    let bytes = pattern(30_000);
    let mut other = bytes.clone();
    other[19_999] ^= 1;
    // What the server has at the second try, and whether the first half of it may be kept.
    let cases = [(bytes.clone(), true), (other, false), (pattern(30_001), false), (pattern(10_000), false)];
    for vendor in [Vendor::Luat, Vendor::Quectel, Vendor::Fibocom] {
        for (index, (now, same)) in cases.iter().enumerate() {
            let mut bench = Bench::online(vendor);
            let (_folder, path) = target();
            bench.files.put("/a.bin", bytes.clone());
            bench.files.break_download_after(20_000);
            let first = Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *bench.modem);
            if first.is_ok() {
                continue;
            }
            assert!(!path.exists(), "{vendor}: nothing under the name before it is complete");
            bench.files.put("/a.bin", now.clone());
            let report =
                Download::new("/a.bin", &path).resume(true).retry(Retry::never()).run(&mut *bench.modem).unwrap();
            assert!(fs::read(&path).unwrap() == *now, "{vendor}, case {index}");
            assert_eq!(report.moved < now.len() as u64, *same, "{vendor}, case {index}: {report:?}");
        }
    }
}

#[test]
fn what_was_continued_is_confirmed_only_where_the_time_of_modification_is_told() {
    use Assurance::{ServerSize, Unconfirmed};
    // Whether there is a partial file, whether it may be continued, how often the download breaks off, and what is known then.
    let cases = [
        (Vendor::Luat, true, true, 0, Unconfirmed),
        (Vendor::Luat, true, true, 1, Unconfirmed),
        (Vendor::Quectel, true, true, 0, ServerSize),
        // Nothing of an earlier run is in it.
        (Vendor::Luat, false, true, 0, ServerSize),
        (Vendor::Luat, true, false, 0, ServerSize),
        // The attempts of one run are of one file.
        (Vendor::Luat, false, false, 1, ServerSize),
        (Vendor::Luat, false, true, 1, ServerSize),
    ];
    for (vendor, partial, resume, breaks, known) in cases {
        let mut bench = Bench::online(vendor);
        let (_folder, path) = target();
        bench.files.put("/a.bin", pattern(30_000));
        if partial {
            bench.files.break_download_after(20_000);
            Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *bench.modem).unwrap_err();
        }
        if breaks > 0 {
            bench.files.break_download_after(5_000);
        }
        let download = Download::new("/a.bin", &path).resume(resume).on_clock(Sleepless::default());
        let report = download.reconnect_with(reconnect()).run(&mut *bench.modem).unwrap();
        let case = format!("{vendor}, partial {partial}, resume {resume}, {breaks} breaks: {report:?}");
        assert_eq!((report.assurance, report.attempts), (known, 1 + breaks), "{case}");
        assert!(fs::read(&path).unwrap() == pattern(30_000), "{case}");
    }
}

#[test]
fn a_partial_file_is_known_by_the_whole_path_of_its_file() {
    for vendor in [Vendor::Quectel, Vendor::Fibocom] {
        // The directory and the name of the first try, those of the second, and whether it is the same file.
        let cases = [
            ("/one", "a.bin", "/two", "a.bin", false),
            ("/one", "a.bin", "/one", "a.bin", true),
            ("/one", "/one/a.bin", "/two", "/one/a.bin", true),
        ];
        for (first, name, then, again, same) in cases {
            let mut bench = Bench::online(vendor);
            let (_folder, path) = target();
            for file in ["/one/a.bin", "/two/a.bin"] {
                bench.files.put(file, pattern(30_000));
            }
            bench.modem.cwd(first).unwrap();
            bench.files.break_download_after(20_000);
            let broken = Download::new(name, &path).retry(Retry::never()).run(&mut *bench.modem);
            if broken.is_ok() {
                continue;
            }
            bench.modem.cwd(then).unwrap();
            let report = Download::new(again, &path).resume(true).run(&mut *bench.modem).unwrap();
            assert_eq!(report.moved < 30_000, same, "{vendor}: {name} in {first}, then {again} in {then}: {report:?}");
        }
    }
}

#[test]
fn without_resume_a_partial_file_is_not_looked_at() {
    let mut bench = Bench::online(Vendor::Quectel);
    let (_folder, path) = target();
    bench.files.put("/a.bin", pattern(30_000));
    bench.files.break_download_after(20_000);
    Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *bench.modem).unwrap_err();
    let report = Download::new("/a.bin", &path).resume(false).run(&mut *bench.modem).unwrap();
    assert_eq!(report.moved, 30_000);
}

#[test]
fn only_what_may_succeed_is_tried_again_with_growing_pauses() {
    let mut bench = Bench::online(Vendor::Quectel);
    let (_folder, path) = target();
    bench.files.put("/a.bin", pattern(1000));
    for _ in 0..10 {
        bench.files.fail_next(Operation::Retrieve, broken());
    }
    let clock = Sleepless::default();
    let retry = Retry::default().with_retries(4).with_pause(Duration::from_secs(3));
    let error = Download::new("/a.bin", &path).retry(retry).on_clock(clock.clone()).run(&mut *bench.modem).unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert_eq!(clock.now(), Duration::from_secs(3 + 6 + 12 + 24));

    let clock = Sleepless::default();
    let error = Download::new("/missing", &path).on_clock(clock.clone()).run(&mut *bench.modem).unwrap_err();
    assert!(!error.is_retryable(), "{error}");
    assert_eq!(clock.now(), Duration::ZERO);
}

#[test]
fn the_limit_for_the_whole_transfer_holds() {
    // The pauses are 2, 4, 8 … seconds; one that would end after the limit is not begun.
    for (total, ends_after) in [(10, 6), (13, 6), (14, 14), (29, 14)] {
        let mut bench = Bench::online(Vendor::Quectel);
        let (_folder, path) = target();
        bench.files.put("/a.bin", pattern(1000));
        for _ in 0..10 {
            bench.files.fail_next(Operation::Retrieve, broken());
        }
        let clock = Sleepless::default();
        let retry = Retry::default().with_retries(100).with_total(Duration::from_secs(total));
        Download::new("/a.bin", &path).retry(retry).on_clock(clock.clone()).run(&mut *bench.modem).unwrap_err();
        assert_eq!(clock.now(), Duration::from_secs(ends_after), "limit {total} s");
    }
}

#[test]
fn attempts_that_bring_the_file_further_are_not_counted() {
    let mut bench = Bench::online(Vendor::Quectel);
    let (_folder, path) = target();
    bench.files.put("/a.bin", pattern(60_000));
    bench.files.break_download_after(10_000);
    let files = bench.files.clone();
    let mut breaks = 1;
    let download = Download::new("/a.bin", &path).retry(Retry::default().with_retries(1));
    let report = download
        .on_clock(Sleepless::default())
        .on_progress(|progress| {
            // Each attempt breaks off a little further on.
            if breaks < 5 && progress.bytes > breaks * 8_000 {
                breaks += 1;
                files.break_download_after(10_000);
            }
        })
        .run(&mut *bench.modem)
        .unwrap();
    assert!(report.attempts > 3, "{report:?}");
    assert!(fs::read(&path).unwrap() == pattern(60_000));
}

#[test]
fn an_upload_is_checked_by_the_size_on_the_server() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online_with(vendor, carrying(vendor));
        let (_folder, path) = target();
        for size in [1, 30_000] {
            fs::write(&path, pattern(size)).unwrap();
            let report = Upload::new(&path, "/up.bin").force_binary(true).run(&mut *bench.modem);
            let report = report.unwrap_or_else(|error| panic!("{vendor}, {size}: {error}"));
            assert_eq!((report.size, report.attempts), (size as u64, 1), "{vendor}");
            assert_eq!(report.assurance, Assurance::ServerSize, "{vendor}");
            assert!(bench.files.file("/up.bin").unwrap() == pattern(size), "{vendor}");
        }
    }
}

#[test]
fn a_module_that_changes_line_ends_is_found_out() {
    // Seen on a SIM900: line feeds grow although the binary type was set.
    let mut options = Options::default();
    options.luat.line_feeds_expanded = true;
    let mut bench = Bench::online_with(Vendor::Luat, options);
    let (_folder, path) = target();
    fs::write(&path, "a\nb\n").unwrap();
    let error = Upload::new(&path, "/up.txt").run(&mut *bench.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{error}");
}

#[test]
fn an_upload_that_broke_is_made_whole() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online_with(vendor, carrying(vendor));
        let (_folder, path) = target();
        let bytes = pattern(40_000);
        fs::write(&path, &bytes).unwrap();
        bench.files.fail_next(Operation::Store, broken());
        let clock = Sleepless::default();
        let report = Upload::new(&path, "/up.bin")
            .force_binary(true)
            .reconnect_with(reconnect())
            .on_clock(clock)
            .run(&mut *bench.modem)
            .unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(report.attempts >= 2, "{vendor}: {report:?}");
        assert!(bench.files.file("/up.bin").unwrap() == bytes, "{vendor}");
    }
}

#[test]
fn a_partial_file_on_the_server_is_continued_when_its_end_is_ours() {
    for vendor in [Vendor::Luat, Vendor::Quectel, Vendor::ChinaMobile] {
        for ours in [true, false] {
            let mut bench = Bench::online(vendor);
            let (_folder, path) = target();
            let bytes = pattern(20_000);
            fs::write(&path, &bytes).unwrap();
            let mut there = bytes[..12_000].to_vec();
            there[11_990] ^= u8::from(!ours);
            bench.files.put("/up.bin", there);
            let report = Upload::new(&path, "/up.bin").resume(true).run(&mut *bench.modem).unwrap();
            assert!(bench.files.file("/up.bin").unwrap() == bytes, "{vendor}");
            assert_eq!(report.moved, if ours { 8_000 } else { 20_000 }, "{vendor}");
        }
    }
}

#[test]
fn an_empty_file_is_created_also_when_it_may_be_there() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, "").unwrap();
        let outcome = Upload::new(&path, "/empty.bin").resume(true).run(&mut *bench.modem);
        match outcome {
            Ok(_) => assert_eq!(bench.files.file("/empty.bin").as_deref(), Some(&b""[..]), "{vendor}"),
            // A dialect that has no form for it says so.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{vendor}: {error}"),
        }
    }
}

#[test]
fn an_append_is_never_repeated_blindly() {
    for vendor in [Vendor::Luat, Vendor::Quectel, Vendor::ChinaMobile] {
        let (_folder, path) = target();
        fs::write(&path, "567890").unwrap();

        // Nothing arrived: it is tried again.
        let mut bench = Bench::online(vendor);
        bench.files.put("/log", "1234");
        bench.files.fail_next(Operation::Store, broken());
        let append =
            || Upload::new(&path, "/log").append(true).on_clock(Sleepless::default()).reconnect_with(reconnect());
        append().run(&mut *bench.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert_eq!(bench.files.file("/log").unwrap(), b"1234567890", "{vendor}");

        // All of it arrived, only the answer was bad: it is not sent a second time.
        let mut bench = Bench::online(vendor);
        bench.files.put("/log", "1234");
        bench.files.fail_next(Operation::Finish, broken());
        let outcome = append().run(&mut *bench.modem);
        let there = bench.files.file("/log").unwrap();
        match outcome {
            Ok(_) => assert_eq!(there, b"1234567890", "{vendor}"),
            Err(_) => {
                assert!(b"1234567890".starts_with(there.as_slice()), "{vendor}: {}", String::from_utf8_lossy(&there))
            }
        }

        // A missing file is created.
        append().run(&mut *bench.modem).map(drop).unwrap_or_default();
        Upload::new(&path, "/new").append(true).run(&mut *bench.modem).unwrap();
        assert_eq!(bench.files.file("/new").unwrap(), b"567890", "{vendor}");
    }
}

#[test]
fn what_a_module_lacks_is_said_before_anything_is_sent() {
    for vendor in [Vendor::Fibocom, Vendor::Generic] {
        let mut bench = Bench::online(vendor);
        let (_folder, path) = target();
        fs::write(&path, "x").unwrap();
        let before = bench.line.sent();
        let error = Upload::new(&path, "/log").append(true).run(&mut *bench.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{vendor}: {error}");
        assert_eq!(bench.line.sent(), before, "{vendor}");
    }
}

#[test]
fn cancelling_ends_a_transfer_and_leaves_the_module_usable() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let (folder, path) = target();
        bench.files.put("/a.bin", pattern(200_000));
        let flag = Arc::new(AtomicBool::new(false));
        let set = flag.clone();
        let outcome = Download::new("/a.bin", &path)
            .cancel_with(flag)
            .on_progress(move |_| set.store(true, Ordering::Relaxed))
            .run(&mut *bench.modem);
        match outcome {
            // All of it had come before anybody looked.
            Ok(report) => assert_eq!(report.size, 200_000, "{vendor}"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{vendor}: {error}");
                assert!(error.module_usable(), "{vendor}: {error}");
                assert!(!names(&folder).contains(&"file.bin".to_owned()), "{vendor}");
            }
        }
        bench.still_works();
    }
}

#[test]
fn cancelling_ends_the_pause_before_a_retry() {
    struct Cancelling(Sleepless, Arc<AtomicBool>);
    impl Clock for Cancelling {
        fn now(&self) -> Duration {
            self.0.now()
        }
        fn sleep(&self, time: Duration) {
            self.0.sleep(time);
            self.1.store(true, Ordering::Relaxed);
        }
    }
    let mut bench = Bench::online(Vendor::Luat);
    let (_folder, path) = target();
    bench.files.put("/a.bin", pattern(1000));
    bench.files.fail_next(Operation::Retrieve, broken());
    let flag = Arc::new(AtomicBool::new(false));
    let clock = Cancelling(Sleepless::default(), flag.clone());
    let error = Download::new("/a.bin", &path).cancel_with(flag).on_clock(clock).run(&mut *bench.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    bench.still_works();
}

#[test]
fn local_errors_are_told_as_such() {
    let mut bench = Bench::online(Vendor::Quectel);
    let (folder, path) = target();
    let error = Upload::new(&path, "/x").run(&mut *bench.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    assert!(error.to_string().contains("file.bin"), "{error}");
    bench.files.put("/a.bin", "x");
    let error = Download::new("/a.bin", folder.path()).run(&mut *bench.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    let error = Download::new("/a.bin", folder.path().join("no/such/folder/x")).run(&mut *bench.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
}

#[test]
fn time_limits_of_the_caller_replace_longer_ones() {
    let mut slow = Options::default().with_network_latency(Duration::from_secs(60));
    slow.pdp_active = true;
    let mut bench = Bench::with(Vendor::Quectel, slow);
    bench.modem.set_controls(
        Controls::new().with_time_limits(modem::TimeLimits::default().with_command(Duration::from_secs(3))),
    );
    let before = bench.line.elapsed();
    let error = bench.modem.login(&server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(bench.line.elapsed() - before < Duration::from_secs(10), "{:?}", bench.line.elapsed());
}

//! Retries and their limits.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use ftp_modem::emulator::{Operation, Options};
use ftp_modem::modem::TimeLimits;
use ftp_modem::transfer::{Clock, Download, Retry};
use ftp_modem::{Controls, ErrorKind, FtpModem, Vendor};

use crate::support::access::server;
use crate::support::clock::Sleepless;
use crate::support::payload::pattern;
use crate::support::rig::AnyRig;
use crate::{broken, target};

#[test]
fn only_retryable_errors_are_retried_with_growing_pauses() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(1000));
    for _ in 0..5 {
        rig.files.fail_next(Operation::Retrieve, broken());
    }
    let clock = Sleepless::default();
    let retry = Retry::default().with_retries(4).with_pause(Duration::from_secs(3));
    let error = Download::new("/a.bin", &path).retry(retry).on_clock(clock.clone()).run(&mut *rig.modem).unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert_eq!(clock.now(), Duration::from_secs(3 + 6 + 12 + 24));

    let clock = Sleepless::default();
    let error = Download::new("/missing", &path).on_clock(clock.clone()).run(&mut *rig.modem).unwrap_err();
    assert!(!error.is_retryable(), "{error}");
    assert_eq!(clock.now(), Duration::ZERO);
}

#[test]
fn attempts_with_progress_are_not_counted() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(60_000));
    rig.files.break_download_after(10_000);
    let files = rig.files.clone();
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
        .run(&mut *rig.modem)
        .unwrap();
    assert!(report.attempts > 3, "{report:?}");
    assert!(fs::read(&path).unwrap() == pattern(60_000));
}

#[test]
fn no_pause_ends_after_the_limit_of_the_whole_transfer() {
    // The pauses are 2, 4, 8 … seconds; one that would end after the limit is not begun.
    for (total, ends_after) in [(10, 6), (13, 6), (14, 14), (29, 14)] {
        let mut rig = AnyRig::online(Vendor::Quectel);
        let (_folder, path) = target();
        rig.files.put("/a.bin", pattern(1000));
        for _ in 0..10 {
            rig.files.fail_next(Operation::Retrieve, broken());
        }
        let clock = Sleepless::default();
        let retry = Retry::default().with_retries(100).with_total(Duration::from_secs(total));
        Download::new("/a.bin", &path).retry(retry).on_clock(clock.clone()).run(&mut *rig.modem).unwrap_err();
        assert_eq!(clock.now(), Duration::from_secs(ends_after), "limit {total} s");
    }
}

#[test]
fn the_limit_of_the_whole_transfer_holds_within_a_tenth() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online_with(vendor, Options::default().with_network_latency(Duration::from_secs(30)));
        rig.files.put("/a.bin", vec![1; 10_000]);
        let (_folder, path) = target();
        let before = rig.line.elapsed();
        let retry = Retry::never().with_total(Duration::from_secs(10));
        let outcome = Download::new("/a.bin", &path).retry(retry).on_clock(rig.line.clone()).run(&mut *rig.modem);
        let took = rig.line.elapsed() - before;
        assert!(took <= Duration::from_secs(11), "{vendor}: {took:?}, {outcome:?}");
    }
}

#[test]
fn time_limits_of_the_caller_replace_longer_ones() {
    let mut slow = Options::default().with_network_latency(Duration::from_secs(60));
    slow.pdp_active = true;
    let mut rig = AnyRig::open_with(Vendor::Quectel, slow);
    rig.modem
        .set_controls(Controls::new().with_time_limits(TimeLimits::default().with_command(Duration::from_secs(3))));
    let before = rig.line.elapsed();
    let error = rig.modem.login(&server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(rig.line.elapsed() - before < Duration::from_secs(10), "{:?}", rig.line.elapsed());
}

#[test]
fn no_duration_panics() {
    let (_folder, path) = target();
    fs::write(&path, "x").unwrap();
    for (what, retry) in [
        ("with_total(MAX)", Retry::default().with_total(Duration::MAX)),
        ("with_pause(MAX)", Retry::default().with_pause(Duration::MAX)),
    ] {
        let mut rig = AnyRig::online(Vendor::Quectel);
        rig.files.put("/a.bin", vec![1; 1000]);
        for _ in 0..3 {
            rig.files.fail_next(Operation::Retrieve, broken());
        }
        let clock = Sleepless::at(Duration::from_secs(1));
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            Download::new("/a.bin", &path).retry(retry).on_clock(clock).run(&mut *rig.modem).map(drop)
        }));
        assert!(outcome.is_ok(), "{what} panics");
    }
}

use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::emulator::{NetworkCause, Operation, Options, RemoteError};
use ftp_modem::transfer::{Clock, Download, Retry, Upload};
use ftp_modem::{ErrorKind, Server, Vendor};

use crate::support::bench::{Bench, Line};
use crate::tools::online;

#[derive(Clone, Default)]
struct Sleepless(Rc<Cell<Duration>>);
impl Clock for Sleepless {
    fn now(&self) -> Duration {
        self.0.get()
    }
    fn sleep(&self, time: Duration) {
        self.0.set(self.0.get() + time);
    }
}

fn target() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.bin");
    (folder, path)
}

/// A firmware image: something, then padding.
fn padded(code: usize, padding: usize) -> Vec<u8> {
    let mut state = 12345u32;
    let mut bytes: Vec<u8> = (0..code)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    bytes.extend(std::iter::repeat_n(0xff, padding));
    bytes
}

/// Collects what fails for each dialect.
#[derive(Default)]
struct Failures(Vec<String>);
impl Failures {
    fn note(&mut self, holds: bool, what: String) {
        if !holds {
            self.0.push(what);
        }
    }
}
impl Drop for Failures {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{}", self.0.join("\n"));
        }
    }
}

fn broken() -> RemoteError {
    RemoteError::Network(NetworkCause::Dropped)
}

#[test]
fn a_byte_lost_on_the_line_never_ends_in_a_file_said_to_be_whole() {
    let mut failures = Failures::default();
    for vendor in Vendor::ALL {
        let (mut modem, files, rules) = online(vendor, Options::default());
        let bytes = padded(20_000, 60_000);
        files.put("/fw.bin", bytes.clone());
        let (_folder, path) = target();
        rules.lock().unwrap().lose_read = Some((8_000, 1));
        let outcome = Download::new("/fw.bin", &path).on_clock(Sleepless::default()).run(&mut *modem);
        println!("{vendor}: {outcome:?}");
        if let Ok(report) = outcome {
            let there = fs::read(&path).unwrap();
            let first = there.iter().zip(&bytes).position(|(one, other)| one != other);
            failures.note(there == bytes, format!("{vendor}: {report:?}, but the file differs from byte {first:?} on"));
        }
    }
}

#[test]
fn bytes_lost_on_the_way_up_never_end_in_a_file_said_to_be_whole() {
    let mut failures = Failures::default();
    for vendor in [Vendor::Quectel, Vendor::Luat, Vendor::ChinaMobile] {
        for lost in [1, 5, 20] {
            let (mut modem, files, rules) = online(vendor, Options::default());
            let bytes = padded(20_000, 60_000);
            let (_folder, path) = target();
            fs::write(&path, &bytes).unwrap();
            rules.lock().unwrap().lose_write = Some((8_000, lost));
            let outcome = Upload::new(&path, "/fw.bin").on_clock(Sleepless::default()).run(&mut *modem);
            println!("{vendor}, {lost}: {outcome:?}");
            if let Ok(report) = outcome {
                let there = files.file("/fw.bin").unwrap();
                let first = there.iter().zip(&bytes).position(|(one, other)| one != other);
                failures.note(
                    there == bytes,
                    format!("{vendor}, {lost} lost: {report:?}, but the file differs from byte {first:?} on"),
                );
            }
        }
    }
}

#[test]
fn a_file_replaced_meanwhile_by_one_of_the_same_size_is_not_mixed_with_it() {
    let mut failures = Failures::default();
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let old = padded(5_000, 25_000);
        let mut new = old.clone();
        new[5] ^= 1;
        let (_folder, path) = target();
        bench.files.put("/fw.bin", old);
        bench.files.break_download_after(20_000);
        if Download::new("/fw.bin", &path).retry(Retry::never()).run(&mut *bench.modem).is_ok() {
            println!("{vendor} does not break");
            continue;
        }
        bench.files.put("/fw.bin", new.clone());
        let report = Download::new("/fw.bin", &path).run(&mut *bench.modem).unwrap();
        failures
            .note(fs::read(&path).unwrap() == new, format!("{vendor}: {report:?}, but half of it is of the old file"));
    }
}

#[test]
fn a_partial_file_of_another_server_is_not_continued() {
    // `report.bin` of another current directory stands for the file of another server: the note holds neither.
    let mut bench = Bench::online(Vendor::Luat);
    let one = padded(5_000, 25_000);
    let mut two = one.clone();
    two[5] ^= 1;
    bench.files.put("/one/r.bin", one);
    bench.files.put("/two/r.bin", two.clone());
    let (_folder, path) = target();
    bench.modem.cwd("/one").unwrap();
    bench.files.break_download_after(20_000);
    Download::new("r.bin", &path).retry(Retry::never()).run(&mut *bench.modem).unwrap_err();
    bench.modem.cwd("/two").unwrap();
    Download::new("r.bin", &path).run(&mut *bench.modem).unwrap();
    assert!(fs::read(&path).unwrap() == two, "half of it is of /one/r.bin");
}

#[test]
fn somebody_elses_file_with_the_name_of_the_partial_file_is_not_destroyed() {
    let mut bench = Bench::online(Vendor::Quectel);
    bench.files.put("/file.bin", vec![1; 1000]);
    bench.files.put("/file.bin.part", "a file of its own");
    let (folder, path) = target();
    let part = folder.path().join("file.bin.part");
    // As a copy of the whole folder does.
    Download::new("/file.bin.part", &part).run(&mut *bench.modem).unwrap();
    let error = Download::new("/file.bin", &path).run(&mut *bench.modem).unwrap_err();
    assert!(error.to_string().contains("file.bin.part is in the way"), "{error}");
    assert_eq!(fs::read(&part).unwrap(), b"a file of its own");
}

#[test]
fn the_limit_for_the_whole_transfer_holds_within_a_tenth() {
    let mut failures = Failures::default();
    #[derive(Clone)]
    struct OnLine(Line);
    impl Clock for OnLine {
        fn now(&self) -> Duration {
            self.0.elapsed()
        }
        fn sleep(&self, _: Duration) {}
    }
    for vendor in Vendor::ALL {
        let mut bench = Bench::online_with(vendor, Options::default().with_network_latency(Duration::from_secs(30)));
        bench.files.put("/a.bin", vec![1; 10_000]);
        let (_folder, path) = target();
        let before = bench.line.elapsed();
        let retry = Retry::never().with_total(Duration::from_secs(10));
        let outcome =
            Download::new("/a.bin", &path).retry(retry).on_clock(OnLine(bench.line.clone())).run(&mut *bench.modem);
        let took = bench.line.elapsed() - before;
        failures.note(
            took <= Duration::from_secs(11),
            format!("{vendor}: limit 10 s, took {took:?}, {:?}", outcome.map(drop).map_err(|error| error.kind())),
        );
    }
}

#[test]
fn no_duration_a_caller_gives_panics() {
    let (_folder, path) = target();
    fs::write(&path, "x").unwrap();
    for (what, retry) in [
        ("with_total(MAX)", Retry::default().with_total(Duration::MAX)),
        ("with_pause(MAX)", Retry::default().with_pause(Duration::MAX)),
    ] {
        let mut bench = Bench::online(Vendor::Quectel);
        bench.files.put("/a.bin", vec![1; 1000]);
        for _ in 0..3 {
            bench.files.fail_next(Operation::Retrieve, broken());
        }
        let clock = Sleepless::default();
        clock.0.set(Duration::from_secs(1));
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            Download::new("/a.bin", &path).retry(retry).on_clock(clock).run(&mut *bench.modem).map(drop)
        }));
        assert!(outcome.is_ok(), "{what} panics");
    }
}

#[test]
fn cancelling_while_the_driver_cleans_up_still_cancels() {
    let (mut modem, files, rules) = online(Vendor::Quectel, Options::default());
    files.put("/a.bin", vec![1; 50_000]);
    files.break_download_after(20_000);
    let flag = Arc::new(AtomicBool::new(false));
    let set = flag.clone();
    rules.lock().unwrap().on_write = Some(Box::new(move |bytes| {
        if bytes.starts_with(b"AT+QFTPCLOSE") {
            set.store(true, Ordering::Relaxed);
        }
    }));
    let (_folder, path) = target();
    let outcome = Download::new("/a.bin", &path).cancel_with(flag).on_clock(Sleepless::default()).run(&mut *modem);
    assert!(outcome.is_err(), "the user cancelled, and the transfer went on to its end: {outcome:?}");
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn what_is_no_file_is_not_uploaded_as_an_empty_one() {
    let mut bench = Bench::online(Vendor::Quectel);
    for path in ["/proc/cpuinfo", "/dev/zero"] {
        let outcome = Upload::new(path, "/x").run(&mut *bench.modem);
        assert!(
            outcome.as_ref().is_err() || outcome.as_ref().is_ok_and(|report| report.size > 0),
            "{path}: {outcome:?}"
        );
    }
}

#[test]
fn a_failed_upload_says_how_much_the_server_may_have() {
    let mut bench = Bench::online(Vendor::Quectel);
    let (_folder, path) = target();
    let bytes = padded(20_000, 0);
    fs::write(&path, &bytes).unwrap();
    bench.files.put("/up.bin", bytes[..12_000].to_vec());
    bench.files.fail_next(Operation::Store, broken());
    let error = Upload::new(&path, "/up.bin").resume(true).retry(Retry::never()).run(&mut *bench.modem).unwrap_err();
    let there = bench.files.file("/up.bin").map_or(0, |file| file.len()) as u64;
    assert!(error.transferred().is_some_and(|told| told >= there), "the server has {there}, told {error}");
}

#[test]
fn a_failed_verification_says_how_much_the_server_may_have() {
    let mut options = Options::default();
    options.luat.line_feeds_expanded = true;
    let mut bench = Bench::online_with(Vendor::Luat, options);
    let (_folder, path) = target();
    fs::write(&path, "a\nb\n").unwrap();
    let error = Upload::new(&path, "/up.txt").run(&mut *bench.modem).unwrap_err();
    assert!(error.transferred().is_some(), "{error}");
}

#[test]
fn every_name_that_local_name_lets_pass_can_be_downloaded_to() {
    let mut bench = Bench::online(Vendor::Quectel);
    bench.files.put("/a.bin", "x");
    let folder = tempfile::tempdir().unwrap();
    let name = ftp_modem::transfer::local_name(&[b'n'; 245]).unwrap();
    let outcome = Download::new("/a.bin", folder.path().join(name)).run(&mut *bench.modem);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

#[test]
fn a_server_that_refuses_size_or_mdtm_can_still_be_downloaded_from() {
    for operation in [Operation::Size, Operation::Modified] {
        for (code, words) in [(550, "not allowed in ASCII mode"), (502, "not implemented")] {
            let mut bench = Bench::online(Vendor::Quectel);
            bench.files.put("/a.bin", "x");
            bench.files.fail_next(operation, RemoteError::reply(code, words));
            let (_folder, path) = target();
            let outcome = Download::new("/a.bin", &path).run(&mut *bench.modem);
            assert!(outcome.is_ok(), "{operation:?}, {code}: {}", outcome.unwrap_err());
        }
    }
}

#[test]
fn a_symlink_stays_one_and_devices_stay_devices() {
    let mut bench = Bench::online(Vendor::Quectel);
    bench.files.put("/a.bin", "new");
    let (folder, path) = target();
    let real = folder.path().join("real.bin");
    fs::write(&real, "old").unwrap();
    std::os::unix::fs::symlink(&real, &path).unwrap();
    Download::new("/a.bin", &path).run(&mut *bench.modem).unwrap();
    assert_eq!(fs::read(&real).unwrap(), b"new", "the link was replaced, the file it names was not");
}

#[test]
fn a_planted_link_in_place_of_the_partial_file_is_not_followed() {
    let mut bench = Bench::online(Vendor::Quectel);
    bench.files.put("/a.bin", "new");
    let (folder, path) = target();
    let victim = folder.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join("file.bin.part")).unwrap();
    let _ = Download::new("/a.bin", &path).run(&mut *bench.modem);
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
}

#[test]
fn bytes_that_never_passed_are_not_counted_as_moved() {
    let mut bench = Bench::online(Vendor::Quectel);
    let bytes = padded(30_000, 0);
    bench.files.put("/a.bin", bytes.clone());
    bench.files.break_download_after(20_000);
    let (_folder, path) = target();
    let mut bench_moved = 0;
    if Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *bench.modem).is_err() {
        for _ in 0..3 {
            bench.files.fail_next(Operation::Retrieve, broken());
        }
        let again = Download::new("/a.bin", &path).resume(true).on_clock(Sleepless::default());
        let report = again.run(&mut *bench.modem).unwrap();
        bench_moved = report.moved;
    }
    assert!(bench_moved <= 30_000 - 19_000 + 1024 + 600, "{bench_moved} bytes");
}

#[test]
fn an_address_with_something_behind_it_is_refused() {
    for url in ["ftp://u@[::1]garbage", "ftp://u@h:+21", "ftp://@h", "ftp://u@h h"] {
        assert!(url.parse::<Server>().is_err(), "{url}: {:?}", url.parse::<Server>());
    }
}

#[test]
fn a_file_that_was_there_before_is_not_taken_for_what_was_sent() {
    let mut failures = Failures::default();
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let bytes: Vec<u8> = (0..3000u32).map(|index| b'a' + (index * index % 26) as u8).collect();
        let mut old = bytes.clone();
        old[5] = b'_';
        bench.files.put("/up.txt", old);
        let (_folder, path) = target();
        fs::write(&path, &bytes).unwrap();
        // The first attempt ends before anything is sent.
        bench.files.play(&"server drop 0".parse().unwrap());
        let outcome = Upload::new(&path, "/up.txt").on_clock(Sleepless::default()).run(&mut *bench.modem);
        let is_stored = bench.files.file("/up.txt").unwrap() == bytes;
        failures.note(outcome.is_err() || is_stored, format!("{vendor}: {outcome:?}, but the old file is there"));
    }
}

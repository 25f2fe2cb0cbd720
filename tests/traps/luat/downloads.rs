//! Traps 9 to 19: downloads.

use std::time::Duration;

use ftp_modem::emulator::{IdleEnd, LuatOptions, Operation, Options, RemoteError, ResultOrder};
use ftp_modem::modem::{Assurance, Retrieve};
use ftp_modem::{ErrorKind, Vendor};

use super::{SECOND, online, pattern, sent, with};
use crate::support::bench::Bench;

/// A download of `length` bytes arrives whole.
#[track_caller]
fn arrives(mut bench: Bench, length: usize) -> Bench {
    let bytes = pattern(length);
    bench.files.put("/file.bin", bytes.clone());
    assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == bytes);
    bench
}

#[test]
fn luat_trap_09_fewer_bytes_than_asked() {
    for (limit, length) in [(1, 60), (2, 61), (100, 3000), (1459, 5000)] {
        arrives(online(|options| options.read_limit = Some(limit)), length);
    }
}

#[test]
fn luat_trap_10_an_empty_block_is_not_the_end() {
    let changes: &[fn(&mut LuatOptions)] = &[
        |options| options.first_reads_empty = 1,
        |options| options.first_reads_empty = 5,
        |options| options.every_read_empty = 2,
        |options| options.every_read_empty = 3,
    ];
    for change in changes {
        arrives(online(*change), 10_000);
        let options = with(*change).with_network_latency(20 * SECOND);
        arrives(Bench::online_with(Vendor::Luat, options), 5000);
    }
    // One that never brings any is given up.
    let mut bench = online(|options| options.first_reads_empty = u32::MAX);
    bench.files.put("/file.bin", "x");
    let before = bench.line.elapsed();
    let error = bench.download("/file.bin", &Retrieve::whole()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.module_usable());
    assert!(bench.line.elapsed() - before < 83 * SECOND, "{:?}", bench.line.elapsed() - before);
}

#[test]
fn luat_trap_11_announcements_absent_once_twice_and_misplaced() {
    let changes: &[fn(&mut LuatOptions)] = &[
        |options| options.announcements_after_read = 0,
        |options| options.announcements_after_read = 1,
        |options| options.announcements_after_read = 2,
        |options| options.announcement_before_read = true,
        |options| options.opening_announcements = 2,
        |options| options.repeated_announcement = Some(Duration::from_millis(1)),
    ];
    for change in changes {
        let bench = arrives(online(*change), 10_000);
        // 6 full blocks and 1240 bytes: nothing was lost, nothing was read twice.
        assert_eq!(sent(&bench, "AT+FTPGET=2,").len(), 7);
    }
}

#[test]
fn luat_trap_12_the_end_with_the_last_block() {
    for length in [1, 1459, 1460, 1461, 2920] {
        let bench = arrives(online(|_| {}), length);
        assert_eq!(sent(&bench, "AT+FTPGET=2,").len(), length.div_ceil(1460), "no read behind the end");
        assert!(sent(&bench, "AT+FTPQUIT").is_empty());
    }
}

#[test]
fn luat_trap_13_the_end_while_data_are_unread() {
    let mut bench = online(|options| {
        options.read_limit = Some(20);
        options.early_end_after = Some(20);
    });
    bench.files.put("/file.bin", pattern(62));
    let mut received = Vec::new();
    let error = bench.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
    assert!(error.to_string().contains("20 of 62"), "{error}");
    assert_eq!((error.transferred(), received), (Some(20), pattern(20)));
    assert!(error.module_usable());
}

#[test]
fn luat_trap_14_the_end_while_data_can_still_be_read() {
    let bench = online(|options| {
        options.read_limit = Some(20);
        options.early_end_after = Some(20);
        options.read_after_end = true;
    });
    arrives(bench, 62);
}

#[test]
fn luat_trap_15_the_end_first_is_an_empty_file() {
    for known in [true, false] {
        for announced in [true, false] {
            let mut bench = online(|options| {
                options.empty_announced = announced;
                if !known {
                    options.missing_commands = vec!["+FTPSIZE".into()];
                }
            });
            bench.files.put("/empty.bin", "");
            assert_eq!(bench.download("/empty.bin", &Retrieve::whole()).unwrap(), b"");
            bench.still_works();
        }
    }
}

#[test]
fn luat_trap_16_an_error_in_place_of_an_announcement() {
    // In place of the first.
    let mut bench = online(|_| {});
    bench.files.put("/file.bin", pattern(10_000));
    bench.files.fail_next(Operation::Retrieve, RemoteError::Reply { code: 550, text: "no".into() });
    let error = bench.download("/file.bin", &Retrieve::whole()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(error.module_code().unwrap().value, "77");
    bench.still_works();

    // After some blocks, and between the command and its answer.
    for failure_first in [false, true] {
        let mut bench = online(|options| options.failure_first = failure_first);
        bench.files.put("/file.bin", pattern(10_000));
        bench.files.break_download_after(5000);
        let mut received = Vec::new();
        let error = bench.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataConnection, "{error}");
        assert_eq!(error.module_code().unwrap().value, "79");
        assert_eq!(error.transferred(), Some(received.len() as u64));
        assert!(received == pattern(5000), "{}", received.len());
        bench.still_works();
    }
}

#[test]
fn luat_trap_17_a_timeout_after_repeated_announcements() {
    let options = with(|options| {
        options.opening_announcements = 3;
        options.first_reads_empty = 1;
        options.get_idle = IdleEnd::After { time: Duration::from_millis(200), code: 64 };
    });
    let mut bench = Bench::online_with(Vendor::Luat, options.with_network_latency(SECOND));
    bench.files.put("/file.bin", pattern(100));
    let error = bench.download("/file.bin", &Retrieve::whole()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NetworkTimeout, "{error}");
    assert!(error.is_retryable());
}

#[test]
fn luat_trap_18_an_ok_and_then_nothing() {
    let options = with(|options| options.missing_commands = vec!["+FTPSIZE".into()]);
    let mut bench = Bench::online_with(Vendor::Luat, options.with_network_latency(3600 * SECOND));
    let before = bench.line.elapsed();
    let error = bench.download("/file.bin", &Retrieve::whole()).unwrap_err();
    let taken = bench.line.elapsed() - before;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(taken >= 75 * SECOND && taken < 93 * SECOND, "{taken:?}");
    assert_eq!(sent(&bench, "AT+FTPQUIT").len(), 1, "the session is ended");
    // The same where the command is a session of its own.
    let mut bench = Bench::online_with(Vendor::Luat, Options::default().with_network_latency(3600 * SECOND));
    assert_eq!(bench.modem.size("/x").unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(sent(&bench, "AT+FTPQUIT").len(), 1, "the session is ended");
}

#[test]
fn luat_trap_19_the_result_before_its_ok() {
    let options = Options::default().with_result_order(ResultOrder::OkLast);
    let mut bench = arrives(Bench::online_with(Vendor::Luat, options), 5000);
    assert_eq!(bench.modem.size("/file.bin").unwrap(), 5000);
    bench.upload("/up.bin", &pattern(5000)).unwrap();
    assert!(bench.files.file("/up.bin").unwrap() == pattern(5000));
    let transfer = bench.modem.retrieve("/up.bin", &Retrieve::whole().with_length(5), &mut Vec::new()).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (5, Assurance::ServerSize));
    bench.still_works();
}

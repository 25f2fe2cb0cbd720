//! Where the guide contradicts itself, or what modules were seen doing.

use std::time::Duration;

use ftp_modem::emulator::{PortField, RecvName, SizeAnswer};
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::rig::{Rig, options, pattern};
use crate::support::bench::server;

#[test]
fn fibocom_contradiction_01_the_port_is_the_sixth_field() {
    let mut rig = Rig::open(options(|options| options.port_field = PortField::Sixth));
    rig.files.refuse_port(21);
    rig.connect();
    assert!(rig.wire.commands("AT+FTPOPEN")[0].ends_with(",\"\",,2121,"));
    rig.still_works();
    // A firmware that took the fifth, as the guide's example has it, would go to port 21: it fails, and goes nowhere else.
    let mut rig = Rig::open(options(|options| options.port_field = PortField::Fifth));
    rig.files.refuse_port(21);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let error = rig.modem.login(&server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectFailed, "{error}");
}

#[test]
fn fibocom_contradiction_02_ftp_recv_or_ftprecv() {
    for name in [RecvName::Plain, RecvName::Underscore, RecvName::Both] {
        let mut rig = Rig::with(|options| options.recv_name = name);
        rig.brings(&pattern(10_000));
        rig.wire.sent();
        rig.brings(&pattern(10_000));
        // Once it is known there is nothing to try.
        assert_eq!(rig.wire.commands("AT+FTP").iter().filter(|line| line.contains("RECV")).count(), 5, "{name:?}");
    }
    // Either may answer, whichever was asked.
    let mut rig = Rig::with(|_| ());
    rig.files.put("/a", "12345");
    rig.wire.answer("AT+FTPRECV", b"\r\n+FTP_RECV: 5\r\n12345\r\nOK\r\n");
    assert_eq!(rig.download("/a", &Retrieve::whole()).unwrap(), b"12345");
}

#[test]
fn fibocom_contradiction_03_the_cache_is_read_with_ftprecv() {
    let mut rig = Rig::with(|_| ());
    rig.files.put("/a", pattern(5000));
    rig.download("/a", &Retrieve::whole()).unwrap();
    let sent = rig.wire.commands("AT+FTP");
    assert_eq!(sent.iter().filter(|line| line.starts_with("AT+FTPGET")).count(), 1, "{sent:?}");
    assert_eq!(sent.iter().filter(|line| line.starts_with("AT+FTPRECV")).count(), 3, "{sent:?}");
}

#[test]
fn fibocom_contradiction_04_the_module_asks_for_less_than_was_offered() {
    // In the last piece: the file is not whole, and the next attempt knows better.
    for ends in [true, false] {
        let mut rig = Rig::with(|options| {
            options.put_announced = Some(10);
            options.put_short_ends = ends;
        });
        let error = rig.upload("/a", &pattern(100)).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(10)), "{error}");
        assert!(error.is_retryable());
        rig.takes(&pattern(100));
        rig.still_works();
    }
    // In an earlier one: exactly as many as it asked for, the rest behind them.
    for announced in [1, 1000, 3071] {
        let mut rig = Rig::with(|options| {
            options.put_announced = Some(announced);
            options.put_short_ends = true;
        });
        rig.takes(&pattern(7000));
    }
    // More than was offered, or nothing, is no go-ahead.
    for answer in [&b"\r\n+FTPPUT: 2,6\r\n"[..], b"\r\n+FTPPUT: 2,0\r\n", b"\r\n+FTPPUT: 2\r\n", b"\r\n+FTPPUT: 5\r\n"]
    {
        let mut rig = Rig::with(|_| ());
        rig.wire.answer("AT+FTPPUT", answer);
        let error = rig.upload("/a", b"12345").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        // They are made up, in case that the module waits for them.
        assert_eq!(error.transferred(), Some(5));
        assert_eq!(rig.modem.pwd().unwrap(), "/");
    }
}

/// Line ends that a transfer as text would change.
const TEXT: &[u8] = b"a\r\nb\nc\rd\n\n\r\r\n";

#[test]
fn fibocom_contradiction_05_uploads_are_binary() {
    let mut rig = Rig::with(|options| options.ascii_converts = true);
    rig.takes(TEXT);
    assert!(rig.wire.commands("AT+FTPPUT")[0].ends_with(",1,1"), "last piece, binary");
    rig.modem.store_streamed("/b", &Store::create(), &mut &TEXT[..]).unwrap();
    assert_eq!(rig.files.file("/b").unwrap(), TEXT);
}

#[test]
fn fibocom_contradiction_06_downloads_are_binary() {
    let mut rig = Rig::with(|options| options.ascii_converts = true);
    rig.brings(TEXT);
    assert_eq!(rig.download("/file.bin", &Retrieve::from(2)).unwrap(), &TEXT[2..]);
    for what in [Retrieve::whole(), Retrieve::from(2), Retrieve::from(2).with_length(3)] {
        let mut bytes = Vec::new();
        rig.modem.retrieve_streamed("/file.bin", &what, &mut bytes).unwrap();
        assert_eq!(bytes, rig.download("/file.bin", &what).unwrap());
    }
}

#[test]
fn fibocom_contradiction_07_the_example_of_the_escape_lost_a_byte() {
    let mut rig = Rig::with(|_| ());
    rig.wire.sent();
    rig.modem.store_streamed("/log.txt", &Store::create(), &mut &b"\x41\x03\x42\x10"[..]).unwrap();
    assert!(rig.wire.sent().ends_with(b"\x41\x10\x03\x42\x10\x10\x03"));
    assert_eq!(rig.files.file("/log.txt").unwrap(), b"\x41\x03\x42\x10");
}

#[test]
fn fibocom_contradiction_08_0_is_passive_here() {
    let mut rig = Rig::with(|options| options.active_mode_works = false);
    assert_eq!(rig.wire.commands("AT+FTPMODE"), ["AT+FTPMODE=0"]);
    rig.still_works();
    rig.modem.use_active_mode(true).unwrap();
    assert_eq!(rig.wire.commands("AT+FTPMODE"), ["AT+FTPMODE=1"]);
    rig.upload("/a", b"x").unwrap_err();
    rig.modem.use_active_mode(false).unwrap();
    rig.still_works();
}

#[test]
fn fibocom_contradiction_09_a_listing_ends_with_its_result() {
    // The table ends with `+FTPLIST: 2`, the log with `+FTPLIST: 1`.
    let mut rig = Rig::with(|options| options.silent = vec!["+FTPLIST".into()]);
    rig.files.put("/d/a", "x");
    let error = rig.modem.list("/d").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "half a listing is none: {error}");
    assert_eq!(rig.modem.pwd().unwrap(), "/");
    let mut rig = Rig::with(|_| ());
    rig.wire.answer("AT+FTPLIST", b"\r\nOK\r\n\r\n+FTPLIST: 2\r\na\r\n\r\n+FTPLIST: 0\r\n");
    rig.modem.list("/").unwrap_err();
}

#[test]
fn fibocom_contradiction_10_the_answer_of_ftpsize_is_documented_nowhere() {
    for answer in [SizeAnswer::DataThenResult, SizeAnswer::InResult, SizeAnswer::Alone, SizeAnswer::Absent] {
        let mut rig = Rig::with(|options| options.size_answer = answer);
        for size in [0, 1, 2, 3, 1000] {
            rig.files.put("/a", pattern(size));
            assert_eq!(rig.modem.size("/a").unwrap(), size as u64, "{answer:?}");
            rig.brings(&pattern(size));
        }
        assert_eq!(rig.modem.size("/missing").unwrap_err().kind(), ErrorKind::Unavailable, "{answer:?}");
    }
}

#[test]
fn fibocom_contradiction_10_an_ftpsize_without_a_result_costs_its_time_once() {
    for answer in [&b"\r\nOK\r\n"[..], b"\r\nOK\r\n\r\n+FTPSIZE: 2,100\r\n"] {
        let mut rig = Rig::with(|_| ());
        rig.wire.answer("AT+FTPSIZE", answer);
        rig.brings(&pattern(100));
        let once = rig.wire.elapsed();
        assert!(once < Duration::from_secs(33), "{once:?}");
        for _ in 0..10 {
            rig.brings(&pattern(100));
            assert_eq!(rig.modem.size("/file.bin").unwrap(), 100);
        }
        assert_eq!(rig.wire.elapsed(), once);
        rig.modem.logout().unwrap();
        rig.modem.login(&server()).unwrap();
        rig.brings(&pattern(100));
        assert_eq!(rig.wire.elapsed(), once, "also in the next session");
    }
}

#[test]
fn fibocom_contradiction_11_a_changed_search_order_needs_a_restart() {
    // We never send GTRAT. Where somebody did, the call fails until the module is restarted.
    let needs = options(|options| options.search_order_needs_restart = true);
    let mut rig = Rig::open_after(needs, |wire| wire.by_somebody_else(&["AT+GTRAT=6,3,2"]));
    let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
    rig.wire.restart();
    rig.connect();
    rig.still_works();
    assert_eq!(rig.wire.commands("AT+GTRAT"), Vec::<String>::new());
}

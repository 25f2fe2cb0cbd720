//! Uploads in pieces of known length: FTPPUT.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftp_modem::emulator::{BusyInput, Operation, PutFailure, PutRefusal, RemoteError, ServerFault};
use ftp_modem::modem::{AccessPoint, Store};
use ftp_modem::transfer::{Reconnect, Upload};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, SECOND, TEXT, online, with};
use crate::support::payload::pattern;
use crate::support::streams::CancellingSource;

/// The guide, §3.3: `+FTPPUT: 2,<n>` is the go-ahead. Data that come before are lost.
#[test]
fn neither_a_prompt_nor_ok_precedes_the_data() {
    let slow = with(|_| ()).with_network_latency(20 * SECOND).with_busy_input(BusyInput::Drop);
    let mut rig = Rig::online(slow);
    for size in [1, 3072, 10_000] {
        rig.uploads_stream(&pattern(size));
    }
}

/// `ERROR`, or `+FTPPUT: 0` before or behind an acknowledgement; no document shows which. None has a reason: whether
/// the directory is the reason is queried.
#[test]
fn a_refusal_may_replace_the_go_ahead() {
    let cases = [PutRefusal::Error, PutRefusal::OkThenZero, PutRefusal::ZeroThenError];
    for refusal in cases {
        let mut rig = Rig::online(with(|options| options.put_refusal = refusal).with_latency(SECOND));
        rig.line.clear();
        let before = rig.line.elapsed();
        let error = rig.upload_stream("/missing/file", b"payload").unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Unavailable, Some(0)), "{refusal:?}: {error}");
        assert!(!error.is_retryable() && error.to_string().contains("\"/missing\""), "{error}");
        assert!(rig.line.elapsed() - before < 10 * SECOND, "{refusal:?}: the driver waits for nothing");
        assert!(!String::from_utf8_lossy(&rig.line.sent()).contains("payload"));
        rig.works_both_ways();
        // In a directory that exists the server refuses the file itself.
        rig.files.put("/dir/other", "x");
        for path in ["/dir/file", "/file"] {
            rig.files.fail_next(Operation::Store, RemoteError::Reply { code: 553, text: "not allowed".into() });
            let error = rig.upload_stream(path, b"payload").unwrap_err();
            assert_eq!(
                (error.kind(), error.transferred()),
                (ErrorKind::ServerRefused, Some(0)),
                "{refusal:?}: {error}"
            );
            assert!(!error.to_string().contains("passive"), "{error}");
            rig.works_both_ways();
        }
    }
}

#[test]
fn a_transfer_into_a_missing_directory_is_not_retried() {
    let mut rig = online(|_| ());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "payload").unwrap();
    rig.line.clear();
    let upload = Upload::new(file.path(), "/missing/file").on_clock(rig.line.clone());
    let upload = upload.reconnect_with(Reconnect::new(AccessPoint::default()));
    let error = upload.run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("\"/missing\"") && !error.to_string().contains("passive"), "{error}");
    assert_eq!(rig.line.commands("AT+MIPCALL").len(), 0, "the bearer is not rebuilt: {}", rig.line.text());
    // A bare `ERROR` is met by the same command line once more.
    assert!(rig.line.commands("AT+FTPPUT").len() <= 2, "{}", rig.line.text());
}

/// The guide, §3.2, note 7, and §3.3: a piece that is not the last one ends with `OK` alone.
#[test]
fn the_file_is_complete_with_the_result_of_its_last_piece() {
    let mut rig = online(|_| ());
    rig.files.fail_next(Operation::Finish, RemoteError::Reply { code: 452, text: "no room".into() });
    let error = rig.upload_stream("/a", &pattern(5000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::DataConnection, Some(5000)), "{error}");
    rig.works_both_ways();
    // Between two pieces there is nothing to wait for.
    let before = rig.line.elapsed();
    rig.uploads_stream(&pattern(50_000));
    assert!(rig.line.elapsed() - before < SECOND);
    // A file that the module drops in the middle is not stored, even if a later piece is.
    for failure in [PutFailure::OkThenZero, PutFailure::Error] {
        let mut rig = online(|options| options.put_failure = failure);
        rig.files.habits().largest_file = Some(4000);
        let error = rig.upload_stream("/big", &pattern(20_000)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataConnection, "{failure:?}: {error}");
        assert!(error.transferred().unwrap() < 10_000, "{failure:?}: {error}");
        rig.works_both_ways();
    }
}

/// The server's reply 426 behind some of the bytes: the result 0 has no reason, but the server had accepted the upload.
#[test]
fn an_upload_that_breaks_on_its_way_is_retried() {
    let mut rig = online(|_| ());
    let bytes = pattern(5000);
    rig.files.misbehave(ServerFault::Abort { after: 2000 });
    let error = rig.upload_stream("/a", &bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataConnection, "{error}");
    assert!(error.is_retryable() && error.module_usable(), "{error}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    rig.files.misbehave(ServerFault::Abort { after: 2000 });
    Upload::new(file.path(), "/a").on_clock(rig.line.clone()).run(&mut *rig.modem).unwrap();
    assert!(rig.files.file("/a").unwrap() == bytes);
}

/// The server's reply 421: the module reports the failure, and the loss of the session behind it.
#[test]
fn a_session_that_is_lost_is_not_blamed_on_the_path() {
    for refusal in [PutRefusal::Error, PutRefusal::OkThenZero] {
        for operation in ["list", "upload"] {
            let mut rig = online(|options| options.put_refusal = refusal);
            rig.files.misbehave(ServerFault::Unavailable { after: 0 });
            let error = match operation {
                "list" => rig.modem.list("/").unwrap_err(),
                _ => rig.upload_stream("/a", b"payload").unwrap_err(),
            };
            assert_eq!(error.kind(), ErrorKind::SessionLost, "{operation}, {refusal:?}: {error}");
            rig.works_both_ways();
        }
    }
}

/// The table of the guide, §3.2, answers `+FTPPUT: 2,10` to an offer of 100.
#[test]
fn a_module_may_want_fewer_bytes_than_offered() {
    // In the last piece: the file is incomplete, and the next attempt sends smaller pieces.
    for ends in [true, false] {
        let mut rig = online(|options| {
            options.put_announced = Some(10);
            options.put_short_ends = ends;
        });
        let error = rig.upload_stream("/a", &pattern(100)).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(10)), "{error}");
        assert!(error.is_retryable());
        rig.uploads_stream(&pattern(100));
        rig.works_both_ways();
    }
    // In an earlier piece: the driver sends the requested number, and the rest behind it.
    for announced in [1, 1000, 3071] {
        let mut rig = online(|options| {
            options.put_announced = Some(announced);
            options.put_short_ends = true;
        });
        rig.uploads_stream(&pattern(7000));
    }
    // More than was offered, or nothing, is not a go-ahead.
    for answer in [&b"\r\n+FTPPUT: 2,6\r\n"[..], b"\r\n+FTPPUT: 2,0\r\n", b"\r\n+FTPPUT: 2\r\n", b"\r\n+FTPPUT: 5\r\n"]
    {
        let mut rig = online(|_| ());
        rig.line.answer("AT+FTPPUT", answer);
        let error = rig.upload_stream("/a", b"12345").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        // Padding, in case that the module waits for the bytes.
        assert_eq!(error.transferred(), Some(5));
        assert_eq!(rig.modem.pwd().unwrap(), "/");
    }
}

/// Bytes that are added to a piece push its last bytes out. In front of the next command they show, unless they are a
/// line end. So a line end at the end of a piece goes into the next one; only behind the last one the driver waits.
#[test]
fn a_piece_does_not_end_in_a_line_end_but_the_last() {
    let mut rig = online(|_| ());
    let record = b"2026-11-29,12:00,21.50,48.0,ok\r\n";
    assert_eq!(3072 % record.len(), 0);
    let records = record.repeat(300);
    let before = rig.line.elapsed();
    rig.uploads_stream(&records);
    assert!(rig.line.elapsed() - before < SECOND / 4);
    // Payload precedes the commands on their lines.
    let sent = rig.line.text();
    let commands = sent.split("AT+FTPPUT=\"/up.bin\",").skip(1);
    let sizes = commands.map(|rest| rest.split(',').next().unwrap().parse::<usize>().unwrap());
    let ends = sizes.scan(0, |sum, size| {
        *sum += size;
        Some(*sum)
    });
    let in_line_end = ends.filter(|end| matches!(records[end - 1], b'\r' | b'\n'));
    assert_eq!(in_line_end.collect::<Vec<_>>(), [records.len()]);
}

/// The fourth argument of FTPPUT is the file type (MC66x SDK, ffw_ftpc.h); the table of the guide, §3.2, has 0, ASCII.
#[test]
fn uploads_are_binary() {
    let mut rig = online(|options| options.ascii_converts = true);
    rig.uploads_stream(TEXT);
    assert!(rig.line.commands("AT+FTPPUT")[0].ends_with(",1,1"), "last piece, binary");
    rig.modem.store_streamed("/b", &Store::create(), &mut &TEXT[..]).unwrap();
    assert_eq!(rig.files.file("/b").unwrap(), TEXT);
}

/// While the source is being read, in either form.
#[test]
fn an_upload_can_be_cancelled() {
    for streamed in [false, true] {
        let mut rig = online(|_| ());
        let flag = Arc::new(AtomicBool::new(false));
        rig.cancel_with(&flag);
        let mut source = CancellingSource(flag.clone());
        let error = if streamed {
            rig.modem.store_streamed("/a", &Store::create(), &mut source).unwrap_err()
        } else {
            rig.modem.store("/a", &Store::create(), &mut source).unwrap_err()
        };
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{streamed}: {error}");
        assert!(error.module_usable(), "{streamed}: {error}");
        flag.store(false, Ordering::Relaxed);
        rig.works_both_ways();
    }
}

/// `+FTPPUT: 0` has no reason. The replies that FTPINFO=1 prints have one (G24 manual, p. 1-13).
#[test]
fn an_upload_that_breaks_off_twice_is_ended_by_the_reply_of_the_server() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pattern(20_000)).unwrap();
    // The reply, the error, and the number of attempts.
    let cases =
        [(552, ErrorKind::ServerStorage, 2), (452, ErrorKind::ServerStorage, 2), (451, ErrorKind::ServerBusy, 4)];
    for (code, kind, attempts) in cases {
        let mut rig = online(|_| ());
        rig.files.misbehave(ServerFault::Full { after: 5_000, code });
        let upload = Upload::new(file.path(), "/up").on_clock(rig.line.clone());
        let error = upload.reconnect_with(Reconnect::new(AccessPoint::default())).run(&mut *rig.modem).unwrap_err();
        assert_eq!((error.kind(), error.ftp_reply(), error.module_usable()), (kind, Some(code), true), "{error}");
        assert_eq!(rig.line.commands("AT+FTPOPEN=").len(), attempts, "{code}: {error}");
    }
    // One that succeeds then switches the replies off.
    let mut rig = online(|_| ());
    rig.files.misbehave(ServerFault::Abort { after: 5_000 });
    rig.line.clear();
    Upload::new(file.path(), "/up").on_clock(rig.line.clone()).run(&mut *rig.modem).unwrap();
    let sent = rig.line.text();
    assert!(sent.contains("AT+FTPINFO=1\r") && sent.contains("AT+FTPINFO=0\r"));
    rig.line.clear();
    rig.works_both_ways();
    assert!(!rig.line.text().contains("+FTPINFO"));
    // Bytes that were pushed out of the payload stand in front of that command.
    let mut rig = online(|_| ());
    rig.files.misbehave(ServerFault::Abort { after: 5_000 });
    rig.upload("/up", &pattern(20_000)).unwrap_err();
    rig.line.answer("AT+FTPINFO=0", b"\r\nERROR\r\n");
    let error = rig.upload("/up", &pattern(20_000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

//! Uploads: MFTPSTOR and MFTPAPPE.

use std::io;
use std::time::Duration;

use ftp_modem::emulator::{BusyAnswer, Operation, RemoteError, SentLength, ServerFault};
use ftp_modem::modem::{Assurance, SessionState, Store};
use ftp_modem::transfer::Upload;
use ftp_modem::{Controls, ErrorKind, FtpModem};

use super::{code, online, play_online};
use crate::support::payload::pattern;
use crate::support::streams::Broken;

/// MFTPAPPE doubles data when it is repeated; the demo of the vendor appends every piece (cm_demo_ftp.c).
#[test]
fn an_upload_is_not_repeated() {
    for command in ["+MFTPAPPE", "+MFTPSTOR"] {
        let store = if command == "+MFTPAPPE" { Store::append() } else { Store::create() };
        for results in [vec![13], vec![11], vec![5]] {
            let mut rig = online(|it| it.results = results.iter().map(|code| (command.into(), *code)).collect());
            rig.files.put("/f", "old");
            let bytes = pattern(9000);
            let (outcome, sent) = rig.line.clone().sent_by(|| rig.modem.store("/f", &store, &mut &bytes[..]));
            let error = outcome.unwrap_err();
            assert!(error.transferred().is_some(), "{error}");
            assert_eq!(sent.matches(command).count(), 1, "{sent}");
            rig.still_works();
        }
    }
    // A whole file replaces what was there, however many pieces it has.
    let mut rig = online(|_| {});
    rig.files.put("/f", pattern(20_000));
    let (_, sent) = rig.line.clone().sent_by(|| rig.upload_stream("/f", &pattern(9000)).unwrap());
    assert_eq!(rig.files.file("/f").unwrap(), pattern(9000));
    assert!(!sent.contains("+MFTPAPPE"), "{sent}");
}

/// With `eof` 0 the state stays 3, and other commands get 4 or 802 (manual, §3.12 and §5).
#[test]
fn an_upload_that_fails_is_closed() {
    for busy_answer in [BusyAnswer::ResultCode, BusyAnswer::Error] {
        let mut rig = online(|it| it.busy_answer = busy_answer);
        let bytes = pattern(10_000);
        let error = rig.modem.store("/f", &Store::create(), &mut Broken(&bytes)).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::LocalIo, Some(8192)), "{error}");
        assert!(error.module_usable(), "{error}");
        assert_ne!(rig.modem.status().unwrap(), SessionState::Busy);
        rig.modem.cwd("/").unwrap();
        rig.still_works();
    }
}

/// 10 is every refusal of the server (manual, §5). Whether the file was begun shows in its listing.
#[test]
fn an_upload_of_one_block_that_breaks_off_is_no_missing_path() {
    for after in [0, 1000, 2999] {
        let mut rig = online(|_| {});
        rig.files.put("/f", pattern(9000));
        rig.files.misbehave(ServerFault::Abort { after });
        let error = rig.upload_stream("/f", &pattern(3000)).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::DataConnection, true), "{after}: {error}");
        assert_eq!((code(&error), error.transferred()), ("10", Some(3000)), "{after}");
        rig.still_works();
    }
    // A block that continues a file.
    let mut rig = online(|_| {});
    rig.files.put("/f", pattern(5000));
    rig.files.misbehave(ServerFault::Abort { after: 1000 });
    let how = Store::at(5000).with_length(3000).with_size(5000);
    let error = rig.modem.store("/f", &how, &mut &pattern(3000)[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataConnection, "{error}");
    // What the server does not accept: a new file, a file that is there, and what is to continue it.
    for (path, how) in [("/new", Store::create()), ("/f", Store::create()), ("/f", Store::at(5000))] {
        let mut rig = online(|_| {});
        rig.files.put("/f", pattern(5000));
        rig.files.fail_next(Operation::Store, RemoteError::reply(553, "Not allowed."));
        let error = rig.modem.store(path, &how.with_length(3000), &mut &pattern(3000)[..]).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Unavailable, true), "{path}, {how:?}: {error}");
        rig.still_works();
    }
}

/// MFTPDISC is blocked as well.
#[test]
fn a_session_that_cannot_be_closed_is_not_usable() {
    let mut results = vec![("+MFTPDISC".to_owned(), 4); 25];
    results.push(("+MFTPSTOR".to_owned(), 13));
    let mut rig = online(|it| it.results = results);
    let error = rig.upload_stream("/f", b"12345").unwrap_err();
    assert_eq!((code(&error), error.module_usable()), ("13", false), "{error}");
    // A little later it can be closed.
    rig.still_works();
}

/// Without a length Ctrl+Z ends the data (manual, §3.12), so the driver always sends a length.
#[test]
fn ctrl_z_is_data() {
    let mut rig = online(|_| {});
    let bytes = b"a\x1ab\x1b\"c\",\r\n\x1a";
    let (count, sent) = rig.line.clone().sent_by(|| rig.upload_stream("/f", bytes));
    assert_eq!(count.unwrap().bytes, bytes.len() as u64);
    assert_eq!(rig.files.file("/f").unwrap(), bytes);
    assert!(sent.starts_with(&format!("AT+MFTPSTOR=0,\"/f\",1,{}\r", bytes.len())), "{sent}");
    // The same for files of the module: a command line carries only what it can.
    for bytes in [&bytes[..], b"plain text", b"12,34", &pattern(9000), &[b'x'; 512], &[b'x'; 513]] {
        rig.modem.write_file("/usr/f", bytes.len() as u64, &mut &bytes[..]).unwrap();
        let mut read = Vec::new();
        assert_eq!(rig.modem.read_file("/usr/f", &mut read).unwrap(), bytes.len() as u64);
        assert_eq!(read, bytes);
    }
    rig.still_works();
}

/// The length of an upload starts at 1 (manual, §3.12); a sibling service takes no empty data (78/esp-ml307).
/// Transparent mode has no length.
#[test]
fn an_empty_file_can_be_created() {
    for transparent_result in [false, true] {
        let mut rig = online(|it| it.transparent_result = transparent_result);
        rig.files.put("/f", "old");
        let transfer = rig.modem.store("/f", &Store::append(), &mut io::empty()).unwrap();
        assert_eq!((transfer.bytes, rig.files.file("/f").unwrap().as_slice()), (0, &b"old"[..]));
        let transfer = rig.modem.store("/f", &Store::create(), &mut io::empty()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (0, Assurance::ServerSize));
        assert_eq!(rig.files.file("/f").unwrap(), b"");
        assert_eq!(rig.download("/f").unwrap(), b"");
        rig.still_works();
    }
    // Only the listing shows what the server has.
    let mut rig = online(|_| {});
    rig.files.put("/f", "old");
    rig.files.fail_next(Operation::Store, RemoteError::Reply { code: 550, text: "no".into() });
    rig.modem.store("/f", &Store::create(), &mut io::empty()).unwrap_err();
    rig.still_works();
    let stays = r#"
>> AT+MFTPSTOR=0,"f"\r
<< \r\nCONNECT\r\n
>> +++
<< \r\nOK\r\n\r\n+MFTPSTOR: 0,10,0\r\n
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",3,20220816182200,"rw-"\r\n
>> AT+MFTPDISC=0\r
<< \r\nOK\r\n\r\n+MFTPDISC: 0,0\r\n
"#;
    play_online(stays, |modem| {
        let error = modem.store("f", &Store::create(), &mut io::empty()).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Incomplete, true), "{error}");
    });
    let error = rig.modem.write_file("/usr/f", 0, &mut io::empty()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

/// The escape sequence takes its guard times.
#[test]
fn an_escape_that_would_outlive_the_limit_is_left_to_the_next_call() {
    let mut rig = online(|_| {});
    let limit = Duration::from_millis(1500);
    let before = rig.line.elapsed();
    rig.modem.set_controls(Controls::new().with_budget(limit));
    // An empty file is ended by the escape alone, which takes 2.2 s.
    let error = rig.modem.store("/empty", &Store::create(), &mut &b""[..]).unwrap_err();
    assert!(rig.line.elapsed() - before <= limit + limit / 10, "{error}");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    rig.modem.set_controls(Controls::new());
    rig.still_works();
}

/// The manual, §3.12, does not say which.
#[test]
fn the_count_may_be_of_the_piece_or_of_all() {
    for sent_length in [SentLength::Piece, SentLength::Total] {
        for size in [1, 4095, 4096, 4097, 8192, 20_000] {
            let mut rig = online(|it| it.sent_length = sent_length);
            assert_eq!(rig.upload_stream("/f", &pattern(size)).unwrap().bytes, size as u64);
            assert_eq!(rig.files.file("/f").unwrap(), pattern(size));
        }
    }
    // Neither: bytes were lost.
    let lines = r#"
>> AT+MFTPSTOR=0,"f",1,5\r
<< \r\n>
>> abcde
<< \r\nOK\r\n\r\n+MFTPSTOR: 0,0,4\r\n
>> AT+MFTPDISC=0\r
<< \r\nOK\r\n\r\n+MFTPDISC: 0,0\r\n
"#;
    play_online(lines, |modem| {
        let error = modem.store("f", &Store::create(), &mut &b"abcde"[..]).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(5)), "{error}");
    });
}

/// The server's reply 426 behind some of the bytes has the code of a refusal (10), but the server had accepted the
/// upload.
#[test]
fn an_upload_that_breaks_on_its_way_is_retried() {
    let mut rig = online(|_| {});
    let bytes = pattern(9000);
    rig.files.misbehave(ServerFault::Abort { after: 5000 });
    let error = rig.upload_stream("/f", &bytes).unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::DataConnection, "10"), "{error}");
    assert!(error.is_retryable() && error.module_usable(), "{error}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    rig.files.misbehave(ServerFault::Abort { after: 5000 });
    Upload::new(file.path(), "/g").on_clock(rig.line.clone()).run(&mut *rig.modem).unwrap();
    assert!(rig.files.file("/g").unwrap() == bytes);
}

/// The server's reply 421 has the code of a refusal (10). The state shows that the session is closed.
#[test]
fn a_session_that_is_lost_is_not_blamed_on_the_path() {
    for operation in ["list", "upload"] {
        let mut rig = online(|_| {});
        rig.files.misbehave(ServerFault::Unavailable { after: 0 });
        let error = match operation {
            "list" => rig.modem.list("/").unwrap_err(),
            _ => rig.upload_stream("/f", b"12345").unwrap_err(),
        };
        assert_eq!((error.kind(), code(&error)), (ErrorKind::SessionLost, "10"), "{operation}: {error}");
        rig.still_works();
    }
}

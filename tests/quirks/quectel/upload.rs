//! Uploads: QFTPPUT.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftp_modem::backend::quectel::Quectel;
use ftp_modem::emulator::{FalseSize, Operation, Options, RemoteError, UploadFailure};
use ftp_modem::modem::{Assurance, Retrieve, SessionState, Store, Transfer};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{Error, ErrorKind, FtpModem, OpenOptions, Vendor};

use super::{CLOSED, RESYNCHRONISED, Rig, SECOND, play_online, with};
use crate::support::access::server;
use crate::support::payload::pattern;
use crate::support::rig::{self, open_on};
use crate::support::scripted::Scripted;
use crate::support::streams::{Broken, CancellingSource};

/// 615 comes instead of CONNECT, and everything gets 603 until the session is closed (EG800K, NuModem). The note lists
/// 615 without saying which of its two forms of errors carries it.
#[test]
fn without_a_data_connection_no_data_are_sent() {
    let secret = b"these are the bytes of the file";
    type Call = fn(&mut Rig) -> Option<ftp_modem::Error>;
    let calls: [Call; 4] = [
        |rig| rig.upload("/a", b"these are the bytes of the file").err(),
        |rig| rig.modem.store_uncounted("/a", &Store::create(), &mut &b"these are the bytes of the file"[..]).err(),
        |rig| rig.download("/b").err(),
        |rig| rig.modem.list("").err(),
    ];
    for in_result in [false, true] {
        for call in calls {
            let mut rig = Rig::online(with(|o| {
                o.failing_data_connections = 1;
                o.data_failure_in_result = in_result;
            }));
            rig.files.put("/b", "x");
            let error = call(&mut rig).unwrap();
            assert_eq!(error.kind(), ErrorKind::DataConnection, "{error}");
            assert_eq!(error.module_code().map(|code| code.value.as_str()), Some("615"), "{error}");
            let as_command = rig.line.text().contains(std::str::from_utf8(secret).unwrap());
            // A module that prints CONNECT all the same wants the bytes.
            assert!(!as_command || in_result, "no byte of the file was sent in command mode");
            assert!(rig.line.text().contains("AT+QFTPCLOSE\r"), "or everything would be answered with 603");
            rig.works_both_ways();
        }
    }
}

/// The first QFTPPUT after boot gave 615 on an EG800K, the second worked (NuModem). The driver does not retry by
/// itself.
#[test]
fn a_failed_data_connection_leaves_a_session_that_works() {
    let mut rig = Rig::online(with(|o| o.failing_data_connections = 1));
    let error = rig.upload("/a", b"12345").unwrap_err();
    assert!(error.is_retryable() && error.module_usable(), "{error}");
    assert_eq!(error.transferred(), Some(0));
    rig.upload("/a", b"12345").unwrap();
    assert_eq!(rig.files.file("/a").unwrap(), b"12345");
}

/// A byte more is a command line. Whether `+++` ends an upload of known length is documented nowhere.
#[test]
fn an_upload_sends_its_length_and_no_lone_escape() {
    let lengths = [3, 4, 16_384 + 1, 16_384 + 3, 16_384 + 4, 32_768 + 2, 65_536 + 1, 65_536 + 3, 131_072 + 3];
    for length in lengths {
        let mut content = pattern(length);
        let tail = content.len() - 3;
        content[tail..].copy_from_slice(b"+++");
        for known in [true, false] {
            let mut rig = Rig::online(with(|o| o.counted_escape = true));
            rig.line.clear();
            let how = if known { Store::create().with_length(length as u64) } else { Store::create() };
            rig.modem.store("/a", &how, &mut content.as_slice()).unwrap();
            assert!(rig.files.file("/a").unwrap() == content, "{length}");
            let writes = rig.line.writes();
            let sent: usize = writes.iter().map(|(_, bytes)| bytes.len()).sum();
            let commands: usize =
                writes.iter().filter(|(_, bytes)| bytes.starts_with(b"AT+QFTP")).map(|(_, bytes)| bytes.len()).sum();
            assert_eq!(sent - commands, length, "exactly the file");
            let lone = writes.iter().any(|(_, bytes)| length > 3 && bytes.iter().all(|byte| *byte == b'+'));
            assert!(!lone, "{length}: a lone escape");
        }
        // The rule matters most where an escape ends the upload.
        let mut rig = Rig::online(Options::default());
        rig.line.clear();
        let outcome = rig.modem.store_uncounted("/a", &Store::create(), &mut content.as_slice());
        if length == 3 {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidInput);
        } else {
            assert_eq!(outcome.unwrap().bytes, length as u64);
            assert!(rig.files.file("/a").unwrap() == content, "{length}");
            let lone = rig.line.writes().iter().filter(|(_, bytes)| bytes == b"+++").count();
            assert_eq!(lone, 1, "{length}: only the escape itself");
        }
        rig.works_both_ways();
    }
}

/// `beof` 0 keeps the data connection, 1 ends the file (note, §2.5). Between two pieces the client stays in state 2.
#[test]
fn a_long_upload_goes_in_pieces() {
    for length in [65_536, 65_537, 131_072, 200_000] {
        let mut rig = Rig::online(Options::default());
        let content = pattern(length);
        rig.modem.store("/a", &Store::create(), &mut content.as_slice()).unwrap();
        assert!(rig.files.file("/a").unwrap() == content);
        assert!(rig.line.text().contains(",0\r") || length == 65_536 || length == 65_537);
        rig.works_both_ways();
    }
    // Between two pieces the client stays in state 2.
    let mut rig = Rig::online(Options::default());
    let error = rig.modem.store("/a", &Store::create(), &mut Broken(&[b'x'; 150_000])).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
    assert_eq!(error.transferred(), Some(131_072));
    assert!(rig.line.text().ends_with("AT+QFTPCLOSE\r"));
    rig.works_both_ways();
    for failure in [UploadFailure::AfterData, UploadFailure::AtOnce] {
        let mut rig = Rig::online(with(|o| o.upload_failure = failure));
        rig.files.habits().largest_file = Some(100_000);
        let error = rig.modem.store("/a", &Store::create(), &mut pattern(200_000).as_slice()).unwrap_err();
        assert!(error.transferred().is_some_and(|bytes| bytes <= 131_072), "{error}");
        rig.files.habits().largest_file = None;
        rig.works_both_ways();
        assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
    }
}

/// Without an escape the module reports 609 after `rsptimeout`, and the file may be complete: its size decides.
#[test]
fn an_upload_of_unknown_length_ends_with_the_escape() {
    for (size, complete) in [("0,20", true), ("0,19", false), ("627,550", false)] {
        let close = if complete { "" } else { CLOSED };
        let session = format!(
            r#"
>> AT+QFTPPUT="a","COM:",0\r
<< \r\nCONNECT\r\n
>>* 20
@ 0.5
<< \r\nOK\r\n\r\n+QFTPPUT: 609,0\r\n
@ 1
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: {size}\r\n
{close}
"#
        );
        play_online(&session, |modem| {
            let outcome = modem.store_uncounted("a", &Store::create(), &mut pattern(20).as_slice());
            match outcome {
                Ok(transfer) => {
                    assert_eq!((complete, transfer.bytes, transfer.assurance), (true, 20, Assurance::ServerSize));
                }
                Err(error) => {
                    assert!(!complete, "{error}");
                    assert_eq!((error.kind(), error.transferred()), (ErrorKind::NetworkTimeout, Some(20)), "{error}");
                }
            }
        });
    }
    for length in [0, 1, 1000, 100_000] {
        let mut rig = Rig::online(Options::default());
        let content = pattern(length);
        let transfer = rig.modem.store_uncounted("/a", &Store::create(), &mut content.as_slice()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (length as u64, Assurance::ModuleCount));
        assert!(rig.files.file("/a").unwrap() == content);
        rig.modem.store_uncounted("/a", &Store::append(), &mut &b"more"[..]).unwrap();
        assert_eq!(rig.files.file("/a").unwrap().len(), length + 4);
        assert!(!rig.line.text().contains("ATI\rATI"), "no need to resynchronise");
        rig.works_both_ways();
    }
    let mut rig = Rig::online(Options::default());
    let error = rig.modem.store_uncounted("/a", &Store::create(), &mut Broken(&[b'x'; 100_000])).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
    rig.works_both_ways();
}

/// The note, §2.5; products in the field wait for 609.
#[test]
fn an_upload_ends_by_its_length_or_by_the_escape() {
    let mut rig = Rig::online(Options::default());
    rig.line.clear();
    rig.upload("/a", b"12345").unwrap();
    assert!(rig.line.text().ends_with("AT+QFTPPUT=\"/a\",\"COM:\",0,5,1\r12345"));
    rig.line.clear();
    rig.modem.store_uncounted("/b", &Store::create(), &mut &b"12345"[..]).unwrap();
    assert!(rig.line.text().ends_with("AT+QFTPPUT=\"/b\",\"COM:\",0\r12345+++"), "never waits for 609");
    assert_eq!(rig.files.file("/b").unwrap(), b"12345");
}

/// The source was slower than the module waits.
#[test]
fn an_upload_that_the_module_ends_reaches_no_command_line() {
    let session = format!(
        r#"
>> AT+QFTPPUT="a","COM:",0,20000,1\r
<< \r\nCONNECT\r\n
<< \r\nOK\r\n\r\n+QFTPPUT: 609,0\r\n
{RESYNCHRONISED}
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let how = Store::create().with_length(20_000);
        let error = modem.store("a", &how, &mut pattern(20_000).as_slice()).unwrap_err();
        // The driver cannot tell why the module ended it, nor which bytes it took since; escape and probe count, too.
        assert_eq!((error.transferred(), error.module_usable()), (Some(20_007), true), "{error}");
    });
}

/// An older demo library of Quectel compares them.
#[test]
fn a_count_other_than_that_of_the_bytes_sent_is_an_error() {
    for count in ["0,19", "0,21", "0", "0,x"] {
        let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result("+QFTPPUT", count)));
        let error = rig.upload("/a", &pattern(20)).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(20)), "{error}");
        rig.works_both_ways();
        let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result("+QFTPPUT", count)));
        let error = rig.modem.store_uncounted("/a", &Store::create(), &mut pattern(20).as_slice()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        rig.works_both_ways();
    }
    let mut rig = Rig::online(with(|o| o.lost_upload_bytes = 1));
    let error = rig.modem.store_uncounted("/a", &Store::create(), &mut pattern(20).as_slice()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
}

/// The module reports 609 while the source has more to send: a size of as much as was sent does not make the file
/// complete.
#[test]
fn an_upload_of_unknown_length_that_times_out_in_the_middle_is_not_complete() {
    let module = Scripted::new(&[
        ("AT+QFTPOPEN", &[(10, "\r\nOK\r\n"), (100, "\r\n+QFTPOPEN: 0,0\r\n")]),
        ("AT+QFTPPUT", &[(10, "\r\nCONNECT\r\n\r\n+QFTPPUT: 609,0\r\n")]),
        ("AT+QFTPSIZE", &[(10, "\r\nOK\r\n\r\n+QFTPSIZE: 0,0\r\n")]),
        ("AT+QFTPCLOSE", &[(10, "\r\nOK\r\n\r\n+QFTPCLOSE: 0,0\r\n")]),
    ]);
    let mut modem: Quectel = OpenOptions::new().open_as_on(MemoryPipe::new(module)).unwrap();
    modem.login(&server()).unwrap();
    let error = modem.store_uncounted("/a", &Store::create(), &mut pattern(20_000).as_slice()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NetworkTimeout, "{error}");
}

/// A start position above 0 becomes APPE in UniRTOS (guozhenh/unirtos); the UGxx FTP note V1.2 requires positions that
/// follow each other. The size is compared before and after.
#[test]
fn resuming_an_upload_appends_or_seeks() {
    for seeks in [false, true] {
        let mut rig = Rig::online(with(|o| o.put_seeks = seeks));
        rig.files.put("/a", "12345");
        for wrong in [1, 4, 6] {
            let error = rig.modem.store("/a", &Store::at(wrong), &mut &b"x"[..]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        }
        let transfer = rig.modem.store("/a", &Store::at(5), &mut &b"678"[..]).unwrap();
        assert_eq!(transfer.assurance, Assurance::ServerSize);
        rig.modem.store("/a", &Store::append(), &mut &b"9"[..]).unwrap();
        assert_eq!(rig.files.file("/a").unwrap(), b"123456789");
        assert_eq!(rig.download_part("/a", &Retrieve::from(4)).unwrap(), b"56789");
    }
    // A size that does not fit afterwards is an error.
    let session = r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,5\r\n
>> AT+QFTPPUT="a","COM:",5,3,1\r
<< \r\nCONNECT\r\n
>> 678
<< \r\nOK\r\n\r\n+QFTPPUT: 0,3\r\n
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,3\r\n
"#;
    play_online(session, |modem| {
        let how = Store::at(5).with_length(3);
        let error = modem.store("a", &how, &mut &b"678"[..]).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::VerificationFailed, Some(3)), "{error}");
    });
}

/// The note, §2.5, prints `+QFTPCWD`.
#[test]
fn the_result_of_an_upload_is_qftpput() {
    // A line of that name in the middle has no effect on an upload.
    let session = r#"
>> AT+QFTPPUT="a","COM:",0,5,1\r
<< \r\n+QFTPCWD: 627,550\r\n\r\nCONNECT\r\n
>> 12345
<< \r\nOK\r\n\r\n+QFTPCWD: 0,0\r\n
@ 3
<< \r\n+QFTPPUT: 0,5\r\n
"#;
    play_online(session, |modem| {
        let how = Store::create().with_length(5);
        assert_eq!(modem.store("a", &how, &mut &b"12345"[..]).unwrap().bytes, 5);
    });
}

/// The size on the server is the largest number of 64 bits; appending to it is an error or a success, but no panic.
#[test]
fn the_largest_size_overflows_nothing() {
    let module = Scripted::new(&[
        ("AT+QFTPOPEN", &[(10, "\r\nOK\r\n"), (100, "\r\n+QFTPOPEN: 0,0\r\n")]),
        ("AT+QFTPSIZE", &[(10, "\r\nOK\r\n\r\n+QFTPSIZE: 0,18446744073709551615\r\n")]),
        ("AT+QFTPPUT", &[(10, "\r\nCONNECT\r\n"), (500, "\r\nOK\r\n\r\n+QFTPPUT: 0,1\r\n")]),
        ("xAT+QFTPSIZE", &[(10, "\r\nOK\r\n\r\n+QFTPSIZE: 0,18446744073709551615\r\n")]),
    ]);
    let mut modem = open_on(module).0.unwrap();
    modem.login(&server()).unwrap();
    let _ = modem.store("/x", &Store::append().with_length(1), &mut &b"x"[..]);
}

/// The server refuses SIZE, or has moved the file already.
#[test]
fn a_size_that_is_refused_behind_a_complete_upload_does_not_fail_it() {
    for result in ["627,550", "622,502", "620,500", "617,450", "614,421"] {
        let session = format!(
            r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,10\r\n
>> AT+QFTPPUT="a","COM:",10,20,1\r
<< \r\nCONNECT\r\n
>>* 20
<< \r\nOK\r\n\r\n+QFTPPUT: 0,20\r\n
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: {result}\r\n
"#
        );
        play_online(&session, |modem| {
            let how = Store::at(10).with_length(20);
            let transfer = modem.store("a", &how, &mut pattern(20).as_slice()).unwrap();
            assert_eq!((transfer.bytes, transfer.assurance), (20, Assurance::Unconfirmed), "{result}");
        });
    }
}

/// A server that refuses SIZE for a file that exists: to append at 0 would replace it.
#[test]
fn a_file_of_unknown_size_is_not_replaced_by_an_append() {
    for (time, exists) in [(r#"0,"20260101000000""#, true), ("627,550", false)] {
        let put = r#"
>> AT+QFTPPUT="a","COM:",0,20,1\r
<< \r\nCONNECT\r\n
>>* 20
<< \r\nOK\r\n\r\n+QFTPPUT: 0,20\r\n
"#;
        let session = format!(
            r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 627,550\r\n
>> AT+QFTPMDTM="a"\r
<< \r\nOK\r\n\r\n+QFTPMDTM: {time}\r\n
{}
"#,
            if exists { "" } else { put }
        );
        play_online(&session, |modem| {
            let outcome = modem.store("a", &Store::append().with_length(20), &mut pattern(20).as_slice());
            assert_eq!(outcome.is_err(), exists, "{outcome:?}");
        });
    }
    // A server without MDTM, too.
    for (path, exists) in [("/log", true), ("/dir/log", true), ("/dir/new", false), ("/empty/new", false)] {
        let mut rig = Rig::online(Options::default());
        for file in ["/log", "/dir/log"] {
            rig.files.put(file, "old");
        }
        rig.files.add_directory("/empty");
        rig.files.habits().answer_size(path, FalseSize::Refused(550));
        rig.files.fail_next(Operation::Modified, RemoteError::reply(502, "MDTM not implemented."));
        let outcome = rig.modem.store(path, &Store::append().with_length(3), &mut &b"new"[..]);
        assert_eq!(outcome.is_err(), exists, "{path}: {outcome:?}");
        assert_eq!(rig.files.file(path).unwrap(), if exists { b"old" } else { b"new" }, "{path}");
        rig.works_both_ways();
    }
}

/// FTP replies of the form 4yz say that the same command may succeed later (RFC 959 §4.2.1).
#[test]
fn an_append_that_the_server_puts_off_may_succeed_later() {
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,10\r\n
>> AT+QFTPPUT="a","COM:",10,20,1\r
<< \r\nOK\r\n\r\n+QFTPPUT: 618,451\r\n
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let error = modem.store("a", &Store::at(10).with_length(20), &mut pattern(20).as_slice()).unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::ServerBusy, true), "{error}");
    });
}

/// Whether a counted upload heeds `+++` is documented nowhere. The driver knows how many bytes are missing.
#[test]
fn a_cancelled_upload_is_padded_where_the_module_ignores_the_escape() {
    const RATE: u32 = 115_200;
    for heeds_escape in [true, false] {
        let (line, files) =
            rig::module(Vendor::Quectel, with(|o| o.counted_escape = heeds_escape).with_line_rate(RATE));
        let mut rig = Rig::through(line.host().with_line_rate(RATE), line, files);
        rig.go_online();
        for (length, is_soon_over) in [(200_000, true), (2_000_000, heeds_escape)] {
            let before = rig.line.elapsed();
            let error = cancelled_upload(&mut rig, length, Quectel::store);
            let time = rig.line.elapsed() - before;
            assert!(time < 60 * SECOND, "{heeds_escape}, {length}: {time:?}");
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Cancelled, is_soon_over), "{error}");
            let is_padded = is_soon_over && !heeds_escape;
            assert_eq!(error.to_string().contains("the file on the server is padded"), is_padded, "{error}");
            if is_soon_over {
                rig.works_both_ways();
            } else {
                assert!(error.to_string().contains("waiting for the rest of the file"), "{error}");
            }
        }
    }
}

/// `beof` 0 (note, §2.5).
#[test]
fn an_upload_in_pieces_leaves_no_more_than_a_piece_to_be_padded() {
    let mut rig = Rig::online(with(|o| o.counted_escape = false));
    let content = pattern(200_000);
    for length in [0, 65_536, 200_000] {
        let how = Store::create().with_length(length as u64);
        rig.modem.store_in_pieces("/a", &how, &mut &content[..length]).unwrap();
        assert!(rig.files.file("/a").unwrap() == content[..length], "{length}");
    }
    let before = rig.line.sent().len();
    let error = cancelled_upload(&mut rig, 2_000_000, Quectel::store_in_pieces);
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Cancelled, true), "{error}");
    assert!(rig.line.sent().len() - before < 200_000);
    rig.works_both_ways();
}

type Upload = fn(&mut Quectel, &str, &Store, &mut dyn Read) -> ftp_modem::Result<Transfer>;

/// An upload of `length` bytes that is cancelled behind the first 50,000.
fn cancelled_upload(rig: &mut Rig, length: u64, upload: Upload) -> Error {
    let flag = Arc::new(AtomicBool::new(false));
    rig.cancel_with(&flag);
    let source = io::Read::chain(io::repeat(b'x').take(50_000), CancellingSource(Arc::clone(&flag)));
    let mut source = source.take(length);
    let error = upload(&mut rig.modem, "/a", &Store::create().with_length(length), &mut source).unwrap_err();
    flag.store(false, Ordering::Relaxed);
    error
}

/// A program that was killed leaves a module that takes everything for the rest of its file.
#[test]
fn a_module_that_waits_for_the_rest_of_a_file_is_waited_for_on_request() {
    let (line, files) = rig::module(Vendor::Quectel, with(|o| o.counted_escape = false));
    let mut rig = Rig::through(line.host(), line.clone(), files);
    rig.go_online();
    rig.line.by_another_program(&["AT+QFTPPUT=\"/a\",\"COM:\",0,1000000,1"]);
    let begun = line.elapsed();
    let error = OpenOptions::new().open_on(line.host()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.to_string().contains("rest of a file that an earlier program was sending"), "{error}");
    assert!(line.elapsed() - begun < 10 * SECOND);
    let mut modem = OpenOptions::new().patient(true).open_on(line.host()).unwrap();
    assert!(line.elapsed() - begun < 130 * SECOND, "{:?}", line.elapsed() - begun);
    modem.network().unwrap();
}

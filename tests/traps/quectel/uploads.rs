//! Uploads: traps 12, 14 to 17, 39 and 44.

use std::io::{self, Read};

use ftp_modem::emulator::{Options, UploadFailure};
use ftp_modem::modem::{Assurance, Retrieve, SessionState, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{CLOSED, Rig, options, pattern, play_online};

#[test]
fn quectel_trap_12_no_data_connection_and_no_data_mode() {
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
            let mut rig = Rig::online(options(|o| {
                o.failing_data_connections = 1;
                o.data_failure_in_result = in_result;
            }));
            rig.files.put("/b", "x");
            let error = call(&mut rig).unwrap();
            assert_eq!(error.kind(), ErrorKind::DataConnection, "{error}");
            assert_eq!(error.module_code().map(|code| code.value.as_str()), Some("615"), "{error}");
            let as_command = rig.wire.sent().contains(std::str::from_utf8(secret).unwrap());
            // A module that says CONNECT all the same wants the bytes.
            assert!(!as_command || in_result, "no byte of the file was sent in command mode");
            assert!(rig.wire.sent().contains("AT+QFTPCLOSE\r"), "or everything would be answered with 603");
            rig.still_works();
        }
    }
}

#[test]
fn quectel_trap_14_not_one_byte_more_and_no_lone_escape() {
    let lengths = [3, 4, 16_384 + 1, 16_384 + 3, 16_384 + 4, 32_768 + 2, 65_536 + 1, 65_536 + 3, 131_072 + 3];
    for length in lengths {
        let mut content = pattern(length);
        let tail = content.len() - 3;
        content[tail..].copy_from_slice(b"+++");
        for known in [true, false] {
            let mut rig = Rig::online(options(|o| o.counted_escape = true));
            rig.wire.clear();
            let how = if known { Store::create().with_length(length as u64) } else { Store::create() };
            rig.modem.store("/a", &how, &mut content.as_slice()).unwrap();
            assert!(rig.files.file("/a").unwrap() == content, "{length}");
            let writes = rig.wire.writes();
            let sent: usize = writes.iter().map(|(_, bytes)| bytes.len()).sum();
            let commands: usize =
                writes.iter().filter(|(_, bytes)| bytes.starts_with(b"AT+QFTP")).map(|(_, bytes)| bytes.len()).sum();
            assert_eq!(sent - commands, length, "exactly the file");
            let lone = writes.iter().any(|(_, bytes)| length > 3 && bytes.iter().all(|byte| *byte == b'+'));
            assert!(!lone, "{length}: a lone escape");
        }
        // With an escape at the end the rule matters most.
        let mut rig = Rig::online(Options::default());
        rig.wire.clear();
        let outcome = rig.modem.store_uncounted("/a", &Store::create(), &mut content.as_slice());
        if length == 3 {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidInput);
        } else {
            assert_eq!(outcome.unwrap().bytes, length as u64);
            assert!(rig.files.file("/a").unwrap() == content, "{length}");
            let lone = rig.wire.writes().iter().filter(|(_, bytes)| bytes == b"+++").count();
            assert_eq!(lone, 1, "{length}: only the escape itself");
        }
        rig.still_works();
    }
}

/// Yields so many bytes, then fails.
struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.0.min(room.len()) {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            count => {
                room[..count].fill(b'x');
                self.0 -= count;
                Ok(count)
            }
        }
    }
}

#[test]
fn quectel_trap_15_piece_after_piece() {
    for length in [65_536, 65_537, 131_072, 200_000] {
        let mut rig = Rig::online(Options::default());
        let content = pattern(length);
        rig.modem.store("/a", &Store::create(), &mut content.as_slice()).unwrap();
        assert!(rig.files.file("/a").unwrap() == content);
        assert!(rig.wire.sent().contains(",0\r") || length == 65_536 || length == 65_537);
        rig.still_works();
    }
    // Between two pieces the client stays in state 2.
    let mut rig = Rig::online(Options::default());
    let error = rig.modem.store("/a", &Store::create(), &mut Failing(150_000)).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
    assert_eq!(error.transferred(), Some(65_536));
    assert!(rig.wire.sent().ends_with("AT+QFTPCLOSE\r"));
    rig.still_works();
    for failure in [UploadFailure::AfterData, UploadFailure::AtOnce] {
        let mut rig = Rig::online(options(|o| o.upload_failure = failure));
        rig.files.limit_file_size(100_000);
        let error = rig.modem.store("/a", &Store::create(), &mut pattern(200_000).as_slice()).unwrap_err();
        assert!(error.transferred().is_some_and(|bytes| bytes <= 131_072), "{error}");
        rig.files.limit_file_size(usize::MAX);
        rig.still_works();
        assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
    }
}

#[test]
fn quectel_trap_16_an_upload_without_end() {
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
        assert!(!rig.wire.sent().contains("ATI\rATI"), "no need to resynchronise");
        rig.still_works();
    }
    let mut rig = Rig::online(Options::default());
    let error = rig.modem.store_uncounted("/a", &Store::create(), &mut Failing(100_000)).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
    rig.still_works();
}

/// A source that is slower than the module waits: what it yields then must not reach the command line.
#[test]
fn an_upload_that_the_module_has_given_up() {
    let session = format!(
        r#"
>> AT+QFTPPUT="a","COM:",0,20000,1\r
<< \r\nCONNECT\r\n
<< \r\nOK\r\n\r\n+QFTPPUT: 609,0\r\n
>> +++
>> ATI\r
<< +++ATI\r\r\nERROR\r\n
@ 3
>> ATI\r
<< Quectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let how = Store::create().with_length(20_000);
        let error = modem.store("a", &how, &mut pattern(20_000).as_slice()).unwrap_err();
        // What the module ended it for cannot be known, nor what it took of what was sent to it since: an escape and a probe, too.
        assert_eq!((error.transferred(), error.module_usable()), (Some(20_007), true), "{error}");
    });
}

#[test]
fn quectel_trap_17_another_count_than_was_sent() {
    for told in ["0,19", "0,21", "0", "0,x"] {
        let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result("+QFTPPUT", told)));
        let error = rig.upload("/a", &pattern(20)).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(20)), "{error}");
        rig.still_works();
        let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result("+QFTPPUT", told)));
        let error = rig.modem.store_uncounted("/a", &Store::create(), &mut pattern(20).as_slice()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        rig.still_works();
    }
    let mut rig = Rig::online(options(|o| o.lost_upload_bytes = 1));
    let error = rig.modem.store_uncounted("/a", &Store::create(), &mut pattern(20).as_slice()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
}

/// The driver does not try again by itself; it leaves the session such that the next attempt finds it in order.
#[test]
fn quectel_trap_39_the_first_data_connection_fails() {
    let mut rig = Rig::online(options(|o| o.failing_data_connections = 1));
    let error = rig.upload("/a", b"12345").unwrap_err();
    assert!(error.is_retryable() && error.module_usable(), "{error}");
    assert_eq!(error.transferred(), Some(0));
    rig.upload("/a", b"12345").unwrap();
    assert_eq!(rig.files.file("/a").unwrap(), b"12345");
}

#[test]
fn quectel_trap_44_continuing_appends_or_seeks() {
    for seeks in [false, true] {
        let mut rig = Rig::online(options(|o| o.put_seeks = seeks));
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
    // The size afterwards shows it when it came out otherwise.
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

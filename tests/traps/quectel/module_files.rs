//! The module's own files: traps 28 to 35.

use std::io::{self, Read};
use std::time::Duration;

use ftp_modem::backend::quectel::{ListFormat, ModuleFile, Pacing, Quectel, Storage};
use ftp_modem::emulator::{ChecksumForm, NetworkCause, Operation as Asked, Options, RemoteError};
use ftp_modem::modem::{Assurance, Retrieve};
use ftp_modem::{Error, ErrorKind, Result};

use super::{Rig, options, pattern, play, play_online};

const BOTH: [Pacing; 2] = [Pacing::Flow, Pacing::Acknowledged];

fn put(modem: &mut Quectel, name: &str, pacing: Pacing, bytes: &[u8]) -> Result<()> {
    let transfer = modem.store_to_module(name, bytes.len() as u64, pacing, &mut &bytes[..])?;
    assert_eq!((transfer.bytes, transfer.assurance), (bytes.len() as u64, Assurance::ModuleCount));
    Ok(())
}

fn get(modem: &mut Quectel, name: &str, what: &Retrieve) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let transfer = modem.retrieve_from_module(name, what, &mut bytes)?;
    assert_eq!(transfer.bytes, bytes.len() as u64);
    Ok(bytes)
}

fn code(error: &Error) -> Option<&str> {
    error.module_code().map(|code| code.value.as_str())
}

#[test]
fn quectel_trap_28_checksums() {
    for form in [ChecksumForm::Bare, ChecksumForm::Padded, ChecksumForm::Upper] {
        let mut rig = Rig::open(options(|o| o.checksum = form));
        let all: Vec<u8> = (0..=255).collect();
        for (index, content) in
            [&b"A"[..], b"AB", b"ABC", b"hello", b"0123456789", &all, &[0xff; 1025], &pattern(40_001)]
                .iter()
                .enumerate()
        {
            for pacing in BOTH {
                let name = format!("UFS:{index}-{pacing:?}");
                put(&mut rig.modem, &name, pacing, content).unwrap();
                assert!(get(&mut rig.modem, &name, &Retrieve::whole()).unwrap() == *content);
            }
        }
    }
    // Four letters A, printed in every way, and wrong: 0x4141 ^ 0x4141 is 0.
    for (sum, right) in [("0", true), ("0000", true), ("1", false), ("x", false), ("", false), ("10000", false)] {
        let removal = if right { "" } else { ">> AT+QFDEL=\"UFS:a\"\\r\n<< \\r\\nOK\\r\\n" };
        let session = format!(
            r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="UFS:a",4,60,0\r
<< \r\nCONNECT\r\n
>> AAAA
<< \r\n+QFUPL: 4,{sum}\r\n\r\nOK\r\n
{removal}
"#
        );
        play(&session, |modem| match put(modem, "UFS:a", Pacing::Flow, b"AAAA") {
            Ok(()) => assert!(right, "{sum}"),
            Err(error) => {
                assert!(!right, "{sum}: {error}");
                assert_eq!(error.kind(), ErrorKind::VerificationFailed);
            }
        });
    }
    // On the way back, too.
    let session = r#"
>> AT+QFLST="UFS:a"\r
<< \r\n+QFLST: "UFS:a",4\r\n\r\nOK\r\n
>> AT+QFDWL="UFS:a"\r
<< \r\nCONNECT\r\nAAAA\r\n+QFDWL: 4,1\r\n\r\nOK\r\n
"#;
    play(session, |modem| {
        let error = get(modem, "UFS:a", &Retrieve::whole()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::VerificationFailed, Some(4)));
    });
}

#[test]
fn quectel_trap_29_a_result_without_line_end_before_it() {
    for length in [1, 1023, 1024, 2048, 3000] {
        for pacing in BOTH {
            for fragment in [1, usize::MAX] {
                let mut rig = Rig::open(options(|o| o.glued_upload_result = true).with_fragment(fragment));
                put(&mut rig.modem, "UFS:a", pacing, &vec![b'A'; length]).unwrap();
                assert_eq!(rig.modem.module_file_size("UFS:a").unwrap(), Some(length as u64));
            }
        }
    }
}

#[test]
fn quectel_trap_30_acknowledgements() {
    for length in [1, 1023, 1024, 1025, 2047, 2048, 2049, 3072, 5000, 50_000] {
        let content = pattern(length);
        for paired in [false, true] {
            for glued in [false, true] {
                let mut rig = Rig::open(options(|o| {
                    o.paired_acknowledgements = paired;
                    o.glued_upload_result = glued;
                }));
                put(&mut rig.modem, "UFS:a", Pacing::Acknowledged, &content).unwrap();
                assert!(get(&mut rig.modem, "UFS:a", &Retrieve::whole()).unwrap() == content);
            }
        }
    }
    // Late ones are waited for; at 9600 baud each block takes a second.
    let mut rig = Rig::open(Options::default().with_line_rate(9600).with_latency(Duration::from_millis(300)));
    put(&mut rig.modem, "UFS:a", Pacing::Acknowledged, &pattern(5000)).unwrap();
    // One that is lost does no harm: count and checksum prove the file.
    for lost in [1, 2, 4] {
        let mut rig = Rig::open(options(|o| o.lost_acknowledgement = Some(lost)));
        put(&mut rig.modem, "UFS:a", Pacing::Acknowledged, &pattern(4096)).unwrap();
        assert!(get(&mut rig.modem, "UFS:a", &Retrieve::whole()).unwrap() == pattern(4096));
    }
    // All are lost: no more than two blocks are sent, and the module's time-out is heard.
    let session = r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="UFS:a",5000,60,1\r
<< \r\nCONNECT\r\n
>>* 1024
>># 1024 HEX
@ 60
<< \r\n+QFUPL: 2048,0\r\n\r\n+CME ERROR: 421\r\n
>> AT+QFDEL="UFS:a"\r
<< \r\nOK\r\n
"#;
    let second: String = pattern(2048)[1024..].iter().map(|byte| format!("{byte:02x}")).collect();
    play(&session.replace("HEX", &second), |modem| {
        let error = put(modem, "UFS:a", Pacing::Acknowledged, &pattern(5000)).unwrap_err();
        assert_eq!((error.kind(), code(&error), error.transferred()), (ErrorKind::Incomplete, Some("421"), Some(2048)));
        assert!(error.module_usable());
    });
}

/// Yields so many bytes, then ends or fails.
struct Short(usize, bool);

impl Read for Short {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.0.min(room.len());
        if count == 0 && self.1 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        room[..count].fill(b'x');
        self.0 -= count;
        Ok(count)
    }
}

#[test]
fn quectel_trap_31_uploads_that_fail() {
    // Lost on the line: the module waits, tells what it has, and says 421 all the same (seen on EG800K).
    let session = r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="UFS:a",3000,60,0\r
<< \r\nCONNECT\r\n
>>* 3000
@ 60
<< \r\n+QFUPL: 1939,4f64\r\n
@ 0.1
<< \r\n+CME ERROR: 421\r\n
>> AT+QFDEL="UFS:a"\r
<< \r\nOK\r\n
>> AT+QFLST="UFS:a"\r
<< \r\nOK\r\n
"#;
    play(session, |modem| {
        let error = put(modem, "UFS:a", Pacing::Flow, &pattern(3000)).unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::Incomplete, Some("421")), "{error}");
        assert!(error.is_retryable() && error.module_usable());
        assert_eq!(modem.module_file_size("UFS:a").unwrap(), None);
    });
    // Given up by the module before the first byte, as by a slow source: nothing is sent that would be taken for commands.
    for (pacing, mode) in [(Pacing::Flow, 0), (Pacing::Acknowledged, 1)] {
        let session = format!(
            r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="UFS:a",5,60,{mode}\r
<< \r\nCONNECT\r\n
<< \r\n+QFUPL: 0,0\r\n\r\n+CME ERROR: 421\r\n
>> AT+QFDEL="UFS:a"\r
<< \r\nOK\r\n
"#
        );
        play(&session, |modem| {
            let error = put(modem, "UFS:a", pacing, b"AT\r\r\r").unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(0)), "{pacing:?}: {error}");
        });
    }
    // Exists already, by number and by words; nothing is sent, and it stays.
    for cmee in [1, 2] {
        let mut rig = Rig::open(Options::default().with_cmee(cmee));
        put(&mut rig.modem, "UFS:a", Pacing::Flow, b"old").unwrap();
        for length in [0, 5] {
            let error = put(&mut rig.modem, "UFS:a", Pacing::Flow, &b"hello"[..length]).unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::ModuleStorage, Some(0)), "{error}");
        }
        assert_eq!(get(&mut rig.modem, "UFS:a", &Retrieve::whole()).unwrap(), b"old");
    }
    let session = r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="isrgx1.pem",5,60,0\r
<< \r\n+CME ERROR: file already exist\r\n
"#;
    play(session, |modem| {
        let error = put(modem, "isrgx1.pem", Pacing::Flow, b"12345").unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::ModuleStorage, Some("file already exist")));
    });
    // The source has less than it promised: the module is relieved, and no part of a file is left.
    for (length, source, failing) in [(100, 10, false), (100, 10, true), (100_000, 10, true), (100_000, 50_000, false)]
    {
        for pacing in BOTH {
            let mut rig = Rig::open(Options::default());
            let outcome = rig.modem.store_to_module("UFS:a", length, pacing, &mut Short(source, failing));
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
            assert_eq!(rig.modem.list_module(Storage::Ufs).unwrap(), []);
            put(&mut rig.modem, "UFS:a", pacing, b"hello").unwrap();
        }
    }
}

#[test]
fn quectel_trap_32_reading_by_handle() {
    for empty_read in [false, true] {
        for length in [0, 1, 379, 16_384, 16_385, 40_000] {
            let mut rig = Rig::open(options(|o| o.empty_read = empty_read));
            let content = pattern(length);
            put(&mut rig.modem, "UFS:a", Pacing::Flow, &content).unwrap();
            for offset in [0, 1, 100].into_iter().filter(|offset| *offset <= length) {
                for most in [0, 1, 200, 20_000, 100_000] {
                    let what = Retrieve::from(offset as u64).with_length(most as u64);
                    let part = get(&mut rig.modem, "UFS:a", &what).unwrap();
                    assert!(part == content[offset..length.min(offset + most)], "{length} {offset} {most}");
                }
            }
            let beyond = get(&mut rig.modem, "UFS:a", &Retrieve::from(length as u64 + 1)).unwrap_err();
            assert_eq!(beyond.kind(), ErrorKind::ModuleStorage, "{beyond}");
            rig.modem.remove_from_module("UFS:a").unwrap();
        }
    }
    // One to seven digits; more than asked for is an error; the handle is closed after every one.
    for (announced, kind) in [("5", None), ("0000005", None), ("99999", Some(ErrorKind::Protocol))] {
        let resync = ">> +++\n>> ATI\\r\n<< +++ATI\\r\\r\\nERROR\\r\\n\n@ 3\n>> ATI\\r\n<< Quectel\\r\\nEC25\\r\\nRevision: EC25EFAR06A11M4G\\r\\n\\r\\nOK\\r\\n\n";
        let rest = match kind {
            None => "<< hello\\r\\nOK\\r\\n\n>> AT+QFREAD=3000,16384\\r\n<< \\r\\n+CME ERROR: 402\\r\\n\n",
            Some(_) => resync,
        };
        let session = format!(
            "
>> AT+QFOPEN=\"UFS:a\",2\\r
<< \\r\\n+QFOPEN: 3000\\r\\n\\r\\nOK\\r\\n
>> AT+QFSEEK=3000,1,0\\r
<< \\r\\nOK\\r\\n
>> AT+QFREAD=3000,16384\\r
<< \\r\\nCONNECT {announced}\\r\\n
{rest}>> AT+QFCLOSE=3000\\r
<< \\r\\nOK\\r\\n
"
        );
        play(&session, |modem| match get(modem, "UFS:a", &Retrieve::from(1)) {
            Ok(bytes) => assert_eq!((bytes.as_slice(), kind), (&b"hello"[..], None)),
            Err(error) => assert_eq!(Some(error.kind()), kind, "{error}"),
        });
    }
}

#[test]
fn quectel_trap_33_shapes_of_a_listing() {
    for quoted in [true, false] {
        for with_storage in [true, false] {
            let mut rig = Rig::open(options(|o| {
                o.quoted_listing = quoted;
                o.storage_in_listing = with_storage;
                o.directories = vec!["security/".into()];
            }));
            put(&mut rig.modem, "a,b.txt", Pacing::Flow, b"hello").unwrap();
            put(&mut rig.modem, "UFS:c d", Pacing::Flow, b"").unwrap();
            let files = rig.modem.list_module(Storage::Ufs).unwrap();
            let shapes: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.size, file.is_directory)).collect();
            assert_eq!(shapes, [("UFS:security", 0, true), ("UFS:a,b.txt", 5, false), ("UFS:c d", 0, false)]);
            assert_eq!(rig.modem.module_file_size("a,b.txt").unwrap(), Some(5));
            assert!(get(&mut rig.modem, "a,b.txt", &Retrieve::whole()).unwrap() == b"hello");
        }
    }
    for fails in [true, false] {
        let mut rig = Rig::open(options(|o| o.missing_listing_fails = fails));
        assert_eq!(rig.modem.module_file_size("UFS:none").unwrap(), None);
        assert_eq!(rig.modem.list_module(Storage::Ram).unwrap(), []);
        assert_eq!(get(&mut rig.modem, "UFS:none", &Retrieve::whole()).unwrap_err().kind(), ErrorKind::ModuleStorage);
    }
    // More of them than an answer commonly has.
    let mut rig = Rig::open(Options::default());
    for index in 0..600 {
        put(&mut rig.modem, &format!("UFS:{index:03}"), Pacing::Flow, b"").unwrap();
    }
    let names: Vec<ModuleFile> = rig.modem.list_module(Storage::Ufs).unwrap();
    assert_eq!(names.len(), 600);
}

#[test]
fn quectel_trap_34_storage() {
    // No RAM disk.
    let mut rig = Rig::online(options(|o| o.ram = false));
    rig.files.put("/a", "hello");
    for error in [
        rig.modem.module_space(Storage::Ram).unwrap_err(),
        put(&mut rig.modem, "RAM:a", Pacing::Flow, b"hello").unwrap_err(),
        rig.modem.retrieve_to_module("/a", "RAM:a", 0).unwrap_err(),
    ] {
        assert_eq!(error.kind().party(), ftp_modem::error::Party::Module, "{error}");
        assert!(!error.is_retryable(), "{error}");
    }
    rig.still_works();
    // Too small: known before anything is sent.
    let mut rig = Rig::online(options(|o| o.ufs_size = 286_720));
    let space = rig.modem.module_space(Storage::Ufs).unwrap();
    assert_eq!((space.free, space.total), (286_720, 286_720));
    rig.wire.clear();
    let error = put(&mut rig.modem, "UFS:a", Pacing::Flow, &pattern(300_000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    assert_eq!(rig.wire.sent(), "AT+QFLDS=\"UFS\"\r");
    rig.files.put("/big", pattern(300_000));
    let error = rig.modem.retrieve_to_module("/big", "UFS:a", 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    // Of unknown size it fills up on the way; the rest is removed, and it is no failure of the network.
    rig.files.fail_next(Asked::Size, RemoteError::Reply { code: 502, text: "no".into() });
    let error = rig.modem.retrieve_to_module("/big", "UFS:a", 0).unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::ModuleStorage, Some("613")), "{error}");
    assert_eq!(rig.modem.list_module(Storage::Ufs).unwrap(), []);
    rig.still_works();
    let sent = rig.wire.sent();
    assert!(!sent.contains("+QFTPCLOSE"), "the session is as it was");
}

#[test]
fn quectel_trap_35_leftovers() {
    // A file that is there is neither overwritten nor taken for the new one.
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a", "new content");
    put(&mut rig.modem, "UFS:a", Pacing::Flow, b"old").unwrap();
    let error = rig.modem.retrieve_to_module("/a", "UFS:a", 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    let error = rig.modem.list_to_module(ListFormat::Long, "", "UFS:a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    assert_eq!(get(&mut rig.modem, "UFS:a", &Retrieve::whole()).unwrap(), b"old");
    rig.modem.remove_from_module("UFS:a").unwrap();
    rig.modem.retrieve_to_module("/a", "UFS:a", 0).unwrap();
    assert_eq!(get(&mut rig.modem, "UFS:a", &Retrieve::whole()).unwrap(), b"new content");

    // What breaks off leaves nothing.
    rig.files.put("/big", pattern(5000));
    rig.files.break_download_after(1000);
    let error = rig.modem.retrieve_to_module("/big", "UFS:b", 0).unwrap_err();
    assert!(error.is_retryable() && error.module_usable(), "{error}");
    assert_eq!(rig.modem.module_file_size("UFS:b").unwrap(), None);
    rig.modem.retrieve_to_module("/big", "UFS:b", 0).unwrap();
    assert!(get(&mut rig.modem, "UFS:b", &Retrieve::whole()).unwrap() == pattern(5000));
}

#[test]
fn between_server_and_module() {
    for storage in [Storage::Ram, Storage::Ufs, Storage::Sd] {
        let mut rig = Rig::online(Options::default());
        rig.files.put("/a", pattern(5000));
        let name = format!("{storage}:a");
        let transfer = rig.modem.retrieve_to_module("/a", &name, 0).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (5000, Assurance::ServerSize));
        assert_eq!(rig.modem.transfer_length().unwrap(), 5000);
        let transfer = rig.modem.retrieve_to_module("/a", &format!("{storage}:part"), 4000).unwrap();
        assert_eq!(transfer.bytes, 1000);
        assert!(get(&mut rig.modem, &format!("{storage}:part"), &Retrieve::whole()).unwrap() == pattern(5000)[4000..]);
        let beyond = rig.modem.retrieve_to_module("/a", &format!("{storage}:x"), 5001).unwrap_err();
        assert_eq!(beyond.kind(), ErrorKind::InvalidInput);
        let missing = rig.modem.retrieve_to_module("/none", &format!("{storage}:x"), 0).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Unavailable, "{missing}");

        let transfer = rig.modem.store_from_module(&name, "/b").unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (5000, Assurance::ServerSize));
        assert!(rig.files.file("/b").unwrap() == pattern(5000));
        let missing = rig.modem.store_from_module("UFS:none", "/c").unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::ModuleStorage);
        assert_eq!(rig.files.file("/c"), None);
        rig.files.limit_file_size(1000);
        let full = rig.modem.store_from_module(&name, "/b").unwrap_err();
        assert!(full.module_usable(), "{full}");
        assert_eq!(full.transferred(), Some(5000), "that many the server may have");
        rig.files.limit_file_size(usize::MAX);

        rig.files.put("/dir/x", "12345");
        for (format, length) in [(ListFormat::Long, None), (ListFormat::Names, Some(3)), (ListFormat::Facts, None)] {
            let list = format!("{storage}:{format:?}");
            let size = rig.modem.list_to_module(format, "/dir", &list).unwrap();
            assert!(length.is_none_or(|length| length == size));
            let text = get(&mut rig.modem, &list, &Retrieve::whole()).unwrap();
            assert_eq!(text.len() as u64, size);
            assert!(text.windows(1).any(|byte| byte == b"x"));
        }
        assert_eq!(rig.modem.list_facts("/dir").unwrap()[0].size, Some(5));
        assert_eq!(rig.modem.list_module(storage).unwrap().len(), 5);
        rig.files.fail_next(Asked::Retrieve, RemoteError::Network(NetworkCause::DataConnection));
        assert_eq!(rig.modem.retrieve_to_module("/a", "UFS:y", 0).unwrap_err().kind(), ErrorKind::DataConnection);
        rig.still_works();
    }
}

/// The result of a large file comes when it comes; QFTPLEN tells that it gets on, and where it is refused patience does.
#[test]
fn a_long_transfer_into_the_module() {
    let begin = r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,57897070\r\n
>> AT+QFLST="UFS:a"\r
<< \r\nOK\r\n
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 60000000,60000000\r\n\r\nOK\r\n
>> AT+QFTPGET="a","UFS:a"\r
<< \r\nOK\r\n
"#;
    let end = r#"
@ 50
<< \r\n+QFTPGET: 0,57897070\r\n
>> AT+QFLST="UFS:a"\r
<< \r\n+QFLST: "UFS:a",57897070\r\n\r\nOK\r\n
"#;
    let wait = "@ 95.5\n>> AT+QFTPLEN\\r\n";
    let answers = [
        r"<< \r\nOK\r\n\r\n+QFTPLEN: 0,10000000\r\n",
        r"<< \r\n+CME ERROR: 603\r\n",
        r"<< \r\n+QFTPLEN: 0,30000000\r\n\r\nOK\r\n",
    ];
    let session: String = answers.iter().map(|answer| format!("{wait}{answer}\n")).collect();
    play_online(&format!("{begin}{session}{end}"), |modem| {
        assert_eq!(modem.retrieve_to_module("a", "UFS:a", 0).unwrap().bytes, 57_897_070);
    });
}

//! Storages of the module: reading, listing, room, and transfers between server and module.

use ftp_modem::ErrorKind;
use ftp_modem::backend::quectel::{ListFormat, ModuleFile, Pacing, Storage};
use ftp_modem::emulator::{NetworkCause, Operation, Options, RemoteError};
use ftp_modem::modem::{Assurance, Retrieve};

use super::module_files::{code, get, put};
use super::{RESYNCHRONISED, Rig, play, play_online, with};
use crate::support::payload::pattern;

/// `CONNECT <n>` has a variable number of digits; the end is fewer bytes, 0, or `+CME ERROR: 402` (EC200U boot loader;
/// demo library of Quectel).
#[test]
fn a_file_is_read_by_handle() {
    for empty_read in [false, true] {
        for length in [0, 1, 379, 16_384, 16_385, 40_000] {
            let mut rig = Rig::open(with(|o| o.empty_read = empty_read));
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
    // One to seven digits. More bytes than requested is an error. The handle is always closed.
    for (announced, kind) in [("5", None), ("0000005", None), ("99999", Some(ErrorKind::Protocol))] {
        let rest = match kind {
            None => "<< hello\\r\\nOK\\r\\n\n>> AT+QFREAD=3000,16384\\r\n<< \\r\\n+CME ERROR: 402\\r\\n\n",
            Some(_) => RESYNCHRONISED,
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

/// With and without quotes (note, §3.5), with `UFS:` although queried without (EG800K, NuModem), with directories
/// (BG77).
#[test]
fn a_listing_has_several_shapes() {
    for quoted in [true, false] {
        for with_storage in [true, false] {
            let mut rig = Rig::open(with(|o| {
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
        let mut rig = Rig::open(with(|o| o.missing_listing_fails = fails));
        assert_eq!(rig.modem.module_file_size("UFS:none").unwrap(), None);
        assert_eq!(rig.modem.list_module(Storage::Ram).unwrap(), []);
        assert_eq!(get(&mut rig.modem, "UFS:none", &Retrieve::whole()).unwrap_err().kind(), ErrorKind::ModuleStorage);
    }
    // More rows than an answer commonly has.
    let mut rig = Rig::open(Options::default());
    for index in 0..600 {
        put(&mut rig.modem, &format!("UFS:{index:03}"), Pacing::Flow, b"").unwrap();
    }
    let names: Vec<ModuleFile> = rig.modem.list_module(Storage::Ufs).unwrap();
    assert_eq!(names.len(), 600);
}

/// The note, §3.6 and §3.7, prints both; and a command with one quotation mark.
#[test]
fn a_name_may_have_quotes_in_a_listing() {
    for printed in ["+QFLST: RAM:test.txt,1000", "+QFLST: \"RAM:test.txt\",1000"] {
        // The command has both of its quotation marks.
        let session = format!(">> AT+QFLST=\"RAM:*\"\\r\n<< \\r\\n{printed}\\r\\n\\r\\nOK\\r\\n");
        play(&session, |modem| {
            let files = modem.list_module(Storage::Ram).unwrap();
            assert_eq!((files[0].name.as_str(), files[0].size), ("RAM:test.txt", 1000));
        });
    }
}

/// Newer platforms have no RAM disk, and UFS of 280 KB (NuModem). 611 and 613 are local errors, not errors of the
/// network.
#[test]
fn a_storage_may_be_missing_or_full() {
    // No RAM disk.
    let mut rig = Rig::online(with(|o| o.ram = false));
    rig.files.put("/a", "hello");
    for error in [
        rig.modem.module_space(Storage::Ram).unwrap_err(),
        put(&mut rig.modem, "RAM:a", Pacing::Flow, b"hello").unwrap_err(),
        rig.modem.retrieve_to_module("/a", "RAM:a", 0).unwrap_err(),
    ] {
        assert_eq!(error.kind().party(), ftp_modem::error::Party::Module, "{error}");
        assert!(!error.is_retryable(), "{error}");
    }
    rig.works_both_ways();
    // Too small: known before anything is sent.
    let mut rig = Rig::online(with(|o| o.ufs_size = 286_720));
    let space = rig.modem.module_space(Storage::Ufs).unwrap();
    assert_eq!((space.free, space.total), (286_720, 286_720));
    rig.line.clear();
    let error = put(&mut rig.modem, "UFS:a", Pacing::Flow, &pattern(300_000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    assert_eq!(rig.line.text(), "AT+QFLDS=\"UFS\"\r");
    rig.files.put("/big", pattern(300_000));
    let error = rig.modem.retrieve_to_module("/big", "UFS:a", 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    // A file of unknown size fills it up on the way: the part is removed, and the error is not one of the network.
    rig.files.fail_next(Operation::Size, RemoteError::Reply { code: 502, text: "no".into() });
    let error = rig.modem.retrieve_to_module("/big", "UFS:a", 0).unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::ModuleStorage, Some("613")), "{error}");
    assert_eq!(rig.modem.list_module(Storage::Ufs).unwrap(), []);
    rig.works_both_ways();
    let sent = rig.line.text();
    assert!(!sent.contains("+QFTPCLOSE"), "the session stays open");
}

/// The note offers RAM, UFS and SD everywhere.
#[test]
fn storages_differ_between_modules() {
    let mut rig = Rig::open(with(|o| {
        o.ram = false;
        o.sd = false;
        o.ufs_size = 286_720;
    }));
    assert!(rig.modem.module_space(Storage::Ram).is_err());
    assert!(rig.modem.module_space(Storage::Sd).is_err());
    assert_eq!(rig.modem.module_space(Storage::Ufs).unwrap().total, 286_720);
}

/// The demo library of Quectel takes 407 for success, which leaves the old content.
#[test]
fn a_leftover_is_neither_overwritten_nor_taken_for_the_new_file() {
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

    // A transfer that breaks off leaves no file.
    rig.files.put("/big", pattern(5000));
    rig.files.break_download_after(1000);
    let error = rig.modem.retrieve_to_module("/big", "UFS:b", 0).unwrap_err();
    assert!(error.is_retryable() && error.module_usable(), "{error}");
    assert_eq!(rig.modem.module_file_size("UFS:b").unwrap(), None);
    rig.modem.retrieve_to_module("/big", "UFS:b", 0).unwrap();
    assert!(get(&mut rig.modem, "UFS:b", &Retrieve::whole()).unwrap() == pattern(5000));
}

#[test]
fn files_and_listings_go_between_server_and_module() {
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
        rig.files.habits().largest_file = Some(1000);
        let full = rig.modem.store_from_module(&name, "/b").unwrap_err();
        assert!(full.module_usable(), "{full}");
        assert_eq!(full.transferred(), Some(5000), "that many the server may have");
        rig.files.habits().largest_file = None;

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
        rig.files.fail_next(Operation::Retrieve, RemoteError::Network(NetworkCause::DataConnection));
        assert_eq!(rig.modem.retrieve_to_module("/a", "UFS:y", 0).unwrap_err().kind(), ErrorKind::DataConnection);
        rig.works_both_ways();
    }
}

/// QFTPLEN shows that it gets on; where it is refused, the driver waits. 57,897,070 bytes were seen (log of a prober at
/// 115200 baud).
#[test]
fn a_long_transfer_into_the_module_is_waited_for() {
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

/// The note, §2.5, calls the start position that of the upload file.
#[test]
fn an_upload_from_the_module_can_start_at_a_position() {
    for skips in [true, false] {
        let mut rig = Rig::online(with(|o| o.local_put_skips = skips));
        let bytes = pattern(5000);
        rig.modem.store_to_module("UFS:a", 5000, Pacing::Flow, &mut bytes.as_slice()).unwrap();
        rig.files.put("/a", &bytes[..1000]);
        for offset in [999, 1001] {
            let error = rig.modem.continue_from_module("UFS:a", "/a", offset).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        }
        let outcome = rig.modem.continue_from_module("UFS:a", "/a", 1000);
        if skips {
            let transfer = outcome.unwrap();
            assert_eq!((transfer.bytes, transfer.assurance), (4000, Assurance::ServerSize));
            assert!(rig.files.file("/a").unwrap() == bytes);
        } else {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{error}");
        }
        rig.works_both_ways();
    }
}

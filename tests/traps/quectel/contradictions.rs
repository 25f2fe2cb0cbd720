//! Where the note disagrees with modules, or with itself (FTP(S) application note V1.0). Most are traps as well; here is each by
//! its number, as short as it goes.

use std::time::Duration;

use ftp_modem::backend::quectel::{Pacing, Storage};
use ftp_modem::emulator::{Options, ResultOrder, UrcPort};
use ftp_modem::modem::{AccessPoint, Authentication, Retrieve, Security, SessionState, Store, Tls};
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{CLOSED, OPENED, Rig, SETTINGS, options, pattern, play, play_online, server};

#[test]
fn quectel_contradiction_01_directory_with_and_without_quotes() {
    for quoted in [false, true] {
        let mut rig = Rig::online(options(|o| o.quoted_directory = quoted));
        rig.files.add_directory("/a \"b\", c");
        assert_eq!(rig.modem.pwd().unwrap(), "/");
        rig.files.add_directory("/d e");
        rig.modem.cwd("/d e").unwrap();
        assert_eq!(rig.modem.pwd().unwrap(), "/d e");
    }
}

#[test]
fn quectel_contradiction_02_state_before_and_behind_ok() {
    for order in [ResultOrder::OkFirst, ResultOrder::OkLast] {
        let mut rig = Rig::open(Options::default().with_result_order(order));
        assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
        rig.go_online();
        assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
    }
}

#[test]
fn quectel_contradiction_03_an_escape_is_an_end() {
    /// Takes nothing.
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    // Where `ATO` would resume, the transfer is still there until the session is closed.
    for resume in [false, true] {
        let mut rig = Rig::online(options(|o| o.resume = resume).with_line_rate(115_200));
        rig.files.put("/a", pattern(100_000));
        assert_eq!(rig.modem.retrieve("/a", &Retrieve::whole(), &mut Full).unwrap_err().kind(), ErrorKind::LocalIo);
        assert!(rig.wire.sent().contains("AT+QFTPCLOSE\r") && !rig.wire.sent().contains("ATO\r"));
        rig.still_works();
    }
}

#[test]
fn quectel_contradiction_04_603_until_the_session_is_closed() {
    let session = format!(
        r#"
>> AT+QFTPCLOSE\r
<< \r\nOK\r\n
@ 60
<< \r\n+QFTPCLOSE: 0,0\r\n
{SETTINGS}
{OPENED}
"#
    );
    play_online(&session, |modem| {
        // Returns with the result only, so the next login meets no 603.
        modem.logout().unwrap();
        modem.login(&Server::new("h", "u", "p4ss")).unwrap();
    });
}

#[test]
fn quectel_contradiction_05_615_in_either_form() {
    for in_result in [false, true] {
        let mut rig = Rig::online(options(|o| {
            o.failing_data_connections = 1;
            o.data_failure_in_result = in_result;
        }));
        let error = rig.modem.list("").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataConnection);
        assert_eq!(error.module_code().map(|code| code.value.as_str()), Some("615"));
        rig.still_works();
    }
}

#[test]
fn quectel_contradiction_06_the_account_is_never_read_back() {
    for masked in [false, true] {
        let mut rig = Rig::online(options(|o| o.masked_password = masked));
        rig.still_works();
        assert!(!rig.wire.sent().contains("AT+QFTPCFG=\"account\"\r"));
    }
}

#[test]
fn quectel_contradiction_07_keys_the_note_does_not_have() {
    let keys = vec![("restenable".to_owned(), 1), ("cache".to_owned(), 1)];
    let mut rig = Rig::online(options(|o| o.extra_keys = keys.clone()));
    rig.still_works();
    // Nor must a firmware have all of the note's: data_address is left out where it is not known and not wanted.
    let without_address = SETTINGS
        .replace("\"data_address\",0\\r\n<< \\r\\nOK\\r\\n", "\"data_address\",0\\r\n<< \\r\\n+CME ERROR: 610\\r\\n");
    play(&format!("{without_address}{OPENED}"), |modem| modem.login(&Server::new("h", "u", "p4ss")).unwrap());
}

#[test]
fn quectel_contradiction_08_a_reply_that_is_no_error() {
    let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result("+QFTPGET", "627,150")));
    rig.files.put("/a", "12345");
    let error = rig.download("/a").unwrap_err();
    // The server had begun: the file is not unavailable.
    assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::DataConnection, Some(150)), "{error}");
    assert!(error.is_retryable());
    rig.still_works();
}

#[test]
fn quectel_contradiction_09_past_the_end() {
    for refused in [false, true] {
        let mut rig = Rig::online(options(|o| o.past_end_refused = refused));
        rig.files.put("/a", pattern(960));
        for offset in [0, 480, 960] {
            let piece = rig.download_part("/a", &Retrieve::from(offset).with_length(480)).unwrap();
            assert!(piece == pattern(960)[offset as usize..960.min(offset as usize + 480)]);
        }
    }
}

#[test]
fn quectel_contradiction_10_an_upload_ends_by_its_length_or_by_the_escape() {
    let mut rig = Rig::online(Options::default());
    rig.wire.clear();
    rig.upload("/a", b"12345").unwrap();
    assert!(rig.wire.sent().ends_with("AT+QFTPPUT=\"/a\",\"COM:\",0,5,1\r12345"));
    rig.wire.clear();
    rig.modem.store_uncounted("/b", &Store::create(), &mut &b"12345"[..]).unwrap();
    assert!(rig.wire.sent().ends_with("AT+QFTPPUT=\"/b\",\"COM:\",0\r12345+++"), "never waits for 609");
    assert_eq!(rig.files.file("/b").unwrap(), b"12345");
}

#[test]
fn quectel_contradiction_11_storages_there_may_be() {
    let mut rig = Rig::open(options(|o| {
        o.ram = false;
        o.sd = false;
        o.ufs_size = 286_720;
    }));
    assert!(rig.modem.module_space(Storage::Ram).is_err());
    assert!(rig.modem.module_space(Storage::Sd).is_err());
    assert_eq!(rig.modem.module_space(Storage::Ufs).unwrap().total, 286_720);
}

#[test]
fn quectel_contradiction_12_checksums_with_and_without_zeros() {
    // 0x07 and 0x07.
    for printed in ["707", "0707"] {
        let session = format!(
            r#"
>> AT+QFLDS="RAM"\r
<< \r\n+QFLDS: 8388608,8388608\r\n\r\nOK\r\n
>> AT+QFUPL="RAM:a",2,60,1\r
<< \r\nCONNECT\r\n
>> \x07\x07
<< \r\n+QFUPL: 2,{printed}\r\n\r\nOK\r\n
"#
        );
        play(&session, |modem| {
            modem.store_to_module("RAM:a", 2, Pacing::Acknowledged, &mut &b"\x07\x07"[..]).unwrap();
        });
    }
}

#[test]
fn quectel_contradiction_13_results_on_another_port() {
    let mut rig = Rig::open(options(|o| o.initial_urc_port = UrcPort::UsbModem));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let error = rig.modem.login(&server()).unwrap_err();
    assert!(error.to_string().contains("AT+QURCCFG=\"urcport\""), "{error}");
}

#[test]
fn quectel_contradiction_14_checks_that_are_off_as_delivered() {
    let pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.modem.login(&server().with_security(Security::Explicit).with_tls(Tls::trusting(pem))).unwrap();
    let sent = rig.wire.sent();
    for on in ["\"seclevel\",1,1\r", "\"sni\",1,1\r", "\"ignorelocaltime\",1,0\r"] {
        assert!(sent.contains(on), "{on}");
    }
}

#[test]
fn quectel_contradiction_15_a_result_and_an_error() {
    let session = r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="a",5,60,0\r
<< \r\nCONNECT\r\n
>> 12345
@ 60
<< \r\n+QFUPL: 4,304\r\n\r\n+CME ERROR: 421\r\n
>> AT+QFDEL="a"\r
<< \r\nOK\r\n
"#;
    play(session, |modem| {
        let error = modem.store_to_module("a", 5, Pacing::Flow, &mut &b"12345"[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "the line before it is no success: {error}");
    });
}

#[test]
fn quectel_contradiction_16_blanks_in_a_size() {
    for printed in ["+QFTPSIZE:0, 1000", "+QFTPSIZE: 0,1000", "+QFTPSIZE:0,1000", "+QFTPSIZE: 0, 1000"] {
        play_online(&format!(">> AT+QFTPSIZE=\"a\"\\r\n<< \\r\\nOK\\r\\n\\r\\n{printed}\\r\\n"), |modem| {
            assert_eq!(modem.size("a").unwrap(), 1000);
        });
    }
}

#[test]
fn quectel_contradiction_17_names_with_and_without_quotes() {
    for printed in ["+QFLST: RAM:test.txt,1000", "+QFLST: \"RAM:test.txt\",1000"] {
        // Our own command has both of its marks, whatever the note prints.
        let session = format!(">> AT+QFLST=\"RAM:*\"\\r\n<< \\r\\n{printed}\\r\\n\\r\\nOK\\r\\n");
        play(&session, |modem| {
            let files = modem.list_module(Storage::Ram).unwrap();
            assert_eq!((files[0].name.as_str(), files[0].size), ("RAM:test.txt", 1000));
        });
    }
}

// 18: data on the line of CONNECT, OK on the line of the data. That is how it is set in print; the form on the wire is in all
// transcripts.

#[test]
fn quectel_contradiction_19_the_result_of_an_upload_has_its_own_name() {
    // §2.5 says +QFTPCWD. Such a line in the middle is nothing to an upload.
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

#[test]
fn quectel_contradiction_20_the_names_of_the_listings() {
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a", "x");
    rig.modem.list("").unwrap();
    rig.modem.names("").unwrap();
    rig.modem.list_facts("").unwrap();
    let sent = rig.wire.sent();
    assert!(sent.contains("AT+QFTPLIST=") && sent.contains("AT+QFTPNLST=") && sent.contains("AT+QFTPMLSD="));
    assert!(!sent.contains("QFTPLST") && !sent.contains("QFTPNLIST"));
}

#[test]
fn quectel_contradiction_21_the_start_of_a_download_is_in_the_servers_file() {
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a", "0123456789");
    assert_eq!(rig.download_part("/a", &Retrieve::from(4).with_length(3)).unwrap(), b"456");
    rig.modem.retrieve_to_module("/a", "RAM:a", 4).unwrap();
    assert_eq!(rig.modem.module_file_size("RAM:a").unwrap(), Some(6));
}

#[test]
fn quectel_contradiction_22_a_short_piece_is_not_the_end() {
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,9\r\n
>> AT+QFTPGET="a","COM:",0,9\r
<< \r\nCONNECT\r\nabc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n
@ 2
>> AT+QFTPGET="a","COM:",2,7\r
<< \r\nCONNECT\r\ncde\r\nOK\r\n\r\n+QFTPGET: 607,0\r\n
@ 2
>> +++
>> ATI\r
<< \r\nERROR\r\n
<< \r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let mut bytes = Vec::new();
        let error = modem.retrieve("a", &Retrieve::whole(), &mut bytes).unwrap_err();
        // Fewer than asked for with an error in front is a failure; without one there may be more.
        assert_eq!((error.kind(), bytes.as_slice()), (ErrorKind::DataConnection, &b"abcde"[..]), "{error}");
    });
}

#[test]
fn quectel_contradiction_23_binary_whatever_the_example_says() {
    let mut rig = Rig::online(Options::default());
    assert!(rig.wire.sent().contains("AT+QFTPCFG=\"filetype\",0\r"));
    let content = b"\r\n\n\r\0\x1a\xff\n";
    rig.upload("/a", content).unwrap();
    assert_eq!(rig.files.file("/a").unwrap(), content);
    assert_eq!(rig.download("/a").unwrap(), content);
}

#[test]
fn quectel_contradiction_24_facts_may_take_their_time_too() {
    let session = r#"
>> AT+QFTPMLSD="."\r
@ 89
<< \r\nCONNECT\r\n
<< type=file;size=5; a\r\n
@ 89
<< type=file;size=6; b\r\n
@ 89
<< \r\nOK\r\n\r\n+QFTPMLSD: 0,42\r\n
"#;
    play_online(session, |modem| assert_eq!(modem.list_facts("").unwrap().len(), 2));
}

#[test]
fn quectel_contradiction_25_the_access_point_with_all_its_parameters() {
    let mut rig = Rig::open(Options::default());
    let access_point = AccessPoint::new("UNINET").with_credentials("me", "pass", Authentication::Chap);
    rig.modem.attach(&access_point).unwrap();
    assert!(rig.wire.sent().contains("AT+QICSGP=1,1,\"UNINET\",\"me\",\"pass\",2\r"));
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::new("UNINET")).unwrap();
    assert!(rig.wire.sent().contains("AT+QICSGP=1,1,\"UNINET\",\"\",\"\",0\r"));
}

#[test]
fn quectel_contradiction_26_explicit_is_two() {
    for (security, setting) in [(Security::Implicit, "\"ssltype\",1\r"), (Security::Explicit, "\"ssltype\",2\r")] {
        let mut rig = Rig::open(Options::default());
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.modem.login(&server().with_security(security).with_tls(Tls::insecure())).unwrap();
        assert!(rig.wire.sent().contains(setting));
        rig.still_works();
    }
}

#[test]
fn quectel_contradiction_27_the_longer_limit_of_a_login() {
    for (response_seconds, takes) in [(90, 124), (180, 179)] {
        let takes = Duration::from_secs(takes);
        let mut rig = Rig::open(options(|o| *o = o.clone().with_result_delay("+QFTPOPEN", Some(takes))));
        let mut settings = rig.modem.settings().clone();
        settings.response_seconds = response_seconds;
        rig.modem.configure(settings).unwrap();
        rig.go_online();
        rig.still_works();
    }
}

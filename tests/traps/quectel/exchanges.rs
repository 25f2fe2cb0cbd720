//! Lines, results and errors: traps 1 to 5, 20, 25 to 27, 36, 37, 41, 42, 46, 48 to 50.

use std::time::Duration;

use ftp_modem::backend::quectel::{DataAddress, Quectel, Storage};
use ftp_modem::emulator::{Identity, Noise, Options, ResultOrder, Spacing, UrcPort};
use ftp_modem::error::Phase;
use ftp_modem::modem::{AccessPoint, Retrieve, SessionState, Store};
use ftp_modem::{ErrorKind, FtpModem, Result};

use super::{Action, CLOSED, OPENED, Rig, SETTINGS, options, play_online, server};
use crate::support::bench::PASSWORD;
use crate::support::watch::{LEAKS, LINES};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn quectel_trap_01_ok_is_not_done() {
    for (command, result, kind) in [
        ("+QFTPCWD", "0,0", None),
        ("+QFTPCWD", "627,550", Some(ErrorKind::Unavailable)),
        ("+QFTPCWD", "601,0", Some(ErrorKind::ModuleRefused)),
    ] {
        let mut rig = Rig::online(options(|o| {
            *o = o.clone().with_result_delay(command, Some(MINUTE)).with_forced_result(command, result);
        }));
        let begun = rig.wire.elapsed();
        assert_eq!(rig.modem.cwd("/").map_err(|error| error.kind()).err(), kind);
        assert!(rig.wire.elapsed() - begun >= MINUTE, "the verdict was waited for");
    }
    let mut rig = Rig::open(options(|o| *o = o.clone().with_result_delay("+QFTPOPEN", Some(Duration::from_secs(124)))));
    rig.go_online();
    rig.still_works();
}

/// The recorded sessions are delivered in pieces by the transcripts; this is the whole driver.
#[test]
fn quectel_trap_02_any_split() {
    for fragment in (1..=40).chain([usize::MAX]) {
        let mut rig = Rig::online(Options::default().with_fragment(fragment));
        rig.files.put("/a.bin", super::pattern(700));
        rig.modem.cwd("/").unwrap();
        assert_eq!(rig.modem.pwd().unwrap(), "/");
        assert_eq!(rig.modem.list("").unwrap().len(), 1);
        assert!(rig.download("/a.bin").unwrap() == super::pattern(700));
        rig.still_works();
        rig.modem.logout().unwrap();
    }
}

#[test]
fn quectel_trap_03_ok_and_result_in_either_order() {
    for order in [ResultOrder::OkFirst, ResultOrder::OkLast] {
        let mut rig = Rig::online(Options::default().with_result_order(order));
        assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
        rig.upload("/a", b"12345").unwrap();
        assert_eq!(rig.modem.transfer_length().unwrap(), 5);
        rig.still_works();
    }
    let session = r#"
>> AT+QFTPCWD="a"\r
<< \r\n+QFTPCWD: 0,0\r\n\r\nOK\r\n
>> AT+QFTPSIZE="a"\r
<< \r\n+QFTPSIZE: 0,7\r\n
@ 3
<< \r\nOK\r\n
>> AT+QFTPCLOSE\r
<< \r\n+QFTPCLOSE: 0,0\r\n\r\nOK\r\n
"#;
    play_online(session, |modem| {
        modem.cwd("a").unwrap();
        assert_eq!(modem.size("a").unwrap(), 7);
        modem.logout().unwrap();
    });
}

#[test]
fn quectel_trap_04_four_ways_to_print_a_directory() {
    for (printed, directory) in
        [("0,/", "/"), ("0,\"/\"", "/"), ("0,/a b", "/a b"), ("0,\"/a \"\"b\"\"\"", "/a \"b\""), ("0,/a,b", "/a,b")]
    {
        let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result("+QFTPPWD", printed)));
        assert_eq!(rig.modem.pwd().unwrap(), directory, "{printed}");
    }
}

#[test]
fn quectel_trap_05_odd_blanks() {
    for odd in [false, true] {
        let mut rig = Rig::online(options(|o| o.odd_size_blanks = odd));
        rig.files.put("/a", vec![b'x'; 1000]);
        assert_eq!(rig.modem.size("/a").unwrap(), 1000);
        assert_eq!(rig.download("/a").unwrap().len(), 1000);
    }
    for spacing in [Spacing::None, Spacing::AfterColon, Spacing::AfterCommas] {
        Rig::online(Options::default().with_spacing(spacing)).still_works();
    }
}

#[test]
fn quectel_trap_20_unsolicited_lines_in_the_middle() {
    for seed in 0..20 {
        let mut noise = Noise::new(seed);
        noise.one_in = 1;
        noise.before_result = true;
        noise.lines.extend(["+CREG: 1,\"1A2B\",\"0C3D\",7".to_owned(), "+QIURC: \"pdpdeact\",5".to_owned()]);
        let mut rig = Rig::online(Options::default().with_noise(noise));
        rig.still_works();
        rig.files.put("/dir/a", "12345");
        assert_eq!(rig.modem.list("/dir").unwrap().len(), 1);
        assert_eq!(rig.modem.list_facts("/dir").unwrap()[0].size, Some(5));
        let text = super::pattern(5000);
        rig.modem.store_to_module("UFS:a", 5000, Default::default(), &mut &text[..]).unwrap();
        let mut back = Vec::new();
        rig.modem.retrieve_from_module("UFS:a", &Retrieve::whole(), &mut back).unwrap();
        assert!(back == text);
        back.clear();
        rig.modem.retrieve_from_module("UFS:a", &Retrieve::from(4000), &mut back).unwrap();
        assert!(back == text[4000..]);
        assert_eq!(rig.modem.list_module(Storage::Ufs).unwrap().len(), 1);
        rig.modem.logout().unwrap();
    }
}

#[test]
fn quectel_trap_25_echo() {
    // A module whose echo cannot be switched off.
    let session = r#"
>> AT+QFTPCWD="OK"\r
<< AT+QFTPCWD="OK"\r\r\nOK\r\n\r\n+QFTPCWD: 0,0\r\n
>> AT+QFTPSIZE="ERROR"\r
<< AT+QFTPSIZE="ERROR"\r\r\nOK\r\n
@ 2
<< \r\n+QFTPSIZE: 0,12\r\n
>> AT+QFTPSIZE="+QFTPSIZE: 0,1"\r
<< AT+QFTPSIZE="+QFTPSIZE: 0,1"\r\r\nOK\r\n
@ 2
<< \r\n+QFTPSIZE: 0,3\r\n
>> AT+QFTPGET="+QFTPSIZE: 0,1","COM:",0,3\r
<< AT+QFTPGET="+QFTPSIZE: 0,1","COM:",0,3\r\r\nCONNECT\r\n
<< abc
<< \r\nOK\r\n\r\n+QFTPGET: 0,3\r\n
>> AT+QFTPDEL="+QFTPGET: 0,1"\r
<< AT+QFTPDEL="+QFTPGET: 0,1"\r\r\nOK\r\n\r\n+QFTPDEL: 627,550\r\n
"#;
    play_online(session, |modem| {
        modem.cwd("OK").unwrap();
        assert_eq!(modem.size("ERROR").unwrap(), 12);
        let mut bytes = Vec::new();
        modem.retrieve("+QFTPSIZE: 0,1", &Retrieve::whole(), &mut bytes).unwrap();
        assert_eq!(bytes, b"abc");
        assert_eq!(modem.remove("+QFTPGET: 0,1").unwrap_err().kind(), ErrorKind::Unavailable);
    });
    for echo in [false, true] {
        Rig::online(Options::default().with_echo(echo)).still_works();
    }
}

#[test]
fn quectel_trap_26_errors_in_numbers_and_words() {
    use ErrorKind::*;
    for (answer, kind, value) in [
        ("ERROR", ModuleRefused, None),
        ("+CME ERROR: 606", SessionLost, Some("606")),
        ("+CME ERROR: Control connection closed.", SessionLost, Some("Control connection closed.")),
        ("+CME ERROR: DNS parse failed", NameResolution, Some("DNS parse failed")),
        ("+CME ERROR: 10", BearerFailed, Some("10")),
        ("+CME ERROR: words nobody knows", ModuleRefused, Some("words nobody knows")),
        ("+CMS ERROR: 500", ModuleRefused, Some("500")),
        (r"OK\r\n\r\n+QFTPCWD: Requested action not taken", Unavailable, Some("Requested action not taken")),
        (r"OK\r\n\r\n+QFTPCWD: FTP(S) server busy", ModuleBusy, Some("FTP(S) server busy")),
        (r"OK\r\n\r\n+QFTPCWD: Http unknown error", ModuleRefused, Some("Http unknown error")),
        (r"OK\r\n\r\n+QFTPCWD: 603,0", ModuleBusy, Some("603")),
    ] {
        play_online(&format!(">> AT+QFTPCWD=\"a\"\\r\n<< \\r\\n{answer}\\r\\n"), |modem| {
            let error = modem.cwd("a").unwrap_err();
            assert_eq!(error.kind(), kind, "{answer}");
            assert_eq!(error.module_code().map(|code| code.value.as_str()), value, "{answer}");
        });
    }
    // Busy as the answer to the command: the session is stuck, and closed.
    for answer in ["603", "FTP(S) server busy"] {
        let session = format!(">> AT+QFTPCWD=\"a\"\\r\n<< \\r\\n+CME ERROR: {answer}\\r\\n{CLOSED}");
        play_online(&session, |modem| assert_eq!(modem.cwd("a").unwrap_err().kind(), ModuleBusy));
    }
    for cmee in 0..=2 {
        let mut rig = Rig::online(Options::default().with_cmee(cmee));
        assert_eq!(rig.modem.remove_from_module("UFS:none").unwrap_err().kind(), ModuleStorage);
        rig.still_works();
    }
}

#[test]
fn quectel_trap_27_surprising_numbers() {
    use ErrorKind::*;
    for (result, kind, reply) in [
        ("627,150", DataConnection, Some(150)),
        ("606,0", SessionLost, None),
        ("627,550", Unavailable, Some(550)),
        ("625,530", LoginRefused, Some(530)),
        ("600,0", ModuleRefused, None),
        ("632,7", ModuleRefused, None),
        ("999,99999999999999999999", ModuleRefused, None),
        ("-1", ModuleRefused, None),
        ("-1,-1", ModuleRefused, None),
        ("", ModuleRefused, None),
        (",", ModuleRefused, None),
        ("x", ModuleRefused, None),
    ] {
        for command in ["+QFTPSIZE", "+QFTPMDTM", "+QFTPDEL", "+QFTPPWD"] {
            let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result(command, result)));
            rig.files.put("/a", "x");
            let outcome = match command {
                "+QFTPSIZE" => rig.modem.size("/a").map(drop),
                "+QFTPMDTM" => rig.modem.modified("/a").map(drop),
                "+QFTPDEL" => rig.modem.remove("/a"),
                _ => rig.modem.pwd().map(drop),
            };
            let error = outcome.expect_err(result);
            assert_eq!((error.kind(), error.ftp_reply()), (kind, reply), "{command}: {result}");
        }
        let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result("+QFTPGET", result)));
        rig.files.put("/a", "12345");
        let error = rig.download("/a").expect_err(result);
        assert!(error.transferred().is_some_and(|bytes| bytes <= 5), "never taken for a count: {error}");
        rig.still_works();
    }
    // A zero without its number is no success either.
    for result in ["0", "0,", "0,x", "0,-1"] {
        let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result("+QFTPSIZE", result)));
        rig.files.put("/a", "x");
        assert_eq!(rig.modem.size("/a").unwrap_err().kind(), Protocol, "{result}");
        rig.still_works();
    }
}

#[test]
fn quectel_trap_36_results_on_another_port() {
    let mut rig = Rig::open(options(|o| o.initial_urc_port = UrcPort::Uart1));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let error = rig.modem.login(&server()).unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Result)), "{error}");
    assert!(error.to_string().contains("QURCCFG"), "{error}");
    let error = rig.modem.status().unwrap_err();
    assert!(error.to_string().contains("QURCCFG"), "{error}");
}

#[test]
fn quectel_trap_37_a_late_result_of_a_command_given_up() {
    // The result comes while the session is being closed, and while it is opened again.
    let late = r"<~ \r\n+QFTPCWD: 627,550\r\n";
    for (before_close, before_open) in [(late, ""), ("", late)] {
        let session = format!(
            r#"
>> AT+QFTPCWD="a"\r
<< \r\nOK\r\n
@ 100
>> AT+QFTPCLOSE\r
<< \r\nOK\r\n
{before_close}
<< \r\n+QFTPCLOSE: 0,0\r\n
>> ATE0\r
<< \r\nOK\r\n
>> AT+CMEE=1\r
<< \r\nOK\r\n
{SETTINGS}
{before_open}
{OPENED}
>> AT+QFTPCWD="b"\r
<< \r\nOK\r\n
@ 5
<< \r\n+QFTPCWD: 0,0\r\n
"#
        );
        play_online(&session, |modem| {
            let error = modem.cwd("a").unwrap_err();
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Timeout, true), "{error}");
            modem.cwd("b").unwrap();
        });
    }
}

/// The operations of every dialect are tested by the contract; here are those of this one.
#[test]
fn quectel_trap_41_names_that_would_inject() {
    type Call = fn(&mut Quectel, &str) -> Result<()>;
    const ON_PATH: &[Call] = &[
        |modem, path| modem.list_facts(path).map(drop),
        |modem, path| modem.store_uncounted(path, &Store::create(), &mut &b"x"[..]).map(drop),
        |modem, path| modem.retrieve_to_module(path, "UFS:a", 0).map(drop),
        |modem, path| modem.store_from_module("UFS:a", path).map(drop),
        |modem, path| modem.list_to_module(ftp_modem::backend::quectel::ListFormat::Names, path, "UFS:a").map(drop),
    ];
    const ON_MODULE: &[(usize, Call)] = &[
        (80, |modem, name| modem.module_file_size(name).map(drop)),
        (80, |modem, name| modem.remove_from_module(name)),
        (80, |modem, name| modem.store_to_module(name, 1, Default::default(), &mut &b"x"[..]).map(drop)),
        (80, |modem, name| modem.retrieve_from_module(name, &Retrieve::whole(), &mut Vec::new()).map(drop)),
        (60, |modem, name| modem.retrieve_to_module("/a", name, 0).map(drop)),
        (60, |modem, name| modem.store_from_module(name, "/a").map(drop)),
        (60, |modem, name| modem.list_to_module(ftp_modem::backend::quectel::ListFormat::Names, "", name).map(drop)),
    ];
    let mut rig = Rig::online(Options::default());
    let before = rig.wire.sent();
    let refused = |rig: &mut Rig, call: &Call, name: &str| {
        let error = call(&mut rig.modem, name).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}: {error}");
        assert_eq!(rig.wire.sent(), before, "{name:?}: something was sent");
    };
    let bad = ["a\"b", "a\",\"COM:", "a\rb", "a\nAT+CFUN=0\r", "a\0b", "a\u{1b}", "a\u{7f}", "ä"];
    for name in bad.into_iter().chain([&*"x".repeat(256)]) {
        ON_PATH.iter().for_each(|call| refused(&mut rig, call, name));
    }
    for (limit, call) in ON_MODULE {
        for name in bad.into_iter().chain(["", "*", "UFS:*", "ufs:a", "COM:", "UFS:", &*"x".repeat(limit + 1)]) {
            refused(&mut rig, call, name);
        }
    }
    rig.still_works();
}

#[test]
fn quectel_trap_42_the_password_shows_nowhere() {
    for masked in [true, false] {
        // Echoed by a module that has just started.
        let mut rig = Rig::online(options(|o| o.masked_password = masked));
        rig.wire.upon("+QFTPCWD", Action::Restart);
        let error = rig.modem.cwd("/").unwrap_err();
        rig.go_online();
        rig.still_works();
        let text = format!("{error} {error:?} {:?}", server());
        assert!(!text.contains(PASSWORD));
        assert!(!rig.wire.sent().contains("\"account\"\r"), "it is never read back, so never compared with asterisks");
    }
    assert!(*LINES.lock().unwrap() > 0);
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn quectel_trap_46_what_exists_and_what_is_missing() {
    let mut rig = Rig::online(Options::default());
    rig.files.add_directory("/dir");
    for error in [
        rig.modem.mkdir("/dir").unwrap_err(),
        rig.modem.remove("/missing").unwrap_err(),
        rig.modem.rmdir("/missing").unwrap_err(),
        rig.modem.cwd("/missing").unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::Unavailable, Some(550)), "{error}");
        assert!(error.module_usable() && !error.is_retryable());
    }
    assert!(!rig.wire.sent().contains("+QFTPCLOSE"), "no reason to leave the session");
    rig.still_works();
}

/// It is written, never read. Identification by test commands must bear keys that nobody knows.
#[test]
fn quectel_trap_48_data_address_and_unknown_keys() {
    for highest in [1, 2] {
        let unknown =
            Identity { manufacturer: "ACME".into(), model: "M1".into(), revision: "1".into(), serial: "1".into() };
        let mut rig = Rig::open(
            options(|o| {
                o.highest_data_address = highest;
                o.extra_keys = vec![("restenable".into(), 1), ("cache".into(), 1), ("ipv6/extend".into(), 9)];
                o.private_passive_address = true;
            })
            .with_identity(unknown),
        );
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.modem.login(&server()).unwrap();
        assert_eq!(rig.modem.list("").unwrap_err().kind(), ErrorKind::DataConnection);
        rig.modem.logout().unwrap();
        let mut settings = rig.modem.settings().clone();
        settings.data_address = DataAddress::ControlThenTold(25);
        rig.modem.configure(settings.clone()).unwrap();
        assert_eq!(rig.modem.login(&server()).is_ok(), highest == 2, "BG95 has no such choice");
        rig.modem.logout().unwrap();
        settings.data_address = DataAddress::Control;
        rig.modem.configure(settings).unwrap();
        rig.modem.login(&server()).unwrap();
        rig.still_works();
    }
}

#[test]
fn quectel_trap_49_one_command_at_a_time() {
    let mut rig = Rig::online(Options::default().with_network_latency(Duration::from_secs(3)));
    rig.wire.clear();
    rig.modem.cwd("/").unwrap();
    rig.modem.mkdir("/a").unwrap();
    rig.modem.retrieve_to_module("/none", "UFS:a", 0).unwrap_err();
    let writes = rig.wire.writes();
    for (_, bytes) in &writes {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.starts_with("AT+") && text.ends_with('\r') && text.matches('\r').count() == 1, "{text:?}");
    }
    let gap = writes[1].0 - writes[0].0;
    assert!(gap >= Duration::from_secs(3), "the second waited for the first: {gap:?}");
}

#[test]
fn quectel_trap_50_large_numbers() {
    for (printed, size) in [
        ("0,2147483648", 1 << 31),
        ("0,57897070000", 57_897_070_000),
        ("0, 0001000", 1000),
        ("0,18446744073709551615", u64::MAX),
    ] {
        let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result("+QFTPSIZE", printed)));
        assert_eq!(rig.modem.size("/a").unwrap(), size, "{printed}");
    }
    let mut rig = Rig::online(options(|o| *o = o.clone().with_forced_result("+QFTPSIZE", "0,18446744073709551616")));
    assert_eq!(rig.modem.size("/a").unwrap_err().kind(), ErrorKind::Protocol);
    // A position beyond 4 GB, and a count with zeros in front.
    let session = r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,5000000005\r\n
>> AT+QFTPGET="a","COM:",5000000000,5\r
<< \r\nCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,0005\r\n
"#;
    play_online(session, |modem| {
        let mut bytes = Vec::new();
        modem.retrieve("a", &Retrieve::from(5_000_000_000), &mut bytes).unwrap();
        assert_eq!(bytes, b"12345");
    });
}

#[test]
fn what_is_refused_by_the_settings() {
    let mut rig = Rig::online(Options::default());
    let mut settings = rig.modem.settings().clone();
    assert_eq!(rig.modem.configure(settings.clone()).unwrap_err().kind(), ErrorKind::WrongState, "logged in");
    rig.modem.logout().unwrap();
    rig.modem.configure(settings.clone()).unwrap();
    settings.context = 17;
    assert_eq!(rig.modem.configure(settings.clone()).unwrap_err().kind(), ErrorKind::InvalidInput);
    settings.context = 3;
    settings.response_seconds = 19;
    assert_eq!(rig.modem.configure(settings.clone()).unwrap_err().kind(), ErrorKind::InvalidInput);
    settings.response_seconds = 180;
    settings.data_address = DataAddress::ControlThenTold(14);
    assert_eq!(rig.modem.configure(settings.clone()).unwrap_err().kind(), ErrorKind::InvalidInput);
    settings.data_address = DataAddress::Control;
    rig.modem.configure(settings).unwrap();
    rig.go_online();
    rig.still_works();
    let sent = rig.wire.sent();
    assert!(
        sent.contains("AT+QIACT=3\r") && sent.contains("\"contextid\",3\r") && sent.contains("\"rsptimeout\",180\r")
    );
}

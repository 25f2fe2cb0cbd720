//! Errors in numbers and in words.

use ftp_modem::emulator::Options;
use ftp_modem::{ErrorKind, FtpModem};

use super::{CLOSED, Rig, play_online, with};

/// `AT+CMEE` selects `ERROR`, numbers or words; with CMEE=2 an EG800K printed 421 as a number and "file already exist"
/// in words, and an EC25 printed words within a result (NuModem reports; field notes of an EC25-AFX).
#[test]
fn errors_may_be_numbers_or_words() {
    use ErrorKind::*;
    for (answer, kind, value) in [
        ("ERROR\\r\\n\n>> AT+QFTPCWD=\"a\"\\r\n<< \\r\\nERROR", ModuleRefused, None),
        ("+CME ERROR: 606", SessionLost, Some("606")),
        ("+CME ERROR: Control connection closed.", SessionLost, Some("Control connection closed.")),
        ("+CME ERROR: DNS parse failed", NameResolution, Some("DNS parse failed")),
        ("+CME ERROR: 10", SimUnavailable, Some("10")),
        ("+CME ERROR: words of no table", ModuleRefused, Some("words of no table")),
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
        rig.works_both_ways();
    }
}

/// Seen: `627,150`, `606,0`, `627,550`. The older M26 family has negative results.
#[test]
fn unknown_numbers_are_errors_and_never_counts() {
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
        ("", Protocol, None),
        (",", ModuleRefused, None),
        ("x", ModuleRefused, None),
    ] {
        for command in ["+QFTPSIZE", "+QFTPMDTM", "+QFTPDEL", "+QFTPPWD"] {
            let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result(command, result)));
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
        let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result("+QFTPGET", result)));
        rig.files.put("/a", "12345");
        let error = rig.download("/a").expect_err(result);
        assert!(error.transferred().is_some_and(|bytes| bytes <= 5), "never taken for a count: {error}");
        rig.works_both_ways();
    }
    // A zero without the number behind it is not a success.
    for result in ["0", "0,", "0,x", "0,-1"] {
        let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result("+QFTPSIZE", result)));
        rig.files.put("/a", "x");
        assert_eq!(rig.modem.size("/a").unwrap_err().kind(), Protocol, "{result}");
        rig.works_both_ways();
    }
}

/// The note, §2, has an error code of the server there, or 0; `+QFTPGET: 627,150` was seen.
#[test]
fn a_result_may_carry_a_preliminary_reply_of_the_server() {
    let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result("+QFTPGET", "627,150")));
    rig.files.put("/a", "12345");
    let error = rig.download("/a").unwrap_err();
    // The server had begun: the file is not unavailable.
    assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::DataConnection, Some(150)), "{error}");
    assert!(error.is_retryable());
    rig.works_both_ways();
}

/// 627,550 for a missing file on an EG800K; most drivers ignore the error of MKDIR.
#[test]
fn what_exists_or_is_missing_is_unavailable() {
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
    assert!(!rig.line.text().contains("+QFTPCLOSE"), "no reason to leave the session");
    rig.works_both_ways();
}

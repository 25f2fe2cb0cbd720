//! Sessions: results, limits, closing, and what another program left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::emulator::{NetworkCause, Operation, Options, RemoteError, UrcPort};
use ftp_modem::error::Phase;
use ftp_modem::modem::{AccessPoint, SessionState};
use ftp_modem::{Controls, Error, ErrorKind, FtpModem, Server};

use super::{OPENED, Rig, SECOND, SETTINGS, play, play_online, with};
use crate::support::access::server;
use crate::support::rig::open_on;
use crate::support::scripted::Scripted;

/// The note, §1.4 and §2: `OK` at once, the result within 125 s (QFTPOPEN) or `rsptimeout`.
#[test]
fn an_acknowledgement_is_not_the_result() {
    for (command, result, kind) in [
        ("+QFTPCWD", "0,0", None),
        ("+QFTPCWD", "627,550", Some(ErrorKind::Unavailable)),
        ("+QFTPCWD", "601,0", Some(ErrorKind::ModuleRefused)),
    ] {
        let mut rig = Rig::online(with(|o| {
            *o = o.clone().with_result_delay(command, Some(60 * SECOND)).with_forced_result(command, result);
        }));
        let begun = rig.line.elapsed();
        assert_eq!(rig.modem.cwd("/").map_err(|error| error.kind()).err(), kind);
        assert!(rig.line.elapsed() - begun >= 60 * SECOND, "the driver waited for the result");
    }
    let mut rig = Rig::open(with(|o| *o = o.clone().with_result_delay("+QFTPOPEN", Some(Duration::from_secs(124)))));
    rig.go_online();
    rig.works_both_ways();
}

/// 125 s for QFTPOPEN (note, §2.2), while `rsptimeout` can be 180 s (§2.1).
#[test]
fn a_login_has_the_longer_of_two_limits() {
    for (response_seconds, takes) in [(90, 124), (180, 179)] {
        let takes = Duration::from_secs(takes);
        let mut rig = Rig::open(with(|o| *o = o.clone().with_result_delay("+QFTPOPEN", Some(takes))));
        let mut settings = rig.modem.settings().clone();
        settings.response_seconds = response_seconds;
        rig.modem.configure(settings).unwrap();
        rig.go_online();
        rig.works_both_ways();
    }
}

/// On an EG800K everything but STAT gets 603 from the `OK` of QFTPCLOSE to its result (NuModem,
/// reports/p6-ftp-test-results.md).
#[test]
fn nothing_is_sent_until_the_session_is_closed() {
    // The driver waits for the result.
    let mut rig = Rig::online(with(|o| *o = o.clone().with_result_delay("+QFTPCLOSE", Some(5 * SECOND))));
    for _ in 0..2 {
        let begun = rig.line.elapsed();
        rig.modem.logout().unwrap();
        assert!(rig.line.elapsed() - begun >= 5 * SECOND, "the driver waited for the result");
        rig.modem.login(&server()).unwrap();
    }
    rig.works_both_ways();

    // The result never comes: the driver deactivates and reactivates the context.
    let mut rig = Rig::online(with(|o| *o = o.clone().with_result_delay("+QFTPCLOSE", None)));
    rig.modem.logout().unwrap();
    assert!(rig.line.text().contains("AT+QIDEACT=1\rAT+QIACT=1\r"));
    rig.modem.login(&server()).unwrap();
    rig.works_both_ways();

    // The server has closed it already.
    let mut rig = Rig::online(Options::default());
    rig.files.fail_next(Operation::Size, RemoteError::Network(NetworkCause::Dropped));
    assert_eq!(rig.modem.size("/x").unwrap_err().kind(), ErrorKind::SessionLost);
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
    rig.modem.logout().unwrap();
    rig.modem.login(&server()).unwrap();
    rig.works_both_ways();
    rig.files.fail_next(Operation::Size, RemoteError::Network(NetworkCause::Dropped));
    assert_eq!(rig.modem.size("/x").unwrap_err().kind(), ErrorKind::SessionLost);
    rig.works_both_ways();

    // Another program has closed it.
    rig.line.talk(b"AT+QFTPCLOSE\r", SECOND);
    rig.modem.logout().unwrap();
    rig.go_online();
    rig.works_both_ways();
}

/// The note, §2.18, does not mention that 603 answers everything until then.
#[test]
fn closing_ends_with_its_result() {
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
        // The logout returns after the result, so the next login meets no 603.
        modem.logout().unwrap();
        modem.login(&Server::new("h", "u", "p4ss")).unwrap();
    });
}

/// After a time-out the session is closed and opened once more; the late result is dropped.
#[test]
fn a_late_result_is_not_taken_for_the_next_command() {
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

/// Its result may still come, and must not be taken for that of another command.
#[test]
fn a_cancelled_command_closes_the_session() {
    type Call = fn(&mut Rig) -> Result<(), Error>;
    const CALLS: &[(&str, Call)] = &[
        ("+QFTPCWD", |rig| rig.modem.cwd("/")),
        ("+QFTPGET", |rig| rig.modem.retrieve_to_module("/a", "UFS:c", 0).map(drop)),
        ("+QFTPPUT", |rig| rig.modem.store_from_module("UFS:a", "/b").map(drop)),
    ];
    for (moment, call) in CALLS {
        let mut rig = Rig::online(with(|o| *o = o.clone().with_result_delay(moment, Some(60 * SECOND))));
        rig.files.put("/a", "12345");
        rig.modem.store_to_module("UFS:a", 5, Default::default(), &mut &b"12345"[..]).unwrap();
        rig.cancel_at(moment);
        let begun = rig.line.elapsed();
        let error = call(&mut rig).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Cancelled, true), "{moment}: {error}");
        assert!(rig.line.elapsed() - begun < SECOND, "{moment}: {:?}", rig.line.elapsed() - begun);
        assert!(rig.line.text().contains("AT+QFTPCLOSE\r"), "{moment}");
        rig.cancel_no_more();
        assert_eq!(rig.modem.module_file_size("UFS:c").unwrap(), None);
        assert_eq!(rig.modem.size("/a").unwrap(), 5);
    }
}

/// Idle, transferring into a file of the module, or being closed; a prober at 115200 baud met 603 then.
#[test]
fn a_session_that_another_program_left_is_closed() {
    let left: [&[&[u8]]; 3] = [&[], &[b"AT+QFTPGET=\"/big\",\"UFS:big\"\r"], &[b"AT+QFTPCLOSE\r"]];
    for commands in left {
        let mut rig = Rig::online(with(|o| {
            *o = o.clone().with_result_delay("+QFTPGET", Some(50 * SECOND));
            *o = o.clone().with_result_delay("+QFTPCLOSE", Some(3 * SECOND));
        }));
        rig.files.put("/big", "x");
        for command in commands {
            rig.line.talk(command, Duration::ZERO);
        }
        // A new program finds it so.
        rig.replace_program();
        rig.go_online();
        rig.files.put("/a", "12345");
        assert_eq!(rig.modem.size("/a").unwrap(), 5);
        rig.modem.logout().unwrap();
    }
    // Even its settings may be refused while it is being closed.
    let session = format!(
        r#"
>> AT+QFTPCFG="contextid",1\r
<< \r\n+CME ERROR: 603\r\n
>> AT+QFTPCLOSE\r
<< \r\n+CME ERROR: 603\r\n
@ 4
<< \r\n+QFTPCLOSE: 0,0\r\n
{SETTINGS}
{OPENED}
"#
    );
    play(&session, |modem| modem.login(&ftp_modem::Server::new("h", "u", "p4ss")).unwrap());
}

/// Results come on the port that `AT+QURCCFG="urcport"` names (NuModem); the note does not mention it.
#[test]
fn results_on_another_port_are_explained() {
    for port in [UrcPort::Uart1, UrcPort::UsbModem] {
        let mut rig = Rig::open(with(|o| o.initial_urc_port = port));
        rig.modem.attach(&AccessPoint::default()).unwrap();
        let error = rig.modem.login(&server()).unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Result)), "{error}");
        assert!(error.to_string().contains("AT+QURCCFG=\"urcport\""), "{error}");
        let error = rig.modem.status().unwrap_err();
        assert!(error.to_string().contains("QURCCFG"), "{error}");
    }
}

/// The result for the first directory comes after its time limit, while the second is awaited.
#[test]
fn a_late_change_of_directory_is_not_taken_for_the_next() {
    let module = Scripted::new(&[
        ("AT+QFTPOPEN", &[(10, "\r\nOK\r\n"), (100, "\r\n+QFTPOPEN: 0,0\r\n")]),
        ("AT+QFTPCWD=\"/a\"", &[(10, "\r\nOK\r\n"), (100_000, "\r\n+QFTPCWD: 0,250\r\n")]),
        ("AT+QFTPCWD=\"/b\"", &[(10, "\r\nOK\r\n"), (20_000, "\r\n+QFTPCWD: 627,550\r\n")]),
    ]);
    let mut modem = open_on(module).0.unwrap();
    modem.login(&server()).unwrap();
    assert_eq!(modem.cwd("/a").unwrap_err().kind(), ErrorKind::Timeout);
    modem.cwd("/b").unwrap_err();
}

/// The result for the first directory comes after its command was cancelled, while the second is awaited.
#[test]
fn the_result_of_a_cancelled_command_is_not_taken_for_the_next() {
    let (modem, line) = open_on(Scripted::new(&[
        ("AT+QFTPOPEN", &[(10, "\r\nOK\r\n"), (100, "\r\n+QFTPOPEN: 0,0\r\n")]),
        ("AT+QFTPMKDIR=\"/a\"", &[(10, "\r\nOK\r\n"), (2_000, "\r\n+QFTPMKDIR: 0,0\r\n")]),
        ("AT+QFTPMKDIR=\"/b\"", &[(10, "\r\nOK\r\n"), (3_000, "\r\n+QFTPMKDIR: 627,550\r\n")]),
    ]));
    let mut modem = modem.unwrap();
    modem.login(&server()).unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    modem.set_controls(Controls::new().with_cancel(Arc::clone(&flag)));
    line.before("AT+QFTPMKDIR=\"/a\"", move |_, _| flag.store(true, Ordering::Relaxed));
    assert_eq!(modem.mkdir("/a").unwrap_err().kind(), ErrorKind::Cancelled);
    modem.set_controls(Controls::new());
    let error = modem.mkdir("/b").unwrap_err();
    assert_ne!(error.kind(), ErrorKind::Cancelled, "{error}");
}

/// The answers of a firmware without the FTP client, of one that refuses a value, and of a 2G module (M26), whose
/// `AT+QFTPCFG=4,"/RAM/"` is answered by `OK` and `+QFTPCFG:0`.
#[test]
fn a_module_without_this_ftp_client_is_named() {
    use ErrorKind::{ModuleRefused, Unsupported};
    let first = r#">> AT+QFTPCFG="contextid",1\r"#;
    let test = r">> AT+QFTPCFG=?\r";
    let refused = "<< \\r\\nERROR\\r\\n\n";
    let keys = r#"+QFTPCFG: "contextid",(1-16)"#;
    let cases = [
        (format!("{first}\n{refused}{first}\n{refused}{test}\n{refused}"), Unsupported, "no FTP client"),
        (
            format!("{first}\n<< \\r\\n+CME ERROR: 4\\r\\n\n{test}\n<< \\r\\n+CME ERROR: 4\\r\\n\n"),
            Unsupported,
            "no FTP client",
        ),
        (
            format!("{first}\n{refused}{first}\n{refused}{test}\n<< \\r\\n+QFTPCFG: (1-5)\\r\\n\\r\\nOK\\r\\n\n"),
            Unsupported,
            "2G",
        ),
        (
            format!("{first}\n{refused}{first}\n{refused}{test}\n<< \\r\\n{keys}\\r\\n\\r\\nOK\\r\\n\n"),
            ModuleRefused,
            "contextid",
        ),
        (SETTINGS.replace(r"<< \r\nOK\r\n", r"<< \r\nOK\r\n\r\n+QFTPCFG:0\r\n"), Unsupported, "2G"),
    ];
    for (session, kind, words) in cases {
        play(&session, |modem| {
            let error = modem.login(&Server::new("h", "u", "p4ss")).unwrap_err();
            assert_eq!(error.kind(), kind, "{session}: {error}");
            assert!(error.to_string().contains(words), "{error}");
        });
    }
}

/// FTP reply 421: the server closes the control connection (RFC 959 §4.2), most often after idling.
#[test]
fn a_reply_that_closes_the_session_is_followed_by_a_login() {
    for result in ["614,421", "627,421", "614,0"] {
        let lost = format!(
            r#"
>> AT+QFTPCWD="a"\r
<< \r\nOK\r\n\r\n+QFTPCWD: {result}\r\n
{SETTINGS}{OPENED}
>> AT+QFTPCWD="a"\r
<< \r\nOK\r\n\r\n+QFTPCWD: 0,0\r\n
"#
        );
        play_online(&lost, |modem| {
            let error = modem.cwd("a").unwrap_err();
            assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::SessionLost, true), "{error}");
            modem.cwd("a").unwrap();
        });
    }
    // Before the session is open, the server is busy.
    let busy = SETTINGS.to_owned() + &OPENED.replace("+QFTPOPEN: 0,0", "+QFTPOPEN: 614,421");
    play(&busy, |modem| {
        let error = modem.login(&Server::new("h", "u", "p4ss")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ServerBusy, "{error}");
    });
}

//! Session, context, restart and FTPS: traps 13, 19, 21 to 24, 38, 40 and 47.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ftp_modem::backend::quectel::{ClientCertificate, TlsVersion, TransferMode};
use ftp_modem::emulator::{NetworkCause, Operation as Asked, Options, RemoteError, ServerCertificate};
use ftp_modem::modem::{AccessPoint, Retrieve, Security, SessionState, Store, Tls};
use ftp_modem::{Controls, Error, ErrorKind, FtpModem, OpenOptions};

use super::{Action, OPENED, Rig, SETTINGS, driver, module, options, pattern, pipe, play, server};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn quectel_trap_13_the_close_race() {
    // Everything but STAT is answered with 603 until the result.
    let mut rig = Rig::online(options(|o| *o = o.clone().with_result_delay("+QFTPCLOSE", Some(SECOND * 5))));
    for _ in 0..2 {
        let begun = rig.wire.elapsed();
        rig.modem.logout().unwrap();
        assert!(rig.wire.elapsed() - begun >= SECOND * 5, "the result was waited for");
        rig.modem.login(&server()).unwrap();
    }
    rig.still_works();

    // The result never comes: the context is taken away under the session, and renewed.
    let mut rig = Rig::online(options(|o| *o = o.clone().with_result_delay("+QFTPCLOSE", None)));
    rig.modem.logout().unwrap();
    assert!(rig.wire.sent().contains("AT+QIDEACT=1\rAT+QIACT=1\r"));
    rig.modem.login(&server()).unwrap();
    rig.still_works();

    // It is closed already, by the server.
    let mut rig = Rig::online(Options::default());
    rig.files.fail_next(Asked::Size, RemoteError::Network(NetworkCause::Dropped));
    assert_eq!(rig.modem.size("/x").unwrap_err().kind(), ErrorKind::SessionLost);
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
    rig.modem.logout().unwrap();
    rig.modem.login(&server()).unwrap();
    rig.still_works();
    rig.files.fail_next(Asked::Size, RemoteError::Network(NetworkCause::Dropped));
    assert_eq!(rig.modem.size("/x").unwrap_err().kind(), ErrorKind::SessionLost);
    rig.still_works();

    // Another program has closed it behind our back.
    rig.wire.talk(b"AT+QFTPCLOSE\r", SECOND);
    rig.modem.logout().unwrap();
    rig.go_online();
    rig.still_works();
}

#[test]
fn quectel_trap_19_a_module_left_in_data_mode() {
    let prepared: [&[u8]; 5] = [
        b"AT+QIACT=1\r",
        b"AT+QFTPCFG=\"account\",\"logger\",\"pa55word-s3cret\"\r",
        b"AT+QFTPCFG=\"transmode\",1\r",
        b"AT+QFTPOPEN=\"192.0.2.7\",21\r",
        b"AT+QFTPCWD=\"/\"\r",
    ];
    for (left, rate) in [
        (&b"AT+QFTPPUT=\"/a\",\"COM:\",0\r"[..], None),
        (b"AT+QFTPPUT=\"/a\",\"COM:\",0\rsome of the file", None),
        (b"AT+QFTPPUT=\"/a\",\"COM:\",0,100000,1\rsome of the file", None),
        (b"AT+QFUPL=\"UFS:a\",100000,60\rsome of the file", None),
        (b"AT+QFTPGET=\"/big\",\"COM:\"\r", Some(9600)),
    ] {
        let mut options = Options::default().with_echo(false);
        options.line_rate = rate;
        let (wire, files) = module(options);
        files.put("/big", pattern(200_000));
        for line in prepared {
            let answer = wire.talk(line, SECOND * 3);
            assert!(answer.ends_with(b"OK\r\n") || answer.ends_with(b"0,0\r\n"), "{}", answer.escape_ascii());
        }
        // The program that did this has died.
        let answer = wire.talk(left, SECOND);
        assert!(answer.windows(7).any(|window| window == b"CONNECT"), "{}", answer.escape_ascii());
        let line = rate.map_or_else(|| pipe(&wire), |rate| pipe(&wire).with_line_rate(rate));
        let modem = OpenOptions::new().open_as_on(line);
        let modem = modem.unwrap_or_else(|error| panic!("{}: {error}", left.escape_ascii()));
        let mut rig = Rig { modem, files, wire };
        rig.go_online();
        rig.still_works();
    }
}

#[test]
fn quectel_trap_21_the_network_drops_the_context() {
    let mut rig = Rig::online(options(|o| {
        o.context_lifetimes = vec![SECOND * 30];
        *o = o.clone().with_result_delay("+QFTPCWD", Some(SECOND * 60));
    }));
    let error = rig.modem.cwd("/").unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::BearerLost, true), "{error}");
    // Without a new bearer there is no session, and the error says why.
    let error = rig.modem.size("/x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BearerLost | ErrorKind::ConnectFailed), "{error}");
    rig.wire.clear();
    assert!(!rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    let sent = rig.wire.sent();
    assert!(sent.contains("AT+QIACT=1\rAT+QIDEACT=1\rAT+QIACT=1\r"), "{sent}");
    rig.still_works();

    // Said between two operations.
    rig.wire.act(Action::Say("+QIURC: \"pdpdeact\",1"));
    assert_eq!(rig.modem.size("/x").unwrap_err().kind(), ErrorKind::BearerLost);
    rig.wire.act(Action::Say("+QIURC: \"pdpdeact\",1"));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.still_works();

    // An upload that goes on without its context is ended first.
    let session = r#"
>> AT+QFTPPUT="a","COM:",0,20000,1\r
<< \r\nCONNECT\r\n
<< \r\n+QIURC: "pdpdeact",1\r\n
>> +++
@ 1
<< \r\nOK\r\n\r\n+QFTPPUT: 0,0\r\n
>> ATI\r
<< Quectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
>> AT+QIACT?\r
<< \r\n+QIACT: 1,1,1,"10.0.0.1"\r\n\r\nOK\r\n
"#;
    super::play_online(session, |modem| {
        let how = Store::create().with_length(20_000);
        let error = modem.store("a", &how, &mut pattern(20_000).as_slice()).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::BearerLost, true), "{error}");
        modem.attach(&AccessPoint::default()).unwrap();
    });

    // Another context, and the same text in a file.
    let mut rig = Rig::online(Options::default());
    rig.wire.upon("+QFTPCWD", Action::Say("+QIURC: \"pdpdeact\",2"));
    rig.modem.cwd("/").unwrap();
    rig.wire.act(Action::Say("+QIURC: \"pdpdeact\",11"));
    let text = b"\r\n+QIURC: \"pdpdeact\",1\r\n";
    rig.files.put("/a", text);
    assert_eq!(rig.download("/a").unwrap(), text);
    rig.still_works();

    // In the middle of a transfer, and before its data.
    for (stall, connect_delay) in [(Some(1000), Duration::ZERO), (None, SECOND * 60)] {
        for upload in [false, true] {
            let mut rig = Rig::online(options(|o| {
                o.context_lifetimes = vec![SECOND * 40];
                o.stall_download_at = stall;
                o.connect_delay = connect_delay;
            }));
            rig.files.put("/a", pattern(5000));
            if upload && stall.is_some() {
                continue;
            }
            let outcome = if upload { rig.upload("/b", b"12345").map(drop) } else { rig.download("/a").map(drop) };
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::BearerLost, true), "{upload}: {error}");
            assert_eq!(error.transferred(), Some(stall.unwrap_or(0)));
            rig.modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!(rig.modem.size("/a").unwrap(), 5000);
        }
    }
}

#[test]
fn quectel_trap_22_a_restart_at_any_moment() {
    type Call = fn(&mut Rig) -> Result<(), Error>;
    const CALLS: &[(&str, Call)] = &[
        ("+QFTPCWD", |rig| rig.modem.cwd("/")),
        ("+QFTPSIZE", |rig| rig.modem.size("/a").map(drop)),
        ("+QFTPLIST", |rig| rig.modem.list("").map(drop)),
        ("+QFTPGET", |rig| rig.download("/a").map(drop)),
        ("+QFTPPUT", |rig| rig.upload("/b", b"12345").map(drop)),
        ("the file's bytes", |rig| rig.upload("/b", b"these are the file's bytes").map(drop)),
        ("the file's bytes", |rig| {
            rig.modem.store_uncounted("/b", &Store::create(), &mut &b"these are the file's bytes"[..]).map(drop)
        }),
        ("+QFTPSTAT", |rig| rig.modem.status().map(drop)),
        ("+QFTPCLOSE", |rig| rig.modem.logout()),
        ("+QIDEACT", |rig| rig.modem.detach()),
        ("+QFUPL", |rig| rig.modem.store_to_module("UFS:b", 5, Default::default(), &mut &b"12345"[..]).map(drop)),
        ("the file's bytes", |rig| {
            rig.modem
                .store_to_module("UFS:b", 26, Default::default(), &mut &b"these are the file's bytes"[..])
                .map(drop)
        }),
        ("+QFDWL", |rig| rig.modem.retrieve_from_module("UFS:a", &Retrieve::whole(), &mut Vec::new()).map(drop)),
        ("+QFREAD", |rig| rig.modem.retrieve_from_module("UFS:a", &Retrieve::from(1), &mut Vec::new()).map(drop)),
        ("+QFTPGET", |rig| rig.modem.retrieve_to_module("/a", "UFS:c", 0).map(drop)),
    ];
    for cmee in [0, 2] {
        for (index, (moment, call)) in CALLS.iter().enumerate() {
            let mut rig = Rig::online(Options::default().with_cmee(cmee));
            rig.files.put("/a", "12345");
            rig.modem.store_to_module("UFS:a", 5, Default::default(), &mut &b"12345"[..]).unwrap();
            rig.wire.upon(moment, Action::Restart);
            let error = call(&mut rig).expect_err(moment);
            assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{index} {moment}: {error}");
            // Nothing is as it was: echo, form of errors, context, settings, session.
            rig.wire.clear();
            rig.go_online();
            let sent = rig.wire.sent();
            for again in ["ATE0\r", "AT+CMEE=1\r", "AT+QIACT=1\r", "\"account\"", "\"filetype\",0", "+QFTPOPEN"] {
                assert!(sent.contains(again), "{moment}: {again} is missing in {sent}");
            }
            rig.still_works();
        }
    }
    // While nothing goes on. An attach takes it in its stride, everything else reports it.
    let mut rig = Rig::online(Options::default());
    rig.wire.act(Action::Restart);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.modem.login(&server()).unwrap();
    rig.still_works();
    rig.wire.act(Action::Restart);
    assert_eq!(rig.modem.size("/a").unwrap_err().kind(), ErrorKind::ModuleRestarted);
    assert_eq!(rig.modem.size("/a").unwrap_err().kind(), ErrorKind::BearerLost);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.still_works();
    // While the session is being set up.
    for moment in ["+QIACT=1", "\"account\"", "+QFTPOPEN", "+CMEE"] {
        let mut rig = Rig::open(Options::default());
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.wire.act(Action::Restart);
        rig.wire.upon(moment, Action::Restart);
        let first = rig.modem.attach(&AccessPoint::default()).and_then(|_| rig.modem.login(&server()));
        assert_eq!(first.unwrap_err().kind(), ErrorKind::ModuleRestarted, "{moment}");
        rig.go_online();
        rig.still_works();
    }
}

/// What was cancelled may still have its result to say; the session is given up, so that nobody takes it for another's.
#[test]
fn cancelled_while_a_result_is_awaited() {
    type Call = fn(&mut Rig) -> Result<(), Error>;
    const CALLS: &[(&str, Call)] = &[
        ("+QFTPCWD", |rig| rig.modem.cwd("/")),
        ("+QFTPGET", |rig| rig.modem.retrieve_to_module("/a", "UFS:c", 0).map(drop)),
        ("+QFTPPUT", |rig| rig.modem.store_from_module("UFS:a", "/b").map(drop)),
    ];
    for (moment, call) in CALLS {
        let mut rig = Rig::online(options(|o| *o = o.clone().with_result_delay(moment, Some(SECOND * 60))));
        rig.files.put("/a", "12345");
        rig.modem.store_to_module("UFS:a", 5, Default::default(), &mut &b"12345"[..]).unwrap();
        let flag = Arc::new(AtomicBool::new(false));
        rig.modem.set_controls(Controls::new().with_cancel(Arc::clone(&flag)));
        rig.wire.upon(moment, Action::Cancel(flag));
        let begun = rig.wire.elapsed();
        let error = call(&mut rig).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Cancelled, true), "{moment}: {error}");
        assert!(rig.wire.elapsed() - begun < SECOND, "{moment}: {:?}", rig.wire.elapsed() - begun);
        assert!(rig.wire.sent().contains("AT+QFTPCLOSE\r"), "{moment}");
        assert_eq!(rig.modem.module_file_size("UFS:c").unwrap(), None);
        assert_eq!(rig.modem.size("/a").unwrap(), 5);
    }
}

#[test]
fn quectel_trap_23_a_context_that_is_active() {
    let mut rig = Rig::open(Options::default().with_pdp_active(true));
    rig.wire.clear();
    assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    assert_eq!(rig.wire.sent(), "AT+QIACT?\r", "activating it again would be an error");
    rig.modem.login(&server()).unwrap();
    rig.still_works();
    for (answer, was_up) in [
        ("", false),
        (r#"\r\n+QIACT: 2,1,1,"10.0.0.2"\r\n+QIACT: 11,1,1,"10.0.0.3"\r\n"#, false),
        (r#"\r\n+QIACT: 1,0,1,"10.0.0.1"\r\n"#, false),
        (r#"\r\n+QIACT: 2,1,1,"10.0.0.2"\r\n+QIACT: 1,1,1,"10.0.0.1"\r\n"#, true),
        (r#"\r\n+QIACT: 1,1,3,"10.0.0.1","2001:db8::1"\r\n"#, true),
    ] {
        let activation = match was_up {
            true => "",
            false => {
                ">> AT+QIACT=1\\r\n<< \\r\\nOK\\r\\n\n>> AT+QIACT?\\r\n<< \\r\\n+QIACT: 1,1,1,\"10.0.0.1\"\\r\\n\\r\\nOK\\r\\n\n"
            }
        };
        play(&format!(">> AT+QIACT?\\r\n<< {answer}\\r\\nOK\\r\\n\n{activation}"), |modem| {
            let bearer = modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!((bearer.was_up, bearer.address), (was_up, Some("10.0.0.1".parse().unwrap())));
        });
    }
}

#[test]
fn quectel_trap_24_silence_while_a_context_is_activated() {
    let mut rig = Rig::open(Options::default().with_network_latency(SECOND * 149));
    rig.wire.clear();
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let writes = rig.wire.writes();
    let activation = writes.iter().position(|(_, bytes)| bytes == b"AT+QIACT=1\r").unwrap();
    assert!(writes[activation + 1].0 - writes[activation].0 >= SECOND * 149, "nothing else was sent meanwhile");
    // A module that never answers is given up within its limits.
    let mut rig = Rig::open(Options::default().with_network_latency(SECOND * 1000));
    let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(rig.wire.elapsed() < SECOND * 170);
}

#[test]
fn quectel_trap_38_a_session_left_by_somebody() {
    // Idle, transferring into a file of the module, being closed.
    let left: [&[&[u8]]; 3] = [&[], &[b"AT+QFTPGET=\"/big\",\"UFS:big\"\r"], &[b"AT+QFTPCLOSE\r"]];
    for commands in left {
        let mut rig = Rig::online(options(|o| {
            *o = o.clone().with_result_delay("+QFTPGET", Some(SECOND * 50));
            *o = o.clone().with_result_delay("+QFTPCLOSE", Some(SECOND * 3));
        }));
        rig.files.put("/big", "x");
        for command in commands {
            rig.wire.talk(command, Duration::ZERO);
        }
        // A new program finds it so.
        rig.modem = driver(&rig.wire).unwrap();
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

#[test]
fn quectel_trap_40_only_switching_off_helps() {
    let mut rig = Rig::online(options(|o| {
        o.stuck_after = Some(1);
        o.failing_data_connections = 1;
        *o = o.clone().with_result_delay("+QFTPCLOSE", None);
    }));
    let begun = rig.wire.elapsed();
    let error = rig.modem.list("").unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::DataConnection, false), "it is said: {error}");
    assert!(rig.wire.elapsed() - begun < SECOND * 330, "a bounded number of attempts");
    let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
    assert!(error.to_string().contains("switching the module off"), "{error}");
    rig.wire.clear();
    rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert!(rig.wire.sent().matches("AT+QIACT=1").count() <= 2, "no storm of attempts");
    rig.wire.act(Action::Restart);
    assert_eq!(rig.modem.attach(&AccessPoint::default()).map(|bearer| bearer.was_up).ok(), Some(false));
}

const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

#[test]
fn quectel_trap_47_ftps() {
    let trusting = || server().with_security(Security::Implicit).with_port(990).with_tls(Tls::trusting(PEM));
    // Nothing is sent without a choice, nor in active mode, nor with something that is no certificate.
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.wire.clear();
    for refused in [
        server().with_security(Security::Implicit),
        server().with_security(Security::Explicit),
        trusting().with_tls(Tls::trusting("rubbish")),
        trusting().with_tls(Tls::trusting([PEM, &[b'x'; 70_000]].concat())),
    ] {
        assert_eq!(rig.modem.login(&refused).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let mut settings = rig.modem.settings().clone();
    settings.mode = TransferMode::Active;
    rig.modem.configure(settings.clone()).unwrap();
    assert_eq!(rig.modem.login(&trusting()).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(rig.wire.sent(), "");
    settings.mode = TransferMode::Passive;
    rig.modem.configure(settings.clone()).unwrap();

    // The authority's file is put there, once; level, name and clock are set.
    rig.modem.login(&trusting()).unwrap();
    let sent = rig.wire.sent();
    for setting in [
        "\"ssltype\",1\r",
        "\"sslctxid\",1\r",
        "\"seclevel\",1,1\r",
        "\"sslversion\",1,3\r",
        "\"cacert\",1,\"UFS:ftp-modem-ca.pem\"\r",
        "\"ignorelocaltime\",1,0\r",
        "\"sni\",1,1\r",
        "+QFUPL=",
    ] {
        assert!(sent.contains(setting), "{setting} in {sent}");
    }
    rig.still_works();
    rig.modem.logout().unwrap();
    rig.wire.clear();
    rig.modem.login(&trusting().with_security(Security::Explicit)).unwrap();
    assert!(rig.wire.sent().contains("\"ssltype\",2\r"));
    assert!(!rig.wire.sent().contains("+QFUPL"), "the file is there already");
    rig.modem.logout().unwrap();
    // Other bytes of the same length are other bytes.
    let other = String::from_utf8(PEM.to_vec()).unwrap().replace("MIIB", "MIIC");
    rig.modem.login(&trusting().with_tls(Tls::trusting(other.as_str()))).unwrap();
    let mut stored = Vec::new();
    rig.modem.retrieve_from_module("UFS:ftp-modem-ca.pem", &Retrieve::whole(), &mut stored).unwrap();
    assert_eq!(stored, other.as_bytes());
    rig.modem.logout().unwrap();

    // A plain session afterwards is plain.
    rig.wire.clear();
    rig.modem.login(&server()).unwrap();
    assert!(rig.wire.sent().contains("\"ssltype\",0\r"));
    rig.modem.logout().unwrap();

    // By a file that is on the module, with a certificate of the module's own.
    rig.modem.store_to_module("UFS:ca.pem", PEM.len() as u64, Default::default(), &mut &PEM[..]).unwrap();
    rig.modem.store_to_module("UFS:me.pem", PEM.len() as u64, Default::default(), &mut &PEM[..]).unwrap();
    settings.tls_context = 2;
    settings.tls.ca_file = Some("UFS:ca.pem".into());
    settings.tls.client =
        Some(ClientCertificate { certificate_file: "UFS:me.pem".into(), key_file: "UFS:me.pem".into() });
    rig.modem.configure(settings.clone()).unwrap();
    rig.modem.login(&server().with_security(Security::Explicit)).unwrap();
    let sent = rig.wire.sent();
    assert!(sent.contains("\"seclevel\",2,2\r") && sent.contains("\"clientkey\",2,\"UFS:me.pem\"\r"), "{sent}");
    rig.still_works();
    rig.modem.logout().unwrap();
    settings.tls.ca_file = Some("ufs:ca.pem".into());
    assert_eq!(rig.modem.configure(settings).unwrap_err().kind(), ErrorKind::InvalidInput);

    // What fails the handshake, and what does not.
    type Change = fn(&mut ftp_modem::emulator::QuectelOptions);
    let cases: &[(Change, Tls, bool)] = &[
        (|o| o.certificate = ServerCertificate::Untrusted, Tls::trusting(PEM), false),
        (|o| o.certificate = ServerCertificate::Untrusted, Tls::insecure(), true),
        (|o| o.certificate = ServerCertificate::Expired, Tls::trusting(PEM), false),
        (|o| o.certificate = ServerCertificate::Expired, Tls::insecure(), true),
        (|o| o.clock_set = false, Tls::trusting(PEM), false),
        (|o| o.sni_needed = true, Tls::trusting(PEM), true),
        (|o| o.oldest_tls = 3, Tls::trusting(PEM), true),
    ];
    for (index, (change, tls, works)) in cases.iter().enumerate() {
        let mut rig = Rig::open(options(change));
        rig.modem.attach(&AccessPoint::default()).unwrap();
        match rig.modem.login(&trusting().with_tls(tls.clone())) {
            Ok(()) => assert!(*works, "{index}"),
            Err(error) => {
                assert!(!works, "{index}: {error}");
                assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Tls, true), "{index}: {error}");
                assert!(!error.is_retryable());
                // The clock, the name and the version can be given up, one by one.
                let mut settings = rig.modem.settings().clone();
                settings.tls.check_time = false;
                settings.tls.version = TlsVersion::Any;
                rig.modem.configure(settings).unwrap();
                assert_eq!(rig.modem.login(&trusting()).is_ok(), index != 0, "{index}");
            }
        }
    }
    // A handshake that takes too long.
    let mut rig = Rig::open(options(|o| *o = o.clone().with_result_delay("+QFTPOPEN", None)));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let error = rig.modem.login(&trusting()).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Timeout, true), "{error}");
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
}

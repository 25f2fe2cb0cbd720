//! The PDP context: QICSGP, QIACT, QIDEACT.

use std::time::Duration;

use ftp_modem::emulator::Options;
use ftp_modem::modem::{AccessPoint, Authentication, PdpType, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, SECOND, play, play_online, with};
use crate::support::access::server;
use crate::support::payload::pattern;

/// `+QIURC: "pdpdeact",<id>` at any time. QIDEACT is needed before QIACT works (EC200U and EG915U TCP/IP note V1.1).
#[test]
fn a_context_that_the_network_drops_is_renewed() {
    let mut rig = Rig::online(with(|o| {
        o.context_lifetimes = vec![30 * SECOND];
        *o = o.clone().with_result_delay("+QFTPCWD", Some(60 * SECOND));
    }));
    let error = rig.modem.cwd("/").unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::BearerLost, true), "{error}");
    // Without a new bearer there is no session, and the error says why.
    let error = rig.modem.size("/x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BearerLost | ErrorKind::ConnectFailed), "{error}");
    rig.line.clear();
    assert!(!rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    let sent = rig.line.text();
    assert!(sent.contains("AT+QIACT=1\rAT+QIDEACT=1\rAT+QIACT=1\r"), "{sent}");
    rig.works_both_ways();

    // The line comes between two operations.
    rig.line.say("+QIURC: \"pdpdeact\",1");
    assert_eq!(rig.modem.size("/x").unwrap_err().kind(), ErrorKind::BearerLost);
    rig.line.say("+QIURC: \"pdpdeact\",1");
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.works_both_ways();

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
    play_online(session, |modem| {
        let how = Store::create().with_length(20_000);
        let error = modem.store("a", &how, &mut pattern(20_000).as_slice()).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::BearerLost, true), "{error}");
        modem.attach(&AccessPoint::default()).unwrap();
    });

    // Another context, and the same text in a file.
    let mut rig = Rig::online(Options::default());
    rig.line.after("+QFTPCWD", |module, now| module.inject(now, "+QIURC: \"pdpdeact\",2"));
    rig.modem.cwd("/").unwrap();
    rig.line.say("+QIURC: \"pdpdeact\",11");
    let text = b"\r\n+QIURC: \"pdpdeact\",1\r\n";
    rig.files.put("/a", text);
    assert_eq!(rig.download("/a").unwrap(), text);
    rig.works_both_ways();

    // In the middle of a transfer, and before its data.
    for (stall, connect_delay) in [(Some(1000), Duration::ZERO), (None, 60 * SECOND)] {
        for upload in [false, true] {
            let mut rig = Rig::online(with(|o| {
                o.context_lifetimes = vec![40 * SECOND];
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

/// QIACT on an active context gives `ERROR` (TCP/IP note V1.1). QIACT? prints one line for each active context, and
/// none where there is none.
#[test]
fn an_active_context_is_joined() {
    let mut rig = Rig::open(Options::default().with_pdp_active(true));
    rig.line.clear();
    assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    assert_eq!(rig.line.text(), "AT+QIACT?\r", "a second activation would be an error");
    rig.modem.login(&server()).unwrap();
    rig.works_both_ways();
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
                concat!(
                    ">> AT+QIACT=1\\r\n<< \\r\\nOK\\r\\n\n",
                    ">> AT+QIACT?\\r\n<< \\r\\n+QIACT: 1,1,1,\"10.0.0.1\"\\r\\n\\r\\nOK\\r\\n\n",
                )
            }
        };
        play(&format!(">> AT+QIACT?\\r\n<< {answer}\\r\\nOK\\r\\n\n{activation}"), |modem| {
            let bearer = modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!((bearer.was_up, bearer.address), (was_up, Some("10.0.0.1".parse().unwrap())));
        });
    }
}

/// Up to 150 s (TCP/IP note V1.1).
#[test]
fn nothing_is_sent_while_a_context_is_activated() {
    let mut rig = Rig::open(Options::default().with_network_latency(149 * SECOND));
    rig.line.clear();
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let writes = rig.line.writes();
    let activation = writes.iter().position(|(_, bytes)| bytes == b"AT+QIACT=1\r").unwrap();
    assert!(writes[activation + 1].0 - writes[activation].0 >= 149 * SECOND, "nothing else was sent meanwhile");
    // A module that never answers: attaching ends within its time limit.
    let mut rig = Rig::open(Options::default().with_network_latency(1000 * SECOND));
    let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(rig.line.elapsed() < 170 * SECOND);
}

/// QIACT without a network may take all of its 150 s (TCP/IP note V1.1).
#[test]
fn an_activation_that_is_not_answered_is_explained() {
    let mut rig = Rig::open(Options::default().with_registration_state(2));
    rig.line.answer("AT+QIACT=1", b"");
    let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::BearerFailed, true), "{error}");
    let message = error.to_string();
    assert!(message.contains("no answer within 150 s") && message.contains("searching for a network"), "{message}");
}

/// The example of the note, §3.1, has one less than the TCP/IP note.
#[test]
fn the_access_point_is_sent_with_all_its_parameters() {
    let mut rig = Rig::open(Options::default());
    let access_point = AccessPoint::new("UNINET").with_credentials("me", "pass", Authentication::Chap);
    rig.modem.attach(&access_point).unwrap();
    assert!(rig.line.text().contains("AT+QICSGP=1,1,\"UNINET\",\"me\",\"pass\",2\r"));
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::new("UNINET")).unwrap();
    assert!(rig.line.text().contains("AT+QICSGP=1,1,\"UNINET\",\"\",\"\",0\r"));
}

#[test]
fn attaching_renews_a_context_that_was_lost_while_idle() {
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.line.say("+QIURC: \"pdpdeact\",1");
    rig.modem.attach(&AccessPoint::default()).unwrap();
}

/// QICSGP sets name, user and password together (TCP/IP application note); without a name the network chooses the
/// access point.
#[test]
fn credentials_are_sent_without_the_name_of_the_access_point() {
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default().with_credentials("u", "p4ss", Authentication::Pap)).unwrap();
    assert!(rig.line.text().contains("AT+QICSGP=1,1,\"\",\"u\",\"p4ss\",1\r"));
}

/// A module that dials on its own always has a context up, with whatever access point.
#[test]
fn a_context_with_another_access_point_is_rebuilt() {
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::new("cmnet")).unwrap();
    assert!(rig.modem.attach(&AccessPoint::new("CMNET")).unwrap().was_up);
    assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    rig.modem.login(&server()).unwrap();
    rig.line.clear();
    assert!(!rig.modem.attach(&AccessPoint::new("private")).unwrap().was_up);
    let sent = rig.line.text();
    assert!(sent.contains("AT+QIDEACT=1\rAT+QICSGP=1,1,\"private\",\"\",\"\",0\rAT+QIACT=1\r"), "{sent}");
    rig.works_both_ways();
    // Set by no program: the module reports what the network gave.
    let session = r#"
>> AT+QIACT?\r
<< \r\n+QIACT: 1,1,1,"10.0.0.1"\r\n\r\nOK\r\n
>> AT+QICSGP=1\r
<< \r\n+QICSGP: 1,"","","",0\r\n\r\nOK\r\n
>> AT+CGCONTRDP=1\r
<< \r\n+CGCONTRDP: 1,5,"private.mnc001.mcc460.gprs","10.0.0.1"\r\n\r\nOK\r\n
"#;
    play(session, |modem| assert!(modem.attach(&AccessPoint::new("private")).unwrap().was_up));
}

#[test]
fn the_type_of_the_context_is_sent() {
    for (pdp_type, number) in [(PdpType::Ipv6, 2), (PdpType::Ipv4v6, 3)] {
        let mut rig = Rig::open(Options::default());
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.line.clear();
        let access_point = AccessPoint::default().with_pdp_type(pdp_type);
        assert!(!rig.modem.attach(&access_point).unwrap().was_up, "the context that is up is of type IPv4");
        assert!(rig.line.text().contains(&format!("AT+QICSGP=1,{number},\"\",\"\",\"\",0\r")));
        assert!(rig.modem.attach(&access_point).unwrap().was_up);
    }
}

//! The call: MIPCALL.

use std::time::Duration;

use ftp_modem::emulator::CallFailure;
use ftp_modem::modem::{AccessPoint, Authentication, SessionState};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, online, with};

/// The guide, §3.2 and §3.3, uses CGDCONT; `AT+MIPCALL=1,"CMNET"` is in note 3 and in public drivers for the L610,
/// the L716 and the MC669.
#[test]
fn the_access_point_goes_into_the_call_or_before_it() {
    let cmnet = AccessPoint::new("cmnet");
    let mut rig = Rig::open(with(|options| options.apn_required = true));
    assert_eq!(rig.modem.attach(&AccessPoint::default()).unwrap_err().kind(), ErrorKind::BearerFailed);
    assert!(!rig.modem.attach(&cmnet).unwrap().was_up);
    assert!(rig.modem.attach(&cmnet).unwrap().was_up);
    let full = AccessPoint::new("cmnet").with_credentials("u", "s3cret", Authentication::Pap);
    rig.modem.detach().unwrap();
    rig.line.clear();
    rig.modem.attach(&full).unwrap();
    assert_eq!(rig.line.commands("AT+MIPCALL=1"), ["AT+MIPCALL=1,\"cmnet\",\"u\",\"s3cret\""]);
    assert_eq!(rig.line.commands("AT+CGAUTH"), ["AT+CGAUTH=1,1,\"u\",\"s3cret\""]);

    let mut rig = Rig::open(with(|options| options.apn_required = true));
    rig.line.answer("AT+MIPCALL=1,", b"\r\nERROR\r\n");
    rig.modem.attach(&cmnet).unwrap();
    let sent = rig.line.commands("AT+");
    assert!(sent.ends_with(&["AT+CGDCONT=1,\"IP\",\"cmnet\"".into(), "AT+MIPCALL=1".into()]), "{sent:?}");
}

/// A module that dials on its own always has a bearer up (3GPP TS 27.007 §10.1.23, CGCONTRDP).
#[test]
fn a_bearer_with_another_access_point_is_rebuilt_with_the_one_asked_for() {
    let mut rig = online(|_| ());
    assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    rig.line.clear();
    // Which one it uses is not known.
    assert!(!rig.modem.attach(&AccessPoint::new("private")).unwrap().was_up);
    assert!(rig.modem.attach(&AccessPoint::new("PRIVATE")).unwrap().was_up);
    assert!(!rig.modem.attach(&AccessPoint::new("cmnet")).unwrap().was_up);
    assert_eq!(rig.line.commands("AT+MIPCALL=").len(), 4);
    // The session went with the bearer, and is opened again.
    rig.works_both_ways();
    // Another program has dialled, and the module tells.
    rig.replace_program();
    rig.line.answer("AT+CGCONTRDP=1", b"\r\n+CGCONTRDP: 1,5,\"cmnet.mnc000.mcc460.gprs\",\"10.0.0.9\"\r\n\r\nOK\r\n");
    rig.line.clear();
    assert!(rig.modem.attach(&AccessPoint::new("cmnet")).unwrap().was_up);
    assert!(!rig.modem.attach(&AccessPoint::new("private")).unwrap().was_up);
}

/// MIPCALL has no argument for it; CGAUTH is 3GPP TS 27.007 §10.1.31.
#[test]
fn an_authentication_protocol_is_sent_or_refused() {
    let with = |protocol| AccessPoint::new("cmnet").with_credentials("u", "s3cret", protocol);
    let cases = [
        (Authentication::Pap, Some("AT+CGAUTH=1,1,\"u\",\"s3cret\"")),
        (Authentication::Chap, Some("AT+CGAUTH=1,2,\"u\",\"s3cret\"")),
        (Authentication::None, None),
    ];
    for (protocol, command) in cases {
        let mut rig = Rig::open(super::with(|_| ()));
        rig.modem.attach(&with(protocol)).unwrap();
        assert!(rig.line.commands("AT+CGAUTH").iter().eq(command.iter()), "{protocol:?}");
        let mut rig = Rig::open(super::with(|_| ()));
        rig.line.answer("AT+CGAUTH", b"\r\nERROR\r\n");
        let outcome = rig.modem.attach(&with(protocol)).map_err(|error| error.kind());
        assert_eq!(outcome.is_ok(), command.is_none(), "{protocol:?}");
        assert!(!matches!(outcome, Err(kind) if kind != ErrorKind::Unsupported), "{outcome:?}");
    }
}

/// The guide, §3.2, grants a call 60 s. A refusal has several forms.
#[test]
fn a_call_that_fails_does_not_block_the_next() {
    for (failure, limit) in [
        // Three pauses between the attempts.
        (CallFailure::OkThenZero, 5),
        (CallFailure::OkThenError, 5),
        (CallFailure::Error, 5),
        (CallFailure::Silence, 66),
    ] {
        for access_point in [AccessPoint::default(), AccessPoint::new("cmnet")] {
            let mut rig = Rig::open(with(|options| {
                options.call_failure = failure;
                options.failed_calls = 8;
            }));
            let error = rig.modem.attach(&access_point).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::BearerFailed | ErrorKind::Timeout), "{failure:?}: {error}");
            assert!(error.is_retryable() && error.module_usable(), "{failure:?}: {error}");
            assert!(rig.line.elapsed() <= Duration::from_secs(limit), "{failure:?}: {:?}", rig.line.elapsed());
            for _ in 0..8 {
                let _ = rig.modem.attach(&access_point);
            }
            rig.go_online();
            rig.works_both_ways();
        }
    }
}

/// The guide, §3.2: `OK` is the acknowledgement, `+MIPCALL: 0` the result.
#[test]
fn hanging_up_ends_the_session() {
    let mut rig = online(|_| ());
    rig.modem.detach().unwrap();
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
    assert_eq!(rig.files.sessions(), 0);
    assert_eq!(rig.modem.pwd().unwrap_err().kind(), ErrorKind::BearerLost);
    rig.modem.detach().unwrap();
    // A module that prints nothing where there is no call.
    rig.line.answer("AT+MIPCALL=0", b"\r\nOK\r\n");
    rig.modem.detach().unwrap();
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let error = rig.modem.detach().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "it is still up: {error}");
}

/// The guide, §3.3, sends GTRAT and goes on; a public driver for the L716 restarts the module. The driver never sends
/// GTRAT.
#[test]
fn a_search_order_that_another_program_changed_needs_a_restart() {
    let needs = with(|options| options.search_order_needs_restart = true);
    let mut rig = Rig::open_after(needs, |line| line.by_another_program(&["AT+GTRAT=6,3,2"]));
    let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
    rig.line.restart();
    rig.go_online();
    rig.works_both_ways();
    assert_eq!(rig.line.commands("AT+GTRAT"), Vec::<String>::new());
}

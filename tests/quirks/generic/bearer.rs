//! The bearer: CGACT.

use ftp_modem::modem::AccessPoint;
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, play_online, with};
use crate::support::access::server;

/// `ABORT` is a busy module, `ERROR` a refusal.
#[test]
fn an_aborted_activation_is_not_a_refused_one() {
    const CAUSE: &str = r"
>> AT+CPIN?\r
<< \r\n+CPIN: READY\r\n\r\nOK\r\n
>> AT+CEREG?\r
<< \r\n+CEREG: 0,1\r\n\r\nOK\r\n
>> AT+CGATT?\r
<< \r\n+CGATT: 1\r\n\r\nOK\r\n
";
    for (answer, kind, queries) in [("ERROR", ErrorKind::BearerFailed, CAUSE), ("ABORT", ErrorKind::ModuleBusy, "")] {
        let lines = format!(
            r"
>> AT+CGACT?\r
<< \r\n+CGACT: 1,0\r\n\r\nOK\r\n
>> AT+CFUN=1\r
<< \r\nOK\r\n
>> AT+CGACT=1,1\r
<< \r\n{answer}\r\n
{queries}"
        );
        play_online(&lines, |modem| {
            let error = modem.attach(&AccessPoint::default()).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        });
    }
}

/// A module that dials on its own always has a bearer up (3GPP TS 27.007 §10.1.1, §10.1.23).
#[test]
fn a_bearer_with_another_access_point_is_rebuilt_with_the_one_asked_for() {
    let mut rig = Rig::open(with(|_| ()));
    rig.modem.attach(&AccessPoint::new("cmnet")).unwrap();
    rig.modem.login(&server()).unwrap();
    assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    assert!(rig.modem.attach(&AccessPoint::new("CMNET")).unwrap().was_up);
    assert!(!rig.modem.attach(&AccessPoint::new("private")).unwrap().was_up);
    assert!(rig.modem.attach(&AccessPoint::new("private")).unwrap().was_up);
    assert_eq!(rig.line.commands("AT+CGACT=0,1").len(), 1);
    // The session went with the bearer, and is opened again.
    rig.still_works();
    const UP: &str = r"
>> AT+CGACT?\r
<< \r\n+CGACT: 1,1\r\n\r\nOK\r\n
>> AT+CGCONTRDP=1\r
";
    let private = r#"<< \r\n+CGCONTRDP: 1,5,"private.mnc001.mcc460.gprs","10.0.0.9"\r\n\r\nOK\r\n"#;
    play_online(&format!("{UP}{private}\n"), |modem| {
        assert!(modem.attach(&AccessPoint::new("private")).unwrap().was_up);
    });
    // The module does not tell which it is, and does not close it.
    let unknown = r"<< \r\nERROR\r\n
>> AT+CGDCONT?\r
<< \r\nERROR\r\n
>> AT+CGACT=0,1\r
@ 0.3
<< \r\nERROR\r\n
>> AT+CGACT?\r
<< \r\n+CGACT: 1,1\r\n\r\nOK\r\n
";
    play_online(&format!("{UP}{unknown}"), |modem| {
        let error = modem.attach(&AccessPoint::new("private")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
        assert!(error.to_string().contains("the module does not close it"), "{error}");
    });
}

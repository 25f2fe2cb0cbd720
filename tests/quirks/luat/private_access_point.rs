//! The access point of a private network, CPNETAPN (guide, §7; AT manual).

use ftp_modem::emulator::{LuatProfile, Options};
use ftp_modem::modem::{AccessPoint, Authentication};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, opening, play, with};
use crate::support::access::{PASSWORD, server};
use crate::support::replay::ok;
use crate::support::watch::LEAKS;

fn access_point() -> AccessPoint {
    AccessPoint::new("jscmiot").with_credentials("u9682", PASSWORD, Authentication::Chap)
}

#[test]
fn an_access_point_can_be_set_queried_and_cleared() {
    let mut rig = Rig::open(Options::default());
    assert_eq!(rig.modem.private_access_point().unwrap(), None);
    rig.modem.set_private_access_point(&access_point()).unwrap();
    assert_eq!(rig.modem.private_access_point().unwrap(), Some(access_point()));
    rig.modem.clear_private_access_point().unwrap();
    assert_eq!(rig.modem.private_access_point().unwrap(), None);
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new(), "the module prints the password; the log does not");
}

/// The module prints the password that another program has set.
#[test]
fn a_password_that_only_the_module_knows_is_not_logged() {
    let mut rig = Rig::open_after(Options::default(), |line| {
        line.by_another_program(&[&format!("AT+CPNETAPN=2,jscmiot,u9682,{PASSWORD},2")]);
    });
    assert_eq!(rig.modem.private_access_point().unwrap(), Some(access_point()));
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn a_bearer_uses_the_access_point() {
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    // The protocol stack restarts with it, and the bearer of before goes down.
    assert!(!rig.modem.attach_private(&access_point()).unwrap().was_up);
    // Stored already: nothing is written, nothing restarts.
    assert!(rig.modem.attach_private(&access_point()).unwrap().was_up);
    rig.modem.login(&server()).unwrap();
    rig.files.put("/x", "12345");
    assert_eq!(rig.download("/x").unwrap(), b"12345");
    // Longer than the bearer's own parameter takes.
    let long = AccessPoint::new("x".repeat(128));
    rig.modem.attach_private(&long).unwrap();
    assert_eq!(rig.modem.private_access_point().unwrap(), Some(long));
}

#[test]
fn what_cannot_be_stored_is_refused_before_anything_is_sent() {
    let mut rig = Rig::open(Options::default());
    for bad in [
        AccessPoint::default(),
        AccessPoint::new("x".repeat(129)),
        AccessPoint::new("a\"b"),
        AccessPoint::new("a\r\nAT+CFUN=0"),
        AccessPoint::new("a").with_credentials("u".repeat(33), "", Authentication::Pap),
        AccessPoint::new("a").with_credentials("u", "p".repeat(33), Authentication::Pap),
    ] {
        for error in
            [rig.modem.set_private_access_point(&bad).unwrap_err(), rig.modem.attach_private(&bad).unwrap_err()]
        {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        }
    }
    let mut rig = Rig::open(with(|options| options.profile = LuatProfile::Sim800));
    for error in [
        rig.modem.private_access_point().unwrap_err(),
        rig.modem.set_private_access_point(&access_point()).unwrap_err(),
        rig.modem.clear_private_access_point().unwrap_err(),
        rig.modem.attach_private(&access_point()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
}

/// AT manual, CPNETAPN.
#[test]
fn setting_an_access_point_restarts_the_protocol_stack() {
    let text = opening("AirM2M_780E_V1169_LTE_AT")
        + ">> AT+CPNETAPN?\\r\n<< \\r\\nMODE:0\\r\\nAPN:\\r\\nUSR:\\r\\nPWD:\\r\\nAUTHMODE:0\\r\\n\\r\\nOK\\r\\n\n"
        + &ok(&["AT+CPNETAPN=2,\"cmiot\",\"\",\"\",0"])
        + "<~ \\r\\n+SAPBR 1: DEACT\\r\\n\\r\\n+CGEV: NW PDN DEACT 1\\r\\n\n"
        + ">> ATI\\r\n<< \\r\\nAirM2M_780E_V1169_LTE_AT\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+CGATT?\\r\n<< \\r\\n+CGATT: 0\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+CGATT?\\r\n<< \\r\\n+CGATT: 1\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,3,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + &ok(&["AT+SAPBR=3,1,\"CONTYPE\",\"GPRS\"", "AT+SAPBR=3,1,\"APN\",\"cmiot\"", "AT+SAPBR=1,1"])
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,1,\"10.1.2.3\"\\r\\n\\r\\nOK\\r\\n\n";
    // All of it arrives before the driver looks, or not: in both cases the network is waited for.
    play(&text, |modem| {
        assert!(!modem.attach_private(&AccessPoint::new("cmiot")).unwrap().was_up);
    });
}

/// One line in the guide; in the manual it is stored, restarts the protocol stack, and stays in force over a restart.
#[test]
fn setting_an_access_point_takes_the_bearer_down() {
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.modem.login(&server()).unwrap();
    rig.modem.set_private_access_point(&AccessPoint::new("cmiot")).unwrap();
    assert_eq!(rig.modem.list("/").unwrap_err().kind(), ErrorKind::BearerLost);
    assert!(!rig.modem.attach_private(&AccessPoint::new("cmiot")).unwrap().was_up);
    rig.modem.list("/").unwrap();
}

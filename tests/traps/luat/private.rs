//! The access point of a private network, CPNETAPN.

use std::time::Duration;

use ftp_modem::backend::luat::Luat;
use ftp_modem::emulator::{self, LuatProfile, MemoryServer, Module, Options};
use ftp_modem::modem::{AccessPoint, Authentication, Retrieve};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{ErrorKind, FtpModem, OpenOptions};

use super::{luat, ok, opening, play, with};
use crate::support::bench::{PASSWORD, server};
use crate::support::watch::{self, LEAKS};

fn access_point() -> AccessPoint {
    AccessPoint::new("jscmiot").with_credentials("u9682", PASSWORD, Authentication::Chap)
}

#[test]
fn set_asked_for_and_cleared() {
    let (mut modem, _) = luat(Options::default());
    assert_eq!(modem.private_access_point().unwrap(), None);
    modem.set_private_access_point(&access_point()).unwrap();
    assert_eq!(modem.private_access_point().unwrap(), Some(access_point()));
    modem.clear_private_access_point().unwrap();
    assert_eq!(modem.private_access_point().unwrap(), None);
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new(), "the module tells the password; the log does not");
}

#[test]
fn a_password_that_only_the_module_knows_is_not_logged() {
    watch::watch();
    let mut module = Module::new(emulator::Family::Luat, MemoryServer::new().remote(), Options::default());
    let command = format!("AT+CPNETAPN=2,jscmiot,u9682,{PASSWORD},2\r");
    module.receive(Duration::ZERO, command.as_bytes());
    module.transmit(Duration::ZERO, &mut Vec::new());
    let mut modem: Luat = OpenOptions::new().open_as_on(MemoryPipe::new(module)).unwrap();
    assert_eq!(modem.private_access_point().unwrap(), Some(access_point()));
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn attached_through_it() {
    let (mut modem, files) = luat(Options::default());
    modem.attach(&AccessPoint::default()).unwrap();
    // The protocol stack restarts with it, and the bearer of before goes down.
    assert!(!modem.attach_private(&access_point()).unwrap().was_up);
    // Stored already: nothing is written, nothing restarts.
    assert!(modem.attach_private(&access_point()).unwrap().was_up);
    modem.login(&server()).unwrap();
    files.put("/x", "12345");
    let mut bytes = Vec::new();
    modem.retrieve("/x", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!(bytes, b"12345");
    // Longer than the bearer's own parameter takes.
    let long = AccessPoint::new("x".repeat(128));
    modem.attach_private(&long).unwrap();
    assert_eq!(modem.private_access_point().unwrap(), Some(long));
}

#[test]
fn what_cannot_be_stored_is_refused_before_anything_is_sent() {
    let (mut modem, _) = luat(Options::default());
    for bad in [
        AccessPoint::default(),
        AccessPoint::new("x".repeat(129)),
        AccessPoint::new("a\"b"),
        AccessPoint::new("a\r\nAT+CFUN=0"),
        AccessPoint::new("a").with_credentials("u".repeat(33), "", Authentication::Pap),
        AccessPoint::new("a").with_credentials("u", "p".repeat(33), Authentication::Pap),
    ] {
        for error in [modem.set_private_access_point(&bad).unwrap_err(), modem.attach_private(&bad).unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        }
    }
    let (mut modem, _) = luat(with(|options| options.profile = LuatProfile::Sim800));
    for error in [
        modem.private_access_point().unwrap_err(),
        modem.set_private_access_point(&access_point()).unwrap_err(),
        modem.clear_private_access_point().unwrap_err(),
        modem.attach_private(&access_point()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
}

#[test]
fn the_lines_of_a_stack_that_restarts() {
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

//! Lines that the module prints of its own accord.

use ftp_modem::modem::Retrieve;
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{Rig, online, with};
use crate::support::access::{HOST, USER, server};

/// FTPINFO=1 prints every command and reply of the control connection as `+FTPINFO: <text>` (G24 manual, p. 1-13).
#[test]
fn the_replies_of_the_server_are_switched_off_or_skipped() {
    // The login switches it off. On a firmware where it stays on, the lines are skipped.
    for stays_on in [false, true] {
        let mut rig = Rig::open(with(|_| ()));
        rig.go_online();
        if stays_on {
            rig.line.by_another_program(&["AT+FTPINFO=1"]);
            rig.line.answer("AT+FTPINFO=0", b"\r\nOK\r\n");
        }
        rig.files.put("/logs/a", "x");
        for _ in 0..30 {
            rig.works_both_ways();
            assert_eq!(rig.modem.names("/logs").unwrap(), [b"a"]);
            assert_eq!(rig.modem.size("/logs/a").unwrap(), 1);
            let mut bytes = Vec::new();
            rig.modem.retrieve_streamed("/logs/a", &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!(bytes, b"x");
        }
        rig.modem.login(&Server::new(HOST, USER, "wrong")).unwrap_err();
    }
    // It is switched off, however the login ended.
    let mut rig = online(|_| ());
    rig.modem.login(&Server::new(HOST, USER, "wrong")).unwrap_err();
    assert_eq!(rig.line.commands("AT+FTPINFO").last().unwrap(), "AT+FTPINFO=0");
    rig.line.clear();
    rig.line.answer("AT+FTPOPEN", b"\r\nOK\r\n");
    assert_eq!(rig.modem.login(&server()).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(rig.line.commands("AT+FTPINFO").last().unwrap(), "AT+FTPINFO=0");
}

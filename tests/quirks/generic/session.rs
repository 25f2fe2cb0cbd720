//! Sessions and their loss.

use ftp_modem::backend::generic::Generic;
use ftp_modem::emulator::{NetworkCause, Operation, RemoteError};
use ftp_modem::modem::{Retrieve, SessionState, Store};
use ftp_modem::{ErrorKind, FtpModem, Result};

use super::{online, play_online};
use crate::support::access::server;

/// The server closes the control connection with 421 (RFC 959 §4.2.2). FTPQUIT distinguishes that from a refusal.
#[test]
fn a_session_that_the_server_has_closed_is_no_refusal() {
    type Call = fn(&mut Generic) -> Result<()>;
    let calls: [(&str, Operation, Call); 3] = [
        ("list", Operation::List, |modem| modem.list("/").map(drop)),
        ("download", Operation::Retrieve, |modem| modem.retrieve("/f", &Retrieve::whole(), &mut vec![]).map(drop)),
        ("upload", Operation::Store, |modem| modem.store("/g", &Store::create(), &mut &b"x"[..]).map(drop)),
    ];
    for (what, operation, call) in calls {
        let mut rig = online(|_| {});
        rig.files.put("/f", "12345");
        rig.files.fail_next(operation, RemoteError::reply(421, "Timeout."));
        let error = call(&mut rig.modem).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::SessionLost, true), "{what}: {error}");
        call(&mut rig.modem).unwrap_or_else(|error| panic!("{what} afterwards: {error}"));
    }
    // A listing is requested once more behind a bare ERROR.
    let mut rig = online(|_| {});
    for _ in 0..2 {
        rig.files.fail_next(Operation::List, RemoteError::reply(550, "No."));
    }
    let error = rig.modem.list("/").unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::ServerRefused, true), "{error}");
    assert_eq!(rig.files.sessions(), 0, "ended, not left open");
}

/// There are no unsolicited result codes. FTPQUIT may give `ERROR` then.
#[test]
fn a_loss_shows_at_the_next_command() {
    for cause in [NetworkCause::Dropped, NetworkCause::Timeout] {
        let mut rig = online(|_| {});
        rig.files.add_directory("/d");
        rig.modem.cwd("/d").unwrap();
        rig.files.fail_next(Operation::MakeDir, RemoteError::Network(cause));
        let error = rig.modem.mkdir("x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
        // The next one reopens the session, in the same directory.
        rig.modem.mkdir("x").unwrap();
        assert!(rig.files.is_directory("/d/x"));
        // FTPQUIT is refused then; the session is closed all the same.
        rig.files.fail_next(Operation::MakeDir, RemoteError::Network(NetworkCause::Dropped));
        rig.modem.mkdir("y").unwrap_err();
        rig.modem.logout().unwrap();
        rig.modem.login(&server()).unwrap();
        rig.still_works();
    }
    play_online(
        r"
>> AT+FTPQUIT\r
<< \r\nERROR\r\n
",
        |modem| {
            modem.logout().unwrap();
            assert_eq!(modem.status().unwrap(), SessionState::Closed);
        },
    );
}

/// The driver queries the bearer before it reports the cause.
#[test]
fn a_session_that_cannot_be_reopened_without_a_bearer_says_so() {
    for (state, kind) in [("1,0", ErrorKind::BearerLost), ("1,1", ErrorKind::ConnectFailed)] {
        let lines = format!(
            r"
>> AT+FTPMKD=/d\r
@ 0.3
<< \r\nERROR\r\n
>> AT+FTPQUIT\r
<< \r\nERROR\r\n
>> AT+FTPPORT=21\r
<< \r\nOK\r\n
>> AT+FTPMODE=1\r
<< \r\nOK\r\n
>> AT+FTPSERV=10.0.0.1\r
<< \r\n+FTPSERV:3\r\n\r\nOK\r\n
>> AT+CGACT?\r
<< \r\n+CGACT: {}\r\n\r\nOK\r\n
",
            state
        );
        play_online(&lines, |modem| {
            assert_eq!(modem.mkdir("/d").unwrap_err().kind(), ErrorKind::SessionLost);
            let error = modem.mkdir("/d").unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        });
    }
}

//! Sessions and their loss.

use ftp_modem::emulator::{NetworkCause, Operation, RemoteError};
use ftp_modem::modem::SessionState;
use ftp_modem::{ErrorKind, FtpModem};

use super::{online, play_online};
use crate::support::access::server;

/// There are no unsolicited result codes. FTPQUIT may give `ERROR` then.
#[test]
fn a_loss_shows_at_the_next_command() {
    for cause in [NetworkCause::Dropped, NetworkCause::Timeout] {
        let mut rig = online(|_| {});
        rig.files.add_directory("/d");
        rig.modem.cwd("/d").unwrap();
        rig.files.fail_next(Operation::MakeDir, RemoteError::Network(cause));
        let error = rig.modem.mkdir("x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ServerRefused, "{error}");
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
            assert_eq!(modem.mkdir("/d").unwrap_err().kind(), ErrorKind::ServerRefused);
            let error = modem.mkdir("/d").unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        });
    }
}

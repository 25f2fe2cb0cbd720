//! The guide's three retries of the bearer, the login and operations without file data (§3.2).

use std::time::Duration;

use ftp_modem::emulator::{CallFailure, Operation, Options, RemoteError};
use ftp_modem::modem::AccessPoint;
use ftp_modem::{Controls, ErrorKind, FtpModem, Server};

use super::{Rig, online, with};
use crate::support::access::{HOST, USER, server};

#[test]
fn a_call_that_fails_three_times_is_dialled_a_fourth_time() {
    for failure in [CallFailure::OkThenZero, CallFailure::OkThenError, CallFailure::Error] {
        for (failed, calls) in [(3, 4), (4, 4)] {
            let mut rig = Rig::open(with(|options| {
                options.call_failure = failure;
                options.failed_calls = failed;
            }));
            let outcome = rig.modem.attach(&AccessPoint::default());
            assert_eq!(outcome.is_ok(), failed < calls, "{failure:?} {outcome:?}");
            // A line that is refused at once is sent once more by itself.
            assert!(rig.line.commands("AT+MIPCALL=1").len() >= 2, "{failure:?}");
            rig.go_online();
            rig.works_both_ways();
        }
    }
}

#[test]
fn a_server_that_is_busy_for_a_moment_is_called_once_more() {
    let busy = || RemoteError::Reply { code: 421, text: "too many users".into() };
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.files.fail_next(Operation::Connect, busy());
    rig.modem.login(&server()).unwrap();
    rig.works_both_ways();
}

#[test]
fn attempts_that_take_long_leave_no_time_for_all_retries() {
    let slow = Options::default().with_command_latency("+FTPOPEN", Duration::from_secs(80));
    let mut rig = Rig::open(slow);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    for _ in 0..4 {
        rig.files.fail_next(Operation::Connect, RemoteError::Reply { code: 421, text: "too many users".into() });
    }
    let before = rig.line.elapsed();
    rig.modem.login(&server()).unwrap_err();
    assert_eq!(rig.line.commands("AT+FTPOPEN=").len(), 2, "the limit is 150 s");
    assert!(rig.line.elapsed() - before < Duration::from_secs(170), "{:?}", rig.line.elapsed() - before);
}

/// A wrong password that is repeated may lock the account.
#[test]
fn what_stays_is_not_retried() {
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let wrong = Server::new(HOST, USER, "wrong").with_port(2121);
    for without_conversation in [false, true] {
        if without_conversation {
            rig.line.answer("AT+FTPINFO", b"\r\nERROR\r\n");
        }
        rig.line.clear();
        rig.modem.login(&wrong).unwrap_err();
        let logins = rig.line.commands("AT+FTPOPEN").len();
        assert!(logins <= 2, "{logins} logins, one of them behind the end of a session that may be open");
    }
    let mut rig = online(|_| ());
    rig.line.clear();
    assert_eq!(rig.modem.cwd("/missing").unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(rig.line.commands("AT+FTPCWD").len(), 1);
}

#[test]
fn retries_share_the_limit_of_one_attempt() {
    let mut rig = online(|_| ());
    rig.line.answer("AT+FTPMKD", b"\r\nERROR\r\n");
    let before = rig.line.elapsed();
    rig.modem.mkdir("a").unwrap_err();
    let pauses = rig.line.elapsed() - before;
    assert!((Duration::from_secs(3)..Duration::from_secs(5)).contains(&pauses), "{pauses:?}");
    // A budget leaves no room for the pauses.
    rig.modem.set_controls(Controls::new().with_budget(Duration::from_millis(1500)));
    let before = rig.line.elapsed();
    rig.modem.mkdir("a").unwrap_err();
    assert!(rig.line.elapsed() - before <= Duration::from_millis(1650));
}

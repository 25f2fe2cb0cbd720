//! FTPOPEN: the account, the port, and a session that another program left open.

use ftp_modem::emulator::{Options, PortField, Refusal};
use ftp_modem::modem::{AccessPoint, DataConnection, SessionState};
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{Rig, online, with};
use crate::support::access::{HOST, PASSWORD, USER, server};

/// The guide, §3.2 and §3.3, has it in the fifth. There the G24 manual has the source port, as do the MC66x SDK
/// (cbb_cmd_ftp.h) and two public drivers; the example of the guide works because 21 is the default.
#[test]
fn the_port_is_the_sixth_field() {
    let mut rig = Rig::open(with(|options| options.port_field = PortField::Sixth));
    rig.files.refuse_port(21);
    rig.go_online();
    assert!(rig.line.commands("AT+FTPOPEN")[0].ends_with(",\"\",,2121,"));
    rig.works_both_ways();
    // A firmware that takes the fifth goes to port 21; the login fails, and the driver goes nowhere else.
    let mut rig = Rig::open(with(|options| options.port_field = PortField::Fifth));
    rig.files.refuse_port(21);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let error = rig.modem.login(&server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectFailed, "{error}");
}

/// A second FTPOPEN fails, on the G24 with code 302, "FTP session is active".
#[test]
fn a_session_that_another_program_left_open_is_closed() {
    let open = format!("AT+FTPOPEN=\"{HOST}\",\"{USER}\",\"{PASSWORD}\",\"\",,2121,");
    for refusal in [Refusal::Plain, Refusal::Cme, Refusal::Numbered] {
        for accepted in [false, true] {
            let left = with(|options| {
                options.refusal = refusal;
                options.second_open_accepted = accepted;
            });
            let mut rig = Rig::open_after(left.with_cmee(1), |line| {
                line.by_another_program(&["AT+MIPCALL=1", &open]);
            });
            assert_eq!(rig.files.sessions(), 1);
            rig.go_online();
            assert_eq!(rig.files.sessions(), 1, "{refusal:?}, {accepted}");
            rig.works_both_ways();
            // The driver closes its own session before it opens another.
            rig.line.clear();
            rig.modem.login(&server().with_port(2122)).unwrap();
            assert_eq!(rig.line.commands("AT+FTP")[0], "AT+FTPCLOSE");
            assert_eq!(rig.files.sessions(), 1, "{refusal:?}, {accepted}");
            rig.works_both_ways();
        }
    }
    // The `ERROR` of a needless FTPCLOSE is not an error of the driver.
    let mut rig = online(|_| ());
    rig.line.by_another_program(&["AT+FTPCLOSE"]);
    rig.modem.logout().unwrap();
    rig.modem.login(&server()).unwrap();
    rig.line.by_another_program(&["AT+FTPCLOSE"]);
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
    rig.works_both_ways();
}

/// Empty strings make the call fail even on anonymous servers (release notes of the MC66x SDK).
#[test]
fn an_anonymous_login_has_a_name_and_a_password() {
    for (user, password, sent) in [
        ("", "", "\"anonymous\",\"guest\""),
        ("anonymous", "", "\"anonymous\",\"guest\""),
        ("anonymous", "me@example.com", "\"anonymous\",\"me@example.com\""),
    ] {
        let mut rig = Rig::open(with(|_| ()));
        rig.files.add_user("anonymous", if password.is_empty() { "guest" } else { password });
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.modem.login(&Server::new(HOST, user, password)).unwrap();
        assert!(rig.line.commands("AT+FTPOPEN")[0].contains(sent), "{user:?}");
        rig.works_both_ways();
    }
    // An account with a name and no password cannot work: it is refused before anything is sent.
    let mut rig = Rig::open(with(|_| ()));
    rig.line.clear();
    let error = rig.modem.login(&Server::new(HOST, USER, "")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert_eq!(rig.line.sent(), b"");
}

/// The guide, §3.2; the opposite of the FTPSERV dialect and of OneMO's `transmode`.
#[test]
fn ftpmode_0_is_passive() {
    let mut rig = online(|options| options.active_mode_works = false);
    assert_eq!(rig.line.commands("AT+FTPMODE"), ["AT+FTPMODE=0"]);
    rig.works_both_ways();
    rig.modem.logout().unwrap();
    rig.modem.use_data_connection(DataConnection::Active).unwrap();
    rig.line.clear();
    rig.modem.login(&server()).unwrap();
    assert_eq!(rig.line.commands("AT+FTPMODE"), ["AT+FTPMODE=1"]);
    rig.upload_stream("/a", b"x").unwrap_err();
    rig.modem.logout().unwrap();
    rig.modem.use_data_connection(DataConnection::Passive).unwrap();
    rig.modem.login(&server()).unwrap();
    rig.works_both_ways();
}

/// FTPMODE; a module that knows only one mode is left in it.
#[test]
fn active_mode_is_kept_for_the_sessions_to_come() {
    let mut rig = Rig::open(Options::default());
    rig.modem.use_data_connection(DataConnection::Active).unwrap();
    rig.go_online();
    rig.works_both_ways();
    rig.modem.logout().unwrap();
    rig.line.clear();
    rig.modem.login(&server()).unwrap();
    assert_eq!(rig.line.commands("AT+FTPMODE"), ["AT+FTPMODE=1"]);
    let mut rig = Rig::open(Options::default());
    rig.line.answer("AT+FTPMODE", b"\r\nERROR\r\n");
    rig.modem.use_data_connection(DataConnection::Active).unwrap();
    rig.modem.attach(&AccessPoint::default()).unwrap();
    assert_eq!(rig.modem.login(&server()).unwrap_err().kind(), ErrorKind::Unsupported);
    rig.modem.use_data_connection(DataConnection::Passive).unwrap();
    rig.go_online();
    rig.works_both_ways();
}

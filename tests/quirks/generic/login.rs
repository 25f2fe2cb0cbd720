//! FTPSERV, FTPUN, FTPPW.

use std::time::Duration;

use ftp_modem::emulator::{PortForm, ServerFailure, Spacing};
use ftp_modem::modem::{AccessPoint, DataConnection};
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{Rig, every_operation_works, online, play_online, with};
use crate::support::access::{HOST, PASSWORD, USER, server};

/// FTPSERV answers when it is connected; codes 1 to 5 say why it is not (manual, FTPSERV). `OK`, `ERROR`, or neither
/// follows them.
#[test]
fn connecting_takes_long_and_fails_in_three_ways() {
    let mut rig = Rig::open(with(|_| {}).with_network_latency(Duration::from_secs(80)));
    rig.go_online();
    for server_failure in [ServerFailure::CodeThenOk, ServerFailure::CodeThenError, ServerFailure::ErrorOnly] {
        for spacing in [Spacing::None, Spacing::AfterColon] {
            let options = with(|it| it.server_failure = server_failure).with_spacing(spacing);
            let mut rig = Rig::open(options);
            let no_reason = server_failure == ServerFailure::ErrorOnly;
            let expected = |kind| if no_reason { ErrorKind::ConnectFailed } else { kind };
            let error = rig.modem.login(&server()).unwrap_err();
            assert_eq!(error.kind(), expected(ErrorKind::BearerLost), "{error}");
            rig.modem.attach(&AccessPoint::default()).unwrap();
            rig.files.refuse_port(2121);
            let error = rig.modem.login(&server()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectFailed, "{error}");
            rig.files.forget_host(HOST);
            let error = rig.modem.login(&server().with_port(2122)).unwrap_err();
            assert_eq!(error.kind(), expected(ErrorKind::InvalidInput), "{error}");
            assert_eq!(error.is_retryable(), no_reason, "a wrong address stays wrong: {error}");
            if !no_reason {
                assert_eq!(error.module_code().unwrap().value, "2", "{error}");
            }
        }
    }
}

/// The codes of FTPSERV (manual, FTPSERV).
#[test]
fn every_code_of_a_connection_that_fails_has_its_kind() {
    use ErrorKind::{BearerLost, ConnectFailed, InvalidInput, NetworkTimeout, ServerRefused};
    for (code, kind, is_retryable) in [
        (1, BearerLost, true),
        (2, InvalidInput, false),
        (3, ConnectFailed, true),
        (4, NetworkTimeout, true),
        (5, ServerRefused, false),
    ] {
        let mut rig = Rig::open(with(|_| {}));
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.line.answer("AT+FTPSERV", format!("\r\n+FTPSERV:{code}\r\n\r\nERROR\r\n").as_bytes());
        let error = rig.modem.login(&server()).unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (kind, is_retryable), "{code}: {error}");
    }
}

/// The manual: `OK` or `ERROR` in the table, `+FTPSERV:0` and `OK` in the examples.
#[test]
fn ok_behind_a_code_is_not_success() {
    for server_failure in [ServerFailure::CodeThenOk, ServerFailure::CodeThenError] {
        let mut rig = Rig::open(with(|it| it.server_failure = server_failure));
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.files.refuse_port(2121);
        let error = rig.modem.login(&server()).unwrap_err();
        assert_eq!((error.kind(), error.module_code().unwrap().value.as_str()), (ErrorKind::ConnectFailed, "3"));
    }
}

/// FTPPORT and FTPMODE before FTPSERV, FTPUN and FTPPW behind it (example of the manual): an `ERROR` of the last two
/// can be a refused login.
#[test]
fn a_login_has_an_order() {
    let mut rig = Rig::open(with(|_| {}));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let (_, sent) = rig.line.clone().sent_by(|| rig.modem.login(&server()).unwrap());
    let commands = ["FTPPORT=2121", "FTPMODE=1", "FTPSERV=", "FTPUN=", "FTPPW=", "FTPTYPE=I"];
    let places = commands.map(|command| sent.find(command).unwrap_or_else(|| panic!("{command}: {sent}")));
    assert!(places.is_sorted(), "{sent}");
    rig.modem.logout().unwrap();
    for (user, password) in [(USER, "wrong"), ("stranger", PASSWORD)] {
        let error = rig.modem.login(&Server::new(HOST, user, password).with_port(2121)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LoginRefused, "{error}");
        assert_eq!(rig.files.sessions(), 0, "a connection without a login is closed");
    }
    rig.modem.login(&server()).unwrap();
    rig.still_works();
}

/// `AT+FTPPORT` in the older edition of the manual, `AT+FTPSERV=<ip>,<port>` in the newer one (mkdocs.ucthings.com).
#[test]
fn the_port_has_two_forms() {
    for (port_form, form) in [(PortForm::Command, "FTPPORT=2121\r"), (PortForm::InServer, ",2121\r")] {
        let mut rig = online(|it| it.port_form = port_form);
        assert!(rig.line.text().contains(form), "{}", rig.line.text());
        every_operation_works(&mut rig);
    }
}

/// FTPPORT has no section of its own in the manual.
#[test]
fn the_port_can_be_changed_in_either_form() {
    for port_form in [PortForm::Command, PortForm::InServer] {
        let mut rig = online(|it| it.port_form = port_form);
        rig.still_works();
        rig.modem.logout().unwrap();
        rig.modem.login(&server().with_port(2122)).unwrap();
        rig.still_works();
    }
}

/// The parameter of FTPSERV is called an IP address (manual).
#[test]
fn names_are_resolved_by_the_host() {
    let mut rig = Rig::open(with(|_| {}));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.modem.login(&Server::new("localhost", USER, PASSWORD)).unwrap();
    let sent = rig.line.text();
    assert!(sent.contains("AT+FTPSERV=127.0.0.1\r"), "{sent}");
    let (error, sent) =
        rig.line.clone().sent_by(|| rig.modem.login(&Server::new("no such host", USER, PASSWORD)).unwrap_err());
    assert_eq!((error.kind(), sent.as_str()), (ErrorKind::NameResolution, ""), "{error}");
}

/// Logs out, and logs in a second time: the answers of the module to each command, which the server takes its time
/// for, and the outcome.
#[track_caller]
fn second_login(exchange: &[(&str, &str)], outcome: Option<ErrorKind>) {
    let mut lines = String::from(
        r"
>> AT+FTPQUIT\r
<< \r\nOK\r\n
",
    );
    for (command, answer) in exchange {
        lines += &format!(
            r"
>> AT{command}\r
@ 0.3
<< \r\n{answer}\r\n
"
        );
    }
    play_online(&lines, |modem| {
        modem.logout().unwrap();
        let login = modem.login(&Server::new("10.0.0.1", "u", "p"));
        assert_eq!(login.as_ref().err().map(ftp_modem::Error::kind), outcome, "{exchange:?}: {login:?}");
    });
}

/// FTPSERV is refused while a session or an upload is open.
#[test]
fn what_another_program_left_open_is_ended_before_a_login() {
    const SERV: [(&str, &str); 2] = [("+FTPPORT=21", "OK"), ("+FTPMODE=1", "OK")];
    const REFUSED: (&str, &str) = ("+FTPSERV=10.0.0.1", "ERROR");
    const TAKEN: (&str, &str) = ("+FTPSERV=10.0.0.1", "+FTPSERV:0\\r\\n\\r\\nOK");
    const LOGIN: [(&str, &str); 3] = [("+FTPUN=u", "OK"), ("+FTPPW=p", "OK"), ("+FTPTYPE=I", "OK")];
    let repeated =
        |left: &[(&'static str, &'static str)]| [&SERV, &[REFUSED][..], left, &SERV, &[TAKEN], &LOGIN].concat();
    let refused = |left: &[(&'static str, &'static str)]| [&SERV, &[REFUSED][..], left].concat();
    // A session; and an upload, which has to be ended first.
    second_login(&repeated(&[("+FTPQUIT", "OK")]), None);
    second_login(&repeated(&[("+FTPQUIT", "ERROR"), ("+FTPPUT=0", "OK"), ("+FTPQUIT", "OK")]), None);
    // Nothing was left.
    let nothing = [("+FTPQUIT", "ERROR"), ("+FTPPUT=0", "ERROR"), ("+FTPPUT=0,", "ERROR")];
    second_login(&refused(&nothing), Some(ErrorKind::ConnectFailed));
    // Aborted by the module, which shows no upload.
    let aborted = [("+FTPQUIT", "ABORT")];
    second_login(&refused(&aborted), Some(ErrorKind::ConnectFailed));
}

/// `ERROR` of FTPUN or FTPPW is a refusal; `ABORT` is a busy module.
#[test]
fn a_login_that_the_module_aborts_is_not_a_refusal_of_the_server() {
    let refused = |command: usize, answer: &'static str, then: &[(&'static str, &'static str)]| {
        let mut exchange = vec![("+FTPPORT=21", "OK"), ("+FTPMODE=1", "OK")];
        exchange.push(("+FTPSERV=10.0.0.1", "+FTPSERV:0\\r\\n\\r\\nOK"));
        exchange.extend([("+FTPUN=u", "OK"), ("+FTPPW=p", "OK")]);
        exchange.truncate(3 + command);
        exchange[2 + command].1 = answer;
        [&exchange[..], then].concat()
    };
    const PROBE: (&str, &str) = ("I", "UC8088_V1.0\\r\\n\\r\\nOK");
    for command in [1, 2] {
        second_login(&refused(command, "ERROR", &[("+FTPQUIT", "OK")]), Some(ErrorKind::LoginRefused));
        second_login(&refused(command, "ABORT", &[PROBE, ("+FTPQUIT", "OK")]), Some(ErrorKind::ModuleBusy));
    }
}

/// 0 active, 1 passive (manual, FTPMODE).
#[test]
fn active_and_passive_mode_can_be_chosen() {
    for (passive, mode) in [(false, DataConnection::Active), (true, DataConnection::Passive)] {
        let mut rig = Rig::open(with(|it| it.initial_mode = u8::from(!passive)));
        rig.modem.use_data_connection(mode).unwrap();
        rig.go_online();
        let set = format!("FTPMODE:{}", u8::from(passive));
        assert!(rig.modem.configuration().unwrap().contains(&set));
        assert_eq!(rig.modem.use_data_connection(mode).unwrap_err().kind(), ErrorKind::WrongState);
        every_operation_works(&mut rig);
    }
}

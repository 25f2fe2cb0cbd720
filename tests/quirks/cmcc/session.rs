//! Sessions: blocked commands, lost connections, six connections.

use std::time::Duration;

use ftp_modem::backend::china_mobile::ChinaMobile;
use ftp_modem::emulator::StateErrors;
use ftp_modem::modem::{AccessPoint, Retrieve, SessionState, Store};
use ftp_modem::transfer::Clock;
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, code, every_operation_works, online, play_online, with};
use crate::support::access::server;
use crate::support::payload::pattern;

/// 4: "the last command is not finished" (manual, §5).
#[test]
fn a_blocked_command_is_repeated_a_few_times() {
    for busy_together in [false, true] {
        let commands = ["+MFTPCWD", "+MFTPPWD", "+MFTPMKD", "+MFTPLIST", "+MFTPRN", "+MFTPRETR", "+MFTPDEL"];
        let mut rig = online(|it| {
            it.results = commands.iter().map(|command| ((*command).to_owned(), 4)).collect();
            it.busy_together = busy_together;
        });
        rig.files.put("/x", pattern(2000));
        let check = |operation: &str, modem: &mut ChinaMobile| match operation {
            "+MFTPCWD" => modem.cwd("/"),
            "+MFTPPWD" => modem.pwd().map(drop),
            "+MFTPMKD" => modem.mkdir("/made"),
            "+MFTPLIST" => modem.list("/").map(drop),
            "+MFTPDEL" => modem.remove("/x"),
            "+MFTPRN" => modem.rename("/x", "/y").and_then(|()| modem.rename("/y", "/x")),
            "+MFTPRETR" => modem.retrieve("/x", &Retrieve::whole(), &mut Vec::new()).map(drop),
            command => panic!("{command}"),
        };
        for command in commands {
            check(command, &mut rig.modem).unwrap_or_else(|error| panic!("{command}: {error}"));
        }
        rig.still_works();
    }
    // Blocked without end: the driver stops after some attempts.
    let mut rig = online(|it| it.results = vec![("+MFTPCWD".into(), 4); 100]);
    let before = rig.line.elapsed();
    let error = rig.modem.cwd("/").unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::ModuleBusy, "4"), "{error}");
    assert!(error.is_retryable() && rig.line.elapsed() - before < Duration::from_secs(40));
    rig.still_works();
    // Instead of the prompt, on either side of `OK`, and as `+CME ERROR`.
    for refusal in [
        "<< \\r\\nOK\\r\\n\\r\\n+MFTPSTOR: 0,4,0\\r\\n\n",
        "<< \\r\\n+MFTPSTOR: 0,4,0\\r\\n\\r\\nOK\\r\\n\n",
        "<< \\r\\n+CME ERROR: 802\\r\\n\n",
    ] {
        let lines = format!(
            r#"
>> AT+MFTPSTOR=0,"f",1,2\r
{refusal}@ 2
>> AT+MFTPSTOR=0,"f",1,2\r
<< \r\n>
>> ab
<< \r\nOK\r\n\r\n+MFTPSTOR: 0,0,2\r\n
"#
        );
        play_online(&lines, |modem| {
            assert_eq!(modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap().bytes, 2);
        });
    }
}

/// The pauses are those of the virtual line.
#[test]
fn a_blocked_command_is_repeated_soon_and_then_less_often() {
    let mut rig = online(|it| it.results = vec![("+MFTPCWD".into(), 4); 6]);
    rig.line.clear();
    rig.modem.cwd("/").unwrap();
    let sent: Vec<Duration> = rig.line.writes().iter().map(|(time, _)| *time).collect();
    let pauses: Vec<Duration> = sent.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses, [250, 500, 1000, 2000, 2000, 2000].map(Duration::from_millis));
}

/// The data would come twice.
#[test]
fn a_blocked_command_with_data_before_it_is_not_repeated() {
    let lines = r#"
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",4,20220816182200,"rw-"\r\n
>> AT+MFTPRETR=0,"f",,0\r
<< \r\nOK\r\n\r\n+MFTPRETR: 0,0,2,2,ab\r\n\r\n+MFTPRETR: 0,4\r\n
@ 1
>> ATI\r
<< \r\nML307R\r\n\r\nOK\r\n
>> AT+MFTPDISC=0\r
<< \r\nOK\r\n\r\n+MFTPDISC: 0,0\r\n
"#;
    play_online(lines, |modem| {
        let mut bytes = Vec::new();
        let error = modem.retrieve("f", &Retrieve::whole(), &mut bytes).unwrap_err();
        assert_eq!(
            (error.kind(), error.transferred(), bytes.as_slice()),
            (ErrorKind::DataConnection, Some(2), &b"ab"[..])
        );
        assert!(error.module_usable());
    });
}

/// `+MFTPURC: <id>,"conn",0` (manual, §3.14); MFTPDISC then gives 801 or 804.
#[test]
fn a_connection_may_end_at_any_moment() {
    let bye = "\\r\\n+MFTPURC: 0,\"conn\",0\\r\\n";
    let during = [
        format!(
            r#"
>> AT+MFTPCWD=0,"/a"\r
<< {bye}
"#
        ),
        format!(
            r#"
>> AT+MFTPCWD=0,"/a"\r
<< \r\nOK\r\n{bye}
"#
        ),
        format!(
            r#"
>> AT+MFTPCWD=0,"/a"\r
<< \r\nOK\r\n
@ 3
<< {bye}
"#
        ),
    ];
    for lines in during {
        // No MFTPDISC follows.
        play_online(&lines, |modem| {
            let error = modem.cwd("/a").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
            assert!(error.is_retryable() && error.module_usable());
        });
    }
    let list = r#"
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",9,20220816182200,"rw-"\r\n
"#;
    let retr = ">> AT+MFTPRETR=0,\"f\",,0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 0,0,4,4,abcd\\r\\n";
    play_online(&format!("{list}{retr}{bye}\n"), |modem| {
        let error = modem.retrieve("f", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::SessionLost, Some(4)), "{error}");
    });
    let stor = r#"
>> AT+MFTPSTOR=0,"f",1,2\r
<< \r\n>
>> ab
<< \r\nOK\r\n"#;
    play_online(&format!("{stor}{bye}\n"), |modem| {
        let error = modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::SessionLost, Some(2)), "{error}");
    });
    // While no operation is in progress: the next one reopens it, in the same directory.
    let mut rig = online(|it| it.drop_after = Some(Duration::from_secs(2)));
    rig.files.add_directory("/a/b");
    rig.modem.cwd("/a").unwrap();
    rig.modem.cwd("b").unwrap();
    rig.line.say("+MFTPURC: 3,\"conn\",0");
    let (path, sent) = rig.line.clone().sent_by(|| rig.modem.pwd().unwrap());
    assert!(path == "/a/b" && !sent.contains("+MFTPCONN"), "{sent}");
    rig.line.say("+MFTPURC: 0,\"conn\",0");
    rig.line.sleep(Duration::from_secs(3));
    let (path, sent) = rig.line.clone().sent_by(|| rig.modem.pwd().unwrap());
    assert!(path == "/a/b" && sent.contains("+MFTPCONN") && !sent.contains("+MFTPDISC"), "{sent}");
}

/// `+CME ERROR` (manual, §5). One example of §4.1 lacks the third line of MFTPDISC.
#[test]
fn closing_a_dead_connection_is_no_error() {
    for state_errors in [StateErrors::Running, StateErrors::PerCommand] {
        for disconnect_urc in [false, true] {
            let mut rig = online(|it| {
                it.state_errors = state_errors;
                it.disconnect_urc = disconnect_urc;
                it.drop_after = Some(Duration::from_secs(2));
            });
            rig.line.sleep(Duration::from_secs(3));
            let (_, sent) = rig.line.clone().sent_by(|| rig.modem.logout().unwrap());
            assert!(sent.contains("+MFTPDISC") || sent.is_empty(), "{sent}");
            rig.modem.login(&server()).unwrap();
            rig.still_works();
            rig.modem.logout().unwrap();
            rig.modem.login(&server()).unwrap();
            rig.still_works();
            rig.modem.logout().unwrap();
            assert_eq!(rig.files.sessions(), 0);
        }
    }
}

/// 0 to 5 (manual, §3.2).
#[test]
fn each_of_the_six_connections_works() {
    for connection in 0..6 {
        let mut rig = Rig::open(with(|_| {}));
        rig.modem.use_connection(connection).unwrap();
        assert_eq!(rig.modem.connection(), connection);
        rig.go_online();
        every_operation_works(&mut rig);
        let states = rig.modem.connections().unwrap();
        assert!(
            (0..6).zip(states).all(|(it, state)| (state == SessionState::Idle) == (it == connection)),
            "{states:?}"
        );
        let error = rig.modem.use_connection(0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState);
        assert!(
            rig.line
                .text()
                .split('\r')
                .all(|line| !line.contains("+MFTPCONN=") || line.contains(&format!("={connection},")))
        );
        // Only the loss of this one matters.
        rig.line.say(&format!("+MFTPURC: {},\"conn\",0", (connection + 1) % 6));
        let (_, sent) = rig.line.clone().sent_by(|| rig.modem.pwd().unwrap());
        assert!(!sent.contains("+MFTPCONN"), "{sent}");
        rig.modem.logout().unwrap();
        rig.modem.use_connection((connection + 1) % 6).unwrap();
        rig.modem.login(&server()).unwrap();
        rig.still_works();
    }
    let mut rig = Rig::open(with(|_| {}));
    assert_eq!(rig.modem.use_connection(6).unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// Whatever code the module has for it.
#[test]
fn a_session_that_another_program_left_is_closed() {
    for state_errors in [StateErrors::Running, StateErrors::PerCommand] {
        let mut rig = online(|it| it.state_errors = state_errors);
        rig.replace_program();
        assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
        rig.modem.login(&server()).unwrap();
        rig.still_works();
    }
}

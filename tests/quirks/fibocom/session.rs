//! Acknowledgements and results.

use std::time::Duration;

use ftp_modem::emulator::Overload;
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{LIMIT, Rig, SECOND, Step, online, with};
use crate::support::access::{HOST, USER};
use crate::support::payload::pattern;

/// Operations that the server refuses.
const REFUSED: &[Step] = &[
    ("cwd", |rig| rig.modem.cwd("/missing")),
    ("list", |rig| rig.modem.list("/missing").map(drop)),
    ("mkdir", |rig| rig.modem.mkdir("/dir")),
    ("rmdir", |rig| rig.modem.rmdir("/missing")),
    ("remove", |rig| rig.modem.remove("/missing")),
    ("rename", |rig| rig.modem.rename("/missing", "/new")),
    ("size", |rig| rig.modem.size("/missing").map(drop)),
    ("download", |rig| rig.download("/missing").map(drop)),
    ("streamed download", |rig| rig.modem.retrieve_streamed("/missing", &Retrieve::whole(), &mut Vec::new()).map(drop)),
    ("upload", |rig| rig.upload_stream("/missing/file", b"x").map(drop)),
    ("streamed upload", |rig| rig.modem.store_streamed("/missing/file", &Store::create(), &mut &b"x"[..]).map(drop)),
];

/// The guide, §3.2, note 3: the result code that follows `OK` says how the command ended, on this test 30 s later. A
/// public driver for the L610 ignores `: 0` and waits for ever.
#[test]
fn an_acknowledgement_is_not_success() {
    for (name, call) in REFUSED {
        let mut rig = Rig::online(with(|_| ()).with_network_latency(30 * SECOND));
        rig.files.add_directory("/dir");
        let before = rig.line.elapsed();
        let error = call(&mut rig).expect_err(name);
        assert!(rig.line.elapsed() >= before + 30 * SECOND, "{name}: {error}");
        rig.works_both_ways();
    }
    let mut rig = Rig::online(with(|_| ()).with_network_latency(30 * SECOND));
    let error = rig.modem.login(&Server::new(HOST, USER, "wrong")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoginRefused, "{error}");
}

/// Within the time limits of the guide, §3.2.
#[test]
fn a_missing_result_is_a_timeout() {
    let steps: &[Step] = &[
        ("+FTPCWD", |rig| rig.modem.cwd("/dir")),
        ("+FTPMKD", |rig| rig.modem.mkdir("/new")),
        ("+FTPREN", |rig| rig.modem.rename("/a", "/b")),
        ("+FTPDEL", |rig| rig.modem.remove("/a")),
        ("+FTPPUT", |rig| rig.upload_stream("/c", b"x").map(drop)),
        ("+FTPLIST", |rig| rig.modem.list("/dir").map(drop)),
        ("+FTPSTOR", |rig| rig.modem.store_streamed("/c", &Store::create(), &mut &b"x"[..]).map(drop)),
        ("+FTPRETR", |rig| rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut Vec::new()).map(drop)),
    ];
    for (command, call) in steps {
        let mut rig = online(|options| options.silent = vec![(*command).to_owned()]);
        rig.files.add_directory("/dir");
        rig.files.put("/a", "x");
        let before = rig.line.elapsed();
        let error = call(&mut rig).expect_err(command);
        assert_eq!(error.kind(), ErrorKind::Timeout, "{command}: {error}");
        assert!(error.module_usable(), "{command}: {error}");
        assert!(rig.line.elapsed() - before < LIMIT, "{command}: {:?}", rig.line.elapsed() - before);
        assert_eq!(rig.modem.pwd().unwrap(), "/", "{command}: the next call starts clean");
    }
}

/// The guide, §3.2, note 4: a busy module may answer `ABORT` or nothing, and acknowledge the old command seconds
/// later. Only the commands around blocks of payload are given up at `ABORT`.
#[test]
fn a_late_acknowledgement_is_not_taken_for_the_next_command() {
    let steps: &[Step] = &[
        ("+FTPCWD", |rig| rig.modem.cwd("/")),
        ("+FTPLIST", |rig| rig.modem.list("/").map(drop)),
        ("+FTPGET", |rig| rig.download("/a").map(drop)),
        ("+FTPRECV", |rig| rig.download("/a").map(drop)),
        ("+FTPPUT", |rig| rig.upload_stream("/b", &pattern(3000)).map(drop)),
        ("+FTPSTOR", |rig| rig.modem.store_streamed("/b", &Store::create(), &mut &b"x"[..]).map(drop)),
    ];
    for (command, call) in steps {
        for abort in [true, false] {
            for tenths in (5..=120).step_by(5).chain((580..=720).step_by(10)) {
                let time = Duration::from_millis(100 * tenths);
                let overload = Overload { command: (*command).into(), abort, time };
                let slow = with(|options| options.overload = Some(overload)).with_latency(Duration::from_millis(200));
                let mut rig = Rig::online(slow);
                rig.files.put("/a", pattern(100));
                match call(&mut rig) {
                    Ok(()) => {
                        let is_block = matches!(*command, "+FTPRECV" | "+FTPPUT");
                        assert!(!(abort && is_block) && time < 61 * SECOND, "{command}, {time:?}");
                    }
                    Err(error) => {
                        let expected = matches!(error.kind(), ErrorKind::ModuleBusy | ErrorKind::Timeout);
                        assert!(expected, "{command}, {abort}, {time:?}: {error}");
                        let is_block = matches!(*command, "+FTPRECV" | "+FTPPUT");
                        assert!(abort && is_block || time >= 58 * SECOND, "{command}, {time:?}: {error}");
                        if !error.module_usable() {
                            // The error says so; the next call resynchronises.
                            assert!(time >= 5 * SECOND, "{command}, {abort}, {time:?}: {error}");
                        }
                    }
                }
                // A late `OK` would do harm to commands whose answer is their `OK`.
                for _ in 0..10 {
                    match rig.modem.attach(&AccessPoint::default()) {
                        Ok(bearer) => assert!(bearer.was_up, "{command}, {abort}, {time:?}"),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Timeout, "{command}, {abort}, {time:?}"),
                    }
                }
                rig.works_both_ways();
            }
        }
    }
}

/// The guide, §3.2, note 4: `ABORT`, and some seconds later what became of the command.
#[test]
fn what_the_module_did_behind_an_abort_is_reported_as_done() {
    let steps: &[Step] = &[
        ("+FTPMKD", |rig| rig.modem.mkdir("/new")),
        ("+FTPRMD", |rig| rig.modem.rmdir("/dir")),
        ("+FTPDEL", |rig| rig.modem.remove("/a")),
        ("+FTPREN", |rig| rig.modem.rename("/a", "/b")),
        ("+FTPCWD", |rig| rig.modem.cwd("/dir")),
        ("+FTPSIZE", |rig| rig.modem.size("/a").map(drop)),
        ("+FTPGET", |rig| rig.download("/a").map(drop)),
        ("+FTPCLOSE", |rig| rig.modem.logout()),
    ];
    for (command, call) in steps {
        let overload = Overload { command: (*command).into(), abort: true, time: 2 * SECOND };
        let mut rig = online(|options| options.overload = Some(overload));
        rig.files.add_directory("/dir");
        rig.files.put("/a", "x");
        rig.line.clear();
        call(&mut rig).expect(command);
        assert_eq!(rig.line.commands(&format!("AT{command}=")).len() + rig.line.commands("AT+FTPCLOSE").len(), 1);
        rig.go_online();
        rig.works_both_ways();
    }
    for command in ["+MIPCALL", "+FTPOPEN"] {
        let overload = Overload { command: command.into(), abort: true, time: 2 * SECOND };
        let mut rig = online(|options| options.overload = Some(overload));
        rig.works_both_ways();
    }
}

/// G24 manual.
#[test]
fn noop_system_and_stat() {
    let mut rig = online(|_| ());
    rig.modem.noop().unwrap();
    assert_eq!(rig.modem.system().unwrap(), "UNIX Type: L8");
    assert_eq!(rig.modem.stat("").unwrap(), "End of status");
    assert_eq!(rig.modem.stat("/dir").unwrap(), "End of status");
    assert_eq!(rig.modem.stat("a\"b").unwrap_err().kind(), ErrorKind::InvalidInput);
    rig.line.answer("AT+FTPSTAT", b"\r\nOK\r\n\r\n+FTPSTAT: 2,a, b\r\n\r\n+FTPSTAT: 2,c\r\n\r\n+FTPSTAT: 1\r\n");
    assert_eq!(rig.modem.stat("").unwrap(), "a, b\nc");
    rig.line.answer("AT+FTPSYST", b"\r\nOK\r\n\r\n+FTPSYST: 0\r\n");
    rig.modem.system().unwrap_err();
    rig.works_both_ways();
    rig.modem.logout().unwrap();
    assert_eq!(rig.modem.noop().unwrap_err().kind(), ErrorKind::WrongState);
}

/// The guide, §4.1: the server may close a session without operations.
#[test]
fn noop_keeps_a_session_alive() {
    let mut rig = Rig::online(with(|options| options.idle_close = Some(3 * SECOND)).with_latency(2 * SECOND));
    rig.line.clear();
    for _ in 0..10 {
        rig.modem.noop().unwrap();
    }
    assert_eq!(rig.line.commands("AT+FTPOPEN"), Vec::<String>::new());
}

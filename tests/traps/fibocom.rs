//! Fibocom.

mod contradictions;
mod own;
mod rig;
mod transfers;

use std::time::Duration;

use ftp_modem::emulator::{
    BusyInput, EmptyList, Identity, ListCoding, Loss, LossKind, LossTime, MemoryServer, Module, Operation, Overload,
    PutFailure, PutRefusal, RecvName, Refusal, RemoteError,
};
use ftp_modem::modem::{AccessPoint, Retrieve, Server, SessionState, Store};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{Error, ErrorKind, FtpModem, OpenOptions, Result};

use crate::support::bench::{HOST, PASSWORD, USER, server};
use rig::{Rig, options, pattern};

const SECOND: Duration = Duration::from_secs(1);

/// The longest that the guide grants an operation, with its tenth of tolerance, and the recovery behind it.
const LIMIT: Duration = Duration::from_secs(66 + 15);

type Step = (&'static str, fn(&mut Rig) -> Result<()>);

/// Operations that the server refuses.
const REFUSED: &[Step] = &[
    ("cwd", |rig| rig.modem.cwd("/missing")),
    ("list", |rig| rig.modem.list("/missing").map(drop)),
    ("mkdir", |rig| rig.modem.mkdir("/dir")),
    ("rmdir", |rig| rig.modem.rmdir("/missing")),
    ("remove", |rig| rig.modem.remove("/missing")),
    ("rename", |rig| rig.modem.rename("/missing", "/new")),
    ("size", |rig| rig.modem.size("/missing").map(drop)),
    ("download", |rig| rig.download("/missing", &Retrieve::whole()).map(drop)),
    ("streamed download", |rig| rig.modem.retrieve_streamed("/missing", &Retrieve::whole(), &mut Vec::new()).map(drop)),
    ("upload", |rig| rig.upload("/missing/file", b"x").map(drop)),
    ("streamed upload", |rig| rig.modem.store_streamed("/missing/file", &Store::create(), &mut &b"x"[..]).map(drop)),
];

#[test]
fn fibocom_trap_01_ok_is_not_success() {
    for (name, call) in REFUSED {
        let mut rig = Rig::online(options(|_| ()).with_network_latency(30 * SECOND));
        rig.files.add_directory("/dir");
        let before = rig.wire.elapsed();
        let error = call(&mut rig).expect_err(name);
        assert!(rig.wire.elapsed() >= before + 30 * SECOND, "{name}: {error}");
        rig.still_works();
    }
    let mut rig = Rig::online(options(|_| ()).with_network_latency(30 * SECOND));
    let error = rig.modem.login(&Server::new(HOST, USER, "wrong")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoginRefused, "{error}");
}

#[test]
fn fibocom_trap_01_no_result_is_no_success_either() {
    let steps: &[Step] = &[
        ("+FTPCWD", |rig| rig.modem.cwd("/dir")),
        ("+FTPMKD", |rig| rig.modem.mkdir("/new")),
        ("+FTPREN", |rig| rig.modem.rename("/a", "/b")),
        ("+FTPDEL", |rig| rig.modem.remove("/a")),
        ("+FTPPUT", |rig| rig.upload("/c", b"x").map(drop)),
        ("+FTPLIST", |rig| rig.modem.list("/dir").map(drop)),
        ("+FTPSTOR", |rig| rig.modem.store_streamed("/c", &Store::create(), &mut &b"x"[..]).map(drop)),
        ("+FTPRETR", |rig| rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut Vec::new()).map(drop)),
    ];
    for (command, call) in steps {
        let mut rig = Rig::with(|options| options.silent = vec![(*command).to_owned()]);
        rig.files.add_directory("/dir");
        rig.files.put("/a", "x");
        let before = rig.wire.elapsed();
        let error = call(&mut rig).expect_err(command);
        assert_eq!(error.kind(), ErrorKind::Timeout, "{command}: {error}");
        assert!(error.module_usable(), "{command}: {error}");
        assert!(rig.wire.elapsed() - before < LIMIT, "{command}: {:?}", rig.wire.elapsed() - before);
        assert_eq!(rig.modem.pwd().unwrap(), "/", "{command}: the next call starts clean");
    }
}

#[test]
fn fibocom_trap_02_no_prompt_and_no_ok_before_the_data() {
    // What is sent before the module asks for it is lost.
    let slow = options(|_| ()).with_network_latency(20 * SECOND).with_busy_input(BusyInput::Drop);
    let mut rig = Rig::online(slow);
    for size in [1, 3072, 10_000] {
        rig.takes(&pattern(size));
    }
}

#[test]
fn fibocom_trap_02_what_comes_in_place_of_the_go_ahead() {
    let cases = [
        (PutRefusal::Error, ErrorKind::DataConnection),
        (PutRefusal::OkThenZero, ErrorKind::ServerRefused),
        (PutRefusal::ZeroThenError, ErrorKind::DataConnection),
    ];
    for (refusal, kind) in cases {
        let mut rig = Rig::online(options(|options| options.put_refusal = refusal).with_latency(SECOND));
        rig.wire.sent();
        let before = rig.wire.elapsed();
        let error = rig.upload("/missing/file", b"payload").unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (kind, Some(0)), "{refusal:?}: {error}");
        assert!(rig.wire.elapsed() - before < 10 * SECOND, "{refusal:?}: nothing is waited for in vain");
        assert!(!String::from_utf8_lossy(&rig.wire.sent()).contains("payload"));
        rig.still_works();
    }
}

#[test]
fn fibocom_trap_03_ok_is_not_the_end_of_the_file() {
    let mut rig = Rig::with(|_| ());
    rig.files.fail_next(Operation::Finish, RemoteError::Reply { code: 452, text: "no room".into() });
    let error = rig.upload("/a", &pattern(5000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::ServerRefused, Some(5000)), "{error}");
    rig.still_works();
    // Between two pieces there is nothing to wait for.
    let before = rig.wire.elapsed();
    rig.takes(&pattern(50_000));
    assert!(rig.wire.elapsed() - before < SECOND);
    // And a file that the module gave up in the middle must not be taken for stored because a later piece was.
    for failure in [PutFailure::OkThenZero, PutFailure::Error] {
        let mut rig = Rig::with(|options| options.put_failure = failure);
        rig.files.limit_file_size(4000);
        let error = rig.upload("/big", &pattern(20_000)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataConnection, "{failure:?}: {error}");
        assert!(error.transferred().unwrap() < 10_000, "{failure:?}: {error}");
        rig.still_works();
    }
}

/// Payload that looks like something else.
const DECEPTIVE: &[&[u8]] = &[
    b"\r\nOK\r\n",
    b"\r\n+FTPGET: 1\r\n",
    b"\r\n+FTPGET: 0\r\n",
    b"\r\n+FTPPUT: 0\r\n",
    b"\r\n+FTPRECV: 0\r\n\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\0\0\x1a\x1a\x1b",
    b"\r\n+MIPCALL: 0\r\n",
    b"\r\nAT command ready\r\n",
    b"\x03\r\n+FTPRETR: 1\r\n",
];

#[test]
fn fibocom_trap_04_payload_is_counted_never_scanned() {
    for fragment in [1, 3, 4096] {
        let mut rig = Rig::online(options(|_| ()).with_fragment(fragment));
        for payload in DECEPTIVE {
            for bytes in [payload.to_vec(), payload.repeat(400)] {
                rig.brings(&bytes);
                rig.takes(&bytes);
            }
        }
        rig.brings(&(0..=255).collect::<Vec<u8>>());
        rig.takes(&(0..=255).collect::<Vec<u8>>());
    }
}

#[test]
fn fibocom_trap_05_lines_come_in_fragments() {
    for fragment in [1, 2, 7, 64] {
        let gaps = options(|_| ()).with_fragment(fragment).with_fragment_gap(Duration::from_millis(20));
        let mut rig = Rig::online(gaps);
        rig.brings(&pattern(2100));
        rig.takes(&pattern(3200));
        assert_eq!(rig.modem.list("/").unwrap().len(), 2, "in pieces of {fragment}");
        assert_eq!(rig.modem.size("/taken.bin").unwrap(), 3200);
    }
}

#[test]
fn fibocom_trap_06_a_stray_line_feed() {
    let mut rig = Rig::with(|options| options.stray_line_feed = true);
    rig.still_works();
    rig.files.put("/logs/a", "x");
    assert_eq!(rig.modem.names("/logs").unwrap(), [b"a"]);
    rig.files.add_directory("/empty");
    assert_eq!(rig.modem.list("/empty").unwrap(), []);
}

// Traps 07 to 14 are in fibocom/transfers.rs.

#[test]
fn fibocom_trap_15_a_late_ok_belongs_to_nobody() {
    let steps: &[Step] = &[
        ("+FTPCWD", |rig| rig.modem.cwd("/")),
        ("+FTPLIST", |rig| rig.modem.list("/").map(drop)),
        ("+FTPGET", |rig| rig.download("/a", &Retrieve::whole()).map(drop)),
        ("+FTPRECV", |rig| rig.download("/a", &Retrieve::whole()).map(drop)),
        ("+FTPPUT", |rig| rig.upload("/b", &pattern(3000)).map(drop)),
        ("+FTPSTOR", |rig| rig.modem.store_streamed("/b", &Store::create(), &mut &b"x"[..]).map(drop)),
    ];
    for (command, call) in steps {
        for abort in [true, false] {
            for tenths in (5..=120).step_by(5).chain((580..=720).step_by(10)) {
                let time = Duration::from_millis(100 * tenths);
                let overload = Overload { command: (*command).into(), abort, time };
                let slow =
                    options(|options| options.overload = Some(overload)).with_latency(Duration::from_millis(200));
                let mut rig = Rig::online(slow);
                rig.files.put("/a", pattern(100));
                match call(&mut rig) {
                    Ok(()) => assert!(!abort && time < 61 * SECOND, "{command}, {time:?}"),
                    Err(error) => {
                        let expected = matches!(error.kind(), ErrorKind::ModuleBusy | ErrorKind::Timeout);
                        assert!(expected, "{command}, {abort}, {time:?}: {error}");
                        assert!(abort || time >= 60 * SECOND, "{command}, {time:?}: {error}");
                        if !error.module_usable() {
                            // It said so: the next call tries again.
                            assert!(time >= 5 * SECOND, "{command}, {abort}, {time:?}: {error}");
                        }
                    }
                }
                // Commands whose answer is in their OK are where a late one would do harm.
                for _ in 0..10 {
                    match rig.modem.attach(&AccessPoint::default()) {
                        Ok(bearer) => assert!(bearer.was_up, "{command}, {abort}, {time:?}"),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Timeout, "{command}, {abort}, {time:?}"),
                    }
                }
                rig.still_works();
            }
        }
    }
}

#[test]
fn fibocom_trap_16_a_listing_may_hold_anything() {
    let row = |name: &str| format!("-rw-r--r--    1 500      500           100 May 19 03:39 {name}\r\n");
    let deceptive = ["a", "+FTPLIST: 1", "OK", "+FTPLIST: 0", "ERROR", "z"].map(row).concat();
    let started = format!("{}+FTPLIST: 1 of 2\r\n+FTPLIST: 1,\r\nOK\r\nERROR\r\n\x03\r\n{}", row("a"), row("z"));
    for coding in [ListCoding::Plain, ListCoding::Terminated, ListCoding::Escaped] {
        for fragment in [1, 7, 4096] {
            let mut rig = Rig::online(options(|options| options.list_coding = coding).with_fragment(fragment));
            rig.files.set_listing("/d", deceptive.clone());
            let names = rig.modem.names("/d").unwrap();
            assert_eq!(names, [&b"a"[..], b"+FTPLIST: 1", b"OK", b"+FTPLIST: 0", b"ERROR", b"z"], "{coding:?}");
            rig.files.set_listing("/s", started.clone());
            let names = rig.modem.names("/s").unwrap();
            assert!(names.contains(&b"a".to_vec()) && names.contains(&b"z".to_vec()), "{coding:?}: {names:?}");
            rig.files.set_listing("/c", row("x\x03\x10y"));
            assert_eq!(rig.modem.names("/c").unwrap(), [b"x\x03\x10y"], "{coding:?}");
            rig.still_works();
        }
    }
    for empty in [EmptyList::DataThenResult, EmptyList::ResultAlone] {
        let mut rig = Rig::with(|options| options.empty_list = empty);
        rig.files.add_directory("/empty");
        assert_eq!(rig.modem.list("/empty").unwrap(), [], "{empty:?}");
        rig.modem.list("/missing").unwrap_err();
    }
}

#[test]
fn fibocom_trap_17_a_list_without_a_path_repeats_the_last() {
    let mut rig = Rig::with(|options| options.list_repeats = true);
    rig.files.put("/a/inner", "x");
    assert_eq!(rig.modem.names("").unwrap(), [b"a"]);
    rig.modem.cwd("/a").unwrap();
    assert_eq!(rig.modem.names("").unwrap(), [b"inner"]);
}

#[test]
fn fibocom_trap_18_losses_in_any_state() {
    let kinds = [
        (LossKind::Session, ErrorKind::SessionLost),
        (LossKind::Call, ErrorKind::BearerLost),
        (LossKind::Sim, ErrorKind::BearerLost),
        (LossKind::Restart, ErrorKind::ModuleRestarted),
    ];
    let steps: &[Step] = &[
        ("download", |rig| rig.download("/a", &Retrieve::whole()).map(drop)),
        ("upload", |rig| rig.upload("/b", &pattern(10_000)).map(drop)),
        ("streamed download", |rig| rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut Vec::new()).map(drop)),
        ("streamed upload", |rig| {
            rig.modem.store_streamed("/b", &Store::create(), &mut &pattern(10_000)[..]).map(drop)
        }),
    ];
    for (lost, kind) in kinds {
        for (name, call) in steps {
            for (after, reported) in [(0, true), (5000, true), (5000, false), (9999, false)] {
                let mut rig = Rig::with(|options| {
                    options.loss = Some(Loss { kind: lost, time: LossTime::AfterBytes(after), reported });
                });
                rig.files.put("/a", pattern(10_000));
                let before = rig.wire.elapsed();
                let outcome = call(&mut rig);
                let what = format!("{lost:?} after {after}, {reported}, {name}: {outcome:?}");
                if let Err(error) = outcome {
                    // What the module says first counts: the failed operation, or the loss.
                    let told = matches!(error.kind(), ErrorKind::DataConnection | ErrorKind::ServerRefused);
                    assert!(error.kind() == kind || told || error.kind() == ErrorKind::Timeout, "{what}");
                    assert!(error.module_usable(), "{what}");
                } else {
                    assert!(lost == LossKind::Session, "{what}: opened anew and gone on");
                }
                assert!(rig.wire.elapsed() - before < 2 * LIMIT, "{what}");
                rig.connect();
                rig.still_works();
            }
        }
        // Between two operations, or in a short one.
        let loss = Loss { kind: lost, time: LossTime::AfterOpen(3 * SECOND), reported: false };
        let slow = options(|options| options.loss = Some(loss)).with_latency(Duration::from_millis(700));
        let mut rig = Rig::online(slow);
        let outcomes: Vec<_> = (0..10).map(|_| rig.modem.noop().map_err(|error| error.kind())).collect();
        assert!(outcomes[0].is_ok(), "{lost:?}: {outcomes:?}");
        assert!(outcomes.contains(&Err(kind)) || lost == LossKind::Session, "{outcomes:?}");
        rig.connect();
        rig.still_works();
    }
}

#[test]
fn fibocom_trap_18_what_was_lost_between_two_calls() {
    for line in ["+MIPCALL: 0", "+SIM DROP", "AT command ready"] {
        let mut rig = Rig::with(|_| ());
        rig.wire.say(line);
        rig.wire.say("+MIPCALL: 0");
        rig.wire.say("+FTPCLOSE: 1");
        rig.modem.cwd("/").unwrap_err();
        // A call that sets everything up is not disturbed by what is known.
        rig.connect();
        rig.still_works();
        rig.wire.say(line);
        assert_eq!(rig.modem.status().unwrap(), SessionState::Closed, "{line}");
        rig.wire.say(line);
        rig.modem.logout().unwrap();
        rig.wire.say(line);
        rig.modem.detach().unwrap();
        rig.connect();
        rig.still_works();
    }
    // A session alone is opened again, in the directory where it was.
    let mut rig = Rig::with(|_| ());
    rig.files.put("/a/b/file", "x");
    rig.modem.cwd("a").unwrap();
    rig.modem.cwd("b").unwrap();
    rig.wire.by_somebody_else(&["AT+FTPCLOSE"]);
    rig.wire.say("+FTPCLOSE: 0");
    assert_eq!(rig.modem.pwd().unwrap(), "/a/b");
    // Where that directory is no more, nothing is done in another.
    rig.wire.by_somebody_else(&["AT+FTPDEL=\"file\"", "AT+FTPRMD=\"/a/b\"", "AT+FTPCLOSE"]);
    rig.wire.say("+FTPCLOSE: 0");
    for _ in 0..2 {
        rig.modem.mkdir("new").unwrap_err();
        assert!(!rig.files.is_directory("/new"));
    }
}

#[test]
fn fibocom_trap_18_a_restart_forgets_everything() {
    let mut rig = Rig::with(|_| ());
    rig.modem.use_active_mode(true).unwrap();
    rig.modem.resize_cache(2048).unwrap();
    rig.wire.restart();
    let error = rig.modem.pwd().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{error}");
    // There is no bearer: that is what a caller has to know who goes on all the same.
    let error = rig.modem.pwd().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerLost, "{error}");
    rig.wire.sent();
    rig.connect();
    let sent = rig.wire.commands("AT");
    for line in ["ATE0", "AT+MIPCALL=1", "AT+FTPMODE=1", "AT+FTPCACHE=2048"] {
        assert!(sent.iter().any(|sent| sent == line), "{line} is missing in {sent:?}");
    }
    assert_eq!(rig.modem.cache_size().unwrap(), 2048);
    rig.still_works();
}

#[test]
fn fibocom_trap_19_a_conversation_that_somebody_left_switched_on() {
    // Switched off by the login, or, on a firmware that does not switch it off, borne.
    for deaf in [false, true] {
        let mut rig = Rig::open(options(|_| ()));
        rig.connect();
        if deaf {
            rig.wire.by_somebody_else(&["AT+FTPINFO=1"]);
            rig.wire.answer("AT+FTPINFO=0", b"\r\nOK\r\n");
        }
        rig.files.put("/logs/a", "x");
        for _ in 0..30 {
            rig.still_works();
            assert_eq!(rig.modem.names("/logs").unwrap(), [b"a"]);
            assert_eq!(rig.modem.size("/logs/a").unwrap(), 1);
            let mut bytes = Vec::new();
            rig.modem.retrieve_streamed("/logs/a", &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!(bytes, b"x");
        }
        rig.modem.login(&Server::new(HOST, USER, "wrong")).unwrap_err();
    }
    // It is off again, however the login ended.
    let mut rig = Rig::with(|_| ());
    rig.modem.login(&Server::new(HOST, USER, "wrong")).unwrap_err();
    assert_eq!(rig.wire.commands("AT+FTPINFO").last().unwrap(), "AT+FTPINFO=0");
    rig.wire.answer("AT+FTPOPEN", b"\r\nOK\r\n");
    assert_eq!(rig.modem.login(&server()).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(rig.wire.commands("AT+FTPINFO").last().unwrap(), "AT+FTPINFO=0");
}

#[test]
fn fibocom_trap_20_a_module_that_goes_on_echoing() {
    for fragment in [1, 4096] {
        let mut rig = Rig::open_after(options(|_| ()).with_fragment(fragment), |wire| {
            wire.answer("ATE0", b"ATE0\r\r\nOK\r\n");
        });
        rig.connect();
        for payload in DECEPTIVE {
            rig.brings(payload);
            rig.takes(payload);
            let mut bytes = Vec::new();
            rig.modem.retrieve_streamed("/taken.bin", &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!(&bytes, payload);
        }
        assert_eq!(rig.modem.list("/").unwrap().len(), 2);
        rig.still_works();
    }
}

#[test]
fn fibocom_trap_21_a_session_that_somebody_left_open() {
    let open = format!("AT+FTPOPEN=\"{HOST}\",\"{USER}\",\"{PASSWORD}\",\"\",,2121,");
    for refusal in [Refusal::Plain, Refusal::Cme, Refusal::Numbered] {
        for accepted in [false, true] {
            let left = options(|options| {
                options.refusal = refusal;
                options.second_open_accepted = accepted;
            });
            let mut rig = Rig::open_after(left.with_cmee(1), |wire| {
                wire.by_somebody_else(&["AT+MIPCALL=1", &open]);
            });
            assert_eq!(rig.files.sessions(), 1);
            rig.connect();
            assert_eq!(rig.files.sessions(), 1, "{refusal:?}, {accepted}");
            rig.still_works();
            // One's own is closed before another is opened.
            rig.wire.sent();
            rig.modem.login(&server().with_port(2122)).unwrap();
            assert_eq!(rig.wire.commands("AT+FTP")[0], "AT+FTPCLOSE");
            assert_eq!(rig.files.sessions(), 1, "{refusal:?}, {accepted}");
            rig.still_works();
        }
    }
    // FTPCLOSE that was not needed gives an error, which is none.
    let mut rig = Rig::with(|_| ());
    rig.wire.by_somebody_else(&["AT+FTPCLOSE"]);
    rig.modem.logout().unwrap();
    rig.modem.login(&server()).unwrap();
    rig.wire.by_somebody_else(&["AT+FTPCLOSE"]);
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
    rig.still_works();
}

#[test]
fn fibocom_trap_22_anonymous_is_not_nobody() {
    for (user, password, sent) in [
        ("", "", "\"anonymous\",\"guest\""),
        ("anonymous", "", "\"anonymous\",\"guest\""),
        ("anonymous", "me@example.com", "\"anonymous\",\"me@example.com\""),
    ] {
        let mut rig = Rig::open(options(|_| ()));
        rig.files.add_user("anonymous", if password.is_empty() { "guest" } else { password });
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.modem.login(&Server::new(HOST, user, password)).unwrap();
        assert!(rig.wire.commands("AT+FTPOPEN")[0].contains(sent), "{user:?}");
        rig.still_works();
    }
    // An account with a name and no password cannot work: it is refused before anything is sent.
    let mut rig = Rig::open(options(|_| ()));
    rig.wire.sent();
    let error = rig.modem.login(&Server::new(HOST, USER, "")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert_eq!(rig.wire.sent(), b"");
}

#[test]
fn fibocom_trap_23_the_same_name_in_another_dialect() {
    let stranger = |recv_name| {
        let identity = Identity {
            manufacturer: "RDA".into(),
            model: "8955".into(),
            revision: "1".into(),
            serial: "867698040023456".into(),
        };
        let options = options(|options| options.recv_name = recv_name).with_identity(identity);
        let module = Module::new(ftp_modem::emulator::Family::Fibocom, MemoryServer::new().remote(), options);
        OpenOptions::new().open_on(MemoryPipe::new(module)).map(|modem| modem.capabilities().dialect)
    };
    // FTPOPEN alone is no proof, FTPRECV is.
    assert_eq!(stranger(RecvName::Plain).unwrap(), "fibocom");
    assert_eq!(stranger(RecvName::Absent).unwrap_err().kind(), ErrorKind::UnknownModule);
    // Where the caller insists, an OK without a result is still no session.
    let mut rig = Rig::open(options(|_| ()));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.wire.answer("AT+FTPOPEN", b"\r\nOK\r\n");
    let error: Error = rig.modem.login(&server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
}

//! The generic FTPSERV dialect.

use std::io::{self, Read};
use std::time::Duration;

use ftp_modem::backend::generic::Generic;
use ftp_modem::emulator::{
    EndOfFile, GenericOptions, GetFraming, Identity, ListLength, NetworkCause, Options, PathEffect, PortForm, PutEnd,
    RemoteError, ServerFailure, Spacing,
};
use ftp_modem::modem::{AccessPoint, Assurance, EntryKind, Operation, Retrieve, SessionState, Store};
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{ErrorKind, FtpModem, OpenOptions, Result, Server};

use crate::cmcc::bench::{Bench, Disturbed, pattern};
use crate::support::bench::{HOST, PASSWORD, USER, server};
use crate::support::watch;

/// A module with options of the dialect.
fn module(change: impl FnOnce(&mut GenericOptions)) -> Options {
    let mut options = GenericOptions::default();
    change(&mut options);
    Options::default().with_generic(options)
}

/// Logged in at a module with options of the dialect.
fn online(change: impl FnOnce(&mut GenericOptions)) -> Bench<Generic> {
    Bench::online(module(change))
}

/// Every operation once; text, as uploads are proven for nothing else.
#[track_caller]
fn everything(bench: &mut Bench<Generic>) {
    let text = b"0123456789".repeat(120);
    bench.modem.mkdir("/d").unwrap();
    bench.modem.cwd("/d").unwrap();
    assert_eq!(bench.modem.pwd().unwrap(), "/d");
    assert_eq!(bench.put("a", &text).unwrap(), 1200);
    assert_eq!(bench.files.file("/d/a").unwrap(), text);
    assert_eq!(bench.get("a").unwrap(), text);
    assert_eq!(bench.get_part("a", &Retrieve::from(3).with_length(900)).unwrap(), text[3..903]);
    assert_eq!(bench.modem.size("a").unwrap(), 1200);
    let names = bench.modem.names("").unwrap();
    assert_eq!(names, [b"a"]);
    bench.modem.cdup().unwrap();
    bench.modem.mkdir("/e").unwrap();
    bench.modem.rmdir("e").unwrap();
    bench.modem.logout().unwrap();
    assert_eq!((bench.modem.status().unwrap(), bench.files.sessions()), (SessionState::Closed, 0));
    bench.modem.login(&server()).unwrap();
    bench.still_works();
}

/// A session behind the lines of opening and logging in.
fn replayed(lines: &str, scenario: impl Fn(&mut Generic)) {
    let login = concat!(
        ">> ATI\\r\n<< \\r\\nUC8088_V1.0\\r\\n\\r\\nOK\\r\\n\n>> ATE0\\r\n<< \\r\\nOK\\r\\n\n",
        ">> AT+FTPPORT=21\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPMODE=1\\r\n<< \\r\\nOK\\r\\n\n",
        ">> AT+FTPSERV=10.0.0.1\\r\n<< \\r\\n+FTPSERV:0\\r\\n\\r\\nOK\\r\\n\n",
        ">> AT+FTPUN=u\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPPW=p\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPTYPE=I\\r\n<< \\r\\nOK\\r\\n\n",
    );
    for fragment in [1, 2, 7, 64, usize::MAX] {
        let transcript = Transcript::parse(&format!("{login}{lines}")).unwrap();
        let replay = Replay::new(transcript).with_fragment(fragment);
        let mut modem = OpenOptions::new().open_as_on::<Generic>(replay.clone()).unwrap();
        modem.login(&Server::new("10.0.0.1", "u", "p")).unwrap();
        scenario(&mut modem);
        replay.finish().unwrap_or_else(|difference| panic!("in pieces of {fragment}: {difference}"));
    }
}

/// The module is asked what it is doing, after an answer that the manual does not allow.
const ASKED: &str = ">> ATI\\r\n<< \\r\\nUC8088_V1.0\\r\\n\\r\\nOK\\r\\n\n";

/// The listing of `f` with `size` bytes, as it precedes a download.
fn listed(size: usize) -> String {
    let row = format!("-rw-rw-r-- 1 x x {size} Sep 30 01:52 f");
    format!(
        ">> AT+FTPPATH=/\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPLIST\\r\n<< \\r\\n+FTPLIST:1,{}\\r\\n{row}\\r\\nOK\\r\\n\n>> AT+FTPGETNAME=f\\r\n<< \\r\\nOK\\r\\n\n",
        row.len()
    )
}

fn get(modem: &mut Generic, what: &Retrieve) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    modem.retrieve("f", what, &mut bytes).map(|_| bytes)
}

// ---- traps ----

#[test]
fn generic_trap_01_both_framings_of_downloads() {
    for get_framing in [GetFraming::OneLine, GetFraming::TwoLines] {
        for spacing in [Spacing::Native, Spacing::AfterColon, Spacing::None, Spacing::AfterCommas] {
            for fragment in [1, 2, 7, 64, usize::MAX] {
                let options = module(|it| it.get_framing = get_framing).with_spacing(spacing).with_fragment(fragment);
                let mut bench = Bench::<Generic>::online(options);
                for bytes in [&b","[..], b",,a", b"\r\n", b"\r\n,", b"\n", b"\r", b" ", b" 5,x", b"\r\n\r\nOK", b"345"]
                {
                    bench.files.put("/f", bytes);
                    assert_eq!(bench.get("/f").unwrap(), bytes, "{get_framing:?} {spacing:?} {fragment}");
                }
            }
        }
    }
}

#[test]
fn generic_trap_02_payload_is_counted() {
    for get_framing in [GetFraming::OneLine, GetFraming::TwoLines] {
        for get_limit in [None, Some(1), Some(5)] {
            let mut bench = online(|it| (it.get_framing, it.get_limit) = (get_framing, get_limit));
            for bytes in
                [&b"\r\nOK\r\n"[..], b"OK\r\n", b"x\r\nERROR\r\n", b"\r\n+FTPGET:3,abc\r\nOK\r\n", b"\r\nRDY\r\n"]
            {
                bench.files.put("/f", bytes);
                assert_eq!(bench.get("/f").unwrap(), bytes);
            }
            bench.files.put("/f", (0..=255).collect::<Vec<u8>>());
            assert_eq!(bench.get("/f").unwrap(), (0..=255).collect::<Vec<u8>>());
        }
    }
}

#[test]
fn generic_trap_03_a_piece_may_be_less_than_the_file() {
    for end_of_file in [EndOfFile::Zero, EndOfFile::Error] {
        for (get_limit, size) in [(1, 3), (1000, 999), (1000, 1000), (1000, 1001), (1000, 3000), (1024, 4096)] {
            let mut bench = online(|it| (it.end_of_file, it.get_limit) = (end_of_file, Some(get_limit)));
            bench.files.put("/f", pattern(size));
            assert_eq!(bench.get("/f").unwrap(), pattern(size));
            assert_eq!(bench.get_part("/f", &Retrieve::from(1)).unwrap(), pattern(size)[1..]);
            assert_eq!(bench.get_part("/f", &Retrieve::from(size as u64)).unwrap(), b"");
        }
    }
    // A part that ends within a piece, and one that begins behind the file.
    let mut bench = online(|it| it.get_limit = Some(1000));
    bench.files.put("/f", pattern(3000));
    assert_eq!(bench.get_part("/f", &Retrieve::whole().with_length(1500)).unwrap(), pattern(3000)[..1500]);
    assert_eq!(bench.get_part("/f", &Retrieve::from(10).with_length(1)).unwrap(), pattern(3000)[10..11]);
    // The last byte proves by itself that the offset was heeded.
    let (last, sent) = bench.module.clone().sent_by(|| bench.get_part("/f", &Retrieve::from(2999)).unwrap());
    assert_eq!((last.as_slice(), sent.matches("AT+FTPGET").count()), (&pattern(3000)[2999..], 2), "{sent}");
    let beyond = bench.get_part("/f", &Retrieve::from(3001)).unwrap_err();
    assert_eq!(beyond.kind(), ErrorKind::InvalidInput, "{beyond}");
    bench.still_works();
    // A module that ignores FTPRESET gives the beginning again, in pieces whose lengths add up to that of the file.
    for (get_limit, size, offset) in
        [(Some(1000), 3000, 0), (Some(1024), 2048, 1024), (Some(10), 3000, 5), (None, 3000, 1)]
    {
        let mut bench = online(|it| (it.reset_ignored, it.get_limit) = (true, get_limit));
        bench.files.put("/f", pattern(size));
        let mut bytes = Vec::new();
        let error = bench.modem.retrieve("/f", &Retrieve::from(offset), &mut bytes).unwrap_err();
        let kind = if offset == 0 { ErrorKind::VerificationFailed } else { ErrorKind::Unsupported };
        assert_eq!((error.kind(), error.transferred()), (kind, Some(bytes.len() as u64)), "{error}");
        assert!(pattern(size)[offset as usize..].starts_with(&bytes));
        assert!(error.module_usable());
        bench.still_works();
    }
    // No progress: bounded.
    replayed(
        &format!(
            "{}>> AT+FTPRESET=0\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPGET\\r\n<< \\r\\n+FTPGET:0\\r\\n\\r\\nOK\\r\\n\n",
            listed(3)
        ),
        |modem| {
            let error = get(modem, &Retrieve::whole()).unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(0)), "{error}");
        },
    );
}

#[test]
fn generic_trap_04_an_offset_may_persist_or_not() {
    for reset_persists in [false, true] {
        let mut bench = online(|it| it.reset_persists = reset_persists);
        bench.files.put("/f", "0123456789");
        for _ in 0..2 {
            assert_eq!(bench.get_part("/f", &Retrieve::from(5)).unwrap(), b"56789");
            let (bytes, sent) = bench.module.clone().sent_by(|| bench.get("/f").unwrap());
            assert_eq!(bytes, b"0123456789");
            assert!(sent.contains("AT+FTPRESET=0\rAT+FTPGET\r"), "{sent}");
        }
    }
    // It holds in type I only, which is set with every login.
    let mut bench = online(|it| it.initially_binary = false);
    bench.files.put("/f", "0123456789");
    assert_eq!(bench.get_part("/f", &Retrieve::from(5)).unwrap(), b"56789");
}

#[test]
fn generic_trap_05_binary_uploads_only_when_told() {
    let mut bench = online(|it| it.put_counted = true);
    let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let (error, sent) =
        bench.module.clone().sent_by(|| bench.modem.store("/f", &Store::create(), &mut &bytes[..]).unwrap_err());
    assert_eq!((error.kind(), sent.as_str()), (ErrorKind::InvalidInput, ""), "{error}");
    let (_, sent) = bench.module.clone().sent_by(|| bench.put("/f", &bytes).unwrap());
    assert_eq!(bench.files.file("/f").unwrap(), bytes);
    assert_eq!(sent.matches("AT+FTPPUT=512,").count(), 5, "in small pieces");
    // What is no text behind a text is refused when it comes, and the upload closed.
    let mixed = [&[b'x'; 600][..], b"\r"].concat();
    let error = bench.modem.store("/f", &Store::create(), &mut &mixed[..]).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::InvalidInput, Some(512)), "{error}");
    bench.still_works();
}

#[test]
fn generic_trap_06_an_upload_is_always_closed() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    for put_end in [PutEnd::Either, PutEnd::WithComma, PutEnd::WithoutComma] {
        let mut bench = online(|it| it.put_end = put_end);
        assert_eq!(bench.put("/f", b"12345").unwrap(), 5);
        assert_eq!(bench.files.file("/f").unwrap(), b"12345");
        let error = bench.modem.store("/f", &Store::create(), &mut (&[b'x'; 1000][..]).chain(Broken)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
        assert!(error.module_usable(), "{error}");
        bench.still_works();
        // The server gives up: the module stays uploading until it is told to end, and answers ERROR to that, too.
        bench.files.limit_file_size(1000);
        let error = bench.put("/f", &[b'x'; 3000]).unwrap_err();
        assert!(error.transferred().is_some_and(|bytes| bytes <= 1024) && error.module_usable(), "{error}");
        bench.still_works();
        assert_eq!(bench.put("/f", b"12345").unwrap(), 5);
    }
    // One that will not be closed ends with its session.
    let put = concat!(
        ">> AT+FTPPUTNAME=/f\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPPUT=2,ab\\r\n<< \\r\\nOK\\r\\n\n",
        ">> AT+FTPPUT=0\\r\n<< \\r\\nERROR\\r\\n\n>> AT+FTPPUT=0,\\r\n<< \\r\\nERROR\\r\\n\n>> AT+FTPQUIT\\r\n",
    );
    for (quit, usable) in [("<< \\r\\nOK\\r\\n\n", true), ("<< \\r\\nERROR\\r\\n\n", false)] {
        replayed(&format!("{put}{quit}"), |modem| {
            let error = modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap_err();
            assert_eq!((error.module_usable(), error.transferred()), (usable, Some(2)), "{error}");
        });
    }
}

#[test]
fn generic_trap_07_connecting_takes_long_and_fails_in_three_ways() {
    let mut bench = Bench::<Generic>::with(module(|_| {}).with_network_latency(Duration::from_secs(80)));
    bench.log_in();
    for server_failure in [ServerFailure::CodeThenOk, ServerFailure::CodeThenError, ServerFailure::ErrorOnly] {
        for spacing in [Spacing::None, Spacing::AfterColon] {
            let options = module(|it| it.server_failure = server_failure).with_spacing(spacing);
            let mut bench = Bench::<Generic>::with(options);
            let no_reason = server_failure == ServerFailure::ErrorOnly;
            let told = |kind| if no_reason { ErrorKind::ConnectFailed } else { kind };
            let error = bench.modem.login(&server()).unwrap_err();
            assert_eq!(error.kind(), told(ErrorKind::BearerLost), "{error}");
            bench.modem.attach(&AccessPoint::default()).unwrap();
            bench.files.refuse_port(2121);
            let error = bench.modem.login(&server()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectFailed, "{error}");
            bench.files.forget_host(HOST);
            let error = bench.modem.login(&server().with_port(2122)).unwrap_err();
            assert_eq!(error.kind(), told(ErrorKind::NameResolution), "{error}");
            if !no_reason {
                assert_eq!(error.module_code().unwrap().value, "2", "{error}");
            }
        }
    }
}

#[test]
fn generic_trap_08_the_order_of_a_login_and_what_its_errors_mean() {
    let mut bench = Bench::<Generic>::with(module(|_| {}));
    bench.modem.attach(&AccessPoint::default()).unwrap();
    let (_, sent) = bench.module.clone().sent_by(|| bench.modem.login(&server()).unwrap());
    let commands = ["FTPPORT=2121", "FTPMODE=1", "FTPSERV=", "FTPUN=", "FTPPW=", "FTPTYPE=I"];
    let places = commands.map(|command| sent.find(command).unwrap_or_else(|| panic!("{command}: {sent}")));
    assert!(places.is_sorted(), "{sent}");
    bench.modem.logout().unwrap();
    for (user, password) in [(USER, "wrong"), ("nobody", PASSWORD)] {
        let error = bench.modem.login(&Server::new(HOST, user, password).with_port(2121)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LoginRefused, "{error}");
        assert_eq!(bench.files.sessions(), 0, "a connection without a login is closed");
    }
    bench.modem.login(&server()).unwrap();
    bench.still_works();
}

#[test]
fn generic_trap_09_two_ways_to_say_the_port() {
    for (port_form, form) in [(PortForm::Command, "FTPPORT=2121\r"), (PortForm::InServer, ",2121\r")] {
        let mut bench = online(|it| it.port_form = port_form);
        assert!(bench.module.sent().contains(form), "{}", bench.module.sent());
        everything(&mut bench);
    }
}

#[test]
fn generic_trap_10_names_are_resolved_by_the_host() {
    let mut bench = Bench::<Generic>::with(module(|_| {}));
    bench.modem.attach(&AccessPoint::default()).unwrap();
    bench.modem.login(&Server::new("localhost", USER, PASSWORD)).unwrap();
    let sent = bench.module.sent();
    assert!(sent.contains("AT+FTPSERV=127.0.0.1\r"), "{sent}");
    let (error, sent) =
        bench.module.clone().sent_by(|| bench.modem.login(&Server::new("no such host", USER, PASSWORD)).unwrap_err());
    assert_eq!((error.kind(), sent.as_str()), (ErrorKind::NameResolution, ""), "{error}");
}

#[test]
fn generic_trap_11_no_argument_beyond_64_bytes() {
    let mut bench = online(|_| {});
    let fits = "x".repeat(64);
    let long = "x".repeat(65);
    let in_root = format!("/{}", "x".repeat(63));
    bench.modem.mkdir(&in_root).unwrap();
    bench.modem.rmdir(&in_root).unwrap();
    bench.files.put(&format!("/{fits}"), "1");
    assert_eq!(bench.get(&fits).unwrap(), b"1", "the name alone has 64 bytes");
    let mut refused = |work: &dyn Fn(&mut Generic) -> Result<()>| {
        let (error, sent) = bench.module.clone().sent_by(|| work(&mut bench.modem).unwrap_err());
        assert_eq!((error.kind(), sent.as_str()), (ErrorKind::InvalidInput, ""), "{error}");
    };
    refused(&|modem| modem.mkdir(&long));
    refused(&|modem| modem.rmdir(&long));
    refused(&|modem| modem.cwd(&long));
    refused(&|modem| modem.size(&long).map(drop));
    refused(&|modem| modem.list(&long).map(drop));
    refused(&|modem| modem.retrieve(&long, &Retrieve::whole(), &mut Vec::new()).map(drop));
    refused(&|modem| modem.store(&long, &Store::create(), &mut &b"x"[..]).map(drop));
    refused(&|modem| modem.login(&Server::new(HOST, long.as_str(), "p")));
    refused(&|modem| modem.login(&Server::new(HOST, "u", long.as_str())));
    bench.modem.cwd("/").unwrap();
}

#[test]
fn generic_trap_12_the_length_of_a_listing() {
    let text = "-rw-r--r-- 1 u g 5 Sep 30 01:52 a.txt\r\ndrwxr-xr-x 2 u g 4096 Sep 30 01:52 OK\r\n-rw-r--r-- 1 u g 7 Sep 30 01:52 b.txt\r\n";
    for list_length in [ListLength::WithoutLastLineEnd, ListLength::Everything, ListLength::WithoutLineEnds] {
        for fragment in [1, 7, usize::MAX] {
            let options = module(|it| it.list_length = list_length).with_fragment(fragment);
            let mut bench = Bench::<Generic>::online(options);
            assert_eq!(bench.modem.list("/").unwrap(), []);
            bench.files.set_listing("/d", text);
            bench.files.add_directory("/d");
            let entries = bench.modem.list("/d").unwrap();
            let shapes: Vec<_> = entries.iter().map(|entry| (entry.name_lossy().into_owned(), entry.kind)).collect();
            let file = |name: &str| (name.to_owned(), EntryKind::File);
            assert_eq!(shapes, [file("a.txt"), ("OK".to_owned(), EntryKind::Directory), file("b.txt")]);
            for index in 0..100 {
                bench.files.put(&format!("/many/{index:03}"), "x");
            }
            assert_eq!(bench.modem.list("/many").unwrap().len(), 100);
            bench.still_works();
        }
    }
    // The manual's own numbers: 327 for a text that is longer.
    let row = "-rw-rw-r--  1  xisen xisen 5 jul 07 09:30 123.txt";
    replayed(
        &format!(
            ">> AT+FTPPATH=/\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPLIST\\r\n<< \\r\\n+FTPLIST:1,20\\r\\n{row}\\r\\n{row}\\r\\n\\r\\nOK\\r\\n\n"
        ),
        |modem| assert_eq!(modem.list("").unwrap().len(), 2),
    );
}

#[test]
fn generic_trap_13_wrong_prefixes_of_test_answers() {
    // A module that says no known name is asked with test commands, whatever their answers begin with.
    for misprints in [false, true] {
        let nobody = || String::from("X1");
        let identity = Identity { manufacturer: nobody(), model: nobody(), revision: nobody(), serial: nobody() };
        let mut bench = Bench::<Generic>::online(module(|it| it.misprints = misprints).with_identity(identity));
        assert!(bench.module.sent().contains("AT+FTPSCON=?"));
        everything(&mut bench);
    }
}

#[test]
fn generic_trap_14_a_loss_shows_at_the_next_command() {
    for cause in [NetworkCause::Dropped, NetworkCause::Timeout] {
        let mut bench = online(|_| {});
        bench.files.add_directory("/d");
        bench.modem.cwd("/d").unwrap();
        bench.files.fail_next(ftp_modem::emulator::Operation::MakeDir, RemoteError::Network(cause));
        let error = bench.modem.mkdir("x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ServerRefused, "{error}");
        // The next one opens the session again, in the same directory.
        bench.modem.mkdir("x").unwrap();
        assert!(bench.files.is_directory("/d/x"));
        // FTPQUIT is refused then: closed all the same.
        bench.files.fail_next(ftp_modem::emulator::Operation::MakeDir, RemoteError::Network(NetworkCause::Dropped));
        bench.modem.mkdir("y").unwrap_err();
        bench.modem.logout().unwrap();
        bench.modem.login(&server()).unwrap();
        bench.still_works();
    }
    replayed(">> AT+FTPQUIT\\r\n<< \\r\\nERROR\\r\\n\n", |modem| {
        modem.logout().unwrap();
        assert_eq!(modem.status().unwrap(), SessionState::Closed);
    });
}

#[test]
fn generic_trap_15_passwords_are_readable() {
    let mut bench = online(|_| {});
    let lines = bench.modem.configuration().unwrap();
    assert!(lines.iter().any(|line| line == "FTPPW:***"), "{lines:?}");
    assert!(lines.iter().any(|line| line == &format!("FTPUN:{USER}")), "{lines:?}");
    assert!(!lines.concat().contains(PASSWORD));
    assert!(!bench.module.sent().contains("FTPPW?"));
    assert_eq!(*watch::LEAKS.lock().unwrap(), Vec::<String>::new());
    // Before a login it would be somebody else's, which no log could be kept free of.
    let mut bench = Bench::<Generic>::with(module(|_| {}));
    let (error, sent) = bench.module.clone().sent_by(|| bench.modem.configuration().unwrap_err());
    assert_eq!((error.kind(), sent.as_str()), (ErrorKind::WrongState, ""), "{error}");
}

#[test]
fn generic_trap_16_what_is_missing_is_not_attempted() {
    // Size, names and the current directory are built from the listing and from paths.
    let mut bench = online(|_| {});
    bench.files.put("/f", "12345");
    for operation in [Operation::Remove, Operation::Rename, Operation::Append, Operation::StoreAt, Operation::Ftps] {
        assert!(!bench.modem.capabilities().supports(operation), "{operation}");
    }
    let mut unsupported = |work: &dyn Fn(&mut Generic) -> Result<()>| {
        let (error, sent) = bench.module.clone().sent_by(|| work(&mut bench.modem).unwrap_err());
        assert_eq!((error.kind(), sent.as_str()), (ErrorKind::Unsupported, ""), "{error}");
    };
    unsupported(&|modem| modem.remove("/f"));
    unsupported(&|modem| modem.rename("/f", "/g"));
    unsupported(&|modem| modem.store("/f", &Store::append(), &mut &b"x"[..]).map(drop));
    unsupported(&|modem| modem.store("/f", &Store::at(5), &mut &b"x"[..]).map(drop));
    unsupported(&|modem| modem.store("/f", &Store::create(), &mut io::empty()).map(drop));
    assert_eq!((bench.modem.size("/f").unwrap(), bench.modem.pwd().unwrap()), (5, "/".to_owned()));
}

// ---- contradictions ----

#[test]
fn generic_contradiction_01_where_the_data_of_a_download_stand() {
    for get_framing in [GetFraming::OneLine, GetFraming::TwoLines] {
        everything(&mut online(|it| it.get_framing = get_framing));
    }
    // The section's own example answers no more than OK: nothing can be counted then.
    replayed(
        &format!("{}>> AT+FTPRESET=0\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPGET\\r\n<< \\r\\nOK\\r\\n\n{ASKED}", listed(3)),
        |modem| assert_eq!(get(modem, &Retrieve::whole()).unwrap_err().kind(), ErrorKind::Protocol),
    );
}

#[test]
fn generic_contradiction_02_the_end_of_an_upload() {
    for put_end in [PutEnd::Either, PutEnd::WithComma, PutEnd::WithoutComma] {
        let mut bench = online(|it| it.put_end = put_end);
        everything(&mut bench);
        let with_comma = bench.module.sent().contains("AT+FTPPUT=0,\r");
        assert_eq!(with_comma, put_end == PutEnd::WithComma, "only where the plain form is refused");
    }
}

#[test]
fn generic_contradiction_03_ok_behind_a_code_that_failed() {
    for server_failure in [ServerFailure::CodeThenOk, ServerFailure::CodeThenError] {
        let mut bench = Bench::<Generic>::with(module(|it| it.server_failure = server_failure));
        bench.modem.attach(&AccessPoint::default()).unwrap();
        bench.files.refuse_port(2121);
        let error = bench.modem.login(&server()).unwrap_err();
        assert_eq!((error.kind(), error.module_code().unwrap().value.as_str()), (ErrorKind::ConnectFailed, "3"));
    }
}

#[test]
fn a_session_that_cannot_be_opened_again_without_a_bearer_says_so() {
    for (state, kind) in [("1,0", ErrorKind::BearerLost), ("1,1", ErrorKind::ConnectFailed)] {
        let lines = format!(
            concat!(
                ">> AT+FTPMKD=/d\\r\n<< \\r\\nERROR\\r\\n\n",
                ">> AT+FTPPORT=21\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPMODE=1\\r\n<< \\r\\nOK\\r\\n\n",
                ">> AT+FTPSERV=10.0.0.1\\r\n<< \\r\\n+FTPSERV:3\\r\\n\\r\\nOK\\r\\n\n",
                ">> AT+CGACT?\\r\n<< \\r\\n+CGACT: {}\\r\\n\\r\\nOK\\r\\n\n",
            ),
            state
        );
        replayed(&lines, |modem| {
            assert_eq!(modem.mkdir("/d").unwrap_err().kind(), ErrorKind::ServerRefused);
            let error = modem.mkdir("/d").unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        });
    }
}

#[test]
fn generic_contradiction_04_offsets_in_bits_or_bytes() {
    // The example counts bytes. A module that counts bits gives 7 bytes from "bit" 15 on where the last one was asked for.
    let lines = format!(
        "{}>> AT+FTPRESET=15\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPGET\\r\n<< \\r\\n+FTPGET:15,123456789abcdef\\r\\n\\r\\nOK\\r\\n\n",
        listed(16)
    );
    replayed(&lines, |modem| {
        let error = get(modem, &Retrieve::from(8)).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Unsupported, Some(0)), "{error}");
    });
}

// generic_contradiction_05: the test form of FTPGET is printed as `AT+FTPGET?`. The driver asks neither form.

#[test]
fn generic_contradiction_06_ftpport_in_one_edition_only() {
    for port_form in [PortForm::Command, PortForm::InServer] {
        let mut bench = online(|it| it.port_form = port_form);
        bench.still_works();
        bench.modem.logout().unwrap();
        bench.modem.login(&server().with_port(2122)).unwrap();
        bench.still_works();
    }
}

#[test]
fn generic_contradiction_07_blanks_and_colons() {
    for spacing in [Spacing::Native, Spacing::AfterColon, Spacing::None, Spacing::AfterCommas] {
        let mut bench = Bench::<Generic>::online(module(|_| {}).with_spacing(spacing));
        everything(&mut bench);
        let sent = bench.module.sent();
        assert!(!sent.contains("AT+ ") && !sent.contains(" ="), "{sent}");
    }
    // A blank behind the plus, and a full-width colon.
    let lines = ">> AT+FTPQUIT\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPPORT=21\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPMODE=1\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPSERV=10.0.0.1\\r\n<< \\r\\n+FTPSERV\\xef\\xbc\\x9a3\\r\\nOK\\r\\n\n";
    replayed(lines, |modem| {
        modem.logout().unwrap();
        let error = modem.login(&Server::new("10.0.0.1", "u", "p")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectFailed, "{error}");
    });
}

#[test]
fn generic_contradiction_08_answers_with_another_prefix() {
    // FTPSCON is read whatever its lines begin with; no other read form is used.
    let mut bench = online(|it| it.misprints = true);
    assert!(bench.modem.configuration().unwrap().len() > 5);
    everything(&mut bench);
    assert!(!bench.module.sent().contains('?') || !bench.module.sent().contains("+FTPGETNAME?"));
    for heading in ["+FTPSCON \\xef\\xbc\\x9a", "+FTPMODE:"] {
        replayed(&format!(">> AT+FTPSCON\\r\n<< \\r\\n{heading}\\r\\nXXX\\r\\n+ FTPPW: p\\r\\nOK\\r\\n\n"), |modem| {
            let lines = modem.configuration().unwrap();
            assert_eq!(lines.len(), 3);
            assert_eq!(lines[1..], ["XXX", "+ FTPPW:***"]);
        });
    }
}

// ---- logging in ----

/// Logs out, and in again: what the module answers to each command of the second login, and what comes of it.
#[track_caller]
fn logging_in_again(exchange: &[(&str, &str)], outcome: Option<ErrorKind>) {
    let mut lines = String::from(">> AT+FTPQUIT\\r\n<< \\r\\nOK\\r\\n\n");
    for (command, answer) in exchange {
        lines += &format!(">> AT{command}\\r\n<< \\r\\n{answer}\\r\\n\n");
    }
    replayed(&lines, |modem| {
        modem.logout().unwrap();
        let login = modem.login(&Server::new("10.0.0.1", "u", "p"));
        assert_eq!(login.as_ref().err().map(ftp_modem::Error::kind), outcome, "{exchange:?}: {login:?}");
    });
}

#[test]
fn what_another_program_left_open_is_ended_before_a_login() {
    const SERV: [(&str, &str); 2] = [("+FTPPORT=21", "OK"), ("+FTPMODE=1", "OK")];
    const REFUSED: (&str, &str) = ("+FTPSERV=10.0.0.1", "ERROR");
    const TAKEN: (&str, &str) = ("+FTPSERV=10.0.0.1", "+FTPSERV:0\\r\\n\\r\\nOK");
    const LOGIN: [(&str, &str); 3] = [("+FTPUN=u", "OK"), ("+FTPPW=p", "OK"), ("+FTPTYPE=I", "OK")];
    let again = |left: &[(&'static str, &'static str)]| [&SERV, &[REFUSED][..], left, &SERV, &[TAKEN], &LOGIN].concat();
    let in_vain = |left: &[(&'static str, &'static str)]| [&SERV, &[REFUSED][..], left].concat();
    // A session, and one that was uploading, which has to end the upload before.
    logging_in_again(&again(&[("+FTPQUIT", "OK")]), None);
    logging_in_again(&again(&[("+FTPQUIT", "ERROR"), ("+FTPPUT=0", "OK"), ("+FTPQUIT", "OK")]), None);
    // Nothing was left.
    let nothing = [("+FTPQUIT", "ERROR"), ("+FTPPUT=0", "ERROR"), ("+FTPPUT=0,", "ERROR")];
    logging_in_again(&in_vain(&nothing), Some(ErrorKind::ConnectFailed));
    // Given up by the module, which says nothing of an upload.
    let aborted = [("+FTPQUIT", "ABORT")];
    logging_in_again(&in_vain(&aborted), Some(ErrorKind::ConnectFailed));
}

#[test]
fn a_login_that_is_not_refused_by_the_server_is_not_told_as_such() {
    let refused = |command: usize, answer: &'static str, then: &[(&'static str, &'static str)]| {
        let mut exchange = vec![("+FTPPORT=21", "OK"), ("+FTPMODE=1", "OK")];
        exchange.push(("+FTPSERV=10.0.0.1", "+FTPSERV:0\\r\\n\\r\\nOK"));
        exchange.extend([("+FTPUN=u", "OK"), ("+FTPPW=p", "OK")]);
        exchange.truncate(3 + command);
        exchange[2 + command].1 = answer;
        [&exchange[..], then].concat()
    };
    const ASKED: (&str, &str) = ("I", "UC8088_V1.0\\r\\n\\r\\nOK");
    for command in [1, 2] {
        logging_in_again(&refused(command, "ERROR", &[("+FTPQUIT", "OK")]), Some(ErrorKind::LoginRefused));
        logging_in_again(&refused(command, "ABORT", &[ASKED, ("+FTPQUIT", "OK")]), Some(ErrorKind::ModuleBusy));
    }
}

#[test]
fn an_activation_that_is_given_up_is_none_that_is_refused() {
    for (answer, kind) in [("ERROR", ErrorKind::BearerFailed), ("ABORT", ErrorKind::ModuleBusy)] {
        let lines = format!(
            ">> AT+CGACT?\\r\n<< \\r\\n+CGACT: 1,0\\r\\n\\r\\nOK\\r\\n\n>> AT+CFUN=1\\r\n<< \\r\\nOK\\r\\n\n>> AT+CGACT=1,1\\r\n<< \\r\\n{answer}\\r\\n\n"
        );
        replayed(&lines, |modem| {
            let error = modem.attach(&AccessPoint::default()).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        });
    }
}

// ---- the vendor's own ----

#[test]
fn active_and_passive_mode() {
    for passive in [false, true] {
        let mut bench = Bench::<Generic>::with(module(|it| it.initial_mode = u8::from(!passive)));
        bench.modem.use_passive_mode(passive).unwrap();
        bench.log_in();
        let mode = format!("FTPMODE:{}", u8::from(passive));
        assert!(bench.modem.configuration().unwrap().contains(&mode));
        assert_eq!(bench.modem.use_passive_mode(true).unwrap_err().kind(), ErrorKind::WrongState);
        everything(&mut bench);
    }
}

#[test]
fn the_size_of_the_pieces_of_an_upload() {
    for block in [1, 100, 1024] {
        let mut bench = online(|it| it.put_limit = block);
        bench.modem.use_upload_block(block).unwrap();
        assert_eq!(bench.modem.capabilities().limits.upload_block, block as u64);
        everything(&mut bench);
    }
    let mut bench = online(|it| it.put_limit = 100);
    for bad in [0, 4097] {
        assert_eq!(bench.modem.use_upload_block(bad).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    // More than the module takes is refused by it, and the upload closed.
    let error = bench.put("/f", &[b'x'; 300]).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::DataConnection, Some(300)), "{error}");
    bench.modem.use_upload_block(100).unwrap();
    assert_eq!(bench.put("/f", &[b'x'; 300]).unwrap(), 300);
}

#[test]
fn both_meanings_of_the_path() {
    for path_effect in [PathEffect::ChangesDirectory, PathEffect::Prefix] {
        let mut bench = online(|it| it.path_effect = path_effect);
        bench.files.put("/a/b/f", "deep");
        bench.files.put("/f", "flat");
        for (path, content) in [("/a/b/f", &b"deep"[..]), ("/f", b"flat"), ("a/b/f", b"deep")] {
            assert_eq!(bench.get(path).unwrap(), content, "{path_effect:?}");
        }
        let transfer = bench.modem.store("/a/new", &Store::create(), &mut &b"x"[..]).unwrap();
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
        assert_eq!(bench.files.file("/a/new").unwrap(), b"x");
    }
}

#[test]
fn a_reset_in_mid_session() {
    for says_so in [true, false] {
        let mut bench = online(|_| {});
        bench.files.add_directory("/base");
        bench.modem.cwd("/base").unwrap();
        bench.module.restart();
        if says_so {
            bench.module.say("RDY");
        }
        let error = bench.modem.mkdir("x").unwrap_err();
        let kind = if says_so { ErrorKind::ModuleRestarted } else { ErrorKind::ServerRefused };
        assert_eq!(error.kind(), kind, "{error}");
        let (_, sent) = bench.module.clone().sent_by(|| bench.modem.attach(&AccessPoint::default()).unwrap());
        assert!(sent.contains("ATE0\r") == says_so && sent.contains("AT+CGACT=1,1\r"), "{sent}");
        bench.modem.mkdir("x").unwrap();
        assert!(bench.files.is_directory("/base/x"));
        everything(&mut bench);
    }
    // In the middle of an upload.
    struct Restarting(Disturbed, usize);
    impl Read for Restarting {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1 == 2 {
                self.0.restart();
                self.0.say("RDY");
            }
            buffer.fill(b'x');
            Ok(if self.1 > 5 { 0 } else { buffer.len() })
        }
    }
    let mut bench = online(|_| {});
    let mut source = Restarting(bench.module.clone(), 0);
    let error = bench.modem.store("/f", &Store::create(), &mut source).unwrap_err();
    // The second block was under way when it restarted.
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::ModuleRestarted, Some(1024)), "{error}");
    assert!(error.module_usable(), "{error}");
    bench.modem.attach(&AccessPoint::default()).unwrap();
    bench.still_works();
    // A refusal is one only while the bearer is up.
    for (active, done) in [(0, true), (1, false)] {
        let lines = ">> AT+CGACT=0,1\\r\n<< \\r\\nERROR\\r\\n\n>> AT+CGACT?\\r\n<< \\r\\n+CGACT: 1,";
        replayed(&format!("{lines}{active}\\r\\n\\r\\nOK\\r\\n\n"), |modem| {
            assert_eq!(modem.detach().is_ok(), done);
        });
    }
    // Hanging up ends the session, and again is no error.
    let mut bench = online(|_| {});
    bench.modem.detach().unwrap();
    bench.modem.detach().unwrap();
    assert_eq!(bench.modem.status().unwrap(), SessionState::Closed);
    bench.modem.attach(&AccessPoint::default()).unwrap();
    bench.still_works();
}

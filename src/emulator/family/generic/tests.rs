mod downloads;

use std::time::Duration;

use crate::emulator::testing::Bench;
use crate::emulator::{
    DataEnd, EndOfFile, Family, GenericOptions, GetFraming, ListLength, NetworkCause, Operation, Options, PathEffect,
    PortForm, PutEnd, RemoteError, ServerFailure,
};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

fn bench(choose: impl FnOnce(&mut GenericOptions)) -> Bench {
    let mut options = Options::default().with_echo(false);
    choose(&mut options.generic);
    Bench::new(Family::Generic, options)
}

fn logged_in(choose: impl FnOnce(&mut GenericOptions)) -> Bench {
    let mut bench = bench(choose);
    play(
        &mut bench,
        &[
            ("AT+CGACT=1,1", OK),
            ("AT+FTPSERV=10.0.0.1", "\r\n+FTPSERV:0\r\n\r\nOK\r\n"),
            ("AT+FTPUN=xs", OK),
            ("AT+FTPPW=123", OK),
        ],
    );
    bench
}

fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), *answer, "{line:?}");
    }
}

#[test]
fn the_manual_s_session() {
    let mut bench = bench(|_| ());
    bench.server.add_user("xs", "123");
    bench.server.set_listing("/", "-rw-rw-r--  1 xisen xisen  5 Sep 30 01:52 12.txt\r\n");
    play(
        &mut bench,
        &[
            ("AT+CFUN=1", OK),
            ("AT+CGACT=1,1", OK),
            ("AT+FTPPORT=15881", OK),
            ("AT+FTPMODE=1", OK),
            ("AT+FTPSERV=47.104.157.10", "\r\n+FTPSERV:0\r\n\r\nOK\r\n"),
            ("AT+FTPUN=xs", OK),
            ("AT+FTPPW=123", OK),
            ("AT+FTPTYPE=I", OK),
            ("AT+FTPPUTNAME=12.txt", OK),
            ("AT+FTPPUT=5,12345", OK),
            ("AT+FTPPUT=0", OK),
            ("AT+FTPGETNAME=12.txt", OK),
            ("AT+FTPRESET=2", OK),
            ("AT+FTPGET", "\r\n+FTPGET:3,345\r\nOK\r\n"),
            ("AT+FTPLIST", "\r\n+FTPLIST:1,48\r\n-rw-rw-r--  1 xisen xisen  5 Sep 30 01:52 12.txt\r\nOK\r\n"),
            ("AT+FTPQUIT", OK),
            ("AT+FTPQUIT", ERROR),
        ],
    );
    assert_eq!(bench.server.file("/12.txt").unwrap(), b"12345");
    assert_eq!(bench.server.sessions(), 0);
}

#[test]
fn read_and_test_forms() {
    let mut bench = logged_in(|_| ());
    let asks = [
        ("AT+FTPMODE=?", "+FTPMODE: (0-1)"),
        ("AT+FTPMODE?", "+FTPMODE: 1"),
        ("AT+FTPTYPE=?", "+FTPTYPE: (I/A)"),
        ("AT+FTPTYPE?", "+FTPTYPE: I"),
        ("AT+FTPRESET=?", "+FTPRESET:<value>"),
        ("AT+FTPRESET?", "+FTPRESET:0"),
        ("AT+FTPSERV=?", "+FTPSERV: <IP>"),
        ("AT+FTPSERV?", "+FTPSERV: 10.0.0.1"),
        ("AT+FTPPORT=?", "+FTPPORT: (1-65535)"),
        ("AT+FTPPORT?", "+FTPPORT: 21"),
        ("AT+FTPUN=?", "+FTPUN: <username>"),
        ("AT+FTPUN?", "+FTPUN: xs"),
        ("AT+FTPPW=?", "+FTPPW: <password>"),
        ("AT+FTPPW?", "+FTPPW: 123"),
        ("AT+FTPGETNAME=?", "+FTPGETNAME:<file name>"),
        ("AT+FTPGETNAME?", "+FTPGETNAME:"),
        ("AT+FTPPUTNAME=?", "+FTPPUTNAME:<put name>"),
        ("AT+FTPPUTNAME?", "+FTPPUTNAME: "),
        ("AT+FTPPATH=?", "+FTPPATH:<file path>"),
        ("AT+FTPPATH?", "+FTPPATH: "),
        ("AT+FTPMKD=?", "+FTPMKD:<dir>"),
        ("AT+FTPRMD=?", "+FTPRMD:<dir>"),
        ("AT+FTPGET=?", "+FTPGET"),
        ("AT+FTPGET?", "+FTPGET"),
        ("AT+FTPPUT=?", "+FTPPUT"),
        ("AT+FTPSCON=?", "+FTPSCON"),
        ("AT+FTPQUIT=?", "+FTPQUIT"),
    ];
    for (line, answer) in asks {
        assert_eq!(bench.command(line), format!("\r\n{answer}\r\n\r\nOK\r\n"), "{line}");
    }
    let report = bench.command("AT+FTPSCON");
    assert!(report.starts_with("\r\n+FTPSCON:\r\n") && report.contains("\r\nFTPPW:123\r\n"), "{report}");
    for line in ["AT+FTPMKD?", "AT+FTPLIST=?", "AT+FTPLIST?", "AT+FTPPUT?", "AT+FTPPUT", "AT+FTPGET=1", "AT+FTPQUIT=1"]
    {
        assert_eq!(bench.command(line), ERROR, "{line}");
    }
}

#[test]
fn misprints_on_request() {
    let mut bench = bench(|options| options.misprints = true);
    for (line, answer) in [
        ("AT+FTPSERV=?", "+FTPMODE: <IP>"),
        ("AT+FTPPW=?", "+FTPUN: <password>"),
        ("AT+FTPRMD=?", "+FTPMKD: <dir>"),
        ("AT+FTPGETNAME?", "+FTPGETNAME"),
    ] {
        assert_eq!(bench.command(line), format!("\r\n{answer}\r\n\r\nOK\r\n"), "{line}");
    }
}

#[test]
fn parameters_and_order_are_checked() {
    let long = "x".repeat(65);
    let mut bench = bench(|_| ());
    let out_of_session = [
        "AT+FTPUN=xs",
        "AT+FTPPW=123",
        "AT+FTPGET",
        "AT+FTPLIST",
        "AT+FTPQUIT",
        "AT+FTPPATH=/",
        "AT+FTPMKD=d",
        "AT+FTPRMD=d",
        "AT+FTPPUT=1,x",
        "AT+FTPPUT=0",
    ];
    let malformed = [
        "AT+FTPMODE=2",
        "AT+FTPMODE=",
        "AT+FTPMODE=0,1",
        "AT+FTPMODE= 0",
        "AT+ FTPMODE=0",
        "AT+FTPTYPE=i",
        "AT+FTPTYPE=X",
        "AT+FTPRESET=-1",
        "AT+FTPRESET=x",
        "AT+FTPPORT=0",
        "AT+FTPPORT=65536",
        "AT+FTPGETNAME=",
        "AT+FTPPUTNAME=",
        "AT+FTPSERV=",
        "AT+FTPSERV=1.2.3.4,21",
        "AT+FTPDELE=x",
    ];
    for line in out_of_session.iter().chain(&malformed) {
        assert_eq!(bench.command(line), ERROR, "{line}");
    }
    assert_eq!(bench.command(&format!("AT+FTPGETNAME={long}")), ERROR);
    assert_eq!(bench.command(&format!("AT+FTPGETNAME={}", &long[1..])), OK);
    assert_eq!(bench.command("AT+FTPTYPE=A"), OK);
    assert_eq!(bench.command("AT+FTPRESET=5"), ERROR);
    play(
        &mut bench,
        &[
            ("AT+CGACT=1,1", OK),
            ("AT+FTPSERV=10.0.0.1", "\r\n+FTPSERV:0\r\n\r\nOK\r\n"),
            ("AT+FTPSERV=10.0.0.1", ERROR),
            ("AT+FTPPW=123", ERROR),
            ("AT+FTPGET", ERROR),
            ("AT+FTPUN=a;b,\"c\"", OK),
            ("AT+FTPUN?", "\r\n+FTPUN: a;b,\"c\"\r\n\r\nOK\r\n"),
            ("AT+FTPPW=x", OK),
            ("AT+FTPPUT=1,x", ERROR),
            ("AT+FTPGETNAME=missing", OK),
            ("AT+FTPGET", ERROR),
        ],
    );
}

#[test]
fn connection_codes() {
    let network = |cause| Some(RemoteError::Network(cause));
    let cases = [
        (None, "10.0.0.1", 0),
        (None, "ftp.example.com", 2),
        (network(NetworkCause::Refused), "10.0.0.1", 3),
        (network(NetworkCause::Unreachable), "10.0.0.1", 3),
        (network(NetworkCause::Timeout), "10.0.0.1", 4),
        (Some(RemoteError::reply(421, "full")), "10.0.0.1", 5),
    ];
    for (failure, host, code) in cases {
        for (form, end) in [
            (ServerFailure::CodeThenOk, format!("\r\n+FTPSERV:{code}\r\n\r\nOK\r\n")),
            (ServerFailure::CodeThenError, format!("\r\n+FTPSERV:{code}\r\n\r\nERROR\r\n")),
            (ServerFailure::ErrorOnly, ERROR.to_owned()),
        ] {
            let mut bench = bench(|options| options.server_failure = form);
            assert!(!bench.command("AT+FTPSERV=10.0.0.1").contains(":0"), "the context is not active");
            bench.command("AT+CGACT=1,1");
            if let Some(error) = failure.clone() {
                bench.server.fail_next(Operation::Connect, error);
            }
            let end = if code == 0 { "\r\n+FTPSERV:0\r\n\r\nOK\r\n".to_owned() } else { end };
            assert_eq!(bench.command(&format!("AT+FTPSERV={host}")), end);
        }
    }
    assert_eq!(bench(|_| ()).command("AT+FTPSERV=10.0.0.1"), "\r\n+FTPSERV:1\r\n\r\nOK\r\n");
}

#[test]
fn the_newer_edition_has_the_port_in_ftpserv() {
    let mut bench = bench(|options| {
        options.port_form = PortForm::InServer;
        options.host_names = true;
    });
    bench.server.refuse_port(21);
    play(
        &mut bench,
        &[
            ("AT+CGACT=1,1", OK),
            ("AT+FTPPORT=2121", ERROR),
            ("AT+FTPPORT?", ERROR),
            ("AT+FTPSERV=host,21", "\r\n+FTPSERV:3\r\n\r\nOK\r\n"),
            ("AT+FTPSERV=host,0", ERROR),
            ("AT+FTPSERV=host,2121", "\r\n+FTPSERV:0\r\n\r\nOK\r\n"),
            ("AT+FTPSERV?", "\r\n+FTPSERV: host,2121\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn login_is_proven_by_the_password_alone() {
    let mut bench = bench(|_| ());
    bench.server.add_user("xs", "123");
    play(
        &mut bench,
        &[
            ("AT+CGACT=1,1", OK),
            ("AT+FTPSERV=10.0.0.1", "\r\n+FTPSERV:0\r\n\r\nOK\r\n"),
            ("AT+FTPUN=nobody", OK),
            ("AT+FTPPW=123", ERROR),
            ("AT+FTPLIST", ERROR),
            ("AT+FTPUN=xs", OK),
            ("AT+FTPPW=123", OK),
            ("AT+FTPLIST", "\r\n+FTPLIST:1,0\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn downloads_are_counted_in_both_framings() {
    let every_byte: Vec<u8> = (0..=255).collect();
    let contents: [&[u8]; 6] = [b"", b",", b"\r\n", b"\r\nOK\r\n", b"+FTPGET:3,", &every_byte];
    for content in contents {
        for (framing, separator) in [(GetFraming::OneLine, ","), (GetFraming::TwoLines, "\r\n")] {
            let mut bench = logged_in(|options| options.get_framing = framing);
            bench.server.put("f", content);
            bench.command("AT+FTPGETNAME=f");
            let mut expected = format!("\r\n+FTPGET:{}{separator}", content.len()).into_bytes();
            expected.extend_from_slice(content);
            expected.extend_from_slice(b"\r\nOK\r\n");
            assert_eq!(bench.exchange(b"AT+FTPGET\r"), expected);
        }
    }
}

#[test]
fn a_limited_get_goes_on_by_reset() {
    for (end, last) in [(EndOfFile::Zero, "\r\n+FTPGET:0,\r\nOK\r\n"), (EndOfFile::Error, ERROR)] {
        let mut bench = logged_in(|options| {
            options.get_limit = Some(4);
            options.end_of_file = end;
        });
        bench.server.put("f", "abcdefgh");
        play(
            &mut bench,
            &[
                ("AT+FTPGETNAME=f", OK),
                ("AT+FTPGET", "\r\n+FTPGET:4,abcd\r\nOK\r\n"),
                ("AT+FTPRESET=4", OK),
                ("AT+FTPGET", "\r\n+FTPGET:4,efgh\r\nOK\r\n"),
                ("AT+FTPGET", "\r\n+FTPGET:4,efgh\r\nOK\r\n"),
                ("AT+FTPRESET=8", OK),
                ("AT+FTPGET", last),
            ],
        );
    }
    let mut forgetful = logged_in(|options| options.reset_persists = false);
    forgetful.server.put("f", "abc");
    play(
        &mut forgetful,
        &[
            ("AT+FTPGETNAME=f", OK),
            ("AT+FTPRESET=1", OK),
            ("AT+FTPGET", "\r\n+FTPGET:2,bc\r\nOK\r\n"),
            ("AT+FTPGET", "\r\n+FTPGET:3,abc\r\nOK\r\n"),
        ],
    );
    let mut deaf = logged_in(|options| options.reset_ignored = true);
    deaf.server.put("f", "abc");
    play(&mut deaf, &[("AT+FTPGETNAME=f", OK), ("AT+FTPRESET=1", OK), ("AT+FTPGET", "\r\n+FTPGET:3,abc\r\nOK\r\n")]);
}

#[test]
fn uploads_stay_open_until_ended() {
    let mut bench = logged_in(|options| options.put_limit = 8);
    play(
        &mut bench,
        &[
            ("AT+FTPPUTNAME=f", OK),
            ("AT+FTPPUT=4,a,;\"", OK),
            ("AT+FTPGET", ERROR),
            ("AT+FTPQUIT", ERROR),
            ("AT+FTPPUT=3,ab", ERROR),
            ("AT+FTPPUT=3,abcd", ERROR),
            ("AT+FTPPUT=9,123456789", ERROR),
            ("AT+FTPPUT=2", ERROR),
            ("AT+FTPPUT=2,bc", OK),
            ("AT+FTPPUT=0,x", ERROR),
            ("AT+FTPPUT=0,", OK),
            ("AT+FTPPUT=0", ERROR),
        ],
    );
    assert_eq!(bench.server.file("f").unwrap(), b"a,;\"bc");
    bench.server.habits().largest_file = Some(3);
    play(&mut bench, &[("AT+FTPPUT=4,1234", ERROR), ("AT+FTPLIST", ERROR), ("AT+FTPPUT=0", ERROR), ("AT+FTPQUIT", OK)]);
}

#[test]
fn either_end_of_an_upload_can_be_the_only_one() {
    for (put_end, wrong, right) in
        [(PutEnd::WithComma, "AT+FTPPUT=0", "AT+FTPPUT=0,"), (PutEnd::WithoutComma, "AT+FTPPUT=0,", "AT+FTPPUT=0")]
    {
        let mut bench = logged_in(|options| options.put_end = put_end);
        play(&mut bench, &[("AT+FTPPUTNAME=f", OK), ("AT+FTPPUT=1,x", OK), (wrong, ERROR), (right, OK)]);
    }
}

#[test]
fn control_characters_break_an_upload_unless_counted() {
    for (counted, answers, stored) in [
        (false, ["\r\nERROR\r\n\r\nERROR\r\n", ERROR, ERROR, ERROR], None),
        (true, [OK; 4], Some(b"a\rba\x08ba\x00ba\nb".as_slice())),
    ] {
        let mut bench = logged_in(|options| options.put_counted = counted);
        bench.command("AT+FTPPUTNAME=f");
        for (payload, answer) in ["a\rb", "a\x08b", "a\0b", "a\nb"].into_iter().zip(answers) {
            assert_eq!(bench.command(&format!("AT+FTPPUT=3,{payload}")), answer, "{payload:?}");
        }
        bench.command("AT+FTPPUT=0");
        assert_eq!(bench.server.file("f").as_deref(), stored);
    }
}

#[test]
fn list_lengths() {
    for (length, announced, sent) in [
        (ListLength::WithoutLastLineEnd, 4, "a\r\nb"),
        (ListLength::Everything, 6, "a\r\nb\r\n"),
        (ListLength::WithoutLineEnds, 2, "a\r\nb\r\n"),
    ] {
        let mut bench = logged_in(|options| options.list_length = length);
        bench.server.set_listing("/", "a\r\nb\r\n");
        assert_eq!(bench.command("AT+FTPLIST"), format!("\r\n+FTPLIST:1,{announced}\r\n{sent}\r\nOK\r\n"));
    }
}

#[test]
fn paths_change_the_directory_or_prefix_names() {
    for effect in [PathEffect::ChangesDirectory, PathEffect::Prefix] {
        let mut bench = logged_in(|options| options.path_effect = effect);
        bench.server.put("/docs/f", "x");
        let missing = if effect == PathEffect::Prefix { OK } else { ERROR };
        play(
            &mut bench,
            &[
                ("AT+FTPPATH=/nowhere", missing),
                ("AT+FTPPATH=/docs", OK),
                ("AT+FTPPATH?", "\r\n+FTPPATH: /docs\r\n\r\nOK\r\n"),
                ("AT+FTPGETNAME=f", OK),
                ("AT+FTPGET", "\r\n+FTPGET:1,x\r\nOK\r\n"),
                ("AT+FTPMKD=/invoker", OK),
                ("AT+FTPMKD=/invoker", ERROR),
                ("AT+FTPRMD=/invoker", OK),
                ("AT+FTPRMD=/invoker", ERROR),
            ],
        );
        assert!(bench.command("AT+FTPLIST").contains(" f\r\nOK"));
    }
}

#[test]
fn a_lost_connection_shows_as_errors() {
    let mut bench = logged_in(|_| ());
    bench.server.put("f", "abcdef");
    bench.command("AT+FTPGETNAME=f");
    bench.server.break_download_after(2);
    play(&mut bench, &[("AT+FTPGET", ERROR), ("AT+FTPGET", "\r\n+FTPGET:6,abcdef\r\nOK\r\n")]);
    bench.server.fail_next(Operation::Size, RemoteError::Network(NetworkCause::Dropped));
    play(
        &mut bench,
        &[("AT+FTPGET", ERROR), ("AT+FTPQUIT", ERROR), ("AT+FTPSERV=10.0.0.1", "\r\n+FTPSERV:0\r\n\r\nOK\r\n")],
    );
}

#[test]
fn the_network_takes_its_time_and_blocks_the_module() {
    let second = Duration::from_secs(1);
    let mut bench = Bench::new(
        Family::Generic,
        Options::default().with_echo(false).with_pdp_active(true).with_network_latency(second),
    );
    bench.send(b"AT+FTPSERV=10.0.0.1\rAT\r");
    assert_eq!(bench.after(second - Duration::from_millis(1)), b"");
    assert_eq!(bench.after(Duration::from_millis(1)), b"\r\n+FTPSERV:0\r\n\r\nOK\r\n\r\nOK\r\n");
}

#[test]
fn restart_forgets_everything() {
    let mut bench = logged_in(|_| ());
    play(&mut bench, &[("AT+FTPPUTNAME=f", OK), ("AT+FTPPUT=1,x", OK)]);
    bench.module.restart(bench.now);
    assert_eq!(bench.server.sessions(), 0);
    play(&mut bench, &[("ATE0", OK), ("AT+FTPUN?", "\r\n+FTPUN: \r\n\r\nOK\r\n"), ("AT+FTPQUIT", ERROR)]);
}

#[test]
fn data_may_have_a_line_end_of_their_own() {
    let mut bench = logged_in(|options| options.data_end = DataEnd::OwnLineEnd);
    bench.server.put("/f", "345");
    bench.command("AT+FTPGETNAME=f");
    assert_eq!(bench.command("AT+FTPGET"), "\r\n+FTPGET:3,345\r\n\r\nOK\r\n");
    let listing = "-rw-r--r--    1 ftp      ftp             3 Jul 22 04:09 f";
    assert_eq!(bench.command("AT+FTPLIST"), format!("\r\n+FTPLIST:1,57\r\n{listing}\r\n\r\nOK\r\n"));
}

use super::{ERROR, OK, SECOND, done, opened, play, text};
use crate::emulator::{Operation, PutFailure, PutRefusal, RemoteError, StoreFailure};

#[test]
fn a_surplus_byte_spoils_the_next_line() {
    let mut bench = opened(|_| ());
    bench.command("AT+FTPPUT=\"f\",3,0");
    assert_eq!(bench.exchange(b"abcd"), OK.as_bytes());
    assert_eq!(bench.command("AT"), ERROR);
    assert_eq!(bench.command("AT"), OK);
}

#[test]
fn pieces_make_a_file() {
    let mut bench = opened(|options| options.put_empty = true);
    let go = "\r\n+FTPPUT: 2,2\r\n";
    play(&mut bench, &[("AT+FTPPUT=\"f\",2,0,1", go)]);
    bench.exchange(b"ab");
    play(
        &mut bench,
        &[
            ("AT+FTPPUT=\"g\",2,0,1", ERROR),
            ("AT+FTPPWD", ERROR),
            ("AT+FTPPUT=\"f\",0,1", "\r\n+FTPPUT: 2,0\r\n\r\nOK\r\n\r\n+FTPPUT: 1\r\n"),
            ("AT+FTPPUT=\"f\",2,1,1,1", go),
        ],
    );
    assert_eq!(bench.exchange(b"xy"), done(&["+FTPPUT: 1"]).as_bytes());
    assert_eq!(bench.server.file("f").unwrap(), b"axy");
    play(&mut bench, &[("AT+FTPPUT=\"f\",2,0", go)]);
    bench.exchange(b"ab");
    play(&mut bench, &[("AT+FTPCLOSE", &done(&["+FTPCLOSE: 1"]))]);
}

#[test]
fn the_go_ahead_may_ask_for_less() {
    for (ends, end) in [(false, OK.to_owned()), (true, done(&["+FTPPUT: 1"]))] {
        let mut bench = opened(|options| {
            options.put_announced = Some(10);
            options.put_short_ends = ends;
        });
        play(&mut bench, &[("AT+FTPPUT=\"log.txt\",100,1,0", "\r\n+FTPPUT: 2,10\r\n")]);
        assert_eq!(bench.exchange(b"0123456789"), end.as_bytes());
    }
}

#[test]
fn uploads_the_server_refuses() {
    for (refusal, answer) in [
        (PutRefusal::Error, ERROR.to_owned()),
        (PutRefusal::OkThenZero, done(&["+FTPPUT: 0"])),
        (PutRefusal::ZeroThenError, "\r\n+FTPPUT: 0\r\n\r\nERROR\r\n".to_owned()),
    ] {
        let mut bench = opened(|options| options.put_refusal = refusal);
        assert_eq!(bench.command("AT+FTPPUT=\"none/f\",2,0"), answer);
        assert_eq!(bench.command("AT+FTPSTOR=\"none/f\""), done(&["+FTPSTOR: 0"]));
    }
    for (failure, answer) in [(PutFailure::OkThenZero, done(&["+FTPPUT: 0"])), (PutFailure::Error, ERROR.to_owned())] {
        let mut bench = opened(|options| options.put_failure = failure);
        bench.server.habits().largest_file = Some(3);
        bench.command("AT+FTPPUT=\"f\",4,0");
        assert_eq!(bench.exchange(b"abcd"), answer.as_bytes());
        assert!(bench.command("AT+FTPPWD").contains("+FTPPWD: 1"));
    }
    let mut bench = opened(|_| ());
    bench.server.fail_next(Operation::Finish, RemoteError::reply(452, "full"));
    bench.command("AT+FTPPUT=\"f\",1,1");
    assert_eq!(bench.exchange(b"x"), done(&["+FTPPUT: 0"]).as_bytes());
    for (failure, at_once, at_end) in [
        (StoreFailure::AtEnd, "", "\r\n+FTPSTOR: 0\r\n"),
        (StoreFailure::AtOnceStillTaking, "\r\n+FTPSTOR: 0\r\n", ""),
        (StoreFailure::AtOnce, "\r\n+FTPSTOR: 0\r\n", "\r\nERROR\r\n"),
    ] {
        let mut bench = opened(|options| options.store_failure = failure);
        bench.server.habits().largest_file = Some(3);
        bench.command("AT+FTPSTOR=\"f\"");
        assert_eq!(bench.exchange(b"abcd"), at_once.as_bytes(), "{failure:?}");
        assert_eq!(bench.exchange(b"ef\r\x03"), at_end.as_bytes(), "{failure:?}");
        assert!(bench.command("AT+FTPPWD").contains("+FTPPWD: 1"));
    }
}

#[test]
fn a_host_that_stops_sending_is_given_up() {
    let mut bench = opened(|options| options.data_idle = Some(SECOND));
    bench.command("AT+FTPPUT=\"f\",4,1");
    assert_eq!(bench.exchange(b"ab"), b"");
    assert_eq!(bench.after(SECOND), ERROR.as_bytes());
    bench.command("AT+FTPSTOR=\"f\"");
    assert_eq!(bench.after(SECOND), b"\r\n+FTPSTOR: 0\r\n");
    let mut patient = opened(|_| ());
    patient.command("AT+FTPSTOR=\"f\"");
    assert_eq!(patient.after(SECOND * 3600), b"");
    assert_eq!(patient.exchange(b"AT\r\x03"), b"\r\n+FTPSTOR: 1\r\n");
}

#[test]
fn dtr_closes_the_session_in_data_mode_only_with_d2() {
    for (set, answer) in [
        ("AT&D1", ""),
        ("AT&D2", "\r\n+FTPSTOR: 0\r\n\r\n+FTPCLOSE: 1\r\n"),
        ("AT&D3", "\r\n+FTPSTOR: 0\r\n\r\n+FTPCLOSE: 1\r\n"),
    ] {
        let mut bench = opened(|_| ());
        bench.command(set);
        bench.command("AT+FTPSTOR=\"f\"");
        bench.exchange(b"ab");
        bench.module.drop_dtr(bench.now);
        assert_eq!(text(bench.output()), answer, "{set}");
        let after = bench.exchange(b"AT\r\x03");
        let expected = if answer.is_empty() { "\r\n+FTPSTOR: 1\r\n" } else { OK };
        assert_eq!(text(after), expected, "{set}");
    }
    let mut bench = opened(|_| ());
    bench.command("AT&D2");
    bench.command("AT+FTPPUT=\"f\",4,0");
    bench.module.drop_dtr(bench.now);
    assert_eq!(text(bench.output()), "\r\nERROR\r\n\r\n+FTPCLOSE: 1\r\n");
}

#[test]
fn ascii_type_converts_line_ends_if_the_server_does() {
    let mut bench = opened(|options| options.ascii_converts = true);
    for (kind, stored) in [(1, &b"a\r\nb\r\rc\r"[..]), (0, b"a\nb\r\rc\r")] {
        bench.command(&format!("AT+FTPSTOR=\"f\",{kind}"));
        for byte in b"a\r\nb\r\rc\r\x03" {
            bench.exchange(&[*byte]);
        }
        assert_eq!(bench.server.file("f").unwrap(), stored);
    }
    bench.command("AT+FTPGET=\"f\",0");
    assert_eq!(bench.command("AT+FTPRECV=99"), "\r\n+FTPRECV: 8\r\na\r\nb\r\rc\r\r\nOK\r\n");
}

//! How uploads may misbehave.

use std::time::Duration;

use super::{ERROR, OK, data, opened, options, play, ready, ready_with};
use crate::emulator::{AsciiEffect, Operation, PutExcess, RemoteError};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn uploads_accept_what_they_like() {
    let mut bench = ready(|options| {
        options.put_maximums = vec![1000, 4, 1260];
        options.put_accepts = Some(3);
        options.put_refusals = 1;
    });
    play(
        &mut bench,
        &[
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1000")),
            ("AT+FTPPUT=2,1001", ERROR),
            ("AT+FTPPUT=2,5", "\r\n+FTPPUT: 2,0\r\n\r\nOK\r\n"),
            ("AT+FTPPUT=2,5", "\r\n+FTPPUT: 2,3\r\n"),
        ],
    );
    assert_eq!(bench.exchange(b"abc"), opened("+FTPPUT: 1,1,4").as_bytes());
    play(&mut bench, &[("AT+FTPPUT=2,5", ERROR), ("AT+FTPPUT=2,2", "\r\n+FTPPUT: 2,2\r\n")]);
    assert_eq!(bench.exchange(b"de\rAT\r"), (opened("+FTPPUT: 1,1,1260") + OK).as_bytes());
    assert_eq!(bench.server.file("/test.txt").unwrap(), b"abcde");
    let mut capped = ready(|options| {
        options.put_excess = PutExcess::Capped;
        options.put_maximum_shown = false;
        options.put_reannounced = false;
        options.put_silent_chunk = Some(2);
    });
    play(&mut capped, &[("AT+FTPPUT=1", &opened("+FTPPUT: 1,1")), ("AT+FTPPUT=2,2000", "\r\n+FTPPUT: 2,1360\r\n")]);
    assert_eq!(capped.exchange(&[b'x'; 1360]), OK.as_bytes());
    play(&mut capped, &[("AT+FTPPUT=2,1", "\r\n+FTPPUT: 2,1\r\n")]);
    assert_eq!(capped.exchange(b"y"), b"");
    play(&mut capped, &[("AT+FTPPUT=2,0", &opened("+FTPPUT: 1,0"))]);
    assert_eq!(capped.server.file("/test.txt").unwrap().len(), 1361);
}

#[test]
fn a_surplus_byte_spoils_the_next_command() {
    let mut bench = ready(|_| ());
    bench.command("AT+FTPPUT=1");
    bench.command("AT+FTPPUT=2,2");
    assert_eq!(bench.exchange(b"abcAT\r"), (opened("+FTPPUT: 1,1,1360") + ERROR).as_bytes());
}

#[test]
fn room_and_success_come_late() {
    let mut bench = ready(|options| {
        options.put_reannounce_delay = 2 * SECOND;
        options.store_delay = 20 * SECOND;
    });
    bench.command("AT+FTPPUT=1");
    bench.command("AT+FTPPUT=2,2");
    assert_eq!(bench.exchange(b"ab"), OK.as_bytes());
    assert_eq!(bench.after(2 * SECOND), b"\r\n+FTPPUT: 1,1,1360\r\n");
    play(&mut bench, &[("AT+FTPPUT=2,0", OK), ("AT+FTPPUT=2,0", ERROR)]);
    assert_eq!(bench.after(19 * SECOND), b"");
    bench.server.fail_next(Operation::Finish, RemoteError::reply(452, "full"));
    assert_eq!(bench.after(SECOND), b"\r\n+FTPPUT: 1,78\r\n");
}

#[test]
fn uploads_fail_between_chunks() {
    let mut bench = ready(|_| ());
    bench.server.habits().largest_file = Some(3);
    bench.command("AT+FTPPUT=1");
    bench.command("AT+FTPPUT=2,2");
    assert_eq!(bench.exchange(b"ab"), opened("+FTPPUT: 1,1,1360").as_bytes());
    bench.command("AT+FTPPUT=2,2");
    assert_eq!(bench.exchange(b"cd"), opened("+FTPPUT: 1,78").as_bytes());
    play(&mut bench, &[("AT+FTPPUT=2,0", ERROR)]);
}

#[test]
fn text_mode_spoils_data() {
    for (effect, expanded, binary, up, down) in [
        (None, false, false, "a\u{e9}b", "a\r\n\u{e9}b\n"),
        (None, false, true, "a\r\n\u{e9}b\n", "a\r\n\u{e9}b\n"),
        (Some(AsciiEffect::ClearTopBit), false, false, "a\r\nC)b\n", "a\r\nC)b\n"),
        (Some(AsciiEffect::None), true, true, "a\r\r\n\u{e9}b\r\n", "a\r\n\u{e9}b\n"),
    ] {
        let content = "a\r\n\u{e9}b\n";
        let mut bench = ready(|options| {
            options.ascii_effect = effect;
            options.line_feeds_expanded = expanded;
            options.blank_before_end = Some(false);
        });
        bench.command(if binary { "AT+FTPTYPE=I" } else { "AT+FTPTYPE=A" });
        bench.command("AT+FTPPUT=1");
        bench.command("AT+FTPPUT=2,7");
        bench.exchange(content.as_bytes());
        bench.command("AT+FTPPUT=2,0");
        assert_eq!(bench.server.file("/test.txt").unwrap(), up.as_bytes());
        bench.server.put("/test.txt", content);
        bench.command("AT+FTPGET=1");
        assert_eq!(
            bench.command("AT+FTPGET=2,9"),
            data(&format!("+FTPGET: 2,{}", down.len()), down) + "\r\n+FTPGET: 1,0\r\n"
        );
    }
}

#[test]
fn power_on_type_drops_line_ends() {
    let mut bench = ready_with(options(|_| ()));
    bench.module.restart(bench.now);
    bench.output();
    play(&mut bench, &[("ATE0", OK), ("AT+FTPTYPE?", "\r\n+FTPTYPE:\"A\"\r\n\r\nOK\r\n")]);
}

#[test]
fn unique_and_appended_names() {
    let mut bench = ready(|_| ());
    bench.server.put("/test.txt", "old");
    for (mode, name, content) in
        [("APPE", "/test.txt", "oldnew"), ("STOU", "/test.txt.1", "new"), ("STOR", "/test.txt", "new")]
    {
        bench.command(&format!("AT+FTPPUTOPT=\"{mode}\""));
        bench.command("AT+FTPPUT=1");
        bench.command("AT+FTPPUT=2,3");
        bench.exchange(b"new");
        play(&mut bench, &[("AT+FTPPUT=2,0", &opened("+FTPPUT: 1,0"))]);
        assert_eq!(bench.server.file(name).unwrap(), content.as_bytes());
    }
}

//! Uploads.

use super::*;
use crate::emulator::{Operation, RemoteError, UploadFailure};

#[test]
fn the_manual_s_uploads() {
    let mut bench = opened(|_| ());
    assert_eq!(bench.command("AT+QFTPPUT=\"test_my1.txt\",\"COM:\",0"), CONNECT);
    assert_eq!(bench.exchange(&[b'x'; 1000]), b"");
    bench.after(SECOND);
    bench.send(b"+++");
    assert_eq!(bench.after(SECOND - MILLISECOND), b"");
    assert_eq!(text(&bench.after(MILLISECOND)), late("+QFTPPUT: 0,1000"));
    play(
        &mut bench,
        &[
            ("AT+QFTPLEN", &late("+QFTPLEN: 0,1000")),
            ("ATO", "\r\nNO CARRIER\r\n"),
            ("AT+QFTPPUT=\"test_my1.txt\",\"COM:\",1000", CONNECT),
        ],
    );
    bench.send(&[b'y'; 500]);
    bench.after(SECOND);
    bench.send(b"+++");
    assert_eq!(text(&bench.after(SECOND)), late("+QFTPPUT: 0,500"));
    assert_eq!(bench.command("AT+QFTPSIZE=\"test_my1.txt\""), late("+QFTPSIZE: 0,1500"));
}

#[test]
fn an_upload_in_pieces() {
    let mut bench = opened(|_| ());
    let first = "AT+QFTPPUT=\"test.txt\",\"COM:\",0,1024,0";
    assert_eq!(bench.command(first), CONNECT);
    assert_eq!(text(&bench.exchange(&[b'1'; 1024])), late("+QFTPPUT: 0,1024"));
    play(
        &mut bench,
        &[
            ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,2")),
            ("AT+QFTPSIZE=\"test.txt\"", &cme(603)),
            ("AT+QFTPPUT=\"other\",\"COM:\",1024,1024,1", &cme(603)),
            ("AT+QFTPPUT=\"test.txt\",\"COM:\",1000,1024,1", &cme(612)),
            ("AT+QFTPPUT=\"test.txt\",\"COM:\",1024,1024,1", CONNECT),
        ],
    );
    assert_eq!(text(&bench.exchange(&[b'2'; 1024])), late("+QFTPPUT: 0,1024"));
    assert_eq!(bench.command("AT+QFTPSTAT"), late("+QFTPSTAT: 0,1"));
    let stored = [[b'1'; 1024], [b'2'; 1024]].concat();
    assert_eq!(bench.server.file("/test.txt").unwrap(), stored);
    // A failure between pieces needs a close.
    bench.command(first);
    assert_eq!(text(&bench.after(90 * SECOND)), late("+QFTPPUT: 609,0"));
    play(
        &mut bench,
        &[("AT+QFTPSTAT", &late("+QFTPSTAT: 0,2")), (first, &cme(603)), ("AT+QFTPCLOSE", &late("+QFTPCLOSE: 0,0"))],
    );
}

#[test]
fn surplus_bytes_are_a_command_line() {
    let mut bench = opened(|_| ());
    bench.command("AT+QFTPPUT=\"f\",\"COM:\",0,2,1");
    assert_eq!(text(&bench.exchange(b"12\r\n")), late("+QFTPPUT: 0,2"));
    bench.command("AT+QFTPPUT=\"f\",\"COM:\",0,2,1");
    assert_eq!(text(&bench.exchange(b"12x")), late("+QFTPPUT: 0,2"));
    assert_eq!(bench.command("AT"), ERROR);
    assert_eq!(bench.command("AT"), OK);
}

#[test]
fn an_upload_without_end_times_out_and_is_stored() {
    let mut bench = opened(|_| ());
    bench.command("AT+QFTPCFG=\"rsptimeout\",20");
    bench.command("AT+QFTPPUT=\"f\",\"COM:\"");
    bench.send(b"123");
    assert_eq!(bench.after(20 * SECOND - MILLISECOND), b"");
    assert_eq!(text(&bench.after(MILLISECOND)), late("+QFTPPUT: 609,0"));
    assert_eq!(bench.server.file("/f").unwrap(), b"123");
    assert_eq!(bench.command("AT+QFTPSTAT"), late("+QFTPSTAT: 0,1"));
}

#[test]
fn an_escape_from_a_counted_upload() {
    for (honoured, fails, answer) in
        [(true, false, late("+QFTPPUT: 0,3")), (true, true, late("+QFTPPUT: 616,0")), (false, false, String::new())]
    {
        let mut bench = opened(|options| {
            options.counted_escape = honoured;
            options.escaped_upload_fails = fails;
        });
        bench.command("AT+QFTPPUT=\"f\",\"COM:\",0,20,1");
        bench.send(b"123");
        bench.after(SECOND);
        bench.send(b"+++");
        assert_eq!(text(&bench.after(SECOND)), answer);
    }
    let mut deaf = opened(|options| options.counted_escape = false);
    deaf.command("AT+QFTPPUT=\"f\",\"COM:\",0,20,1");
    deaf.send(b"123");
    for _ in 0..3 {
        deaf.after(2 * SECOND);
        deaf.send(b"+++");
    }
    assert_eq!(deaf.after(90 * SECOND - MILLISECOND), b"");
    assert_eq!(text(&deaf.after(MILLISECOND)), late("+QFTPPUT: 609,0"));
    assert_eq!(deaf.server.file("/f").unwrap(), b"123+++++++++");
    let mut bench = opened(|_| ());
    bench.command("AT&D1");
    bench.command("AT+QFTPPUT=\"f\",\"COM:\"");
    bench.send(b"123");
    bench.module.drop_dtr(bench.now);
    assert_eq!(text(&bench.output()), late("+QFTPPUT: 0,3"));
}

#[test]
fn the_server_breaks_an_upload_off() {
    let mut bench = opened(|_| ());
    bench.server.habits().largest_file = Some(4);
    bench.command("AT+QFTPPUT=\"f\",\"COM:\",0,8,1");
    assert_eq!(bench.exchange(b"123"), b"");
    assert_eq!(bench.exchange(b"456"), b"");
    assert_eq!(text(&bench.exchange(b"78")), late("+QFTPPUT: 619,452"));
    let mut bench = opened(|options| {
        options.upload_failure = UploadFailure::AtOnce;
        options.ok_before_failure = false;
    });
    bench.server.habits().largest_file = Some(4);
    bench.command("AT+QFTPPUT=\"f\",\"COM:\",0,8,1");
    bench.send(b"123");
    assert_eq!(text(&bench.exchange(b"456")), "\r\n+QFTPPUT: 619,452\r\n");
    assert_eq!(bench.command("78"), ERROR);
    bench.server.fail_next(Operation::Finish, RemoteError::reply(552, ""));
    bench.command("AT+QFTPPUT=\"g\",\"COM:\",0,2,1");
    assert_eq!(text(&bench.exchange(b"12")), late("+QFTPPUT: 629,552"));
}

#[test]
fn uploads_may_lose_bytes_seek_or_be_empty() {
    let mut bench = opened(|options| {
        options.lost_upload_bytes = 1;
        options.put_seeks = true;
        options.empty_upload = true;
    });
    bench.command("AT+QFTPPUT=\"f\",\"COM:\",0,4,1");
    assert_eq!(text(&bench.exchange(b"1234")), late("+QFTPPUT: 0,3"));
    assert_eq!(bench.server.file("/f").unwrap(), b"234");
    bench.command("AT+QFTPPUT=\"f\",\"COM:\",1,3,1");
    bench.send(b"xyz");
    bench.output();
    assert_eq!(bench.server.file("/f").unwrap(), b"2yz");
    assert_eq!(bench.command("AT+QFTPPUT=\"f\",\"COM:\",0,0,1"), sent("", "+QFTPPUT: 0,0"));
    assert_eq!(bench.server.file("/f").unwrap(), b"");
    let mut bench = opened(|_| ());
    bench.server.put("/f", "1234");
    bench.command("AT+QFTPPUT=\"f\",\"COM:\",1,3,1");
    bench.send(b"xyz");
    bench.output();
    assert_eq!(bench.server.file("/f").unwrap(), b"1234xyz");
}

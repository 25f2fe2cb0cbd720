use std::time::Duration;

use super::{connected, lines, play};
use crate::emulator::{NetworkCause, Operation, RemoteError, SentLength};

const PROMPT: &str = "\r\n>";
const ESC: &[u8] = b"\x1b";

/// Plays a command, the data after its prompt, and the answer.
fn give(bench: &mut super::Bench, command: &str, data: &[u8], answer: &str) {
    assert_eq!(bench.command(command), PROMPT, "{command}");
    let got = String::from_utf8(bench.exchange(data)).unwrap();
    assert_eq!(got, lines(answer), "{command}");
}

#[test]
fn data_after_a_prompt() {
    for (command, verb) in [("MFTPSTOR", "STOR"), ("MFTPAPPE", "APPE")] {
        let mut bench = connected(|_| ());
        bench.server.put("test1.txt", "old");
        let old = if verb == "APPE" { "old" } else { "" };
        let result = format!("OK|+MFTP{verb}: 0,0,5");
        give(&mut bench, &format!("AT+{command}=0,\"test1.txt\",1,5"), b"\x1aB\r\n+", &result);
        let stored = bench.server.file("test1.txt").unwrap();
        assert_eq!(stored, [old.as_bytes(), b"\x1aB\r\n+"].concat());
        give(&mut bench, &format!("AT+{command}=0,\"test1.txt\",1"), b"bbb\r\n\x1a", &result);
        assert!(bench.server.file("test1.txt").unwrap().ends_with(b"bbb\r\n"));
    }
}

#[test]
fn a_surplus_byte_spoils_the_next_command() {
    let mut bench = connected(|_| ());
    give(&mut bench, "AT+MFTPSTOR=0,\"f\",1,2", b"abc", "OK|+MFTPSTOR: 0,0,2");
    play(&mut bench, &[("AT", "ERROR"), ("AT", "OK")]);
}

#[test]
fn pieces_of_one_file() {
    for (length, second) in [(SentLength::Piece, 2), (SentLength::Total, 5)] {
        let mut bench = connected(|options| options.sent_length = length);
        bench.server.put("f", "something else");
        give(&mut bench, "AT+MFTPSTOR=0,\"f\",0,3", b"abc", "OK|+MFTPSTOR: 0,0,3");
        play(
            &mut bench,
            &[
                ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,3|OK"),
                ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,4"),
                ("AT+MFTPSTOR=0,\"g\",1,1,\"x\"", "OK|+MFTPSTOR: 0,4,0"),
                ("AT+MFTPAPPE=0,\"f\",1,1,\"x\"", "OK|+MFTPAPPE: 0,4,0"),
                ("AT+MFTPSTOR=0,\"f\"", "OK|+MFTPSTOR: 0,4,0"),
                ("AT+MFTPSTOR=0,\"f\",0,2,\"de\"", &format!("OK|+MFTPSTOR: 0,0,{second}")),
            ],
        );
        give(
            &mut bench,
            "AT+MFTPSTOR=0,\"f\",1",
            b"f\x1a",
            &format!("OK|+MFTPSTOR: 0,0,{}", if second == 2 { 1 } else { 6 }),
        );
        assert_eq!(bench.server.file("f").unwrap(), b"abcdef");
        assert_eq!(bench.command("AT+MFTPSTATE=0"), lines("+MFTPSTATE: 0,1|OK"));
    }
}

#[test]
fn a_disconnect_gives_up_the_rest() {
    let mut bench = connected(|_| ());
    play(
        &mut bench,
        &[
            ("AT+MFTPSTOR=0,\"f\",0,1,\"a\"", "OK|+MFTPSTOR: 0,0,1"),
            ("AT+MFTPDISC=0", "OK|+MFTPDISC: 0,0|+MFTPURC: 0,\"conn\",0"),
            ("AT+MFTPCONN=0,\"h\"", "OK|+MFTPCONN: 0,0"),
            ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,1|OK"),
        ],
    );
}

#[test]
fn sizes_are_limited() {
    let mut bench = connected(|_| ());
    let long = |count: usize| "x".repeat(count);
    play(
        &mut bench,
        &[
            (&format!("AT+MFTPSTOR=0,\"f\",1,1024,\"{}\"", long(1024)), "OK|+MFTPSTOR: 0,0,1024"),
            (&format!("AT+MFTPSTOR=0,\"f\",1,1025,\"{}\"", long(1025)), "+CME ERROR: 50"),
        ],
    );
    give(&mut bench, "AT+MFTPSTOR=0,\"f\",1,4096", long(4096).as_bytes(), "OK|+MFTPSTOR: 0,0,4096");
    for (data, answer) in [
        (long(4096), "OK|+MFTPSTOR: 0,0,4096"),
        (long(4097), "+CME ERROR: 50"),
        (long(9000), "+CME ERROR: 50"),
        (String::new(), "+CME ERROR: 50"),
    ] {
        give(&mut bench, "AT+MFTPSTOR=0,\"f\",1", format!("{data}\x1a").as_bytes(), answer);
    }
    for wrong in [
        "\"f\",2",
        "\"f\",1,0",
        "\"f\",1,4097",
        "\"f\",,5",
        "\"f\",1,,\"abc\"",
        "\"f\",1,2,\"abc\"",
        "\"f\",1,3,abc",
        "\"f\",1,3,\"abc\",1",
        "\"f\",\"local\"",
        "f,1,3",
        "\"\",1,3",
    ] {
        for verb in ["STOR", "APPE"] {
            let answer = bench.command(&format!("AT+MFTP{verb}=0,{wrong}"));
            assert_eq!(answer, lines("+CME ERROR: 50"), "{wrong}");
        }
    }
}

#[test]
fn escape_gives_up_or_is_data() {
    let mut bench = connected(|_| ());
    give(&mut bench, "AT+MFTPSTOR=0,\"f\",1", b"ab\x1b", "OK");
    assert_eq!(bench.server.file("f"), None);
    let mut bench = connected(|options| options.escape_cancels = false);
    assert_eq!(bench.command("AT+MFTPSTOR=0,\"f\",1"), PROMPT);
    for data in [b"ab", ESC, b"c\x1b"] {
        assert_eq!(bench.exchange(data), b"");
    }
    let answer = bench.exchange(b"\x1a");
    assert_eq!(answer, lines("OK|+MFTPSTOR: 0,0,5").as_bytes());
    assert_eq!(bench.server.file("f").unwrap(), b"ab\x1bc\x1b");
}

#[test]
fn patience_with_the_host() {
    let limit = Duration::from_secs(5);
    let mut bench = connected(|options| {
        options.prompt_timeout = Some(limit);
        options.prompt_tail = " ".to_owned();
    });
    assert_eq!(bench.command("AT+MFTPSTOR=0,\"f\",1,5"), "\r\n> ");
    bench.send(b"ab");
    assert_eq!(bench.after(limit), lines("+CME ERROR: 812").as_bytes());
    assert_eq!(bench.command("AT+MFTPAPPE=0,\"f\",1"), "\r\n> ");
    assert_eq!(bench.after(limit), lines("+CME ERROR: 813").as_bytes());
    assert_eq!(bench.command("AT"), lines("OK"));
}

#[test]
fn transparent_mode() {
    let second = Duration::from_secs(1);
    for (result, tail) in [(false, ""), (true, "|+MFTPSTOR: 0,0,1003")] {
        let mut bench = connected(|options| options.transparent_result = result);
        assert_eq!(bench.command("AT+MFTPSTOR=0,\"f\""), lines("CONNECT"));
        bench.send(&[b'x'; 1000]);
        bench.send(b"+++");
        bench.after(second);
        bench.send(b"+++");
        assert_eq!(String::from_utf8(bench.after(second)).unwrap(), lines(&format!("OK{tail}")));
        let stored = bench.server.file("f").unwrap();
        assert_eq!((stored.len(), &stored[1000..]), (1003, &b"+++"[..]));
    }
}

#[test]
fn transparent_mode_that_fails() {
    let second = Duration::from_secs(1);
    let mut bench = connected(|_| ());
    bench.server.habits().largest_file = Some(5);
    bench.command("AT+MFTPSTOR=0,\"f\"");
    assert_eq!(bench.exchange(b"abc"), b"");
    let answer = bench.exchange(b"defg");
    assert_eq!(answer, lines("+MFTPSTOR: 0,17,3").as_bytes());
    assert_eq!(bench.command("AT"), lines("OK"));
    bench.command("AT+MFTPAPPE=0,\"g\"");
    bench.after(second);
    bench.server.fail_next(Operation::Finish, RemoteError::reply(452, "Full."));
    bench.send(b"+++");
    assert_eq!(bench.after(second), lines("OK|+MFTPAPPE: 0,10,0").as_bytes());
    for (verb, code) in [("STOR", 812), ("APPE", 813)] {
        assert_eq!(bench.command(&format!("AT+MFTP{verb}=0,\"no/f\"")), lines(&format!("+CME ERROR: {code}")));
    }
    bench.server.fail_next(Operation::Store, RemoteError::reply(421, "Bye."));
    let answer = bench.command("AT+MFTPSTOR=0,\"f\"");
    assert_eq!(answer, lines("+CME ERROR: 812|+MFTPURC: 0,\"conn\",0"));
}

#[test]
fn servers_that_refuse() {
    let mut bench = connected(|_| ());
    bench.server.habits().largest_file = Some(3);
    let network = RemoteError::Network(NetworkCause::DataConnection);
    bench.server.fail_next(Operation::Store, network);
    play(
        &mut bench,
        &[
            ("AT+MFTPSTOR=0,\"f\",1,2,\"ab\"", "OK|+MFTPSTOR: 0,11,0"),
            ("AT+MFTPSTOR=0,\"d/f\",1,2,\"ab\"", "OK|+MFTPSTOR: 0,10,0"),
            ("AT+MFTPSTOR=0,\"f\",0,2,\"ab\"", "OK|+MFTPSTOR: 0,0,2"),
            ("AT+MFTPSTOR=0,\"f\",1,2,\"cd\"", "OK|+MFTPSTOR: 0,10,0"),
            ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,1|OK"),
        ],
    );
    let dropped = RemoteError::Network(NetworkCause::Dropped);
    bench.server.fail_next(Operation::Finish, dropped);
    play(&mut bench, &[("AT+MFTPSTOR=0,\"f\",1,2,\"ab\"", "OK|+MFTPSTOR: 0,11,0|+MFTPURC: 0,\"conn\",0")]);
}

#[test]
fn files_of_the_module() {
    for verb in ["APPE", "STOR"] {
        let mut bench = connected(|_| ());
        bench.server.put("2.txt", "old");
        play(
            &mut bench,
            &[
                ("AT+MFTPCFG=0,\"local_fs\",1", "OK"),
                ("AT+MFPUT=\"/usr/test.txt\",12,\"CESHI1111111\"", "+MFPUT: 12|OK"),
                (&format!("AT+MFTP{verb}=0,\"2.txt\",\"/usr/test.txt\""), &format!("+MFTP{verb}: 0,0,12|OK")),
                (&format!("AT+MFTP{verb}=0,\"2.txt\",\"/usr/none\""), &format!("+MFTP{verb}: 0,18,0|OK")),
                (&format!("AT+MFTP{verb}=0,\"2.txt\""), "+CME ERROR: 50"),
                (&format!("AT+MFTP{verb}=0,\"2.txt\",1,5"), "+CME ERROR: 50"),
            ],
        );
        let old = if verb == "APPE" { "old" } else { "" };
        let expected = format!("{old}CESHI1111111");
        assert_eq!(bench.server.file("2.txt").unwrap(), expected.as_bytes());
    }
}

#[test]
fn file_commands() {
    let mut bench = connected(|options| options.storage = 20);
    play(
        &mut bench,
        &[
            ("AT+MFCFG=\"encoding\",1,1", "OK"),
            ("AT+MFCFG=\"encoding\"", "+MFCFG: \"encoding\",1,1|OK"),
            ("AT+MFPUT=\"/usr/a\",2,\"00fF\"", "+MFPUT: 2|OK"),
            ("AT+MFPUT=\"/usr/a\",2,\"00f\"", "+CME ERROR: 50"),
            ("AT+MFPUT=\"/usr/a\",2,\"00fg\"", "+CME ERROR: 50"),
            ("AT+MFGET=\"/usr/a\"", "+MFGET: 2,00FF|OK"),
            ("AT+MFCFG=\"encoding\",0,0", "OK"),
            ("AT+MFPUT=\"/usr/a\",0,\"abc\"", "+MFPUT: 3|OK"),
            ("AT+MFPUT=\"/usr/a\",4,\"abc\"", "+CME ERROR: 50"),
            ("AT+MFSIZE=\"/usr/a\"", "+MFSIZE: 3|OK"),
            ("AT+MFSIZE=\"/usr/b\"", "+CME ERROR: 1050"),
            ("AT+MFMOVE=\"/usr/a\",\"/b\"", "OK"),
            ("AT+MFMOVE=\"/usr/a\",\"/b\"", "+CME ERROR: 1051"),
            ("AT+MFGET=\"/usr/a\"", "+CME ERROR: 1055"),
            ("AT+MFPUT=\"/usr/a\",1,\"x\"", "+MFPUT: 1|OK"),
            ("AT+MFLIST", "+MFLIST: \"/usr\"|+MFLIST: \"/b\",3|OK"),
            ("AT+MFLIST=\"/usr\"", "+MFLIST: \"/usr/a\",1|OK"),
            ("AT+MFSINFO", "+MFSINFO: 20,16|OK"),
            ("AT+MFDELETE=\"/b\"", "OK"),
            ("AT+MFDELETE=\"/b\"", "+CME ERROR: 1061"),
            ("AT+MFPUT=\"/c\",20,\"01234567890123456789\"", "+CME ERROR: 1057"),
            ("AT+MFCFG=\"timeout\",3", "OK"),
            ("AT+MFCFG=\"timeout\"", "+MFCFG: \"timeout\",3|OK"),
            ("AT+MFCFG=?", "+MFCFG: \"timeout\",(1-120)|+MFCFG: \"encoding\",(0-1),(0-1)|OK"),
            ("AT+MFGET?", "+CME ERROR: 3"),
            ("AT+MFNONE", "ERROR"),
        ],
    );
    give(&mut bench, "AT+MFPUT=\"/d\",3", b"a\x1ab", "+MFPUT: 3|OK");
    give(&mut bench, "AT+MFPUT=\"/d\",0", b"abc\x1a", "+MFPUT: 3|OK");
    assert_eq!(bench.command("AT+MFGET=\"d\""), lines("+MFGET: 3,abc|OK"));
    give(&mut bench, "AT+MFPUT=\"/d\",0", b"abc\x1b", "OK");
    assert_eq!(bench.command("AT+MFGET=\"d\""), lines("+MFGET: 0,|OK"));
    assert_eq!(bench.command("AT+MFPUT=\"/d\",9"), PROMPT);
    bench.send(b"ab");
    assert_eq!(bench.after(Duration::from_secs(3)), lines("+MFPUT: 2|OK").as_bytes());
    give(&mut bench, "AT+MFPUT=\"/d\",40", &[b'x'; 40], "+CME ERROR: 1057");
    assert_eq!(bench.command("AT+MFDELETE"), lines("OK"));
    assert_eq!(bench.command("AT+MFLIST"), lines("OK"));
}

use crate::emulator::testing::Bench;
use crate::emulator::{ChinaMobileOptions, Options, Vendor};

const OK: &str = "\r\nOK\r\n";

fn bench(choose: impl FnOnce(&mut ChinaMobileOptions)) -> Bench {
    let mut options = Options::default().with_echo(false).with_pdp_active(true);
    choose(&mut options.china_mobile);
    Bench::new(Vendor::ChinaMobile, options)
}

/// Plays command lines; the answers are given as lines, `|` between them.
fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), lines(answer), "{line:?}");
    }
}

fn lines(answer: &str) -> String {
    answer
        .split('|')
        .filter(|line| !line.is_empty())
        .map(|line| format!("\r\n{line}\r\n"))
        .collect()
}

#[test]
fn the_manual_s_session_on_directories() {
    let mut bench = bench(|_| ());
    bench.server.add_user("uftp", "12341");
    bench.server.add_directory("/home/uftp/test");
    play(
        &mut bench,
        &[
            ("AT+MFTPCFG=0,\"ssl\",0,0", "OK"),
            (
                "AT+MFTPCONN=0,\"115.29.109.79\",\"uftp\",\"12341\",21",
                "OK|+MFTPCONN: 0,0",
            ),
            ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,0,\"/\""),
            ("AT+MFTPCWD=0,\"/home/uftp/test\"", "OK|+MFTPCWD: 0,0"),
            ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,0,\"/home/uftp/test\""),
            ("AT+MFTPMKD=0,\"test1\"", "OK|+MFTPMKD: 0,0"),
            (
                "AT+MFTPSTOR=0,\"1.txt\",1,10,\"1111111111\"",
                "OK|+MFTPSTOR: 0,0,10",
            ),
            ("AT+MFTPRN=0,\"test1\",\"test2\"", "OK|+MFTPRN: 0,0"),
            ("AT+MFTPRN=0,\"1.txt\",\"2.txt\"", "OK|+MFTPRN: 0,0"),
            (
                "AT+MFTPLIST=0,\"2.txt\"",
                "OK|+MFTPLIST: 0,0,\"2.txt\",10,20240722040900,\"rw-\"",
            ),
            (
                "AT+MFTPLIST=0,\"/home/uftp/test\"",
                "OK|+MFTPLIST: 0,0,\"2.txt\",10,20240722040900,\"rw-\"|+MFTPLIST: 0,0,\"test2\",\"rwx\"",
            ),
            (
                "AT+MFTPRETR=0,\"2.txt\"",
                "OK|+MFTPRETR: 0,0,10,10,1111111111",
            ),
            ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,1|OK"),
            ("AT+MFTPDEL=0,\"2.txt\"", "OK|+MFTPDEL: 0,0"),
            ("AT+MFTPDEL=0,\"test2\"", "OK|+MFTPDEL: 0,0"),
            ("AT+MFTPDISC=0", "OK|+MFTPDISC: 0,0|+MFTPURC: 0,\"conn\",0"),
            ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,0|OK"),
        ],
    );
    assert_eq!(bench.server.sessions(), 0);
}

fn connected(choose: impl FnOnce(&mut ChinaMobileOptions)) -> Bench {
    let mut bench = bench(choose);
    play(&mut bench, &[("AT+MFTPCONN=0,\"h\"", "OK|+MFTPCONN: 0,0")]);
    bench
}

#[test]
fn uploads_after_a_prompt() {
    let mut bench = connected(|_| ());
    for (start, data) in [
        ("AT+MFTPSTOR=0,\"f\",1,5", &b"A\x1a\r\nB"[..]),
        ("AT+MFTPAPPE=0,\"f\",1", b"\x1bbbb\r\x1a"),
    ] {
        assert_eq!(bench.command(start), "\r\n>");
        let verb = &start[3..11];
        assert_eq!(
            bench.exchange(data),
            format!("{OK}\r\n+{verb}: 0,0,5\r\n")
                .replace("++", "+")
                .as_bytes()
        );
    }
    assert_eq!(bench.server.file("f").unwrap(), b"A\x1a\r\nB\x1bbbb\r");
}

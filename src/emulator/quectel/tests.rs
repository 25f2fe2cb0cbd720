//! The manual's example sessions and the recorded ones, byte for byte.

use std::time::Duration;

use crate::emulator::testing::Bench;
use crate::emulator::{Options, QuectelOptions, Vendor};

const OK: &str = "\r\nOK\r\n";
const SECOND: Duration = Duration::from_secs(1);

fn bench(choose: impl FnOnce(&mut QuectelOptions)) -> Bench {
    let mut options = Options::default().with_echo(false);
    choose(&mut options.quectel);
    Bench::new(Vendor::Quectel, options)
}

fn opened(choose: impl FnOnce(&mut QuectelOptions)) -> Bench {
    let mut bench = bench(choose);
    play(
        &mut bench,
        &[
            ("AT+QICSGP=1,1,\"UNINET\",\"\",\"\",1", OK),
            ("AT+QIACT=1", OK),
            ("AT+QFTPCFG=\"account\",\"test\",\"test\"", OK),
            (
                "AT+QFTPOPEN=\"quectel.3322.org\",21",
                "\r\nOK\r\n\r\n+QFTPOPEN: 0,0\r\n",
            ),
        ],
    );
    bench
}

fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), *answer, "{line}");
    }
}

#[test]
fn the_plain_path() {
    let mut bench = opened(|_| ());
    bench.server.put("/test.txt", vec![b'x'; 1000]);
    bench.server.set_listing("/", "-rw a\r\n");
    let data = "x".repeat(500);
    let piece = format!("\r\nCONNECT\r\n{data}\r\nOK\r\n\r\n+QFTPGET: 0,500\r\n");
    play(
        &mut bench,
        &[
            ("AT+QFTPCWD=\"/\"", "\r\nOK\r\n\r\n+QFTPCWD: 0,0\r\n"),
            ("AT+QFTPPWD", "\r\nOK\r\n\r\n+QFTPPWD: 0,/\r\n"),
            ("AT+QFTPSTAT", "\r\nOK\r\n\r\n+QFTPSTAT: 0,1\r\n"),
            (
                "AT+QFTPSIZE=\"test.txt\"",
                "\r\nOK\r\n\r\n+QFTPSIZE: 0,1000\r\n",
            ),
            (
                "AT+QFTPLIST=\".\",\"COM:\"",
                "\r\nCONNECT\r\n-rw a\r\n\r\nOK\r\n\r\n+QFTPLIST: 0,7\r\n",
            ),
            ("AT+QFTPGET=\"test.txt\",\"COM:\",0,500", &piece),
            ("AT+QFTPGET=\"test.txt\",\"COM:\",500,500", &piece),
            ("AT+QFTPPUT=\"up.txt\",\"COM:\",0,5,1", "\r\nCONNECT\r\n"),
        ],
    );
    assert_eq!(bench.exchange(b"12345"), b"\r\nOK\r\n\r\n+QFTPPUT: 0,5\r\n");
    assert_eq!(bench.server.file("/up.txt").unwrap(), b"12345");
    play(
        &mut bench,
        &[
            ("AT+QFTPCLOSE", "\r\nOK\r\n\r\n+QFTPCLOSE: 0,0\r\n"),
            ("AT+QFTPSTAT", "\r\nOK\r\n\r\n+QFTPSTAT: 0,4\r\n"),
            ("AT+QIDEACT=1", OK),
        ],
    );
    assert_eq!(bench.after(SECOND), b"");
}

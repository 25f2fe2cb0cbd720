//! The manual's example sessions and recorded ones, byte for byte.

mod contexts;
mod files;
mod session;
mod settings;
mod tls;
mod transfers;
mod uploads;

use std::time::Duration;

use crate::emulator::testing::Bench;
use crate::emulator::{Family, Options, QuectelOptions};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const CONNECT: &str = "\r\nCONNECT\r\n";
const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

/// A command line and its answer.
type Exchange<'a> = (&'a str, &'a str);

fn with(options: Options, choose: impl FnOnce(&mut QuectelOptions)) -> Bench {
    let mut options = options.with_echo(false);
    choose(&mut options.quectel);
    Bench::new(Family::Quectel, options)
}

fn bench(choose: impl FnOnce(&mut QuectelOptions)) -> Bench {
    with(Options::default(), choose)
}

fn log_in(bench: &mut Bench) {
    play(
        bench,
        &[
            ("AT+QICSGP=1,1,\"UNINET\",\"\",\"\",1", OK),
            ("AT+QIACT=1", OK),
            ("AT+QFTPCFG=\"account\",\"test\",\"test\"", OK),
            ("AT+QFTPCFG=\"transmode\",1", OK),
            ("AT+QFTPOPEN=\"quectel.3322.org\",21", &late("+QFTPOPEN: 0,0")),
        ],
    );
}

fn opened(choose: impl FnOnce(&mut QuectelOptions)) -> Bench {
    let mut bench = bench(choose);
    log_in(&mut bench);
    bench
}

fn play(bench: &mut Bench, exchanges: &[Exchange<'_>]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), *answer, "{line}");
    }
}

/// `OK` and a result line.
fn late(result: &str) -> String {
    format!("\r\nOK\r\n\r\n{result}\r\n")
}

/// A line and `OK`.
fn with_ok(line: &str) -> String {
    format!("\r\n{line}\r\n\r\nOK\r\n")
}

fn cme(code: u16) -> String {
    format!("\r\n+CME ERROR: {code}\r\n")
}

/// A download over the serial line.
fn sent(data: &str, result: &str) -> String {
    format!("\r\nCONNECT\r\n{data}\r\nOK\r\n\r\n{result}\r\n")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

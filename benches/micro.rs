//! Measures the functions of the driver that handle every byte or every line: `cargo bench --bench micro`.
//!
//! Each function runs in batches of about ten milliseconds. The table shows the fastest of 30 batches: other programs
//! can only slow a batch down.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use ftp_modem::internals::{Engine, Expect, Header, Reply, Sink, framer, reply};
use ftp_modem::modem::listing;
use ftp_modem::transport::Transport;

/// Number of batches.
const BATCHES: usize = 30;
/// Shortest duration of a batch.
const BATCH: Duration = Duration::from_millis(10);

fn main() {
    framer();
    parser();
    listings();
    counted();
}

/// Measures `work` and prints the time of one call, and the rate where a call handles a number of bytes.
fn measure<T>(name: &str, bytes: Option<usize>, mut work: impl FnMut() -> T) {
    let mut batch = |calls: u32| {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(work());
        }
        start.elapsed()
    };
    let mut calls = 1;
    while batch(calls) < BATCH {
        calls *= 2;
    }
    let fastest = (0..BATCHES).map(|_| batch(calls)).min().unwrap_or_default();
    let nanoseconds = fastest.as_secs_f64() * 1e9 / f64::from(calls);
    let rate = bytes.map_or(String::new(), |bytes| format!("{:>10.0} MB/s", bytes as f64 * 1e3 / nanoseconds));
    println!("{name:<50} {nanoseconds:>12.1} ns{rate}");
}

fn framer() {
    let header = Expect::Header(Header { prefix: "+MFTPRETR:", commas: 4 });
    for (name, input, expect, echo) in [
        ("line", &b"\r\n+FTPGET: 2,1460\r\n"[..], Expect::Line, None),
        ("echo", b"AT+FTPGET=2,1460\r\r\n+FTPGET: 2,1460\r\n", Expect::Line, Some(&b"AT+FTPGET=2,1460\r"[..])),
        ("prompt", b"\r\n>", Expect::Prompt, None),
        ("header", b"\r\n+MFTPRETR: 0,0,999424,1024,", header, None),
    ] {
        measure(&format!("framer: {name}"), None, || framer::next(black_box(input), expect, echo));
    }
}

fn parser() {
    for (name, line) in [
        ("ok", &b"OK"[..]),
        ("count", b"+FTPGET: 2,1460"),
        ("quoted", b"+MFTPLIST: 0,0,\"report, final.csv\",1048576,\"20240722040900\",\"rw-\""),
        ("error", b"+CME ERROR: 603"),
        ("text", b"drwxr-xr-x    2 ftp      ftp          4096 Jul 22 04:09 files"),
    ] {
        measure(&format!("reply: {name}"), None, || reply::parse(black_box(line)));
    }
    measure("reply: count, second field as a number", None, || match reply::parse(black_box(b"+FTPGET: 2,1460")) {
        Reply::Information(line) => line.number(1),
        _ => None,
    });
}

fn listings() {
    let lines = |line: fn(usize) -> String| (0..1000).map(line).collect::<String>();
    let texts = [
        ("unix", lines(|n| format!("-rw-r--r--    1 ftp      ftp      {n:>8} Jul 22 04:09 report-{n}.csv\r\n"))),
        ("dos", lines(|n| format!("07-22-24  04:09AM       {n:>14} report-{n}.csv\r\n"))),
        ("mlsd", lines(|n| format!("type=file;size={n};modify=20240722040900; report-{n}.csv\r\n"))),
    ];
    for (name, text) in &texts {
        let name = format!("listing of 1000 files: {name}");
        measure(&name, Some(text.len()), || listing::parse(black_box(text.as_bytes())));
    }
}

/// A transport that provides bytes as fast as they can be copied.
struct Firehose;

impl Transport for Firehose {
    fn read(&mut self, buffer: &mut [u8], _: Instant) -> io::Result<usize> {
        buffer.fill(b'x');
        Ok(buffer.len())
    }

    fn write(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn name(&self) -> &str {
        "firehose"
    }
}

fn counted() {
    const COUNT: usize = 16 << 20;
    let mut engine = Engine::new(Box::new(Firehose));
    measure("counted payload: 16 MiB", Some(COUNT), || {
        let mut nowhere = io::sink();
        let mut sink = Sink::new(&mut nowhere);
        engine.payload().block(COUNT as u64, Duration::from_secs(60)).copy_to(&mut sink).unwrap();
    });
}

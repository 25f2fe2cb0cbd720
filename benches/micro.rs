//! Measures the functions of the driver that handle every byte or every line: `cargo bench --bench micro`.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ftp_modem::at::framer::{self, Expect, Header};
use ftp_modem::at::{Engine, Sink, reply};
use ftp_modem::modem::listing;
use ftp_modem::transport::Transport;

fn framer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("framer");
    let header = Expect::Header(Header { prefix: "+MFTPRETR:", commas: 4 });
    for (name, input, expect, echo) in [
        ("line", &b"\r\n+FTPGET: 2,1460\r\n"[..], Expect::Line, None),
        ("echo", b"AT+FTPGET=2,1460\r\r\n+FTPGET: 2,1460\r\n", Expect::Line, Some(&b"AT+FTPGET=2,1460\r"[..])),
        ("prompt", b"\r\n>", Expect::Prompt, None),
        ("header", b"\r\n+MFTPRETR: 0,0,999424,1024,", header, None),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| framer::next(black_box(input), expect, echo)));
    }
    group.finish();
}

fn parser(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reply");
    for (name, line) in [
        ("ok", &b"OK"[..]),
        ("count", b"+FTPGET: 2,1460"),
        ("quoted", b"+MFTPLIST: 0,0,\"report, final.csv\",1048576,\"20240722040900\",\"rw-\""),
        ("error", b"+CME ERROR: 603"),
        ("text", b"drwxr-xr-x    2 ftp      ftp          4096 Jul 22 04:09 files"),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| reply::parse(black_box(line))));
    }
    group.bench_function("count, second field as a number", |bencher| {
        bencher.iter(|| match reply::parse(black_box(b"+FTPGET: 2,1460")) {
            reply::Reply::Information(line) => line.number(1),
            _ => None,
        });
    });
    group.finish();
}

fn listings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("listing of 1000 files");
    let lines = |line: fn(usize) -> String| (0..1000).map(line).collect::<String>();
    let texts = [
        ("unix", lines(|n| format!("-rw-r--r--    1 ftp      ftp      {n:>8} Jul 22 04:09 report-{n}.csv\r\n"))),
        ("dos", lines(|n| format!("07-22-24  04:09AM       {n:>14} report-{n}.csv\r\n"))),
        ("mlsd", lines(|n| format!("type=file;size={n};modify=20240722040900; report-{n}.csv\r\n"))),
    ];
    for (name, text) in &texts {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(*name, |bencher| bencher.iter(|| listing::parse(black_box(text.as_bytes()))));
    }
    group.finish();
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

fn counted(criterion: &mut Criterion) {
    const COUNT: u64 = 16 << 20;
    let mut group = criterion.benchmark_group("counted payload");
    group.throughput(Throughput::Bytes(COUNT));
    group.bench_function("16 MiB", |bencher| {
        let mut engine = Engine::new(Box::new(Firehose));
        bencher.iter(|| {
            let mut nowhere = io::sink();
            let mut sink = Sink::new(&mut nowhere);
            engine.payload().block(COUNT, Duration::from_secs(60)).copy_to(&mut sink).unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, framer, parser, listings, counted);
criterion_main!(benches);

//! A module or server that never ends costs time, which is limited, and no memory: what is kept of a flood is counted.
//! The limit of a listing that does not end by itself is tested beside the buffers that hold it.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::emulator::{Fate, Fault, Faulty, MemoryServer, Module, Number, Options, Plan};
use ftp_modem::internals::{Command, Engine, MAX_LINE, Pattern, Rule, Sink};
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::{AccessPoint, Controls, ErrorKind, FtpModem, Result, Retrieve, Store, Vendor};

use crate::support::access::{emulated, server};
use crate::support::rig::open_on;

const SECOND: Duration = Duration::from_secs(1);

/// The bytes that a flood sends at a time, and the time between.
const PIECE: usize = 256;
const INTERVAL: Duration = Duration::from_millis(250);

/// A module that, from the first command after it is armed, sends `start` once and `flood` without end.
#[derive(Clone)]
struct Flood {
    module: Arc<Mutex<Module>>,
    is_armed: Arc<AtomicBool>,
    text: Arc<Mutex<(&'static str, &'static str)>>,
    is_flooding: Arc<AtomicBool>,
    said: Arc<Mutex<u64>>,
    next: Arc<Mutex<Duration>>,
}

impl Flood {
    fn new(vendor: Vendor) -> Self {
        let module = Module::new(emulated(vendor), MemoryServer::new().remote(), Options::default());
        Flood {
            module: Arc::new(Mutex::new(module)),
            is_armed: Arc::default(),
            text: Arc::default(),
            is_flooding: Arc::default(),
            said: Arc::default(),
            next: Arc::default(),
        }
    }

    /// Sends `start` and then `flood` from the next command on.
    fn arm(&self, start: &'static str, flood: &'static str) {
        *self.text.lock().unwrap() = (start, flood);
        self.is_armed.store(true, Ordering::Relaxed);
    }

    fn said(&self) -> u64 {
        *self.said.lock().unwrap()
    }
}

impl Peer for Flood {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        if self.is_armed.load(Ordering::Relaxed) {
            self.is_flooding.store(true, Ordering::Relaxed);
        } else {
            self.module.lock().unwrap().receive(now, bytes);
        }
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        if !self.is_flooding.load(Ordering::Relaxed) {
            return self.module.lock().unwrap().transmit(now, out);
        }
        let mut next = self.next.lock().unwrap();
        if now < *next {
            return;
        }
        *next = now + INTERVAL;
        let (start, flood) = &mut *self.text.lock().unwrap();
        let before = out.len();
        out.extend_from_slice(std::mem::take(start).as_bytes());
        while out.len() < before + PIECE {
            out.extend_from_slice(flood.as_bytes());
        }
        *self.said.lock().unwrap() += (out.len() - before) as u64;
    }

    fn next_event(&self) -> Option<Duration> {
        if self.is_flooding.load(Ordering::Relaxed) {
            Some(*self.next.lock().unwrap())
        } else {
            self.module.lock().unwrap().next_event()
        }
    }
}

/// What is sent once, and what without end.
const FLOODS: &[(&str, &str)] = &[
    ("", "x"),
    ("", "\r\n"),
    ("", "\r\n+CREG: 1\r\n"),
    ("", "\r\nOK\r\n"),
    ("", "\r\nERROR\r\n"),
    ("", "\r\n>"),
    ("", "-rw-r--r-- 1 a b 5 Jan 1 00:00 x\r\n"),
    ("", "\r\n+FTPGET: 1,1\r\n"),
    ("", "\r\n+FTPRECV: 0,1\r\n"),
    ("", "\r\n+QFTPLIST: 0,0\r\n"),
    ("", "\r\n+MFTPLIST: 0,1,\"a\",5,20240722040900,\"rw-\"\r\n"),
    ("\r\nCONNECT\r\n", "x"),
    ("\r\nCONNECT\r\n", "-rw-r--r-- 1 a b 5 Jan 1 00:00 x\r\n"),
    ("\r\nOK\r\n\r\n+MFTPRETR: 0,0,18446744073709551615,18446744073709551615,", "x"),
    ("\r\nOK\r\n\r\n+FTPGET: 1,1\r\n\r\n+FTPGET: 2,18446744073709551615\r\n", "x"),
    ("\r\nOK\r\n\r\n+FTPRECV: 18446744073709551615,", "x"),
];

type Call = fn(&mut dyn FtpModem) -> Result<u64>;

/// Operations, and the number of bytes that they keep of what the module sends.
const CALLS: &[(&str, Call)] = &[
    ("list", |modem| Ok(modem.list("/")?.iter().map(|entry| entry.raw.len() as u64).sum())),
    ("retrieve", |modem| modem.retrieve("/a", &Retrieve::whole(), &mut io::sink()).map(|_| 0)),
    ("store", |modem| modem.store("/a", &Store::create(), &mut &b"x"[..]).map(|_| 0)),
    ("size", |modem| modem.size("/a").map(|_| 0)),
    ("logout", |modem| modem.logout().map(|_| 0)),
];

/// Most that may be kept of a listing.
const LISTING: u64 = 16 << 20;

#[test]
fn a_flood_ends_in_time_and_no_more_is_kept_than_of_a_listing() {
    for vendor in Vendor::ALL {
        for (start, flood) in FLOODS {
            for (name, call) in CALLS {
                let peer = Flood::new(vendor);
                let (modem, line) = open_on(peer.clone());
                let mut modem = modem.unwrap();
                modem.attach(&AccessPoint::default()).unwrap();
                modem.login(&server()).unwrap();
                // A short limit ends endless data; the limits of a dialect are kept in the same way. A tenth of it is
                // long enough for the guard times of an escape.
                modem.set_controls(Controls::new().with_budget(30 * SECOND));
                let begun = line.elapsed();
                peer.arm(start, flood);
                let outcome = call(&mut *modem);
                let took = line.elapsed() - begun;
                let what = format!("{vendor}, {name}, {:?}", format!("{start}{flood}"));
                assert!(took <= 33 * SECOND, "{what}: took {took:?}");
                assert!(outcome.as_ref().is_ok_and(|kept| *kept <= LISTING) || outcome.is_err(), "{what}: {outcome:?}");
                let rate = PIECE as u64 * 1000 / u64::try_from(INTERVAL.as_millis()).unwrap();
                assert!(peer.said() <= 33 * rate + (1 << 16), "{what}: {} bytes were taken in", peer.said());
            }
        }
    }
}

/// Sends the same text without end from the first command on.
struct Endless {
    text: &'static str,
    next: Option<Duration>,
}

impl Endless {
    fn new(text: &'static str) -> Self {
        Endless { text, next: None }
    }
}

impl Peer for Endless {
    fn receive(&mut self, now: Duration, _: &[u8]) {
        self.next.get_or_insert(now);
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        if self.next.is_some_and(|next| next <= now) {
            out.extend_from_slice(self.text.repeat(64).as_bytes());
            self.next = Some(now + Duration::from_millis(1));
        }
    }

    fn next_event(&self) -> Option<Duration> {
        self.next
    }
}

fn engine(peer: impl Peer + 'static) -> Engine {
    Engine::new(Box::new(MemoryPipe::new(peer)))
}

#[test]
fn of_unsolicited_lines_the_last_few_are_kept() {
    const RULES: &[Rule] = &[Rule::keep(Pattern::Prefix("+URC"))];
    struct Once(Option<Vec<u8>>);
    impl Peer for Once {
        fn receive(&mut self, _: Duration, _: &[u8]) {}
        fn transmit(&mut self, _: Duration, out: &mut Vec<u8>) {
            out.extend(self.0.take().unwrap_or_default());
        }
        fn next_event(&self) -> Option<Duration> {
            None
        }
    }
    let mut engine = engine(Once(Some(b"\r\n+URC: 1\r\n".repeat(5_000))));
    engine.settings().speak(RULES, |_| None);
    let (_, outcome) = engine.answer(Command::set("+X").number(1u8), SECOND);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
    let kept = std::iter::from_fn(|| engine.inbox().take(&Pattern::Prefix("+URC"))).count();
    assert!((1..=64).contains(&kept), "{kept} lines are kept");
}

#[test]
fn an_answer_without_end_is_abandoned_and_so_is_a_line() {
    let (lines, outcome) = engine(Endless::new("\r\n+X: 1\r\n")).answer(Command::set("+X").number(1u8), SECOND);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Protocol);
    assert!(lines.len() <= 256, "{} lines are kept", lines.len());

    let (lines, outcome) = engine(Endless::new("+X: 1 and so on ")).answer(Command::set("+X").number(1u8), SECOND);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Protocol);
    assert!(lines.iter().map(|line| line.bytes().len()).sum::<usize>() <= MAX_LINE);
}

#[test]
fn an_announced_number_of_bytes_is_not_set_aside() {
    /// Counts, and has enough at some time.
    struct Enough(u64);
    impl Write for Enough {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    struct Thousand(usize);
    impl Peer for Thousand {
        fn receive(&mut self, _: Duration, _: &[u8]) {}
        fn transmit(&mut self, _: Duration, out: &mut Vec<u8>) {
            out.extend(vec![b'x'; std::mem::take(&mut self.0)]);
        }
        fn next_event(&self) -> Option<Duration> {
            None
        }
    }
    let mut taken = Enough(0);
    let mut engine = engine(Thousand(1000));
    let error = engine.payload().block(u64::MAX, SECOND).copy_to(&mut Sink::new(&mut taken)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(taken.0 <= 1000);
}

#[test]
fn absurd_numbers_in_any_line_end_in_an_error_or_the_right_bytes() {
    const NUMBERS: &[&str] = &[
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775807",
        "4294967296",
        "-1",
        "1e99",
        "",
        "\"\"",
    ];
    let bytes: Vec<u8> = (0..5000u32).map(|index| (index % 251) as u8).collect();
    for vendor in Vendor::ALL {
        for number in NUMBERS {
            for nth in 0..6 {
                let files = MemoryServer::new();
                files.put("/a.bin", bytes.clone());
                let absurd = |head: bool| {
                    let fate = Fate::Number(Number::Text((*number).to_owned()));
                    let prefix = "+".to_owned();
                    if head { Fault::Head { prefix, nth, fate } } else { Fault::Line { prefix, nth: nth + 2, fate } }
                };
                for head in [true, false] {
                    let module = Module::new(emulated(vendor), files.remote(), Options::default());
                    let (modem, _) = open_on(Faulty::new(module, Plan::from(absurd(head))));
                    let Ok(mut modem) = modem else { continue };
                    let online = modem.attach(&AccessPoint::default()).and_then(|_| modem.login(&server()));
                    if online.is_err() {
                        continue;
                    }
                    let mut taken = Vec::new();
                    let outcome = modem.retrieve("/a.bin", &Retrieve::whole(), &mut taken);
                    let what = format!("{vendor}, {number:?} in line {nth}, {head}");
                    assert!(taken.len() <= 2 * bytes.len(), "{what}: {} bytes", taken.len());
                    assert!(outcome.is_err() || taken == bytes, "{what}: {outcome:?}");
                    let listed = modem.list("/");
                    assert!(listed.as_ref().map_or(0, Vec::len) <= 1, "{what}: {listed:?}");
                }
            }
        }
    }
}

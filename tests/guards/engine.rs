use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ftp_modem::at::Dialect;
use ftp_modem::at::{Command, Engine, Flow, Parameter, Pattern, Rule, Sink};
use ftp_modem::error::Phase;
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::transport::recorder::Recorder;
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{ErrorKind, OpenOptions};

use crate::support::scripted::{IDENTITY, Scripted};

const SECOND: Duration = Duration::from_secs(1);

fn engine(rows: &[(&'static str, &[(u64, &str)])]) -> Engine {
    let mut engine = Engine::new(Box::new(MemoryPipe::new(Scripted::new(rows))));
    engine.set_signature(b"Quectel");
    engine
}

/// A line on which nothing comes, with a virtual clock; panics when the driver goes on for longer than anybody would wait.
struct Fake {
    epoch: Instant,
    now: Duration,
    patience: Duration,
    unsent: usize,
    /// Sent again and again.
    flood: &'static [u8],
    /// How long a byte takes to be written.
    per_byte: Duration,
    stalled: bool,
    written: Arc<Mutex<usize>>,
}

impl Fake {
    fn new() -> Self {
        Fake {
            epoch: Instant::now(),
            now: Duration::ZERO,
            patience: Duration::from_secs(3600),
            unsent: 0,
            flood: b"",
            per_byte: Duration::ZERO,
            stalled: false,
            written: Arc::default(),
        }
    }
    fn check(&self) {
        assert!(self.now < self.patience, "still going on after {:?} of virtual time", self.patience);
    }
}

impl Transport for Fake {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.check();
        if !self.flood.is_empty() {
            self.now += Duration::from_millis(1);
            let count = self.flood.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.flood[..count]);
            return Ok(count);
        }
        self.now = self.now.max(deadline.saturating_duration_since(self.epoch));
        Err(io::ErrorKind::TimedOut.into())
    }
    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        self.check();
        if self.stalled {
            self.stalled = false;
            self.now = self.now.max(deadline.saturating_duration_since(self.epoch));
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.now += self.per_byte * bytes.len() as u32;
        *self.written.lock().unwrap() += bytes.len();
        Ok(bytes.len())
    }
    fn unsent(&mut self) -> usize {
        self.unsent
    }
    fn now(&self) -> Instant {
        self.epoch + self.now
    }
    fn line_rate(&self) -> Option<u32> {
        Some(115_200)
    }
    fn name(&self) -> &str {
        "fake"
    }
}

#[test]
fn a_port_whose_flow_control_holds_everything_back_does_not_hang_open() {
    let fake = Fake { unsent: 4, ..Fake::new() };
    let outcome = catch_unwind(AssertUnwindSafe(|| OpenOptions::new().open_on(fake).map(drop)));
    assert!(outcome.is_ok(), "open() never comes back");
}

#[test]
fn a_stalled_upload_is_not_made_up_by_hours_of_zeros() {
    let written = Arc::new(Mutex::new(0));
    let per_byte = Duration::from_micros(87);
    let fake =
        Fake { stalled: true, per_byte, written: written.clone(), patience: Duration::from_secs(600), ..Fake::new() };
    let mut engine = Engine::new(Box::new(fake));
    engine.set_signature(b"Quectel");
    let error = engine.send_payload(&[0; 1000], 100_000_000, 95 * SECOND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let outcome = catch_unwind(AssertUnwindSafe(|| engine.escape(Duration::from_millis(1100), Flow::ToModule)));
    let zeros = *written.lock().unwrap();
    assert!(outcome.is_ok(), "10 minutes later it is still sending: {zeros} bytes, behind the +++ that ended the data");
}

#[test]
fn a_flood_of_noise_does_not_outlast_the_deadline() {
    let fake = Fake { flood: b"\r\n+NOISE: 1\r\n", patience: Duration::from_secs(60), ..Fake::new() };
    let mut engine = Engine::new(Box::new(fake));
    let start = engine.now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        engine.set_time_limits(Some(SECOND), Some(SECOND));
        engine.answer(Command::set("+X").number(1u8), SECOND).1
    }));
    let _ = start;
    assert!(outcome.is_ok(), "a limit of 1 s, and after 60 s it is still reading (start() alone: look() never ends)");
}

#[test]
fn a_flood_after_the_command_does_not_outlast_the_deadline() {
    /// Floods once something was written.
    struct After(Fake);
    impl Transport for After {
        fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
            if *self.0.written.lock().unwrap() > 0 {
                self.0.flood = b"\r\n+NOISE: 1\r\n";
            }
            self.0.read(buffer, deadline)
        }
        fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
            self.0.write(bytes, deadline)
        }
        fn now(&self) -> Instant {
            self.0.now()
        }
        fn name(&self) -> &str {
            "after"
        }
    }
    let mut engine = Engine::new(Box::new(After(Fake { patience: Duration::from_secs(60), ..Fake::new() })));
    let outcome = catch_unwind(AssertUnwindSafe(|| engine.answer(Command::set("+X").number(1u8), SECOND).1));
    assert!(outcome.is_ok(), "a limit of 1 s, and after 60 s it is still reading");
}

#[test]
fn a_listing_without_end_ends_when_its_buffer_is_full() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let fake =
        Fake { flood: b"-rw-r--r-- 1 a b 5 Jan 1 00:00 x\r\n", patience: Duration::from_secs(600), ..Fake::new() };
    let mut engine = Engine::new(Box::new(fake));
    let mut full = Full(1000);
    let mut sink = Sink::new(&mut full);
    let outcome = catch_unwind(AssertUnwindSafe(|| engine.receive_text(true, &mut sink, SECOND, |_| false).map(drop)));
    assert!(outcome.is_ok(), "the sink has been full for 10 minutes");
}

#[test]
fn the_answer_to_a_second_probe_is_not_taken_for_the_next_commands() {
    let sig = "\r\nQuectel\r\n\r\nOK\r\n";
    // The module sleeps for 3.4 s, then answers both probes, the second a little later.
    let mut engine = engine(&[
        ("AT+X", &[]),
        ("ATI", &[(3400, sig)]),
        ("ATI", &[(600, sig)]),
        ("AT+NEXT", &[(900, "\r\nERROR\r\n")]),
    ]);
    assert_eq!(engine.execute(Command::set("+X").number(1u8), SECOND).unwrap_err().kind(), ErrorKind::Timeout);
    let outcome = engine.execute(Command::set("+NEXT").number(1u8), 5 * SECOND);
    assert!(outcome.is_err(), "AT+NEXT was refused, but the probe's late OK was taken for its answer");
}

#[test]
fn a_verdict_that_comes_late_is_not_taken_for_the_next_operations() {
    let result = Pattern::Prefix("+DO");
    const RULES: &[Rule] = &[Rule::keep(Pattern::Prefix("+DO"))];
    let mut engine = engine(&[
        ("AT+DO=1", &[(10, "\r\nOK\r\n"), (12_000, "\r\n+DO: 0\r\n")]),
        ("AT+DO=2", &[(10, "\r\nOK\r\n"), (8_000, "\r\n+DO: 550\r\n")]),
    ]);
    engine.set_dialect(Dialect { rules: RULES, ..Dialect::UNKNOWN });
    let first = engine.perform(Command::set("+DO").number(1u8), SECOND, &result, 10 * SECOND);
    assert_eq!(first.unwrap_err().kind(), ErrorKind::Timeout);
    let second = engine.perform(Command::set("+DO").number(2u8), SECOND, &result, 10 * SECOND);
    assert_ne!(second.unwrap().number(0), Some(0), "the verdict of DO=1");
}

#[test]
fn a_late_abort_does_not_end_the_next_command() {
    let mut engine = engine(&[("AT+X", &[(1500, "\r\nABORT\r\n")]), ("ATI", &[(700, IDENTITY)])]);
    assert_eq!(engine.execute(Command::set("+X").number(1u8), SECOND).unwrap_err().kind(), ErrorKind::Timeout);
    let outcome = engine.execute(Command::set("+NEXT").number(1u8), SECOND);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

#[test]
fn resynchronising_does_not_use_up_the_time_for_the_verdict() {
    const RULES: &[Rule] = &[Rule::keep(Pattern::Prefix("+DO"))];
    let mut engine = engine(&[("AT+X", &[]), ("ATI", &[]), ("AT+DO", &[(10, "\r\nOK\r\n"), (1000, "\r\n+DO: 0\r\n")])]);
    engine.set_dialect(Dialect { rules: RULES, ..Dialect::UNKNOWN });
    let _ = engine.execute(Command::set("+X").number(1u8), SECOND).unwrap_err();
    let outcome = engine.perform(Command::set("+DO").number(1u8), SECOND, &Pattern::Prefix("+DO"), 3 * SECOND);
    assert!(outcome.is_ok(), "the verdict came after 1 s, its limit is 3 s: {}", outcome.unwrap_err());
}

#[test]
fn a_pause_of_the_network_within_payload_is_not_its_end() {
    let part = b"log: \r\n+QFTPGET: 607,0\r\n";
    let rest = b"and so on";
    let text = format!(
        "<<# {} {}\n@ 1.5\n<<# {} {}\n<< \\r\\nOK\\r\\n",
        part.len(),
        hex::encode(part),
        rest.len(),
        hex::encode(rest)
    );
    let mut engine = Engine::new(Box::new(Replay::new(Transcript::parse(&text).unwrap())));
    let mut received = Vec::new();
    let mut sink = Sink::new(&mut received);
    let count = (part.len() + rest.len()) as u64;
    let trailer = engine.receive_until_trailer("+QFTPGET", Some(count), &mut sink, 95 * SECOND).unwrap();
    assert_eq!((trailer.payload, trailer.line), (count, None), "the length was known; a pause of 1.5 s ended it");
}

#[test]
fn a_longer_password_that_begins_like_an_earlier_one_is_masked_whole() {
    const PW: Parameter = Parameter::quoted("password", 20).secret();
    let mut engine = engine(&[]);
    let _ = engine.execute(Command::set("+PW").text(&PW, "abc"), SECOND).unwrap();
    let _ = engine.execute(Command::set("+PW").text(&PW, "abcdef99"), SECOND).unwrap();
    let shown = engine.shown(b"PASS abcdef99");
    assert!(!shown.contains("def99"), "{shown}");
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);
impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn recorded(session: &str) -> String {
    let replay = Replay::new(Transcript::parse(session).unwrap());
    let written = Written::default();
    let mut recorder = Recorder::new(replay, written.clone()).masking("s3cret");
    let mut buffer = vec![0; 100_000];
    loop {
        let far = recorder.now() + 100 * SECOND;
        if recorder.read(&mut buffer, far).is_err() {
            break;
        }
    }
    drop(recorder);
    String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn a_recording_masks_a_secret_at_the_end_of_a_long_run() {
    let mut payload = vec![b'x'; 16 * 1024];
    payload.extend_from_slice(b"s3cret");
    let text = recorded(&format!("<<# {} {}", payload.len(), hex::encode(&payload)));
    assert!(!text.contains("3cret"), "{}", &text[text.len() - 40..]);
}

#[test]
fn a_recording_masks_a_secret_that_comes_in_two_packets() {
    // An echoed password, cut by a packet border of a terminal server.
    let text = recorded("<< AT+FTPPW=\"s3cr\n@ 0.020\n<< et\"\\r\\r\\nOK\\r\\n");
    assert!(!text.contains("s3cr"), "{text}");
}

#[test]
fn a_replay_that_differs_does_not_print_the_password() {
    const PW: Parameter = Parameter::quoted("password", 20).secret();
    let replay = Replay::new(Transcript::parse(">> AT+PW=\"***\"\\r").unwrap());
    let mut engine = Engine::new(Box::new(replay));
    let error = engine.execute(Command::set("+PW").text(&PW, "s3cret"), SECOND).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
}

#[test]
fn no_transcript_makes_a_replay_panic() {
    for text in ["@ 1e19\n>> AT\\r", "@ 1e19\n@ 1e19\n@ 1e19\n>> AT\\r"] {
        let outcome = catch_unwind(|| {
            let Ok(transcript) = Transcript::parse(text) else { return };
            let mut replay = Replay::new(transcript);
            let now = replay.now();
            let _ = replay.write(b"AT\r", now);
            let _ = replay.now();
        });
        assert!(outcome.is_ok(), "{text:?}");
    }
}

#[test]
fn line_time_does_not_panic() {
    struct Slow;
    impl Transport for Slow {
        fn read(&mut self, _: &mut [u8], _: Instant) -> io::Result<usize> {
            Err(io::ErrorKind::TimedOut.into())
        }
        fn write(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn line_rate(&self) -> Option<u32> {
            Some(5)
        }
        fn name(&self) -> &str {
            "slow"
        }
    }
    let engine = Engine::new(Box::new(Slow));
    assert!(catch_unwind(AssertUnwindSafe(|| engine.line_time(u64::MAX))).is_ok(), "line_time(u64::MAX)");
    let own = catch_unwind(AssertUnwindSafe(|| engine.deadline(Phase::Data, Duration::MAX)));
    assert!(own.is_ok(), "deadline(Duration::MAX)");
}

#[test]
fn an_alarm_is_the_whole_line() {
    const RULES: &[Rule] = &[Rule::alarm(Pattern::Line("RDY"), ErrorKind::ModuleRestarted)];
    let mut engine = engine(&[("AT+X", &[(10, "\r\nHARDY\r\n\r\nOK\r\n")])]);
    engine.set_dialect(Dialect { rules: RULES, ..Dialect::UNKNOWN });
    let outcome = engine.execute(Command::set("+X").number(1u8), SECOND);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

#[test]
fn what_was_sent_over_tcp_has_left_or_is_said_not_to_have() {
    use ftp_modem::transport::tcp::Tcp;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut tcp = Tcp::connect(&listener.local_addr().unwrap().to_string()).unwrap().with_rate(115_200);
    // A terminal server that passes on 11 kB/s, at the moment nothing.
    let (_peer, _) = listener.accept().unwrap();
    assert_eq!(tcp.unsent(), 0);
    let far = Instant::now() + 60 * SECOND;
    let sent = tcp.write(&[0; 64 * 1024], far).unwrap();
    assert!(sent <= 11_520, "{sent} bytes were taken at once, more than a second of the line behind");
    assert!(tcp.unsent() > sent / 2, "{} of {sent} bytes are said to be on their way", tcp.unsent());
    assert!(tcp.line_rate().is_some());
}

#[test]
fn a_cancellation_is_noticed_while_the_port_takes_no_bytes() {
    let fake = Fake { stalled: true, ..Fake::new() };
    let mut engine = Engine::new(Box::new(fake));
    let flag = Arc::new(std::sync::atomic::AtomicBool::new(true));
    engine.cancel_with(flag);
    let start = engine.now();
    let error = engine.send_payload(&[0; 1000], 1000, 95 * SECOND).unwrap_err();
    let took = engine.now() - start;
    assert!(took < SECOND && error.kind() == ErrorKind::Cancelled, "after {took:?}: {error}");
}

#[test]
fn a_module_that_dribbles_is_given_up_in_a_time_that_goes_with_the_size() {
    struct Dribble(Fake);
    impl Transport for Dribble {
        fn read(&mut self, buffer: &mut [u8], _: Instant) -> io::Result<usize> {
            self.0.now += 90 * SECOND;
            buffer[0] = b'x';
            Ok(1)
        }
        fn write(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn now(&self) -> Instant {
            self.0.now()
        }
        fn name(&self) -> &str {
            "dribble"
        }
    }
    let mut engine = Engine::new(Box::new(Dribble(Fake::new())));
    let start = engine.now();
    let mut sink = io::sink();
    let outcome = engine.receive_block(1460, &mut Sink::new(&mut sink), 95 * SECOND);
    let took = engine.now() - start;
    assert!(took < 600 * SECOND, "one block of 1460 bytes took {took:?} and is {outcome:?}");
}

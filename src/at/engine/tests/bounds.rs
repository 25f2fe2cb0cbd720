//! Nothing hangs: every wait has an end, whatever the line does.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::at::testing::in_flight;
use crate::at::{Command, Engine, Flow, Sink};
use crate::error::{ErrorKind, Phase};
use crate::transport::Transport;

const SECOND: Duration = Duration::from_secs(1);

/// A line on which nothing comes, with a virtual clock. It panics when the engine goes on for longer than `patience`.
struct Fake {
    epoch: Instant,
    now: Duration,
    patience: Duration,
    unsent: usize,
    /// Sent without end.
    flood: &'static [u8],
    /// The time that a byte takes to be written.
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
fn a_port_whose_flow_control_holds_everything_back_does_not_hang_the_identification() {
    let fake = Fake { unsent: 4, ..Fake::new() };
    let outcome = catch_unwind(AssertUnwindSafe(|| crate::OpenOptions::new().open_on(fake).map(drop)));
    assert!(outcome.is_ok(), "the identification never ends");
}

#[test]
fn a_stalled_upload_is_not_padded_for_hours() {
    let written = Arc::new(Mutex::new(0));
    let per_byte = Duration::from_micros(87);
    let fake =
        Fake { stalled: true, per_byte, written: written.clone(), patience: Duration::from_secs(600), ..Fake::new() };
    let mut engine = Engine::new(Box::new(fake));
    engine.signature = Some(b"Quectel".to_vec());
    let error = in_flight(&mut engine).upload(100_000_000).write(&[0; 1000], 95 * SECOND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let outcome = catch_unwind(AssertUnwindSafe(|| engine.escape(Duration::from_millis(1100), Flow::ToModule)));
    let zeros = *written.lock().unwrap();
    assert!(outcome.is_ok(), "10 minutes later it is still sending: {zeros} bytes, behind the +++ that ended the data");
}

#[test]
fn a_flood_of_noise_does_not_outlast_the_deadline() {
    let fake = Fake { flood: b"\r\n+NOISE: 1\r\n", patience: Duration::from_secs(60), ..Fake::new() };
    let mut engine = Engine::new(Box::new(fake));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        engine.settings().limit(Some(SECOND), Some(SECOND));
        engine.answer(Command::set("+X").number(1u8), SECOND).1
    }));
    assert!(outcome.is_ok(), "a limit of 1 s, and after 60 s it is still reading");
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
    let outcome =
        catch_unwind(AssertUnwindSafe(|| engine.payload().text(true, &mut sink, SECOND, |_| false).map(drop)));
    assert!(outcome.is_ok(), "the sink has been full for 10 minutes");
}

#[test]
fn a_cancellation_is_noticed_while_the_port_takes_no_bytes() {
    let fake = Fake { stalled: true, ..Fake::new() };
    let mut engine = Engine::new(Box::new(fake));
    let flag = Arc::new(AtomicBool::new(true));
    engine.settings().cancel_by(Some(flag));
    let start = engine.now();
    let error = in_flight(&mut engine).upload(1000).write(&[0; 1000], 95 * SECOND).unwrap_err();
    let took = engine.now() - start;
    assert!(took < SECOND && error.kind() == ErrorKind::Cancelled, "after {took:?}: {error}");
}

#[test]
fn a_module_that_dribbles_is_abandoned_in_a_time_that_goes_with_the_size() {
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
    let outcome = engine.payload().block(1460, 95 * SECOND).copy_to(&mut Sink::new(&mut sink));
    let took = engine.now() - start;
    assert!(took < 600 * SECOND, "one block of 1460 bytes took {took:?} and is {outcome:?}");
}

/// A module that lists, or encodes, without end and without a pause.
#[test]
fn payload_without_a_count_ends_with_the_budget() {
    type Take = fn(&mut Engine) -> crate::error::Result<()>;
    let takes: [Take; 2] = [
        |engine| engine.payload().stream(SECOND, |bytes| (bytes.len(), false)),
        |engine| engine.payload().text(true, &mut Sink::new(&mut io::sink()), SECOND, |_| false).map(drop),
    ];
    for take in takes {
        let mut fake = Fake::new();
        (fake.flood, fake.patience) = (b"x\r\n", 11 * SECOND);
        let mut engine = Engine::new(Box::new(fake));
        engine.settings().set_budget(Some(10 * SECOND));
        let error = take(&mut engine).unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Budget)), "{error}");
    }
}

#[test]
fn a_pause_as_long_as_the_callers_limit_leaves_the_next_command_its_time() {
    let mut engine = Engine::new(Box::new(Fake::new()));
    engine.settings().limit(Some(SECOND), None);
    engine.wait(Phase::Result, SECOND).unwrap();
    assert!(engine.parts.limits.leaves(engine.now(), 60 * SECOND));
}

#[test]
fn no_time_overflows() {
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
    assert!(catch_unwind(AssertUnwindSafe(|| engine.parts.link.line_time(u64::MAX))).is_ok(), "line_time(u64::MAX)");
    let own = catch_unwind(AssertUnwindSafe(|| engine.deadline(Phase::Data, Duration::MAX)));
    assert!(own.is_ok(), "deadline(Duration::MAX)");
    let (mut engine, now) = (Engine::new(Box::new(Slow)), engine.now());
    engine.settings().limit(Some(Duration::MAX), Some(Duration::MAX));
    let back = catch_unwind(AssertUnwindSafe(|| engine.parts.limits.begin_recovery(now)));
    assert!(back.is_ok(), "begin_recovery with a limit of Duration::MAX");
}

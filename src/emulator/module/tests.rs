//! The line discipline under a dialect made for the purpose.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Module;
use crate::emulator::command::{Command, Form, number};
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::queue::{Stream, StreamEnd};
use crate::emulator::testing::Bench;
use crate::emulator::{BadPrefix, BusyInput, Identity, MemoryServer, Noise, Options, Spacing};

mod pace;
mod radio;
mod sessions;

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);
const LATER: u32 = 1;
const SLOW: u32 = 2;

/// Shows every facility of the core with one command each.
struct Probe {
    received: Arc<Mutex<Vec<u8>>>,
    coded: bool,
}

impl Dialect for Probe {
    fn identity(&self) -> Identity {
        Identity::new("a", "b", "c")
    }

    fn boot_lines(&self) -> Vec<String> {
        vec!["RDY".to_owned()]
    }

    fn error_text(&self) -> fn(u16) -> Option<&'static str> {
        |code| (code == 603).then_some("FTP busy")
    }

    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled {
        let count = number(command.arguments, 0..=u64::MAX).unwrap_or(0);
        match (command.name.as_str(), command.form) {
            ("+LATER", Form::Execute) => {
                modem.ok();
                modem.timer(LATER, SECOND);
            }
            ("+SLOW", Form::Execute) => modem.timer(SLOW, SECOND),
            ("+FAIL", Form::Execute) => modem.cme(603),
            ("+LINE", Form::Execute) => {
                modem.line("+LINE:1,\"a,b\",2");
                modem.ok();
            }
            ("+PUT", Form::Set) => {
                modem.line("CONNECT");
                modem.receive(Intake::counted(count).or_escape(SECOND).or_idle(5 * SECOND));
            }
            ("+CODED", Form::Execute) => {
                self.coded = true;
                modem.ok();
                modem.line("+CODED: 2");
                modem.receive(Intake::escaped());
            }
            ("+GET", Form::Set) => {
                modem.line("CONNECT");
                modem.stream(Stream::new(Box::new(std::io::repeat(b'x')), 0).limit(count));
                modem.receive(Intake::open().or_escape(SECOND));
            }
            ("+RETR", Form::Execute) => {
                modem.ok();
                modem.head("+RETR: 0,3,");
                let coded = Box::new(std::io::Cursor::new(b"\x03a\x10".to_vec()));
                modem.stream(Stream::new(coded, 1).escaped().tail(b"\r\n"));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn payload(&mut self, bytes: &[u8], _modem: &mut Modem) {
        self.received.lock().unwrap().extend_from_slice(bytes);
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        if self.coded {
            modem.line("+CODED: 1");
        } else {
            let count = modem.queue.stop_stream().map(|stream| stream.count);
            modem.line(&format!("+PUT: {end:?},{count:?}"));
            modem.ok();
        }
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        if end.tag == 1 {
            modem.urc(&format!("+RETR: {}", end.count));
            return;
        }
        modem.leave_data_mode();
        modem.ok();
        modem.line(&format!("+GET: {}", end.count));
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        match token {
            LATER => modem.urc("+LATER: 1"),
            _ => modem.ok(),
        }
    }

    fn restart(&mut self) {
        self.coded = false;
    }
}

fn bench(options: Options) -> (Bench, Arc<Mutex<Vec<u8>>>) {
    let received = Arc::default();
    let probe = Probe { received: Arc::clone(&received), coded: false };
    let server = MemoryServer::new();
    let module = Module::with_dialect(Box::new(probe), server.remote(), options);
    (Bench { module: module.into(), server, now: Duration::ZERO }, received)
}

fn quiet() -> Options {
    Options::default().with_echo(false)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn ok_comes_now_and_the_result_later() {
    let (mut bench, _) = bench(quiet());
    assert_eq!(bench.command("AT+LATER"), "\r\nOK\r\n");
    assert_eq!(bench.after(SECOND - MILLISECOND), b"");
    assert_eq!(bench.module.next_event(), Some(SECOND));
    assert_eq!(bench.after(MILLISECOND), b"\r\n+LATER: 1\r\n");
    assert_eq!(bench.module.next_event(), None);
}

#[test]
fn a_result_keeps_its_distance_from_ok() {
    let options = quiet().with_result_gap(20 * MILLISECOND).with_latency(MILLISECOND);
    let (mut bench, _) = bench(options);
    bench.send(b"AT+RETR\rAT\r");
    assert_eq!(text(&bench.after(2 * MILLISECOND)), "\r\nOK\r\n\r\n+RETR: 0,3,\x10\x03a\x10\x10\r\n\r\nOK\r\n");
    assert_eq!(bench.after(18 * MILLISECOND), b"");
    assert_eq!(text(&bench.after(2 * MILLISECOND)), "\r\n+RETR: 3\r\n");
    assert_eq!(bench.after(SECOND), b"");
    bench.module.inject(bench.now, "RING");
    assert_eq!(bench.output(), b"\r\nRING\r\n");
}

#[test]
fn a_command_in_progress_holds_its_line_the_input_and_unsolicited_lines() {
    for (busy, answer) in [
        (BusyInput::Hold, "\r\n+CSQ: 25,99\r\n\r\nOK\r\n\r\nRING\r\n\r\nOK\r\n"),
        (BusyInput::Drop, "\r\n+CSQ: 25,99\r\n\r\nOK\r\n\r\nRING\r\n"),
    ] {
        let (mut bench, _) = bench(quiet().with_busy_input(busy));
        assert_eq!(bench.command("AT+SLOW;+CSQ"), "");
        bench.send(b"AT\r");
        bench.module.inject(bench.now, "RING");
        assert_eq!(bench.output(), b"");
        assert_eq!(text(&bench.after(SECOND)), answer);
    }
}

#[test]
fn errors_follow_cmee() {
    for (mode, answer) in [(0, "ERROR"), (1, "+CME ERROR: 603"), (2, "+CME ERROR: FTP busy")] {
        let (mut bench, _) = bench(quiet().with_cmee(mode));
        assert_eq!(bench.command("AT+FAIL;+CSQ"), format!("\r\n{answer}\r\n"));
    }
}

#[test]
fn surplus_payload_spoils_the_next_line() {
    for (prefix, answer) in [(BadPrefix::Error, "\r\nERROR\r\n"), (BadPrefix::Silence, "")] {
        let (mut bench, received) = bench(quiet().with_bad_prefix(prefix));
        assert_eq!(bench.command("AT+PUT=5"), "\r\nCONNECT\r\n");
        bench.module.inject(bench.now, "RING");
        assert_eq!(bench.exchange(b"AT\r"), b"");
        assert_eq!(text(&bench.exchange(b"\x1a+x")), "\r\n+PUT: Complete,None\r\n\r\nOK\r\n\r\nRING\r\n");
        assert_eq!(bench.command("AT"), answer);
        assert_eq!(bench.command("AT"), "\r\nOK\r\n");
        assert_eq!(received.lock().unwrap().as_slice(), b"AT\r\x1a+");
    }
}

#[test]
fn a_line_feed_behind_a_command_line_is_neither_echoed_nor_data() {
    let latency = Options::default().with_latency(3 * MILLISECOND);
    for (options, pieces) in [
        (Options::default(), &["AT+PUT=5\r\n"][..]),
        (latency.clone(), &["AT+PUT=5\r\n"][..]),
        (latency.clone(), &["AT+PUT=5\r", "\n"][..]),
        (latency.with_line_rate(115_200), &["AT+PUT=5", "\r\n"][..]),
    ] {
        let (mut bench, received) = bench(options);
        bench.send(b"AT\r\n");
        assert_eq!(text(&bench.after(10 * MILLISECOND)), "AT\r\r\nOK\r\n");
        let mut said = String::new();
        for piece in pieces {
            said += &text(&bench.exchange(piece.as_bytes()));
        }
        said += &text(&bench.after(10 * MILLISECOND));
        assert_eq!(said, "AT+PUT=5\r\r\nCONNECT\r\n");
        bench.send(b"\n2345AT\n\r\n");
        assert_eq!(received.lock().unwrap().as_slice(), b"\n2345");
        assert!(text(&bench.after(10 * MILLISECOND)).ends_with("AT\n\r\r\nOK\r\n"));
    }
}

#[test]
fn data_mode_ends_by_silence_escape_and_dtr() {
    let (mut bench, received) = bench(quiet());
    bench.command("AT+PUT=5");
    bench.send(b"ab");
    assert_eq!(bench.after(5 * SECOND), b"\r\n+PUT: Idle,None\r\n\r\nOK\r\n");
    bench.command("AT+PUT=5");
    bench.after(SECOND);
    bench.send(b"+++");
    assert_eq!(bench.after(SECOND - MILLISECOND), b"");
    assert_eq!(bench.after(MILLISECOND), b"\r\n+PUT: Escape,None\r\n\r\nOK\r\n");
    bench.command("AT+PUT=5");
    bench.module.drop_dtr(bench.now);
    assert_eq!(bench.output(), b"\r\n+PUT: DataTerminalReady,None\r\n\r\nOK\r\n");
    assert_eq!(received.lock().unwrap().as_slice(), b"ab");
}

#[test]
fn coded_payload_comes_decoded() {
    let (mut bench, received) = bench(quiet());
    assert_eq!(bench.command("AT+CODED"), "\r\nOK\r\n\r\n+CODED: 2\r\n");
    assert_eq!(bench.exchange(b"A\x10\x03B\x10\x10\x03"), b"\r\n+CODED: 1\r\n");
    assert_eq!(received.lock().unwrap().as_slice(), b"A\x03B\x10");
    assert_eq!(bench.command("AT"), "\r\nOK\r\n");
}

#[test]
fn streams_are_produced_as_the_line_drains() {
    let (mut bench, _) = bench(quiet());
    bench.send(b"AT+GET=1000000000000\r");
    let mut out = Vec::new();
    for _ in 0..3 {
        out.clear();
        bench.module.transmit(bench.now, &mut out);
        assert_eq!(out.len(), 64 * 1024);
    }
    // The host escapes: what has not left yet never will.
    bench.now += SECOND;
    bench.send(b"+++");
    bench.now += SECOND;
    out.clear();
    bench.module.transmit(bench.now, &mut out);
    assert_eq!(text(&out), "\r\n+PUT: Escape,Some(196597)\r\n\r\nOK\r\n");
    assert_eq!(bench.command("AT+GET=3"), "\r\nCONNECT\r\nxxx\r\nOK\r\n\r\n+GET: 3\r\n");
    assert_eq!(
        bench.exchange(b"AT+RETR\rAT\r"),
        b"\r\nOK\r\n\r\n+RETR: 0,3,\x10\x03a\x10\x10\r\n\r\nOK\r\n\r\n+RETR: 3\r\n"
    );
}

#[test]
fn fragments_and_line_rate_change_the_time_not_the_bytes() {
    let whole = "AT+GET=100\r\r\nCONNECT\r\n".to_owned() + &"x".repeat(100) + "\r\nOK\r\n\r\n+GET: 100\r\n";
    for size in [1, 2, 7, 64, 1000] {
        let (mut bench, _) = bench(Options::default().with_fragment(size).with_fragment_gap(MILLISECOND));
        bench.send(b"AT+GET=100\r");
        let mut all = Vec::new();
        while let Some(next) = bench.module.next_event() {
            let before = all.len();
            bench.now = bench.now.max(next);
            bench.module.transmit(bench.now, &mut all);
            assert!(all.len() - before <= size);
        }
        assert_eq!(text(&all), whole);
        let gaps = u32::try_from(whole.len() / size).unwrap();
        assert!(bench.now + MILLISECOND >= MILLISECOND * gaps);
    }
    // 9600 bits per second: 960 bytes a second each way.
    let (mut bench, _) = bench(Options::default().with_line_rate(9600));
    assert!(bench.module.receive_capacity(bench.now) < 32);
    bench.send(b"AT+GET=100\r");
    assert_eq!(bench.module.receive_capacity(bench.now), 6);
    let byte = Duration::from_nanos(1_041_666);
    assert_eq!(bench.after(byte * 11), b"");
    assert_eq!(bench.after(byte), b"A");
    let rest = bench.after(byte * u32::try_from(whole.len() - 1).unwrap());
    assert_eq!(text(&rest), whole[1..]);
    assert_eq!(bench.module.next_event(), None);
    assert!(bench.module.receive_capacity(bench.now) >= 16);
}

/// The rates pseudo-terminals are paced at, in bits a second.
const RATES: [u32; 5] = [115_200, 460_800, 921_600, 1_500_000, 3_000_000];
/// How far the line may run ahead.
const AHEAD: Duration = Duration::from_millis(20);

#[test]
fn noise_comes_between_lines_only_and_is_repeatable() {
    for (before_result, noisy) in [(false, false), (true, true)] {
        let mut noise = Noise::new(7);
        noise.one_in = 1;
        noise.lines = vec!["RING".to_owned()];
        noise.before_result = before_result;
        let (mut bench, _) = bench(quiet().with_noise(noise));
        let ring = "\r\nRING\r\n";
        let between = if noisy { ring } else { "" };
        let expected = format!("{ring}\r\nCONNECT\r\nxxx{between}\r\nOK\r\n{ring}\r\n+GET: 3\r\n");
        assert_eq!(bench.command("AT+GET=3"), expected);
    }
    let play = || bench(quiet().with_noise(Noise::new(42))).0.command("AT;+LINE;+LINE;+LINE");
    let noisy = bench(quiet().with_noise(Noise::new(42))).0.command("AT+LINE;+LINE;+LINE;+LINE");
    assert!(noisy.len() > 4 * "\r\n+LINE:1,\"a,b\",2\r\n".len() + 6, "{noisy}");
    assert_eq!(play(), play());
}

#[test]
fn blanks_come_as_asked() {
    for (spacing, line) in [
        (Spacing::Native, "+LINE:1,\"a,b\",2"),
        (Spacing::AfterColon, "+LINE: 1,\"a,b\",2"),
        (Spacing::None, "+LINE:1,\"a,b\",2"),
        (Spacing::AfterCommas, "+LINE: 1, \"a,b\", 2"),
    ] {
        let (mut bench, _) = bench(quiet().with_spacing(spacing).with_blank_before_urc(true));
        assert_eq!(bench.command("AT+LINE"), format!("\r\n{line}\r\n\r\nOK\r\n"));
        bench.module.inject(bench.now, "RING");
        assert_eq!(bench.output(), b"\r\n\r\nRING\r\n");
    }
}

#[test]
fn latency_delays_the_answer_and_what_follows() {
    let options = quiet().with_latency(MILLISECOND).with_command_latency("+LINE", SECOND);
    let (mut bench, _) = bench(options);
    bench.send(b"AT\rAT+LINE\rAT\r");
    assert_eq!(bench.after(MILLISECOND), b"\r\nOK\r\n");
    assert_eq!(bench.after(SECOND - MILLISECOND), b"");
    assert_eq!(bench.after(MILLISECOND), b"\r\n+LINE:1,\"a,b\",2\r\n\r\nOK\r\n");
    assert_eq!(bench.after(MILLISECOND), b"\r\nOK\r\n");
}

#[test]
fn a_restart_ends_everything() {
    let (mut bench, _) = bench(quiet().with_boot_lines(true));
    assert_eq!(bench.output(), b"\r\nRDY\r\n");
    bench.command("AT+PUT=5");
    bench.send(b"ab");
    bench.module.restart(bench.now);
    assert_eq!(bench.output(), b"\r\nRDY\r\n");
    assert_eq!(bench.command("AT+CMEE=2;+CFUN=1,1"), "\r\nOK\r\n\r\nRDY\r\n");
    assert_eq!(bench.command("AT+CMEE?"), "\r\n+CMEE: 0\r\n\r\nOK\r\n");
}

#[test]
fn command_lines_are_edited_and_limited() {
    let (mut bench, _) = bench(Options::default().with_line_limit(8));
    assert_eq!(bench.exchange(b"ATX\x08\n\r"), b"ATX\x08\n\r\r\nOK\r\n");
    bench.command("ATE0");
    assert_eq!(bench.command("AT+CREG??????"), "\r\nERROR\r\n");
    assert_eq!(bench.command("AT+CSQ"), "\r\n+CSQ: 25,99\r\n\r\nOK\r\n");
}

#[test]
fn large_uploads_arrive_in_slices() {
    let (mut bench, received) = bench(quiet());
    bench.command("AT+PUT=4000000");
    let content = vec![b'+'; 4_000_000];
    for piece in content.chunks(65_536) {
        bench.send(piece);
    }
    assert!(text(&bench.output()).contains("Complete"));
    assert_eq!(received.lock().unwrap().len(), content.len());
}

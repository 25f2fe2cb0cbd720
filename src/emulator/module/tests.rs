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

mod radio;

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
            let count = modem.stop_stream().map(|stream| stream.count);
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

fn at_rate(rate: u32, time: Duration) -> f64 {
    f64::from(rate) / 10.0 * time.as_secs_f64()
}

/// Looks at the module only when it says so, at times much later, as a thread among many others would.
fn late(turn: u32) -> Duration {
    MILLISECOND * [0, 3, 0, 40, 1, 0, 7].into_iter().nth(turn as usize % 7).unwrap()
}

#[test]
fn output_keeps_its_rate() {
    for rate in RATES {
        let (mut bench, _) = bench(quiet().with_line_rate(rate));
        let module = bench.module.module_mut();
        module.receive(Duration::ZERO, format!("AT+GET={rate}\r").as_bytes());
        let (mut out, mut now) = (Vec::new(), Duration::ZERO);
        for turn in 0.. {
            module.transmit(now, &mut out);
            // The time of a byte is in whole nanoseconds.
            assert!(out.len() as f64 <= 1.0002 * at_rate(rate, now) + 1.0, "never ahead of the line");
            if now >= SECOND {
                break;
            }
            now = module.next_event().unwrap() + late(turn);
        }
        let all = at_rate(rate, now);
        assert!(out.len() as f64 >= 0.99 * all, "{rate}: {} of {all}", out.len());
    }
}

#[test]
fn output_held_up_for_long_does_not_come_in_a_burst() {
    let (mut bench, _) = bench(quiet().with_line_rate(115_200));
    let module = bench.module.module_mut();
    module.receive(Duration::ZERO, b"AT+GET=100000\r");
    let mut out = Vec::new();
    module.transmit(20 * MILLISECOND, &mut out);
    out.clear();
    module.resume_pace(5 * SECOND);
    module.transmit(5 * SECOND, &mut out);
    assert_eq!(out.len(), 230);
    module.transmit(5 * SECOND, &mut out);
    assert_eq!(out.len(), 230);
}

#[test]
fn what_follows_a_stream_is_not_late() {
    let whole = "\r\nCONNECT\r\n".len() + 1000 + "\r\nOK\r\n\r\n+GET: 1000\r\n".len();
    for rate in RATES {
        let (mut bench, _) = bench(quiet().with_line_rate(rate));
        let module = bench.module.module_mut();
        module.receive(Duration::ZERO, b"AT+GET=1000\r");
        let byte = Duration::from_nanos(10_000_000_000 / u64::from(rate));
        let mut out = Vec::new();
        // Looked at once, when all of it must have left.
        let end = byte * u32::try_from("AT+GET=1000\r".len() + whole).unwrap();
        module.transmit(end, &mut out);
        assert_eq!(out.len(), whole);
    }
}

#[test]
fn input_keeps_its_rate() {
    for rate in RATES {
        let (mut bench, received) = bench(quiet().with_line_rate(rate));
        let module = bench.module.module_mut();
        let (mut sent, mut now) = (0, Duration::ZERO);
        module.receive(now, b"AT+PUT=1000000\r");
        for turn in 0.. {
            let capacity = module.receive_capacity(now);
            sent += capacity;
            module.receive(now, &vec![b'x'; capacity]);
            module.keep_receiving(true);
            assert!(sent as f64 <= at_rate(rate, now + AHEAD), "not far ahead of the line");
            if now >= SECOND {
                break;
            }
            // No sooner than when half of the room is free again, so that it is worth while.
            let then = module.receive_time();
            assert!(then >= now + 8 * MILLISECOND || turn > 0);
            now = then.max(now) + late(turn);
        }
        assert_eq!(received.lock().unwrap().len(), sent);
        let all = at_rate(rate, now);
        assert!(sent as f64 >= 0.99 * all, "{rate}: {sent} of {all}");
        // What is sent after a pause has not come before.
        module.keep_receiving(false);
        now += SECOND;
        assert!(module.receive_capacity(now) as f64 <= at_rate(rate, AHEAD));
        // What was held up is made up for in part only.
        module.keep_receiving(true);
        module.resume_pace(now);
        assert!(module.receive_capacity(now) as f64 <= 2.0 * at_rate(rate, AHEAD));
    }
}

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

//! Answers, results and probes that come late belong to nobody.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use crate::at::{Command, Engine, Pattern, Rule};
use crate::error::{ErrorKind, Phase};
use crate::transport::memory::{MemoryPipe, Peer};

const SECOND: Duration = Duration::from_secs(1);

/// A module that answers by a table: each row is used once, in order of the commands that start with its text. What
/// has no row is answered by `OK`, ATI by a Quectel's text.
#[derive(Default)]
struct Scripted {
    rows: Vec<(&'static str, Vec<(u64, String)>)>,
    line: Vec<u8>,
    out: VecDeque<(Duration, Vec<u8>)>,
}

impl Scripted {
    fn new(rows: &[(&'static str, &[(u64, &str)])]) -> Self {
        let rows = rows
            .iter()
            .map(|(command, answers)| (*command, answers.iter().map(|(ms, text)| (*ms, (*text).to_owned())).collect()))
            .collect();
        Scripted { rows, ..Scripted::default() }
    }
}

const IDENTITY: &str = "\r\nQuectel\r\nEC20F\r\nRevision: EC20\r\n\r\nOK\r\n";

impl Peer for Scripted {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        for byte in bytes {
            if *byte != b'\r' {
                self.line.push(*byte);
                continue;
            }
            let command = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            if command.is_empty() {
                continue;
            }
            let row = self.rows.iter().position(|(text, _)| command.starts_with(text));
            let answers = match row {
                Some(row) => self.rows.remove(row).1,
                None if command == "ATI" => vec![(10, IDENTITY.to_owned())],
                None => vec![(10, "\r\nOK\r\n".to_owned())],
            };
            for (delay, text) in answers {
                let due = now + Duration::from_millis(delay);
                self.out.push_back((due, text.into_bytes()));
            }
            self.out.make_contiguous().sort_by_key(|(due, _)| *due);
        }
    }
    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        while self.out.front().is_some_and(|(due, _)| *due <= now) {
            out.extend(self.out.pop_front().unwrap().1);
        }
    }
    fn next_event(&self) -> Option<Duration> {
        self.out.front().map(|(due, _)| *due)
    }
}

fn engine(rows: &[(&'static str, &[(u64, &str)])]) -> Engine {
    let mut engine = Engine::new(Box::new(MemoryPipe::new(Scripted::new(rows))));
    engine.signature = Some(b"Quectel".to_vec());
    engine
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

/// Commands that came twice on their way are answered twice.
#[test]
fn an_answer_too_many_is_not_taken_for_the_next_commands() {
    let identity = "\r\nQuectel\r\n\r\nOK\r\n";
    let mut engine = engine(&[
        ("AT+X", &[(10, "\r\nOK\r\n"), (20, "\r\nOK\r\n"), (1500, "\r\nOK\r\n")]),
        ("ATI", &[(1600, identity)]),
        ("AT+NEXT", &[(1600, "\r\nERROR\r\n")]),
    ]);
    let probes = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&probes);
    engine.recovery.watch(
        Some(Arc::new(move |_| {
            counted.fetch_add(1, Relaxed);
        })),
        1,
    );
    let _ = engine.execute(Command::set("+X").number(1u8), SECOND).unwrap();
    engine.wait(Phase::Result, SECOND / 10).unwrap();
    let outcome = engine.execute(Command::set("+NEXT").number(1u8), 5 * SECOND);
    assert!(outcome.is_err(), "AT+NEXT was refused, but an earlier OK was taken for its answer");
    // Once the probe is answered there is no reason for another.
    let _ = engine.execute(Command::set("+LAST").number(1u8), SECOND).unwrap();
    assert_eq!(probes.load(Relaxed), 1);
}

#[test]
fn a_result_that_comes_late_is_not_taken_for_the_next_operations() {
    let result = Pattern::Prefix("+DO");
    const RULES: &[Rule] = &[Rule::keep(Pattern::Prefix("+DO"))];
    let mut engine = engine(&[
        ("AT+DO=1", &[(10, "\r\nOK\r\n"), (12_000, "\r\n+DO: 0\r\n")]),
        ("AT+DO=2", &[(10, "\r\nOK\r\n"), (8_000, "\r\n+DO: 550\r\n")]),
    ]);
    engine.settings().speak(RULES, |_| None);
    let first = engine.perform(Command::set("+DO").number(1u8), SECOND, &result, 10 * SECOND);
    assert_eq!(first.unwrap_err().kind(), ErrorKind::Timeout);
    let second = engine.perform(Command::set("+DO").number(2u8), SECOND, &result, 10 * SECOND);
    assert_ne!(second.unwrap().number(0), Some(0), "the result of DO=1");
}

#[test]
fn a_late_abort_does_not_end_the_next_command() {
    let mut engine = engine(&[("AT+X", &[(1500, "\r\nABORT\r\n")]), ("ATI", &[(700, IDENTITY)])]);
    assert_eq!(engine.execute(Command::set("+X").number(1u8), SECOND).unwrap_err().kind(), ErrorKind::Timeout);
    let outcome = engine.execute(Command::set("+NEXT").number(1u8), SECOND);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

#[test]
fn resynchronising_does_not_use_up_the_time_for_the_result() {
    const RULES: &[Rule] = &[Rule::keep(Pattern::Prefix("+DO"))];
    let mut engine = engine(&[("AT+X", &[]), ("ATI", &[]), ("AT+DO", &[(10, "\r\nOK\r\n"), (1000, "\r\n+DO: 0\r\n")])]);
    engine.settings().speak(RULES, |_| None);
    let _ = engine.execute(Command::set("+X").number(1u8), SECOND).unwrap_err();
    let outcome = engine.perform(Command::set("+DO").number(1u8), SECOND, &Pattern::Prefix("+DO"), 3 * SECOND);
    assert!(outcome.is_ok(), "the result came after 1 s, its limit is 3 s: {}", outcome.unwrap_err());
}

#[test]
fn the_report_of_a_restart_is_the_whole_line() {
    const RULES: &[Rule] = &[Rule::lose(Pattern::Line("RDY"), ErrorKind::ModuleRestarted)];
    let mut engine = engine(&[("AT+X", &[(10, "\r\nHARDY\r\n\r\nOK\r\n")])]);
    engine.settings().speak(RULES, |_| None);
    let outcome = engine.execute(Command::set("+X").number(1u8), SECOND);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

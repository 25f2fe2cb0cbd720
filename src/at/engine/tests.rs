//! The engine on recorded exchanges, in virtual time.

use super::*;
use std::sync::atomic::Ordering;

use crate::at::command::Parameter;
use crate::at::urc::Rule;
use crate::transport::replay::Replay;
use crate::transport::transcript::Transcript;

const LIMIT: Duration = Duration::from_secs(5);
const RESULT: Pattern = Pattern::Prefix("+XRES");

const RULES: &[Rule] = &[
    Rule::keep(RESULT),
    Rule::keep(Pattern::Fields("+X", &["1"])),
    Rule::alarm(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
    Rule::alarm(Pattern::Fields("+LOST", &["0"]), ErrorKind::BearerLost),
];

const DIALECT: Dialect = Dialect { rules: RULES, refusal: |_| None };

fn engine(session: &str) -> (Engine, Replay) {
    let replay = Replay::new(Transcript::parse(session).unwrap());
    let mut engine = Engine::new(Box::new(replay.clone()));
    engine.set_dialect(DIALECT);
    (engine, replay)
}

fn lines(answer: &Acknowledgement) -> Vec<String> {
    answer.lines.iter().map(|line| line.text().into_owned()).collect()
}

#[test]
fn an_answer_is_its_own_lines_and_nothing_else() {
    let (mut engine, replay) = engine(
        ">> AT+X=2\\r\n<< AT+X=2\\r\\r\\n+CREG: 1\\r\\n\\r\\n+X: 1,7\\r\\n\\r\\n+X: 2,5\\r\\n\\r\\n^MODE: 17\\r\\n\\r\\nOK\\r\\n",
    );
    let answer = engine.execute(Command::set("+X").number(2u8), LIMIT).unwrap();
    assert_eq!(lines(&answer), ["+X: 2,5"]);
    let kept = engine.take(&Pattern::Fields("+X", &["1"])).unwrap();
    assert_eq!(kept.bytes(), b"+X: 1,7", "what the module said on its own is kept");
    replay.finish().unwrap();
}

#[test]
fn the_value_that_was_read_is_the_answer_even_if_it_looks_like_an_alarm() {
    let (mut engine, _) = engine(">> AT+LOST?\\r\n<< \\r\\n+LOST: 0\\r\\n\\r\\nOK\\r\\n");
    assert_eq!(lines(&engine.execute(Command::read("+LOST"), LIMIT).unwrap()), ["+LOST: 0"]);
}

#[test]
fn acknowledgement_and_verdict_come_in_either_order() {
    for session in [
        ">> AT+X\\r\n<< \\r\\nOK\\r\\n\n@ 3\n<< \\r\\n+XRES: 0\\r\\n",
        ">> AT+X\\r\n<< \\r\\n+XRES: 0\\r\\n\n@ 3\n<< \\r\\nOK\\r\\n",
        ">> AT+X\\r\n<< \\r\\nOK\\r\\n\\r\\n+XRES: 0\\r\\n",
    ] {
        let (mut engine, replay) = engine(session);
        let verdict = engine.perform(Command::run("+X"), LIMIT, &RESULT, LIMIT).unwrap();
        assert_eq!(verdict.number(0), Some(0), "{session}");
        replay.finish().unwrap();
    }
}

#[test]
fn a_verdict_of_an_earlier_operation_is_not_taken_for_this_one() {
    let (mut engine, _) = engine(
        "<~ \\r\\n+XRES: 9\\r\\n\n>> AT\\r\n<< \\r\\nOK\\r\\n\n>> AT+X\\r\n<< \\r\\nOK\\r\\n\n@ 1\n<< \\r\\n+XRES: 0\\r\\n",
    );
    let _ = engine.execute(Command::run(""), LIMIT).unwrap();
    let verdict = engine.perform(Command::run("+X"), LIMIT, &RESULT, LIMIT).unwrap();
    assert_eq!(verdict.number(0), Some(0));
}

#[test]
fn an_ok_is_no_verdict() {
    let (mut engine, _) = engine(">> AT+X\\r\n<< \\r\\nOK\\r\\n");
    let error = engine.perform(Command::run("+X"), LIMIT, &RESULT, Duration::from_secs(30)).unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Result)));
}

#[test]
fn a_late_answer_is_never_taken_for_the_next_commands() {
    // The answer to AT+A comes when AT+B has been wanted: a module that answers late, and one that swallowed the first.
    let sessions = [
        ">> AT+A\\r\n@ 6\n<~ \\r\\n+A: old\\r\\n\\r\\nOK\\r\\n\n>> ATI\\r\n<< \\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n<< \\r\\n+B: new\\r\\n\\r\\nOK\\r\\n",
        ">> AT+A\\r\n@ 6\n>> ATI\\r\n<< \\r\\n+A: old\\r\\n\\r\\nOK\\r\\n\\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n<< \\r\\n+B: new\\r\\n\\r\\nOK\\r\\n",
        ">> AT+A\\r\n@ 6\n>> ATI\\r\n<< \\r\\nERROR\\r\\n\\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n<< \\r\\n+B: new\\r\\n\\r\\nOK\\r\\n",
    ];
    for session in sessions {
        let (mut engine, replay) = engine(session);
        engine.set_signature(b"ACME");
        let error = engine.execute(Command::run("+A"), LIMIT).unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Acknowledgement)), "{session}");
        assert_eq!(lines(&engine.execute(Command::run("+B"), LIMIT).unwrap()), ["+B: new"], "{session}");
        replay.finish().unwrap();
    }
}

#[test]
fn a_module_that_does_not_come_back_is_said_to_be_unusable() {
    let knock = "\\r".repeat(4098);
    let session =
        format!(">> AT+A\\r\n>> ATI\\r\n>> ATI\\r\n>> ATI\\r\n>> +++\n>> \\x1b\\x03\\r\n>> {knock}\n>> ATI\\r\n");
    let (mut engine, _) = engine(&session);
    engine.set_signature(b"ACME");
    engine.execute(Command::run("+A"), LIMIT).unwrap_err();
    let error = engine.execute(Command::run("+B"), LIMIT).unwrap_err();
    assert_eq!(error.phase(), Some(Phase::Resynchronisation));
    assert!(!error.module_usable());
}

#[test]
fn an_alarm_ends_what_goes_on_at_once() {
    for (line, kind) in [("RDY", ErrorKind::ModuleRestarted), ("+LOST: 0", ErrorKind::BearerLost)] {
        let (mut engine, _) = engine(&format!(">> AT+X\\r\n<< \\r\\nOK\\r\\n\n@ 2\n<< \\r\\n{line}\\r\\n"));
        let start = engine.now();
        let error = engine.perform(Command::run("+X"), LIMIT, &RESULT, Duration::from_secs(100)).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(engine.now() - start, Duration::from_secs(2));
    }
}

#[test]
fn an_alarm_while_idle_ends_the_next_command_before_it_is_sent() {
    let (mut engine, replay) = engine("<< \\r\\nRDY\\r\\n");
    assert_eq!(engine.execute(Command::run("+X"), LIMIT).unwrap_err().kind(), ErrorKind::ModuleRestarted);
    replay.finish().unwrap();
}

#[test]
fn a_refused_argument_sends_nothing() {
    let (mut engine, replay) = engine("");
    let name = Parameter::quoted("name", 4);
    let error = engine.execute(Command::set("+X").text(&name, "a\"b"), LIMIT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    replay.finish().unwrap();
}

#[test]
fn a_deadline_is_for_the_whole_exchange_and_is_not_renewed_by_chatter() {
    let chatter = "@ 1\n<< \\r\\n+CREG: 1\\r\\n\n".repeat(60);
    let (mut engine, _) = engine(&format!(">> AT+X\\r\n{chatter}"));
    let start = engine.now();
    let error = engine.execute(Command::run("+X"), Duration::from_secs(10)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(engine.now() - start <= Duration::from_secs(11), "{:?}", engine.now() - start);
}

#[test]
fn a_flood_of_lines_is_bounded() {
    let answer = "\\r\\n+X: 2\\r\\n".repeat(MAX_ANSWER_LINES + 1);
    let (mut engine, _) = engine(&format!(">> AT+X\\r\n<< {answer}"));
    assert_eq!(engine.execute(Command::run("+X"), LIMIT).unwrap_err().kind(), ErrorKind::Protocol);

    let endless = format!("<<# {} {}", 3 * BUFFER, "78".repeat(3 * BUFFER));
    let (mut engine, _) = self::engine(&format!(">> AT+X\\r\n{endless}"));
    assert_eq!(engine.execute(Command::run("+X"), LIMIT).unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(engine.buffer.len(), BUFFER);
}

#[test]
fn promised_payload_is_made_up_before_the_next_command() {
    let (mut engine, replay) = engine(
        ">>* 3\n>>* 0\n>> \\0\\0\\0\\0\\0\n>> ATI\\r\n<< \\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n<< \\r\\nOK\\r\\n",
    );
    engine.set_signature(b"ACME");
    engine.send_payload(&[0, 1, 2], 8, LIMIT).unwrap();
    engine.owe(5);
    let _ = engine.execute(Command::run("+B"), LIMIT).unwrap();
    replay.finish().unwrap();
}

#[test]
fn cancelling_is_noticed_in_the_middle_of_a_silence_and_only_once() {
    let (mut engine, _) = engine(
        ">> AT+X\\r\n@ 60\n<~ \\r\\nOK\\r\\n\n>> ATI\\r\n<< \\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n<< \\r\\nOK\\r\\n",
    );
    engine.set_signature(b"ACME");
    let flag = Arc::new(AtomicBool::new(false));
    engine.cancel_with(flag.clone());
    let deadline = engine.start(Command::run("+X"), Phase::Acknowledgement, Duration::from_secs(100)).unwrap();
    flag.store(true, Ordering::Relaxed);
    let start = engine.now();
    assert_eq!(engine.acknowledgement(deadline).unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(engine.now() - start < Duration::from_secs(1));
    let _ = engine.execute(Command::run("+B"), LIMIT).unwrap();
}

#[test]
fn a_secret_that_comes_back_is_masked_and_so_are_control_characters() {
    let (mut engine, _) = engine(">> AT+PW=\"s3cret\"\\r\n<< \\r\\n+XRES: s3cret\\x1b[2J\\r\\n\\r\\nOK\\r\\n");
    let password = Parameter::quoted("password", 20).secret();
    let _ = engine.execute(Command::set("+PW").text(&password, "s3cret"), LIMIT).unwrap();
    let line = engine.take(&RESULT).unwrap();
    assert_eq!(engine.shown(line.bytes()), "+XRES: ***\\u{1b}[2J");
}

//! The engine on recorded exchanges, in virtual time.

mod bounds;
mod late;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::at::exchange::MAX_ANSWER_LINES;
use crate::at::link::BUFFER;
use crate::at::testing::{LIMIT, in_flight};
use crate::at::{Parameter, Rule};
use crate::transport::replay::Replay;
use crate::transport::transcript::Transcript;

const RESULT: Pattern = Pattern::Prefix("+XRES");

const RULES: &[Rule] = &[
    Rule::keep(RESULT),
    Rule::keep(Pattern::Fields("+X", &["1"])),
    Rule::lose(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
    Rule::lose(Pattern::Fields("+LOST", &["0"]), ErrorKind::BearerLost),
];

fn engine(session: &str) -> (Engine, Replay) {
    let replay = Replay::new(Transcript::parse(session).unwrap());
    let mut engine = Engine::new(Box::new(replay.clone()));
    engine.settings().speak(RULES, |_| None);
    (engine, replay)
}

fn lines(answer: &Acknowledgement) -> Vec<String> {
    answer.lines.iter().map(|line| line.text().into_owned()).collect()
}

#[test]
fn an_answer_is_its_own_lines_and_nothing_else() {
    let (mut engine, replay) = engine(
        ">> AT+X=2\\r\n\
         << AT+X=2\\r\\r\\n+CREG: 1\\r\\n\\r\\n+X: 1,7\\r\\n\\r\\n+X: 2,5\\r\\n\\r\\n^MODE: 17\\r\\n\\r\\nOK\\r\\n",
    );
    let answer = engine.execute(Command::set("+X").number(2u8), LIMIT).unwrap();
    assert_eq!(lines(&answer), ["+X: 2,5"]);
    let kept = engine.parts.inbox.take(&Pattern::Fields("+X", &["1"])).unwrap();
    assert_eq!(kept.bytes(), b"+X: 1,7", "what the module said on its own is kept");
    replay.finish().unwrap();
}

#[test]
fn the_value_that_was_read_is_the_answer_even_if_it_looks_like_an_loss() {
    let (mut engine, _) = engine(">> AT+LOST?\\r\n<< \\r\\n+LOST: 0\\r\\n\\r\\nOK\\r\\n");
    assert_eq!(lines(&engine.execute(Command::read("+LOST"), LIMIT).unwrap()), ["+LOST: 0"]);
}

#[test]
fn acknowledgement_and_result_come_in_either_order() {
    for session in [
        ">> AT+X\\r\n<< \\r\\nOK\\r\\n\n@ 3\n<< \\r\\n+XRES: 0\\r\\n",
        ">> AT+X\\r\n<< \\r\\n+XRES: 0\\r\\n\n@ 3\n<< \\r\\nOK\\r\\n",
        ">> AT+X\\r\n<< \\r\\nOK\\r\\n\\r\\n+XRES: 0\\r\\n",
    ] {
        let (mut engine, replay) = engine(session);
        let result = engine.perform(Command::run("+X"), LIMIT, &RESULT, LIMIT).unwrap();
        assert_eq!(result.number(0), Some(0), "{session}");
        replay.finish().unwrap();
    }
}

#[test]
fn a_result_of_an_earlier_operation_is_not_taken_for_this_one() {
    let (mut engine, _) = engine(
        "<~ \\r\\n+XRES: 9\\r\\n\n>> AT\\r\n<< \\r\\nOK\\r\\n\n>> AT+X\\r\n<< \\r\\nOK\\r\\n\n@ 1\n\
         << \\r\\n+XRES: 0\\r\\n",
    );
    let _ = engine.execute(Command::run(""), LIMIT).unwrap();
    let result = engine.perform(Command::run("+X"), LIMIT, &RESULT, LIMIT).unwrap();
    assert_eq!(result.number(0), Some(0));
}

#[test]
fn an_ok_is_no_result() {
    let (mut engine, _) = engine(">> AT+X\\r\n<< \\r\\nOK\\r\\n");
    let error = engine.perform(Command::run("+X"), LIMIT, &RESULT, Duration::from_secs(30)).unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Result)));
}

#[test]
fn a_late_answer_is_never_taken_for_the_next_commands() {
    // The answer to AT+A comes when AT+B has been wanted: a module that answers late, and one that swallowed the first.
    let sessions = [
        ">> AT+A\\r\n@ 6\n<~ \\r\\n+A: old\\r\\n\\r\\nOK\\r\\n\n>> ATI\\r\n<< \\r\\nACME\\r\\n\\r\\nOK\\r\\n\n\
         >> AT+B\\r\n<< \\r\\n+B: new\\r\\n\\r\\nOK\\r\\n",
        ">> AT+A\\r\n@ 6\n>> ATI\\r\n<< \\r\\n+A: old\\r\\n\\r\\nOK\\r\\n\\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n\
         << \\r\\n+B: new\\r\\n\\r\\nOK\\r\\n",
        ">> AT+A\\r\n@ 6\n>> ATI\\r\n<< \\r\\nERROR\\r\\n\\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n\
         << \\r\\n+B: new\\r\\n\\r\\nOK\\r\\n",
    ];
    for session in sessions {
        let (mut engine, replay) = engine(session);
        engine.signature = Some(b"ACME".to_vec());
        let error = engine.execute(Command::run("+A"), LIMIT).unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Acknowledgement)), "{session}");
        assert_eq!(lines(&engine.execute(Command::run("+B"), LIMIT).unwrap()), ["+B: new"], "{session}");
        replay.finish().unwrap();
    }
}

#[test]
fn a_module_that_does_not_come_back_is_reported_as_unusable() {
    let filler = "\\r".repeat(4098);
    let session =
        format!(">> AT+A\\r\n>> ATI\\r\n>> ATI\\r\n>> ATI\\r\n>> +++\n>> \\x1b\\x03\\r\n>> {filler}\n>> ATI\\r\n");
    let (mut engine, _) = engine(&session);
    engine.signature = Some(b"ACME".to_vec());
    engine.execute(Command::run("+A"), LIMIT).unwrap_err();
    let error = engine.execute(Command::run("+B"), LIMIT).unwrap_err();
    assert_eq!(error.phase(), Some(Phase::Resynchronisation));
    assert!(!error.module_usable());
}

#[test]
fn an_loss_ends_what_goes_on_at_once() {
    for (line, kind) in [("RDY", ErrorKind::ModuleRestarted), ("+LOST: 0", ErrorKind::BearerLost)] {
        let (mut engine, _) = engine(&format!(">> AT+X\\r\n<< \\r\\nOK\\r\\n\n@ 2\n<< \\r\\n{line}\\r\\n"));
        let start = engine.now();
        let error = engine.perform(Command::run("+X"), LIMIT, &RESULT, Duration::from_secs(100)).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(engine.now() - start, Duration::from_secs(2));
    }
}

#[test]
fn an_loss_while_idle_ends_the_next_command_before_it_is_sent() {
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
}

#[test]
fn promised_payload_is_padded_before_the_next_command() {
    let (mut engine, replay) = engine(
        ">>* 3\n>>* 0\n>> \\0\\0\\0\\0\\0\n>> ATI\\r\n<< \\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n<< \\r\\nOK\\r\\n",
    );
    engine.signature = Some(b"ACME".to_vec());
    let mut upload = in_flight(&mut engine).upload(8);
    upload.write(&[0, 1, 2], LIMIT).unwrap();
    drop(upload);
    let _ = engine.execute(Command::run("+B"), LIMIT).unwrap();
    replay.finish().unwrap();
}

/// Bytes that were added on the way complete the payload early; what they push out shows unless it is a line end.
#[test]
fn the_last_byte_of_a_payload_that_ends_a_line_is_sent_separately() {
    let early = "<< \\r\\nOK\\r\\n\n";
    // What is sent, the acknowledgement that comes before the last byte, and the time until all is sent.
    let cases = [
        (&b"ab\n"[..], ">> ab\n@ 0.1\n>> \\n\n", Ok(100)),
        (b"ab\r", ">> ab\n@ 0.1\n>> \\r\n", Ok(100)),
        (b"abc", ">> abc\n", Ok(0)),
        (b"", "", Ok(0)),
        (b"ab\n", &format!(">> ab\n{early}"), Err(ErrorKind::Protocol)),
    ];
    for (payload, session, expected) in cases {
        let (mut engine, replay) = engine(session);
        let start = engine.now();
        let outcome = in_flight(&mut engine).upload(payload.len() as u64).write_all(payload, LIMIT);
        let took = engine.now() - start;
        assert_eq!(outcome.map(|()| took.as_millis()).map_err(|error| error.kind()), expected, "{session}");
        replay.finish().unwrap();
    }
}

#[test]
fn cancelling_is_noticed_in_the_middle_of_a_silence_and_only_once() {
    let (mut engine, _) = engine(
        ">> AT+X\\r\n@ 60\n<~ \\r\\nOK\\r\\n\n>> ATI\\r\n<< \\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n\
         << \\r\\nOK\\r\\n",
    );
    engine.signature = Some(b"ACME".to_vec());
    let flag = Arc::new(AtomicBool::new(false));
    engine.settings().cancel_by(Some(flag.clone()));
    let start = engine.now();
    let exchange = engine.send(Command::run("+X"), Phase::Acknowledgement, Duration::from_secs(100)).unwrap();
    flag.store(true, Ordering::Relaxed);
    assert_eq!(exchange.acknowledged().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(engine.now() - start < Duration::from_secs(1));
    let _ = engine.execute(Command::run("+B"), LIMIT).unwrap();
}

#[test]
fn a_secret_that_comes_back_is_masked_and_so_are_control_characters() {
    let (mut engine, _) = engine(">> AT+PW=\"s3cret\"\\r\n<< \\r\\n+XRES: s3cret\\x1b[2J\\r\\n\\r\\nOK\\r\\n");
    let password = Parameter::quoted("password", 20).secret();
    let _ = engine.execute(Command::set("+PW").text(&password, "s3cret"), LIMIT).unwrap();
    let line = engine.parts.inbox.take(&RESULT).unwrap();
    assert_eq!(engine.parts.report.shown(line.bytes()), "+XRES: ***\\u{1b}[2J");
}

/// Checks what is sent between a command that was abandoned and the next one.
fn next_command_after(abandoned: impl FnOnce(&mut Engine), session: &str) {
    let session = format!("{session}>> ATI\\r\n<< \\r\\nACME\\r\\n\\r\\nOK\\r\\n\n>> AT+B\\r\n<< \\r\\nOK\\r\\n");
    let (mut engine, replay) = engine(&session);
    engine.signature = Some(b"ACME".to_vec());
    abandoned(&mut engine);
    assert!(engine.parts.sync.is_lost());
    let _ = engine.execute(Command::run("+B"), LIMIT).unwrap();
    assert!(!engine.parts.sync.is_lost());
    replay.finish().unwrap();
}

#[test]
fn an_exchange_that_is_dropped_does_no_io_and_is_followed_by_a_probe() {
    let abandon = |engine: &mut Engine| drop(engine.send(Command::run("+A"), Phase::Acknowledgement, LIMIT).unwrap());
    next_command_after(abandon, ">> AT+A\\r\n");
}

#[test]
fn an_upload_that_the_module_ended_leaves_nothing_to_be_padded() {
    let end = |engine: &mut Engine| {
        let exchange = engine.send(Command::run("+A"), Phase::Acknowledgement, LIMIT).unwrap();
        exchange.upload(100).abandon();
    };
    next_command_after(end, ">> AT+A\\r\n");
}

#[test]
fn a_loss_during_an_upload_leaves_nothing_to_be_padded() {
    let lose = |engine: &mut Engine| {
        let exchange = engine.send(Command::run("+A"), Phase::Acknowledgement, LIMIT).unwrap();
        let mut upload = exchange.upload(100);
        assert_eq!(upload.wire().glance().unwrap_err().kind(), ErrorKind::BearerLost);
    };
    next_command_after(lose, ">> AT+A\\r\n<< \\r\\n+LOST: 0\\r\\n\n");
}

#[test]
fn a_replay_that_differs_does_not_print_the_password() {
    const PW: Parameter = Parameter::quoted("password", 20).secret();
    let replay = Replay::new(Transcript::parse(">> AT+PW=\"***\"\\r").unwrap());
    let mut engine = Engine::new(Box::new(replay));
    let error = engine.execute(Command::set("+PW").text(&PW, "s3cret"), LIMIT).unwrap_err();
    assert!(!format!("{error} {error:#?}").contains("s3cret"), "{error}");
}

//! Which module is this? Queried without side effects, in a few short exchanges.

use std::time::Duration;

use log::{debug, warn};

use crate::at::{Acknowledgement, Answer, Command, Engine, Line, STARTING};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Identity;

/// The limit of one query. A module answers these from its own memory.
pub const ANSWER_LIMIT: Duration = Duration::from_millis(1500);

/// Number of calls to a silent module before and after the escape sequence. A module that finds the rate by
/// itself may miss the first call.
const CALLS: u32 = 2;

/// The likely cause of a silence that the escape sequence does not end.
const UNFINISHED: &str = "the module may be waiting for the rest of a file that an earlier program was sending; it \
                          gives up on its own within 90 s";

/// What helps against a silence that the escape sequence does not end.
const REMEDY: &str = "check port, baud rate and power of the module; if a program was sending a file, wait 90 s";

/// The part of the caller's limit of a command that one call to a silent module takes, and the least that it takes:
/// the escape sequence needs its guard times besides.
const PART_OF_LIMIT: u32 = 8;
const SHORTEST_CALL: Duration = Duration::from_millis(250);

/// How long a module may wait for the rest of a file.
const PATIENCE: Duration = Duration::from_secs(95);

/// More bytes than the answers of an identification have.
const LONGEST_ANSWER: u64 = 2048;

/// The silence that ends a file which the module is sending, and how long that is waited for: the largest blocks of a
/// slow line take a minute and a half.
const END_OF_FILE: Duration = Duration::from_secs(1);
const LONGEST_FILE: Duration = Duration::from_secs(120);

/// Calls the module, queries who it is, and switches its echo off. A module that does not answer may have been left
/// in data mode by a program that ended in the middle of a transfer: it is brought out of it.
pub fn identify(engine: &mut Engine) -> Result<Identity> {
    let begun = engine.now();
    match call_past_a_file(engine) {
        // What takes no bytes takes no escape sequence.
        Err(error) if error.phase() == Some(Phase::Send) => Err(error),
        Err(error) if !matches!(error.kind(), ErrorKind::PortLost | ErrorKind::UnknownModule) => {
            debug!("{}: {error}; perhaps it was left in data mode", engine.link().name());
            engine.leave_unknown_data_mode()?;
            call_past_a_file(engine).map_err(|error| match error.kind() {
                ErrorKind::Timeout => {
                    let time = engine.now().saturating_duration_since(begun);
                    error.with_phase(Phase::Acknowledgement, time).explained_further(UNFINISHED).advising(REMEDY)
                }
                _ => error,
            })
        }
        other => other,
    }
}

/// As [`call`]. Where something unexpected was on the line, the module may be sending a file to a program that has
/// ended, and what was taken for its answer may be file data: the end of the file is waited for, and the module called
/// once more. Two equal answers, with a silence between them, are believed.
fn call_past_a_file(engine: &mut Engine) -> Result<Identity> {
    /// A line on which something unexpected comes so often carries no answers.
    const MOST_ROUNDS: u32 = 4;
    let end = engine.now() + LONGEST_FILE;
    let mut earlier = None;
    for round in 1.. {
        let before = engine.link().received();
        let outcome = call(engine);
        let is_long = engine.link().received() - before > LONGEST_ANSWER;
        let may_go_on = round < MOST_ROUNDS && engine.now() < end;
        earlier = match outcome {
            Ok(called) if called.is_alone && !is_long => return Ok(called.identity),
            Ok(called) if earlier.as_ref() == Some(&called.identity.information) => return Ok(called.identity),
            Ok(called) if may_go_on => Some(called.identity.information),
            Ok(_) => break,
            Err(error) if error.kind() != ErrorKind::PortLost && may_go_on && is_long => None,
            Err(error) if error.kind() == ErrorKind::Protocol && may_go_on => None,
            Err(error) => return Err(error),
        };
        if round == 1 {
            let name = engine.link().name();
            warn!("{name}: the module may be sending a file to a program that has ended; waiting for its end");
        }
        engine.discard(END_OF_FILE, end.saturating_duration_since(engine.now()))?;
        engine.sync().settle();
    }
    let detail = "the module keeps sending, and nothing shows that it answers ATI";
    Err(Error::new(ErrorKind::Protocol, detail).during("identify").module_left_unusable())
}

/// As [`identify`]. A silent module is given the time in which it gives up an upload of another program that was ended
/// in the middle (Quectel FTP(S) application note V1.0 §2.1, `rsptimeout`: 90 s). Until then everything that is sent is
/// stored as file data, and restarts that time: so nothing is sent.
pub fn identify_patiently(engine: &mut Engine) -> Result<Identity> {
    match identify(engine) {
        Err(error) if error.kind() == ErrorKind::Timeout => {
            let seconds = PATIENCE.as_secs();
            warn!("{}: no answer; waiting up to {seconds} s: {UNFINISHED}", engine.link().name());
            engine.await_any(PATIENCE)?;
            call_past_a_file(engine)
        }
        other => other,
    }
}

/// Asks who the module is, and changes nothing. A port that stays silent is abandoned after [`ANSWER_LIMIT`]: a search
/// must not send the escape sequence to devices that may not be modules.
pub fn probe(engine: &mut Engine) -> Result<Identity> {
    let (answer, _) = ask(engine, CALLS, ANSWER_LIMIT / CALLS)?;
    Ok(identity(engine, &own_lines(&answer)))
}

/// Returns whether a module answers on this line, within `limit`.
pub fn answers(engine: &mut Engine, limit: Duration) -> Result<bool> {
    match ask(engine, 1, limit) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::PortLost | ErrorKind::LocalIo) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Who answered, and whether nothing else was on the line.
struct Called {
    identity: Identity,
    is_alone: bool,
}

fn call(engine: &mut Engine) -> Result<Called> {
    let before = engine.inbox().unexpected();
    engine.look()?;
    let was_silent = engine.link().waiting().is_empty();
    let own = engine.limits().command().map(|limit| (limit / PART_OF_LIMIT).max(SHORTEST_CALL));
    let (answer, calls) = ask(engine, CALLS, own.map_or(ANSWER_LIMIT, |own| own.min(ANSWER_LIMIT)))?;
    let lines = own_lines(&answer);
    if let Some(first) = lines.first() {
        engine.signature = Some(first.bytes().to_vec());
    }
    let identity = identity(engine, &lines);
    let is_alone = switch_echo_off(engine, &lines, calls)?;
    engine.look()?;
    let is_silent = engine.link().waiting().is_empty() && engine.inbox().unexpected() == before;
    Ok(Called { identity, is_alone: is_alone && was_silent && is_silent })
}

fn identity(engine: &Engine, lines: &[&Line]) -> Identity {
    let information = lines.iter().map(|line| engine.report().shown(line.bytes())).collect();
    Identity { information, ..Identity::default() }
}

/// Sends `ATI`, `calls` times where no answer comes within `limit`. Returns the answer, and the number of calls.
fn ask(engine: &mut Engine, calls: u32, limit: Duration) -> Result<(Acknowledgement, u32)> {
    let mut last = None;
    for call in 1..=calls {
        match engine.execute(Command::run("I"), limit) {
            // An answer without text is the late answer to an earlier command of another program.
            Ok(answer) if answer.lines.is_empty() => engine.sync().lose(),
            Ok(answer) => return Ok((answer, call)),
            Err(error) if matches!(error.kind(), ErrorKind::PortLost | ErrorKind::LocalIo) => return Err(error),
            // The port does not carry raw bytes.
            Err(error) if error.kind() == ErrorKind::UnknownModule => return Err(error.during("identify")),
            Err(error) if error.phase() == Some(Phase::Send) => {
                return Err(error.during("identify").module_left_unusable());
            }
            Err(error) => {
                // Nothing is known of the module yet, so there is nothing to come back into step with: just call again.
                engine.sync().settle();
                last = Some(error);
            }
        }
    }
    let silent = || Error::timeout(Phase::Acknowledgement, limit).at_command("ATI");
    Err(last.unwrap_or_else(silent).during("identify").module_left_unusable())
}

/// Switches the echo off. A slow module may still have calls to answer, with the lines `identity`: their answers come
/// first. Returns whether nothing else came.
fn switch_echo_off(engine: &mut Engine, identity: &[&Line], calls: u32) -> Result<bool> {
    let limit = ANSWER_LIMIT * CALLS * 2;
    let command = Command::run("E0").answered_by(Answer::Any);
    let exchange = engine.send(command, Phase::Acknowledgement, limit)?;
    let deadline = exchange.deadline();
    let mut answer = exchange.acknowledged()?;
    for repetitions in 0..CALLS * 2 {
        let repeats = |first: &&Line| answer.lines.iter().any(|line| line.bytes().ends_with(first.bytes()));
        if !identity.first().is_some_and(repeats) {
            return Ok(repetitions < calls && !answer.lines.iter().any(is_own));
        }
        answer = engine.awaiting(Answer::Any, deadline).acknowledged()?;
    }
    Err(engine.protocol("the answers to ATI do not end"))
}

/// The lines of ATI's answer that are its own.
fn own_lines(answer: &Acknowledgement) -> Vec<&Line> {
    let own: Vec<&Line> = answer.lines.iter().filter(|line| is_own(line)).collect();
    if own.is_empty() { answer.lines.iter().collect() } else { own }
}

/// Whether a line may belong to ATI's answer: modules that have just started say other things in between.
fn is_own(line: &Line) -> bool {
    !line.bytes().starts_with(b"+") && !STARTING.contains(&line.bytes())
}

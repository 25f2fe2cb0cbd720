//! How an operation ends: by the digit of `+FTPxxx: <digit>`, behind text where there is some.

use std::time::Duration;

use log::debug;

use super::facts::{PATH, RESULT_LIMIT, arm_losses, disarm_losses};
use crate::at::{Acknowledgement, Answer, Command, Deadline, Line, Pattern, ResultLine, Wire};
use crate::backend::codes::unless_refused;
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Charset;

/// The operation succeeded (G24 manual, +FTPLIST).
pub(super) const DONE: u64 = 1;
/// Data follow, or were accepted.
pub(super) const DATA: u64 = 2;

/// Most lines of text that one command reports.
const MAX_LINES: usize = 1000;

/// Sends a command and waits for its result. The guide's time limits hold for `OK` and result together (§3.2): a
/// module that is busy may be silent for some seconds first (note 4).
pub(super) fn run(cx: &mut Context, command: Command, result: &Pattern) -> Result<ResultLine> {
    perform(cx, command.known(), result, RESULT_LIMIT)
}

/// As [`Engine::perform`](crate::at::Engine::perform). A module that answers `ABORT` has not given the command up: it
/// answers nothing else for some seconds, and then what became of that command (guide §3.2 note 4).
pub(super) fn perform(cx: &mut Context, command: Command, result: &Pattern, limit: Duration) -> Result<ResultLine> {
    match cx.engine.perform(command, limit, result, limit) {
        Err(error) if error.kind() == ErrorKind::ModuleBusy => late_result(cx, result, limit, error),
        outcome => outcome,
    }
}

/// Waits for the result of the command that was answered by `aborted`.
fn late_result(cx: &mut Context, result: &Pattern, limit: Duration, aborted: Error) -> Result<ResultLine> {
    let deadline = cx.engine.deadline(Phase::Result, limit);
    // Nothing but a final result code: the result is a line that the rules keep.
    match late_answer(cx, Answer::Prefix(""), deadline) {
        Err(error) if error.kind() == ErrorKind::Timeout => {}
        acknowledged => drop(acknowledged?),
    }
    match cx.engine.result(result, deadline) {
        Err(error) if error.kind() == ErrorKind::Timeout => Err(aborted),
        outcome => outcome,
    }
}

/// Runs the command `name`, which either succeeds or fails.
pub(super) fn done(cx: &mut Context, name: &'static str, command: Command) -> Result<()> {
    let result = run(cx, command, &Pattern::Prefix(name))?;
    succeeded(&cx.engine, &result)
}

/// As [`done`], for a command whose only argument is a path.
pub(super) fn on_path(cx: &mut Context, name: &'static str, path: &str) -> Result<()> {
    done(cx, name, Command::set(name).text(&PATH, path))
}

fn late_answer(cx: &mut Context, answer: Answer, deadline: Deadline) -> Result<Acknowledgement> {
    debug!("waiting for the answer behind ABORT");
    cx.engine.awaiting(answer, deadline).acknowledged()
}

/// As [`Engine::execute`](crate::at::Engine::execute), with the same patience as [`perform`]. `answer` is the form of
/// the command's answer.
pub(super) fn execute(cx: &mut Context, command: Command, answer: Answer, limit: Duration) -> Result<Acknowledgement> {
    match cx.engine.execute(command, limit) {
        Err(aborted) if aborted.kind() == ErrorKind::ModuleBusy => {
            let deadline = cx.engine.deadline(Phase::Acknowledgement, RESULT_LIMIT);
            late_answer(cx, answer, deadline).map_err(|error| match error.kind() {
                ErrorKind::Timeout => aborted,
                _ => error,
            })
        }
        outcome => outcome,
    }
}

/// Checks the digit of a result. A failure has no reason; most likely the path is to blame.
pub(super) fn succeeded(wire: &Wire, result: &ResultLine) -> Result<()> {
    match result.number(0) {
        Some(DONE) => Ok(()),
        _ => Err(wire.error(ErrorKind::Unavailable, "the module gives no reason")),
    }
}

/// Runs the command `name`, whose result is text: `<name>: 2,<text>`, possibly more of these, then `<name>: 1`.
pub(super) fn text(cx: &mut Context, name: &'static str, command: Command) -> Result<String> {
    let pattern = Pattern::Prefix(name);
    let mut result = run(cx, command, &pattern)?;
    let mut lines = Vec::new();
    while result.number(0) == Some(DATA) {
        if lines.len() >= MAX_LINES {
            return Err(cx.engine.protocol("the text does not end"));
        }
        lines.push(text_of(&result.0, cx.engine.charset));
        let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
        result = cx.engine.result(&pattern, deadline)?;
    }
    succeeded(&cx.engine, &result)?;
    if lines.is_empty() {
        return Err(cx.engine.protocol("the text is missing"));
    }
    Ok(lines.join("\n"))
}

/// The text behind the digit, quoted or not; a bare one may hold commas.
fn text_of(line: &Line, charset: Charset) -> String {
    let Some(line) = line.information() else { return String::new() };
    match line.fields.get(1).filter(|_| line.fields.count() == 2) {
        Some(field) => charset.decode(field.bytes()).into_owned(),
        None => {
            let rest = line.body.iter().position(|byte| *byte == b',').and_then(|comma| line.body.get(comma + 1..));
            charset.decode(rest.unwrap_or_default().trim_ascii()).into_owned()
        }
    }
}

/// The error of an upload that the module has ended.
pub(super) fn ended_by_module(wire: &Wire) -> Error {
    wire.error(ErrorKind::DataConnection, "the module ended the upload by itself")
}

/// Waits for the result, without which the file is not stored. Where the module has taken `taken` bytes, the
/// server has accepted the upload: what fails then is the data connection.
pub(super) fn await_stored(wire: &mut Wire, result: &Pattern, taken: u64) -> Result<()> {
    let deadline = wire.deadline(Phase::Result, RESULT_LIMIT);
    match wire.result(result, deadline)?.number(0) {
        Some(DONE) => Ok(()),
        _ if taken == 0 => Err(wire.error(ErrorKind::ServerRefused, "the module gives no reason")),
        _ => Err(wire.error(ErrorKind::DataConnection, "the upload has ended early; the module gives no reason")),
    }
}

/// Sends a command whose result is a line that otherwise reports a loss. Returns `false` where the module refuses it:
/// there was nothing to close.
pub(super) fn close_down(cx: &mut Context, command: Command, result: &Pattern, limit: Duration) -> Result<bool> {
    disarm_losses(cx);
    let closed = perform(cx, command, result, limit);
    arm_losses(cx);
    Ok(unless_refused(closed)?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_result() {
        let cases: &[(&[u8], &str)] = &[
            (b"+FTPPWD: 2,\"/home/ftp/update\"", "/home/ftp/update"),
            (b"+FTPPWD:2, \"/a,b\"", "/a,b"),
            (b"+FTPPWD: 2,/a b", "/a b"),
            (b"+FTPSYST: 2,UNIX Type: L8, or so", "UNIX Type: L8, or so"),
            (b"+FTPSTAT: 2", ""),
            (b"+FTPSTAT: 2,", ""),
        ];
        for (line, expected) in cases {
            assert_eq!(text_of(&Line::new(line), Charset::UTF_8), *expected, "{}", String::from_utf8_lossy(line));
        }
    }
}

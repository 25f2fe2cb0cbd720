//! The results of FTP commands: `+QFTPxxx: <err>,<protocol_error>`, or `+QFTPxxx: 0,<number>` (note §2, §5).

use super::facts::CODES;
use crate::at::{Flow, Information, ResultLine, Wire};
use crate::backend::codes;
use crate::error::{Error, ErrorKind, Phase, Result};

/// Checks that a result is 0. Its error is what the server said where it said something, else what the module says.
pub(super) fn check(wire: &Wire, result: &ResultLine) -> Result<()> {
    if result.number(0) == Some(0) {
        return Ok(());
    }
    let code = result.0.information().map_or("?".to_owned(), |line| code_of(&line));
    let error = codes::failure(wire, "QFTP", CODES, &code);
    let reply = result.number(1).and_then(|reply| u16::try_from(reply).ok()).filter(|reply| *reply >= 100);
    Err(match reply {
        Some(reply @ 100..400) => {
            // The server had agreed to the transfer, and it broke (627,150 seen on EC25).
            let broken = if error.kind() == ErrorKind::Unavailable { ErrorKind::DataConnection } else { error.kind() };
            error.with_kind(broken).with_ftp_reply(reply)
        }
        // The server closes the control connection by that (RFC 959 §4.2).
        Some(reply @ 421) => error.with_kind(ErrorKind::SessionLost).with_ftp_reply(reply),
        Some(reply) => {
            let kind = codes::ftp_reply_kind(u64::from(reply)).unwrap_or(error.kind());
            error.with_kind(kind).with_ftp_reply(reply)
        }
        None => error,
    })
}

/// The error of a download from byte `start` on; a server that refuses the command (FTP replies 500 to 504) before
/// which it was sent REST, refuses that.
pub(super) fn restart_refused(error: Error, start: u64) -> Error {
    match (error.kind(), error.ftp_reply()) {
        (ErrorKind::ServerRefused, Some(500..=504)) if start > 0 => {
            error.explained_further("the server refuses the restart offset: only whole files can be downloaded")
        }
        _ => error,
    }
}

/// The code of a result that reports a failure: its first field, or all of it where it is in words.
fn code_of(line: &Information<'_>) -> String {
    match line.text(0) {
        Some(code) if code.parse::<i64>().is_ok() => code.into_owned(),
        _ => String::from_utf8_lossy(line.body).trim().to_owned(),
    }
}

/// Checks the number of bytes in the result of a transfer of `count` bytes.
pub(super) fn check_count(wire: &Wire, result: &ResultLine, count: u64, flow: Flow) -> Result<()> {
    if result.number(1) == Some(count) {
        return Ok(());
    }
    let stated = result.number(1).map_or("no number".to_owned(), |stated| stated.to_string());
    let detail = match flow {
        Flow::ToHost => format!("received {count} bytes, the module says it sent {stated}"),
        Flow::ToModule => format!("sent {count} bytes, the module says it took {stated}"),
    };
    Err(wire.error(ErrorKind::Incomplete, detail))
}

/// The error of a wait for a result: one that never comes has one cause that the user can remove.
pub(super) fn without_result(error: Error) -> Error {
    if error.phase() != Some(Phase::Result) {
        return error;
    }
    error.explained("if this happens to every command, results go to another port: see AT+QURCCFG=\"urcport\"")
}

/// The error of an operation behind which the module was to be brought back, which `outcome` tells about.
pub(super) fn restored(error: Error, outcome: Result<()>) -> Error {
    match outcome {
        Ok(()) => error,
        // The cause of it all.
        Err(cause) if matches!(cause.kind(), ErrorKind::ModuleRestarted | ErrorKind::BearerLost) => cause,
        Err(_) => error.module_left_unusable(),
    }
}

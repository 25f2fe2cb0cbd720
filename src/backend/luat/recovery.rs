//! Losses of bearer and module, and restarts that the module does not report.

use std::time::Duration;

use crate::at::Command;
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Phase, Result};

/// How long to wait for more after a line that reports the loss of bearer or module: several come in a row.
const AFTERMATH: Duration = Duration::from_secs(1);
/// Most losses that are taken in at a time.
const MOST_LOSSES: u32 = 8;

/// Takes in every report of a lost bearer or a restart, until nothing more comes and the module answers. A lost bearer
/// leaves the settings of the login in force.
pub(super) fn settle(cx: &mut Context) -> Result<()> {
    let mut losses = 0;
    loop {
        let mut outcome = if cx.engine.sync.is_lost() { cx.engine.resynchronise() } else { cx.engine.look() };
        if outcome.is_ok() {
            return Ok(());
        }
        // The loss ends the command that was in flight, too: nothing of it can be taken for a later answer.
        while let Err(error) = outcome {
            losses += 1;
            match error.kind() {
                ErrorKind::ModuleRestarted | ErrorKind::BearerLost if losses > MOST_LOSSES => return Err(error),
                ErrorKind::ModuleRestarted => cx.note(&error),
                ErrorKind::BearerLost => {}
                _ => return Err(error),
            }
            outcome = cx.engine.wait(Phase::Result, AFTERMATH);
        }
    }
}

/// The error of an operation, or the restart that is behind it: without a bearer (61) the module may have restarted.
pub(super) fn find_restart(cx: &mut Context, error: Error) -> Error {
    let has_no_bearer = error.module_code().is_some_and(|code| code.table == "FTP" && code.value == "61");
    match has_no_bearer && cx.session.is_open() {
        true => check_settings(cx).err().unwrap_or(error),
        false => error,
    }
}

/// Makes sure that the server is still set. A module that restarted has forgotten it, and not every module reports its
/// restart (Air780EP: the first lines after power-on are those of any change of cell).
pub(super) fn check_settings(cx: &mut Context) -> Result<()> {
    let answer = match cx.query(Command::read("+FTPSERV")) {
        Ok(answer) => answer,
        Err(error) if is_refusal(error.kind()) => return Ok(()),
        Err(error) => return Err(error),
    };
    let server = answer.first().and_then(|line| line.information());
    match server.is_some_and(|server| server.fields.iter().all(|field| field.bytes().is_empty())) {
        true => {
            let detail = "the module has forgotten the server: it has restarted";
            Err(cx.engine.report.error(ErrorKind::ModuleRestarted, detail))
        }
        false => Ok(()),
    }
}

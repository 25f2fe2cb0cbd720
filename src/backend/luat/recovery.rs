//! Losses of bearer and module, and restarts that the module does not report.

use std::time::Duration;

use crate::at::Command;
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Result};

/// How long to wait for more after a line that reports the loss of bearer or module: several come in a row.
const AFTERMATH: Duration = Duration::from_secs(1);

/// Takes in every report of a lost bearer or a restart, until nothing more comes and the module answers. A lost bearer
/// leaves the settings of the login in force.
pub(super) fn settle(cx: &mut Context) -> Result<()> {
    cx.catch_up(AFTERMATH)
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
    let answer = cx.query_if_known(Command::read("+FTPSERV"))?;
    let server = answer.as_ref().and_then(|answer| answer.first()?.information());
    if server.is_some_and(|server| server.fields.iter().all(|field| field.bytes().is_empty())) {
        let detail = "the module has forgotten the server: it has restarted";
        return Err(cx.engine.error(ErrorKind::ModuleRestarted, detail));
    }
    Ok(())
}

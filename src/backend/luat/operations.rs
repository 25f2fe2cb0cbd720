//! How operations begin and end, whatever they are for: one FTP session at a time, its result, and its end.

use std::time::Duration;

use super::LuatFtp;
use super::facts::{QUIT_LIMIT, RESULT_LIMIT, results};
use super::recovery::check_settings;
use crate::at::{Command, Pattern, ResultLine};
use crate::backend::codes::{self, is_refusal};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};

/// "Operation not allowed": another session is open, or the settings are not complete.
const NOT_ALLOWED: u64 = 66;
/// For a while after a session the next one is refused (seen on SIM900: five attempts). Number of attempts, and time
/// between them.
const ATTEMPTS: u32 = 6;
const SETTLING: Duration = Duration::from_secs(2);

/// Time between two queries of the state of a session that is ending.
const STATE_INTERVAL: Duration = Duration::from_millis(500);

/// How soon behind the end of a session its report comes (780EP log: at once).
const OWN_REPORT: Duration = Duration::from_millis(500);

impl LuatFtp {
    /// Sends a command that opens a session, and returns its first result.
    pub(super) fn open_session(
        &mut self,
        cx: &mut Context,
        command: impl Fn() -> Command,
        result: &Pattern,
    ) -> Result<ResultLine> {
        self.open_by(cx, |_, cx| cx.engine.perform(command().known(), COMMAND_LIMIT, result, RESULT_LIMIT))
    }

    /// Opens a session by `perform`, which returns its first result. A module that does not allow it is given the time,
    /// and the command, to end the session before.
    pub(super) fn open_by(
        &mut self,
        cx: &mut Context,
        perform: impl Fn(&mut Self, &mut Context) -> Result<ResultLine>,
    ) -> Result<ResultLine> {
        let mut attempt = 1;
        loop {
            let result = perform(self, cx)?;
            if result.number(1) != Some(NOT_ALLOWED) || attempt == ATTEMPTS {
                return Ok(result);
            }
            if attempt == 1 {
                check_settings(cx)?;
                // A session that another program left open; this driver never opens two.
                self.quit(cx)?;
            } else {
                cx.engine.wait(Phase::Result, SETTLING)?;
            }
            attempt += 1;
        }
    }

    /// Sends a command that is a session of its own, and returns its result if that is 0.
    pub(super) fn run(&mut self, cx: &mut Context, name: &'static str, result: &Pattern) -> Result<ResultLine> {
        match self.open_session(cx, || Command::run(name), result) {
            Ok(result) if result.number(1) == Some(0) => Ok(result),
            Ok(result) => Err(self.failed(cx, &result)),
            Err(error) if is_refusal(error.kind()) => Err(explain_refusal(cx, name, error)),
            Err(error) => Err(self.quit_after(cx, error)),
        }
    }

    /// The error of a result code other than success.
    pub(super) fn failed(&self, cx: &Context, result: &ResultLine) -> Error {
        let information = result.0.information();
        let code = information.as_ref().and_then(|line| line.text(1)).unwrap_or_default();
        let error = codes::failure(&cx.engine, "FTP", self.family.codes(&code), &code);
        match code.as_ref() {
            "74" => {
                error.explained_further("the server refuses the restart offset; transfer the file from its beginning")
            }
            // "Upload error" and "download error": passive and active data connections have codes of their own.
            "78" | "79" => error.advising("check the network coverage, and the free space and the log of the server"),
            _ => error,
        }
    }

    /// Ends the session, whether or not the module still has one.
    pub(super) fn quit(&mut self, cx: &mut Context) -> Result<()> {
        // What was reported before the quit is not its result.
        for result in results::ALL {
            cx.engine.inbox.forget(result);
        }
        match cx.query(Command::run("+FTPQUIT")) {
            Ok(_) => self.await_quit(cx),
            // The session ended by itself (Air780E FTP guide §6.2, comment at +FTPGET: 1,0); old SIM800 firmware has
            // no FTPQUIT.
            Err(error) if is_refusal(error.kind()) => self.await_end(cx, error),
            Err(error) => Err(error),
        }
    }

    /// Waits for the end of a session whose quit was refused: it may be ending already, at the quit of a program that
    /// is gone.
    fn await_end(&mut self, cx: &mut Context, refused: Error) -> Result<()> {
        let deadline = cx.engine.deadline(Phase::Result, QUIT_LIMIT);
        while is_busy(cx)? == Some(true) {
            if cx.engine.now() >= deadline.at() {
                let error = refused.explained_further("the session is open and cannot be ended");
                return Err(error.module_left_unusable());
            }
            self.quit_at = Some(cx.engine.now());
            cx.engine.wait(Phase::Result, STATE_INTERVAL)?;
        }
        for result in results::ALL {
            cx.engine.inbox.forget(result);
        }
        Ok(())
    }

    /// Waits for the result of a quit, which must not be left for the next operation: 86, or 80 on newer SIMCom modules
    /// (SIM7000 FTP application note V1.02 §5.16). Some firmware sends none.
    fn await_quit(&mut self, cx: &mut Context) -> Result<()> {
        self.quit_at = Some(cx.engine.now());
        let deadline = cx.engine.deadline(Phase::Result, QUIT_LIMIT);
        loop {
            match cx.engine.first_of(results::ALL, deadline) {
                // More data, announced before the quit took effect.
                Ok(result) if result.number(1) == Some(1) => {}
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends a session after an error, which is returned with what became of the module.
    pub(super) fn quit_after(&mut self, cx: &mut Context, error: Error) -> Error {
        if is_gone(&error) {
            return error;
        }
        cx.engine.note_recovery(Recovery::AbortTransfer);
        if self.quit(cx).is_ok() { error } else { error.module_left_unusable() }
    }

    /// Whether a report may be a late one: for a while after a session that was quit.
    fn may_be_late(&self, cx: &Context) -> bool {
        self.quit_at.is_some_and(|since| cx.engine.now() <= since + RESULT_LIMIT)
    }

    /// Whether a session whose end was reported is over, and the report not a late one of the session before.
    pub(super) fn is_over(&self, cx: &mut Context) -> Result<bool> {
        Ok(!self.may_be_late(cx) || is_busy(cx)? != Some(true))
    }

    /// As [`Self::is_over`], where nothing but the report tells that all went well: when it may be a late one, the
    /// session's own may come right behind it.
    ///
    /// # Errors
    /// The failure that the session's own report tells.
    pub(super) fn has_ended_well(&self, cx: &mut Context, result: &Pattern) -> Result<bool> {
        if !self.may_be_late(cx) {
            return Ok(true);
        }
        if is_busy(cx)? == Some(true) {
            return Ok(false);
        }
        cx.engine.wait(Phase::Result, OWN_REPORT)?;
        while let Some(line) = cx.engine.inbox.take(result) {
            if !matches!(line.number(1), Some(0 | 1)) {
                return Err(self.failed(cx, &ResultLine(line)));
            }
        }
        Ok(true)
    }
}

/// Whether the session is gone with the module, the bearer or the port.
pub(super) fn is_gone(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PortLost | ErrorKind::ModuleRestarted | ErrorKind::BearerLost)
}

/// The error of command `name`: where the module refused it, a firmware that lacks the command is distinguished from
/// one that has it.
pub(super) fn explain_refusal(cx: &mut Context, name: &'static str, error: Error) -> Error {
    if !is_refusal(error.kind()) {
        return error;
    }
    match cx.query(Command::test(name)) {
        Ok(_) => error,
        Err(test) if is_refusal(test.kind()) => {
            cx.engine.report.error(ErrorKind::Unsupported, format!("this firmware has no AT{name}"))
        }
        Err(_) => error.module_left_unusable(),
    }
}

/// Whether a session is open; `None` where the firmware cannot tell.
pub(super) fn is_busy(cx: &mut Context) -> Result<Option<bool>> {
    match state(cx) {
        Ok(Some(0)) => Ok(Some(false)),
        Ok(Some(1)) => Ok(Some(true)),
        Ok(_) => Ok(None),
        Err(error) if is_refusal(error.kind()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Queries the state of the FTP client: 0 without a session, 1 with one.
pub(super) fn state(cx: &mut Context) -> Result<Option<u64>> {
    let answer = cx.query(Command::run("+FTPSTATE"))?;
    Ok(answer.first().and_then(|line| line.number(0)))
}

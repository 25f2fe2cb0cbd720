//! How operations begin and end, whatever they are for: one FTP session at a time, its result, and its end.

use std::time::{Duration, Instant};

use super::facts::{QUIT_LIMIT, RESULT_LIMIT, RESULTS, result};
use super::families::FamilyFacts;
use super::recovery::check_settings;
use crate::at::{Command, ResultLine};
use crate::backend::codes::{self, is_refusal, unless_refused};
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

/// The module's FTP client, which has one session at a time.
///
/// A report does not name its session. So the success of a session is believed at once only where no session before it
/// can still have a report to come.
pub(super) struct Client {
    family: &'static FamilyFacts,
    /// When a session was last ended before its own end, so that a report of it may come late.
    quit_at: Option<Instant>,
    /// Commands that the firmware is known to have.
    known: Vec<&'static str>,
}

impl Client {
    pub fn new(family: &'static FamilyFacts) -> Self {
        Client { family, quit_at: None, known: Vec::new() }
    }

    /// Notes that a session ends now before its own end.
    pub fn note_quit(&mut self, cx: &Context) {
        self.quit_at = Some(cx.engine.now());
    }

    /// Opens a session by `perform`, which returns its first result. A module that does not allow it is given the time,
    /// and the command, to end the session before.
    pub fn open(
        &mut self,
        cx: &mut Context,
        perform: impl Fn(&Self, &mut Context) -> Result<ResultLine>,
    ) -> Result<ResultLine> {
        let mut first = perform(self, cx)?;
        for attempt in 1..ATTEMPTS {
            match (first.number(1), attempt) {
                (Some(NOT_ALLOWED), 1) => {
                    check_settings(cx)?;
                    // A session that another program left open; this driver never opens two.
                    self.quit(cx)?;
                }
                (Some(NOT_ALLOWED), _) => cx.engine.wait(Phase::Result, SETTLING)?,
                _ => break,
            }
            first = perform(self, cx)?;
        }
        Ok(first)
    }

    /// Opens a session by `<name>=1`, in which data follow. Returns its first result; a success is the session's own.
    pub fn open_for_data(&mut self, cx: &mut Context, name: &'static str) -> Result<ResultLine> {
        let deadline = cx.engine.deadline(Phase::Result, RESULT_LIMIT);
        let opened = self.open(cx, |_, cx| perform(cx, Command::set(name).number(1u8), name));
        let mut first = self.explained(cx, name, opened)?;
        while first.number(1) == Some(0) && !self.has_ended_well(cx, name)? {
            first = cx.engine.result(&result(name), deadline)?;
        }
        Ok(first)
    }

    /// Sends a command that is a session of its own, and returns its result if that is 0.
    pub fn run(&mut self, cx: &mut Context, name: &'static str) -> Result<ResultLine> {
        match self.open(cx, |_, cx| perform(cx, Command::run(name), name)) {
            Ok(result) if result.number(1) != Some(0) => Err(self.failed(cx, &result)),
            Err(error) if !is_refusal(error.kind()) => Err(self.quit_after(cx, error)),
            outcome => self.explained(cx, name, outcome),
        }
    }

    /// What came of command `name`. Where the module refused it, a firmware that lacks the command is distinguished
    /// from one that has it, which is queried unless it is known.
    pub fn explained<T>(&mut self, cx: &mut Context, name: &'static str, outcome: Result<T>) -> Result<T> {
        let has_it = match &outcome {
            Err(error) if !is_refusal(error.kind()) => return outcome,
            Err(_) if !self.known.contains(&name) => cx.query_if_known(Command::test(name)).map(|test| test.is_some()),
            _ => Ok(true),
        };
        match has_it {
            Ok(true) if self.known.contains(&name) => outcome,
            Ok(true) => {
                self.known.push(name);
                outcome
            }
            Ok(false) => Err(cx.engine.error(ErrorKind::Unsupported, format!("this firmware has no AT{name}"))),
            Err(_) => outcome.map_err(Error::module_left_unusable),
        }
    }

    /// The error of a result code other than success.
    pub fn failed(&self, cx: &Context, result: &ResultLine) -> Error {
        let information = result.0.information();
        let code = information.as_ref().and_then(|line| line.text(1)).unwrap_or_default();
        let error = codes::failure(&cx.engine, "FTP", self.family.codes(&code), &code);
        match code.as_ref() {
            "74" => {
                error.explained_further("the server refuses the restart offset: only whole files can be downloaded")
            }
            // "Upload error" and "download error": passive and active data connections have codes of their own.
            "78" | "79" => error.advising("check the network coverage, and the free space and the log of the server"),
            _ => error,
        }
    }

    /// Ends the session, whether or not the module still has one.
    pub fn quit(&mut self, cx: &mut Context) -> Result<()> {
        // What was reported before the quit is not its result.
        cx.engine.inbox().forget(&RESULTS);
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
            self.note_quit(cx);
            cx.engine.wait(Phase::Result, STATE_INTERVAL)?;
        }
        cx.engine.inbox().forget(&RESULTS);
        Ok(())
    }

    /// Waits for the result of a quit, which must not be left for the next operation: 86, or 80 on newer SIMCom modules
    /// (SIM7000 FTP application note V1.02 §5.16). Some firmware sends none.
    fn await_quit(&mut self, cx: &mut Context) -> Result<()> {
        self.note_quit(cx);
        let deadline = cx.engine.deadline(Phase::Result, QUIT_LIMIT);
        loop {
            // More data may be announced before the quit takes effect.
            if cx.engine.poll(&RESULTS, deadline)?.is_none_or(|result| result.number(1) != Some(1)) {
                return Ok(());
            }
        }
    }

    /// Ends the session after an error, which is returned with what became of the module.
    pub fn quit_after(&mut self, cx: &mut Context, error: Error) -> Error {
        if !may_be_open(&error) {
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
    pub fn is_over(&self, cx: &mut Context) -> Result<bool> {
        Ok(!self.may_be_late(cx) || is_busy(cx)? != Some(true))
    }

    /// As [`Self::is_over`], where nothing but the report of command `name` tells that all went well: when it may be a
    /// late one, the session's own may come right behind it.
    ///
    /// # Errors
    /// The failure that the session's own report tells.
    pub fn has_ended_well(&self, cx: &mut Context, name: &'static str) -> Result<bool> {
        if !self.may_be_late(cx) {
            return Ok(true);
        }
        if is_busy(cx)? == Some(true) {
            return Ok(false);
        }
        cx.engine.wait(Phase::Result, OWN_REPORT)?;
        while let Some(line) = cx.engine.inbox().take(&result(name)) {
            if !matches!(line.number(1), Some(0 | 1)) {
                return Err(self.failed(cx, &ResultLine(line)));
            }
        }
        Ok(true)
    }
}

/// Sends a command that opens a session, and returns the first result of command `name`.
fn perform(cx: &mut Context, command: Command, name: &'static str) -> Result<ResultLine> {
    cx.engine.perform(command.known(), COMMAND_LIMIT, &result(name), RESULT_LIMIT)
}

/// Whether a session may be open behind an error: it is not where module, bearer or port are gone, nor where the
/// firmware lacks the command.
pub(super) fn may_be_open(error: &Error) -> bool {
    use ErrorKind::{BearerLost, ModuleRestarted, PortLost, Unsupported};
    !matches!(error.kind(), PortLost | ModuleRestarted | BearerLost | Unsupported)
}

/// Whether a session is open; `None` where the firmware cannot tell.
pub(super) fn is_busy(cx: &mut Context) -> Result<Option<bool>> {
    Ok(match unless_refused(state(cx))?.flatten() {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ => None,
    })
}

/// Queries the state of the FTP client: 0 without a session, 1 with one.
pub(super) fn state(cx: &mut Context) -> Result<Option<u64>> {
    let answer = cx.query(Command::run("+FTPSTATE"))?;
    Ok(answer.first().and_then(|line| line.number(0)))
}

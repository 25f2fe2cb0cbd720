//! How operations begin and end, whatever they are for: one session at a time, its result, and the way back from an error.

use std::time::Duration;

use super::unsolicited::RESULTS;
use super::{COMMAND_LIMIT, Luat, QUIT_LIMIT, RESULT_LIMIT};
use crate::at::{Command, Expect, Pattern, Verdict};
use crate::backend::codes;
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};

/// "Operation not allowed": another session is open, or the settings are not complete.
const NOT_ALLOWED: u64 = 66;
/// For a while after a session the next is refused (seen on SIM900: five tries); how often to ask, and how soon again.
const ATTEMPTS: u32 = 6;
const SETTLING: Duration = Duration::from_secs(2);

/// How soon behind the end of a session its report comes (780EP log: at once).
const OWN_REPORT: Duration = Duration::from_millis(500);

/// How long to listen for more after a line that says that bearer or module are gone: several come in a row.
const AFTERMATH: Duration = Duration::from_secs(1);
/// How many such rows to sit out.
const MAX_ROWS: u32 = 8;

impl Luat {
    /// Runs an operation; an error gets its name, and the module is brought back to a known state.
    pub(super) fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.engine.begin_operation();
        work(self).map_err(|error| {
            let error = self.settled(error);
            // A setting that was damaged on its way may be the cause: they are told again.
            self.restart = None;
            self.put_option = None;
            self.engine.ended(error, name)
        })
    }

    /// As [`Self::operation`], for what needs a server; a module that has lost it is told again.
    pub(super) fn at_server<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.operation(name, |luat| {
            if !luat.session.is_open() {
                let (server, _) = luat.session.recall()?;
                luat.engine.note_recovery(Recovery::Reconfigure);
                luat.tell(&server)?;
                luat.session.reopened();
            }
            work(luat)
        })
    }

    /// Sends a setting.
    pub(super) fn set(&mut self, command: Command) -> Result<()> {
        self.engine.execute(command, COMMAND_LIMIT).map(drop)
    }

    /// Sends a setting that not every firmware has, and says whether this one has it.
    pub(super) fn set_if_known(&mut self, command: Command) -> Result<bool> {
        match self.set(command) {
            Ok(()) => Ok(true),
            Err(error) if is_refusal(error.kind()) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends a command that opens a session, and returns its first result.
    pub(super) fn open_session(&mut self, command: impl Fn() -> Command, result: &Pattern) -> Result<Verdict> {
        self.open_by(|luat| luat.engine.perform(command(), COMMAND_LIMIT, result, RESULT_LIMIT))
    }

    /// As [`Self::open_session`], for a session in which the module moves `count` bytes before it says anything.
    pub(super) fn open_long_session(
        &mut self,
        count: u64,
        command: impl Fn() -> Command,
        result: &Pattern,
    ) -> Result<Verdict> {
        self.open_by(|luat| luat.perform_long(count, command(), result))
    }

    fn open_by(&mut self, perform: impl Fn(&mut Self) -> Result<Verdict>) -> Result<Verdict> {
        let mut attempt = 1;
        loop {
            let verdict = perform(self)?;
            if verdict.number(1) != Some(NOT_ALLOWED) || attempt == ATTEMPTS {
                return Ok(verdict);
            }
            if attempt == 1 {
                self.check_settings()?;
                // A session that somebody left open; this driver never opens two.
                self.quit()?;
            } else {
                self.listen(SETTLING)?;
            }
            attempt += 1;
        }
    }

    /// Sends a command that is a session of its own, and returns its result if that is 0.
    pub(super) fn run(&mut self, name: &'static str, result: &Pattern) -> Result<Verdict> {
        match self.open_session(|| Command::run(name), result) {
            Ok(verdict) if verdict.number(1) == Some(0) => Ok(verdict),
            Ok(verdict) => Err(self.failed(&verdict)),
            Err(error) => Err(self.given_up(name, error)),
        }
    }

    /// What becomes of an error that ended command `name`: a firmware that lacks the command is told from one that refused it,
    /// and a session that is still open is ended.
    pub(super) fn given_up(&mut self, name: &'static str, error: Error) -> Error {
        if !is_refusal(error.kind()) {
            return self.quit_after(error);
        }
        match self.engine.execute(Command::test(name), COMMAND_LIMIT) {
            Err(test) if is_refusal(test.kind()) => {
                self.engine.error(ErrorKind::Unsupported, format!("this firmware has no AT{name}"))
            }
            Ok(_) => error,
            Err(_) => error.module_left_unusable(),
        }
    }

    /// The error of a result code other than success.
    pub(super) fn failed(&self, verdict: &Verdict) -> Error {
        let code = verdict.0.information().and_then(|line| line.text(1).map(|code| code.into_owned()));
        codes::failure(&self.engine, "FTP", self.profile.codes, &code.unwrap_or_default())
    }

    /// Ends the session, whether or not the module still has one.
    pub(super) fn quit(&mut self) -> Result<()> {
        // What was said before the quit is not its result.
        for result in RESULTS {
            self.engine.forget(result);
        }
        match self.engine.execute(Command::run("+FTPQUIT"), COMMAND_LIMIT) {
            Ok(_) => self.await_quit(),
            // The session ended by itself (Air780E FTP guide §6.2, comment at +FTPGET: 1,0); old SIM800 firmware has no FTPQUIT.
            Err(error) if is_refusal(error.kind()) => match self.is_busy()? {
                Some(true) => Err(error.explained("the session is open and cannot be ended").module_left_unusable()),
                _ => Ok(()),
            },
            Err(error) => Err(error),
        }
    }

    /// Waits for the result of a quit, which must not be left for the next operation: 86, or 80 on newer SIMCom modules (SIM7000
    /// FTP application note V1.02 §5.16). A firmware that sends none is none the worse for it.
    fn await_quit(&mut self) -> Result<()> {
        self.gave_up_at = Some(self.engine.now());
        let deadline = self.engine.deadline(Phase::Result, QUIT_LIMIT);
        loop {
            for result in RESULTS {
                while let Some(line) = self.engine.take(result) {
                    // More data was announced before the quit took effect.
                    if line.number(1) != Some(1) {
                        return Ok(());
                    }
                }
            }
            match self.engine.next_event(Expect::Line, deadline) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends a session after an error, which is returned with what became of the module.
    pub(super) fn quit_after(&mut self, error: Error) -> Error {
        let gone = matches!(error.kind(), ErrorKind::PortLost | ErrorKind::ModuleRestarted | ErrorKind::BearerLost);
        if !gone {
            self.engine.note_recovery(Recovery::AbortTransfer);
        }
        if gone || self.quit().is_ok() { error } else { error.module_left_unusable() }
    }

    /// Whether the module says that a session is open; none where the firmware cannot tell.
    pub(super) fn is_busy(&mut self) -> Result<Option<bool>> {
        match self.engine.execute(Command::run("+FTPSTATE"), COMMAND_LIMIT) {
            Ok(answer) => Ok(match answer.first().and_then(|line| line.number(0)) {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            }),
            Err(error) if is_refusal(error.kind()) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a report may be a late one: for a while after a session that was quit.
    fn may_be_late(&self) -> bool {
        let now = self.engine.now();
        self.gave_up_at.is_some_and(|since| now <= since + RESULT_LIMIT)
    }

    /// Whether a session whose end was reported is over, and the report not a late one of the session before.
    pub(super) fn is_over(&mut self) -> Result<bool> {
        Ok(!self.may_be_late() || self.is_busy()? != Some(true))
    }

    /// As [`Self::is_over`], where nothing but the report tells that all went well: when it may be a late one, the session's own may
    /// come right behind it.
    ///
    /// # Errors
    /// The failure that the session's own report tells.
    pub(super) fn has_ended_well(&mut self, result: &Pattern) -> Result<bool> {
        if !self.may_be_late() {
            return Ok(true);
        }
        if self.is_busy()? == Some(true) {
            return Ok(false);
        }
        self.listen(OWN_REPORT)?;
        while let Some(line) = self.engine.take(result) {
            if !matches!(line.number(1), Some(0 | 1)) {
                return Err(self.failed(&Verdict(line)));
            }
        }
        Ok(true)
    }

    /// Waits `limit`, and lets the module speak meanwhile.
    pub(super) fn listen(&mut self, limit: Duration) -> Result<()> {
        let deadline = self.engine.deadline(Phase::Result, limit);
        loop {
            match self.engine.next_event(Expect::Line, deadline) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes in all that says that bearer or module are gone, until nothing more comes and the module answers.
    pub(super) fn calm(&mut self) -> Result<()> {
        let mut rows = 0;
        loop {
            let outcome = if self.engine.is_out_of_step() { self.engine.resynchronise() } else { self.engine.look() };
            let mut outcome = match outcome {
                Err(error) => Err(error),
                Ok(()) => return Ok(()),
            };
            // What the interrupted exchange has still to say is over, too, when this is: it cannot be taken for a later answer.
            while let Err(error) = outcome {
                match error.kind() {
                    ErrorKind::ModuleRestarted => self.session.lost(),
                    ErrorKind::BearerLost => {}
                    _ => return Err(error),
                }
                rows += 1;
                if rows > MAX_ROWS {
                    return Err(error);
                }
                outcome = self.listen(AFTERMATH);
            }
        }
    }

    /// Takes care of what an error says about bearer, module and settings.
    fn settled(&mut self, error: Error) -> Error {
        let code = error.module_code().filter(|code| code.table == "FTP").map(|code| code.value.clone());
        let error = match code.as_deref() {
            // No bearer: perhaps because the module restarted without saying so.
            Some("61") if self.session.is_open() => self.check_settings().err().unwrap_or(error),
            _ => error,
        };
        match error.kind() {
            ErrorKind::ModuleRestarted | ErrorKind::BearerLost => {
                if error.kind() == ErrorKind::ModuleRestarted {
                    self.session.lost();
                }
                self.gave_up_at = Some(self.engine.now());
                if self.calm().is_ok() { error } else { error.module_left_unusable() }
            }
            _ => error,
        }
    }

    /// Makes sure that the server is still set. A module that restarted has forgotten it, and not every module says that it
    /// restarted (Air780EP: the first lines after power-on are those of any change of cell).
    fn check_settings(&mut self) -> Result<()> {
        match self.engine.execute(Command::read("+FTPSERV"), COMMAND_LIMIT) {
            Ok(answer) => {
                let forgotten = answer
                    .first()
                    .and_then(|line| line.information())
                    .is_some_and(|line| line.fields.iter().all(|field| field.bytes().is_empty()));
                if forgotten {
                    let detail = "the module has forgotten the server: it has restarted";
                    return Err(self.engine.error(ErrorKind::ModuleRestarted, detail));
                }
                Ok(())
            }
            Err(error) if is_refusal(error.kind()) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

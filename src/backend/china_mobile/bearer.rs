//! The bearer: MIPCALL, or CGACT where a model has no MIPCALL.

use std::net::IpAddr;
use std::time::Duration;

use super::dialect::Listening;
use super::{COMMAND_LIMIT, ChinaMobile};
use crate::at::{Command, Line, Parameter, Pattern};
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{AccessPoint, Authentication, Bearer};

/// MIPCALL and CGACT (3GPP TS 27.007 §10.1.10: 150 s is what modules' manuals allow for it).
const ACTIVATION_LIMIT: Duration = Duration::from_secs(150);
/// How long the module may keep silent about the address before it is asked: a bearer that stands already is answered with
/// `OK` alone.
const SILENCE: Duration = Duration::from_secs(10);

const APN: Parameter = Parameter::quoted("access point name", 100).or_empty();
const APN_USER: Parameter = Parameter::quoted("access point's user name", 64).or_empty();
const APN_PASSWORD: Parameter = Parameter::quoted("access point's password", 64).or_empty().secret();

const CALL: Pattern = Pattern::Prefix("+MIPCALL");

impl ChinaMobile {
    pub(super) fn activate(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        let user = (&APN_USER, access_point.user.as_str());
        Parameter::check_all(&[(&APN, &access_point.name), user, (&APN_PASSWORD, &access_point.password)])?;
        let has_call = match self.called() {
            Ok(Some(bearer)) => return Ok(bearer),
            Ok(None) => true,
            Err(error) if is_refusal(error.kind()) => false,
            Err(error) => return Err(error),
        };
        if !has_call && self.is_active()? {
            return Ok(Bearer::new(self.address()?, true));
        }
        self.define(access_point)?;
        if has_call {
            match self.call() {
                Err(error) if is_refusal(error.kind()) => {}
                outcome => return outcome.map_err(failed),
            }
        }
        // Seen on ML305, which is brought up so.
        let activation = Command::set("+CGACT").number(1u8).number(self.settings.context);
        let _ = self.engine.execute(activation, ACTIVATION_LIMIT).map_err(failed)?;
        Ok(Bearer::new(self.address()?, false))
    }

    /// Brings the bearer down that may be coming up.
    pub(super) fn give_activation_up(&mut self) -> Result<()> {
        // Its result is not waited for any more.
        self.engine.not_overdue(&CALL);
        self.deactivate()
    }

    /// Brings the bearer down.
    pub(super) fn deactivate(&mut self) -> Result<()> {
        let context = self.settings.context;
        let command = Command::set("+MIPCALL").number(0u8).number(context);
        self.listen(Listening::HangingUp);
        let outcome = self.engine.perform(command, ACTIVATION_LIMIT, &CALL, ACTIVATION_LIMIT);
        let outcome = match outcome {
            Err(error) if is_refusal(error.kind()) => {
                let command = Command::set("+CGACT").number(0u8).number(context);
                self.engine.execute(command, ACTIVATION_LIMIT).map(drop)
            }
            outcome => outcome.map(drop),
        };
        self.listen(Listening::Disconnected);
        match outcome {
            // There was none.
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    fn define(&mut self, access_point: &AccessPoint) -> Result<()> {
        let context = self.settings.context;
        if !access_point.name.is_empty() {
            let command = Command::set("+CGDCONT").number(context).literal("\"IP\"");
            self.set(command.text(&APN, &access_point.name))?;
        }
        if !access_point.user.is_empty() {
            let protocol: u8 = match access_point.authentication {
                Authentication::None => 0,
                Authentication::Pap => 1,
                Authentication::Chap => 2,
            };
            let command = Command::set("+CGAUTH").number(context).number(protocol);
            self.set(command.text(&APN_USER, &access_point.user).text(&APN_PASSWORD, &access_point.password))?;
        }
        Ok(())
    }

    /// The bearer that MIPCALL brought up before.
    fn called(&mut self) -> Result<Option<Bearer>> {
        let answer = self.engine.execute(Command::read("+MIPCALL"), COMMAND_LIMIT)?;
        let context = self.settings.context;
        let is_up = |line: &Line| line.number(0) == Some(u64::from(context)) && line.number(1) == Some(1);
        Ok(answer.lines.iter().find(|line| is_up(line)).map(|line| Bearer::new(address(line), true)))
    }

    fn call(&mut self) -> Result<Bearer> {
        let context = self.settings.context;
        self.engine.forget(&CALL);
        let command = Command::set("+MIPCALL").number(1u8).number(context);
        let end = self.engine.deadline(Phase::Result, ACTIVATION_LIMIT);
        let _ = self.engine.execute(command, ACTIVATION_LIMIT)?;
        loop {
            let silence = self.engine.deadline(Phase::Result, SILENCE);
            match self.engine.verdict(&CALL, silence) {
                Ok(verdict) if verdict.number(0) == Some(u64::from(context)) => {
                    return Ok(Bearer::new(address(&verdict.0), false));
                }
                // Of another context.
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    if let Some(bearer) = self.called()? {
                        return Ok(Bearer { was_up: false, ..bearer });
                    }
                }
                Err(error) => return Err(error),
            }
            if self.engine.now() >= end.at() {
                return Err(end.passed());
            }
        }
    }

    fn is_active(&mut self) -> Result<bool> {
        let answer = self.engine.execute(Command::read("+CGACT"), COMMAND_LIMIT)?;
        let context = u64::from(self.settings.context);
        Ok(answer.lines.iter().any(|line| line.number(0) == Some(context) && line.number(1) == Some(1)))
    }

    /// The address of a bearer that CGACT brought up, where the module tells it.
    fn address(&mut self) -> Result<Option<IpAddr>> {
        match self.engine.execute(Command::set("+CGPADDR").number(self.settings.context), COMMAND_LIMIT) {
            Ok(answer) => Ok(answer.first().and_then(|line| line.information()?.text(1)?.parse().ok())),
            Err(error) if is_refusal(error.kind()) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn failed(error: Error) -> Error {
    match error.kind() {
        ErrorKind::BearerLost | ErrorKind::ModuleRefused => error.with_kind(ErrorKind::BearerFailed),
        _ => error,
    }
}

/// The address in `+MIPCALL: 1,1,<address>`.
fn address(line: &Line) -> Option<IpAddr> {
    line.information()?.text(2)?.parse().ok()
}

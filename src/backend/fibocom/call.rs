//! The bearer: MIPCALL (guide §3.2 and §3.3).

use std::net::IpAddr;
use std::time::Duration;

use super::{COMMAND_LIMIT, Fibocom};
use crate::at::{Answer, Command, Line, Parameter, Pattern};
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{AccessPoint, Bearer};

const CALL_LIMIT: Duration = Duration::from_secs(60);
const HANG_UP_LIMIT: Duration = Duration::from_secs(40);

const NAME: Parameter = Parameter::quoted("access point name", 100).or_empty();
const USER: Parameter = Parameter::quoted("access point's user name", 64).or_empty();
const PASSWORD: Parameter = Parameter::quoted("access point's password", 64).or_empty().secret();

const RESULT: Pattern = Pattern::Prefix("+MIPCALL");

impl Fibocom {
    /// Brings the bearer up.
    pub(super) fn call(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        let AccessPoint { name, user, password, .. } = access_point;
        Parameter::check_all(&[(&NAME, name), (&USER, user), (&PASSWORD, password)])?;
        if let Some(address) = self.address()? {
            return Ok(Bearer::new(address, true));
        }
        let plain = Command::set("+MIPCALL").number(1u8);
        if name.is_empty() && user.is_empty() {
            return self.dial(plain).map_err(failed);
        }
        let mut named = Command::set("+MIPCALL").number(1u8).text(&NAME, name);
        if !user.is_empty() {
            named = named.text(&USER, user).text(&PASSWORD, password);
        }
        match self.dial(named) {
            // The guide has both forms: the name in the call (§3.2 note 3), and in CGDCONT before it (§3.3).
            Err(error) if is_refusal(error.kind()) && user.is_empty() => {
                let define = Command::set("+CGDCONT").number(1u8).literal("\"IP\"").text(&NAME, name);
                let _ = self.engine.execute(define, COMMAND_LIMIT).map_err(failed)?;
                self.dial(plain).map_err(failed)
            }
            outcome => outcome.map_err(failed),
        }
    }

    /// The module's address where the bearer is up: `+MIPCALL: 1,<address>`. The inner one is missing where it does not say.
    pub(super) fn address(&mut self) -> Result<Option<Option<IpAddr>>> {
        let state = self.engine.execute(Command::read("+MIPCALL"), COMMAND_LIMIT)?;
        let line = state.first().filter(|line| line.number(0) == Some(1));
        Ok(line.map(address))
    }

    fn dial(&mut self, command: Command) -> Result<Bearer> {
        self.engine.forget(&RESULT);
        let deadline = self.engine.deadline(Phase::Result, CALL_LIMIT);
        // OK only means that the module will try (guide §3.2 note 3).
        let _ = self.engine.execute(command, CALL_LIMIT)?;
        // What follows is the address, or ERROR (guide §3.3).
        self.engine.expect_more(Answer::Prefix("+MIPCALL"));
        let told = self.engine.verdict(&RESULT, deadline);
        match told {
            Ok(line) => {
                self.engine.settle();
                // A module that starts anew in the middle of the address: the line end is that of its first words.
                match self.engine.look() {
                    // A late report of the session before.
                    Err(error) if error.kind() == ErrorKind::SessionLost => self.engine.forget_exchange(),
                    looked => looked?,
                }
                match address(&line.0) {
                    Some(address) => Ok(Bearer::new(Some(address), false)),
                    None => Err(self.engine.error(ErrorKind::BearerFailed, "the module got no address")),
                }
            }
            Err(error) if error.kind() == ErrorKind::Timeout => match self.address()? {
                // The line got lost, or the call was answered without it.
                Some(address) => Ok(Bearer::new(address, false)),
                None => Err(error),
            },
            Err(error) if is_refusal(error.kind()) => {
                Err(error.with_kind(ErrorKind::BearerFailed).explained("the call failed"))
            }
            // `+MIPCALL: 0`, which otherwise says that the bearer was lost.
            Err(error) if error.kind() == ErrorKind::BearerLost => Err(failed(error)),
            Err(error) => Err(error),
        }
    }

    /// Brings the bearer down that may be coming up.
    pub(super) fn give_call_up(&mut self) -> Result<()> {
        // Its result is not waited for any more.
        self.engine.not_overdue(&RESULT);
        self.hang_up()
    }

    /// Brings the bearer down.
    pub(super) fn hang_up(&mut self) -> Result<()> {
        let down = self.close_down(Command::set("+MIPCALL").number(0u8), "+MIPCALL", HANG_UP_LIMIT);
        match down {
            // Without a call there may be nothing to report.
            Err(error) if error.phase() == Some(Phase::Result) => match self.address()? {
                None => Ok(()),
                Some(_) => Err(error),
            },
            outcome => outcome.map(drop),
        }
    }
}

/// The address is the last field of `+MIPCALL: <address>` and of `+MIPCALL: 1,<address>`.
fn address(line: &Line) -> Option<IpAddr> {
    line.information()?.fields.last()?.text().parse().ok()
}

/// A call that the module refuses is one that failed.
fn failed(error: Error) -> Error {
    match error.kind() {
        ErrorKind::BearerLost | ErrorKind::ModuleRefused => error.with_kind(ErrorKind::BearerFailed),
        _ => error,
    }
}

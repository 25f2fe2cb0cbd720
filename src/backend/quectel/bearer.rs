//! The PDP context: QICSGP, QIACT, QIDEACT (TCP/IP application note; note §1.3, §4.2).

use std::time::Duration;

use super::{COMMAND_LIMIT, Quectel};
use crate::at::{Command, Line, Parameter};
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{AccessPoint, Authentication, Bearer};

/// QIACT and QIDEACT (TCP/IP application note, §2.1.2 and §2.1.3).
const ACTIVATION_LIMIT: Duration = Duration::from_secs(150);
const DEACTIVATION_LIMIT: Duration = Duration::from_secs(40);

/// TCP/IP application note, QICSGP: 127 bytes each.
const APN: Parameter = Parameter::quoted("access point name", 127).or_empty().ascii();
const APN_USER: Parameter = Parameter::quoted("access point's user name", 127).or_empty().ascii();
const APN_PASSWORD: Parameter = Parameter::quoted("access point's password", 127).or_empty().ascii().secret();

impl Quectel {
    /// The address of the bearer that is up.
    pub(super) fn bearer(&mut self) -> Result<Option<Bearer>> {
        let context = u64::from(self.settings.context);
        let answer = self.engine.execute(Command::read("+QIACT"), COMMAND_LIMIT)?;
        let ours = |line: &Line| line.number(0) == Some(context) && line.number(1) == Some(1);
        Ok(answer.lines.into_iter().find(ours).map(|line| {
            let address = line.information().and_then(|line| line.text(3)?.parse().ok());
            Bearer::new(address, true)
        }))
    }

    pub(super) fn activate(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        let context = self.settings.context;
        let user = (&APN_USER, access_point.user.as_str());
        Parameter::check_all(&[(&APN, &access_point.name), user, (&APN_PASSWORD, &access_point.password)])?;
        if let Some(bearer) = self.bearer()? {
            return Ok(bearer);
        }
        if !access_point.name.is_empty() {
            let authentication: u8 = match access_point.authentication {
                Authentication::None => 0,
                Authentication::Pap => 1,
                Authentication::Chap => 2,
            };
            let command = Command::set("+QICSGP").number(context).number(1u8).text(&APN, &access_point.name);
            let command = command.text(&APN_USER, &access_point.user).text(&APN_PASSWORD, &access_point.password);
            self.set(command.number(authentication))?;
        }
        let activate = || Command::set("+QIACT").number(context);
        match self.engine.execute(activate(), ACTIVATION_LIMIT) {
            // A context that the network dropped must be deactivated before it can be activated again
            // (TCP/IP application note, QIURC "pdpdeact").
            Err(error) if error.kind() == ErrorKind::ModuleRefused => {
                self.deactivate()?;
                let activated = self.engine.execute(activate(), ACTIVATION_LIMIT);
                let _ = activated.map_err(bearer_failed)?;
            }
            other => drop(other?),
        }
        match self.bearer()? {
            Some(bearer) => Ok(Bearer { was_up: false, ..bearer }),
            None => Err(self.engine.error(ErrorKind::BearerFailed, "the context is not active after QIACT")),
        }
    }

    pub(super) fn deactivate(&mut self) -> Result<()> {
        let command = Command::set("+QIDEACT").number(self.settings.context);
        match self.engine.execute(command, DEACTIVATION_LIMIT) {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    /// Deactivates the context and activates it again with what is set for it already: what the note asks for when a result does
    /// not come (§2.3 to §2.18).
    pub(super) fn renew_bearer(&mut self) -> Result<()> {
        self.deactivate()?;
        let activated = self.engine.execute(Command::set("+QIACT").number(self.settings.context), ACTIVATION_LIMIT);
        activated.map(drop).map_err(bearer_failed)
    }
}

/// Note §4.2: a module whose contexts cannot be activated any more has to be restarted; modules were seen (EG800K) that only
/// switching off helped.
fn bearer_failed(error: Error) -> Error {
    match error.kind() {
        ErrorKind::ModuleRefused => error
            .with_kind(ErrorKind::BearerFailed)
            .explained_further("if it stays so, only switching the module off and on helps; wait longer each time"),
        _ => error,
    }
}

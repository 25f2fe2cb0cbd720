//! The bearer: a profile of SAPBR, or an application network of CNACT.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::profile::Network;
use super::{COMMAND_LIMIT, Luat};
use crate::at::{Command, Parameter};
use crate::backend::exchange::is_refusal;
use crate::error::{ErrorKind, Result};
use crate::modem::{AccessPoint, Authentication, Bearer};

/// SAPBR=1 and SAPBR=0 (SIM7000 AT manual V1.06, SAPBR: 85 s and 65 s); CNACT is given the same.
const OPEN_LIMIT: Duration = Duration::from_secs(85);
const CLOSE_LIMIT: Duration = Duration::from_secs(65);
/// How soon to look again at a bearer that is on its way up or down.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What the module says of the bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Down,
    /// Connecting or closing: wait and see.
    Changing,
    /// Connected, but without an address: not to be used.
    Unusable,
    Up(IpAddr),
}

impl Luat {
    pub(super) fn bring_up(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.check_access_point(access_point)?;
        // That the bearer was lost, or the module restarted, is what this call is to mend.
        self.calm()?;
        // Opening an open bearer is refused, so look first.
        match self.steady_state(OPEN_LIMIT)? {
            State::Up(address) => return Ok(Bearer::new(Some(address), true)),
            State::Unusable => self.close_bearer()?,
            State::Down | State::Changing => {}
        }
        let opened = match self.profile.network {
            Network::Sapbr => self.open_profile(access_point)?,
            Network::Cnact => self.open_application_network(access_point)?,
        };
        let opened = match opened {
            Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
            outcome => outcome,
        };
        match (opened, self.steady_state(OPEN_LIMIT)?) {
            (_, State::Up(address)) => Ok(Bearer::new(Some(address), false)),
            (Ok(()), _) => Err(self.engine.error(ErrorKind::BearerFailed, "the bearer has no address")),
            (Err(error), _) => Err(error.with_kind(ErrorKind::BearerFailed)),
        }
    }

    /// Whether the bearer's parameters can carry the access point.
    pub(super) fn check_access_point(&self, access_point: &AccessPoint) -> Result<()> {
        let AccessPoint { name, user, password, .. } = access_point;
        let profile = self.profile;
        Parameter::check_all(&[(&profile.apn, name), (&profile.apn_user, user), (&profile.apn_password, password)])
    }

    pub(super) fn bring_down(&mut self) -> Result<()> {
        self.calm()?;
        match self.close_bearer() {
            // Closing a closed bearer is refused.
            Err(error) if is_refusal(error.kind()) && !matches!(self.state()?, State::Up(_)) => Ok(()),
            other => other,
        }
    }

    /// Sets SAPBR's parameters and opens the bearer; the inner result is that of the opening.
    fn open_profile(&mut self, access_point: &AccessPoint) -> Result<Result<()>> {
        let bearer = self.bearer;
        let profile = self.profile;
        let parameter = |tag| Command::set("+SAPBR").number(3u8).number(bearer).literal(tag);
        self.set(parameter("\"CONTYPE\"").literal("\"GPRS\""))?;
        self.set(parameter("\"APN\"").text(&profile.apn, &access_point.name))?;
        if !access_point.user.is_empty() {
            self.set(parameter("\"USER\"").text(&profile.apn_user, &access_point.user))?;
            self.set(parameter("\"PWD\"").text(&profile.apn_password, &access_point.password))?;
        }
        Ok(self.switch(Command::set("+SAPBR").number(1u8).number(bearer), OPEN_LIMIT))
    }

    /// Sets the access point where one is named (SIM7080 AT manual V1.05, CNCFG; 1 is IPv4) and opens the application network.
    fn open_application_network(&mut self, access_point: &AccessPoint) -> Result<Result<()>> {
        let AccessPoint { name, user, password, authentication } = access_point;
        let profile = self.profile;
        if !name.is_empty() {
            let mut command = Command::set("+CNCFG").number(self.bearer).number(1u8).text(&profile.apn, name);
            if !user.is_empty() {
                command = command
                    .text(&profile.apn_user, user)
                    .text(&profile.apn_password, password)
                    .number(authentication_number(*authentication));
            }
            self.set(command)?;
        }
        let opened = self.switch(Command::set("+CNACT").number(self.bearer).number(1u8), OPEN_LIMIT);
        if opened.is_ok() {
            // The address comes with `+APP PDP: <index>,ACTIVE`, a moment behind OK.
            let until = self.engine.now() + OPEN_LIMIT;
            while self.state()? == State::Down && self.engine.now() < until {
                match self.listen(LOOK_AGAIN) {
                    Err(error) if error.kind() == ErrorKind::BearerLost => return Ok(Err(error)),
                    other => other?,
                }
            }
        }
        Ok(opened)
    }

    fn close_bearer(&mut self) -> Result<()> {
        let (name, action, first) = match self.profile.network {
            Network::Sapbr => ("+SAPBR", 0, self.bearer),
            Network::Cnact => ("+CNACT", self.bearer, 0),
        };
        self.switch(Command::set(name).number(action).number(first), CLOSE_LIMIT)?;
        if self.profile.network == Network::Cnact {
            // The line that says so is no loss, and must not be left for the next operation.
            match self.listen(LOOK_AGAIN) {
                Err(error) if error.kind() == ErrorKind::BearerLost => self.engine.forget_exchange(),
                other => other?,
            }
        }
        Ok(())
    }

    /// Sends what opens or closes the bearer. The line that announces a closing may come before its OK.
    fn switch(&mut self, command: Command, limit: Duration) -> Result<()> {
        match self.engine.execute(command, limit) {
            Err(error) if error.kind() == ErrorKind::BearerLost => {
                self.calm()?;
                if matches!(self.state()?, State::Up(_)) { Err(error) } else { Ok(()) }
            }
            other => other.map(drop),
        }
    }

    /// The state of the bearer once it changes no more, for `limit` at most.
    fn steady_state(&mut self, limit: Duration) -> Result<State> {
        let until = self.engine.now() + limit;
        loop {
            let state = self.state()?;
            if state != State::Changing || self.engine.now() >= until {
                return Ok(state);
            }
            self.listen(LOOK_AGAIN)?;
        }
    }

    fn state(&mut self) -> Result<State> {
        let bearer = u64::from(self.bearer);
        let question = match self.profile.network {
            Network::Sapbr => Command::set("+SAPBR").number(2u8).number(bearer),
            Network::Cnact => Command::read("+CNACT"),
        };
        let answer = self.engine.execute(question, COMMAND_LIMIT)?;
        let of_bearer = answer.lines.iter().find(|line| line.number(0) == Some(bearer));
        let Some(line) = of_bearer.and_then(|line| line.information()) else {
            return Err(self.engine.protocol("the bearer's state is missing"));
        };
        let address = line.text(2).and_then(|text| parse_address(&text)).filter(|address| !address.is_unspecified());
        Ok(match (self.profile.network, line.number(1), address) {
            (_, Some(1), Some(address)) => State::Up(address),
            (_, Some(1), None) => State::Unusable,
            (Network::Sapbr, Some(0 | 2), _) => State::Changing,
            // CNACT: activated automatically (SIM7080 AT manual V1.05, CNACT, `<statusx>` 2: in operation).
            (Network::Cnact, Some(2), _) => State::Changing,
            _ => State::Down,
        })
    }
}

/// The number of an authentication protocol in CPNETAPN and CNCFG.
pub(super) fn authentication_number(authentication: Authentication) -> u8 {
    match authentication {
        Authentication::None => 0,
        Authentication::Pap => 1,
        Authentication::Chap => 2,
    }
}

/// An address, also with the leading zeros that the Luat manual's examples print (`010.169.179.213`).
fn parse_address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| {
        let octets: Vec<u8> = text.split('.').map(|octet| octet.parse().ok()).collect::<Option<_>>()?;
        let octets: [u8; 4] = octets.try_into().ok()?;
        Some(IpAddr::V4(Ipv4Addr::from(octets)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_modules_print_them() {
        for (text, address) in [
            ("10.39.255.61", Some("10.39.255.61")),
            ("010.169.179.213", Some("10.169.179.213")),
            ("2001:608:c00:180::1:ea", Some("2001:608:c00:180::1:ea")),
            ("", None),
            ("1.2.3", None),
            ("1.2.3.400", None),
        ] {
            assert_eq!(parse_address(text), address.map(|text| text.parse().unwrap()), "{text}");
        }
    }
}

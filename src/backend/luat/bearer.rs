//! The bearer: a profile of SAPBR, or an application network of CNACT.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::LuatFtp;
use super::families::{FamilyFacts, Network};
use super::recovery::settle;
use crate::at::{Command, Line, Parameter};
use crate::backend::access_point;
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::dialect::Bearers;
use crate::error::{ErrorKind, Phase, Result};
use crate::modem::{AccessPoint, Bearer};

/// SAPBR=1 and SAPBR=0 (SIM7000 AT manual V1.06, SAPBR: 85 s and 65 s); CNACT is given the same.
const OPEN_LIMIT: Duration = Duration::from_secs(85);
const CLOSE_LIMIT: Duration = Duration::from_secs(65);
/// Time between two queries of a bearer that is on its way up or down.
const QUERY_INTERVAL: Duration = Duration::from_secs(1);

/// The state of the bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Down,
    /// Connecting or closing.
    Changing,
    /// Connected, but without an address: not to be used.
    Unusable,
    Up(IpAddr),
}

/// The bearer in use: a profile of SAPBR, or an application network of CNACT.
pub(super) struct BearerInUse {
    pub family: &'static FamilyFacts,
    pub number: u8,
}

impl Bearers for LuatFtp {
    fn attach(&mut self, cx: &mut Context, access_point: &AccessPoint) -> Result<Bearer> {
        self.bearer.check_access_point(access_point)?;
        // Opening an open bearer is refused: its state is queried first.
        match self.bearer.steady_state(cx, false)? {
            State::Up(address) if self.bearer.is_in_use(cx, &access_point.name)? => {
                return Ok(Bearer::new(Some(address), true));
            }
            State::Up(_) => self.bearer.close(cx).map_err(access_point::not_closed)?,
            State::Unusable => self.bearer.close(cx)?,
            State::Down | State::Changing => {}
        }
        match self.family.network {
            Network::Sapbr => self.bearer.set_profile(cx, access_point)?,
            Network::Cnact => self.bearer.set_application_network(cx, access_point)?,
        }
        let opened = match self.bearer.switch(cx, true) {
            Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
            opened => opened,
        };
        let state = self.bearer.steady_state(cx, opened.is_ok())?;
        match (opened, state) {
            (_, State::Up(address)) => Ok(Bearer::new(Some(address), false)),
            (Ok(()), _) => Err(cx.engine.error(ErrorKind::BearerFailed, "the bearer has no address")),
            (Err(error), _) => Err(error.with_kind(ErrorKind::BearerFailed)),
        }
    }

    fn give_activation_up(&mut self, cx: &mut Context) -> Result<()> {
        settle(cx)?;
        self.detach(cx, false)
    }

    fn detach(&mut self, cx: &mut Context, _: bool) -> Result<()> {
        match self.bearer.close(cx) {
            // Closing a closed bearer is refused.
            Err(error) if is_refusal(error.kind()) && !matches!(self.bearer.state(cx)?, State::Up(_)) => Ok(()),
            other => other,
        }
    }
}

impl BearerInUse {
    /// Listens for the loss of the bearer in use; that of another does not matter.
    pub(super) fn watch(&self, cx: &mut Context) {
        cx.engine.inbox().disarm(ErrorKind::BearerLost);
        for loss in self.family.losses(self.number) {
            cx.engine.inbox().arm(loss, ErrorKind::BearerLost);
        }
    }

    /// Checks that the bearer's parameters can carry the access point.
    pub(super) fn check_access_point(&self, access_point: &AccessPoint) -> Result<()> {
        let AccessPoint { name, user, password, .. } = access_point;
        let family = self.family;
        Parameter::check_all(&[(&family.apn, name), (&family.apn_user, user), (&family.apn_password, password)])
    }

    /// Whether the bearer that is up is known to use the access point `name`; an empty one means any.
    fn is_in_use(&self, cx: &mut Context, name: &str) -> Result<bool> {
        let number = self.number;
        match self.family.network {
            // Only profiles of SAPBR have the numbers of their contexts.
            Network::Sapbr => {
                let query = Command::set("+SAPBR").number(4u8).number(number);
                access_point::is_set(cx, query, profile_name, Some(number), name)
            }
            Network::Cnact => {
                let set = |line: &Line| application_network_name(line, number);
                access_point::is_set(cx, Command::read("+CNCFG"), set, None, name)
            }
        }
    }

    /// Sets SAPBR's parameters.
    fn set_profile(&self, cx: &mut Context, access_point: &AccessPoint) -> Result<()> {
        let (bearer, family) = (self.number, self.family);
        let parameter = |tag| Command::set("+SAPBR").number(3u8).number(bearer).literal(tag);
        access_point::choose_authentication(cx, bearer, access_point)?;
        cx.set(parameter("\"CONTYPE\"").literal("\"GPRS\""))?;
        cx.set(parameter("\"APN\"").text(&family.apn, &access_point.name))?;
        if !access_point.user.is_empty() {
            cx.set(parameter("\"USER\"").text(&family.apn_user, &access_point.user))?;
            cx.set(parameter("\"PWD\"").text(&family.apn_password, &access_point.password))?;
        }
        Ok(())
    }

    /// Sets the access point where one is named (SIM7080 AT manual V1.05, CNCFG; 1 is IPv4).
    fn set_application_network(&self, cx: &mut Context, access_point: &AccessPoint) -> Result<()> {
        let AccessPoint { name, user, password, authentication, .. } = access_point;
        let family = self.family;
        if name.is_empty() {
            return Ok(());
        }
        let mut command = Command::set("+CNCFG").number(self.number).number(1u8).text(&family.apn, name);
        if !user.is_empty() {
            command = command
                .text(&family.apn_user, user)
                .text(&family.apn_password, password)
                .number(access_point::authentication_number(*authentication));
        }
        cx.set(command)
    }

    fn close(&self, cx: &mut Context) -> Result<()> {
        self.switch(cx, false)?;
        if self.family.network == Network::Cnact {
            // The line that reports the closing is no loss, and must not be left for the next operation.
            match cx.engine.wait(Phase::Result, QUERY_INTERVAL) {
                Err(error) if error.kind() == ErrorKind::BearerLost => cx.engine.sync().settle(),
                other => other?,
            }
        }
        Ok(())
    }

    /// Opens or closes the bearer. The line that reports a closing may come before its OK.
    fn switch(&self, cx: &mut Context, is_on: bool) -> Result<()> {
        let (name, first, second) = match self.family.network {
            Network::Sapbr => ("+SAPBR", u8::from(is_on), self.number),
            Network::Cnact => ("+CNACT", self.number, u8::from(is_on)),
        };
        let command = Command::set(name).number(first).number(second);
        let (command, limit) = if is_on { (command, OPEN_LIMIT) } else { (command.known(), CLOSE_LIMIT) };
        match cx.engine.execute(command, limit) {
            Err(error) if error.kind() == ErrorKind::BearerLost => {
                settle(cx)?;
                if matches!(self.state(cx)?, State::Up(_)) { Err(error) } else { Ok(()) }
            }
            other => other.map(drop),
        }
    }

    /// The state of the bearer once it changes no more. An application network that was just opened is down at first:
    /// its address comes with `+APP PDP: <index>,ACTIVE`, a moment behind OK.
    fn steady_state(&self, cx: &mut Context, was_opened: bool) -> Result<State> {
        let until = cx.engine.now() + OPEN_LIMIT;
        let mut may_come_up = was_opened && self.family.network == Network::Cnact;
        loop {
            let state = self.state(cx)?;
            let changes = state == State::Changing || (may_come_up && state == State::Down);
            if !changes || cx.engine.now() >= until {
                return Ok(state);
            }
            match cx.engine.wait(Phase::Result, QUERY_INTERVAL) {
                Err(error) if may_come_up && error.kind() == ErrorKind::BearerLost => may_come_up = false,
                other => other?,
            }
        }
    }

    fn state(&self, cx: &mut Context) -> Result<State> {
        let bearer = u64::from(self.number);
        let query = match self.family.network {
            Network::Sapbr => Command::set("+SAPBR").number(2u8).number(bearer),
            Network::Cnact => Command::read("+CNACT"),
        };
        let answer = cx.query(query.known())?;
        let of_bearer = answer.lines.iter().find(|line| line.number(0) == Some(bearer));
        let Some(line) = of_bearer.and_then(|line| line.information()) else {
            return Err(cx.engine.protocol("the bearer's state is missing"));
        };
        let address = line.text(2).and_then(|text| parse_address(&text)).filter(|address| !address.is_unspecified());
        Ok(match (self.family.network, line.number(1), address) {
            (_, Some(1), Some(address)) => State::Up(address),
            (_, Some(1), None) => State::Unusable,
            (Network::Sapbr, Some(0 | 2), _) => State::Changing,
            // CNACT: activated automatically (SIM7080 AT manual V1.05, CNACT, `<statusx>` 2: in operation).
            (Network::Cnact, Some(2), _) => State::Changing,
            _ => State::Down,
        })
    }
}

/// The access point in a line of `AT+SAPBR=4,<bearer>`: `+SAPBR:APN,cmnet` (Luat AT manual, SAPBR), `APN: cmnet`
/// (SIM800).
fn profile_name(line: &Line) -> Option<String> {
    let text = line.text();
    let text = text.trim().strip_prefix("+SAPBR:").unwrap_or(text.trim());
    let (tag, value) = text.split_once([',', ':'])?;
    let bare = |text: &str| text.trim().trim_matches('"').to_owned();
    bare(tag).eq_ignore_ascii_case("APN").then(|| bare(value))
}

/// The access point in a line of `AT+CNCFG?` (SIM7080 AT manual V1.05, CNCFG): index, type, name.
fn application_network_name(line: &Line, index: u8) -> Option<String> {
    let line = line.information()?;
    (line.number(0) == Some(u64::from(index))).then(|| line.text(2).map(|name| name.into_owned()))?
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

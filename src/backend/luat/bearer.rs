//! The bearer: SAPBR profile 1.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{COMMAND_LIMIT, Luat};
use crate::at::{Command, Parameter};
use crate::backend::exchange::is_refusal;
use crate::error::{ErrorKind, Result};
use crate::modem::{AccessPoint, Bearer};

/// SAPBR=1 and SAPBR=0 (SIM7000 AT manual V1.06 §11.2.1: 85 s and 65 s).
const OPEN_LIMIT: Duration = Duration::from_secs(85);
const CLOSE_LIMIT: Duration = Duration::from_secs(65);

/// Luat AT manual, SAPBR: 50 bytes each; an empty access point means that the network chooses it.
const APN: Parameter = Parameter::quoted("access point name", 50).or_empty();
const APN_USER: Parameter = Parameter::quoted("access point's user name", 50).or_empty();
const APN_PASSWORD: Parameter = Parameter::quoted("access point's password", 50).or_empty().secret();

/// `<status>` of SAPBR=2.
const CONNECTED: u64 = 1;

impl Luat {
    pub(super) fn bring_up(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        let user = (&APN_USER, access_point.user.as_str());
        Parameter::check_all(&[(&APN, &access_point.name), user, (&APN_PASSWORD, &access_point.password)])?;
        // Opening an open bearer is refused, so look first.
        if let Some(address) = self.bearer_address()? {
            return Ok(Bearer::new(Some(address), true));
        }
        self.set(Command::set("+SAPBR").number(3u8).number(1u8).literal("\"CONTYPE\"").literal("\"GPRS\""))?;
        let profile = |tag| Command::set("+SAPBR").number(3u8).number(1u8).literal(tag);
        self.set(profile("\"APN\"").text(&APN, &access_point.name))?;
        if !access_point.user.is_empty() {
            self.set(profile("\"USER\"").text(&APN_USER, &access_point.user))?;
            self.set(profile("\"PWD\"").text(&APN_PASSWORD, &access_point.password))?;
        }
        let opened = self.engine.execute(Command::set("+SAPBR").number(1u8).number(1u8), OPEN_LIMIT);
        match (opened, self.bearer_address()?) {
            (_, Some(address)) => Ok(Bearer::new(Some(address), false)),
            (Ok(_), None) => Err(self.engine.error(ErrorKind::BearerFailed, "the bearer has no address")),
            (Err(error), None) => Err(error.with_kind(ErrorKind::BearerFailed)),
        }
    }

    pub(super) fn bring_down(&mut self) -> Result<()> {
        match self.engine.execute(Command::set("+SAPBR").number(0u8).number(1u8), CLOSE_LIMIT) {
            // Closing a closed bearer is refused.
            Err(error) if is_refusal(error.kind()) && self.bearer_address()?.is_none() => Ok(()),
            other => other.map(drop),
        }
    }

    /// The module's address, if the bearer is up and has one.
    fn bearer_address(&mut self) -> Result<Option<IpAddr>> {
        let answer = self.engine.execute(Command::set("+SAPBR").number(2u8).number(1u8), COMMAND_LIMIT)?;
        let Some(line) = answer.first().and_then(|line| line.information()) else {
            return Err(self.engine.protocol("the bearer's state is missing"));
        };
        if line.number(1) != Some(CONNECTED) {
            return Ok(None);
        }
        Ok(line.text(2).and_then(|text| parse_address(&text)).filter(|address| !address.is_unspecified()))
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

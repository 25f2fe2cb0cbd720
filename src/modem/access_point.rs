//! The access point of the mobile network, and the bearer to it.

use std::fmt;
use std::net::IpAddr;

use super::secret::Masked;

/// Authentication protocol of the packet-data bearer (3GPP TS 27.007 `+CGAUTH`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Authentication {
    /// None.
    #[default]
    None,
    /// PAP.
    Pap,
    /// CHAP.
    Chap,
}

/// Type of the packet-data protocol (3GPP TS 27.007 §10.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum PdpType {
    /// IPv4. A bearer that is up already is joined whatever its type.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
    /// IPv4 and IPv6.
    Ipv4v6,
}

/// The access point of the mobile network. `AccessPoint::default()` is the network's own default.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AccessPoint {
    /// Access point name; empty means the network's default.
    pub name: String,
    /// User name, empty for none.
    pub user: String,
    /// Password, empty for none.
    pub password: String,
    /// How user name and password are presented.
    pub authentication: Authentication,
    /// Type of the packet-data protocol. Quectel and China Mobile only; other dialects refuse all but
    /// [`PdpType::Ipv4`].
    pub pdp_type: PdpType,
}

impl AccessPoint {
    /// The access point `name`, without user name and password.
    pub fn new(name: impl Into<String>) -> Self {
        AccessPoint { name: name.into(), ..Default::default() }
    }

    /// Adds user name and password, presented by `authentication`.
    pub fn with_credentials(
        mut self,
        user: impl Into<String>,
        password: impl Into<String>,
        authentication: Authentication,
    ) -> Self {
        self.user = user.into();
        self.password = password.into();
        self.authentication = authentication;
        self
    }

    /// Sets the type of the packet-data protocol. Default: [`PdpType::Ipv4`].
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::AccessPoint;
    /// use ftp_modem::modem::PdpType;
    ///
    /// let access_point = AccessPoint::new("iot").with_pdp_type(PdpType::Ipv6);
    /// assert_eq!(access_point.pdp_type, PdpType::Ipv6);
    /// ```
    pub fn with_pdp_type(mut self, pdp_type: PdpType) -> Self {
        self.pdp_type = pdp_type;
        self
    }
}

impl fmt::Debug for AccessPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessPoint")
            .field("name", &self.name)
            .field("user", &self.user)
            .field("password", &Masked)
            .field("authentication", &self.authentication)
            .field("pdp_type", &self.pdp_type)
            .finish()
    }
}

/// The bearer that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bearer {
    /// The module's address in the mobile network, where the module tells it.
    pub address: Option<IpAddr>,
    /// Whether it was up before the call.
    pub was_up: bool,
}

impl Bearer {
    /// A bearer with this address. For other implementations of [`FtpModem`](super::FtpModem), such as a test double.
    pub fn new(address: Option<IpAddr>, was_up: bool) -> Self {
        Bearer { address, was_up }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let access_point = AccessPoint::new("a").with_credentials("u", "s3cret", Authentication::Pap);
        let text = format!("{access_point:?}");
        assert!(text.contains("***") && !text.contains("s3cret"), "{text}");
    }
}

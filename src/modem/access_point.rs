//! The access point of the mobile network, and the bearer to it.

use std::fmt;
use std::net::IpAddr;

use super::secret::Masked;

/// Authentication protocol of the packet-data bearer (3GPP TS 27.007 `+CGAUTH`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Authentication {
    /// No authentication.
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
    /// IPv4. A bearer of any type that is already up is joined.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
    /// IPv4 and IPv6.
    Ipv4v6,
}

/// The access point (APN) of the mobile network. `AccessPoint::default()` is the default of the network.
///
/// # Examples
/// ```
/// use ftp_modem::AccessPoint;
/// use ftp_modem::modem::Authentication;
///
/// let access_point = AccessPoint::new("iot").with_credentials("user", "secret", Authentication::Chap);
/// assert_eq!(access_point.name, "iot");
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AccessPoint {
    /// Name. Default: empty, the default of the network.
    pub name: String,
    /// User name. Default: empty, none.
    pub user: String,
    /// Password. Default: empty, none.
    pub password: String,
    /// Protocol by which user name and password are sent. Default: [`Authentication::None`].
    pub authentication: Authentication,
    /// Type of the packet-data protocol. Default: [`PdpType::Ipv4`]. The others are supported on Quectel and China
    /// Mobile; other dialects refuse them.
    pub pdp_type: PdpType,
}

impl AccessPoint {
    /// Creates the access point `name`, without user name and password.
    pub fn new(name: impl Into<String>) -> Self {
        AccessPoint { name: name.into(), ..Default::default() }
    }

    /// Sets user name and password, and the protocol by which they are sent.
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

/// A bearer that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bearer {
    /// Address of the module in the mobile network. `None` if the module does not report it.
    pub address: Option<IpAddr>,
    /// Whether the bearer was up before the call.
    pub was_up: bool,
}

impl Bearer {
    /// Creates a bearer with this address, for other implementations of [`FtpModem`](super::FtpModem), such as a test
    /// double.
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

//! Who the module is, which network and which server it is to use.

use std::fmt;
use std::net::IpAddr;

/// Who a module says it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Identity {
    /// Manufacturer (`AT+CGMI`), empty when it does not say.
    pub manufacturer: String,
    /// Model (`AT+CGMM`), empty when it does not say.
    pub model: String,
    /// The information text of `ATI`, line by line.
    pub information: Vec<String>,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.manufacturer.as_str(), self.model.as_str()];
        let named: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if named.is_empty() { f.write_str(&self.information.join(" ")) } else { f.write_str(&named.join(" ")) }
    }
}

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
}

impl fmt::Debug for AccessPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessPoint")
            .field("name", &self.name)
            .field("user", &self.user)
            .field("password", &Masked)
            .field("authentication", &self.authentication)
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
    pub(crate) fn new(address: Option<IpAddr>, was_up: bool) -> Self {
        Bearer { address, was_up }
    }
}

/// Protection of the FTP session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Security {
    /// Plain FTP (RFC 959).
    #[default]
    None,
    /// FTPS on a TLS port from the first byte (usually port 990).
    Implicit,
    /// FTPS by `AUTH TLS` (RFC 4217).
    Explicit,
}

/// An FTP server and the account to use there.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// TCP port of the control connection.
    pub port: u16,
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
    /// Protection of the session.
    pub security: Security,
}

impl Server {
    /// The account `user` on `host`, port 21, plain FTP.
    pub fn new(host: impl Into<String>, user: impl Into<String>, password: impl Into<String>) -> Self {
        Server { host: host.into(), port: 21, user: user.into(), password: password.into(), security: Security::None }
    }

    /// Anonymous access to `host` (RFC 1635).
    pub fn anonymous(host: impl Into<String>) -> Self {
        Server::new(host, "anonymous", "guest")
    }

    /// Another port. Defaults to 21.
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Another protection. Defaults to [`Security::None`].
    pub fn with_security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("password", &Masked)
            .field("security", &self.security)
            .finish()
    }
}

/// Stands for a secret in `Debug` output.
struct Masked;

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What the module's FTP client is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionState {
    /// No session.
    Closed,
    /// The session is being opened.
    Opening,
    /// Logged in, nothing going on. On dialects without sessions: a server is set, nothing going on.
    Idle,
    /// A transfer or another operation is going on.
    Busy,
    /// The session is being closed.
    Closing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let server = Server::new("h", "u", "s3cret");
        let access_point = AccessPoint::new("a").with_credentials("u", "s3cret", Authentication::Pap);
        for text in [format!("{server:?}"), format!("{access_point:?}")] {
            assert!(!text.contains("s3cret"), "{text}");
            assert!(text.contains("***"), "{text}");
        }
    }
}

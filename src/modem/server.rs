//! The server, and the protection of the session with it.

use std::fmt;
use std::str::FromStr;

use super::secret::Masked;
use crate::charset::Charset;
use crate::error::{Error, ErrorKind, Result};

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

/// How the server's certificate is checked where [`Server::security`] protects the session.
///
/// `Tls::default()` neither names an authority nor permits every certificate. A driver whose module has no authorities
/// of its own refuses it before anything is sent, so that no session is unprotected by oversight. Not used with
/// [`Security::None`].
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tls {
    /// Certificate of the authority that signed the server's certificate, in PEM (RFC 7468). Default: none.
    pub ca_pem: Option<Vec<u8>>,
    /// Whether any certificate is accepted: the session is encrypted, but the server is not authenticated.
    /// Default: `false`.
    pub insecure: bool,
}

impl Tls {
    /// Requires a server certificate that is signed by the authority with the certificate `pem`.
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::Server;
    /// use ftp_modem::modem::{Security, Tls};
    ///
    /// let authority = std::fs::read("authority.pem")?;
    /// let server = Server::new("ftp.example.com", "logger", "secret")
    ///     .with_security(Security::Explicit)
    ///     .with_tls(Tls::trusting(authority));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn trusting(pem: impl Into<Vec<u8>>) -> Self {
        Tls { ca_pem: Some(pem.into()), insecure: false }
    }

    /// Accepts every server certificate: the session is encrypted, but the server is not authenticated.
    pub fn insecure() -> Self {
        Tls { ca_pem: None, insecure: true }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ca_pem = self.ca_pem.as_ref().map(|_| Masked);
        f.debug_struct("Tls").field("ca_pem", &ca_pem).field("insecure", &self.insecure).finish()
    }
}

/// An FTP server, and the account to use there. It is also parsed from an address such as `ftp://user@host:port`.
#[derive(Clone)]
#[non_exhaustive]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// TCP port of the control connection. Default: 21, or 990 with [`Security::Implicit`].
    pub port: u16,
    /// User name.
    pub user: String,
    /// Password. It is masked in logs, errors, traces and `Debug` output.
    pub password: String,
    /// Protection of the session. Default: [`Security::None`].
    pub security: Security,
    /// Check of the server's certificate, where the session is protected.
    pub tls: Tls,
    /// Charset of the names on the server. Default: [`Charset::UTF_8`].
    pub charset: Charset,
    /// Whether the caller has chosen the port.
    is_port_chosen: bool,
}

impl Server {
    /// Creates the account `user` on `host`: port 21, plain FTP.
    pub fn new(host: impl Into<String>, user: impl Into<String>, password: impl Into<String>) -> Self {
        Server {
            host: host.into(),
            port: 21,
            user: user.into(),
            password: password.into(),
            security: Security::None,
            tls: Tls::default(),
            charset: Charset::UTF_8,
            is_port_chosen: false,
        }
    }

    /// Creates anonymous access to `host` (RFC 1635).
    pub fn anonymous(host: impl Into<String>) -> Self {
        Server::new(host, "anonymous", "guest")
    }

    /// Sets the port, which is not 0. Default: 21, or 990 where the session is protected by [`Security::Implicit`].
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self.is_port_chosen = true;
        self
    }

    /// Sets the protection, and its usual port unless another was chosen. Default: [`Security::None`].
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::Server;
    /// use ftp_modem::modem::Security;
    ///
    /// let server = Server::new("ftp.example.com", "logger", "secret").with_security(Security::Implicit);
    /// assert_eq!(server.port, 990);
    /// assert_eq!(server.with_port(2121).with_security(Security::Implicit).port, 2121);
    /// ```
    pub fn with_security(mut self, security: Security) -> Self {
        if !self.is_port_chosen && self.port == usual_port(self.security) {
            self.port = usual_port(security);
        }
        self.security = security;
        self
    }

    /// Sets the check of the server's certificate. Default: [`Tls::default`].
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Sets the charset of the names on the server: paths are encoded in it, listings are decoded. Default:
    /// [`Charset::UTF_8`]; [`Charset::LATIN_1`] reaches every file whatever its name.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::Server;
    /// use ftp_modem::modem::Charset;
    ///
    /// let server = Server::anonymous("ftp.example.com").with_charset(Charset::LATIN_1);
    /// assert_eq!(server.charset, Charset::LATIN_1);
    /// ```
    pub fn with_charset(mut self, charset: Charset) -> Self {
        self.charset = charset;
        self
    }
}

/// Parses `ftp://[user@]host[:port]` or `ftps://…`. Default: the user `anonymous`, port 21, or 990 for `ftps`. In the
/// user `%` introduces a byte in hexadecimal (RFC 3986 §2.1): `%3A` is a colon, `%25` a percent sign. The password is
/// empty: an address with a password is refused, because addresses are visible in process lists and
/// histories.
///
/// # Examples
/// ```
/// use ftp_modem::Server;
///
/// let server: Server = "ftp://logger@ftp.example.com:2121".parse()?;
/// assert_eq!((server.user.as_str(), server.host.as_str(), server.port), ("logger", "ftp.example.com", 2121));
/// assert!("ftp://logger:secret@ftp.example.com".parse::<Server>().is_err());
/// # Ok::<(), ftp_modem::Error>(())
/// ```
impl FromStr for Server {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self> {
        let refuse = |why: &'static str| {
            let error = Error::new(ErrorKind::InvalidInput, format!("the server's address {why}"));
            error.advising("write it as ftp://user@host or ftp://user@host:port")
        };
        let (rest, security, default_port) = if let Some(rest) = url.strip_prefix("ftp://") {
            (rest, Security::None, 21)
        } else if let Some(rest) = url.strip_prefix("ftps://") {
            (rest, Security::Implicit, 990)
        } else {
            return Err(refuse("starts with neither ftp:// nor ftps://"));
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, place) = rest.rsplit_once('@').unwrap_or(("anonymous", rest));
        if user.contains(':') {
            let advice = "leave the password out, and give it in another way";
            return Err(refuse("holds a password").advising(advice));
        }
        let user = decoded(user).ok_or_else(|| {
            refuse("has a % in its user that no byte in hexadecimal follows").advising("write % as %25")
        })?;
        if place.contains('/') {
            return Err(refuse("has a path").advising("leave the path out, and begin the names of files with it"));
        }
        let (host, port) = match place.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, behind)) => match behind.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None => return Err(refuse("has something behind its bracket")),
            },
            None => match place.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let is_port_named = port.is_some();
        let is_number = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let port = match port.map(|port| if is_number(port) { port.parse().ok() } else { None }) {
            None => default_port,
            Some(Some(port)) if port > 0 => port,
            Some(_) => return Err(refuse("has a port that is not 1 to 65535")),
        };
        if host.is_empty() || user.is_empty() {
            return Err(refuse("lacks its host or its user"));
        }
        if host.contains(' ') {
            return Err(refuse("has a space in its host"));
        }
        // With `ftps` the scheme names the port, whatever protection is chosen later.
        let is_port_chosen = is_port_named || security == Security::Implicit;
        Ok(Server { port, security, is_port_chosen, ..Server::new(host, user, "") })
    }
}

/// Replaces each `%` and the two hexadecimal digits behind it by their byte. `None` if there are none, or if the bytes
/// are not UTF-8 or include a control character.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.extend(hex::decode(digits).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

/// Returns the port that servers of this protection usually have.
fn usual_port(security: Security) -> u16 {
    match security {
        Security::None | Security::Explicit => 21,
        Security::Implicit => 990,
    }
}

/// How the port was chosen makes no difference.
impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        let Server { host, port, user, password, security, tls, charset, is_port_chosen: _ } = self;
        (host, port, user, password, security, tls, charset)
            == (&other.host, &other.port, &other.user, &other.password, &other.security, &other.tls, &other.charset)
    }
}

impl Eq for Server {}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("password", &Masked)
            .field("security", &self.security)
            .field("tls", &self.tls)
            .field("charset", &self.charset)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let cases = [
            ("ftp://u@h", Some(("u", "h", 21, Security::None))),
            ("ftp://u@h/", Some(("u", "h", 21, Security::None))),
            ("ftp://h:2121", Some(("anonymous", "h", 2121, Security::None))),
            ("ftps://a@b@h", Some(("a@b", "h", 990, Security::Implicit))),
            ("ftp://a%40b%3Ac%25@h", Some(("a@b:c%", "h", 21, Security::None))),
            ("ftp://%e5%bc%a0@h", Some(("张", "h", 21, Security::None))),
            ("ftp://50%off@h", None),
            ("ftp://u%@h", None),
            ("ftp://u%4@h", None),
            ("ftp://u%0d@h", None),
            ("ftp://u%ff@h", None),
            ("ftp://u@[2001:db8::1]:2121", Some(("u", "2001:db8::1", 2121, Security::None))),
            ("ftp://u@[2001:db8::1]", Some(("u", "2001:db8::1", 21, Security::None))),
            ("h", None),
            ("http://h", None),
            ("ftp://", None),
            ("ftp://u@h:0", None),
            ("ftp://u@h:x", None),
            ("ftp://u@h/path", None),
            ("ftp://u:s3cret@h", None),
        ];
        for (url, expected) in cases {
            let parsed = url.parse::<Server>();
            let parsed = parsed.map_err(|error| assert!(!error.to_string().contains("s3cret"), "{error}"));
            let shown = parsed.as_ref().ok().map(|s| (s.user.as_str(), s.host.as_str(), s.port, s.security));
            assert_eq!(shown, expected, "{url}");
        }
    }

    #[test]
    fn the_port_is_the_usual_one_of_the_protection_unless_another_was_chosen() {
        use Security::{Explicit, Implicit, None};
        let server = || Server::new("h", "u", "p");
        let parsed = |url: &str| url.parse::<Server>().unwrap();
        for (server, port) in [
            (server(), 21),
            (server().with_security(Implicit), 990),
            (server().with_security(Explicit), 21),
            (server().with_security(Implicit).with_security(None), 21),
            (server().with_port(21).with_security(Implicit), 21),
            (server().with_security(Implicit).with_port(21), 21),
            (server().with_port(2121).with_security(Implicit), 2121),
            (parsed("ftp://u@h").with_security(Implicit), 990),
            (parsed("ftp://u@h:21").with_security(Implicit), 21),
            (parsed("ftps://u@h").with_security(Explicit), 990),
        ] {
            assert_eq!(server.port, port, "{server:?}");
        }
        assert_eq!(server(), server().with_port(21));
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let tls = Tls::trusting("s3cret");
        let secured = Server::new("h", "u", "p").with_tls(tls.clone());
        for text in [format!("{:?}", Server::new("h", "u", "s3cret")), format!("{tls:?}"), format!("{secured:?}")] {
            assert!(!text.contains("s3cret") && !text.contains("115, 51"), "{text}");
            assert!(text.contains("***"), "{text}");
        }
    }
}

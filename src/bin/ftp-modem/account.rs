//! The server with account and TLS mode, and the access point.

use std::fs;

use ftp_modem::modem::{Authentication, PdpType, Security, Tls};
use ftp_modem::{AccessPoint, Error, Server};

use crate::args::Options;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::password;
use crate::values::{ApnAuth, PdpTypeChoice, TlsMode};

/// What to type where no server is given.
pub const NAME_SERVER: &str = "use --server ftp://USER@HOST, or FTP_MODEM_SERVER";

/// What to type where an anonymous login is refused; a URL without a user means one.
pub const NAME_USER: &str = "if the server accepts no anonymous login, name an account: --server ftp://USER@HOST";

/// What to type where an option needs FTPS.
const USE_FTPS: &str = "use ftps:// in the URL, or --tls explicit";

/// Returns the server that `options` name, with its password.
///
/// # Errors
/// No server, an invalid URL, contradicting options, or FTPS without `--ca` and `--insecure`.
pub fn server(options: &Options, interrupt: &Interrupt) -> Result<Server, Failure> {
    let Some(url) = &options.server else {
        return Err(Failure::usage("no server given", NAME_SERVER));
    };
    let server: Server = url.parse().map_err(|error: Error| {
        let failure = Failure::from(error);
        Failure::usage(format!("--server: {}", failure.symptom()), failure.remedy())
    })?;
    let security = security(server.security, options.tls)?;
    let tls = trust(options, security)?;
    let password = password::find(&server, options.password_file.as_deref(), interrupt)?;
    let mut server = server.with_security(security).with_tls(tls).with_charset(options.charset);
    server.password = password;
    Ok(server)
}

fn security(of_url: Security, mode: Option<TlsMode>) -> Result<Security, Failure> {
    match (of_url, mode) {
        (Security::Implicit, Some(TlsMode::None)) => {
            let text = "--tls none contradicts ftps:// in the URL of the server";
            Err(Failure::usage(text, "use ftp://, or leave --tls out"))
        }
        (_, Some(TlsMode::Explicit)) => Ok(Security::Explicit),
        (_, Some(TlsMode::Implicit)) => Ok(Security::Implicit),
        (of_url, _) => Ok(of_url),
    }
}

fn trust(options: &Options, security: Security) -> Result<Tls, Failure> {
    let is_protected = security != Security::None;
    match &options.ca {
        Some(_) if options.insecure => {
            Err(Failure::usage("--ca and --insecure contradict each other", "use one of them"))
        }
        Some(_) if !is_protected => Err(Failure::usage("--ca needs FTPS", USE_FTPS)),
        None if options.insecure && !is_protected => Err(Failure::usage("--insecure needs FTPS", USE_FTPS)),
        Some(path) => Ok(Tls::trusting(fs::read(path).map_err(|error| Failure::local(path, &error))?)),
        None if options.insecure => Ok(Tls::insecure()),
        None if is_protected => {
            let text = "FTPS needs to know which certificates to accept";
            Err(Failure::usage(text, "use --ca with the authority that signed the server's, or --insecure for any"))
        }
        None => Ok(Tls::default()),
    }
}

/// Returns the access point that `options` name.
pub fn access_point(options: &Options) -> AccessPoint {
    let point = AccessPoint::new(options.apn.as_str()).with_pdp_type(match options.pdp_type {
        PdpTypeChoice::Ipv4 => PdpType::Ipv4,
        PdpTypeChoice::Ipv6 => PdpType::Ipv6,
        PdpTypeChoice::Ipv4v6 => PdpType::Ipv4v6,
    });
    if options.apn_user.is_empty() && options.apn_password.0.is_empty() {
        return point;
    }
    let authentication = match options.apn_auth {
        ApnAuth::None => Authentication::None,
        ApnAuth::Pap => Authentication::Pap,
        ApnAuth::Chap => Authentication::Chap,
    };
    point.with_credentials(options.apn_user.as_str(), options.apn_password.0.as_str(), authentication)
}

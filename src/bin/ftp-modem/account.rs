//! The server with account and TLS mode, and the access point.

use std::fs;

use ftp_modem::modem::{Authentication, PdpType, Security, Tls};
use ftp_modem::{AccessPoint, Server};

use crate::args::Options;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::password;
use crate::values::{ApnAuth, PdpTypeChoice, TlsMode};

/// Returns the server that `options` name, with its password.
///
/// # Errors
/// No server, an invalid URL, contradicting options, or FTPS without `--ca` and `--insecure`.
pub fn server(options: &Options, interrupt: &Interrupt) -> Result<Server, Failure> {
    let Some(url) = &options.server else {
        return Err(Failure::usage("no server specified: use --server or FTP_MODEM_SERVER"));
    };
    let server: Server = url.parse().map_err(|error| Failure::usage(format!("--server: {error}")))?;
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
            Err(Failure::usage("--tls none contradicts ftps:// in the URL of the server"))
        }
        (_, Some(TlsMode::Explicit)) => Ok(Security::Explicit),
        (_, Some(TlsMode::Implicit)) => Ok(Security::Implicit),
        (of_url, _) => Ok(of_url),
    }
}

fn trust(options: &Options, security: Security) -> Result<Tls, Failure> {
    let is_protected = security != Security::None;
    match &options.ca {
        Some(_) if options.insecure => Err(Failure::usage("--ca and --insecure contradict each other")),
        Some(_) if !is_protected => Err(Failure::usage("--ca needs FTPS: use ftps://… or --tls")),
        None if options.insecure && !is_protected => {
            Err(Failure::usage("--insecure needs FTPS: use ftps://… or --tls"))
        }
        Some(path) => Ok(Tls::trusting(fs::read(path).map_err(|error| Failure::local(path, &error))?)),
        None if options.insecure => Ok(Tls::insecure()),
        None if is_protected => {
            Err(Failure::usage("FTPS needs --ca (the authority that signed the server's certificate) or --insecure"))
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

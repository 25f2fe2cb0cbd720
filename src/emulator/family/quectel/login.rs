//! Logging in: Quectel EC2x FTP(S) application note V1.0 §2.2.

use std::net::IpAddr;

use super::config::Config;
use super::failure::{DNS, Failure, NETWORK, Refused, SSL};
use super::files::Files;
use super::options::QuectelOptions;
use super::tls::TlsContext;
use crate::emulator::command::Command;
use crate::emulator::modem::Modem;
use crate::emulator::remote::Tls;

/// The longest host name (§2.2).
const HOST: usize = 200;

/// The server that `AT+QFTPOPEN` names.
pub(super) struct Server {
    host: String,
    port: u16,
}

impl Server {
    pub(super) fn parse(command: &Command<'_>) -> Result<Self, Refused> {
        let mut list = command.parameters()?;
        let host = list.quoted(1..=HOST)?;
        let port = list.optional_number(1..=65535)?.unwrap_or(21);
        list.end()?;
        let port = u16::try_from(port).map_err(|_| Refused::Malformed)?;
        Ok(Self { host, port })
    }

    /// §4.3: an inactive context shows as a failure of the name service.
    pub(super) fn without_context(&self) -> Failure {
        let is_address = self.host.parse::<IpAddr>().is_ok();
        Failure::local(if is_address { NETWORK } else { DNS })
    }

    pub(super) fn log_in(
        &self,
        config: &Config,
        context: &TlsContext,
        files: &Files,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Result<(), Failure> {
        let tls = config.tls();
        if tls != Tls::Off {
            modem.remote.trust(context.trust(files, options));
        }
        modem.remote.connect(&self.host, self.port, tls).map_err(|error| Failure::of_opening(&error))?;
        if tls != Tls::Off && !context.accepts_server(files, options) {
            return Err(Failure::local(SSL));
        }
        modem.remote.login(&config.user, &config.password).map_err(|error| Failure::of_opening(&error))
    }
}

//! Logging in and out: Quectel EC2x FTP(S) application note V1.0 §2.2 and §2.18.

use std::net::IpAddr;

use super::failure::{BUSY, DNS, Failure, INVALID_PARAMETER, NETWORK, Refused, SSL};
use super::options::ServerCertificate;
use super::state::{Quectel, Session, State, Work};
use crate::emulator::command::Command;
use crate::emulator::modem::Modem;
use crate::emulator::remote::{Tls, Trust};

/// The longest host name (§2.2).
const HOST: usize = 200;

impl Quectel {
    pub(super) fn open(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let host = list.quoted(1..=HOST)?;
        let port = list.optional_number(1..=65535)?.unwrap_or(21);
        list.end()?;
        let port = u16::try_from(port).map_err(|_| Refused::Malformed)?;
        if self.session.state != State::Closed {
            return Err(Refused::Code(BUSY));
        }
        // §2.1, remark: no FTPS in active mode.
        if self.config.tls() != Tls::Off && !self.config.is_passive() {
            return Err(Refused::Code(INVALID_PARAMETER));
        }
        self.session = Session { state: State::Opening, context: self.config.context(), ..Session::default() };
        modem.ok();
        self.begin("+QFTPOPEN", Work::Open { host, port }, modem);
        Ok(())
    }

    pub(super) fn close(&mut self, modem: &mut Modem) -> Result<(), Refused> {
        match self.session.state {
            State::Closed if self.options.close_when_closed => {
                modem.ok();
                self.begin("+QFTPCLOSE", Work::Close, modem);
                Ok(())
            }
            State::Closed => self.ready(),
            State::Closing => Err(Refused::Code(BUSY)),
            _ => {
                self.session.put = None;
                self.session.state = State::Closing;
                self.paused = None;
                modem.ok();
                self.begin("+QFTPCLOSE", Work::Close, modem);
                Ok(())
            }
        }
    }

    pub(super) fn log_in(&mut self, host: &str, port: u16, modem: &mut Modem) -> Result<(), Failure> {
        if !self.network.contexts.is_active(self.session.context) {
            let is_address = host.parse::<IpAddr>().is_ok();
            // §4.3: an inactive context shows as a failure of the name service.
            return Err(Failure::local(if is_address { NETWORK } else { DNS }));
        }
        if self.is_stuck() {
            return Err(Failure::local(NETWORK));
        }
        let tls = self.config.tls();
        if tls != Tls::Off {
            modem.remote.trust(self.trust());
        }
        modem.remote.connect(host, port, tls).map_err(|error| Failure::of_opening(&error))?;
        if tls != Tls::Off && !self.trusts_server() {
            return Err(Failure::local(SSL));
        }
        modem.remote.login(&self.config.user, &self.config.password).map_err(|error| Failure::of_opening(&error))
    }

    /// What the settings of the SSL context demand of a real server.
    fn trust(&self) -> Trust {
        let context = self.tls.context(self.config.tls_context());
        let mut trust = Trust::default();
        if context.level > 0 {
            // Without the file no server is trusted.
            let name = self.storage.full_name(&context.authority).unwrap_or_default();
            trust.authority = Some(self.storage.content(&name).unwrap_or_default().to_vec());
        }
        trust.ignores_clock = context.ignores_clock;
        trust.names_server = context.sni;
        trust.checks_name = self.options.checks_server_name;
        trust.fresh_sessions = self.options.fresh_tls_sessions;
        trust
    }

    /// Whether the handshake succeeds under the settings of the SSL context.
    fn trusts_server(&self) -> bool {
        let context = self.tls.context(self.config.tls_context());
        let options = &self.options;
        if context.version < options.oldest_tls || (options.sni_needed && !context.sni) {
            return false;
        }
        if context.level == 0 {
            return true;
        }
        let clock = context.ignores_clock || (options.clock_set && options.certificate != ServerCertificate::Expired);
        let client = context.level < 2
            || (self.storage.holds(&context.client_certificate) && self.storage.holds(&context.client_key));
        clock && client && options.certificate != ServerCertificate::Untrusted && self.storage.holds(&context.authority)
    }
}

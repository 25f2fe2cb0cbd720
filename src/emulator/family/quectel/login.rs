//! Logging in and out: Quectel EC2x FTP(S) application note V1.0 §2.2 and §2.18.

use std::net::IpAddr;

use super::failure::{BUSY, DNS, Failure, INVALID_PARAMETER, NETWORK, Refused, SSL};
use super::state::{Quectel, Session, State, Work};
use crate::emulator::command::Command;
use crate::emulator::modem::Modem;
use crate::emulator::remote::Tls;

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
        let context = self.tls.context(self.config.tls_context());
        if tls != Tls::Off {
            modem.remote.trust(context.trust(&self.files, &self.options));
        }
        modem.remote.connect(host, port, tls).map_err(|error| Failure::of_opening(&error))?;
        if tls != Tls::Off && !context.accepts_server(&self.files, &self.options) {
            return Err(Failure::local(SSL));
        }
        modem.remote.login(&self.config.user, &self.config.password).map_err(|error| Failure::of_opening(&error))
    }
}

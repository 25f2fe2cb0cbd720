//! `AT+MSSLCFG` and `AT+MSSLCERTWR`: what FTPS checks a server with. No public manual has these commands in full. They
//! are what programs for the ML307 send (<https://github.com/78/esp-ml307>, `src/ml307/ml307_ssl.cc`; OneMO HTTP AT
//! manual, the HTTPS example of §4.2).

use std::time::Duration;

use super::code::Refused;
use super::lines::{answer, prompt};
use super::options::ChinaMobileOptions;
use super::ssl::NAME;
use super::storage::{Flash, Incoming, Place};
use crate::emulator::command::{Command, Form};
use crate::emulator::intake::Intake;
use crate::emulator::modem::Modem;

/// The longest certificate.
const CERTIFICATE: u64 = 8192;
/// How long the module waits for a certificate. Invented.
const PATIENCE: Duration = Duration::from_secs(10);

impl Flash {
    /// `None` if it is no command for certificates.
    pub(super) fn ssl_command(
        &mut self,
        command: &Command<'_>,
        options: &ChinaMobileOptions,
        modem: &mut Modem,
    ) -> Option<Result<(), Refused>> {
        Some(match (command.name.as_str(), command.form) {
            ("+MSSLCFG" | "+MSSLCERTWR", Form::Test) => answer(&[], modem),
            ("+MSSLCFG", Form::Set) => {
                let configured = command.parameters().map_err(Refused::from);
                configured.and_then(|mut list| self.ssl.configure(&mut list)).and_then(|lines| answer(&lines, modem))
            }
            ("+MSSLCERTWR", Form::Set) => self.receive_certificate(command, options, modem),
            _ => return None,
        })
    }

    /// `AT+MSSLCERTWR="<name>",0,<length>`
    fn receive_certificate(
        &mut self,
        command: &Command<'_>,
        options: &ChinaMobileOptions,
        modem: &mut Modem,
    ) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let name = list.quoted(1..=NAME)?;
        list.number(0..=0)?;
        let length = list.number(1..=CERTIFICATE)?;
        list.end()?;
        self.incoming = Some(Incoming { name, data: Vec::new(), place: Place::Certificates });
        prompt(options, modem);
        modem.receive(Intake::counted(length).or_idle(PATIENCE));
        Ok(())
    }
}

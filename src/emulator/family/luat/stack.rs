//! The TCP/IP application beside FTP, as far as programs bring it up when they start (SIM800 Series TCPIP application
//! note V1.01, "Status of the connection").

use super::answer::{Answer, Refusal};
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stack {
    #[default]
    Initial,
    /// `AT+CSTT` has named an access point.
    Start,
    /// `AT+CIICR` has brought the wireless connection up.
    Connected,
    /// `AT+CIFSR` has asked for the address.
    Status,
}

impl Stack {
    const fn words(self) -> &'static str {
        match self {
            Self::Initial => "IP INITIAL",
            Self::Start => "IP START",
            Self::Connected => "IP GPRSACT",
            Self::Status => "IP STATUS",
        }
    }

    /// `None` if it is no command of this application.
    pub(super) fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Answer> {
        Some(match (command.name.as_str(), command.form) {
            ("+CSTT" | "+CIICR" | "+CIPSTATUS", Form::Test) => {
                modem.ok();
                Ok(())
            }
            ("+CSTT", Form::Set | Form::Execute) => self.advance(Self::Initial, Self::Start, modem),
            ("+CIICR", Form::Execute) => {
                modem.clock.delay(modem.options.network_latency);
                self.advance(Self::Start, Self::Connected, modem)
            }
            // Answered without OK (time-stamped Air780EP log).
            ("+CIFSR", Form::Execute) => {
                if *self == Self::Connected {
                    *self = Self::Status;
                }
                let address = modem.options.ip_address.clone();
                modem.result(&address);
                Ok(())
            }
            ("+CIPSTATUS", Form::Execute) => {
                self.show(modem);
                Ok(())
            }
            _ => return None,
        })
    }

    fn advance(&mut self, from: Self, to: Self, modem: &mut Modem) -> Answer {
        if *self != from {
            return Err(Refusal::State);
        }
        *self = to;
        modem.ok();
        Ok(())
    }

    /// The state follows `OK`; with `AT+CIPMUX=1` so do the six connections.
    fn show(self, modem: &mut Modem) {
        modem.ok();
        modem.urc(&format!("STATE: {}", self.words()));
        if modem.remembered.get("+CIPMUX").is_some_and(|value| value == "1") {
            for connection in 0..6 {
                modem.urc(&format!("C: {connection},,\"\",\"\",\"\",\"INITIAL\""));
            }
        }
    }
}

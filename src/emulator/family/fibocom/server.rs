//! `AT+FTPOPEN`: whom the module connects to, and as whom.

use super::limits::NAME;
use super::lines::Lines;
use super::options::{FibocomOptions, PortField};
use super::refused::Refused;
use crate::emulator::command::Command;
use crate::emulator::modem::Modem;
use crate::emulator::remote::Tls;

/// Where FTP servers listen.
const PORT: u64 = 21;

/// Whom to connect to, and as whom.
pub(super) struct Server {
    host: String,
    user: String,
    password: String,
    port: u16,
}

impl Server {
    /// `AT+FTPOPEN="<host>","<user>","<password>"[,"<account>"[,<source port>[,<port>[,<source data port>]]]]`
    pub(super) fn parse(command: &Command<'_>, options: &FibocomOptions) -> Result<Self, Refused> {
        let mut list = command.parameters()?;
        if list.len() < 3 {
            return Err(Refused::Parameters);
        }
        let host = list.quoted(1..=NAME)?;
        let user = list.quoted(0..=NAME)?;
        let password = list.quoted(0..=NAME)?;
        list.optional_quoted(0..=NAME)?;
        let fifth = list.optional_number(0..=65_535)?;
        let sixth = list.optional_number(0..=65_535)?;
        list.optional_number(0..=65_535)?;
        list.end()?;
        let port = match options.port_field {
            PortField::Fifth => fifth,
            PortField::Sixth => sixth,
        };
        let port = u16::try_from(port.unwrap_or(PORT)).map_err(|_| Refused::Parameters)?;
        if port == 0 {
            return Err(Refused::Parameters);
        }
        Ok(Self { host, user, password, port })
    }

    /// Connects and logs in; returns whether that succeeded.
    pub(super) fn log_in(&self, lines: &Lines, options: &FibocomOptions, modem: &mut Modem) -> bool {
        let Self { host, user, password, port } = self;
        let named = !user.is_empty() && !password.is_empty();
        if !named && !options.empty_login {
            return false;
        }
        let connected = modem.remote.connect(host, *port, Tls::Off);
        if connected.is_ok() {
            lines.inform("220 Service ready.", modem);
            lines.inform(&format!("USER {user}"), modem);
            lines.inform("331 Please specify the password.", modem);
            lines.inform(&format!("PASS {password}"), modem);
        }
        let opened = connected.and_then(|()| modem.remote.login(user, password));
        if let Err(error) = opened {
            if let Some(code) = error.code() {
                lines.inform(&format!("{code}"), modem);
            }
            // The connection is of no use without a login.
            drop(modem.remote.quit());
            return false;
        }
        lines.inform("230 Login successful.", modem);
        true
    }
}

//! The FTP client of Quectel's 2G modules (M25, M26, M66, M95), as far as a program needs it to recognise a module that
//! speaks another dialect under the same names. Settings are numbered, and a result is one number without a blank:
//! `+QFTPCFG:0` (session with an M26, <https://blog.csdn.net/weixin_41448995/article/details/123016194>).

use super::failure::{Answer, Refused};
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{RemoteError, Tls};

/// The result of what failed, and of `AT+QFTPCLOSE` without a session. The session above shows the latter only: for all
/// other failures this number is invented.
const FAILED: i64 = -1;

/// What the client remembers. Login, sizes and logout are emulated.
#[derive(Default)]
pub(super) struct GsmClient {
    user: String,
    password: String,
    is_open: bool,
}

impl GsmClient {
    /// An `AT+QFTP…` command; `None` if there is no such form.
    pub(super) fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Answer> {
        let name = command.name.as_str();
        Some(match (name, command.form) {
            // What a module prints here is invented.
            ("+QFTPCFG" | "+QFTPUSER" | "+QFTPPASS" | "+QFTPOPEN" | "+QFTPSIZE", Form::Test) => {
                modem.ok();
                Ok(())
            }
            ("+QFTPUSER" | "+QFTPPASS" | "+QFTPCFG" | "+QFTPPATH" | "+QFTPOPEN" | "+QFTPSIZE", Form::Set)
            | ("+QFTPCLOSE", Form::Execute) => self.set(command, modem).map_err(|_| Refused::Plain),
            _ => return None,
        })
    }

    fn set(&mut self, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        let result = match command.name.as_str() {
            "+QFTPUSER" | "+QFTPPASS" => {
                let text = list.quoted(0..=50)?;
                list.end()?;
                let is_user = command.name == "+QFTPUSER";
                *if is_user { &mut self.user } else { &mut self.password } = text;
                modem.ok();
                return Ok(());
            }
            "+QFTPCFG" => {
                list.number(1..=4)?;
                list.text(1..=100)?;
                list.end()?;
                0
            }
            "+QFTPPATH" => {
                let path = list.quoted(1..=100)?;
                list.end()?;
                outcome(modem.remote.cwd(&path).map(|()| 0))
            }
            "+QFTPOPEN" => {
                let host = list.quoted(1..=100)?;
                let port = u16::try_from(list.optional_number(1..=65535)?.unwrap_or(21)).unwrap_or(21);
                list.end()?;
                let opened = modem.remote.connect(&host, port, Tls::Off);
                let opened = opened.and_then(|()| modem.remote.login(&self.user, &self.password));
                self.is_open = opened.is_ok();
                outcome(opened.map(|()| 0))
            }
            "+QFTPSIZE" => {
                let file = list.quoted(1..=100)?;
                list.end()?;
                outcome(modem.remote.size(&file))
            }
            _ if std::mem::take(&mut self.is_open) => outcome(modem.remote.quit().map(|()| 0)),
            _ => FAILED,
        };
        modem.ok();
        modem.urc_after(modem.options.network_latency, &format!("{}:{result}", command.name));
        Ok(())
    }
}

fn outcome(result: Result<u64, RemoteError>) -> i64 {
    result.ok().and_then(|number| i64::try_from(number).ok()).unwrap_or(FAILED)
}

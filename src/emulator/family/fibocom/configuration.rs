//! The commands that set what is kept.

use super::options::FibocomOptions;
use super::refused::Refused;
use super::state::Fibocom;
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// The sizes `AT+FTPCACHE` takes.
const CACHE: std::ops::RangeInclusive<u64> = 1024..=513_024;

/// What the test form of a command prints. Invented, except the sizes of the cache: no public document shows them.
pub(super) fn range(name: &str, options: &FibocomOptions) -> Option<String> {
    Some(match name {
        "MIPCALL" | "FTPMODE" | "FTPINFO" | "MSTART" => "(0,1)".to_owned(),
        "FTPCACHE" => format!("({}-{})", CACHE.start(), CACHE.end()),
        "FTPRECV" | "FTP_RECV" => format!("(1-{})", options.recv_max),
        "GTRAT" => "(0-6,10),(2,3,6),(2,3,6)".to_owned(),
        "FTPLIST" => "(<\"file/directory name\">)".to_owned(),
        _ => return None,
    })
}

impl Fibocom {
    pub(super) fn setting(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let name = command.name.as_str();
        match command.form {
            // Invented, except for AT+FTPCACHE?: the guide has no read forms of these.
            Form::Read => {
                let value = match name {
                    "+FTPMODE" => u8::from(self.access.active).to_string(),
                    "+FTPINFO" => u8::from(self.lines.info).to_string(),
                    "+FTPCACHE" => self.session.cache.size().to_string(),
                    "+MSTART" => u8::from(self.announces).to_string(),
                    _ => self.call.search_order.text().to_owned(),
                };
                modem.line(&format!("{name}: {value}"));
            }
            Form::Set if name == "+GTRAT" => self.call.search_order.set(command)?,
            Form::Set => {
                let mut list = command.parameters()?;
                let range = if name == "+FTPCACHE" { CACHE } else { 0..=1 };
                let value = list.number(range)?;
                list.end()?;
                match name {
                    "+FTPMODE" => self.access.active = value == 1,
                    "+FTPINFO" => self.lines.info = value == 1,
                    "+MSTART" => self.announces = value == 1,
                    _ => self.session.resize_cache(value)?,
                }
            }
            Form::Execute | Form::Test => return Err(Refused::Parameters),
        }
        modem.ok();
        Ok(())
    }
}

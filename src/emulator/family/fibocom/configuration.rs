//! The commands that set what is kept.

use super::state::{Fibocom, Refused};
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// The sizes `AT+FTPCACHE` takes.
const CACHE: std::ops::RangeInclusive<u64> = 1024..=513_024;

impl Fibocom {
    /// What the test form of a command prints. Invented, except the sizes of the cache: no public document shows them.
    pub(super) fn range(&self, name: &str) -> Option<String> {
        Some(match name {
            "MIPCALL" | "FTPMODE" | "FTPINFO" | "MSTART" => "(0,1)".to_owned(),
            "FTPCACHE" => format!("({}-{})", CACHE.start(), CACHE.end()),
            "FTPRECV" | "FTP_RECV" => format!("(1-{})", self.options.recv_max),
            "GTRAT" => "(0-6,10),(2,3,6),(2,3,6)".to_owned(),
            "FTPLIST" => "(<\"file/directory name\">)".to_owned(),
            _ => return None,
        })
    }

    pub(super) fn setting(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let name = command.name.as_str();
        match command.form {
            // Invented, except for AT+FTPCACHE?: the guide has no read forms of these.
            Form::Read => {
                let value = match name {
                    "+FTPMODE" => u8::from(self.settings.active).to_string(),
                    "+FTPINFO" => u8::from(self.settings.info).to_string(),
                    "+FTPCACHE" => self.cache.size().to_string(),
                    "+MSTART" => u8::from(self.stored.announces).to_string(),
                    _ => self.stored.search_order.clone(),
                };
                modem.line(&format!("{name}: {value}"));
            }
            Form::Set if name == "+GTRAT" => self.search_order(command)?,
            Form::Set => {
                let mut list = command.parameters()?;
                let range = if name == "+FTPCACHE" { CACHE } else { 0..=1 };
                let value = list.number(range)?;
                list.end()?;
                match name {
                    "+FTPMODE" => self.settings.active = value == 1,
                    "+FTPINFO" => self.settings.info = value == 1,
                    "+MSTART" => self.stored.announces = value == 1,
                    _ => self.resize_cache(value)?,
                }
            }
            Form::Execute | Form::Test => return Err(Refused::Parameters),
        }
        modem.ok();
        Ok(())
    }

    /// `AT+GTRAT=<act>[,<preferred>[,<preferred>]]`
    fn search_order(&mut self, command: &Command<'_>) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let mut order = Vec::new();
        order.push(list.number(0..=10)?);
        while list.len() > 0 && order.len() < 3 {
            order.push(list.number(2..=6)?);
        }
        list.end()?;
        if matches!(order.first(), Some(7..=9)) {
            return Err(Refused::Parameters);
        }
        let order: Vec<_> = order.iter().map(u64::to_string).collect();
        self.stored.search_order = order.join(",");
        self.settings.search_changed = true;
        Ok(())
    }
}

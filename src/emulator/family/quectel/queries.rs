//! The commands without data: `OK` now, and the result later.

use super::control::Control;
use super::failure::Refused;
use super::state::{Quectel, State, Work};
use crate::emulator::command::{Command, Parameters};
use crate::emulator::modem::Modem;

impl Quectel {
    /// A command without data: `OK` now, its result later.
    pub(super) fn control(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let name = command.name.as_str();
        let control = if name == "+QFTPPWD" {
            Control::Directory
        } else {
            let mut list = command.parameters()?;
            let path = self.remote_name(&mut list)?;
            let control = match name {
                "+QFTPCWD" => Control::Change(path),
                "+QFTPSIZE" => Control::Size(path),
                "+QFTPMDTM" => Control::Modified(path),
                "+QFTPDEL" => Control::Delete(path),
                "+QFTPMKDIR" => Control::MakeDirectory(path),
                "+QFTPRMDIR" => Control::RemoveDirectory(path),
                _ => Control::Rename(path, self.remote_name(&mut list)?),
            };
            list.end()?;
            control
        };
        let overlaps = self.options.overlapping_commands
            && self.session.state == State::Idle
            && self.session.put.is_none()
            && self.session.job.is_some();
        if !overlaps {
            self.ready()?;
        }
        modem.ok();
        if overlaps {
            self.session.waiting.push_back((name.to_owned(), control));
        } else {
            self.begin(name, Work::Control(control), modem);
        }
        Ok(())
    }

    /// A name on the server, in quotes.
    pub(super) fn remote_name(&self, list: &mut Parameters<'_>) -> Result<String, Refused> {
        Ok(list.quoted(1..=self.options.name_limit)?)
    }
}

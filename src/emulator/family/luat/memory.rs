//! The commands about the module's memory and files: `AT+FTPEXTPUT`, `AT+FTPEXTGET`, `AT+FTPFILEPUT`,
//! `AT+FTPGETTOFS`, `AT+FTPPUTFRMFS` (Luat AT manual; SIM800, SIM7000 and SIM7080 AT manuals).

use std::time::Duration;

use super::answer::{Answer, Refusal};
use super::files::downloaded;
use super::operation::Operation;
use super::options::LuatProfile;
use super::reconnection::Reconnection;
use super::state::{Luat, Receiving};
use crate::emulator::command::{Command, Form, Malformed, Parameters};
use crate::emulator::modem::Modem;

/// Directories of `AT+FTPEXTGET=2` on the SIM7080, by number (SIM7080 AT manual V1.05, file system commands).
const DIRECTORIES: [&str; 4] = ["/custapp", "/fota", "/datatx", "/customer"];

impl Luat {
    pub(super) fn memory_command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Answer> {
        let profile = self.options.profile;
        let has_files = matches!(profile, LuatProfile::Air780e | LuatProfile::Sim800);
        let name = command.name.as_str();
        let known = match name {
            "+FTPEXTPUT" | "+FTPEXTGET" => true,
            "+FTPGETTOFS" | "+FTPPUTFRMFS" => has_files,
            "+FTPFILEPUT" => profile == LuatProfile::Air780e,
            _ => false,
        };
        if !known {
            return None;
        }
        Some(match (name, command.form) {
            (_, Form::Test) => {
                modem.ok();
                Ok(())
            }
            ("+FTPEXTGET" | "+FTPGETTOFS" | "+FTPPUTFRMFS", Form::Read) => {
                modem.line(&self.slot.session.progress(name));
                modem.ok();
                Ok(())
            }
            ("+FTPEXTPUT", Form::Set) => self.memory.collect(command, &self.options, modem).map(|position| {
                if let Some(position) = position {
                    self.receiving = Receiving::Memory(position);
                }
            }),
            ("+FTPEXTGET", Form::Set) => self.extended_get(command, modem),
            ("+FTPFILEPUT", Form::Set) => self.memory.choose_file(command, modem),
            ("+FTPGETTOFS", Form::Set) => self.move_file(Operation::ToFile, command, modem),
            ("+FTPPUTFRMFS", Form::Set) => self.move_file(Operation::FromFile, command, modem),
            _ => Err(Refusal::Format),
        })
    }

    /// `AT+FTPEXTGET`
    fn extended_get(&mut self, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let luat = self.options.profile == LuatProfile::Air780e;
        let mut list = command.parameters()?;
        let mode = list.number(0..=if luat { 4 } else { 3 })?;
        if self.memory.upload.is_some() && mode > 0 {
            return Err(Refusal::State);
        }
        match mode {
            0 => {
                list.end()?;
                self.memory.received = None;
                modem.ok();
                Ok(())
            }
            1 => {
                list.end()?;
                self.open(Operation::ToMemory, modem)
            }
            2 => self.save_received(list, modem),
            3 => {
                let position = list.number(0..=u64::from(u32::MAX))?;
                let length = list.number(1..=u64::from(u32::MAX))?;
                list.end()?;
                self.memory.show_received(position, length, modem)
            }
            _ if list.len() == 0 => self.open(Operation::Stream, modem),
            _ => {
                let count = list.number(1..=self.options.ext_get_limit as u64)?;
                list.end()?;
                let count = usize::try_from(count).map_err(|_| Refusal::Format)?;
                self.read(Operation::Stream, count, modem)
            }
        }
    }

    fn save_received(&mut self, mut list: Parameters<'_>, modem: &mut Modem) -> Answer {
        if self.options.profile == LuatProfile::Sim7080 {
            let directory = usize::try_from(list.number(0..=3)?).map_err(|_| Refusal::Format)?;
            list.end()?;
            let directory = DIRECTORIES.get(directory).ok_or(Refusal::Format)?;
            let path = format!("{directory}/{}", self.access.settings.get_name);
            if self.memory.files.exists(&path) {
                return Err(Refusal::State);
            }
            self.memory.path = path;
            self.memory.reconnection = Reconnection::default();
            return self.open(Operation::ToDirectory, modem);
        }
        let name = list.text(1..=64)?;
        list.end()?;
        self.memory.save_received(&name, modem)
    }

    /// `AT+FTPGETTOFS` and `AT+FTPPUTFRMFS`
    fn move_file(&mut self, operation: Operation, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        let path = if operation == Operation::ToFile {
            list.number(0..=0)?;
            downloaded(&list.text(1..=64)?)
        } else {
            list.text(1..=128)?
        };
        let reconnection = reconnection(list)?;
        if self.slot.session.operation().is_none() {
            self.memory.path = path;
            self.memory.reconnection = reconnection;
        }
        self.open(operation, modem)
    }
}

/// `[,<num>,<time>]`: default: 3 times and 5 s.
fn reconnection(mut list: Parameters<'_>) -> Result<Reconnection, Malformed> {
    let count = list.optional_number(0..=255)?.unwrap_or(3);
    let pause = list.optional_number(0..=60)?.unwrap_or(5);
    list.end()?;
    Ok(Reconnection { count, pause: Duration::from_secs(pause) })
}

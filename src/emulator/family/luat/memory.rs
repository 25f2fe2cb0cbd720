//! The commands about the module's memory and files: `AT+FTPEXTPUT`, `AT+FTPEXTGET`, `AT+FTPFILEPUT`,
//! `AT+FTPGETTOFS`, `AT+FTPPUTFRMFS` (Luat AT manual; SIM800, SIM7000 and SIM7080 AT manuals).

use std::time::Duration;

use super::answer::{Answer, Refusal};
use super::files::downloaded;
use super::operation::Operation;
use super::options::LuatProfile;
use super::session::Session;
use super::state::{Luat, Receiving};
use super::transfer::{Background, Reconnection};
use super::{codes, token};
use crate::emulator::command::{Command, Form, Malformed, Parameters};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;

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
                modem.line(&self.progress(name));
                modem.ok();
                Ok(())
            }
            ("+FTPEXTPUT", Form::Set) => self.collect(command, modem),
            ("+FTPEXTGET", Form::Set) => self.extended_get(command, modem),
            ("+FTPFILEPUT", Form::Set) => self.choose_file(command, modem),
            ("+FTPGETTOFS", Form::Set) => self.get_to_file(command, modem),
            ("+FTPPUTFRMFS", Form::Set) => self.put_from_file(command, modem),
            _ => Err(Refusal::Format),
        })
    }

    /// The read forms: 0 says that nothing is going on, not that anything succeeded.
    fn progress(&self, name: &str) -> String {
        match &self.session {
            Session::Background(transfer) if transfer.operation.name() == name => {
                let counts = match transfer.operation {
                    Operation::ToFile => {
                        format!("{},{}", transfer.received(), transfer.written())
                    }
                    Operation::FromFile => transfer.sent().to_string(),
                    _ => transfer.received().to_string(),
                };
                format!("{name}: 1,{counts}")
            }
            _ => format!("{name}: 0"),
        }
    }

    /// `AT+FTPEXTPUT`
    fn collect(&mut self, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        let mode = list.number(0..=2)?;
        if mode < 2 {
            list.end()?;
            self.memory.upload = (mode == 1).then(Vec::new);
            modem.ok();
            return Ok(());
        }
        let (limit, least) = match self.options.profile {
            LuatProfile::Sim7080 => (320 * 1024, 1),
            _ => (300 * 1024, 0),
        };
        let position = list.number(0..=limit)?;
        let length = list.number(least..=limit.saturating_sub(position))?;
        let patience = Duration::from_millis(list.number(1000..=1_000_000)?);
        list.end()?;
        if self.memory.upload.is_none() {
            return Err(Refusal::State);
        }
        if self.options.ext_put_line {
            modem.line(&format!("+FTPEXTPUT: {position},{length}"));
        }
        if length == 0 {
            modem.ok();
            return Ok(());
        }
        let position = usize::try_from(position).map_err(|_| Refusal::Format)?;
        self.receiving = Receiving::Memory(position);
        modem.receive(Intake::counted(length).or_idle(patience));
        Ok(())
    }

    /// Data of `AT+FTPEXTPUT=2`: where the next byte goes.
    pub(super) fn collected(&mut self, position: usize, bytes: &[u8]) -> usize {
        self.memory.write(position, bytes);
        position.saturating_add(bytes.len())
    }

    pub(super) fn after_collecting(end: IntakeEnd, modem: &mut Modem) {
        if end == IntakeEnd::Complete {
            modem.ok();
        } else {
            modem.error();
        }
    }

    /// What `AT+FTPPUT=1` sends without asking the host, if anything.
    pub(super) fn prepared_upload(&self) -> Option<Result<Vec<u8>, u16>> {
        match (&self.memory.upload, &self.memory.file) {
            (Some(data), _) => Some(Ok(data.clone())),
            (None, Some(path)) => Some(self.files.read(path).map_err(|_| codes::FILE)),
            (None, None) => None,
        }
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
                self.show_received(position, length, modem)
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
            let path = format!("{directory}/{}", self.settings.get_name);
            if self.files.exists(&path) {
                return Err(Refusal::State);
            }
            self.memory.path = path;
            self.memory.reconnection = Reconnection::default();
            return self.open(Operation::ToDirectory, modem);
        }
        let name = list.text(1..=64)?;
        list.end()?;
        let data = self.memory.received.clone().ok_or(Refusal::State)?;
        let length = data.len();
        self.files.write(&downloaded(&name), data).map_err(|_| Refusal::State)?;
        modem.line(&format!("+FTPEXTGET: 2,{length}"));
        modem.ok();
        Ok(())
    }

    fn show_received(&self, position: u64, length: u64, modem: &mut Modem) -> Answer {
        let data = self.memory.received.as_ref().ok_or(Refusal::State)?;
        let start = usize::try_from(position).map_err(|_| Refusal::Format)?;
        let rest = data.get(start..).ok_or(Refusal::Format)?;
        let length = usize::try_from(length).map_err(|_| Refusal::Format)?;
        let shown = rest.get(..length).unwrap_or(rest).to_vec();
        modem.line(&format!("+FTPEXTGET: 3,{}", shown.len()));
        modem.stream(Stream::block(shown, token::SHOWN));
        Ok(())
    }

    /// `AT+FTPFILEPUT`
    fn choose_file(&mut self, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        let file = match list.number(0..=1)? {
            0 => None,
            _ => Some(list.text(1..=128)?),
        };
        list.end()?;
        if self.memory.upload.is_some() {
            return Err(Refusal::State);
        }
        self.memory.file = file;
        modem.ok();
        Ok(())
    }

    /// `AT+FTPGETTOFS`
    fn get_to_file(&mut self, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        list.number(0..=0)?;
        let path = downloaded(&list.text(1..=64)?);
        let reconnection = reconnection(list)?;
        if self.session.operation().is_none() {
            self.memory.path = path;
            self.memory.reconnection = reconnection;
        }
        self.open(Operation::ToFile, modem)
    }

    /// `AT+FTPPUTFRMFS`
    fn put_from_file(&mut self, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        let path = list.text(1..=128)?;
        let reconnection = reconnection(list)?;
        if self.session.operation().is_none() {
            self.memory.path = path;
            self.memory.reconnection = reconnection;
        }
        self.open(Operation::FromFile, modem)
    }

    /// A session that fills the module's memory or a file of its own.
    pub(super) fn start_keeping(&mut self, operation: Operation, modem: &mut Modem) -> Result<Vec<String>, u16> {
        let source = self.retrieve(0, modem)?;
        let path = (operation != Operation::ToMemory).then(|| self.memory.path.clone());
        let reconnection = match operation {
            Operation::ToFile => self.memory.reconnection,
            _ => Reconnection::default(),
        };
        self.start_background(Background::download(operation, source, path, reconnection), modem)
    }

    /// A session that sends a file of the module.
    pub(super) fn start_file_upload(&mut self, modem: &mut Modem) -> Result<Vec<String>, u16> {
        let data = self.files.read(&self.memory.path).map_err(|_| codes::FILE)?;
        let put = self.begin_put(None, modem)?;
        let transfer = Background::upload(Operation::FromFile, put, data, self.memory.reconnection);
        self.start_background(transfer, modem)
    }

    pub(super) fn start_background(&mut self, transfer: Background, modem: &mut Modem) -> Result<Vec<String>, u16> {
        self.session = Session::Background(Box::new(transfer));
        modem.network_timer(token::STEP);
        Ok(Vec::new())
    }
}

/// `[,<num>,<time>]`: default: 3 times and 5 s.
fn reconnection(mut list: Parameters<'_>) -> Result<Reconnection, Malformed> {
    let count = list.optional_number(0..=255)?.unwrap_or(3);
    let pause = list.optional_number(0..=60)?.unwrap_or(5);
    list.end()?;
    Ok(Reconnection { count, pause: Duration::from_secs(pause) })
}

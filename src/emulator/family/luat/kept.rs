//! The module's memory, which holds what is to be uploaded or has been downloaded.

use std::time::Duration;

use super::answer::{Answer, Refusal};
use super::files::{Files, downloaded};
use super::options::{LuatOptions, LuatProfile};
use super::reconnection::Reconnection;
use super::{codes, token};
use crate::emulator::command::Command;
use crate::emulator::intake::Intake;
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;

/// What the commands about the module's memory and files keep between each other.
pub(super) struct Memory {
    /// `AT+FTPEXTPUT=1` is in force, and this is what has been collected.
    pub(super) upload: Option<Vec<u8>>,
    /// `AT+FTPFILEPUT=1` is in force, for this file.
    pub(super) file: Option<String>,
    /// What `AT+FTPEXTGET=1` has downloaded.
    pub(super) received: Option<Vec<u8>>,
    /// The local file of the transfer being opened.
    pub(super) path: String,
    pub(super) reconnection: Reconnection,
    pub(super) files: Files,
}

impl Memory {
    pub(super) fn new(options: &LuatOptions) -> Self {
        Self {
            upload: options.ext_put_on.then(Vec::new),
            file: None,
            received: None,
            path: String::new(),
            reconnection: Reconnection::default(),
            files: Files::new(options),
        }
    }

    /// Writes at `position`; what lies before it and was never written is zero.
    pub(super) fn write(&mut self, position: usize, bytes: &[u8]) {
        let Some(upload) = &mut self.upload else {
            return;
        };
        let end = position.saturating_add(bytes.len());
        if upload.len() < end {
            upload.resize(end, 0);
        }
        if let Some(space) = upload.get_mut(position..end) {
            space.copy_from_slice(bytes);
        }
    }

    /// `AT+FTPEXTPUT`: where the data goes that the host sends now.
    pub(super) fn collect(
        &mut self,
        command: &Command<'_>,
        options: &LuatOptions,
        modem: &mut Modem,
    ) -> Result<Option<usize>, Refusal> {
        let mut list = command.parameters()?;
        let mode = list.number(0..=2)?;
        if mode < 2 {
            list.end()?;
            self.upload = (mode == 1).then(Vec::new);
            modem.ok();
            return Ok(None);
        }
        let (limit, least) = match options.profile {
            LuatProfile::Sim7080 => (320 * 1024, 1),
            _ => (300 * 1024, 0),
        };
        let position = list.number(0..=limit)?;
        let length = list.number(least..=limit.saturating_sub(position))?;
        let patience = Duration::from_millis(list.number(1000..=1_000_000)?);
        list.end()?;
        if self.upload.is_none() {
            return Err(Refusal::State);
        }
        if options.ext_put_line {
            modem.line(&format!("+FTPEXTPUT: {position},{length}"));
        }
        if length == 0 {
            modem.ok();
            return Ok(None);
        }
        let position = usize::try_from(position).map_err(|_| Refusal::Format)?;
        modem.receive(Intake::counted(length).or_idle(patience));
        Ok(Some(position))
    }

    /// What `AT+FTPPUT=1` sends without asking the host, if anything.
    pub(super) fn prepared_upload(&self) -> Option<Result<Vec<u8>, u16>> {
        match (&self.upload, &self.file) {
            (Some(data), _) => Some(Ok(data.clone())),
            (None, Some(path)) => Some(self.files.read(path).map_err(|_| codes::FILE)),
            (None, None) => None,
        }
    }

    /// `AT+FTPEXTGET=2`: a file of what has been downloaded.
    pub(super) fn save_received(&mut self, name: &str, modem: &mut Modem) -> Answer {
        let data = self.received.clone().ok_or(Refusal::State)?;
        let length = data.len();
        self.files.write(&downloaded(name), data).map_err(|_| Refusal::State)?;
        modem.line(&format!("+FTPEXTGET: 2,{length}"));
        modem.ok();
        Ok(())
    }

    /// `AT+FTPEXTGET=3`
    pub(super) fn show_received(&self, position: u64, length: u64, modem: &mut Modem) -> Answer {
        let data = self.received.as_ref().ok_or(Refusal::State)?;
        let start = usize::try_from(position).map_err(|_| Refusal::Format)?;
        let rest = data.get(start..).ok_or(Refusal::Format)?;
        let length = usize::try_from(length).map_err(|_| Refusal::Format)?;
        let shown = rest.get(..length).unwrap_or(rest).to_vec();
        modem.line(&format!("+FTPEXTGET: 3,{}", shown.len()));
        modem.stream(Stream::block(shown, token::SHOWN));
        Ok(())
    }

    /// `AT+FTPFILEPUT`
    pub(super) fn choose_file(&mut self, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        let file = match list.number(0..=1)? {
            0 => None,
            _ => Some(list.text(1..=128)?),
        };
        list.end()?;
        if self.upload.is_some() {
            return Err(Refusal::State);
        }
        self.file = file;
        modem.ok();
        Ok(())
    }
}

//! Files that are open: `AT+QFOPEN` to `AT+QFCLOSE` (Quectel LTE Standard FILE application note).

use super::super::failure::{Answer, Refused};
use super::super::options::QuectelOptions;
use super::handles::Handle;
use super::moving::{Goal, Incoming, Moving, Outgoing};
use super::storage::{DRIVE_FULL, NOT_FOUND};
use super::{ALREADY_OPEN, DEFAULT_PATIENCE, DEFAULT_SIZE, Files, name_of, trailing};
use crate::emulator::command::Parameters;
use crate::emulator::modem::Modem;

const BEYOND_END: u16 = 401;
const AT_END: u16 = 402;
const TOO_MANY: u16 = 413;
const READ_ONLY: u16 = 414;

/// So many files may be open at a time.
const OPEN_AT_ONCE: usize = 10;

impl Files {
    /// `AT+QFOPEN="name"[,<mode>]`: 0 makes the file if need be, 1 empties it too, 2 only reads.
    pub(super) fn open(&mut self, list: &mut Parameters<'_>, modem: &mut Modem) -> Answer {
        let name = name_of(list)?;
        let mode = trailing(list, 0..=2, 0)?;
        list.end()?;
        let name = self.full_name(&name)?;
        if self.handles.holds(&name) {
            return Err(Refused::Code(ALREADY_OPEN));
        }
        if self.handles.handles.len() >= OPEN_AT_ONCE {
            return Err(Refused::Code(TOO_MANY));
        }
        match (mode, self.storage.content(&name).is_some()) {
            (2, false) => return Err(Refused::Code(NOT_FOUND)),
            (1, _) | (_, false) => self.storage.create(&name),
            _ => {}
        }
        let number = self.handles.free_number();
        self.handles.handles.push(Handle { number, name, mode, position: 0 });
        modem.line(&format!("+QFOPEN: {number}"));
        modem.ok();
        Ok(())
    }

    /// `AT+QFREAD=<handle>[,<length>]`
    pub(super) fn read(
        &mut self,
        list: &mut Parameters<'_>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Result<Moving, Refused> {
        let number = list.number(0..=u64::MAX)?;
        let length = trailing(list, 1..=u64::MAX, u64::MAX)?;
        list.end()?;
        let handle = self.handles.by_number(number)?;
        let content = self.storage.content(&handle.name).unwrap_or_default();
        let rest = content.get(handle.position..).unwrap_or_default();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let piece = rest.get(..length).unwrap_or(rest).to_vec();
        if piece.is_empty() && !options.empty_read {
            return Err(Refused::Code(AT_END));
        }
        handle.position = handle.position.saturating_add(piece.len());
        modem.line(&format!("CONNECT {}", piece.len()));
        Ok(Outgoing::begin(piece, None, options, modem))
    }

    /// `AT+QFWRITE=<handle>[,<length>[,<timeout>]]`
    pub(super) fn write(
        &mut self,
        list: &mut Parameters<'_>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Result<Moving, Refused> {
        let number = list.number(0..=u64::MAX)?;
        let size = trailing(list, 1..=u64::MAX, DEFAULT_SIZE)?;
        let patience = trailing(list, 1..=65535, DEFAULT_PATIENCE)?;
        list.end()?;
        let handle = self.handles.by_number(number)?;
        if handle.mode == 2 {
            return Err(Refused::Code(READ_ONLY));
        }
        if self.storage.free_on_drive_of(&handle.name) < size {
            return Err(Refused::Code(DRIVE_FULL));
        }
        let name = handle.name.clone();
        Ok(Incoming::begin(name, Goal::Write(number), (size, patience), options, modem))
    }

    /// `AT+QFSEEK=<handle>,<offset>[,<position>]`: from the beginning, the present position, or back from the end.
    pub(super) fn seek(&mut self, list: &mut Parameters<'_>, modem: &mut Modem) -> Answer {
        let number = list.number(0..=u64::MAX)?;
        let offset = list.number(0..=u64::MAX)?;
        let from = trailing(list, 0..=2, 0)?;
        list.end()?;
        let handle = self.handles.by_number(number)?;
        let end = self.storage.content(&handle.name).map_or(0, <[u8]>::len);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        handle.position = match from {
            0 => Some(offset),
            1 => handle.position.checked_add(offset),
            _ => end.checked_sub(offset),
        }
        .filter(|position| *position <= end)
        .ok_or(Refused::Code(BEYOND_END))?;
        modem.ok();
        Ok(())
    }

    /// `AT+QFCLOSE=<handle>`
    pub(super) fn close(&mut self, list: &mut Parameters<'_>, modem: &mut Modem) -> Answer {
        let number = list.number(0..=u64::MAX)?;
        list.end()?;
        self.handles.by_number(number)?;
        self.handles.handles.retain(|handle| handle.number != number);
        modem.ok();
        Ok(())
    }
}

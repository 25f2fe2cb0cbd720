//! The commands for local files: `AT+QF…` (Quectel LTE Standard FILE application note).

mod handles;
mod moving;
mod open;
pub(super) mod storage;

use std::io::{self, Read};

use super::failure::{Answer, FILE_ERROR, FILE_POSITION, Failure, INVALID_INPUT, OPEN_FILE, Refused};
use super::options::QuectelOptions;
use crate::emulator::command::{Command, Form, Parameters};
use crate::emulator::modem::Modem;
use handles::Handles;
pub(super) use moving::Moving;
use moving::{Goal, Incoming, Outgoing};
use storage::{DRIVE_FULL, EXISTS, NOT_FOUND, Storage};

const ALREADY_OPEN: u16 = 426;

/// `AT+QFUPL` and `AT+QFWRITE` without a size take this much.
const DEFAULT_SIZE: u64 = 10_240;
/// And wait for so many seconds.
const DEFAULT_PATIENCE: u64 = 5;

/// How much goes to a local file at a time.
const PIECE: usize = 64 * 1024;

/// The answer to the test form of a file command, apart from `OK`.
fn test_form(name: &str) -> Option<&'static str> {
    Some(match name {
        "+QFUPL" => "+QFUPL: <filename>[,(1-<freesize>)[,(1-65535)[,(0,1)]]]",
        "+QFDWL" => "+QFDWL: <filename>",
        "+QFOPEN" => "+QFOPEN: <filename>[,(0-2)]",
        "+QFREAD" => "+QFREAD: <filehandle>[,<length>]",
        "+QFWRITE" => "+QFWRITE: <filehandle>[,<length>[,<timeout>]]",
        "+QFSEEK" => "+QFSEEK: <filehandle>,<offset>[,<position>]",
        "+QFCLOSE" => "+QFCLOSE: <filehandle>",
        "+QFDEL" => "+QFDEL: <filename>",
        "+QFLST" | "+QFLDS" => "",
        _ => return None,
    })
}

/// A number that may be left out together with everything behind it.
fn trailing(list: &mut Parameters<'_>, range: std::ops::RangeInclusive<u64>, default: u64) -> Result<u64, Refused> {
    if list.len() == 0 {
        return Ok(default);
    }
    Ok(list.number(range)?)
}

fn name_of(list: &mut Parameters<'_>) -> Result<String, Refused> {
    Ok(list.quoted(1..=usize::MAX)?)
}

/// A command that is not refused has been answered, unless data follow.
type Begun = Result<Option<Moving>, Refused>;

/// Why the module does not have all of a file that comes from the server.
pub(super) enum Incomplete {
    /// There is no more room.
    Full,
    /// Its source failed.
    Broken(io::Error),
}

/// The module's own files, and those of them that are open.
///
/// A file is open once at most. As long as it is open, it is neither deleted nor replaced nor transferred, so that the
/// position in it is never behind its end.
pub(super) struct Files {
    storage: Storage,
    handles: Handles,
}

impl Files {
    pub(super) fn new(options: &QuectelOptions) -> Self {
        Self { storage: Storage::new(options), handles: Handles::default() }
    }

    /// From now on every drive has room for so many bytes more.
    pub(super) fn limit(&mut self, free: u64) {
        self.storage.limit(free);
    }

    /// The module restarts: nothing is open any more, and what is in memory only is lost.
    pub(super) fn restart(&mut self) {
        self.storage.restart();
        self.handles = Handles::default();
    }

    /// An `AT+QF…` command that is not `AT+QFTP…`; `None` if there is no such form.
    pub(super) fn execute(
        &mut self,
        command: &Command<'_>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Option<Begun> {
        let name = command.name.as_str();
        let answer = match (name, command.form) {
            (_, Form::Test) => {
                let text = test_form(name)?;
                if !text.is_empty() {
                    modem.line(text);
                }
                modem.ok();
                Ok(())
            }
            ("+QFOPEN", Form::Read) => {
                modem.lines(&self.handles.shown());
                modem.ok();
                Ok(())
            }
            ("+QFLST", Form::Execute) => self.list("*", options, modem),
            ("+QFLDS", Form::Execute) => {
                let sizes = self.storage.on("UFS").map(|(_, content)| content.len());
                let (count, total) = sizes.fold((0, 0), |(count, total), size| (count + 1, total + size as u64));
                modem.line(&format!("+QFLDS: {total},{count}"));
                modem.ok();
                Ok(())
            }
            (_, Form::Set) => {
                let mut list = match command.parameters() {
                    Ok(list) => list,
                    Err(malformed) => return Some(Err(malformed.into())),
                };
                return self.set(name, &mut list, options, modem);
            }
            _ => return None,
        };
        Some(answer.map(|()| None))
    }

    fn set(
        &mut self,
        name: &str,
        list: &mut Parameters<'_>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Option<Begun> {
        let answer = match name {
            "+QFUPL" => return Some(self.upload(list, options, modem).map(Some)),
            "+QFDWL" => return Some(self.download(list, options, modem).map(Some)),
            "+QFREAD" => return Some(self.read(list, options, modem).map(Some)),
            "+QFWRITE" => return Some(self.write(list, options, modem).map(Some)),
            "+QFOPEN" => self.open(list, modem),
            "+QFSEEK" => self.seek(list, modem),
            "+QFCLOSE" => self.close(list, modem),
            "+QFDEL" => self.delete(list, modem),
            "+QFLST" => name_of(list).and_then(|pattern| {
                list.end()?;
                self.list(&pattern, options, modem)
            }),
            "+QFLDS" => self.show_space(list, modem),
            _ => return None,
        };
        Some(answer.map(|()| None))
    }

    fn full_name(&self, name: &str) -> Result<String, Refused> {
        self.storage.full_name(name).map_err(Refused::Code)
    }

    /// `AT+QFUPL="name"[,<size>[,<timeout>[,<ackmode>]]]`
    fn upload(
        &mut self,
        list: &mut Parameters<'_>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Result<Moving, Refused> {
        let name = name_of(list)?;
        let size = trailing(list, 1..=u64::MAX, DEFAULT_SIZE)?;
        let patience = trailing(list, 1..=65535, DEFAULT_PATIENCE)?;
        let acknowledges = trailing(list, 0..=1, 0)? == 1;
        list.end()?;
        let name = self.full_name(&name)?;
        if self.storage.content(&name).is_some() {
            return Err(Refused::Code(EXISTS));
        }
        if self.storage.free_on_drive_of(&name) < size {
            return Err(Refused::Code(DRIVE_FULL));
        }
        self.storage.create(&name);
        let goal = Goal::Upload { acknowledges, acknowledged: 0 };
        Ok(Incoming::begin(name, goal, (size, patience), options, modem))
    }

    /// `AT+QFDWL="name"`
    fn download(
        &self,
        list: &mut Parameters<'_>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Result<Moving, Refused> {
        let name = name_of(list)?;
        list.end()?;
        let name = self.full_name(&name)?;
        if self.handles.holds(&name) {
            return Err(Refused::Code(ALREADY_OPEN));
        }
        let content = self.storage.content(&name).ok_or(Refused::Code(NOT_FOUND))?.to_vec();
        let sum = storage::printed(storage::checksum(&content), options.checksum);
        let line = format!("+QFDWL: {},{sum}", content.len());
        modem.line("CONNECT");
        Ok(Outgoing::begin(content, Some(line), options, modem))
    }

    /// `AT+QFDEL="name"`, or all files of a drive.
    fn delete(&mut self, list: &mut Parameters<'_>, modem: &mut Modem) -> Answer {
        let name = name_of(list)?;
        list.end()?;
        if let Some(drive) = self.storage.whole_drive(&name) {
            if self.handles.any_on(&drive) {
                return Err(Refused::Code(ALREADY_OPEN));
            }
            self.storage.clear(&drive);
        } else {
            let name = self.full_name(&name)?;
            if self.handles.holds(&name) {
                return Err(Refused::Code(ALREADY_OPEN));
            }
            if !self.storage.remove(&name) {
                return Err(Refused::Code(NOT_FOUND));
            }
        }
        modem.ok();
        Ok(())
    }

    /// `AT+QFLST="pattern"`
    fn list(&self, pattern: &str, options: &QuectelOptions, modem: &mut Modem) -> Answer {
        let entry = |name: &str, size: usize| {
            let name = match name.split_once(':') {
                Some((_, leaf)) if !options.storage_in_listing => leaf,
                _ => name,
            };
            if options.quoted_listing { format!("+QFLST: \"{name}\",{size}") } else { format!("+QFLST: {name},{size}") }
        };
        let mut lines = Vec::new();
        if let Some(drive) = self.storage.whole_drive(pattern) {
            if drive == "UFS" {
                lines.extend(options.directories.iter().map(|name| entry(name, 0)));
            }
            let files = self.storage.on(&drive);
            lines.extend(files.map(|(name, content)| entry(name, content.len())));
        } else {
            let name = self.full_name(pattern)?;
            match self.storage.content(&name) {
                Some(content) => lines.push(entry(&name, content.len())),
                None if options.missing_listing_fails => return Err(Refused::Code(NOT_FOUND)),
                None => {}
            }
        }
        modem.lines(&lines);
        modem.ok();
        Ok(())
    }

    /// `AT+QFLDS="drive"`
    fn show_space(&self, list: &mut Parameters<'_>, modem: &mut Modem) -> Answer {
        let drive = name_of(list)?;
        list.end()?;
        let (free, total) = self.storage.space(&drive).ok_or(Refused::Code(INVALID_INPUT))?;
        modem.line(&format!("+QFLDS: {free},{total}"));
        modem.ok();
        Ok(())
    }

    /// The content of a file, named with or without its storage.
    pub(super) fn content(&self, name: &str) -> Option<&[u8]> {
        self.storage.content(&self.storage.full_name(name).ok()?)
    }

    /// What of a file goes to the server if the first bytes of it do not.
    pub(super) fn to_send(&self, name: &str, skipped: u64) -> Result<Vec<u8>, Failure> {
        let name = self.storage.full_name(name).map_err(|_| Failure::local(FILE_ERROR))?;
        let content = match self.storage.content(&name) {
            Some(content) if !self.handles.holds(&name) => content,
            _ => return Err(Failure::local(OPEN_FILE)),
        };
        let content = usize::try_from(skipped).ok().and_then(|skipped| content.get(skipped..));
        content.map(<[u8]>::to_vec).ok_or(Failure::local(FILE_POSITION))
    }

    /// The full name of a file that a download may replace.
    pub(super) fn to_replace(&self, name: &str) -> Result<String, Failure> {
        let name = self.storage.full_name(name).map_err(|_| Failure::local(FILE_ERROR))?;
        if self.handles.holds(&name) { Err(Failure::local(OPEN_FILE)) } else { Ok(name) }
    }

    /// Replaces the file of this full name by all that a reader gives, and returns its length.
    pub(super) fn replace(&mut self, name: &str, reader: &mut dyn Read) -> Result<u64, Incomplete> {
        self.storage.create(name);
        let mut piece = vec![0; PIECE];
        let mut total = 0_u64;
        loop {
            let count = match reader.read(&mut piece) {
                Ok(0) => return Ok(total),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Incomplete::Broken(error)),
            };
            if self.storage.append(name, piece.get(..count).unwrap_or_default()) < count {
                return Err(Incomplete::Full);
            }
            total = total.saturating_add(count as u64);
        }
    }
}

//! The commands for local files: `AT+QF…` (Quectel LTE Standard FILE application note).

mod open;

use std::io::{Cursor, Read};
use std::time::Duration;

use super::data::{Data, FileGoal, FileIntake};
use super::failure::{INVALID_INPUT, Refused};
use super::state::Quectel;
use super::storage::{self, DRIVE_FULL, EXISTS, NOT_FOUND};
use super::token::LOCAL_FILE;
use crate::emulator::command::{Command, Form, Parameters};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;

const TIMEOUT: u16 = 421;
const ALREADY_OPEN: u16 = 426;
const ESCAPED: u16 = 429;

/// `AT+QFUPL` and `AT+QFWRITE` without a size take this much.
const DEFAULT_SIZE: u64 = 10_240;
/// And wait for so many seconds.
const DEFAULT_PATIENCE: u64 = 5;
/// `AT+QFUPL` acknowledges every so many bytes.
const ACKNOWLEDGED: u64 = 1024;

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

impl Quectel {
    /// An `AT+QF…` command that is not `AT+QFTP…`; `None` if there is no such form.
    pub(super) fn file(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Result<(), Refused>> {
        let name = command.name.as_str();
        Some(match (name, command.form) {
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
            ("+QFLST", Form::Execute) => self.list_files("*", modem),
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
                let list = &mut list;
                match name {
                    "+QFUPL" => self.upload_file(list, modem),
                    "+QFDWL" => self.download_file(list, modem),
                    "+QFOPEN" => self.open_file(list, modem),
                    "+QFREAD" => self.read_file(list, modem),
                    "+QFWRITE" => self.write_file(list, modem),
                    "+QFSEEK" => self.seek_file(list, modem),
                    "+QFCLOSE" => self.close_file(list, modem),
                    "+QFDEL" => self.delete_file(list, modem),
                    "+QFLST" => name_of(list).and_then(|pattern| {
                        list.end()?;
                        self.list_files(&pattern, modem)
                    }),
                    "+QFLDS" => self.show_space(list, modem),
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    fn full_name(&self, name: &str) -> Result<String, Refused> {
        self.storage.full_name(name).map_err(Refused::Code)
    }

    /// `AT+QFUPL="name"[,<size>[,<timeout>[,<ackmode>]]]`
    fn upload_file(&mut self, list: &mut Parameters<'_>, modem: &mut Modem) -> Result<(), Refused> {
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
        let goal = FileGoal::Upload { acknowledges, acknowledged: 0 };
        self.take_file_data(name, size, patience, goal, modem);
        Ok(())
    }

    fn take_file_data(&mut self, name: String, size: u64, patience: u64, goal: FileGoal, modem: &mut Modem) {
        self.data = Data::File(FileIntake { name, received: 0, goal });
        modem.line("CONNECT");
        modem
            .receive(Intake::counted(size).or_escape(self.options.escape_guard).or_idle(Duration::from_secs(patience)));
    }

    pub(super) fn file_payload(&mut self, bytes: &[u8], modem: &mut Modem) {
        let Data::File(intake) = &mut self.data else {
            return;
        };
        intake.received = intake.received.saturating_add(bytes.len() as u64);
        match &mut intake.goal {
            FileGoal::Upload { acknowledges, acknowledged } => {
                self.storage.append(&intake.name, bytes);
                let step = if self.options.paired_acknowledgements { 2 } else { 1 };
                while *acknowledges && intake.received / ACKNOWLEDGED >= *acknowledged + step {
                    for _ in 0..step {
                        *acknowledged += 1;
                        if self.options.lost_acknowledgement != Some(*acknowledged) {
                            modem.bytes(b"A");
                        }
                    }
                }
            }
            FileGoal::Write(number) => {
                if let Ok(handle) = self.handles.by_number(*number) {
                    let written = self.storage.write(&intake.name, handle.position, bytes);
                    handle.position = handle.position.saturating_add(written);
                }
            }
        }
    }

    pub(super) fn end_file(&mut self, intake: FileIntake, end: IntakeEnd, modem: &mut Modem) {
        let content = self.storage.content(&intake.name).unwrap_or_default();
        match intake.goal {
            FileGoal::Upload { acknowledges, acknowledged } => {
                let owed = intake.received / ACKNOWLEDGED;
                if acknowledges && acknowledged < owed && self.options.lost_acknowledgement != Some(owed) {
                    modem.bytes(b"A");
                }
                let sum = storage::printed(storage::checksum(content), self.options.checksum);
                let text = format!("+QFUPL: {},{sum}", content.len());
                if self.options.glued_upload_result {
                    modem.bytes(format!("{text}\r\n").as_bytes());
                } else {
                    modem.line(&text);
                }
            }
            FileGoal::Write(_) => {
                modem.line(&format!("+QFWRITE: {},{}", intake.received, content.len()));
            }
        }
        match end {
            IntakeEnd::Complete => modem.ok(),
            // A time-out is a number even under AT+CMEE=2.
            IntakeEnd::Idle if modem.basic.cmee != 0 => {
                modem.result(&format!("+CME ERROR: {TIMEOUT}"));
            }
            IntakeEnd::Idle => modem.error(),
            _ => modem.cme(ESCAPED),
        }
    }

    /// Bytes of a local file leave, and after them a line and `OK`.
    fn send_file_data(&mut self, bytes: Vec<u8>, line: Option<String>, modem: &mut Modem) {
        self.data = Data::Reading(line);
        let reader: Box<dyn Read + Send> = Box::new(Cursor::new(bytes));
        modem.stream(Stream::new(reader, LOCAL_FILE));
        modem.receive(Intake::open().or_escape(self.options.escape_guard));
    }

    /// The last byte of a local file has left.
    pub(super) fn end_reading(&mut self, modem: &mut Modem) {
        let Data::Reading(line) = std::mem::take(&mut self.data) else {
            return;
        };
        modem.leave_data_mode();
        self.options.data_end.say(modem);
        if let Some(line) = line {
            modem.line(&line);
        }
        modem.ok();
    }

    /// The host has escaped while a local file was being sent.
    pub(super) fn escape_reading(modem: &mut Modem) {
        drop(modem.queue.stop_stream());
        modem.cme(ESCAPED);
    }

    /// `AT+QFDWL="name"`
    fn download_file(&mut self, list: &mut Parameters<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let name = name_of(list)?;
        list.end()?;
        let name = self.full_name(&name)?;
        if self.handles.holds(&name) {
            return Err(Refused::Code(ALREADY_OPEN));
        }
        let content = self.storage.content(&name).ok_or(Refused::Code(NOT_FOUND))?.to_vec();
        let sum = storage::printed(storage::checksum(&content), self.options.checksum);
        let line = format!("+QFDWL: {},{sum}", content.len());
        modem.line("CONNECT");
        self.send_file_data(content, Some(line), modem);
        Ok(())
    }

    /// `AT+QFDEL="name"`, or all files of a drive.
    fn delete_file(&mut self, list: &mut Parameters<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let name = name_of(list)?;
        list.end()?;
        if let Some(drive) = self.whole_drive(&name) {
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

    /// The drive that a pattern such as `*` or `RAM:*` means.
    fn whole_drive(&self, pattern: &str) -> Option<String> {
        let drive = match pattern {
            "*" => "UFS",
            _ => pattern.strip_suffix(":*")?,
        };
        self.storage.space(drive).map(|_| drive.to_owned())
    }

    /// `AT+QFLST="pattern"`
    fn list_files(&self, pattern: &str, modem: &mut Modem) -> Result<(), Refused> {
        let options = &self.options;
        let entry = |name: &str, size: usize| {
            let name = match name.split_once(':') {
                Some((_, leaf)) if !options.storage_in_listing => leaf,
                _ => name,
            };
            if options.quoted_listing { format!("+QFLST: \"{name}\",{size}") } else { format!("+QFLST: {name},{size}") }
        };
        let mut lines = Vec::new();
        if let Some(drive) = self.whole_drive(pattern) {
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
    fn show_space(&self, list: &mut Parameters<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let drive = name_of(list)?;
        list.end()?;
        let (free, total) = self.storage.space(&drive).ok_or(Refused::Code(INVALID_INPUT))?;
        modem.line(&format!("+QFLDS: {free},{total}"));
        modem.ok();
        Ok(())
    }
}

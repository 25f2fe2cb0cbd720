//! Files in the module and the commands for them (China Mobile OpenCPU SDK, `cm_file_at_cmd.c`).

use std::io::Cursor;
use std::time::Duration;

use super::code::{BAD_PARAMETER, Refused, file};
use super::lines::{answer, prompt};
use super::options::ChinaMobileOptions;
use super::storage::{Files, Flash, Full, Incoming, Place, absolute};
use crate::emulator::command::{Command, Form, Parameters, Value};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;

/// The longest name of a file.
const NAME: usize = 255;
/// The tag of a file on its way to the host.
pub(super) const STREAM: u32 = 32;

fn name(list: &mut Parameters<'_>) -> Result<String, Refused> {
    Ok(list.quoted(1..=NAME)?)
}

impl Flash {
    /// `None` if it is no file command.
    pub(super) fn file_command(
        &mut self,
        command: &Command<'_>,
        options: &ChinaMobileOptions,
        modem: &mut Modem,
    ) -> Option<Result<(), Refused>> {
        let known = ["+MFPUT", "+MFGET", "+MFSIZE", "+MFLIST", "+MFDELETE", "+MFMOVE", "+MFSINFO", "+MFCFG"];
        if !known.contains(&command.name.as_str()) {
            return None;
        }
        Some(match (command.name.as_str(), command.form) {
            ("+MFCFG", Form::Test) => {
                let ranges = ["\"timeout\",(1-120)", "\"encoding\",(0-1),(0-1)"];
                answer(&ranges.map(|range| format!("+MFCFG: {range}")), modem)
            }
            ("+MFLIST", Form::Execute) => answer(&self.files.rows("/"), modem),
            ("+MFDELETE", Form::Execute) => {
                self.files.files.clear();
                answer(&[], modem)
            }
            ("+MFSINFO", Form::Execute) => {
                let remaining = self.files.room_for("");
                let line = format!("+MFSINFO: {},{remaining}", self.files.capacity);
                answer(&[line], modem)
            }
            ("+MFSINFO", _) | (_, Form::Execute | Form::Read | Form::Test) => Err(Refused(file::NOT_ALLOWED)),
            (name, Form::Set) => {
                let list = command.parameters().map_err(Refused::from);
                list.and_then(|list| self.file_operation(name, list, options, modem))
            }
        })
    }

    fn file_operation(
        &mut self,
        command: &str,
        mut list: Parameters<'_>,
        options: &ChinaMobileOptions,
        modem: &mut Modem,
    ) -> Result<(), Refused> {
        if command == "+MFCFG" {
            let lines = self.files.configure(&mut list)?;
            return answer(&lines, modem);
        }
        let name = name(&mut list)?;
        match command {
            "+MFPUT" => return self.put_file(&name, list, options, modem),
            "+MFMOVE" => {
                let new_name = absolute(&self::name(&mut list)?);
                list.end()?;
                let files = &mut self.files.files;
                let content = files.remove(&absolute(&name)).ok_or(Refused(file::MISSING))?;
                files.insert(new_name, content);
                return answer(&[], modem);
            }
            _ => list.end()?,
        }
        match command {
            "+MFGET" => self.get_file(&name, modem),
            "+MFSIZE" => {
                let content = self.files.content(&name).filter(|bytes| !bytes.is_empty());
                let size = content.ok_or(Refused(file::FAILED))?.len();
                answer(&[format!("+MFSIZE: {size}")], modem)
            }
            "+MFLIST" => answer(&self.files.rows(&name), modem),
            _ => {
                let removed = self.files.files.remove(&absolute(&name));
                removed.ok_or(Refused(file::NOT_DELETED))?;
                answer(&[], modem)
            }
        }
    }

    /// `AT+MFPUT=<name>,<size>[,<data>]`; without data a prompt, with a size of 0 up to Ctrl-Z.
    fn put_file(
        &mut self,
        name: &str,
        mut list: Parameters<'_>,
        options: &ChinaMobileOptions,
        modem: &mut Modem,
    ) -> Result<(), Refused> {
        let size = list.number(0..=u64::from(u32::MAX))?;
        if list.len() == 0 {
            let intake = match size {
                0 => Intake::until_ctrl_z(),
                size => Intake::counted(size),
            };
            self.incoming = Some(Incoming { name: name.to_owned(), data: Vec::new(), place: Place::Files });
            prompt(options, modem);
            modem.receive(intake.or_idle(Duration::from_secs(self.files.settings.timeout)));
            return Ok(());
        }
        let Value::Quoted(data) = list.value() else {
            return Err(Refused(BAD_PARAMETER));
        };
        list.end()?;
        let data =
            if self.files.settings.hex_input { unhex(data).ok_or(Refused(BAD_PARAMETER))? } else { data.to_vec() };
        if size != 0 && data.len() as u64 != size {
            return Err(Refused(BAD_PARAMETER));
        }
        self.keep_file(name, data, modem)
    }

    fn keep_file(&mut self, name: &str, data: Vec<u8>, modem: &mut Modem) -> Result<(), Refused> {
        let size = data.len();
        self.files.put(name, data).map_err(|Full| Refused(file::NOT_WRITTEN))?;
        answer(&[format!("+MFPUT: {size}")], modem)
    }

    /// Data for the file that is being received; whether there is one.
    pub(super) fn take_file(&mut self, bytes: &[u8]) -> bool {
        let Some(incoming) = &mut self.incoming else {
            return false;
        };
        // One byte more than there is room for shows that there were too many.
        let room = self.files.capacity.saturating_add(1);
        let room = room.saturating_sub(incoming.data.len());
        incoming.data.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        true
    }

    /// The file that was being received is complete; whether there was one.
    pub(super) fn end_file(&mut self, end: IntakeEnd, modem: &mut Modem) -> bool {
        let Some(Incoming { name, data, place }) = self.incoming.take() else {
            return false;
        };
        if place == Place::Certificates {
            if end == IntakeEnd::Complete {
                self.ssl.keep(name, data);
                modem.ok();
            } else {
                modem.cme(BAD_PARAMETER);
            }
        } else if end == IntakeEnd::Cancel {
            // What is cancelled leaves an empty file behind and is answered with OK alone.
            drop(self.files.put(&name, Vec::new()));
            modem.ok();
        } else if let Err(Refused(code)) = self.keep_file(&name, data, modem) {
            modem.cme(code);
        }
        true
    }

    fn get_file(&self, name: &str, modem: &mut Modem) -> Result<(), Refused> {
        let content = self.files.content(name).ok_or(Refused(file::NOT_OPENED))?;
        let size = content.len();
        let content = if self.files.settings.hex_output { hex(content) } else { content.to_vec() };
        modem.head(&format!("+MFGET: {size},"));
        modem.stream(Stream::new(Box::new(Cursor::new(content)), STREAM).tail(b"\r\n"));
        Ok(())
    }
}

impl Files {
    fn configure(&mut self, list: &mut Parameters<'_>) -> Result<Vec<String>, Refused> {
        let key = list.quoted(1..=16)?;
        let asks = list.len() == 0;
        let settings = &mut self.settings;
        match key.as_str() {
            "timeout" if asks => {
                return Ok(vec![format!("+MFCFG: \"timeout\",{}", settings.timeout)]);
            }
            "encoding" if asks => {
                let (input, output) = (settings.hex_input, settings.hex_output);
                let (input, output) = (u8::from(input), u8::from(output));
                return Ok(vec![format!("+MFCFG: \"encoding\",{input},{output}")]);
            }
            "timeout" => {
                let timeout = list.number(1..=120)?;
                list.end()?;
                settings.timeout = timeout;
            }
            "encoding" => {
                let input = list.number(0..=1)?;
                let output = list.optional_number(0..=1)?;
                list.end()?;
                settings.hex_input = input == 1;
                settings.hex_output = output.map_or(settings.hex_output, |output| output == 1);
            }
            _ => return Err(Refused(BAD_PARAMETER)),
        }
        Ok(Vec::new())
    }
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect()
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| {
            let (high, low) = (*pair.first()?, *pair.last()?);
            u8::try_from(digit(high)? * 16 + digit(low)?).ok()
        })
        .collect()
}

//! `AT+MFTPAPPE` and `AT+MFTPSTOR` (OneMO FTP AT manual V3.1.0 §3.11, §3.12).

use super::code::{BAD_PARAMETER, Refused, result, result_of};
use super::connection::{Job, Put, Task};
use super::options::SentLength;
use super::verb::{LONGEST_PIECE, Source, Verb};
use super::{ChinaMobile, Entry, EntryKind};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::{RemoteError, StoreMode, Upload};

const ESC: u8 = 0x1B;

const fn mode(verb: Verb) -> StoreMode {
    match verb {
        Verb::Append => StoreMode::Append,
        _ => StoreMode::Create,
    }
}

impl ChinaMobile {
    /// Begins an upload whose data comes from the serial line or a file.
    pub(super) fn upload(
        &mut self,
        id: usize,
        verb: Verb,
        file: String,
        source: Source,
        modem: &mut Modem,
    ) -> Result<(), Refused> {
        match source {
            Source::Transparent => self.connect_through(id, verb, &file, modem)?,
            Source::Prompt { last, length } => {
                self.prompt(modem);
                modem.receive(self.prompt_intake(length));
                self.entry = Some(Entry { id, verb, kind: EntryKind::Piece { file, data: Vec::new(), last } });
            }
            Source::Inline { last, data } => {
                self.start(id, verb, Task::Piece { file, data, last }, modem);
            }
            Source::File(local) => {
                let request = super::Request::Upload { file, source: Source::File(local) };
                self.start(id, verb, Task::Request(request), modem);
            }
        }
        Ok(())
    }

    pub(super) fn prompt(&self, modem: &mut Modem) {
        modem.head(">");
        modem.bytes(self.options.prompt_tail.as_bytes());
    }

    fn prompt_intake(&self, length: Option<u64>) -> Intake {
        let intake = length.map_or_else(Intake::until_ctrl_z, Intake::counted);
        match self.options.prompt_timeout {
            Some(limit) => intake.or_idle(limit),
            None => intake,
        }
    }

    /// Transparent mode: the port is connected through to the server.
    fn connect_through(&mut self, id: usize, verb: Verb, file: &str, modem: &mut Modem) -> Result<(), Refused> {
        modem.clock.delay(modem.options.network_latency);
        let connection = self.connections.get_mut(id).ok_or(Refused(BAD_PARAMETER))?;
        let upload = connection.remote(modem).store(file, mode(verb)).map_err(|error| {
            connection.failed(&error);
            Refused(verb.error())
        });
        let upload = match upload {
            Ok(upload) => upload,
            Err(refused) => {
                self.report_loss(id, modem);
                return Err(refused);
            }
        };
        modem.line("CONNECT");
        modem.receive(Intake::open().or_escape(self.options.escape_guard));
        self.entry = Some(Entry { id, verb, kind: EntryKind::Transparent { upload, sent: 0 } });
        Ok(())
    }

    /// Data for the upload in progress.
    pub(super) fn take_data(&mut self, bytes: &[u8], modem: &mut Modem) {
        let Some(entry) = &mut self.entry else { return };
        match &mut entry.kind {
            EntryKind::Piece { data, .. } => {
                // One byte more than allowed shows that there were too many.
                let room = (LONGEST_PIECE + 1).saturating_sub(data.len());
                data.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            }
            EntryKind::Transparent { upload, sent } => {
                let Err(error) = upload.write_all(bytes) else {
                    *sent = sent.saturating_add(bytes.len() as u64);
                    return;
                };
                let (id, verb, sent) = (entry.id, entry.verb, *sent);
                self.entry = None;
                self.failed(id, &RemoteError::from_io(&error));
                modem.leave_data_mode();
                modem.finish();
                let fields = format!(",{sent}");
                self.conclude(id, verb, false, result::TRANSPARENT, &fields, modem);
            }
        }
    }

    /// The host has given all the data it wants to give.
    pub(super) fn end_data(&mut self, end: IntakeEnd, modem: &mut Modem) {
        let Some(Entry { id, verb, kind }) = self.entry.take() else {
            return;
        };
        match kind {
            EntryKind::Transparent { upload, sent } => {
                modem.clock.delay(modem.options.network_latency);
                let finished = upload.finish();
                modem.ok();
                match finished {
                    Ok(()) if !self.options.transparent_result => {}
                    Ok(()) => {
                        let fields = format!(",{sent}");
                        self.conclude(id, verb, false, result::SUCCESS, &fields, modem);
                    }
                    Err(error) => {
                        let code = self.failed(id, &error);
                        self.conclude(id, verb, false, code, &format!(",{sent}"), modem);
                    }
                }
            }
            EntryKind::Piece { file, data, last } => match end {
                IntakeEnd::Cancel if self.options.escape_cancels => modem.ok(),
                IntakeEnd::Cancel => {
                    let kind = EntryKind::Piece { file, data, last };
                    self.entry = Some(Entry { id, verb, kind });
                    modem.receive(self.prompt_intake(None));
                    self.take_data(&[ESC], modem);
                }
                IntakeEnd::Complete | IntakeEnd::Terminator if (1..=LONGEST_PIECE).contains(&data.len()) => {
                    self.start(id, verb, Task::Piece { file, data, last }, modem);
                }
                IntakeEnd::Complete | IntakeEnd::Terminator => modem.cme(BAD_PARAMETER),
                _ => modem.cme(verb.error()),
            },
        }
    }

    /// Sends one piece to the server, the first one opening the file and the last one closing it.
    pub(super) fn send_piece(
        &mut self,
        id: usize,
        job: (Verb, bool),
        file: String,
        data: &[u8],
        last: bool,
        modem: &mut Modem,
    ) {
        let (verb, in_command) = job;
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let before = connection.put.as_ref().map_or(0, |put| put.sent);
        let put = match connection.put.take() {
            Some(put) => Ok(put),
            None => connection
                .remote(modem)
                .store(&file, mode(verb))
                .map(|upload| Put { verb, file, upload, sent: 0 })
                .map_err(|error| connection.failed(&error)),
        };
        let sent = put.and_then(|mut put| {
            send(put.upload.as_mut(), data).map_err(|error| {
                connection.failed(&error);
                match error {
                    RemoteError::Reply { .. } => result_of(&error),
                    RemoteError::Network(_) => result::SENDING,
                }
            })?;
            put.sent = put.sent.saturating_add(data.len() as u64);
            let total = put.sent;
            if last {
                put.upload.finish().map_err(|error| connection.failed(&error))?;
            } else {
                connection.put = Some(put);
            }
            Ok(match self.options.sent_length {
                SentLength::Piece => data.len() as u64,
                SentLength::Total => total,
            })
        });
        let (code, sent) = match sent {
            Ok(sent) => (result::SUCCESS, sent),
            Err(code) if self.options.sent_length == SentLength::Total => (code, before),
            Err(code) => (code, 0),
        };
        self.conclude(id, verb, in_command, code, &format!(",{sent}"), modem);
    }

    /// Sends a file of the module.
    pub(super) fn send_file(&mut self, id: usize, job: (Verb, bool), file: String, local: &str, modem: &mut Modem) {
        let (verb, in_command) = job;
        match self.files.content(local).map(<[u8]>::to_vec) {
            Some(data) => self.send_piece(id, job, file, &data, true, modem),
            None => self.conclude(id, verb, in_command, result::FILE, ",0", modem),
        }
    }

    /// Whether `verb` on `file` goes on with the upload that is open.
    pub(super) fn continues(&self, id: usize, verb: Verb, wanted: &str, source: &Source) -> bool {
        let put = self.connections.get(id).and_then(|connection| connection.put.as_ref());
        put.is_some_and(|put| put.verb == verb && put.file == wanted)
            && matches!(source, Source::Prompt { .. } | Source::Inline { .. })
    }

    /// Occupies the connection with a task; `OK` comes now, or with its result.
    pub(super) fn start(&mut self, id: usize, verb: Verb, task: Task, modem: &mut Modem) {
        let in_command = Self::result_comes_first(&task, modem);
        let code = super::take_code(&mut self.options.results, verb);
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let patience = connection.config.patience();
        let task = code.map_or(task, Task::Fixed);
        connection.job = Some(Job { verb, task, in_command });
        if !in_command {
            modem.ok();
            if self.options.progress_line {
                self.say(&super::result_line(id, verb, result::PROGRESS), false, modem);
            }
        }
        modem.timer(super::token(id), modem.options.network_latency.min(patience));
    }
}

fn send(upload: &mut dyn Upload, data: &[u8]) -> Result<(), RemoteError> {
    upload.write_all(data).map_err(|error| RemoteError::from_io(&error))
}

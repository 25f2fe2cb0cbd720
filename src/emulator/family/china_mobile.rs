//! The China Mobile dialect: OneMO FTP AT manual V3.1.0.
//!
//! `OK` says that a command was accepted; its result comes later in a line of its own, for each of six connections.

mod code;
mod config;
mod connection;
mod extras;
mod files;
mod list;
mod network;
pub(crate) mod options;
pub(super) mod profiles;
mod retrieve;
#[cfg(test)]
pub(super) mod sample;
mod session;
mod ssl;
mod storage;
#[cfg(test)]
mod tests;
mod upload;
mod verb;

use std::collections::BTreeSet;

use crate::emulator::choices::{Identity, ResultOrder};
use crate::emulator::command::{Command, Form, Parameters};
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::extra;
use crate::emulator::intake::IntakeEnd;
use crate::emulator::modem::Modem;
use crate::emulator::queue::StreamEnd;
use crate::emulator::remote::{RemoteError, Upload};
use code::{BAD_PARAMETER, NOT_RUNNING, RUNNING, Refused, error_text, result};
use config::Config;
use connection::{Connection, Task};
use options::{BusyAnswer, ChinaMobileModel, ChinaMobileOptions, StateErrors};
use ssl::Ssl;
use storage::{Files, Incoming};
use verb::{Request, Source, Verb};

/// How many connections there are.
const CONNECTIONS: usize = 6;
/// Timers beside those of the connections' tasks: their losses, PDP contexts, and `AT+MIPCALL`.
const LOSS: u32 = 8;
const CONTEXTS: u32 = 16;
const CALLS: u32 = 17;

/// The timer of a connection's task.
fn token(id: usize) -> u32 {
    u32::try_from(id).unwrap_or(u32::MAX)
}

/// What data mode is for.
struct Entry {
    id: usize,
    verb: Verb,
    kind: EntryKind,
}

enum EntryKind {
    Transparent { upload: Box<dyn Upload>, sent: u64 },
    Piece { file: String, data: Vec<u8>, last: bool },
}

/// The China Mobile FTP client.
pub(crate) struct ChinaMobile {
    options: ChinaMobileOptions,
    connections: [Connection; CONNECTIONS],
    files: Files,
    ssl: Ssl,
    entry: Option<Entry>,
    /// A file for the module that is being received.
    incoming: Option<Incoming>,
    /// Active PDP contexts the host has been disconnected from.
    hung_up: BTreeSet<u64>,
    /// PDP contexts on their way up or down.
    dialling: Vec<(u64, bool)>,
    /// Pieces of downloads since power-on.
    pieces: u32,
}

impl ChinaMobile {
    pub(crate) fn new(options: &ChinaMobileOptions) -> Self {
        Self {
            options: options.clone(),
            connections: Default::default(),
            files: Files::new(options.storage),
            ssl: Ssl::default(),
            entry: None,
            incoming: None,
            hung_up: BTreeSet::new(),
            dialling: Vec::new(),
            pieces: 0,
        }
    }

    fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Result<(), Refused>> {
        if let Some(verb) = Verb::from_name(&command.name) {
            return match command.form {
                Form::Set => Some(self.accept(verb, command, modem)),
                Form::Test => Some(answer(&[verb.range()], modem)),
                Form::Read | Form::Execute => None,
            };
        }
        Some(match (command.name.as_str(), command.form) {
            ("+MFTPCFG", Form::Test) => answer(&Config::ranges(&self.options), modem),
            ("+MFTPCFG", Form::Set) => self.configure(command, modem),
            ("+MFTPSTATE", Form::Test) => answer(&["+MFTPSTATE: (0-5)".to_owned()], modem),
            ("+MFTPSTATE", Form::Set) => self.state(command, modem),
            (name, _) if name.starts_with("+MSSL") => return self.ssl_command(command, modem),
            (name, _) if name.starts_with("+MF") => return self.file_command(command, modem),
            ("+MIPCALL", form) => return self.call(form, command, modem),
            ("+CGACT" | "+CFUN", Form::Set) => {
                // They are common commands; connections lose their context when they are done.
                modem.timer(CONTEXTS, std::time::Duration::ZERO);
                return None;
            }
            _ => return None,
        })
    }

    fn configure(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let id = connection_id(&mut list)?;
        let connection = self.connections.get_mut(id).ok_or(Refused(BAD_PARAMETER))?;
        let lines = connection.config.access(id, &mut list, &self.options)?;
        answer(&lines, modem)
    }

    fn state(&self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let id = connection_id(&mut list)?;
        list.end()?;
        let state = self.connections.get(id).map_or(0, Connection::state);
        answer(&[format!("+MFTPSTATE: {id},{state}")], modem)
    }

    /// A command that ends with a result line.
    fn accept(&mut self, verb: Verb, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let id = connection_id(&mut list)?;
        let connection = self.connections.get(id).ok_or(Refused(BAD_PARAMETER))?;
        let request = verb.request(&mut list, &connection.config)?;
        let (is_open, has_job, has_put) = (connection.is_open, connection.job.is_some(), connection.put.is_some());
        let goes_on = match &request {
            Request::Disconnect => true,
            Request::Upload { file, source } => self.continues(id, verb, file, source),
            _ => false,
        };
        if let Some(code) = take_code(&mut self.options.refusals, verb) {
            return Err(Refused(code));
        }
        let is_blocked = self.options.busy_together && self.connections.iter().any(|other| other.job.is_some());
        if has_job || is_blocked || (has_put && !goes_on) {
            return self.refuse_busy(id, verb, modem);
        }
        if is_open == (verb == Verb::Connect) {
            return Err(Refused(match self.options.state_errors {
                StateErrors::PerCommand => verb.error(),
                StateErrors::Running if is_open => RUNNING,
                StateErrors::Running => NOT_RUNNING,
            }));
        }
        match request {
            Request::Upload { file, source } => self.upload(id, verb, file, source, modem),
            request => {
                self.start(id, verb, Task::Request(request), modem);
                Ok(())
            }
        }
    }

    fn refuse_busy(&self, id: usize, verb: Verb, modem: &mut Modem) -> Result<(), Refused> {
        if self.options.busy_answer == BusyAnswer::Error {
            return Err(Refused(RUNNING));
        }
        let line = result_line(id, verb, result::BLOCKED);
        if modem.options.result_order == ResultOrder::OkLast {
            modem.line(&line);
            modem.ok();
        } else {
            modem.ok();
            self.say(&line, false, modem);
        }
        Ok(())
    }

    fn result_comes_first(task: &Task, modem: &Modem) -> bool {
        match modem.options.result_order {
            ResultOrder::OkFirst => false,
            ResultOrder::OkLast => true,
            // The sessions of §4.1 show it so for files of the module only.
            ResultOrder::Native => matches!(task, Task::Request(Request::Upload { source: Source::File(_), .. })),
        }
    }

    /// A connection's task goes on.
    fn run(&mut self, id: usize, modem: &mut Modem) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let Some(job) = connection.job.take() else {
            return;
        };
        let (verb, in_command) = (job.verb, job.in_command);
        let is_late = modem.options.network_latency > connection.config.patience();
        match job.task {
            Task::Rows(rows) => self.print_rows(id, rows, in_command, modem),
            Task::Download(download) => self.next_piece(id, download, in_command, modem),
            Task::Fixed(code) => self.fail(id, verb, in_command, code, modem),
            _ if is_late => {
                let code = if verb == Verb::Connect { result::CONNECT_TIMEOUT } else { result::TIMEOUT };
                self.fail(id, verb, in_command, code, modem);
            }
            Task::Piece { .. } if !connection.is_open => {
                self.fail(id, verb, in_command, result::NETWORK, modem);
            }
            Task::Piece { file, data, last } => {
                self.send_piece(id, (verb, in_command), file, &data, last, modem);
            }
            Task::Request(request) => self.perform(id, verb, request, in_command, modem),
        }
    }

    fn occupy(&mut self, id: usize, verb: Verb, task: Task, in_command: bool) {
        if let Some(connection) = self.connections.get_mut(id) {
            connection.job = Some(connection::Job { verb, task, in_command });
        }
    }

    /// The result code of a failed operation on a connection.
    fn failed(&mut self, id: usize, error: &RemoteError) -> u8 {
        match self.connections.get_mut(id) {
            Some(connection) => connection.failed(error),
            None => code::result_of(error),
        }
    }

    /// The result line of a command that came to nothing.
    fn fail(&mut self, id: usize, verb: Verb, in_command: bool, code: u8, modem: &mut Modem) {
        let fields = if verb.is_upload() { ",0" } else { "" };
        self.conclude(id, verb, in_command, code, fields, modem);
    }

    /// The last result line of a command.
    fn conclude(&mut self, id: usize, verb: Verb, in_command: bool, code: u8, fields: &str, modem: &mut Modem) {
        if take(&mut self.options.lost_results, verb, String::as_str).is_none() {
            let line = format!("{}: {id},{code}{fields}", verb.name());
            self.say(&line, in_command, modem);
        }
        self.release(id, in_command, modem);
    }

    /// The connection is free again.
    fn release(&mut self, id: usize, in_command: bool, modem: &mut Modem) {
        if in_command {
            modem.ok();
        }
        self.report_loss(id, modem);
    }

    /// Reports a connection that broke.
    fn report_loss(&mut self, id: usize, modem: &mut Modem) {
        let is_lost = self.connections.get_mut(id).is_some_and(|connection| std::mem::take(&mut connection.is_lost));
        if is_lost {
            modem.timers.cancel(LOSS + token(id));
            self.say(&format!("+MFTPURC: {id},\"conn\",0"), false, modem);
        }
    }

    /// A line that belongs to a command in progress, or comes unsolicited.
    fn say(&self, text: &str, in_command: bool, modem: &mut Modem) {
        if in_command {
            modem.line(text);
            return;
        }
        let is_free = !modem.in_data && !modem.progress.is_busy();
        if is_free {
            self.wake(modem);
        }
        if is_free && !self.options.urc_line_end {
            modem.head(text);
        } else {
            modem.urc(text);
        }
    }

    fn wake(&self, modem: &mut Modem) {
        if let Some(byte) = self.options.wake_byte {
            modem.bytes(&[byte]);
        }
    }
}

/// The first thing planned for `verb`.
fn take<T>(planned: &mut Vec<T>, verb: Verb, name: impl Fn(&T) -> &str) -> Option<T> {
    let index = planned.iter().position(|plan| name(plan).eq_ignore_ascii_case(verb.name()))?;
    Some(planned.remove(index))
}

/// The code planned for the next `verb`.
fn take_code<T>(planned: &mut Vec<(String, T)>, verb: Verb) -> Option<T> {
    take(planned, verb, |(name, _)| name).map(|(_, code)| code)
}

fn result_line(id: usize, verb: Verb, code: u8) -> String {
    let fields = if verb.is_upload() { ",0" } else { "" };
    format!("{}: {id},{code}{fields}", verb.name())
}

/// `<connect_id>`
fn connection_id(list: &mut Parameters<'_>) -> Result<usize, Refused> {
    let id = list.number(0..=CONNECTIONS as u64 - 1)?;
    usize::try_from(id).map_err(|_| Refused(BAD_PARAMETER))
}

/// Information lines and `OK`.
fn answer(lines: &[String], modem: &mut Modem) -> Result<(), Refused> {
    for line in lines {
        modem.line(line);
    }
    modem.ok();
    Ok(())
}

impl Dialect for ChinaMobile {
    fn identity(&self) -> Identity {
        let model = match self.options.model {
            ChinaMobileModel::Ml302a => "ML302A-DSLM",
            ChinaMobileModel::Ml305a => "ML305A-DS",
            ChinaMobileModel::Ml305u => "ML305U-DBLN",
            ChinaMobileModel::Ml307a => "ML307A-DSLN",
            ChinaMobileModel::Ml307r => "ML307R-DC",
            ChinaMobileModel::Ml307n => "ML307N",
            ChinaMobileModel::Mr880a => "MR880A",
        };
        // The revision is invented.
        Identity::new("CMCC", model, &format!("{model}_V1.0"))
    }

    fn extras(&self) -> &'static [&'static [extra::Row]] {
        &[extras::ROWS]
    }

    fn boot_lines(&self) -> Vec<String> {
        vec!["+MATREADY".to_owned()]
    }

    fn default_cmee(&self) -> u8 {
        1
    }

    fn error_text(&self) -> fn(u16) -> Option<&'static str> {
        error_text
    }

    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled {
        match self.execute(command, modem) {
            None => return Handled::No,
            Some(Ok(())) => {}
            Some(Err(Refused(code))) => modem.cme(code),
        }
        Handled::Yes
    }

    fn payload(&mut self, bytes: &[u8], modem: &mut Modem) {
        if !self.take_file(bytes) {
            self.take_data(bytes, modem);
        }
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        if !self.end_file(end, modem) {
            self.end_data(end, modem);
        }
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        if end.tag == files::STREAM {
            modem.ok();
            return;
        }
        let id = usize::try_from(end.tag).unwrap_or(CONNECTIONS);
        let job = self.connections.get(id).and_then(|it| it.job.as_ref());
        if !job.is_some_and(|job| matches!(job.task, Task::Download(_))) {
            return;
        }
        let gap = self.options.piece_gap;
        if gap.is_zero() {
            self.run(id, modem);
        } else {
            modem.timer(end.tag, gap);
        }
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        let index = |first: u32| usize::try_from(token.saturating_sub(first)).unwrap_or(CONNECTIONS);
        match token {
            CONTEXTS => self.check_contexts(modem),
            CALLS => self.settle_calls(modem),
            LOSS..CONTEXTS => self.break_off(index(LOSS), modem),
            _ => self.run(index(0), modem),
        }
    }

    fn limit_memory(&mut self, free: u64) {
        self.files.limit(free);
    }

    fn restart(&mut self) {
        let mut files = std::mem::take(&mut self.files);
        files.restart();
        let mut ssl = std::mem::take(&mut self.ssl);
        ssl.restart();
        *self = Self { files, ssl, pieces: self.pieces, ..Self::new(&self.options) };
    }
}

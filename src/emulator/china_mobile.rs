//! The China Mobile dialect: OneMO FTP AT manual V3.1.0.
//!
//! `OK` says that a command was accepted; its result comes later in a line of its own, for each of six connections.

mod code;
mod config;
mod connection;
mod files;
mod list;
mod network;
pub(crate) mod options;
mod retrieve;
#[cfg(test)]
mod tests;
mod upload;
mod verb;

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, BufReader};

use super::command::{Command, Form, Parameters};
use super::dialect::{Dialect, Handled};
use super::intake::IntakeEnd;
use super::modem::Modem;
use super::options::{Identity, ResultOrder};
use super::queue::StreamEnd;
use super::remote::{Listing, NetworkCause, RemoteError, Upload};
use code::{BAD_PARAMETER, NOT_RUNNING, RUNNING, Refused, error_text, result};
use config::Config;
use connection::{Connection, Task};
use files::Files;
use options::{BusyAnswer, ChinaMobileModel, ChinaMobileOptions, EmptyList, ListEnd, StateErrors};
use retrieve::Part;
use verb::{Request, Source, Verb};

/// Timers: the connections' tasks, their losses, and the PDP contexts.
const CONNECTIONS: usize = 6;
const LOSS: u32 = 8;
const CONTEXTS: u32 = 16;

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
    Transparent {
        upload: Box<dyn Upload>,
        sent: u64,
    },
    Piece {
        file: String,
        data: Vec<u8>,
        last: bool,
    },
}

/// The China Mobile FTP client.
pub(crate) struct ChinaMobile {
    options: ChinaMobileOptions,
    connections: [Connection; CONNECTIONS],
    files: Files,
    entry: Option<Entry>,
    /// Active PDP contexts the host has been disconnected from.
    hung_up: BTreeSet<u64>,
    /// Pieces of downloads since power-on.
    pieces: u32,
}

impl ChinaMobile {
    pub(crate) fn new(options: &ChinaMobileOptions) -> Self {
        Self {
            options: options.clone(),
            connections: Default::default(),
            files: Files::new(options.storage),
            entry: None,
            hung_up: BTreeSet::new(),
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
    fn accept(
        &mut self,
        verb: Verb,
        command: &Command<'_>,
        modem: &mut Modem,
    ) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let id = connection_id(&mut list)?;
        let connection = self.connections.get(id).ok_or(Refused(BAD_PARAMETER))?;
        let request = verb.request(&mut list, &connection.config)?;
        let (is_open, has_job, has_put) = (
            connection.is_open,
            connection.job.is_some(),
            connection.put.is_some(),
        );
        let goes_on = match &request {
            Request::Disconnect => true,
            Request::Upload { file, source } => self.continues(id, verb, file, source),
            _ => false,
        };
        if let Some(code) = take(&mut self.options.refusals, verb) {
            return Err(Refused(code));
        }
        if has_job || (has_put && !goes_on) {
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
            ResultOrder::Native => matches!(
                task,
                Task::Request(Request::Upload {
                    source: Source::File(_),
                    ..
                })
            ),
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
                let code = if verb == Verb::Connect {
                    result::CONNECT_TIMEOUT
                } else {
                    result::TIMEOUT
                };
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

    fn perform(
        &mut self,
        id: usize,
        verb: Verb,
        request: Request,
        in_command: bool,
        modem: &mut Modem,
    ) {
        match request {
            Request::Connect {
                host,
                user,
                password,
                port,
            } => {
                let code = self.connect(id, (&host, port), (&user, &password), modem);
                self.conclude(id, verb, in_command, code, "", modem);
            }
            Request::Disconnect => self.disconnect(id, in_command, modem),
            Request::List(path) => self.list(id, &path, in_command, modem),
            Request::Retrieve {
                file,
                local,
                offset,
                length,
            } => {
                let part = Part {
                    file,
                    offset,
                    length,
                };
                match local {
                    None => self.download(id, &part, in_command, modem),
                    Some(local) => self.download_file(id, &part, &local, in_command, modem),
                }
            }
            Request::Upload {
                file,
                source: Source::File(local),
            } => self.send_file(id, (verb, in_command), file, &local, modem),
            simple => {
                let result = self.operate(id, simple, modem);
                let (code, fields) = match result {
                    Ok(fields) => (result::SUCCESS, fields),
                    Err(error) => (self.failed(id, &error), String::new()),
                };
                self.conclude(id, verb, in_command, code, &fields, modem);
            }
        }
    }

    /// An operation without data: what follows the result code.
    fn operate(
        &mut self,
        id: usize,
        request: Request,
        modem: &mut Modem,
    ) -> Result<String, RemoteError> {
        let quoted = self.options.quoted_path;
        let and_directories = self.options.delete_directories;
        let connection = self
            .connections
            .get_mut(id)
            .ok_or(RemoteError::Network(NetworkCause::Dropped))?;
        let remote = connection.remote(modem);
        match request {
            Request::Directory => {
                let path = remote.pwd()?;
                return Ok(if quoted {
                    format!(",\"{path}\"")
                } else {
                    format!(",{path}")
                });
            }
            Request::ChangeDirectory(path) => remote.cwd(&path)?,
            Request::MakeDirectory(path) => remote.make_dir(&path)?,
            Request::Rename(from, to) => remote.rename(&from, &to)?,
            Request::Delete(path) => match remote.remove(&path) {
                Err(RemoteError::Reply { code: 550, .. }) if and_directories => {
                    remote.remove_dir(&path)?;
                }
                other => other?,
            },
            _ => {}
        }
        Ok(String::new())
    }

    fn connect(
        &mut self,
        id: usize,
        server: (&str, u16),
        login: (&str, &str),
        modem: &mut Modem,
    ) -> u8 {
        let shared_is_free = !self.connections.iter().any(Connection::uses_shared);
        let Some(connection) = self.connections.get_mut(id) else {
            return result::MEMORY;
        };
        if !modem.basic.is_active(connection.config.cid) {
            return result::NO_CONTEXT;
        }
        if !connection.equip(modem, shared_is_free) {
            return result::MEMORY;
        }
        let tls = connection.config.tls(&self.options);
        let user = if login.0.is_empty() {
            "anonymous"
        } else {
            login.0
        };
        let remote = connection.remote(modem);
        let connected = remote
            .connect(server.0, server.1, tls)
            .and_then(|()| remote.login(user, login.1));
        if let Err(error) = connected {
            // A server that does not answer to the farewell has gone all the same.
            drop(remote.quit());
            return match error {
                RemoteError::Network(NetworkCause::Timeout) => result::CONNECT_TIMEOUT,
                error => connection.failed(&error),
            };
        }
        connection.is_open = true;
        if let Some(time) = self.options.drop_after {
            modem.timer(LOSS + token(id), time);
        }
        result::SUCCESS
    }

    fn disconnect(&mut self, id: usize, in_command: bool, modem: &mut Modem) {
        modem.cancel(LOSS + token(id));
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        connection.put = None;
        let code = match connection.remote(modem).quit() {
            Err(error @ RemoteError::Network(_)) => code::result_of(&error),
            _ => result::SUCCESS,
        };
        connection.lose();
        connection.is_lost = self.options.disconnect_urc;
        self.conclude(id, Verb::Disconnect, in_command, code, "", modem);
    }

    fn list(&mut self, id: usize, path: &str, in_command: bool, modem: &mut Modem) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        let mut rows = VecDeque::new();
        let mut is_unreadable = false;
        let listed = connection
            .remote(modem)
            .list(path, Listing::Long)
            .and_then(|reader| {
                for line in BufReader::new(reader).split(b'\n') {
                    let line = line.map_err(|error| RemoteError::from_io(&error))?;
                    let line = String::from_utf8_lossy(&line);
                    match list::parse(line.trim_end_matches('\r'), &self.options) {
                        list::Line::Row(row) => rows.push_back(row),
                        list::Line::Nothing => {}
                        list::Line::Unreadable => is_unreadable = true,
                    }
                }
                Ok(())
            });
        if let Err(error) = listed {
            let code = connection.failed(&error);
            self.conclude(id, Verb::List, in_command, code, "", modem);
            return;
        }
        let leaf = path.rsplit('/').next().unwrap_or(path);
        let is_file =
            matches!(rows.make_contiguous(), [row] if row.starts_with(&format!("\"{leaf}\",")));
        if self.options.dot_entries && !is_file {
            rows.push_front("\"..\",\"rwx\"".to_owned());
            rows.push_front("\".\",\"rwx\"".to_owned());
        }
        if !rows.is_empty() {
            self.print_rows(id, rows, in_command, modem);
            return;
        }
        let code = match self.options.empty_list {
            _ if is_unreadable => result::UNREADABLE,
            EmptyList::EmptyCode => result::EMPTY,
            EmptyList::BareSuccess => result::SUCCESS,
            EmptyList::Nothing => return self.release(id, in_command, modem),
        };
        self.conclude(id, Verb::List, in_command, code, "", modem);
    }

    fn print_rows(
        &mut self,
        id: usize,
        mut rows: VecDeque<String>,
        in_command: bool,
        modem: &mut Modem,
    ) {
        let gap = self.options.list_row_gap;
        while let Some(row) = rows.pop_front() {
            self.say(&format!("+MFTPLIST: {id},0,{row}"), in_command, modem);
            if !gap.is_zero() {
                let task = Task::Rows(rows);
                self.occupy(id, Verb::List, task, in_command);
                modem.timer(token(id), gap);
                return;
            }
        }
        match self.options.list_end {
            ListEnd::Nothing => self.release(id, in_command, modem),
            ListEnd::BareSuccess => {
                self.conclude(id, Verb::List, in_command, result::SUCCESS, "", modem);
            }
            ListEnd::EmptyCode => {
                self.conclude(id, Verb::List, in_command, result::EMPTY, "", modem);
            }
        }
    }

    fn occupy(&mut self, id: usize, verb: Verb, task: Task, in_command: bool) {
        if let Some(connection) = self.connections.get_mut(id) {
            connection.job = Some(connection::Job {
                verb,
                task,
                in_command,
            });
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
    fn conclude(
        &mut self,
        id: usize,
        verb: Verb,
        in_command: bool,
        code: u8,
        fields: &str,
        modem: &mut Modem,
    ) {
        let line = format!("{}: {id},{code}{fields}", verb.name());
        self.say(&line, in_command, modem);
        self.release(id, in_command, modem);
    }

    /// The connection is free again.
    fn release(&mut self, id: usize, in_command: bool, modem: &mut Modem) {
        if in_command {
            modem.ok();
        }
        self.report_loss(id, modem);
    }

    /// Tells of a connection that broke.
    fn report_loss(&mut self, id: usize, modem: &mut Modem) {
        let is_lost = self
            .connections
            .get_mut(id)
            .is_some_and(|connection| std::mem::take(&mut connection.is_lost));
        if is_lost {
            modem.cancel(LOSS + token(id));
            self.say(&format!("+MFTPURC: {id},\"conn\",0"), false, modem);
        }
    }

    /// A connection breaks while nobody expects it.
    fn break_off(&mut self, id: usize, modem: &mut Modem) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        if !connection.is_open {
            return;
        }
        connection.lose();
        let job = connection.job.take();
        if let Some(Entry {
            verb,
            kind: EntryKind::Transparent { sent, .. },
            ..
        }) = self
            .entry
            .take_if(|entry| entry.id == id && matches!(entry.kind, EntryKind::Transparent { .. }))
        {
            modem.leave_data_mode();
            modem.finish();
            let fields = format!(",{sent}");
            self.conclude(id, verb, false, result::TRANSPARENT, &fields, modem);
        } else if let Some(job) = job {
            self.fail(id, job.verb, job.in_command, result::NETWORK, modem);
        } else {
            self.report_loss(id, modem);
        }
    }

    /// Connections whose PDP context is gone break.
    fn check_contexts(&mut self, modem: &mut Modem) {
        for id in 0..CONNECTIONS {
            let cid = self
                .connections
                .get(id)
                .map(|connection| connection.config.cid);
            if cid.is_some_and(|cid| !modem.basic.is_active(cid)) {
                self.break_off(id, modem);
            }
        }
    }

    /// A line that belongs to a command in progress, or comes unsolicited.
    fn say(&self, text: &str, in_command: bool, modem: &mut Modem) {
        if in_command {
            modem.line(text);
            return;
        }
        let is_free = !modem.in_data && !modem.is_busy();
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

/// The result code set for the next `verb`, or its error number.
fn take<T: Copy>(planned: &mut Vec<(String, T)>, verb: Verb) -> Option<T> {
    let index = planned
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case(verb.name()))?;
    Some(planned.remove(index).1)
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
        Identity::new("CMCC", model, &format!("{model}_V1.0"))
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
        self.take_data(bytes, modem);
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        self.end_data(end, modem);
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        let gap = self.options.piece_gap;
        if gap.is_zero() {
            self.run(usize::try_from(end.tag).unwrap_or(CONNECTIONS), modem);
        } else {
            modem.timer(end.tag, gap);
        }
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        let index =
            |first: u32| usize::try_from(token.saturating_sub(first)).unwrap_or(CONNECTIONS);
        match token {
            CONTEXTS => self.check_contexts(modem),
            LOSS..CONTEXTS => self.break_off(index(LOSS), modem),
            _ => self.run(index(0), modem),
        }
    }

    fn restart(&mut self) {
        let files = std::mem::take(&mut self.files);
        *self = Self {
            files,
            pieces: self.pieces,
            ..Self::new(&self.options)
        };
    }
}

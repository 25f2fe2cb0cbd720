//! What is done on a connection.

use super::code::{NOT_RUNNING, RUNNING, Refused, result, result_of};
use super::connection::{Connection, Entry, EntryKind, Issued, Job, Task};
use super::lines::{result_line, say};
use super::options::{BusyAnswer, ChinaMobileOptions, StateErrors};
use super::retrieve::{self, Part};
use super::storage::Flash;
use super::verb::{Request, Source, Verb};
use super::{LOSS, list, token, upload};
use crate::emulator::choices::ResultOrder;
use crate::emulator::command::Parameters;
use crate::emulator::modem::Modem;
use crate::emulator::{NetworkCause, RemoteError, Tls};

/// A connection, and what it needs of the module to go on.
pub(super) struct Turn<'a> {
    pub(super) id: usize,
    pub(super) connection: &'a mut Connection,
    /// Whether no connection uses the module's own client.
    pub(super) shared_is_free: bool,
    pub(super) options: &'a mut ChinaMobileOptions,
    pub(super) storage: &'a mut Flash,
    /// Pieces of downloads since power-on.
    pub(super) pieces: &'a mut u32,
    pub(super) modem: &'a mut Modem,
}

impl Turn<'_> {
    /// A command that ends with a result line.
    pub(super) fn accept(&mut self, verb: Verb, list: &mut Parameters<'_>, is_blocked: bool) -> Result<(), Refused> {
        let connection = &*self.connection;
        let request = verb.request(list, &connection.config)?;
        let goes_on = match &request {
            Request::Disconnect => true,
            Request::Upload { file, source } => connection.continues(verb, file, source),
            _ => false,
        };
        if let Some(code) = take_code(&mut self.options.refusals, verb) {
            return Err(Refused(code));
        }
        if connection.job.is_some() || is_blocked || (connection.put.is_some() && !goes_on) {
            return self.refuse_busy(verb);
        }
        if connection.is_open == (verb == Verb::Connect) {
            return Err(Refused(match self.options.state_errors {
                StateErrors::PerCommand => verb.error(),
                StateErrors::Running if connection.is_open => RUNNING,
                StateErrors::Running => NOT_RUNNING,
            }));
        }
        match request {
            Request::Upload { file, source } => upload::begin(file, source, verb, self),
            request => {
                self.start(verb, Task::Request(request));
                Ok(())
            }
        }
    }

    fn refuse_busy(&mut self, verb: Verb) -> Result<(), Refused> {
        if self.options.busy_answer == BusyAnswer::Error {
            return Err(Refused(RUNNING));
        }
        let line = result_line(self.id, verb, result::BLOCKED);
        if self.modem.options.result_order == ResultOrder::OkLast {
            self.modem.line(&line);
            self.modem.ok();
        } else {
            self.modem.ok();
            self.say(&line, false);
        }
        Ok(())
    }

    /// Occupies the connection with a task; `OK` comes now, or with its result.
    pub(super) fn start(&mut self, verb: Verb, task: Task) {
        let in_command = result_comes_first(&task, self.modem);
        let code = take_code(&mut self.options.results, verb);
        self.occupy(Issued { verb, in_command }, code.map_or(task, Task::Fixed));
        if !in_command {
            self.modem.ok();
            if self.options.progress_line {
                self.say(&result_line(self.id, verb, result::PROGRESS), false);
            }
        }
        let patience = self.connection.config.patience();
        self.modem.timer(token(self.id), self.modem.options.network_latency.min(patience));
    }

    pub(super) fn occupy(&mut self, issued: Issued, task: Task) {
        self.connection.job = Some(Job { issued, task });
    }

    /// The task goes on.
    pub(super) fn run(&mut self) {
        let Some(Job { issued, task }) = self.connection.job.take() else {
            return;
        };
        let is_late = self.modem.options.network_latency > self.connection.config.patience();
        match task {
            Task::Rows(rows) => list::print(rows, issued, self),
            Task::Download(download) => download.next_piece(issued, self),
            Task::Fixed(code) => self.fail(issued, code),
            _ if is_late => {
                let is_connect = issued.verb == Verb::Connect;
                self.fail(issued, if is_connect { result::CONNECT_TIMEOUT } else { result::TIMEOUT });
            }
            Task::Piece { .. } if !self.connection.is_open => self.fail(issued, result::NETWORK),
            Task::Piece { file, data, last } => upload::send_piece(file, &data, last, issued, self),
            Task::Request(request) => self.perform(request, issued),
        }
    }

    fn perform(&mut self, request: Request, issued: Issued) {
        match request {
            Request::Connect { host, user, password, port } => {
                let code = self.connect((&host, port), (&user, &password));
                self.conclude(issued, code, "");
            }
            Request::Disconnect => self.disconnect(issued),
            Request::List(path) => list::list(&path, issued, self),
            Request::Retrieve { file, local, offset, length } => {
                let part = Part { file, offset, length };
                match local {
                    None => retrieve::download(&part, issued, self),
                    Some(local) => retrieve::download_file(&part, &local, issued, self),
                }
            }
            Request::Upload { file, source: Source::File(local) } => upload::send_file(file, &local, issued, self),
            simple => {
                let (code, fields) = match self.operate(simple) {
                    Ok(fields) => (result::SUCCESS, fields),
                    Err(error) => (self.connection.failed(&error), String::new()),
                };
                self.conclude(issued, code, &fields);
            }
        }
    }

    /// An operation without data: what follows the result code.
    fn operate(&mut self, request: Request) -> Result<String, RemoteError> {
        let quoted = self.options.quoted_path;
        let and_directories = self.options.delete_directories;
        let remote = self.connection.remote(self.modem);
        match request {
            Request::Directory => {
                let path = remote.pwd()?;
                let path = path.trim_matches('"');
                return Ok(if quoted { format!(",\"{path}\"") } else { format!(",{path}") });
            }
            Request::ChangeDirectory(path) => remote.cwd(&path)?,
            Request::MakeDirectory(path) => remote.make_dir(&path)?,
            Request::Rename(from, to) => remote.rename(&from, &to)?,
            Request::Delete(path) => match remote.remove(&path) {
                Err(RemoteError::Reply { .. }) if and_directories => {
                    remote.remove_dir(&path)?;
                }
                other => other?,
            },
            _ => {}
        }
        Ok(String::new())
    }

    fn connect(&mut self, server: (&str, u16), login: (&str, &str)) -> u8 {
        let Self { connection, options, modem, .. } = self;
        if !modem.basic.is_active(connection.config.cid) {
            return result::NO_CONTEXT;
        }
        if !connection.equip(modem, self.shared_is_free) {
            return result::MEMORY;
        }
        let tls = connection.config.tls(options);
        let mut trust = self.storage.ssl.trust(connection.config.ssl_id());
        trust.checks_name = options.checks_server_name;
        trust.fresh_sessions = options.fresh_tls_sessions;
        let user = if login.0.is_empty() { "anonymous" } else { login.0 };
        let remote = connection.remote(modem);
        if tls != Tls::Off {
            remote.trust(trust);
        }
        let connected = remote.connect(server.0, server.1, tls).and_then(|()| remote.login(user, login.1));
        if let Err(error) = connected {
            // A server that does not answer QUIT has gone all the same.
            drop(remote.quit());
            return match error {
                RemoteError::Network(NetworkCause::Timeout) => result::CONNECT_TIMEOUT,
                error => connection.failed(&error),
            };
        }
        connection.is_open = true;
        if let Some(time) = options.drop_after {
            modem.timer(LOSS + token(self.id), time);
        }
        result::SUCCESS
    }

    fn disconnect(&mut self, issued: Issued) {
        self.modem.timers.cancel(LOSS + token(self.id));
        self.connection.put = None;
        let code = match self.connection.remote(self.modem).quit() {
            Err(error @ RemoteError::Network(_)) => result_of(&error),
            _ => result::SUCCESS,
        };
        self.connection.lose();
        self.connection.is_lost = self.options.disconnect_urc;
        self.conclude(issued, code, "");
    }

    /// The connection breaks while nobody expects it.
    pub(super) fn break_off(&mut self) {
        if !self.connection.is_open {
            return;
        }
        self.connection.lose();
        let job = self.connection.job.take();
        self.modem.timers.cancel(token(self.id));
        let is_transparent = |entry: &mut Entry| matches!(entry.kind, EntryKind::Transparent { .. });
        if let Some(Entry { verb, kind: EntryKind::Transparent { sent, .. } }) =
            self.connection.entry.take_if(is_transparent)
        {
            self.break_through(verb, sent);
        } else if let Some(job) = job {
            self.fail(job.issued, result::NETWORK);
        } else {
            self.report_loss();
        }
    }

    /// Ends transparent mode because the connection has failed.
    pub(super) fn break_through(&mut self, verb: Verb, sent: u64) {
        self.modem.leave_data_mode();
        self.modem.finish();
        self.conclude(Issued { verb, in_command: false }, result::TRANSPARENT, &format!(",{sent}"));
    }

    /// The result line of a command that came to nothing.
    pub(super) fn fail(&mut self, issued: Issued, code: u8) {
        self.conclude(issued, code, if issued.verb.is_upload() { ",0" } else { "" });
    }

    /// The last result line of a command.
    pub(super) fn conclude(&mut self, issued: Issued, code: u8, fields: &str) {
        if take(&mut self.options.lost_results, issued.verb, String::as_str).is_none() {
            let line = format!("{}: {},{code}{fields}", issued.verb.name(), self.id);
            self.say(&line, issued.in_command);
        }
        self.release(issued);
    }

    /// The connection is free again.
    pub(super) fn release(&mut self, issued: Issued) {
        if issued.in_command {
            self.modem.ok();
        }
        self.report_loss();
    }

    /// Reports a connection that broke.
    pub(super) fn report_loss(&mut self) {
        if std::mem::take(&mut self.connection.is_lost) {
            self.modem.timers.cancel(LOSS + token(self.id));
            self.say(&format!("+MFTPURC: {},\"conn\",0", self.id), false);
        }
    }

    pub(super) fn say(&mut self, text: &str, in_command: bool) {
        say(self.options, text, in_command, self.modem);
    }
}

fn result_comes_first(task: &Task, modem: &Modem) -> bool {
    match modem.options.result_order {
        ResultOrder::OkFirst => false,
        ResultOrder::OkLast => true,
        // The sessions of §4.1 show it so for files of the module only.
        ResultOrder::Native => matches!(task, Task::Request(Request::Upload { source: Source::File(_), .. })),
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

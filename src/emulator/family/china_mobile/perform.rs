//! What is done on a connection: the commands as they come, and the steps of its task.

use super::code::{NOT_RUNNING, RUNNING, Refused, result, result_of};
use super::connection::{Issued, Job, Task};
use super::lines::result_line;
use super::options::{BusyAnswer, StateErrors};
use super::retrieve::{self, Part};
use super::turn::{Turn, take_code};
use super::verb::{Request, Source, Verb};
use super::{LOSS, list, token, upload};
use crate::emulator::choices::ResultOrder;
use crate::emulator::command::Parameters;
use crate::emulator::{NetworkCause, RemoteError, Tls};

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
}

//! What is done on a connection once its command has been accepted.

use super::code::{result, result_of};
use super::connection::Connection;
use super::retrieve::Part;
use super::verb::{Request, Source, Verb};
use super::{CONNECTIONS, ChinaMobile, Entry, EntryKind, LOSS, token};
use crate::emulator::modem::Modem;
use crate::emulator::{NetworkCause, RemoteError, Tls};

impl ChinaMobile {
    pub(super) fn perform(&mut self, id: usize, verb: Verb, request: Request, in_command: bool, modem: &mut Modem) {
        match request {
            Request::Connect { host, user, password, port } => {
                let code = self.connect(id, (&host, port), (&user, &password), modem);
                self.conclude(id, verb, in_command, code, "", modem);
            }
            Request::Disconnect => self.disconnect(id, in_command, modem),
            Request::List(path) => self.list(id, &path, in_command, modem),
            Request::Retrieve { file, local, offset, length } => {
                let part = Part { file, offset, length };
                match local {
                    None => self.download(id, &part, in_command, modem),
                    Some(local) => self.download_file(id, &part, &local, in_command, modem),
                }
            }
            Request::Upload { file, source: Source::File(local) } => {
                self.send_file(id, (verb, in_command), file, &local, modem)
            }
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
    fn operate(&mut self, id: usize, request: Request, modem: &mut Modem) -> Result<String, RemoteError> {
        let quoted = self.options.quoted_path;
        let and_directories = self.options.delete_directories;
        let connection = self.connections.get_mut(id).ok_or(RemoteError::Network(NetworkCause::Dropped))?;
        let remote = connection.remote(modem);
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

    fn connect(&mut self, id: usize, server: (&str, u16), login: (&str, &str), modem: &mut Modem) -> u8 {
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
        let mut trust = self.ssl.trust(connection.config.ssl_id());
        trust.checks_name = self.options.checks_server_name;
        trust.fresh_sessions = self.options.fresh_tls_sessions;
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
        if let Some(time) = self.options.drop_after {
            modem.timer(LOSS + token(id), time);
        }
        result::SUCCESS
    }

    fn disconnect(&mut self, id: usize, in_command: bool, modem: &mut Modem) {
        modem.timers.cancel(LOSS + token(id));
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        connection.put = None;
        let code = match connection.remote(modem).quit() {
            Err(error @ RemoteError::Network(_)) => result_of(&error),
            _ => result::SUCCESS,
        };
        connection.lose();
        connection.is_lost = self.options.disconnect_urc;
        self.conclude(id, Verb::Disconnect, in_command, code, "", modem);
    }

    /// A connection breaks while nobody expects it.
    pub(super) fn break_off(&mut self, id: usize, modem: &mut Modem) {
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        if !connection.is_open {
            return;
        }
        connection.lose();
        let job = connection.job.take();
        modem.timers.cancel(token(id));
        if let Some(Entry { verb, kind: EntryKind::Transparent { sent, .. }, .. }) =
            self.entry.take_if(|entry| entry.id == id && matches!(entry.kind, EntryKind::Transparent { .. }))
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
    pub(super) fn check_contexts(&mut self, modem: &mut Modem) {
        self.hung_up.retain(|cid| modem.basic.is_active(*cid));
        for id in 0..CONNECTIONS {
            let cid = self.connections.get(id).map(|connection| connection.config.cid);
            if cid.is_some_and(|cid| !modem.basic.is_active(cid)) {
                self.break_off(id, modem);
            }
        }
    }
}

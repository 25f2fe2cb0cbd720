//! An FTP server that exists in memory only.

mod connection;
pub(crate) mod habits;
mod listing;
pub(crate) mod operation;
pub(crate) mod server;
mod state;
mod transfer;
mod tree;
mod trouble;

use std::io::{Cursor, Read};
use std::sync::MutexGuard;

use connection::Connection;
use habits::refuse;
use listing::{DIRECTORY_SIZE, MODIFIED};
use operation::Operation;
use server::MemoryServer;
use state::{State, missing};
use transfer::{Download, Incoming, Listed, Wire};
use tree::{parent, resolve};
use trouble::Mishap;

use super::{Listing, NetworkCause, Remote, RemoteError, StoreMode, Tls, Upload};

impl MemoryServer {
    /// Returns a client of this server, ready to be given to a module.
    #[must_use]
    pub fn remote(&self) -> Box<dyn Remote> {
        Box::new(MemoryRemote::new(self))
    }
}

/// A client of a [`MemoryServer`].
#[derive(Debug)]
pub struct MemoryRemote {
    server: MemoryServer,
    directory: String,
    connection: Connection,
    logged_in: bool,
}

impl MemoryRemote {
    /// Returns a client that is not connected yet.
    #[must_use]
    pub fn new(server: &MemoryServer) -> Self {
        Self { server: server.clone(), directory: "/".to_owned(), connection: Connection::default(), logged_in: false }
    }

    fn disconnect(&mut self) {
        self.connection.close(&mut self.server.state());
        self.logged_in = false;
    }

    /// Returns the connections of a transfer to which `mishap` happens.
    fn wire(&self, mishap: Mishap) -> Wire {
        Wire { server: self.server.clone(), connection: self.connection.clone(), mishap }
    }

    /// Returns the server's state if it lets this client do `operation`.
    fn begin(&mut self, operation: Operation) -> Result<MutexGuard<'_, State>, RemoteError> {
        if !self.connection.is_open() {
            return Err(RemoteError::Network(NetworkCause::Dropped));
        }
        let failed = self.server.state().fail(operation);
        if failed == Err(RemoteError::Network(NetworkCause::Dropped)) {
            self.disconnect();
        }
        failed?;
        let troubled = self.server.state().trouble.operation();
        if troubled.is_err() {
            self.disconnect();
        }
        troubled?;
        if !self.logged_in && !matches!(operation, Operation::Login | Operation::Command | Operation::Quit) {
            return Err(RemoteError::reply(530, "Please login with USER and PASS."));
        }
        Ok(self.server.state())
    }

    /// Returns the number in the answer to `SIZE`.
    fn signed_size(&mut self, path: &str) -> Result<i128, RemoteError> {
        let path = self.resolve(path);
        let mut state = self.begin(Operation::Size)?;
        let path = state.tree.follow(&path);
        match state.tree.file(&path).map(Vec::len) {
            Some(length) => {
                let size = state.habits.size(&path, length as u64)?;
                if let Some(growth) = state.habits.growth.remove(&path) {
                    state.tree.file_mut(&path).extend(growth);
                }
                Ok(state.trouble.size().map_or(size, i128::from))
            }
            None if state.habits.sizes_directories && state.tree.is_directory(&path) => Ok(DIRECTORY_SIZE.into()),
            None => Err(missing()),
        }
    }

    fn resolve(&self, path: &str) -> String {
        resolve(&self.directory, path)
    }
}

impl Drop for MemoryRemote {
    fn drop(&mut self) {
        self.disconnect();
    }
}

impl Remote for MemoryRemote {
    fn connect(&mut self, host: &str, port: u16, _tls: Tls) -> Result<(), RemoteError> {
        self.disconnect();
        let mut state = self.server.state();
        state.fail(Operation::Connect)?;
        if state.unknown_hosts.contains(host) {
            return Err(RemoteError::Network(NetworkCause::Dns));
        }
        if state.refused_ports.contains(&port) {
            return Err(RemoteError::Network(NetworkCause::Refused));
        }
        self.connection = Connection::open(&mut state);
        drop(state);
        "/".clone_into(&mut self.directory);
        Ok(())
    }

    fn login(&mut self, user: &str, password: &str) -> Result<(), RemoteError> {
        let state = self.begin(Operation::Login)?;
        let admitted = state.users.is_empty() || state.users.get(user).is_some_and(|right| right == password);
        drop(state);
        if !admitted {
            return Err(RemoteError::reply(530, "Login incorrect."));
        }
        self.logged_in = true;
        Ok(())
    }

    fn pwd(&mut self) -> Result<String, RemoteError> {
        drop(self.begin(Operation::Pwd)?);
        Ok(self.directory.clone())
    }

    fn cwd(&mut self, path: &str) -> Result<(), RemoteError> {
        let path = self.resolve(path);
        let state = self.begin(Operation::Cwd)?;
        let is_directory = state.tree.is_directory(&state.tree.follow(&path));
        drop(state);
        if !is_directory {
            return Err(RemoteError::reply(550, "Failed to change directory."));
        }
        self.directory = path;
        Ok(())
    }

    fn list(&mut self, path: &str, listing: Listing) -> Result<Box<dyn Read + Send>, RemoteError> {
        let ignored = self.server.state().habits.ignores_list_argument;
        let asked = if ignored { "" } else { path };
        let path = self.resolve(asked);
        let mut state = self.begin(Operation::List)?;
        let text = state.listing(&path, asked, listing)?;
        state.trouble.data_connection()?;
        let mishap = state.trouble.listing();
        let is_endless = state.habits.lists_endlessly;
        drop(state);
        Ok(Box::new(Listed { wire: self.wire(mishap), text: Cursor::new(text), is_endless }))
    }

    fn size(&mut self, path: &str) -> Result<u64, RemoteError> {
        // A client that reads digits makes nothing of a negative number.
        self.signed_size(path).map(|size| u64::try_from(size).unwrap_or(0))
    }

    fn size_text(&mut self, path: &str) -> Result<String, RemoteError> {
        self.signed_size(path).map(|size| size.to_string())
    }

    fn modified(&mut self, path: &str) -> Result<String, RemoteError> {
        let path = self.resolve(path);
        let state = self.begin(Operation::Modified)?;
        let path = state.tree.follow(&path);
        let is_directory = state.habits.sizes_directories && state.tree.is_directory(&path);
        if is_directory || state.tree.file(&path).is_some() { Ok(MODIFIED.to_owned()) } else { Err(missing()) }
    }

    fn make_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        let path = self.resolve(path);
        let mut state = self.begin(Operation::MakeDir)?;
        if state.tree.exists(&path) || !state.tree.is_directory(parent(&path)) {
            return Err(RemoteError::reply(550, "Create directory operation failed."));
        }
        state.tree.make_directory(path);
        Ok(())
    }

    fn remove_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        let path = self.resolve(path);
        let mut state = self.begin(Operation::RemoveDir)?;
        if !state.tree.entries(&path).is_empty() || !state.tree.remove_directory(&path) {
            return Err(RemoteError::reply(550, "Remove directory operation failed."));
        }
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), RemoteError> {
        let path = self.resolve(path);
        let mut state = self.begin(Operation::Remove)?;
        if state.tree.remove(&path) { Ok(()) } else { Err(missing()) }
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), RemoteError> {
        let (from, to) = (self.resolve(from), self.resolve(to));
        let mut state = self.begin(Operation::Rename)?;
        if !state.tree.exists(&from) {
            return Err(missing());
        }
        if state.tree.is_directory(&to) || !state.tree.is_directory(parent(&to)) {
            return Err(RemoteError::reply(553, "Rename failed."));
        }
        state.tree.rename(&from, to);
        Ok(())
    }

    fn retrieve(&mut self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, RemoteError> {
        let path = self.resolve(path);
        let mut state = self.begin(Operation::Retrieve)?;
        let path = state.tree.follow(&path);
        if offset > 0 {
            refuse(state.habits.refuses_restart)?;
        }
        if state.tree.file(&path).is_none() {
            return Err(missing());
        }
        state.trouble.data_connection()?;
        if let Some(content) = state.trouble.replaced(&path) {
            *state.tree.file_mut(&path) = content;
        }
        let offset = if state.trouble.no_rest { 0 } else { offset };
        let length = state.tree.file(&path).map_or(0, Vec::len) as u64;
        let mut mishap = state.trouble.download(length.saturating_sub(offset));
        if let Some(count) = state.download_breaks_at.take() {
            mishap.breaks_at = Some(count);
        }
        drop(state);
        Ok(Box::new(Download { wire: self.wire(mishap), path, offset }))
    }

    fn store(&mut self, path: &str, mode: StoreMode) -> Result<Box<dyn Upload>, RemoteError> {
        let path = self.resolve(path);
        let mut state = self.begin(Operation::Store)?;
        let path = state.tree.follow(&path);
        refuse(match mode {
            StoreMode::Append => state.habits.refuses_append,
            StoreMode::At(1..) => state.habits.refuses_restart,
            StoreMode::At(0) | StoreMode::Create => None,
        })?;
        if state.tree.is_directory(&path) || !state.tree.is_directory(parent(&path)) {
            return Err(RemoteError::reply(553, "Could not create file."));
        }
        state.trouble.data_connection()?;
        let mishap = state.trouble.upload();
        let no_rest = state.trouble.no_rest;
        let content = state.tree.file_mut(&path);
        let position = match mode {
            StoreMode::Append => content.len(),
            StoreMode::At(offset) if !no_rest => usize::try_from(offset).unwrap_or(usize::MAX),
            StoreMode::Create | StoreMode::At(_) => {
                content.clear();
                0
            }
        };
        if position > content.len() {
            return Err(RemoteError::reply(554, "Offset beyond the end of the file."));
        }
        drop(state);
        Ok(Box::new(Incoming { wire: self.wire(mishap), path, position, failure: None }))
    }

    fn command(&mut self, line: &str) -> Result<(u16, String), RemoteError> {
        drop(self.begin(Operation::Command)?);
        let (code, text) = match line.split(' ').next().unwrap_or_default() {
            "NOOP" => (200, "NOOP ok."),
            "SYST" => (215, "UNIX Type: L8"),
            "STAT" => (211, "End of status"),
            "TYPE" => (200, "Switching to Binary mode."),
            _ => return Err(RemoteError::reply(502, "Command not implemented.")),
        };
        Ok((code, text.to_owned()))
    }

    fn quit(&mut self) -> Result<(), RemoteError> {
        let failed = self.begin(Operation::Quit).map(drop);
        self.disconnect();
        failed
    }

    fn another(&self) -> Option<Box<dyn Remote>> {
        Some(self.server.remote())
    }
}

#[cfg(test)]
mod tests;

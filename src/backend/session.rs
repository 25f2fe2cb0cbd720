//! The FTP session of a module that has one, as far as the driver must remember it.

use crate::at::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::Server;

/// What is needed to open the session again after it was lost: the server, and the way into the current directory.
#[derive(Default)]
pub struct Session {
    server: Option<Server>,
    open: bool,
    trail: Vec<String>,
}

impl Session {
    /// The session was opened by the caller.
    pub fn begun(&mut self, server: &Server) {
        *self = Session { server: Some(server.clone()), open: true, trail: Vec::new() };
    }

    /// The session was closed by the caller.
    pub fn ended(&mut self) {
        *self = Session::default();
    }

    /// The session is gone; the next operation opens it again.
    pub fn lost(&mut self) {
        self.open = false;
    }

    /// The session that was lost was opened again.
    pub fn reopened(&mut self) {
        self.open = true;
    }

    /// Takes in what the module has said since the last operation: it may have lost the session meanwhile.
    ///
    /// # Errors
    /// What more than the session was lost.
    pub fn look(&mut self, engine: &mut Engine) -> Result<()> {
        match engine.look() {
            Err(error) if error.kind() == ErrorKind::SessionLost => {
                self.lost();
                Ok(())
            }
            other => other,
        }
    }

    /// The server of the caller's login.
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// Whether the session is open, as far as is known.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The current directory was changed by `path`.
    pub fn entered(&mut self, path: &str) {
        if path.starts_with('/') {
            self.trail.clear();
        }
        // In and out again is where it was; only a plain name is sure to be undone by the way up.
        let is_plain = |step: &String| !step.contains('/') && !matches!(step.as_str(), "." | "..");
        if path == ".." && self.trail.last().is_some_and(is_plain) {
            self.trail.pop();
        } else {
            self.trail.push(path.to_owned());
        }
    }

    /// The server, and the changes of directory that lead from the login to the current one.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] without a login.
    pub fn recall(&self) -> Result<(Server, Vec<String>)> {
        match &self.server {
            Some(server) => Ok((server.clone(), self.trail.clone())),
            None => Err(Error::new(ErrorKind::WrongState, "log in first")),
        }
    }

    /// Notes what `error` says about the session.
    pub fn note(&mut self, error: &Error) {
        use ErrorKind::*;
        if matches!(error.kind(), ModuleRestarted | BearerLost | SessionLost | PortLost) || !error.module_usable() {
            self.lost();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_into_the_current_directory_is_remembered() {
        let mut session = Session::default();
        assert!(session.recall().is_err());
        session.begun(&Server::new("h", "u", "p"));
        for path in ["a", "b", "/c", "..", "d", "e", "..", "f/g", ".."] {
            session.entered(path);
        }
        session.lost();
        assert!(!session.is_open());
        assert_eq!(session.recall().unwrap().1, ["/c", "..", "d", "f/g", ".."]);
        session.ended();
        assert!(session.recall().is_err());
    }
}

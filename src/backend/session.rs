//! The FTP session, as far as the driver must remember it.

use super::facts::SessionKeeper;
use crate::at::Wire;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::Server;

/// The state of the session, as far as the driver knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// The caller is not logged in.
    #[default]
    LoggedOut,
    Open,
    /// It was lost; the next operation opens it again.
    Lost,
}

/// A file whose size is not known.
pub struct Unstated {
    pub path: String,
    /// Whether the server lists no such file, or refuses it.
    pub is_missing: bool,
}

/// What is needed to open the session again after it was lost: the server, and the way into the current directory.
pub struct Session {
    keeper: SessionKeeper,
    state: State,
    server: Option<Server>,
    /// The changes of directory since the login, where the module keeps the current directory.
    trail: Vec<String>,
    /// The current directory, where the driver keeps it.
    directory: String,
    /// The file whose size the last query did not bring: a download that follows does not query it once more.
    pub unstated: Option<Unstated>,
}

impl Session {
    pub fn new(keeper: SessionKeeper) -> Self {
        let (state, server, trail, directory, unstated) = Default::default();
        Session { keeper, state, server, trail, directory, unstated }
    }

    /// The caller has logged in.
    pub fn begun(&mut self, server: &Server) {
        *self = Session {
            state: State::Open,
            server: Some(server.clone()),
            directory: "/".to_owned(),
            ..Session::new(self.keeper)
        };
    }

    /// The caller has logged out.
    pub fn ended(&mut self) {
        *self = Session::new(self.keeper);
    }

    /// The session is gone; the next operation opens it again.
    pub fn lose(&mut self) {
        if self.state == State::Open {
            self.state = State::Lost;
        }
    }

    /// The session that was lost is open again.
    pub fn reopened(&mut self) {
        self.state = State::Open;
    }

    /// Whether the session is open, as far as the driver knows.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether the session was lost, so that a login opens it again.
    pub fn is_lost(&self) -> bool {
        self.state == State::Lost
    }

    /// The server of the caller's login.
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// Checks that the caller is logged out.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`].
    pub fn must_be_logged_out(&self) -> Result<()> {
        match self.state {
            State::LoggedOut => Ok(()),
            State::Open | State::Lost => Err(Error::new(ErrorKind::WrongState, "log out first")),
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

    /// Takes in what the module has said since the last operation: it may have lost the session meanwhile.
    ///
    /// # Errors
    /// What more than the session was lost.
    pub fn look(&mut self, wire: &mut Wire) -> Result<()> {
        match wire.look() {
            Err(error) if error.kind() == ErrorKind::SessionLost => {
                self.lose();
                Ok(())
            }
            other => other,
        }
    }

    /// The current directory, where the driver keeps it.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Changes the current directory, where the driver keeps it.
    pub fn set_directory(&mut self, absolute: String) {
        self.directory = absolute;
    }

    /// The module has changed its current directory by `path`.
    pub fn entered(&mut self, path: &str) {
        self.unstated = None;
        let mut step = String::new();
        if path.starts_with('/') {
            self.trail.clear();
            step.push('/');
        }
        for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
            if name == ".." {
                self.trail.extend(Some(std::mem::take(&mut step)).filter(|step| !step.is_empty()));
                if !self.leave() {
                    self.trail.push("..".to_owned());
                }
                continue;
            }
            if !matches!(step.as_str(), "" | "/") {
                step.push('/');
            }
            step.push_str(name);
        }
        self.trail.extend(Some(step).filter(|step| !step.is_empty()));
    }

    /// Removes the last name from the trail, as `..` does. Returns whether it is known where that leads. Without this
    /// a program that enters and leaves directories for months would make the way back longer each time.
    fn leave(&mut self) -> bool {
        let Some(step) = self.trail.last_mut() else { return false };
        let (above, name) = step.rsplit_once('/').unwrap_or(("", step));
        match (above, name) {
            (_, "..") => return false,
            ("", _) if step.starts_with('/') => step.truncate(1),
            ("", _) => drop(self.trail.pop()),
            _ => step.truncate(above.len()),
        }
        true
    }

    /// Notes what `error` says about the session.
    pub fn note(&mut self, error: &Error) {
        use ErrorKind::{BearerLost, ModuleRestarted, PortLost, SessionLost};
        let is_lost = match self.keeper {
            SessionKeeper::Module => {
                matches!(error.kind(), ModuleRestarted | BearerLost | SessionLost | PortLost) || !error.module_usable()
            }
            SessionKeeper::Operation => error.kind() == ModuleRestarted,
        };
        if is_lost {
            self.lose();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_into_the_current_directory_is_remembered() {
        let mut session = Session::new(SessionKeeper::Module);
        assert!(session.recall().is_err() && session.must_be_logged_out().is_ok());
        session.begun(&Server::new("h", "u", "p"));
        for path in ["a", "b", "/c", "..", "d", "e", "..", "f/g", ".."] {
            session.entered(path);
        }
        for path in ["in/2026", "../..", "x", "../y/", "./../..", "f", "z/../z", ".."].repeat(1000) {
            session.entered(path);
        }
        session.lose();
        assert!(!session.is_open() && session.is_lost() && session.must_be_logged_out().is_err());
        assert_eq!(session.recall().unwrap().1, ["/", "d", "f"]);
        for path in ["../../../..", "..", "/..", "e/g", "../../..", "..", "../up"] {
            session.entered(path);
        }
        assert_eq!(session.recall().unwrap().1, ["/", "up"]);
        session.begun(&Server::new("h", "u", "p"));
        session.entered("../a/..");
        assert_eq!(session.recall().unwrap().1, [".."], "above the directory of the login");
        session.ended();
        assert!(session.recall().is_err());
    }
}

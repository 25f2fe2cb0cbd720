//! The session: FTPOPEN, FTPCLOSE, and what it takes to have one again after it was lost.

use std::time::Duration;

use super::coding::END;
use super::{
    CLOSING, COMMAND_LIMIT, CONVERSATION, DIALECT, DONE, Fibocom, HOST, OPEN_LIMIT, PASSWORD, PATH, RESULT_LIMIT, USER,
};
use crate::at::{Command, Pattern, Verdict};
use crate::backend::codes;
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Recovery, Result};
use crate::modem::Server;

const OPENED: Pattern = Pattern::Prefix("+FTPOPEN");

/// Most losses that are taken in as old news before a call: the SIM, the bearer and the session may go one after the other.
const MAX_NEWS: usize = 5;

/// Data that the module may be waiting for, when the command that announced them has failed: until it has them, it takes every
/// command for data.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doubt {
    /// A coded stream.
    Stream,
    /// So many bytes.
    Piece(u64),
}

/// Ends a coded stream also where an escape was cut in two: a bare 0x03 would be taken for its second half.
const END_IN_DOUBT: &[u8] = &[0, END];

impl Fibocom {
    /// Does what needs no session.
    pub(super) fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.engine.begin_operation();
        let outcome = self.catch_up().and_then(|()| work(self));
        outcome.map_err(|error| {
            self.note(&error);
            self.engine.ended(error, name)
        })
    }

    /// Does what needs a session, on `paths`; one that was lost is opened again.
    pub(super) fn at_server<T>(
        &mut self,
        name: &'static str,
        paths: &[&str],
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.engine.begin_operation();
        let checked = paths.iter().try_for_each(|path| PATH.check(path));
        let looked = checked.and_then(|()| self.leave_data_mode()).and_then(|()| self.session.look(&mut self.engine));
        let outcome = looked.and_then(|()| {
            if !self.session.is_open() {
                self.reopen()?;
            }
            work(self)
        });
        outcome.map_err(|error| {
            self.note(&error);
            let error = self.recovered(error);
            self.engine.ended(error, name)
        })
    }

    /// Takes in what the module has lost since the last call, before a call that sets everything up anyway.
    fn catch_up(&mut self) -> Result<()> {
        for _ in 0..MAX_NEWS {
            let looked = if self.engine.is_out_of_step() { self.engine.resynchronise() } else { self.engine.look() };
            match looked {
                Err(error) if is_loss(error.kind()) => self.note(&error),
                Err(error) => return Err(error),
                Ok(()) if self.restarted => {
                    self.engine.note_recovery(Recovery::Reconfigure);
                    // A module that restarted echoes again (guide §3.3, ATE0).
                    let _ = self.engine.execute(Command::run("E0"), COMMAND_LIMIT)?;
                    self.restarted = false;
                }
                Ok(()) => return Ok(()),
            }
        }
        Err(Error::new(ErrorKind::ModuleRestarted, "the module keeps losing what it has"))
    }

    /// Notes what `error` says about the session and the module.
    fn note(&mut self, error: &Error) {
        self.restarted |= error.kind() == ErrorKind::ModuleRestarted;
        self.session.note(error);
    }

    /// Brings the module back to a known state after `error`. The only command that ends whatever is going on closes the session;
    /// the next operation opens it again.
    pub(super) fn recovered(&mut self, error: Error) -> Error {
        let is_open = leaves_open(error.kind()) || error.kind() == ErrorKind::ModuleRefused;
        if is_open && error.module_usable() { self.give_up(error) } else { error }
    }

    /// As [`Self::recovered`], whatever the error is.
    pub(super) fn give_up(&mut self, error: Error) -> Error {
        self.session.lost();
        if error.kind() == ErrorKind::PortLost {
            return error;
        }
        self.engine.note_recovery(Recovery::AbortTransfer);
        for _ in 0..MAX_NEWS {
            let closed = match self.leave_data_mode() {
                Ok(()) if is_loss(error.kind()) => Ok(false),
                left => left.and_then(|()| self.close()),
            };
            match closed {
                Ok(_) => return error,
                // It says now what the operation ran into.
                Err(news) if is_loss(news.kind()) => self.note(&news),
                Err(_) => break,
            }
        }
        error.module_left_unusable()
    }

    /// Makes sure that the module waits for no data.
    fn leave_data_mode(&mut self) -> Result<()> {
        match self.doubt {
            None => return Ok(()),
            Some(Doubt::Stream) => {
                self.engine.send_payload(END_IN_DOUBT, 0, RESULT_LIMIT)?;
                self.engine.mark_out_of_step();
            }
            // In command mode the zeros mean nothing (V.250 §5.2.2).
            Some(Doubt::Piece(bytes)) => self.engine.owe(bytes),
        }
        self.engine.resynchronise()?;
        self.doubt = None;
        Ok(())
    }

    /// Opens the session that was lost, and goes back to its directory.
    fn reopen(&mut self) -> Result<()> {
        let (server, trail) = self.session.recall()?;
        self.open(&server)?;
        for directory in trail {
            self.on_path("+FTPCWD", &Pattern::Prefix("+FTPCWD"), &directory)?;
        }
        // Not before: in another directory than the caller believes to be in, nothing may be done.
        self.session.reopened();
        Ok(())
    }

    /// Opens the session.
    pub(super) fn open(&mut self, server: &Server) -> Result<()> {
        // 0 is passive here, unlike in the other dialects (guide §3.2, FTPMODE).
        match self.engine.execute(Command::set("+FTPMODE").number(u8::from(self.active)), COMMAND_LIMIT) {
            Err(error) if !is_refusal(error.kind()) || self.active => return Err(error),
            _ => {}
        }
        if let Some(bytes) = self.cache {
            let _ = self.engine.execute(Command::set("+FTPCACHE").number(bytes), COMMAND_LIMIT)?;
        }
        self.report_conversation(true)?;
        let outcome = self.connect(server);
        match &outcome {
            Err(error) if is_loss(error.kind()) => outcome,
            _ => self.report_conversation(false).and(outcome),
        }
    }

    /// Sends FTPOPEN, and once more where a session was open that somebody had left.
    fn connect(&mut self, server: &Server) -> Result<()> {
        let first = match self.send_open(server) {
            Ok(verdict) if verdict.number(0) == Some(DONE) => return Ok(()),
            // The server said why, or there is no session that could be in the way.
            Ok(_) => self.refused_opening(),
            Err(error) if is_refusal(error.kind()) => error,
            Err(error) => return Err(error),
        };
        if first.ftp_reply().is_some() {
            return Err(first);
        }
        if !self.close()? {
            return Err(self.without_bearer(first)?);
        }
        match self.send_open(server) {
            Ok(verdict) if verdict.number(0) == Some(DONE) => Ok(()),
            Ok(_) => Err(self.refused_opening()),
            Err(error) if is_refusal(error.kind()) => Err(self.without_bearer(error)?),
            Err(error) => Err(error),
        }
    }

    /// The server's port is the sixth argument: the fifth, where the guide's example has it, is the module's own (G24 manual,
    /// +FTPOPEN).
    fn send_open(&mut self, server: &Server) -> Result<Verdict> {
        let (user, password) = account(server);
        let command = Command::set("+FTPOPEN")
            .text(&HOST, &server.host)
            .text(&USER, user)
            .text(&PASSWORD, password)
            .literal("\"\"")
            .omitted()
            .number(server.port)
            .omitted();
        self.engine.perform(command, OPEN_LIMIT, &OPENED, OPEN_LIMIT)
    }

    /// The error of an opening that was refused, or that there is no bearer, if that is why.
    fn without_bearer(&mut self, refused: Error) -> Result<Error> {
        Ok(match self.address()? {
            None => self.engine.error(ErrorKind::BearerLost, "there is no bearer"),
            Some(_) => refused,
        })
    }

    /// Lets the module print what server and module say to each other, where it can. Only while the session is opened, whose
    /// failure has no reason otherwise: later the lines would stand between others.
    fn report_conversation(&mut self, on: bool) -> Result<()> {
        self.engine.forget(&CONVERSATION);
        match self.engine.execute(Command::set("+FTPINFO").number(u8::from(on)), COMMAND_LIMIT) {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    /// The error of `+FTPOPEN: 0`, with the last that the server said.
    fn refused_opening(&mut self) -> Error {
        let mut reply = None;
        while let Some(line) = self.engine.take(&CONVERSATION) {
            let code = line.information().and_then(|line| std::str::from_utf8(line.body.get(..3)?).ok()?.parse().ok());
            reply = code.filter(|code| (100..600).contains(code)).or(reply);
        }
        match reply {
            Some(reply) => {
                let kind = codes::ftp_reply_kind(u64::from(reply)).unwrap_or(ErrorKind::ConnectFailed);
                self.engine.error(kind, "").with_ftp_reply(reply)
            }
            None => {
                self.engine.error(ErrorKind::ConnectFailed, "the module gives no reason; perhaps the login was refused")
            }
        }
    }

    /// Closes the session, and with it whatever is going on in it. Says whether there was one.
    pub(super) fn close(&mut self) -> Result<bool> {
        self.close_down(Command::run("+FTPCLOSE"), "+FTPCLOSE", RESULT_LIMIT)
    }

    /// Sends a command whose result is the line that otherwise says that the thing was lost. A refusal means that there was
    /// nothing to close.
    pub(super) fn close_down(&mut self, command: Command, result: &'static str, limit: Duration) -> Result<bool> {
        self.engine.set_dialect(CLOSING);
        let closed = self.engine.perform(command, limit, &Pattern::Prefix(result), limit);
        self.engine.set_dialect(DIALECT);
        match closed {
            Ok(_) => Ok(true),
            Err(error) if is_refusal(error.kind()) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// User name and password. An empty one makes the call fail even on servers that want none (MC66x SDK release notes).
pub(super) fn account(server: &Server) -> (&str, &str) {
    const ANONYMOUS: &str = "anonymous";
    let user = if server.user.is_empty() { ANONYMOUS } else { &server.user };
    let password = if server.password.is_empty() && user == ANONYMOUS { "guest" } else { &server.password };
    (user, password)
}

/// Whether something is gone that the module has said all about.
pub(super) fn is_loss(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ModuleRestarted | ErrorKind::BearerLost | ErrorKind::SessionLost)
}

/// Whether an error of this kind says nothing about what the module is doing now.
pub(super) fn leaves_open(kind: ErrorKind) -> bool {
    use ErrorKind::*;
    matches!(kind, Timeout | Protocol | Cancelled | ModuleBusy)
}

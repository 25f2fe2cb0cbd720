//! The session with the server: opening and closing it, and what occupies it.

use super::cache::Cache;
use super::control::Control;
use super::due;
use super::lines::Lines;
use super::options::FibocomOptions;
use super::refused::Refused;
use super::server::Server;
use super::task::{Piece, Task};
use super::then::Then;
use super::transfer::Transfer;
use crate::emulator::command::Command;
use crate::emulator::modem::Modem;

/// The control connection, and what it is busy with: one request to the server, or one transfer.
///
/// While it is closed, it asks for nothing but to be opened, nothing has been received, and there is no transfer but an
/// upload whose sink has failed: the module still takes the data that the host has been asked for.
pub(super) struct Session {
    pub(super) control: Control,
    /// What the server is asked; its answer is due (`due::TASK`).
    task: Option<Task>,
    pub(super) transfer: Transfer,
    pub(super) cache: Cache,
}

impl Session {
    pub(super) const fn new(cache_size: usize) -> Self {
        Self { control: Control::Closed, task: None, transfer: Transfer::None, cache: Cache::new(cache_size) }
    }

    /// The module restarts.
    pub(super) fn restart(&mut self, cache_size: usize) {
        self.control = Control::Closed;
        self.task = None;
        self.transfer = Transfer::None;
        self.cache.resize(cache_size);
    }

    /// Whether it is free for another operation.
    pub(super) fn ready(&self) -> Result<(), Refused> {
        if self.control.is_open() && self.task.is_none() && matches!(self.transfer, Transfer::None) {
            Ok(())
        } else {
            Err(Refused::State)
        }
    }

    /// Accepts an operation: `OK` now, the rest when the network has answered.
    pub(super) fn begin(&mut self, task: Task, modem: &mut Modem) -> Result<(), Refused> {
        self.ready()?;
        modem.ok();
        self.ask(task, modem);
        Ok(())
    }

    pub(super) fn ask(&mut self, task: Task, modem: &mut Modem) {
        self.task = Some(task);
        modem.network_timer(due::TASK);
    }

    /// The server answers.
    pub(super) const fn take_task(&mut self) -> Option<Task> {
        self.task.take()
    }

    /// `AT+FTPOPEN`
    pub(super) fn connect(
        &mut self,
        server: Server,
        lines: &Lines,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Result<(), Refused> {
        if self.task.is_some() {
            return Err(Refused::State);
        }
        if self.control.is_open() {
            if !options.second_open_accepted {
                return Err(Refused::Active);
            }
            modem.ok();
            lines.report("FTPOPEN", 0, modem);
            return Ok(());
        }
        modem.ok();
        self.ask(Task::Open(server), modem);
        Ok(())
    }

    /// The module has logged in.
    pub(super) fn open(&mut self, options: &FibocomOptions, modem: &mut Modem) {
        self.control = Control::Open { restart_at: None };
        self.control.wake(options, modem);
    }

    /// `AT+FTPPUT`: the next piece of a file, or the first one of another.
    pub(super) fn put(
        &mut self,
        command: &Command<'_>,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Result<Then, Refused> {
        let (target, piece) = Piece::parse(command, options)?;
        match &self.transfer {
            Transfer::Put(put) if put.is_of(&target.name) => Ok(self.transfer.go_ahead(piece, options, modem)),
            _ => self.ready().map(|()| Then::Asks(Task::Put(target, piece))),
        }
    }

    /// `AT+FTPRECV=<length>`
    pub(super) fn read(
        &mut self,
        name: &str,
        command: &Command<'_>,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Result<Then, Refused> {
        let mut list = command.parameters()?;
        let asked = list.number(1..=options.recv_max as u64)?;
        list.end()?;
        if !self.control.is_open() || self.task.is_some() {
            return Err(Refused::State);
        }
        self.transfer.read(name, asked, &mut self.cache, options, modem)
    }

    /// `AT+FTPCACHE=<size>`
    pub(super) fn resize_cache(&mut self, size: u64) -> Result<(), Refused> {
        if matches!(self.transfer, Transfer::Fill(_)) {
            return Err(Refused::State);
        }
        self.cache.resize(usize::try_from(size).map_err(|_| Refused::Parameters)?);
        Ok(())
    }

    /// `AT+FTPCLOSE`; whatever is going on is aborted.
    pub(super) fn close(&mut self, options: &FibocomOptions, modem: &mut Modem) -> Result<(), Refused> {
        if !self.control.is_open() {
            return Err(Refused::State);
        }
        self.abandon(options, modem);
        modem.ok();
        self.ask(Task::Close, modem);
        Ok(())
    }

    /// Stops all that goes on; returns the name of the command it was. Data the host is sending are taken to their end.
    fn abandon(&mut self, options: &FibocomOptions, modem: &mut Modem) -> Option<&'static str> {
        for token in [due::TASK, due::FILL, due::COMPLETION, due::DRAIN] {
            modem.timers.cancel(token);
        }
        let task = self.task.take().map(|task| task.name());
        let name = task.or(self.transfer.name());
        self.transfer.stop(options, modem);
        name
    }

    /// The server has been left.
    pub(super) fn forget(&mut self, modem: &mut Modem) {
        modem.timers.cancel(due::IDLE);
        modem.timers.cancel(due::LOSS);
        self.control = Control::Closed;
        self.cache.clear();
    }

    /// Drops the session, if there is one; returns whether there was.
    pub(super) fn lose(&mut self, reported: bool, lines: &Lines, options: &FibocomOptions, modem: &mut Modem) -> bool {
        if let Some(name) = self.abandon(options, modem) {
            if name == "FTPPUT" && modem.progress.is_busy() && !modem.in_data {
                modem.error();
            } else if reported {
                lines.report(name, 0, modem);
            }
        }
        let open = self.control.is_open();
        if open {
            // There is nobody left to say goodbye to.
            drop(modem.remote.quit());
            self.forget(modem);
        }
        open
    }
}

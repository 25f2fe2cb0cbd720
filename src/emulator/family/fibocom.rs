//! The Fibocom dialect (L610 and relatives): L610 FTP application guide V1.0.0, and the Motorola G24 manuals it
//! descends from.
//!
//! `OK` says that a command has been understood; what became of it is said later by `+<command>: 0` (failed), `1`
//! (succeeded) or `2` (data follow).

mod access;
mod cache;
mod call;
mod common;
mod configuration;
mod control;
mod conversation;
mod data;
mod download;
mod due;
mod extras;
mod fill;
mod limits;
mod lines;
mod list;
mod operations;
pub(crate) mod options;
pub(super) mod profiles;
mod put;
mod refused;
#[cfg(test)]
pub(super) mod sample;
mod search;
mod server;
mod session;
mod sink;
mod state;
mod step;
mod tag;
mod task;
#[cfg(test)]
mod tests;
mod then;
mod transfer;
mod troubles;
mod upload;

use std::io;

use crate::emulator::choices::Identity;
use crate::emulator::command::{Command, Form};
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::extra;
use crate::emulator::intake::IntakeEnd;
use crate::emulator::modem::Modem;
use crate::emulator::queue::StreamEnd;
use crate::emulator::remote::RemoteError;
use access::Access;
use lines::Lines;
use options::LossKind;
use refused::Refused;
use server::Server;
use session::Session;
pub(crate) use state::Fibocom;
use task::Task;
use then::Then;

impl Fibocom {
    fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Result<(), Refused>> {
        if !self.options.has(&command.name) {
            self.call.observe(command, modem);
            return common::answer(command, modem).then_some(Ok(()));
        }
        let name = command.name.strip_prefix('+')?;
        Some(match (name, command.form) {
            (_, Form::Test) => {
                if let Some(range) = configuration::range(name, &self.options) {
                    modem.line(&format!("+{name}: {range}"));
                }
                modem.ok();
                Ok(())
            }
            ("MIPCALL", Form::Read) => {
                self.call.show(modem);
                Ok(())
            }
            ("MIPCALL", Form::Set) => self.call.set(command, &self.options, modem),
            ("FTPMODE" | "FTPINFO" | "FTPCACHE" | "GTRAT" | "MSTART", _) => self.setting(command, modem),
            ("FTPOPEN", Form::Read) => {
                modem.line(&format!("+FTPOPEN: {}", u8::from(self.session.control.is_open())));
                modem.ok();
                Ok(())
            }
            ("FTPOPEN", Form::Set) => Server::parse(command, &self.options).and_then(|server| {
                if !self.call.is_up(modem) {
                    return Err(Refused::State);
                }
                self.session.connect(server, &self.lines, &self.options, modem)
            }),
            ("FTPCLOSE", Form::Execute) => self.session.close(&self.options, modem),
            ("FTPRECV" | "FTP_RECV", Form::Set) => {
                self.session.read(name, command, &self.options, modem).map(|then| self.go_on(then, modem))
            }
            ("FTPPUT", Form::Set) => {
                self.session.put(command, &self.options, modem).map(|then| self.go_on(then, modem))
            }
            _ => match Task::parse(name, command, &self.options) {
                Ok(Some(task)) => self.session.begin(task, modem),
                Ok(None) => return None,
                Err(refused) => Err(refused),
            },
        })
    }
}

impl Dialect for Fibocom {
    fn identity(&self) -> Identity {
        // The revision is invented.
        Identity::new("Fibocom", "L610", "16000.1000.00.10.20.15")
    }

    fn extras(&self) -> &'static [&'static [extra::Row]] {
        &[extras::ROWS]
    }

    fn boot_lines(&self) -> Vec<String> {
        if !self.announces {
            return Vec::new();
        }
        ["AT command ready", "+SIM READY"].map(str::to_owned).into()
    }

    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled {
        self.troubles.overload(&command.name, modem);
        self.session.control.wake(&self.options, modem);
        match self.execute(command, modem) {
            None => return Handled::No,
            Some(Ok(())) => {}
            Some(Err(refused)) => refused.say(self.options.refusal, modem),
        }
        Handled::Yes
    }

    fn payload(&mut self, bytes: &[u8], modem: &mut Modem) {
        self.troubles.count(bytes.len() as u64);
        let then = self.session.transfer.take(bytes, &self.options, modem);
        self.go_on(then, modem);
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        if end == IntakeEnd::DataTerminalReady {
            // Motorola G24, "FTP Connection": AT&D1 has no effect.
            if modem.basic.dtr < 2 {
                self.session.transfer.receive(&self.options, modem);
            } else {
                self.lose(LossKind::Session, true, modem);
            }
            return;
        }
        let then = self.session.transfer.data_end(end, &self.options, modem);
        // The session may have gone while the data were taken to their end. That has been said.
        if self.session.control.is_open() {
            self.go_on(then, modem);
        }
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        match end.tag {
            tag::LIST => {
                modem.leave_data_mode();
                self.go_on(Then::Ends("FTPLIST", outcome(end.error)), modem);
            }
            tag::RETRIEVE => {
                self.troubles.count(end.count);
                modem.leave_data_mode();
                self.go_on(Then::Ends("FTPRETR", outcome(end.error)), modem);
            }
            _ => {
                self.options.data_end.say(modem);
                modem.ok();
                let Session { transfer, cache, .. } = &mut self.session;
                let then = transfer.after_read(cache, &self.options, modem);
                self.go_on(then, modem);
            }
        }
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        match token {
            due::CALL => {
                if !self.call.is_dialling() {
                    self.session.lose(false, &self.lines, &self.options, modem);
                }
                self.call.answered(&self.options, modem);
            }
            due::TASK => {
                if let Some(task) = self.session.take_task() {
                    let name = task.name();
                    let then = self.perform(task, modem).unwrap_or_else(|error| Then::Ends(name, Err(error)));
                    self.go_on(then, modem);
                }
            }
            due::FILL | due::COMPLETION | due::DRAIN => {
                let Self { options, troubles, session: Session { transfer, cache, .. }, .. } = self;
                let then = match token {
                    due::FILL => transfer.fill(cache, troubles, options, modem),
                    due::COMPLETION => transfer.complete(cache, options, modem),
                    _ => transfer.overrun(cache, options, modem),
                };
                self.go_on(then, modem);
            }
            due::IDLE if self.session.ready().is_ok() => self.lose(LossKind::Session, false, modem),
            due::IDLE => self.session.control.wake(&self.options, modem),
            due::LOSS => {
                if let Some(loss) = self.troubles.take_loss() {
                    self.lose(loss.kind, loss.reported, modem);
                }
            }
            // A common command may have taken the context away.
            due::CONTEXT if self.call.has_lost_context(modem) => self.lose(LossKind::Call, true, modem),
            _ => {}
        }
    }

    /// It keeps no files; no document gives a code for this. A file that does not fit into the cache is reported by its
    /// pieces only (L610 FTP application guide V1.0.0 §3.2 note 8).
    fn limit_memory(&mut self, free: u64) {
        self.session.cache.limit(usize::try_from(free).unwrap_or(usize::MAX));
    }

    fn restart(&mut self) {
        self.call.restart();
        self.lines = Lines::new(&self.options);
        self.access = Access::default();
        self.session.restart(self.options.cache_size);
    }
}

/// How a stream ended.
fn outcome(error: Option<io::Error>) -> Result<(), RemoteError> {
    error.map_or(Ok(()), |error| Err(RemoteError::from_io(&error)))
}

//! The Fibocom dialect (L610 and relatives): L610 FTP application guide V1.0.0, and the Motorola G24 manuals it
//! descends from.
//!
//! `OK` says that a command has been understood; what became of it is said later by `+<command>: 0` (failed), `1`
//! (succeeded) or `2` (data follow).

mod cache;
mod call;
mod common;
mod configuration;
mod conversation;
mod data;
mod download;
mod due;
mod extras;
mod limits;
mod lines;
mod list;
pub(crate) mod options;
pub(super) mod profiles;
mod refused;
#[cfg(test)]
pub(super) mod sample;
mod search;
mod session;
mod settings;
mod sink;
mod state;
mod step;
mod tag;
mod task;
#[cfg(test)]
mod tests;
mod transfer;
mod troubles;
mod upload;

use crate::emulator::choices::Identity;
use crate::emulator::command::{Command, Form, Malformed};
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::extra;
use crate::emulator::intake::IntakeEnd;
use crate::emulator::modem::Modem;
use crate::emulator::queue::StreamEnd;
use lines::Lines;
use options::LossKind;
use refused::Refused;
use settings::Settings;
pub(crate) use state::Fibocom;
use step::Step;
use task::Task;
use transfer::Transfer;

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
                modem.line(&format!("+FTPOPEN: {}", u8::from(self.open)));
                modem.ok();
                Ok(())
            }
            ("FTPOPEN", Form::Set) => self.connect(command, modem),
            ("FTPCLOSE", Form::Execute) => self.close(modem),
            ("FTPLIST", Form::Execute | Form::Set) => self.list(command, modem),
            ("FTPGET", Form::Set) => self.fetch(command, modem),
            ("FTPRETR", Form::Set) => self.stream_out(command, modem),
            ("FTPRECV" | "FTP_RECV", Form::Set) => self.read_cache(name, command, modem),
            ("FTPPUT", Form::Set) => self.put(command, modem),
            ("FTPSTOR", Form::Set) => self.stream_in(command, modem),
            _ => match Step::parse(name, command) {
                Ok(Some(step)) => self.begin(Task::Step(step), modem),
                Ok(None) => return None,
                Err(Malformed) => Err(Refused::Parameters),
            },
        })
    }

    /// Whether the session is free for another operation.
    fn ready(&self) -> Result<(), Refused> {
        if self.open && self.task.is_none() && matches!(self.transfer, Transfer::None) {
            Ok(())
        } else {
            Err(Refused::State)
        }
    }

    /// Accepts an operation: `OK` now, the rest when the network has answered.
    fn begin(&mut self, task: Task, modem: &mut Modem) -> Result<(), Refused> {
        self.ready()?;
        modem.ok();
        self.ask(task, modem);
        Ok(())
    }

    fn ask(&mut self, task: Task, modem: &mut Modem) {
        self.task = Some(task);
        modem.network_timer(due::TASK);
    }

    fn run(&mut self, task: Task, modem: &mut Modem) {
        match task {
            Task::Open(server) => self.connected(&server, modem),
            Task::Close => self.closed(modem),
            Task::Step(step) => self.step(&step, modem),
            Task::List(path) => self.listing(&path, modem),
            Task::Get(request) => self.begin_fill(&request, modem),
            Task::Retrieve(request) => self.begin_stream_out(&request, modem),
            Task::Store(target) => self.begin_stream_in(&target, modem),
            Task::Put(target, piece) => self.begin_put(target, piece, modem),
            Task::FinishStore(sink) => self.finish("FTPSTOR", sink, modem),
            Task::FinishPut(sink) => self.finish("FTPPUT", sink, modem),
        }
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
        self.wake(modem);
        match self.execute(command, modem) {
            None => return Handled::No,
            Some(Ok(())) => {}
            Some(Err(refused)) => refused.say(self.options.refusal, modem),
        }
        Handled::Yes
    }

    fn payload(&mut self, bytes: &[u8], modem: &mut Modem) {
        self.take(bytes, modem);
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        self.data_end(end, modem);
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        match end.tag {
            tag::LIST => self.list_end(end.error, modem),
            tag::RETRIEVE => self.stream_out_end(end.count, end.error, modem),
            _ => self.cache_read(modem),
        }
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        match token {
            due::CALL => {
                if !self.call.is_dialling() {
                    self.lose_session(false, modem);
                }
                self.call.answered(&self.options, modem);
            }
            due::TASK => {
                if let Some(task) = self.task.take() {
                    self.run(task, modem);
                }
            }
            due::FILL => self.fill(modem),
            due::COMPLETION => self.complete(modem),
            due::DRAIN => self.overrun(modem),
            due::IDLE => self.idle_close(modem),
            due::LOSS => self.scheduled_loss(modem),
            // A common command may have taken the context away.
            due::CONTEXT if self.call.has_lost_context(modem) => self.lose(LossKind::Call, true, modem),
            _ => {}
        }
    }

    /// It keeps no files; no document gives a code for this. A file that does not fit into the cache is reported by its
    /// pieces only (L610 FTP application guide V1.0.0 §3.2 note 8).
    fn limit_memory(&mut self, free: u64) {
        self.cache.limit(usize::try_from(free).unwrap_or(usize::MAX));
    }

    fn restart(&mut self) {
        self.call.restart();
        self.lines = Lines::new(&self.options);
        self.settings = Settings::default();
        self.open = false;
        self.task = None;
        self.transfer = Transfer::None;
        self.cache.resize(self.options.cache_size);
        self.last_list.clear();
    }
}

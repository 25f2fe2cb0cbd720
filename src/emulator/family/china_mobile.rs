//! The China Mobile dialect: OneMO FTP AT manual V3.1.0.
//!
//! `OK` says that a command was accepted; its result comes later in a line of its own, for each of six connections.

mod certificates;
mod code;
mod config;
mod connection;
mod extras;
mod files;
mod lines;
mod list;
mod network;
pub(crate) mod options;
mod perform;
pub(super) mod profiles;
mod retrieve;
#[cfg(test)]
pub(super) mod sample;
mod ssl;
mod storage;
#[cfg(test)]
mod tests;
mod turn;
mod upload;
mod verb;

use crate::emulator::choices::Identity;
use crate::emulator::command::{Command, Form, Parameters};
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::extra;
use crate::emulator::intake::IntakeEnd;
use crate::emulator::modem::Modem;
use crate::emulator::queue::StreamEnd;
use code::{BAD_PARAMETER, Refused, error_text};
use config::Config;
use connection::{Connection, Task};
use lines::answer;
use network::Calls;
use options::{ChinaMobileModel, ChinaMobileOptions};
use storage::Flash;
use turn::Turn;
use verb::Verb;

/// How many connections there are.
const CONNECTIONS: usize = 6;
/// Timers beside those of the connections' tasks: their losses, PDP contexts, and `AT+MIPCALL`.
const LOSS: u32 = 8;
const CONTEXTS: u32 = 16;
const CALLS: u32 = 17;

/// The timer of a connection's task.
fn token(id: usize) -> u32 {
    u32::try_from(id).unwrap_or(u32::MAX)
}

/// The China Mobile FTP client.
pub(crate) struct ChinaMobile {
    options: ChinaMobileOptions,
    connections: [Connection; CONNECTIONS],
    storage: Flash,
    calls: Calls,
    /// Pieces of downloads since power-on.
    pieces: u32,
}

impl ChinaMobile {
    pub(crate) fn new(options: &ChinaMobileOptions) -> Self {
        Self {
            options: options.clone(),
            connections: Default::default(),
            storage: Flash::new(options.storage),
            calls: Calls::default(),
            pieces: 0,
        }
    }

    fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Result<(), Refused>> {
        if let Some(verb) = Verb::from_name(&command.name) {
            return match command.form {
                Form::Set => Some(self.accept(verb, command, modem)),
                Form::Test => Some(answer(&[verb.range()], modem)),
                Form::Read | Form::Execute => None,
            };
        }
        Some(match (command.name.as_str(), command.form) {
            ("+MFTPCFG", Form::Test) => answer(&Config::ranges(&self.options), modem),
            ("+MFTPCFG", Form::Set) => self.configure(command, modem),
            ("+MFTPSTATE", Form::Test) => answer(&["+MFTPSTATE: (0-5)".to_owned()], modem),
            ("+MFTPSTATE", Form::Set) => self.state(command, modem),
            (name, _) if name.starts_with("+MSSL") => {
                return self.storage.ssl_command(command, &self.options, modem);
            }
            (name, _) if name.starts_with("+MF") => {
                return self.storage.file_command(command, &self.options, modem);
            }
            ("+MIPCALL", _) => return self.calls.command(command, &self.options, modem),
            ("+CGACT" | "+CFUN", Form::Set) => {
                // They are common commands; connections lose their context when they are done.
                modem.timer(CONTEXTS, std::time::Duration::ZERO);
                return None;
            }
            _ => return None,
        })
    }

    fn configure(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let id = connection_id(&mut list)?;
        let connection = self.connections.get_mut(id).ok_or(Refused(BAD_PARAMETER))?;
        let lines = connection.config.access(id, &mut list, &self.options)?;
        answer(&lines, modem)
    }

    fn state(&self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let id = connection_id(&mut list)?;
        list.end()?;
        let state = self.connections.get(id).map_or(0, Connection::state);
        answer(&[format!("+MFTPSTATE: {id},{state}")], modem)
    }

    /// A command that ends with a result line.
    fn accept(&mut self, verb: Verb, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let id = connection_id(&mut list)?;
        let is_blocked = self.options.busy_together && self.connections.iter().any(|other| other.job.is_some());
        let mut turn = self.turn(id, modem).ok_or(Refused(BAD_PARAMETER))?;
        turn.accept(verb, &mut list, is_blocked)
    }

    /// A connection, and what it needs to go on.
    fn turn<'a>(&'a mut self, id: usize, modem: &'a mut Modem) -> Option<Turn<'a>> {
        let shared_is_free = !self.connections.iter().any(Connection::uses_shared);
        Some(Turn {
            id,
            connection: self.connections.get_mut(id)?,
            shared_is_free,
            options: &mut self.options,
            storage: &mut self.storage,
            pieces: &mut self.pieces,
            modem,
        })
    }

    /// The connection that data mode is for.
    fn receiving<'a>(&'a mut self, modem: &'a mut Modem) -> Option<Turn<'a>> {
        let id = self.connections.iter().position(|connection| connection.entry.is_some())?;
        self.turn(id, modem)
    }

    /// Connections whose PDP context is gone break.
    fn check_contexts(&mut self, modem: &mut Modem) {
        self.calls.check_contexts(modem);
        for id in 0..CONNECTIONS {
            if let Some(mut turn) = self.turn(id, modem)
                && !turn.modem.basic.is_active(turn.connection.config.cid)
            {
                turn.break_off();
            }
        }
    }
}

/// `<connect_id>`
fn connection_id(list: &mut Parameters<'_>) -> Result<usize, Refused> {
    let id = list.number(0..=CONNECTIONS as u64 - 1)?;
    usize::try_from(id).map_err(|_| Refused(BAD_PARAMETER))
}

impl Dialect for ChinaMobile {
    fn identity(&self) -> Identity {
        let model = match self.options.model {
            ChinaMobileModel::Ml302a => "ML302A-DSLM",
            ChinaMobileModel::Ml305a => "ML305A-DS",
            ChinaMobileModel::Ml305u => "ML305U-DBLN",
            ChinaMobileModel::Ml307a => "ML307A-DSLN",
            ChinaMobileModel::Ml307r => "ML307R-DC",
            ChinaMobileModel::Ml307n => "ML307N",
            ChinaMobileModel::Mr880a => "MR880A",
        };
        // The revision is invented.
        Identity::new("CMCC", model, &format!("{model}_V1.0"))
    }

    fn extras(&self) -> &'static [&'static [extra::Row]] {
        &[extras::ROWS]
    }

    fn boot_lines(&self) -> Vec<String> {
        vec!["+MATREADY".to_owned()]
    }

    fn default_cmee(&self) -> u8 {
        1
    }

    fn error_text(&self) -> fn(u16) -> Option<&'static str> {
        error_text
    }

    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled {
        match self.execute(command, modem) {
            None => return Handled::No,
            Some(Ok(())) => {}
            Some(Err(Refused(code))) => modem.cme(code),
        }
        Handled::Yes
    }

    fn payload(&mut self, bytes: &[u8], modem: &mut Modem) {
        if !self.storage.take_file(bytes)
            && let Some(mut turn) = self.receiving(modem)
        {
            upload::take_data(bytes, &mut turn);
        }
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        if !self.storage.end_file(end, modem)
            && let Some(mut turn) = self.receiving(modem)
        {
            upload::end_data(end, &mut turn);
        }
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        if end.tag == files::STREAM {
            modem.ok();
            return;
        }
        let gap = self.options.piece_gap;
        let id = usize::try_from(end.tag).unwrap_or(CONNECTIONS);
        let Some(mut turn) = self.turn(id, modem) else {
            return;
        };
        let job = turn.connection.job.as_ref();
        if !job.is_some_and(|job| matches!(job.task, Task::Download(_))) {
            return;
        }
        if gap.is_zero() {
            turn.run();
        } else {
            turn.modem.timer(end.tag, gap);
        }
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        let index = |first: u32| usize::try_from(token.saturating_sub(first)).unwrap_or(CONNECTIONS);
        match token {
            CONTEXTS => self.check_contexts(modem),
            CALLS => {
                self.calls.settle(&self.options, modem);
                self.check_contexts(modem);
            }
            LOSS..CONTEXTS => {
                if let Some(mut turn) = self.turn(index(LOSS), modem) {
                    turn.break_off();
                }
            }
            _ => {
                if let Some(mut turn) = self.turn(index(0), modem) {
                    turn.run();
                }
            }
        }
    }

    fn limit_memory(&mut self, free: u64) {
        self.storage.files.limit(free);
    }

    fn restart(&mut self) {
        let mut storage = std::mem::take(&mut self.storage);
        storage.restart();
        *self = Self { storage, pieces: self.pieces, ..Self::new(&self.options) };
    }
}

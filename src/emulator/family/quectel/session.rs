//! The FTP session, and what it takes when: Quectel EC2x FTP(S) application note V1.0 §2.2 and §2.16 to §2.18.

use std::collections::VecDeque;
use std::time::Duration;

use super::config::Config;
use super::control::Control;
use super::failure::{self, Answer, BUSY, FILE_POSITION, Failure, INVALID_PARAMETER, NOT_TAKEN, Refused, TIMEOUT};
use super::login::Server;
use super::options::QuectelOptions;
use super::token::OPERATION;
use super::transfer::download::Paused;
use super::transfer::upload::{Put, Uploaded};
use super::transfer::{Local, Serial, Transfer};
use crate::emulator::command::Command;
use crate::emulator::modem::Modem;
use crate::emulator::remote::{RemoteError, Tls};

/// `AT+QFTPOPEN` may take this long (§2.2), or the response time-out where that is longer.
const OPENING: Duration = Duration::from_secs(125);

/// `<ftpstat>` of §2.17.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    Opening = 0,
    Idle = 1,
    Transferring = 2,
    Closing = 3,
    #[default]
    Closed = 4,
}

/// Something the network takes time for.
pub(super) struct Job {
    /// The command it was begun by.
    pub(super) name: String,
    pub(super) work: Work,
    /// An error if it takes longer than the module waits.
    pub(super) in_time: Result<(), Failure>,
}

pub(super) enum Work {
    Open(Server),
    Close,
    Control(Control),
    Serial(Serial),
    Local(Local),
    /// Only the result is left to say.
    Report(Result<String, Failure>),
    /// An upload is to be closed and reported.
    FinishPut(Uploaded),
}

/// The session with the server, and what is done in it.
///
/// One job is under way at most, and a command that would begin another is refused; only a command without data may
/// wait, if the options allow it. An upload in pieces takes nothing but its next piece. When the connection is gone,
/// all of this is forgotten except how much the last transfer has moved.
#[derive(Default)]
pub(super) struct Session {
    state: State,
    /// The PDP context it was opened in.
    pub(super) context: u64,
    /// What is being done, and reported later.
    pub(super) job: Option<Job>,
    /// Commands accepted while another one is under way.
    waiting: VecDeque<(String, Control)>,
    /// An upload from its `CONNECT` to its result, or to its last piece.
    pub(super) put: Option<Put>,
    /// A download that the host has paused.
    pub(super) paused: Option<Paused>,
    /// Error 615 has left the client busy until it is closed.
    pub(super) wedged: bool,
    /// The answer to `AT+QFTPLEN`.
    pub(super) transferred: u64,
}

impl Session {
    /// The answer to `AT+QFTPSTAT`.
    pub(super) const fn state(&self) -> State {
        if self.put.is_some() { State::Transferring } else { self.state }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether a command that needs the session may begin.
    pub(super) const fn ready(&self, options: &QuectelOptions) -> Answer {
        match self.state {
            State::Closed => Err(Refused::Code(options.not_open_error)),
            State::Idle if self.job.is_none() && self.put.is_none() && !self.wedged => Ok(()),
            _ => Err(Refused::Code(BUSY)),
        }
    }

    /// Between two pieces of an upload only the next piece is taken.
    fn admit(&self, transfer: &Transfer, options: &QuectelOptions) -> Answer {
        let Some(put) = &self.put else {
            return self.ready(options);
        };
        match transfer {
            Transfer::Serial(Serial::Upload(piece)) if put.is_of(piece) && self.job.is_none() => {
                if put.continues_with(piece) { Ok(()) } else { Err(Refused::Code(FILE_POSITION)) }
            }
            _ => Err(Refused::Code(BUSY)),
        }
    }

    /// `AT+QFTPOPEN`
    pub(super) fn open(
        &mut self,
        command: &Command<'_>,
        config: &Config,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Answer {
        let server = Server::parse(command)?;
        if !self.is_closed() {
            return Err(Refused::Code(BUSY));
        }
        // §2.1, remark: no FTPS in active mode.
        if config.tls() != Tls::Off && !config.is_passive() {
            return Err(Refused::Code(INVALID_PARAMETER));
        }
        *self = Self { state: State::Opening, context: config.context(), ..Self::default() };
        modem.ok();
        self.begin(&command.name, Work::Open(server), config, options, modem);
        Ok(())
    }

    /// The server has let the module in.
    pub(super) const fn opened(&mut self) {
        self.state = State::Idle;
    }

    /// `AT+QFTPCLOSE`
    pub(super) fn close(&mut self, config: &Config, options: &QuectelOptions, modem: &mut Modem) -> Answer {
        match self.state {
            State::Closed if options.close_when_closed => {}
            State::Closed => return self.ready(options),
            State::Closing => return Err(Refused::Code(BUSY)),
            _ => {
                self.put = None;
                self.state = State::Closing;
                self.paused = None;
            }
        }
        modem.ok();
        self.begin("+QFTPCLOSE", Work::Close, config, options, modem);
        Ok(())
    }

    /// A command without data: `OK` now, its result later.
    pub(super) fn control(
        &mut self,
        command: &Command<'_>,
        config: &Config,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Answer {
        let control = Control::parse(command, options)?;
        let overlaps =
            options.overlapping_commands && self.state == State::Idle && self.put.is_none() && self.job.is_some();
        if !overlaps {
            self.ready(options)?;
        }
        modem.ok();
        if overlaps {
            self.waiting.push_back((command.name.clone(), control));
        } else {
            self.begin(&command.name, Work::Control(control), config, options, modem);
        }
        Ok(())
    }

    /// A command with data.
    pub(super) fn transfer(
        &mut self,
        command: &Command<'_>,
        config: &Config,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Answer {
        let transfer = Transfer::parse(command, options)?;
        self.admit(&transfer, options)?;
        let name = &command.name;
        match transfer {
            Transfer::Serial(serial) => {
                let delay = modem.options.network_latency.saturating_add(options.connect_delay);
                self.begin_within(name, Work::Serial(serial), Some(delay), config, modem);
            }
            Transfer::Local(local) => {
                self.begin_transfer();
                self.transferred = 0;
                modem.ok();
                self.begin(name, Work::Local(local), config, options, modem);
            }
        }
        Ok(())
    }

    /// Begins a job whose result line follows; replaces the one that is under way.
    pub(super) fn begin(
        &mut self,
        name: &str,
        work: Work,
        config: &Config,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        let delay = match options.result_delay(name) {
            Some(delay) => delay,
            None => Some(modem.options.network_latency),
        };
        self.begin_within(name, work, delay, config, modem);
    }

    /// As [`Session::begin`], after `delay`; for ever without one.
    fn begin_within(&mut self, name: &str, work: Work, delay: Option<Duration>, config: &Config, modem: &mut Modem) {
        let patience = match work {
            Work::Open(_) => config.patience().max(OPENING),
            _ => config.patience(),
        };
        let is_late = delay.is_some_and(|delay| delay > patience);
        let in_time = if is_late { Err(Failure::local(TIMEOUT)) } else { Ok(()) };
        self.job = Some(Job { name: name.to_owned(), work, in_time });
        match delay {
            Some(delay) => modem.timer(OPERATION, delay.min(patience)),
            None => modem.timers.cancel(OPERATION),
        }
    }

    /// A job has been done: the next command that waits begins.
    pub(super) fn go_on(&mut self, config: &Config, options: &QuectelOptions, modem: &mut Modem) {
        if self.job.is_none()
            && let Some((name, control)) = self.waiting.pop_front()
        {
            self.begin(&name, Work::Control(control), config, options, modem);
        }
    }

    pub(super) fn begin_transfer(&mut self) {
        if self.state == State::Idle {
            self.state = State::Transferring;
        }
    }

    pub(super) fn end_transfer(&mut self) {
        if self.state == State::Transferring {
            self.state = State::Idle;
        }
    }

    /// Forgets the session, and the server with it.
    pub(super) fn disconnect(&mut self, modem: &mut Modem) {
        *self = Self { transferred: self.transferred, ..Self::default() };
        // A connection that cannot be closed properly is closed all the same.
        drop(modem.remote.quit());
    }

    /// Takes note of a connection that broke.
    pub(super) fn notice(&mut self, error: &RemoteError, modem: &mut Modem) {
        if failure::ends_session(error) {
            self.disconnect(modem);
        }
    }

    /// What a transfer that breaks off means. The module may remember the reply to its beginning only.
    pub(super) fn broken(&mut self, error: &RemoteError, options: &QuectelOptions, modem: &mut Modem) -> Failure {
        self.notice(error, modem);
        if options.stale_reply {
            return Failure { code: NOT_TAKEN, reply: 150 };
        }
        Failure::of_data(error)
    }
}

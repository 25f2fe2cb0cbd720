//! The FTP session and its states: Quectel EC2x FTP(S) application note V1.0 §2.16 and §2.17.

use std::time::Duration;

use super::failure::{self, BUSY, DATA_CONNECTION, Failure, Refused, TIMEOUT};
use super::state::{Job, Quectel, Session, State, Work};
use super::token::OPERATION;
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;
use crate::emulator::remote::RemoteError;

/// `AT+QFTPOPEN` may take this long (§2.2), or the response time-out where that is longer.
const OPENING: Duration = Duration::from_secs(125);

/// The answer to the test form of an FTP command, apart from `OK`.
fn test_form(name: &str) -> Option<&'static str> {
    Some(match name {
        "+QFTPOPEN" => "+QFTPOPEN: <hostname>,<port>",
        "+QFTPCWD" => "+QFTPCWD: <path_name>",
        "+QFTPPUT" => "+QFTPPUT: <file_name>,<local_name>,<startpos>,<uploadlen>,<beof>",
        "+QFTPGET" => "+QFTPGET: <file_name>,<local_name>,<startpos>,<downloadlen>",
        "+QFTPSIZE" => "+QFTPSIZE: <file_name>",
        "+QFTPDEL" => "+QFTPDEL: <file_name>",
        "+QFTPMKDIR" => "+QFTPMKDIR: <folder_name>",
        "+QFTPRMDIR" => "+QFTPRMDIR: <folder_name>",
        "+QFTPLIST" => "+QFTPLIST: <dirname>,<local_name>",
        "+QFTPNLST" => "+QFTPNLST: <dirname>,<local_name>",
        "+QFTPMLSD" => "+QFTPMLSD: <dirname>,<local_name>",
        "+QFTPMDTM" => "+QFTPMDTM: <file_name>",
        "+QFTPRENAME" => "+QFTPRENAME: <old_name>,<new_name>",
        "+QFTPPWD" | "+QFTPLEN" | "+QFTPSTAT" | "+QFTPCLOSE" => "",
        _ => return None,
    })
}

impl Quectel {
    /// An `AT+QFTP…` command; `None` if there is no such form.
    pub(super) fn ftp(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Result<(), Refused>> {
        let name = command.name.as_str();
        match (name, command.form) {
            ("+QFTPCFG", Form::Test) => {
                modem.lines(&self.config.test());
                modem.ok();
                return Some(Ok(()));
            }
            (_, Form::Test) => {
                let text = test_form(name)?;
                if !text.is_empty() {
                    modem.line(text);
                }
                modem.ok();
                return Some(Ok(()));
            }
            ("+QFTPCFG", Form::Set) => return Some(self.configure(command, modem)),
            ("+QFTPPWD" | "+QFTPLEN" | "+QFTPSTAT" | "+QFTPCLOSE", Form::Execute) => {}
            (_, Form::Set) if test_form(name).is_some_and(|text| !text.is_empty()) => {}
            _ => return None,
        }
        // §4.1: a missing card is reported by ERROR.
        if !modem.basic.has_card() {
            return Some(Err(Refused::Plain));
        }
        Some(match name {
            "+QFTPOPEN" => self.open(command, modem),
            "+QFTPCLOSE" => self.close(modem),
            "+QFTPSTAT" => {
                let state = if self.session.put.is_some() { State::Transferring } else { self.session.state };
                self.results.answer(name, state as u64, modem);
                Ok(())
            }
            "+QFTPLEN" if self.session.state == State::Closed => self.ready(),
            "+QFTPLEN" => {
                self.results.answer(name, self.session.transferred, modem);
                Ok(())
            }
            "+QFTPGET" | "+QFTPLIST" | "+QFTPNLST" | "+QFTPMLSD" | "+QFTPPUT" => self.transfer(command, modem),
            _ => self.control(command, modem),
        })
    }

    fn configure(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let before = self.config.clone();
        let shown = self.config.set(command, &self.options)?;
        let context = self.config.context();
        if self.options.contextid_needs_activation
            && context != before.context()
            && !self.network.contexts.is_active(context)
        {
            self.config = before;
            return Err(Refused::Malformed);
        }
        if let Some(line) = shown {
            modem.line(&line);
        }
        modem.ok();
        Ok(())
    }

    /// Whether a command that needs the session may begin.
    pub(super) const fn ready(&self) -> Result<(), Refused> {
        let session = &self.session;
        match session.state {
            State::Closed => Err(Refused::Code(self.options.not_open_error)),
            State::Idle if session.job.is_none() && session.put.is_none() && !session.wedged => Ok(()),
            _ => Err(Refused::Code(BUSY)),
        }
    }

    /// Begins a job whose result line follows; replaces the one that is under way.
    pub(super) fn begin(&mut self, name: &str, work: Work, modem: &mut Modem) {
        let delay = match self.options.result_delay(name) {
            Some(delay) => delay,
            None => Some(modem.options.network_latency),
        };
        self.begin_within(name, work, delay, modem);
    }

    /// As [`Quectel::begin`], after `delay`; for ever without one.
    pub(super) fn begin_within(&mut self, name: &str, work: Work, delay: Option<Duration>, modem: &mut Modem) {
        let patience = match work {
            Work::Open { .. } => self.config.patience().max(OPENING),
            _ => self.config.patience(),
        };
        let expired = delay.is_some_and(|delay| delay > patience);
        self.session.job = Some(Job { name: name.to_owned(), work, expired });
        match delay {
            Some(delay) => modem.timer(OPERATION, delay.min(patience)),
            None => modem.timers.cancel(OPERATION),
        }
    }

    /// The network is done with the job.
    pub(super) fn perform(&mut self, modem: &mut Modem) {
        let Some(Job { name, work, expired }) = self.session.job.take() else {
            return;
        };
        match work {
            Work::Open { host, port } => {
                let result = if expired { Err(Failure::local(TIMEOUT)) } else { self.log_in(&host, port, modem) };
                if result.is_err() {
                    self.disconnect(modem);
                } else {
                    self.session.state = State::Idle;
                }
                self.results.report(&name, result.map(|()| "0".to_owned()), modem);
            }
            Work::Close => {
                self.disconnect(modem);
                let result = if expired { Err(Failure::local(TIMEOUT)) } else { Ok("0".to_owned()) };
                self.results.report(&name, result, modem);
            }
            Work::Control(_) | Work::Report(_) if expired => {
                self.results.report(&name, Err(Failure::local(TIMEOUT)), modem);
            }
            Work::Control(control) => {
                let result = control.run(modem.remote.as_mut(), self.options.quoted_directory);
                let result = result.map_err(|error| {
                    self.notice(&error, modem);
                    Failure::of_control(&error)
                });
                self.results.report(&name, result, modem);
            }
            Work::Transfer(transfer) => self.begin_transfer(&name, transfer, expired, modem),
            Work::Report(result) => self.results.report(&name, result, modem),
            Work::FinishPut(uploaded) => self.finish_put(&name, uploaded, expired, modem),
        }
        if self.session.job.is_none()
            && let Some((name, control)) = self.session.waiting.pop_front()
        {
            self.begin(&name, Work::Control(control), modem);
        }
    }

    /// Forgets the session, and the server with it.
    pub(super) fn disconnect(&mut self, modem: &mut Modem) {
        self.session = Session { transferred: self.session.transferred, ..Session::default() };
        self.paused = None;
        // A connection that cannot be closed properly is closed all the same.
        drop(modem.remote.quit());
    }

    /// Takes note of a connection that broke.
    pub(super) fn notice(&mut self, error: &RemoteError, modem: &mut Modem) {
        if failure::ends_session(error) {
            self.disconnect(modem);
        }
    }

    /// Takes note of a data connection that could not be opened.
    pub(super) fn notice_data_failure(&mut self, code: u16) {
        if code == DATA_CONNECTION {
            self.data_failures = self.data_failures.saturating_add(1);
            self.session.wedged = self.options.busy_after_data_failure;
        }
    }

    /// Whether only a restart helps any more.
    pub(super) fn is_stuck(&self) -> bool {
        self.options.stuck_after.is_some_and(|limit| self.data_failures >= limit)
    }
}

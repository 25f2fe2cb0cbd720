//! The Quectel dialect: Quectel EC2x&EG9x&EG2x-G&EM05 FTP(S) application note V1.0.
//!
//! A command is answered with `OK` at once, and with its result line (`+QFTPCWD: 0,0`) when the network is done;
//! only transfers over the serial line say `CONNECT` first, and `OK` after the data.

mod ascii;
mod config;
mod contexts;
mod control;
mod data;
mod extras;
mod failure;
mod files;
mod gsm;
mod login;
mod network;
pub(crate) mod options;
pub(super) mod profiles;
mod queries;
mod results;
#[cfg(test)]
pub(super) mod sample;
mod session;
mod state;
#[cfg(test)]
mod tests;
mod tls;
mod token;
mod transfer;

use crate::emulator::choices::Identity;
use crate::emulator::command::{Command, Form};
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::extra;
use crate::emulator::intake::IntakeEnd;
use crate::emulator::modem::Modem;
use crate::emulator::queue::StreamEnd;
use data::Data;
use failure::{Answer, DATA_CLOSED, Failure, INVALID_INPUT, INVALID_PARAMETER, NETWORK, Refused};
use files::Moving;
use network::Change;
pub(crate) use state::Quectel;
use state::{Job, State, Work};
use token::{CONTEXT, DOWNLOAD, LATE, OPERATION, STALL};

impl Quectel {
    /// What is different from the common part, looked at before the first command.
    fn start(&mut self, modem: &mut Modem) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        if modem.options.pdp_active {
            self.network.contexts.assume_active(1);
        }
        // §1.4: DTR means nothing before AT&D1.
        modem.basic.dtr = 0;
    }

    fn dispatch(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Answer> {
        let name = command.name.as_str();
        if name.starts_with("+QFTP") {
            return if self.options.gsm_client {
                self.gsm_client.execute(command, modem)
            } else {
                self.ftp(command, modem)
            };
        }
        if name.starts_with("+QF") {
            let begun = self.files.execute(command, &self.options, modem)?;
            return Some(begun.map(|moving| {
                if let Some(moving) = moving {
                    self.data = Data::File(moving);
                }
            }));
        }
        match (name, command.form) {
            ("O", Form::Execute) => {
                self.resume(modem);
                Some(Ok(()))
            }
            ("+QPOWD", Form::Execute | Form::Set) => {
                modem.ok();
                modem.urc("POWERED DOWN");
                modem.restart_requested = true;
                Some(Ok(()))
            }
            ("+CFUN" | "+CGATT", Form::Set) => {
                for id in self.network.note_radio(command) {
                    self.lose_context(id, modem);
                }
                None
            }
            ("+QURCCFG", _) => self.results.execute(command, modem),
            ("+QSSLCFG", _) => self.tls.execute(command, modem),
            ("+QICSGP" | "+QIACT" | "+QIDEACT" | "+QIGETERROR", _) => {
                let wanted = self.network.execute(command, &self.options, modem)?;
                Some(wanted.and_then(|change| change.map_or(Ok(()), |change| self.change_context(change, modem))))
            }
            _ => None,
        }
    }

    fn change_context(&mut self, change: Change, modem: &mut Modem) -> Answer {
        match change {
            Change::Activate(id) => self.network.activate(id, self.is_stuck(), &self.options, modem),
            Change::Deactivate(id) => {
                self.fail_session(id, modem);
                self.network.contexts.deactivate(id, modem);
                Ok(())
            }
        }
    }

    /// The network drops a context.
    fn lose_context(&mut self, id: u64, modem: &mut Modem) {
        if self.network.lose(id, modem) {
            self.fail_session(id, modem);
            self.results.say(&format!("+QIURC: \"pdpdeact\",{id}"), modem);
        }
    }

    /// Whatever the session was doing in this context fails, and the session is closed.
    fn fail_session(&mut self, id: u64, modem: &mut Modem) {
        if self.session.state == State::Closed || self.session.context != id {
            return;
        }
        let failure = Failure::local(DATA_CLOSED);
        let failed = match std::mem::take(&mut self.data) {
            Data::Download(download) | Data::Late(download) => {
                drop(modem.queue.stop_stream());
                modem.timers.cancel(STALL);
                Some(download.name().to_owned())
            }
            Data::Put(_) => Some("+QFTPPUT".to_owned()),
            other => {
                self.data = other;
                None
            }
        };
        if let Some(name) = failed {
            self.disconnect(modem);
            modem.leave_data_mode();
            self.end_failed(modem);
            self.results.report(&name, Err(failure), modem);
            return;
        }
        let job = self.session.job.take();
        self.disconnect(modem);
        modem.timers.cancel(OPERATION);
        let Some(Job { name, work, .. }) = job else {
            return;
        };
        match work {
            Work::Transfer(transfer) if transfer.is_serial() => modem.cme(failure.code),
            Work::Transfer(_) | Work::FinishPut(_) => self.results.report(&name, Err(failure), modem),
            Work::Report(result) => self.results.report(&name, result, modem),
            Work::Open { .. } | Work::Control(_) => {
                self.results.report(&name, Err(Failure::local(NETWORK)), modem);
            }
            Work::Close => self.results.report(&name, Ok("0".to_owned()), modem),
        }
    }
}

impl Dialect for Quectel {
    fn identity(&self) -> Identity {
        // The revision is invented.
        Identity::new("Quectel", "EC25", "EC25EFAR06A01M4G")
    }

    fn extras(&self) -> &'static [&'static [extra::Row]] {
        &[extras::ROWS]
    }

    /// Four unrelated programs that work on Quectel modules send parameters such as `AT+QFTPPUT="a", "COM:",0,10,1`.
    fn skips_blanks(&self) -> bool {
        true
    }

    fn boot_lines(&self) -> Vec<String> {
        self.options.boot_lines.clone()
    }

    fn default_cmee(&self) -> u8 {
        1
    }

    fn error_text(&self) -> fn(u16) -> Option<&'static str> {
        failure::words
    }

    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled {
        self.start(modem);
        match self.dispatch(command, modem) {
            None => return Handled::No,
            Some(Ok(())) => {}
            Some(Err(Refused::Code(code))) => modem.cme(code),
            Some(Err(Refused::Malformed)) if command.name.starts_with("+QFTP") => {
                modem.cme(INVALID_PARAMETER);
            }
            Some(Err(Refused::Malformed)) if command.name.starts_with("+QF") => {
                modem.cme(INVALID_INPUT);
            }
            Some(Err(Refused::Plain | Refused::Malformed)) => modem.error(),
        }
        Handled::Yes
    }

    fn payload(&mut self, bytes: &[u8], modem: &mut Modem) {
        match &mut self.data {
            Data::Put(_) => self.put_payload(bytes, modem),
            Data::File(Moving::In(incoming)) => incoming.take(bytes, &mut self.files, &self.options, modem),
            // What the host sends during a download is lost.
            Data::None | Data::Download(_) | Data::Late(_) | Data::File(Moving::Out(_)) => {}
        }
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        match std::mem::take(&mut self.data) {
            Data::Download(download) => self.escape_download(download, modem),
            Data::Put(put) => self.end_put(put, end, modem),
            Data::File(Moving::In(incoming)) => incoming.end(end, &self.files, &self.options, modem),
            Data::File(Moving::Out(outgoing)) => outgoing.escape(modem),
            other => self.data = other,
        }
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        match end.tag {
            DOWNLOAD => self.end_download(end, modem),
            LATE => self.end_late(end, modem),
            STALL if end.error.is_none() => self.stall_download(end, modem),
            STALL => self.end_download(end, modem),
            _ => {
                if let Data::File(Moving::Out(outgoing)) = std::mem::take(&mut self.data) {
                    outgoing.end(&self.options, modem);
                }
            }
        }
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        match token.checked_sub(CONTEXT) {
            Some(id) => self.lose_context(id.into(), modem),
            None if token == STALL => self.give_up_download(modem),
            None => self.perform(modem),
        }
    }

    fn limit_memory(&mut self, free: u64) {
        self.files.limit(free);
    }

    fn restart(&mut self) {
        let new = Self::new(&self.options);
        let old = std::mem::replace(self, new);
        // The flash disk and the port of result lines are kept.
        self.files = old.files;
        self.files.restart();
        self.results = old.results;
        // What happens only once does not happen again.
        self.network = old.network;
        self.network.restart();
        self.stall = old.stall;
    }
}

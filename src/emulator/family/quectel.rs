//! The Quectel dialect: Quectel EC2x&EG9x&EG2x-G&EM05 FTP(S) application note V1.0.
//!
//! A command is answered with `OK` at once, and with its result line (`+QFTPCWD: 0,0`) when the network is done;
//! only transfers over the serial line say `CONNECT` first, and `OK` after the data.

mod ascii;
mod client;
mod config;
mod connections;
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
use failure::{Answer, Failure, INVALID_INPUT, INVALID_PARAMETER, NETWORK, Refused};
use files::Moving;
use gsm::GsmClient;
use login::Server;
use network::Change;
use session::{Job, Work};
pub(crate) use state::Quectel;
use tls::TlsContexts;
use token::{CONTEXT, DOWNLOAD, LATE, LOCAL_FILE, STALL};

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
                self.client.execute(command, &self.network, &self.options, modem)
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
                self.client.resume(&mut self.data, &self.options, modem);
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
            ("+QURCCFG", _) => self.client.results.execute(command, modem),
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
            Change::Activate(id) => {
                let is_stuck = self.client.connections.is_stuck(&self.options);
                self.network.activate(id, is_stuck, &self.options, modem)
            }
            Change::Deactivate(id) => {
                self.client.lose_context(id, &mut self.data, &self.options, modem);
                self.network.contexts.deactivate(id, modem);
                Ok(())
            }
        }
    }

    /// The network drops a context.
    fn lose_context(&mut self, id: u64, modem: &mut Modem) {
        if self.network.lose(id, modem) {
            self.client.lose_context(id, &mut self.data, &self.options, modem);
            self.client.results.say(&format!("+QIURC: \"pdpdeact\",{id}"), modem);
        }
    }

    /// The network is done with the job.
    fn perform(&mut self, modem: &mut Modem) {
        let Some(Job { name, work, in_time }) = self.client.session.job.take() else {
            return;
        };
        let Self { client, files, data, options, .. } = self;
        match work {
            Work::Open(server) => {
                let result = in_time.and_then(|()| self.log_in(&server, modem));
                self.client.end_login(&name, result, modem);
            }
            Work::Close => {
                client.session.disconnect(modem);
                client.results.report(&name, in_time.map(|()| "0".to_owned()), modem);
            }
            Work::Control(control) => match in_time {
                Ok(()) => client.control(&name, &control, options, modem),
                Err(failure) => client.results.report(&name, Err(failure), modem),
            },
            Work::Serial(serial) => match in_time {
                Ok(()) => client.begin_serial(&name, serial, data, options, modem),
                Err(failure) => modem.cme(failure.code),
            },
            Work::Local(local) => {
                let result = in_time.and_then(|()| client.transfer_locally(&local, files, options, modem));
                client.end_locally(&name, result, modem);
            }
            Work::Report(result) => client.results.report(&name, in_time.and(result), modem),
            Work::FinishPut(uploaded) => client.finish_put(&name, uploaded, in_time, options, modem),
        }
        self.client.session.go_on(&self.client.config, &self.options, modem);
    }

    fn log_in(&self, server: &Server, modem: &mut Modem) -> Result<(), Failure> {
        let Self { client, options, .. } = self;
        if !self.network.contexts.is_active(client.session.context) {
            return Err(server.without_context());
        }
        if client.connections.is_stuck(options) {
            return Err(Failure::local(NETWORK));
        }
        let context = self.tls.context(client.config.tls_context());
        server.log_in(&client.config, &context, &self.files, options, modem)
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
            Data::Put(_) => self.client.put_payload(bytes, &mut self.data, &self.options, modem),
            Data::File(Moving::In(incoming)) => incoming.take(bytes, &mut self.files, &self.options, modem),
            // What the host sends during a download is lost.
            Data::None | Data::Download(_) | Data::Late(_) | Data::File(Moving::Out(_)) => {}
        }
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        match std::mem::take(&mut self.data) {
            Data::Download(download) => {
                self.client.escape_download(download, &mut self.data, &self.options, modem);
            }
            Data::Put(put) => self.client.end_put(put, end, &self.options, modem),
            Data::File(Moving::In(incoming)) => incoming.end(end, &self.files, &self.options, modem),
            Data::File(Moving::Out(outgoing)) => outgoing.escape(modem),
            other => self.data = other,
        }
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        if end.tag == STALL && end.error.is_none() {
            if let Data::Download(download) = &mut self.data {
                download.stall(&end, self.client.config.patience(), modem);
            }
            return;
        }
        match (end.tag, std::mem::take(&mut self.data)) {
            (DOWNLOAD | STALL, Data::Download(download)) => {
                let ended = download.end(end, modem);
                self.client.end_download(ended, &self.options, modem);
            }
            (LATE, Data::Late(download)) => self.client.end_late(download, end, &self.options, modem),
            (LOCAL_FILE, Data::File(Moving::Out(outgoing))) => outgoing.end(&self.options, modem),
            _ => {}
        }
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        match token.checked_sub(CONTEXT) {
            Some(id) => self.lose_context(id.into(), modem),
            None if token == STALL => {
                if let Data::Download(download) = std::mem::take(&mut self.data) {
                    let ended = download.time_out(modem);
                    self.client.end_download(ended, &self.options, modem);
                }
            }
            None => self.perform(modem),
        }
    }

    fn limit_memory(&mut self, free: u64) {
        self.files.limit(free);
    }

    fn restart(&mut self) {
        // The flash disk is kept.
        self.files.restart();
        self.network.restart();
        self.client.restart(&self.options);
        self.tls = TlsContexts::default();
        self.gsm_client = GsmClient::default();
        self.data = Data::None;
        self.started = false;
    }
}

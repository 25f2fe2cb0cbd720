//! The Luat dialect, and SIMCom's, from which it descends: Luat AT manual, Luat Air780E FTP guide, SIM800 AT manual,
//! SIM7000 and SIM7080 AT manuals and FTP application notes.
//!
//! Every operation opens its own session with the server. The command is answered with `OK` before the network has
//! been touched; the outcome is an unsolicited line.

mod access;
mod answer;
mod bearer;
mod coded;
mod codes;
mod download;
mod extras;
mod files;
mod incoming;
mod kept;
mod memory;
mod operation;
mod operations;
pub(crate) mod options;
mod outgoing;
pub(super) mod profiles;
mod reconnection;
#[cfg(test)]
pub(super) mod sample;
mod session;
mod settings;
mod slot;
mod stack;
mod state;
#[cfg(test)]
mod tests;
mod token;
mod transfer;
mod upload;
mod write;

use crate::emulator::basic::error;
use crate::emulator::choices::Identity;
use crate::emulator::command::{Command, Form};
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::extra;
use crate::emulator::intake::IntakeEnd;
use crate::emulator::modem::Modem;
use crate::emulator::queue::StreamEnd;
use answer::{Answer, Refusal};
use bearer::{Effect, Failure};
use files::Files;
use operation::Operation;
use options::LuatProfile;
use session::Session;
use slot::blank;
use stack::Stack;
pub(crate) use state::Luat;
use state::Receiving;

/// The longest piece one `AT+FTPGET=2` or `AT+FTPLIST=2` may ask for.
const READ_LIMIT: u64 = 1460;

impl Luat {
    fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Answer> {
        if let Some(result) = self.access.settings.execute(&self.options, command) {
            return Some(result.map_err(Refusal::from).map(|line| {
                if let Some(line) = line {
                    modem.line(&line);
                }
                modem.ok();
            }));
        }
        if let Some(result) = self.access.bearers.execute(&self.options, command, modem) {
            return Some(self.after_bearer(result, modem));
        }
        if let Some(answer) = self.stack.execute(command, modem) {
            return Some(answer);
        }
        if let Some(answer) = self.memory_command(command, modem) {
            return Some(answer);
        }
        let name = command.name.as_str();
        let simcom = self.options.profile != LuatProfile::Air780e;
        let operation = match name {
            "+FTPGET" => Operation::Get,
            "+FTPLIST" => Operation::List,
            "+FTPPUT" => Operation::Put,
            "+FTPSIZE" => Operation::Size,
            "+FTPDELE" => Operation::Delete,
            "+FTPMKD" => Operation::MakeDir,
            "+FTPRMD" => Operation::RemoveDir,
            "+FTPMDTM" if simcom => Operation::Modified,
            "+FTPRENAME" if simcom => Operation::Rename,
            "+FTPETPUT" if simcom => {
                return Some(self.coded_command(Operation::CodedPut, command, modem));
            }
            "+FTPETGET" if simcom => {
                return Some(self.coded_command(Operation::CodedGet, command, modem));
            }
            _ => return self.control(command, modem),
        };
        Some(match (operation, command.form) {
            (Operation::Put, Form::Test) if self.options.profile == LuatProfile::Sim7080 => {
                modem.line("+FTPPUT: (1,2),1460,(1-1460)");
                modem.ok();
                Ok(())
            }
            (_, Form::Test) => {
                modem.ok();
                Ok(())
            }
            (Operation::Get | Operation::List | Operation::Put, Form::Set) => self.transfer(operation, command, modem),
            (Operation::Get | Operation::List | Operation::Put, _) => Err(Refusal::Format),
            (_, Form::Execute) => self.open(operation, modem),
            _ => Err(Refusal::Format),
        })
    }

    /// The commands about sessions in general.
    fn control(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Answer> {
        let has_context = !self.options.is_simcom_lte();
        Some(match (command.name.as_str(), command.form) {
            ("+FTPQUIT", Form::Execute) => self.slot.quit(modem),
            ("+FTPSTATE", Form::Execute) => {
                let busy = self.slot.session.operation().is_some();
                modem.line(&format!("+FTPSTATE: {}", u8::from(busy)));
                modem.ok();
                Ok(())
            }
            ("+FTPSCONT", Form::Execute) if has_context => {
                self.stored = Some(self.access.settings.clone());
                modem.ok();
                Ok(())
            }
            ("+FTPSCONT", Form::Read) if has_context => {
                let text = self.access.settings.report(&self.options, self.stored.is_some());
                modem.line(&text);
                modem.ok();
                Ok(())
            }
            ("+FTPSCONT", Form::Test) if has_context => {
                modem.ok();
                Ok(())
            }
            ("+FTPQUIT" | "+FTPSTATE", Form::Test) => {
                modem.ok();
                Ok(())
            }
            ("+CIPSHUT", Form::Execute) => {
                self.access.bearers.close_all();
                self.stack = Stack::Initial;
                modem.result("SHUT OK");
                self.bearer_went_down(modem);
                Ok(())
            }
            // Luat Air780E FTP guide §6.2: the firmware's name and nothing else.
            ("I", Form::Execute) if self.options.profile == LuatProfile::Air780e => {
                let identity = modem.options.identity.clone();
                modem.line(&identity.unwrap_or_else(|| self.identity()).revision);
                modem.ok();
                Ok(())
            }
            ("+CPOWD", Form::Set) => match command.arguments {
                b"0" | b"1" => {
                    modem.result("NORMAL POWER DOWN");
                    modem.restart_requested = true;
                    Ok(())
                }
                _ => Err(Refusal::Format),
            },
            ("E", Form::Execute | Form::Set)
                if self.options.stubborn_echo && self.echo_refusals == 0 && matches!(command.arguments, b"" | b"0") =>
            {
                self.echo_refusals = 1;
                modem.ok();
                Ok(())
            }
            _ => return None,
        })
    }

    /// A session without a network fails, a moment later.
    fn bearer_went_down(&mut self, modem: &mut Modem) {
        if self.slot.session.operation().is_some() && !self.access.is_open() {
            modem.network_timer(token::BEARER_FAILURE);
        }
    }

    fn after_bearer(&mut self, result: Result<Effect, Failure>, modem: &mut Modem) -> Answer {
        match result {
            Ok(Effect::None) => modem.ok(),
            Ok(Effect::Line(line)) => {
                modem.ok();
                let time = modem.options.network_latency;
                if time.is_zero() { modem.urc(&line) } else { modem.urc_after(time, &line) }
            }
            Ok(Effect::Closed(line)) => {
                modem.ok();
                if let Some(line) = line {
                    modem.urc(&line);
                }
                self.bearer_went_down(modem);
            }
            Err(Failure::Format) => return Err(Refusal::Format),
            Err(Failure::NotAllowed) => return Err(Refusal::Code(error::NOT_ALLOWED)),
        }
        Ok(())
    }

    fn transfer(&mut self, operation: Operation, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        if list.number(1..=2)? == 1 {
            list.end()?;
            return self.open(operation, modem);
        }
        let range = match operation {
            Operation::Put => 0..=u64::from(u16::MAX),
            _ => 1..=READ_LIMIT,
        };
        let count = usize::try_from(list.number(range)?).map_err(|_| Refusal::Format)?;
        list.end()?;
        match operation {
            Operation::Put => self.write(count, modem),
            _ => self.read(operation, count, modem),
        }
    }

    /// `AT+FTPGET=2,<count>`
    fn read(&mut self, operation: Operation, count: usize, modem: &mut Modem) -> Answer {
        let Session::Download(download) = &mut self.slot.session else {
            return Err(Refusal::State);
        };
        if download.operation != operation {
            return Err(Refusal::State);
        }
        let then = download.read(count, &self.options, modem);
        self.slot.go_on(operation, then, &self.options, modem);
        Ok(())
    }
}

impl Dialect for Luat {
    fn identity(&self) -> Identity {
        match self.options.profile {
            LuatProfile::Air780e => Identity::new("AirM2M", "Air780E", "AirM2M_780E_V1169_LTE_AT"),
            // 1NCE's walk-through names the SIM7000's revision. Those of the SIM800 and the SIM7080 are invented.
            LuatProfile::Sim800 => Identity::new("SIMCOM_Ltd", "SIMCOM_SIM800L", "1418B05SIM800L24"),
            LuatProfile::Sim7000 => Identity::new("SIMCOM_Ltd", "SIMCOM_SIM7000G", "1529B05SIM7000G"),
            LuatProfile::Sim7080 => Identity::new("SIMCOM_Ltd", "SIMCOM_SIM7080", "1951B08SIM7080"),
        }
    }

    fn boot_lines(&self) -> Vec<String> {
        let lines: &[&str] = match self.options.profile {
            LuatProfile::Air780e => {
                &["^MODE: 17,17", "+E_UTRAN Service", "+CGEV: ME PDN ACT 1", "+NITZ: 24/08/09,01:34:58+32,0"]
            }
            LuatProfile::Sim800 | LuatProfile::Sim7000 | LuatProfile::Sim7080 => {
                &["RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready"]
            }
        };
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    fn extras(&self) -> &'static [&'static [extra::Row]] {
        match self.options.profile {
            LuatProfile::Air780e | LuatProfile::Sim800 => &[extras::SIMCOM],
            LuatProfile::Sim7000 | LuatProfile::Sim7080 => &[extras::SIMCOM, extras::SIMCOM_LTE],
        }
    }

    fn default_cmee(&self) -> u8 {
        // The Luat HTTP guide meets `+CME ERROR: 3` without AT+CMEE.
        u8::from(self.options.profile == LuatProfile::Air780e)
    }

    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled {
        if self.options.lacks(&command.name) {
            modem.error();
            return Handled::Yes;
        }
        if command.name == "+CFUN"
            && command.form == Form::Set
            && matches!(command.arguments.first(), Some(b'0' | b'4'))
        {
            self.access.bearers.close_all();
            self.bearer_went_down(modem);
        }
        match self.execute(command, modem) {
            None => return Handled::No,
            Some(Ok(())) => {}
            // Luat AT manual: a wrong format is answered with ERROR, whatever AT+CMEE.
            Some(Err(Refusal::Format)) if self.options.profile != LuatProfile::Air780e => {
                modem.cme(error::BAD_PARAMETERS);
            }
            Some(Err(Refusal::Code(code))) => modem.cme(code),
            Some(Err(Refusal::Format | Refusal::State)) => modem.error(),
        }
        Handled::Yes
    }

    fn payload(&mut self, bytes: &[u8], _modem: &mut Modem) {
        match (self.receiving, &mut self.slot.session) {
            (Receiving::Put | Receiving::Coded, Session::Upload(put)) => put.write(bytes),
            (Receiving::Memory(position), _) => {
                self.memory.write(position, bytes);
                self.receiving = Receiving::Memory(position.saturating_add(bytes.len()));
            }
            _ => {}
        }
    }

    fn payload_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        match std::mem::replace(&mut self.receiving, Receiving::Nothing) {
            receiving @ (Receiving::Put | Receiving::Coded) => {
                let Session::Upload(put) = &mut self.slot.session else {
                    modem.error();
                    return;
                };
                if receiving == Receiving::Coded {
                    put.after_coded(end, &self.options, modem);
                } else {
                    let then = put.after_chunk(end, &self.options, modem);
                    self.slot.go_on(Operation::Put, then, &self.options, modem);
                }
            }
            Receiving::Memory(_) if end == IntakeEnd::Complete => modem.ok(),
            Receiving::Memory(_) => modem.error(),
            Receiving::Nothing => modem.finish(),
        }
    }

    fn stream_end(&mut self, end: StreamEnd, modem: &mut Modem) {
        match end.tag {
            token::READ => {
                self.options.data_end.say(modem);
                modem.ok();
                self.slot.after_read(&self.options, modem);
            }
            token::SHOWN => {
                self.options.data_end.say(modem);
                modem.ok();
            }
            token::CODED if matches!(self.slot.session, Session::CodedDownload) => {
                let code = coded::code(&end);
                drop(end);
                self.slot.end(Operation::CodedGet, code, &self.options, modem);
            }
            _ => {}
        }
    }

    fn timer(&mut self, token: u32, modem: &mut Modem) {
        match token {
            token::OPEN => {
                let Session::Opening(operation) = self.slot.session else {
                    return;
                };
                match self.begin(operation, modem) {
                    Ok(lines) => lines.iter().for_each(|line| modem.urc(line)),
                    Err(code) => modem.urc(&operation.report(code, &self.options)),
                }
            }
            token::QUIT => self.slot.has_quit(&self.options, modem),
            token::ANNOUNCE | token::REPEAT => {
                if let Session::Download(download) = &mut self.slot.session {
                    download.announce_unread(&self.options, modem);
                }
            }
            token::IDLE => self.slot.is_idle(&self.options, modem),
            // Everything was read, and that is said.
            token::END => {
                if let Some(operation) = self.slot.session.operation() {
                    blank(&self.options, modem);
                    self.slot.end(operation, codes::FINISHED, &self.options, modem);
                }
            }
            token::REANNOUNCE => {
                if let Session::Upload(put) = &mut self.slot.session {
                    put.announce_room(&self.options, modem);
                }
            }
            token::STORE => self.slot.store(&self.options, modem),
            token::STEP => self.step(modem),
            token::BEARER => {
                self.access.bearers.close_all();
                if let Some(loss) = &self.options.bearer_loss {
                    modem.urc(&loss.line);
                }
                self.bearer_went_down(modem);
            }
            token::BEARER_FAILURE => {
                if let Some(operation) = self.slot.session.operation() {
                    self.slot.end(operation, codes::NETWORK, &self.options, modem);
                }
            }
            _ => {}
        }
    }

    fn limit_memory(&mut self, free: u64) {
        self.memory.files.limit(free);
    }

    fn restart(&mut self) {
        let stored = self.stored.take();
        let private_apn = std::mem::take(&mut self.access.bearers.private_apn);
        let files = std::mem::replace(&mut self.memory.files, Files::new(&self.options));
        *self = Self::new(&self.options);
        self.memory.files = files;
        if let Some(settings) = &stored {
            self.access.settings = settings.clone();
        }
        self.stored = stored;
        self.access.bearers.private_apn = private_apn;
    }
}

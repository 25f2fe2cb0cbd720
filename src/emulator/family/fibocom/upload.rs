//! Uploads: in counted pieces (`AT+FTPPUT`), and as a coded stream (`AT+FTPSTOR`).

use super::limits::NAME;
use super::options::{LossKind, PutFailure, PutRefusal, StoreFailure};
use super::refused::Refused;
use super::session::is_ascii;
use super::sink::{Put, Sink};
use super::state::Fibocom;
use super::task::{Piece, Target, Task};
use super::transfer::Transfer;
use crate::emulator::command::Command;
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{NetworkCause, RemoteError, StoreMode};

impl Fibocom {
    /// `AT+FTPPUT="<name>",<length>,<end of file>[,<type>[,<offset>]]`
    pub(super) fn put(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let name = list.quoted(1..=NAME)?;
        let length = list.number(0..=self.options.put_max)?;
        let last = list.number(0..=1)? == 1;
        let ascii = is_ascii(list.optional_number(0..=1)?);
        let offset = list.optional_number(0..=u64::MAX)?;
        list.end()?;
        if length == 0 && !(last && self.options.put_empty) {
            return Err(Refused::Parameters);
        }
        let piece = Piece { length, last };
        match &self.transfer {
            Transfer::Put(put) if put.name == name => {
                self.go_ahead(piece, modem);
                return Ok(());
            }
            _ => self.ready()?,
        }
        let target = Target { name, ascii, offset };
        self.ask(Task::Put(target, piece), modem);
        Ok(())
    }

    pub(super) fn begin_put(&mut self, target: Target, piece: Piece, modem: &mut Modem) {
        match self.store(&target, modem) {
            Ok(sink) => {
                self.transfer = Transfer::Put(Put { name: target.name, sink, left: 0, last: false });
                self.go_ahead(piece, modem);
            }
            Err(error) => {
                if self.options.put_refusal == PutRefusal::OkThenZero {
                    modem.ok();
                    self.fail("FTPPUT", &error, modem);
                    return;
                }
                if self.options.put_refusal == PutRefusal::ZeroThenError {
                    modem.line("+FTPPUT: 0");
                }
                modem.error();
                self.notice(None, &error, modem);
            }
        }
    }

    fn store(&mut self, target: &Target, modem: &mut Modem) -> Result<Sink, RemoteError> {
        let restart = self.settings.restart_at.take();
        let mode = match target.offset.or(restart) {
            None | Some(0) => StoreMode::Create,
            Some(offset) => StoreMode::At(offset),
        };
        self.lines.inform(&format!("STOR {}", target.name), modem);
        self.data_connection()?;
        let upload = modem.remote.store(&target.name, mode)?;
        self.lines.inform("150 Ok to send data.", modem);
        Ok(Sink {
            upload: Some(upload),
            failure: None,
            left: self.troubles.bytes_to_loss(),
            converts: target.ascii && self.options.ascii_converts,
            carriage_return: false,
        })
    }

    /// `+FTPPUT: 2,<length>`: the host may send.
    fn go_ahead(&mut self, piece: Piece, modem: &mut Modem) {
        let Transfer::Put(put) = &mut self.transfer else {
            return;
        };
        let length = piece.length.min(self.options.put_announced.unwrap_or(u64::MAX));
        let whole = length == piece.length;
        put.left = length;
        put.last = piece.last && (whole || self.options.put_short_ends);
        modem.line(&format!("+FTPPUT: 2,{length}"));
        if length == 0 {
            self.put_end(modem);
        } else {
            let intake = self.patient(Intake::counted(length));
            modem.receive(intake);
        }
    }

    /// With a limit to the host's silence, if there is one.
    fn patient(&self, intake: Intake) -> Intake {
        match self.options.data_idle {
            Some(limit) => intake.or_idle(limit),
            None => intake,
        }
    }

    /// Payload from the host.
    pub(super) fn take(&mut self, bytes: &[u8], modem: &mut Modem) {
        self.troubles.count(bytes.len() as u64);
        let sink = match &mut self.transfer {
            Transfer::Put(put) => {
                put.left = put.left.saturating_sub(bytes.len() as u64);
                put.sink.write(bytes);
                return;
            }
            Transfer::Store(sink) => sink,
            _ => return,
        };
        let failed_before = sink.failure.is_some();
        sink.write(bytes);
        if failed_before || sink.failure.is_none() {
            return;
        }
        match self.options.store_failure {
            StoreFailure::AtEnd => {}
            StoreFailure::AtOnceStillTaking => modem.line("+FTPSTOR: 0"),
            StoreFailure::AtOnce => {
                modem.leave_data_mode();
                self.store_end(modem);
            }
        }
    }

    /// The data mode is over.
    pub(super) fn data_end(&mut self, end: IntakeEnd, modem: &mut Modem) {
        match (end, &mut self.transfer) {
            // Motorola G24, "FTP Connection": AT&D1 has no effect.
            (IntakeEnd::DataTerminalReady, _) if modem.basic.dtr < 2 => self.resume(modem),
            (IntakeEnd::DataTerminalReady, _) => self.lose(LossKind::Session, true, modem),
            (IntakeEnd::Idle, Transfer::Put(_)) => {
                self.transfer = Transfer::None;
                modem.error();
            }
            (_, Transfer::Put(_)) => self.put_end(modem),
            (IntakeEnd::Idle, Transfer::Store(sink)) => {
                sink.give_up(RemoteError::Network(NetworkCause::Timeout));
                self.store_end(modem);
            }
            (_, Transfer::Store(_)) => self.store_end(modem),
            _ => {}
        }
    }

    /// Back into the data mode that was left for nothing.
    fn resume(&self, modem: &mut Modem) {
        let intake = match &self.transfer {
            Transfer::Put(put) => self.patient(Intake::counted(put.left)),
            Transfer::Store(_) => self.patient(Intake::escaped()),
            _ => Intake::open(),
        };
        modem.receive(intake);
    }

    /// A piece has been received.
    fn put_end(&mut self, modem: &mut Modem) {
        let Transfer::Put(put) = &self.transfer else {
            return;
        };
        let failed = put.sink.failure.is_some();
        if failed && self.options.put_failure == PutFailure::Error {
            modem.error();
        } else {
            modem.ok();
        }
        if !failed && !put.last {
            return;
        }
        let Transfer::Put(put) = std::mem::replace(&mut self.transfer, Transfer::None) else {
            return;
        };
        match put.sink.failure {
            None => self.ask(Task::FinishPut(put.sink), modem),
            Some(_) if !self.open => {}
            Some(error) if self.options.put_failure == PutFailure::Error => {
                self.notice(None, &error, modem);
            }
            Some(error) => self.fail("FTPPUT", &error, modem),
        }
    }

    /// `AT+FTPSTOR="<name>"[,<type>[,<offset>]]`
    pub(super) fn stream_in(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let name = list.quoted(1..=NAME)?;
        let ascii = is_ascii(list.optional_number(0..=1)?);
        let offset = list.optional_number(0..=u64::MAX)?;
        list.end()?;
        let target = Target { name, ascii, offset };
        self.begin(Task::Store(target), modem)
    }

    pub(super) fn begin_stream_in(&mut self, target: &Target, modem: &mut Modem) {
        match self.store(target, modem) {
            Ok(sink) => {
                self.transfer = Transfer::Store(sink);
                self.lines.report("FTPSTOR", 2, modem);
                self.resume(modem);
            }
            Err(error) => self.fail("FTPSTOR", &error, modem),
        }
    }

    /// The coded stream is over.
    fn store_end(&mut self, modem: &mut Modem) {
        let Transfer::Store(sink) = std::mem::replace(&mut self.transfer, Transfer::None) else {
            return;
        };
        match &sink.failure {
            None => self.ask(Task::FinishStore(sink), modem),
            Some(_) if !self.open => {}
            Some(error) if self.options.store_failure == StoreFailure::AtOnceStillTaking => {
                self.notice(None, error, modem);
            }
            Some(error) => self.fail("FTPSTOR", error, modem),
        }
    }

    /// The file is complete; the server has the last word.
    pub(super) fn finish(&mut self, name: &'static str, sink: Sink, modem: &mut Modem) {
        match sink.finish() {
            Ok(()) => {
                self.lines.inform("226 Transfer complete.", modem);
                self.lines.report(name, 1, modem);
            }
            Err(error) => self.fail(name, &error, modem),
        }
    }
}

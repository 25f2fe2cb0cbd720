//! `AT+FTPETPUT` and `AT+FTPETGET`: the file as one stream in which 0x10 goes before each 0x03 and 0x10, and a bare
//! 0x03 ends (SIM7000 FTP application note V1.02 §5.14, §5.15).

use std::io::Read;

use super::answer::{Answer, Refusal};
use super::operation::Operation;
use super::options::LuatOptions;
use super::outgoing::Put;
use super::session::Session;
use super::state::{Luat, Receiving};
use super::{codes, token};
use crate::emulator::command::{Command, Form};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::queue::{Stream, StreamEnd};
use crate::emulator::remote::RemoteError;

/// The bare byte that ends the stream.
const END_OF_TEXT: u8 = 0x03;

impl Luat {
    pub(super) fn coded_command(&mut self, operation: Operation, command: &Command<'_>, modem: &mut Modem) -> Answer {
        if command.form == Form::Test {
            modem.ok();
            return Ok(());
        }
        if command.form != Form::Set {
            return Err(Refusal::Format);
        }
        let mut list = command.parameters()?;
        let highest = if operation == Operation::CodedPut { 2 } else { 1 };
        let mode = list.number(1..=highest)?;
        list.end()?;
        if mode == 1 {
            return self.open(operation, modem);
        }
        match &self.slot.session {
            Session::Upload(put) if put.operation == operation && !put.closing => {}
            _ => return Err(Refusal::State),
        }
        modem.ok();
        modem.line("+FTPETPUT:2,1");
        self.receiving = Receiving::Coded;
        modem.receive(Intake::escaped());
        Ok(())
    }
}

impl Put {
    /// The coded data of the host is over.
    pub(super) fn after_coded(&mut self, end: IntakeEnd, options: &LuatOptions, modem: &mut Modem) {
        if end == IntakeEnd::Terminator {
            modem.result("OK");
            self.close(options, modem);
        } else {
            modem.error();
        }
    }
}

pub(super) fn stream(reader: Box<dyn Read + Send>) -> Stream {
    Stream::new(reader, token::CODED).escaped().tail(&[END_OF_TEXT])
}

/// The code of a download that is over.
pub(super) fn code(end: &StreamEnd) -> u16 {
    let error = end.error.as_ref();
    error.map_or(codes::FINISHED, |error| codes::of(&RemoteError::from_io(error), codes::DOWNLOAD))
}

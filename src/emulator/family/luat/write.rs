//! `AT+FTPPUT=2`: the host sends a chunk (Luat AT manual, `AT+FTPPUT`).

use super::answer::{Answer, Refusal};
use super::operation::Operation;
use super::options::PutExcess;
use super::session::Session;
use super::state::{Luat, Receiving};
use crate::emulator::modem::Modem;

impl Luat {
    /// `AT+FTPPUT=2,<count>`
    pub(super) fn write(&mut self, count: usize, modem: &mut Modem) -> Answer {
        let options = &self.options;
        let Session::Upload(put) = &mut self.slot.session else {
            return Err(Refusal::State);
        };
        if put.operation != Operation::Put || put.closing {
            return Err(Refusal::State);
        }
        if count > put.maximum && options.put_excess == PutExcess::Error {
            return Err(Refusal::State);
        }
        if count == 0 {
            put.close(options, modem);
            self.slot.answer_ending(modem);
        } else if put.receive(count, options, modem) {
            self.receiving = Receiving::Put;
        }
        Ok(())
    }
}

//! `AT+MIPCALL`: the data connection (OneMO AT manual §4.17).

use super::code::{BAD_PARAMETER, Refused};
use super::options::ChinaMobileModel;
use super::{CALLS, ChinaMobile, answer};
use crate::emulator::basic::NOT_ALLOWED;
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// The highest number of a PDP context.
const LAST_CONTEXT: u64 = 16;

impl ChinaMobile {
    /// `None` if there is no such form.
    pub(super) fn call(&mut self, form: Form, command: &Command<'_>, modem: &mut Modem) -> Option<Result<(), Refused>> {
        match form {
            Form::Test => Some(answer(&[format!("+MIPCALL: (0-1),(0-{LAST_CONTEXT})")], modem)),
            Form::Read => {
                let mut lines: Vec<_> = (1..=LAST_CONTEXT)
                    .filter(|cid| self.is_called(*cid, modem))
                    .map(|cid| self.called(cid, modem))
                    .collect();
                if lines.is_empty() {
                    lines.push("+MIPCALL: 1,0".to_owned());
                }
                Some(answer(&lines, modem))
            }
            Form::Set => Some(self.dial(command, modem)),
            Form::Execute => None,
        }
    }

    fn is_called(&self, cid: u64, modem: &Modem) -> bool {
        modem.basic.is_active(cid) && !self.hung_up.contains(&cid)
    }

    fn called(&self, cid: u64, modem: &Modem) -> String {
        let address = &modem.options.ip_address;
        if self.options.quoted_address {
            format!("+MIPCALL: {cid},1,\"{address}\"")
        } else {
            format!("+MIPCALL: {cid},1,{address}")
        }
    }

    fn dial(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let is_up = list.number(0..=1)? == 1;
        let cid = list.optional_number(1..=LAST_CONTEXT)?;
        list.end()?;
        let model = self.options.model;
        let cids = match (cid, model) {
            (Some(cid), _) => cid..=cid,
            (None, ChinaMobileModel::Ml305a | ChinaMobileModel::Ml305u) => 1..=LAST_CONTEXT,
            (None, _) => return Err(Refused(BAD_PARAMETER)),
        };
        if is_up && !(modem.basic.is_attached() && modem.basic.is_on()) {
            return Err(Refused(NOT_ALLOWED));
        }
        let called = (1..=LAST_CONTEXT).filter(|cid| self.is_called(*cid, modem));
        if !is_up && model == ChinaMobileModel::Ml307n && called.count() == 1 {
            return Err(Refused(NOT_ALLOWED));
        }
        let mut exists = false;
        for cid in cids {
            let was_active = modem.basic.is_active(cid);
            if modem.basic.activate(cid, was_active) {
                exists = true;
                // A connection that is up is answered with OK alone.
                if !(is_up && self.is_called(cid, modem)) {
                    self.dialling.push((cid, is_up));
                }
            }
        }
        if !exists {
            return Err(Refused(BAD_PARAMETER));
        }
        modem.ok();
        modem.network_timer(CALLS);
        Ok(())
    }

    /// The network has connected or disconnected the host.
    pub(super) fn settle_calls(&mut self, modem: &mut Modem) {
        for (cid, is_up) in std::mem::take(&mut self.dialling) {
            let keeps = modem.basic.is_active(cid) && self.options.call_keeps_context;
            modem.basic.activate(cid, is_up || keeps);
            let line = if is_up {
                self.hung_up.remove(&cid);
                self.called(cid, modem)
            } else {
                self.hung_up.insert(cid);
                format!("+MIPCALL: {cid},0")
            };
            self.say(&line, false, modem);
        }
        self.check_contexts(modem);
    }
}

//! `AT+MIPCALL`: the data connection (OneMO AT manual, "AT+MIPCALL").

use std::time::Duration;

use super::code::{BAD_PARAMETER, Refused};
use super::{CONTEXTS, ChinaMobile, answer};
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// The highest number of a PDP context.
const LAST_CONTEXT: u64 = 16;

impl ChinaMobile {
    /// `None` if there is no such form.
    pub(super) fn call(
        &mut self,
        form: Form,
        command: &Command<'_>,
        modem: &mut Modem,
    ) -> Option<Result<(), Refused>> {
        match form {
            Form::Test => Some(answer(
                &[format!("+MIPCALL: (0-1),(1-{LAST_CONTEXT})")],
                modem,
            )),
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
        let cid = list.number(1..=LAST_CONTEXT)?;
        list.end()?;
        if is_up && self.is_called(cid, modem) {
            return answer(&[], modem);
        }
        let keeps_context = !is_up && self.options.call_keeps_context;
        let is_usable = modem.options.registered && modem.basic.is_on();
        if (is_up && !is_usable) || (!keeps_context && !modem.basic.activate(cid, is_up)) {
            return Err(Refused(BAD_PARAMETER));
        }
        let line = if is_up {
            self.hung_up.remove(&cid);
            self.called(cid, modem)
        } else {
            self.hung_up.insert(cid);
            format!("+MIPCALL: {cid},0")
        };
        modem.ok();
        modem.urc_after(modem.options.network_latency, &line);
        modem.timer(CONTEXTS, Duration::ZERO);
        Ok(())
    }
}

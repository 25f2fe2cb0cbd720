//! `AT+MIPCALL`: the data connection (OneMO AT manual §4.17).

use std::collections::BTreeSet;

use super::CALLS;
use super::code::{BAD_PARAMETER, Refused};
use super::lines::{answer, say};
use super::options::{ChinaMobileModel, ChinaMobileOptions};
use crate::emulator::basic::error::NOT_ALLOWED;
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// The highest number of a PDP context.
const LAST_CONTEXT: u64 = 16;

/// The host's data connections.
#[derive(Default)]
pub(super) struct Calls {
    /// Active PDP contexts the host has been disconnected from.
    hung_up: BTreeSet<u64>,
    /// PDP contexts on their way up or down.
    dialling: Vec<(u64, bool)>,
}

impl Calls {
    /// `None` if there is no such form.
    pub(super) fn command(
        &mut self,
        command: &Command<'_>,
        options: &ChinaMobileOptions,
        modem: &mut Modem,
    ) -> Option<Result<(), Refused>> {
        match command.form {
            Form::Test => Some(answer(&[format!("+MIPCALL: (0-1),(0-{LAST_CONTEXT})")], modem)),
            Form::Read => {
                let mut lines: Vec<_> = (1..=LAST_CONTEXT)
                    .filter(|cid| self.is_called(*cid, modem))
                    .map(|cid| called(cid, options, modem))
                    .collect();
                if lines.is_empty() {
                    lines.push("+MIPCALL: 1,0".to_owned());
                }
                Some(answer(&lines, modem))
            }
            Form::Set => Some(self.dial(command, options, modem)),
            Form::Execute => None,
        }
    }

    fn is_called(&self, cid: u64, modem: &Modem) -> bool {
        modem.basic.is_active(cid) && !self.hung_up.contains(&cid)
    }

    fn dial(&mut self, command: &Command<'_>, options: &ChinaMobileOptions, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let is_up = list.number(0..=1)? == 1;
        let cid = list.optional_number(1..=LAST_CONTEXT)?;
        list.end()?;
        let model = options.model;
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
    pub(super) fn settle(&mut self, options: &ChinaMobileOptions, modem: &mut Modem) {
        for (cid, is_up) in std::mem::take(&mut self.dialling) {
            let keeps = modem.basic.is_active(cid) && options.call_keeps_context;
            modem.basic.activate(cid, is_up || keeps);
            let line = if is_up {
                self.hung_up.remove(&cid);
                called(cid, options, modem)
            } else {
                self.hung_up.insert(cid);
                format!("+MIPCALL: {cid},0")
            };
            say(options, &line, false, modem);
        }
    }

    /// Some PDP contexts may be active no longer.
    pub(super) fn check_contexts(&mut self, modem: &Modem) {
        self.hung_up.retain(|cid| modem.basic.is_active(*cid));
    }
}

fn called(cid: u64, options: &ChinaMobileOptions, modem: &Modem) -> String {
    let address = &modem.options.ip_address;
    if options.quoted_address {
        format!("+MIPCALL: {cid},1,\"{address}\"")
    } else {
        format!("+MIPCALL: {cid},1,{address}")
    }
}

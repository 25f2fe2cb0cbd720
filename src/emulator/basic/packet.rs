//! PDP contexts: 3GPP TS 27.007 §10.1.

use super::context::Context;
use super::error::BAD_PARAMETERS;
use super::state::Basic;
use super::{Answer, Failed};
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

impl Basic {
    /// Whether PDP context `cid` is active.
    pub(crate) fn is_active(&self, cid: u64) -> bool {
        self.contexts.iter().any(|context| context.cid == cid && context.active)
    }

    /// Activates or deactivates PDP context `cid`; `false` if it is not defined.
    pub(crate) fn activate(&mut self, cid: u64, active: bool) -> bool {
        let context = self.contexts.iter_mut().find(|context| context.cid == cid);
        context.map(|context| context.active = active).is_some()
    }

    pub(super) fn deactivate_all(&mut self) {
        for context in &mut self.contexts {
            context.active = false;
        }
    }

    fn define(&mut self, cid: u64, kind: &str, apn: &str) {
        self.contexts.retain(|context| context.cid != cid);
        self.contexts.push(Context { cid, kind: kind.to_owned(), apn: apn.to_owned(), active: false });
        self.contexts.sort_by_key(|context| context.cid);
    }
}

/// `AT+CGDCONT`
pub(super) fn define(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line("+CGDCONT: (1-16),\"IP\",,,(0-2),(0-4)"),
        Form::Read => {
            for context in modem.basic.contexts.clone() {
                let Context { cid, kind, apn, .. } = context;
                modem.line(&format!("+CGDCONT: {cid},\"{kind}\",\"{apn}\",\"\",0,0"));
            }
        }
        Form::Set => return Some(set(command, &mut modem.basic)),
    }
    Some(Ok(()))
}

fn set(command: &Command<'_>, basic: &mut Basic) -> Result<(), Failed> {
    let mut list = command.parameters()?;
    let cid = list.number(1..=16)?;
    if list.len() == 0 {
        basic.contexts.retain(|context| context.cid != cid);
        return Ok(());
    }
    let kind = list.quoted(1..=6)?;
    let apn = list.optional_quoted(0..=100)?.unwrap_or_default();
    // PDP address and compression: accepted, as a dynamic address without compression.
    list.optional_quoted(0..=64)?;
    list.optional_number(0..=2)?;
    list.optional_number(0..=4)?;
    list.end()?;
    if !["IP", "IPV6", "IPV4V6", "PPP"].contains(&kind.as_str()) {
        return Err(Failed(BAD_PARAMETERS));
    }
    basic.define(cid, &kind, &apn);
    Ok(())
}

/// `AT+CGACT`
pub(super) fn activate(command: &Command<'_>, modem: &mut Modem) -> Answer {
    match command.form {
        Form::Execute => return None,
        Form::Test => modem.line("+CGACT: (0,1)"),
        Form::Read => {
            for context in modem.basic.contexts.clone() {
                modem.line(&format!("+CGACT: {},{}", context.cid, u8::from(context.active)));
            }
        }
        Form::Set => return Some(switch(command, modem)),
    }
    Some(Ok(()))
}

fn switch(command: &Command<'_>, modem: &mut Modem) -> Result<(), Failed> {
    let (state, cid) = command.parse(|list| Ok((list.number(0..=1)?, list.optional_number(1..=16)?.unwrap_or(1))))?;
    let active = state == 1;
    let usable = modem.basic.is_attached() && modem.basic.is_on();
    if (active && !usable) || !modem.basic.activate(cid, active) {
        return Err(Failed(BAD_PARAMETERS));
    }
    modem.clock.delay(modem.options.network_latency);
    Ok(())
}

/// `AT+CGPADDR`
pub(super) fn address(command: &Command<'_>, modem: &mut Modem) -> Answer {
    let wanted = match command.form {
        Form::Read => return None,
        Form::Test => {
            modem.line("+CGPADDR: (1-16)");
            return Some(Ok(()));
        }
        Form::Execute => None,
        Form::Set => match command.parse(|list| list.number(1..=16)) {
            Ok(cid) => Some(cid),
            Err(error) => return Some(Err(error.into())),
        },
    };
    for context in modem.basic.contexts.clone() {
        if wanted.is_none_or(|cid| cid == context.cid) {
            let address = if context.active { modem.options.ip_address.as_str() } else { "0.0.0.0" };
            let text = format!("+CGPADDR: {},\"{address}\"", context.cid);
            modem.line(&text);
        }
    }
    Some(Ok(()))
}

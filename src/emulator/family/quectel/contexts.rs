//! PDP contexts: `AT+QICSGP`, `AT+QIACT`, `AT+QIDEACT`, `AT+QIGETERROR` (Quectel LTE Standard TCP/IP application
//! note; EC2x FTP(S) application note V1.0 §3.1 and §4.2).

use std::collections::BTreeMap;

use super::failure::{Answer, Refused};
use crate::emulator::command::{Command, Value};
use crate::emulator::modem::Modem;

/// 3GPP allows this many active contexts at a time (§4.2).
const ACTIVE_AT_ONCE: usize = 3;
/// APN, user and password have at most this many bytes.
const NAME: usize = 127;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Inactive,
    Active,
    /// The network has deactivated it; the module still has to.
    Dropped,
}

#[derive(Clone, Debug)]
struct Context {
    kind: u64,
    apn: String,
    user: String,
    password: String,
    authentication: u64,
    state: State,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            kind: 1,
            apn: String::new(),
            user: String::new(),
            password: String::new(),
            authentication: 0,
            state: State::Inactive,
        }
    }
}

/// All contexts of the module; nothing of them is stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Contexts {
    contexts: BTreeMap<u64, Context>,
    /// The answer to `AT+QIGETERROR`.
    last_error: Option<(u16, &'static str)>,
}

impl Contexts {
    pub(super) fn is_active(&self, id: u64) -> bool {
        self.contexts.get(&id).is_some_and(|context| context.state == State::Active)
    }

    pub(super) fn active(&self) -> Vec<u64> {
        self.contexts.iter().filter(|(_, context)| context.state == State::Active).map(|(id, _)| *id).collect()
    }

    /// The context was active before anybody asked for it.
    pub(super) fn assume_active(&mut self, id: u64) {
        self.contexts.entry(id).or_default().state = State::Active;
    }

    /// The network deactivates a context; `false` if it was not active.
    pub(super) fn drop_by_network(&mut self, id: u64) -> bool {
        match self.contexts.get_mut(&id) {
            Some(context) if context.state == State::Active => {
                context.state = State::Dropped;
                true
            }
            _ => false,
        }
    }

    /// `AT+QICSGP=<id>[,<type>,<apn>[,<user>,<password>[,<authentication>]]]`; the FTP note's examples leave the
    /// password out.
    pub(super) fn configure(&mut self, command: &Command<'_>, highest: u64, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        let id = list.number(1..=highest)?;
        if list.len() == 0 {
            let context = self.contexts.get(&id).cloned().unwrap_or_default();
            modem.line(&format!(
                "+QICSGP: {},\"{}\",\"{}\",\"{}\",{}",
                context.kind, context.apn, context.user, context.password, context.authentication
            ));
            modem.ok();
            return Ok(());
        }
        let mut context = Context { kind: list.number(1..=3)?, apn: list.quoted(0..=NAME)?, ..Context::default() };
        if list.len() > 0 {
            context.user = list.quoted(0..=NAME)?;
            match list.value() {
                Value::Quoted(password) => {
                    if password.len() > NAME {
                        return Err(Refused::Malformed);
                    }
                    context.password = String::from_utf8_lossy(password).into_owned();
                    context.authentication = list.optional_number(0..=3)?.unwrap_or(0);
                }
                Value::Bare(authentication) => {
                    context.authentication = crate::emulator::command::number(authentication, 0..=3)?;
                }
                Value::Absent => return Err(Refused::Malformed),
            }
        }
        list.end()?;
        if let Some(old) = self.contexts.get(&id) {
            context.state = old.state;
        }
        self.contexts.insert(id, context);
        modem.ok();
        Ok(())
    }

    /// `AT+QIACT?`
    pub(super) fn show(&self, modem: &mut Modem) {
        let address = modem.options.ip_address.clone();
        let lines: Vec<_> = self
            .contexts
            .iter()
            .filter(|(_, context)| context.state == State::Active)
            .map(|(id, context)| format!("+QIACT: {id},1,{},\"{address}\"", context.kind))
            .collect();
        modem.lines(&lines);
        modem.ok();
    }

    /// `AT+QIACT=<id>`
    pub(super) fn activate(&mut self, id: u64, reachable: bool, modem: &mut Modem) -> Answer {
        modem.clock.delay(modem.options.network_latency);
        let usable = modem.basic.is_registered() && reachable;
        let occupied = modem.basic.is_active(id);
        let room = self.active().len() < ACTIVE_AT_ONCE;
        let context = self.contexts.entry(id).or_default();
        if !usable || occupied || !room || context.state != State::Inactive {
            self.last_error = Some((561, "open PDP context failed"));
            return Err(Refused::Plain);
        }
        context.state = State::Active;
        self.last_error = None;
        modem.basic.activate(id, true);
        modem.ok();
        Ok(())
    }

    /// `AT+QIDEACT=<id>`
    pub(super) fn deactivate(&mut self, id: u64, modem: &mut Modem) {
        modem.clock.delay(modem.options.network_latency);
        self.contexts.entry(id).or_default().state = State::Inactive;
        self.last_error = None;
        modem.basic.activate(id, false);
        modem.ok();
    }

    /// `AT+QIGETERROR`
    pub(super) fn error(&self, modem: &mut Modem) {
        let (code, text) = self.last_error.unwrap_or((0, "operate successfully"));
        modem.line(&format!("+QIGETERROR: {code},{text}"));
        modem.ok();
    }

    pub(super) const fn note_malformed(&mut self) {
        self.last_error = Some((552, "invalid parameters"));
    }
}

//! The network that sessions need: the radio, the attachment, and the PDP contexts.

use super::contexts::Contexts;
use super::failure::{Answer, Refused};
use super::options::QuectelOptions;
use super::token::CONTEXT;
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// What a command wants of a context, which concerns the session in it, too.
pub(super) enum Change {
    Activate(u64),
    Deactivate(u64),
}

/// The radio and the contexts.
///
/// A context becomes active only while the radio is on and the module attached. One that the network has dropped has
/// to be deactivated before it can be activated again.
pub(super) struct Network {
    pub(super) contexts: Contexts,
    radio_on: bool,
    attached: bool,
    /// How many activations there have been, whatever restarts in between.
    activations: usize,
}

impl Default for Network {
    fn default() -> Self {
        Self { contexts: Contexts::default(), radio_on: true, attached: true, activations: 0 }
    }
}

impl Network {
    /// The commands for contexts; `None` if there is no such form. A change of a context is left to the caller.
    pub(super) fn execute(
        &mut self,
        command: &Command<'_>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Option<Result<Option<Change>, Refused>> {
        let highest = options.contexts;
        match (command.name.as_str(), command.form) {
            ("+QICSGP", Form::Test) => {
                modem.line(&format!("+QICSGP: (1-{highest}),(1-3),<APN>,<username>,<password>,(0-3)"));
                modem.ok();
            }
            ("+QIACT" | "+QIDEACT", Form::Test) => {
                modem.line(&format!("{}: (1-{highest})", command.name));
                modem.ok();
            }
            ("+QIGETERROR", Form::Test) => modem.ok(),
            ("+QIGETERROR", Form::Execute) => self.contexts.error(modem),
            ("+QIACT", Form::Read) => self.contexts.show(modem),
            ("+QICSGP", Form::Set) => {
                let done = self.contexts.configure(command, highest, modem);
                if done.is_err() {
                    self.contexts.note_malformed();
                }
                return Some(done.map(|()| None));
            }
            ("+QIACT" | "+QIDEACT", Form::Set) => {
                let id = command.parameters().and_then(|mut list| {
                    let id = list.number(1..=highest)?;
                    list.end().map(|()| id)
                });
                let Ok(id) = id else {
                    self.contexts.note_malformed();
                    return Some(Err(Refused::Malformed));
                };
                let change = if command.name == "+QIACT" { Change::Activate } else { Change::Deactivate };
                return Some(Ok(Some(change(id))));
            }
            _ => return None,
        }
        Some(Ok(None))
    }

    /// `AT+CFUN` and `AT+CGATT`, which the common part answers, decide whether there is a network: the contexts that
    /// are active without one.
    pub(super) fn note_radio(&mut self, command: &Command<'_>) -> Vec<u64> {
        let wanted = match (command.name.as_str(), command.arguments) {
            ("+CFUN", b"1" | b"1,0") | ("+CGATT", b"1") => true,
            ("+CFUN", b"0" | b"4" | b"0,0" | b"4,0") | ("+CGATT", b"0") => false,
            _ => return Vec::new(),
        };
        if command.name == "+CFUN" {
            self.radio_on = wanted;
        } else {
            self.attached = wanted;
        }
        if wanted { Vec::new() } else { self.contexts.active() }
    }

    /// `AT+QIACT=<id>`. The network may drop the context again after a time.
    pub(super) fn activate(&mut self, id: u64, is_stuck: bool, options: &QuectelOptions, modem: &mut Modem) -> Answer {
        self.contexts.activate(id, self.radio_on && self.attached && !is_stuck, modem)?;
        let token = CONTEXT.saturating_add(u32::try_from(id).unwrap_or_default());
        modem.timers.cancel(token);
        if let Some(lifetime) = options.context_lifetimes.get(self.activations) {
            modem.timer(token, *lifetime);
        }
        self.activations = self.activations.saturating_add(1);
        Ok(())
    }

    /// The network drops a context; `false` if it was not active.
    pub(super) fn lose(&mut self, id: u64, modem: &mut Modem) -> bool {
        let lost = self.contexts.drop_by_network(id);
        if lost {
            modem.basic.activate(id, false);
        }
        lost
    }

    /// The module restarts. What happens only once does not happen again.
    pub(super) fn restart(&mut self) {
        *self = Self { activations: self.activations, ..Self::default() };
    }
}

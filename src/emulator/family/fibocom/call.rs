//! `AT+MIPCALL`: the PDP context as the module's own network stack uses it.

use super::due;
use super::options::{CallFailure, FibocomOptions};
use super::refused::Refused;
use super::search::SearchOrder;
use crate::emulator::command::{Command, Form, Value};
use crate::emulator::modem::Modem;

/// The PDP context everything goes through.
const CONTEXT: u64 = 1;

/// What has become of `AT+MIPCALL`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Not used since power-on: as the module was switched on.
    #[default]
    Initial,
    Down,
    Dialling,
    Up,
    Releasing,
}

/// The call, and what it needs.
///
/// While it is being dialled or released, the network's answer is due (`due::CALL`), and no other command about it is
/// taken.
pub(super) struct Call {
    state: State,
    /// Whether an access point name has been given.
    apn: bool,
    /// `AT+CFUN` has switched the radio off.
    offline: bool,
    /// How many calls will still fail. Outlives a restart.
    failing: u32,
    /// Outlives a restart.
    pub(super) search_order: SearchOrder,
}

impl Call {
    pub(super) fn new(options: &FibocomOptions) -> Self {
        Self {
            state: State::default(),
            apn: false,
            offline: false,
            failing: options.failed_calls,
            search_order: SearchOrder::new(),
        }
    }

    /// The module restarts.
    pub(super) fn restart(&mut self) {
        self.state = State::default();
        self.apn = false;
        self.offline = false;
        self.search_order.restart();
    }

    /// Whether there is an address.
    pub(super) fn is_up(&self, modem: &Modem) -> bool {
        let dialled = match self.state {
            State::Initial => modem.options.pdp_active,
            state => matches!(state, State::Up | State::Releasing),
        };
        dialled && modem.basic.is_active(CONTEXT)
    }

    pub(super) fn is_dialling(&self) -> bool {
        self.state == State::Dialling
    }

    /// Whether the context has gone without a word of `AT+MIPCALL`.
    pub(super) fn has_lost_context(&self, modem: &Modem) -> bool {
        let held = self.state == State::Up || self.state == State::Initial && modem.options.pdp_active;
        held && !modem.basic.is_active(CONTEXT)
    }

    /// `AT+MIPCALL?`
    pub(super) fn show(&self, modem: &mut Modem) {
        if self.is_up(modem) {
            modem.line(&format!("+MIPCALL: 1,{}", modem.options.ip_address));
        } else {
            modem.line("+MIPCALL: 0");
        }
        modem.ok();
    }

    /// `AT+MIPCALL=1[,"<apn>"[,"<user>"[,"<password>"]]]` and `AT+MIPCALL=0`
    pub(super) fn set(
        &mut self,
        command: &Command<'_>,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let up = list.number(0..=1)? == 1;
        let mut texts = [const { None::<String> }; 3];
        if up {
            for text in &mut texts {
                *text = list.optional_quoted(0..=100)?;
            }
        }
        list.end()?;
        if matches!(self.state, State::Dialling | State::Releasing) {
            return Err(Refused::State);
        }
        if up {
            let [apn, _, _] = texts;
            self.dial(apn.is_some_and(|apn| !apn.is_empty()), options, modem)
        } else {
            modem.ok();
            self.state = if self.is_up(modem) { State::Releasing } else { State::Down };
            modem.network_timer(due::CALL);
            Ok(())
        }
    }

    fn dial(&mut self, apn: bool, options: &FibocomOptions, modem: &mut Modem) -> Result<(), Refused> {
        if self.is_up(modem) && !options.call_repeats {
            return Err(Refused::State);
        }
        self.apn |= apn;
        let failing = options.call_failure == CallFailure::Error && !self.can_succeed(options, modem);
        if failing {
            self.failing = self.failing.saturating_sub(1);
            return Err(Refused::State);
        }
        modem.ok();
        self.state = State::Dialling;
        modem.network_timer(due::CALL);
        Ok(())
    }

    fn can_succeed(&self, options: &FibocomOptions, modem: &Modem) -> bool {
        modem.basic.is_attached()
            && !self.offline
            && (self.search_order.is_in_force() || !options.search_order_needs_restart)
            && self.failing == 0
            && (self.apn || !options.apn_required)
    }

    /// The network has answered. A session over a call that is released has been dropped before.
    pub(super) fn answered(&mut self, options: &FibocomOptions, modem: &mut Modem) {
        if !self.is_dialling() {
            self.state = State::Down;
            modem.basic.activate(CONTEXT, false);
            modem.urc("+MIPCALL: 0");
            return;
        }
        if self.can_succeed(options, modem) && modem.basic.activate(CONTEXT, true) {
            self.state = State::Up;
            let text = format!("+MIPCALL: {}", modem.options.ip_address);
            modem.urc(&text);
            return;
        }
        self.state = State::Down;
        self.failing = self.failing.saturating_sub(1);
        match options.call_failure {
            CallFailure::OkThenZero | CallFailure::Error => modem.urc("+MIPCALL: 0"),
            CallFailure::OkThenError => modem.urc("ERROR"),
            CallFailure::Silence => {}
        }
    }

    /// The context is gone.
    pub(super) fn hang_up(&mut self, modem: &mut Modem) {
        modem.timers.cancel(due::CALL);
        self.state = State::Down;
        modem.basic.activate(CONTEXT, false);
    }

    /// A command common to all modules comes: it may concern the call.
    pub(super) fn observe(&mut self, command: &Command<'_>, modem: &mut Modem) {
        match (command.name.as_str(), command.form) {
            ("+CGDCONT", Form::Set) => self.apn |= names_apn(command),
            ("+CFUN" | "+CGACT", Form::Set) => {
                // The radio goes off in 0 and 4; other values are refused.
                if command.name == "+CFUN" {
                    self.offline = matches!(command.arguments, [b'0' | b'4'] | [b'0' | b'4', b',', ..]);
                }
                modem.timer(due::CONTEXT, std::time::Duration::ZERO);
            }
            _ => {}
        }
    }
}

/// Whether `AT+CGDCONT` gives the context an access point name.
fn names_apn(command: &Command<'_>) -> bool {
    command.parameters().is_ok_and(|mut list| {
        list.number(CONTEXT..=CONTEXT).is_ok() && {
            list.value();
            matches!(list.value(), Value::Quoted(apn) if !apn.is_empty())
        }
    })
}

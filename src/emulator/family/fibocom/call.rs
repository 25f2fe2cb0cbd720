//! `AT+MIPCALL`: the PDP context as the module's own network stack uses it.

use super::due;
use super::options::{CallFailure, LossKind};
use super::state::{Fibocom, Refused, State};
use crate::emulator::command::{Command, Form, Value};
use crate::emulator::modem::Modem;

/// The PDP context everything goes through.
const CONTEXT: u64 = 1;

impl Fibocom {
    /// Whether there is an address.
    pub(super) fn is_up(&self, modem: &Modem) -> bool {
        let dialled = match self.call.state {
            State::Initial => modem.options.pdp_active,
            state => matches!(state, State::Up | State::Releasing),
        };
        dialled && modem.basic.is_active(CONTEXT)
    }

    /// `AT+MIPCALL?`
    pub(super) fn say_call(&self, modem: &mut Modem) {
        if self.is_up(modem) {
            modem.line(&format!("+MIPCALL: 1,{}", modem.options.ip_address));
        } else {
            modem.line("+MIPCALL: 0");
        }
        modem.ok();
    }

    /// `AT+MIPCALL=1[,"<apn>"[,"<user>"[,"<password>"]]]` and `AT+MIPCALL=0`
    pub(super) fn call(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let up = list.number(0..=1)? == 1;
        let mut texts = [const { None::<String> }; 3];
        if up {
            for text in &mut texts {
                *text = list.optional_quoted(0..=100)?;
            }
        }
        list.end()?;
        if matches!(self.call.state, State::Dialling | State::Releasing) {
            return Err(Refused::State);
        }
        if up {
            let [apn, _, _] = texts;
            self.dial(apn.is_some_and(|apn| !apn.is_empty()), modem)
        } else {
            modem.ok();
            self.call.state = if self.is_up(modem) { State::Releasing } else { State::Down };
            modem.network_timer(due::CALL);
            Ok(())
        }
    }

    fn dial(&mut self, apn: bool, modem: &mut Modem) -> Result<(), Refused> {
        if self.is_up(modem) && !self.options.call_repeats {
            return Err(Refused::State);
        }
        self.call.apn |= apn;
        let failing = self.options.call_failure == CallFailure::Error && !self.can_call(modem);
        if failing {
            self.stored.failing_calls = self.stored.failing_calls.saturating_sub(1);
            return Err(Refused::State);
        }
        modem.ok();
        self.call.state = State::Dialling;
        modem.network_timer(due::CALL);
        Ok(())
    }

    fn can_call(&self, modem: &Modem) -> bool {
        modem.basic.is_attached()
            && !self.call.offline
            && !(self.settings.search_changed && self.options.search_order_needs_restart)
            && self.stored.failing_calls == 0
            && (self.call.apn || !self.options.apn_required)
    }

    /// The network has answered.
    pub(super) fn called(&mut self, modem: &mut Modem) {
        if self.call.state != State::Dialling {
            self.lose_session(false, modem);
            self.call.state = State::Down;
            modem.basic.activate(CONTEXT, false);
            modem.urc("+MIPCALL: 0");
            return;
        }
        if self.can_call(modem) && modem.basic.activate(CONTEXT, true) {
            self.call.state = State::Up;
            let text = format!("+MIPCALL: {}", modem.options.ip_address);
            modem.urc(&text);
            return;
        }
        self.call.state = State::Down;
        self.stored.failing_calls = self.stored.failing_calls.saturating_sub(1);
        match self.options.call_failure {
            CallFailure::OkThenZero | CallFailure::Error => modem.urc("+MIPCALL: 0"),
            CallFailure::OkThenError => modem.urc("ERROR"),
            CallFailure::Silence => {}
        }
    }

    /// Common commands as the L610 knows them, or as they concern the call.
    pub(super) fn common(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Result<(), Refused>> {
        match (command.name.as_str(), command.form) {
            // L610 FTP application guide V1.0.0 §3.3 has these as read forms.
            ("+CSQ", Form::Read) => {
                let strength = if modem.basic.is_registered() { 25 } else { 99 };
                modem.line(&format!("+CSQ: {strength},99"));
            }
            ("+CIMI", Form::Read) => modem.line("+CIMI: 460046616008063"),
            // As on the Motorola G24; the common commands stop at 2.
            ("&D", Form::Set) if command.arguments == b"3" => modem.basic.dtr = 3,
            ("+CGDCONT", Form::Set) => {
                self.call.apn |= names_apn(command);
                return None;
            }
            // The radio goes off in 0 and 4; other values are refused.
            ("+CFUN" | "+CGACT", Form::Set) => {
                if command.name == "+CFUN" {
                    self.call.offline = matches!(command.arguments, [b'0' | b'4'] | [b'0' | b'4', b',', ..]);
                }
                modem.timer(due::CONTEXT, std::time::Duration::ZERO);
                return None;
            }
            _ => return None,
        }
        modem.ok();
        Some(Ok(()))
    }

    /// A common command may have taken the context away.
    pub(super) fn check_context(&mut self, modem: &mut Modem) {
        let held =
            matches!(self.call.state, State::Up) || self.call.state == State::Initial && modem.options.pdp_active;
        if held && !modem.basic.is_active(CONTEXT) {
            self.lose(LossKind::Call, true, modem);
        }
    }

    /// The context is gone.
    pub(super) fn hang_up(&mut self, modem: &mut Modem) {
        modem.timers.cancel(due::CALL);
        self.call.state = State::Down;
        modem.basic.activate(CONTEXT, false);
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

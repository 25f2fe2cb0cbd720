//! `AT+FTPPUT` once its session is open (Luat AT manual, `AT+FTPPUT`).

use std::time::Duration;

use super::options::{IdleEnd, LuatOptions, LuatProfile};
use super::outgoing::Put;
use super::session::Then;
use super::{codes, token};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;

/// Silence after which the Air780EP ended an upload (time-stamped log, firmware V1007).
const LUAT_IDLE: Duration = Duration::from_millis(31_800);

impl Put {
    /// Takes as much of a chunk as the module accepts: whether that is anything.
    pub(super) fn receive(&mut self, count: usize, options: &LuatOptions, modem: &mut Modem) -> bool {
        let mut count = count.min(self.maximum).min(options.put_accepts.unwrap_or(usize::MAX));
        if self.refusals < options.put_refusals {
            self.refusals = self.refusals.saturating_add(1);
            count = 0;
        }
        modem.line(&format!("+FTPPUT: 2,{count}"));
        if count == 0 {
            modem.ok();
            return false;
        }
        modem.timers.cancel(token::IDLE);
        modem.receive(Intake::counted(count as u64));
        true
    }

    /// The host has sent everything.
    pub(super) fn close(&mut self, options: &LuatOptions, modem: &mut Modem) {
        self.closing = true;
        modem.timers.cancel(token::IDLE);
        modem.timers.cancel(token::REANNOUNCE);
        modem.timer(token::STORE, options.store_delay.saturating_add(modem.options.network_latency));
    }

    /// A chunk is complete.
    pub(super) fn after_chunk(&mut self, end: IntakeEnd, options: &LuatOptions, modem: &mut Modem) -> Then {
        if end != IntakeEnd::Complete {
            modem.error();
            watch(options, modem);
            return Then::GoesOn;
        }
        self.chunks = self.chunks.saturating_add(1);
        if options.put_silent_chunk == Some(self.chunks) {
            modem.finish();
        } else {
            modem.ok();
        }
        if let Some(code) = self.failure {
            return Then::Ends(code);
        }
        if options.put_reannounced {
            if options.put_reannounce_delay.is_zero() {
                self.announce_room(options, modem);
            } else {
                modem.timer(token::REANNOUNCE, options.put_reannounce_delay);
            }
        }
        watch(options, modem);
        Then::GoesOn
    }

    pub(super) fn announce_room(&mut self, options: &LuatOptions, modem: &mut Modem) {
        let text = self.announce(options);
        modem.urc(&text);
    }
}

pub(super) fn watch(options: &LuatOptions, modem: &mut Modem) {
    if let Some((time, _)) = idle_end(options) {
        modem.timer(token::IDLE, time);
    }
}

/// When the host's neglect ends an upload, and with which code.
pub(super) fn idle_end(options: &LuatOptions) -> Option<(Duration, u16)> {
    match options.put_idle {
        IdleEnd::After { time, code } => Some((time, code)),
        IdleEnd::AsProfile if options.profile == LuatProfile::Air780e => Some((LUAT_IDLE, codes::FINISHED)),
        IdleEnd::Never | IdleEnd::AsProfile => None,
    }
}

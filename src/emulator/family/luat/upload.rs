//! `AT+FTPPUT` once its session is open (Luat AT manual, `AT+FTPPUT`).

use std::time::Duration;

use super::answer::{Answer, Refusal};
use super::operation::Operation;
use super::options::{IdleEnd, LuatProfile, PutExcess};
use super::outgoing::Put;
use super::session::Session;
use super::state::{Luat, Receiving};
use super::{codes, token};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;

/// Silence after which the Air780EP ended an upload (time-stamped log, firmware V1007).
const LUAT_IDLE: Duration = Duration::from_millis(31_800);

impl Luat {
    /// `AT+FTPPUT=2,<count>`
    pub(super) fn write(&mut self, count: usize, modem: &mut Modem) -> Answer {
        let options = &self.options;
        let Session::Upload(put) = &mut self.session else {
            return Err(Refusal::State);
        };
        if put.operation != Operation::Put || put.closing {
            return Err(Refusal::State);
        }
        if count > put.maximum && options.put_excess == PutExcess::Error {
            return Err(Refusal::State);
        }
        if count == 0 {
            put.closing = true;
            modem.timers.cancel(token::IDLE);
            modem.timers.cancel(token::REANNOUNCE);
            let time = options.store_delay.saturating_add(modem.options.network_latency);
            self.answer_ending(modem);
            modem.timer(token::STORE, time);
            return Ok(());
        }
        if put.refusals < options.put_refusals {
            put.refusals = put.refusals.saturating_add(1);
            modem.line("+FTPPUT: 2,0");
            modem.ok();
            return Ok(());
        }
        let accepted = options.put_accepts.unwrap_or(usize::MAX);
        let count = count.min(put.maximum).min(accepted);
        modem.line(&format!("+FTPPUT: 2,{count}"));
        if count == 0 {
            modem.ok();
            return Ok(());
        }
        modem.timers.cancel(token::IDLE);
        self.receiving = Receiving::Put;
        modem.receive(Intake::counted(count as u64));
        Ok(())
    }

    /// A chunk is complete.
    pub(super) fn after_chunk(&mut self, end: IntakeEnd, modem: &mut Modem) {
        let options = &self.options;
        let Session::Upload(put) = &mut self.session else {
            modem.error();
            return;
        };
        if end != IntakeEnd::Complete {
            modem.error();
            self.watch_upload(modem);
            return;
        }
        put.chunks = put.chunks.saturating_add(1);
        if options.put_silent_chunk == Some(put.chunks) {
            modem.finish();
        } else {
            modem.ok();
        }
        if let Some(code) = put.failure {
            self.end(Operation::Put, code, modem);
            return;
        }
        if options.put_reannounced {
            if options.put_reannounce_delay.is_zero() {
                let text = put.announce(options);
                modem.urc(&text);
            } else {
                modem.timer(token::REANNOUNCE, options.put_reannounce_delay);
            }
        }
        self.watch_upload(modem);
    }

    pub(super) fn announce_room(&mut self, modem: &mut Modem) {
        if let Session::Upload(put) = &mut self.session {
            let text = put.announce(&self.options);
            modem.urc(&text);
        }
    }

    pub(super) fn watch_upload(&self, modem: &mut Modem) {
        if let Some((time, _)) = self.upload_idle_end() {
            modem.timer(token::IDLE, time);
        }
    }

    fn upload_idle_end(&self) -> Option<(Duration, u16)> {
        match self.options.put_idle {
            IdleEnd::After { time, code } => Some((time, code)),
            IdleEnd::AsProfile if self.options.profile == LuatProfile::Air780e => Some((LUAT_IDLE, codes::FINISHED)),
            IdleEnd::Never | IdleEnd::AsProfile => None,
        }
    }

    pub(super) fn upload_is_idle(&mut self, modem: &mut Modem) {
        let Some((_, code)) = self.upload_idle_end() else {
            return;
        };
        let stored = self.take_put().map_or(codes::FINISHED, Put::finish);
        self.blank(modem);
        let code = if code == codes::FINISHED { stored } else { code };
        self.end(Operation::Put, code, modem);
    }

    /// The host has closed the upload.
    pub(super) fn store(&mut self, modem: &mut Modem) {
        if let Some(put) = self.take_put() {
            let operation = put.operation;
            let code = put.finish();
            self.end(operation, code, modem);
        }
    }

    fn take_put(&mut self) -> Option<Put> {
        match std::mem::replace(&mut self.session, Session::Idle) {
            Session::Upload(put) => Some(put),
            other => {
                self.session = other;
                None
            }
        }
    }
}

//! `AT+FTPPUT` once its session is open (Luat AT manual, `AT+FTPPUT`).

use std::io::Write;
use std::time::Duration;

use super::options::{AsciiEffect, IdleEnd, LuatOptions, LuatProfile, PutExcess};
use super::session::{Operation, Session};
use super::{Answer, Luat, Receiving, Refusal, codes, token};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{RemoteError, Upload};

/// Silence after which the Air780EP ended an upload (time-stamped log, firmware V1007).
const LUAT_IDLE: Duration = Duration::from_millis(31_800);

/// What happens to bytes on their way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conversion {
    drop_line_ends: bool,
    clear_top_bit: bool,
    expand_line_feeds: bool,
}

impl Conversion {
    pub(super) fn new(options: &LuatOptions, binary: bool) -> Self {
        let effect = options.ascii_effect();
        Self {
            drop_line_ends: !binary && effect == AsciiEffect::DropLineEnds,
            clear_top_bit: !binary && effect == AsciiEffect::ClearTopBit,
            expand_line_feeds: options.line_feeds_expanded,
        }
    }

    const fn is_needed(self) -> bool {
        self.drop_line_ends || self.clear_top_bit || self.expand_line_feeds
    }

    fn convert(self, bytes: &[u8]) -> Vec<u8> {
        let mut converted = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.drop_line_ends && matches!(byte, b'\r' | b'\n') {
                continue;
            }
            if self.expand_line_feeds && *byte == b'\n' {
                converted.push(b'\r');
            }
            converted.push(if self.clear_top_bit { byte & 0x7F } else { *byte });
        }
        converted
    }
}

/// A file on its way to the server.
pub(super) struct Put {
    pub(super) operation: Operation,
    upload: Box<dyn Upload>,
    conversion: Conversion,
    pub(super) failure: Option<u16>,
    maximum: usize,
    announcements: usize,
    chunks: u32,
    refusals: u32,
    /// The host has sent everything.
    pub(super) closing: bool,
}

impl Put {
    pub(super) const fn new(upload: Box<dyn Upload>, conversion: Conversion) -> Self {
        Self {
            operation: Operation::Put,
            upload,
            conversion,
            failure: None,
            maximum: 0,
            announcements: 0,
            chunks: 0,
            refusals: 0,
            closing: false,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        let written = if self.conversion.is_needed() {
            let converted = self.conversion.convert(bytes);
            self.upload.write_all(&converted)
        } else {
            self.upload.write_all(bytes)
        };
        self.failure = written.err().map(|error| codes::of(&RemoteError::from_io(&error), codes::UPLOAD));
    }

    /// Closes the file on the server: the code of the outcome.
    pub(super) fn finish(self) -> u16 {
        match self.failure {
            Some(code) => code,
            None => self.upload.finish().map_or_else(|error| codes::of(&error, codes::UPLOAD), |()| codes::FINISHED),
        }
    }

    /// The next maximum, as announced.
    pub(super) fn announce(&mut self, options: &LuatOptions) -> String {
        let maximums = &options.put_maximums;
        let next = maximums.get(self.announcements).or(maximums.last());
        self.maximum = next.copied().unwrap_or(0);
        self.announcements = self.announcements.saturating_add(1);
        let name = Operation::Put.name();
        if options.put_maximum_shown { format!("{name}: 1,1,{}", self.maximum) } else { format!("{name}: 1,1") }
    }
}

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
            modem.cancel(token::IDLE);
            modem.cancel(token::REANNOUNCE);
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
        modem.cancel(token::IDLE);
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

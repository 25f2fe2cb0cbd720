//! The one session there can be, and how it ends, whatever it is for.

use std::time::Duration;

use super::answer::{Answer, Refusal};
use super::operation::Operation;
use super::options::{LuatOptions, SecondOpen};
use super::session::{Session, Then};
use super::{codes, token, upload};
use crate::emulator::choices::ResultOrder;
use crate::emulator::modem::{Modem, Progress};

/// The place of the one session there can be.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) session: Session,
    /// The end of the session is to be reported before the `OK` of the command that ends it.
    ok_pending: bool,
    /// When the last session ended.
    ended: Option<Duration>,
}

impl Slot {
    /// Whether no session can be opened.
    pub(super) fn is_taken(&self, options: &LuatOptions, modem: &Modem) -> bool {
        let settling = self.ended.is_some_and(|ended| modem.clock.now() < ended.saturating_add(options.settling));
        self.session.operation().is_some() || settling
    }

    /// A command would open a session beside this one.
    pub(super) fn refuse(&mut self, operation: Operation, options: &LuatOptions, modem: &mut Modem) {
        let ends = match options.second_open {
            SecondOpen::Masks => matches!(self.session, Session::Opening(_)),
            SecondOpen::Ignored => false,
            SecondOpen::Ends => true,
        };
        if ends {
            self.close(modem);
        }
        modem.urc(&operation.report(codes::NOT_ALLOWED, options));
    }

    pub(super) fn quit(&mut self, modem: &mut Modem) -> Answer {
        let operation = self.session.operation().ok_or(Refusal::State)?;
        if matches!(self.session, Session::Quitting(..)) {
            return Err(Refusal::State);
        }
        cancel_session_timers(modem);
        if matches!(self.session, Session::CodedDownload) {
            modem.queue.stop_stream();
        }
        self.session = Session::Quitting(operation, self.session.take_put());
        self.answer_ending(modem);
        modem.network_timer(token::QUIT);
        Ok(())
    }

    /// The answer to a command that ends the session, unless the report of the end is to come first.
    pub(super) fn answer_ending(&mut self, modem: &mut Modem) {
        self.ok_pending = modem.options.result_order == ResultOrder::OkLast;
        if !self.ok_pending {
            modem.ok();
        }
    }

    pub(super) fn has_quit(&mut self, options: &LuatOptions, modem: &mut Modem) {
        let Session::Quitting(operation, put) = std::mem::take(&mut self.session) else {
            return;
        };
        if let Some(put) = put {
            // What has been uploaded stays (Luat Air780E FTP guide §6.3); the report is that of the quit.
            put.finish();
        }
        self.end(operation, options.quit_code(), options, modem);
        if let Some(late) = options.late_report {
            modem.urc_after(late.after, &operation.report(late.code, options));
        }
    }

    /// The session ends, and its result is reported.
    pub(super) fn end(&mut self, operation: Operation, code: u16, options: &LuatOptions, modem: &mut Modem) {
        self.close(modem);
        let report = operation.report(code, options);
        if std::mem::take(&mut self.ok_pending) {
            modem.line(&report);
            modem.ok();
        } else {
            modem.urc(&report);
        }
    }

    pub(super) fn close(&mut self, modem: &mut Modem) {
        cancel_session_timers(modem);
        self.session = Session::Idle;
        self.ended = Some(modem.clock.now());
        // A server that does not answer QUIT is left all the same.
        drop(modem.remote.quit());
    }

    /// A step of the session has been made.
    pub(super) fn go_on(&mut self, operation: Operation, then: Then, options: &LuatOptions, modem: &mut Modem) {
        match then {
            Then::GoesOn => {}
            Then::Ends(code) => self.end(operation, code, options, modem),
            Then::Closes => self.close(modem),
        }
    }

    /// The answer to a read is complete.
    pub(super) fn after_read(&mut self, options: &LuatOptions, modem: &mut Modem) {
        if let Session::Download(download) = &mut self.session {
            let (operation, then) = (download.operation, download.after_read(options, modem));
            self.go_on(operation, then, options, modem);
        }
    }

    /// The host has neglected the session for too long.
    pub(super) fn is_idle(&mut self, options: &LuatOptions, modem: &mut Modem) {
        if let Session::Download(download) = &mut self.session {
            let (operation, then) = (download.operation, download.is_idle(options, modem));
            self.go_on(operation, then, options, modem);
        } else if let Some((_, code)) = upload::idle_end(options)
            && let Some(put) = self.session.take_put()
        {
            let stored = put.finish();
            blank(options, modem);
            let code = if code == codes::FINISHED { stored } else { code };
            self.end(Operation::Put, code, options, modem);
        }
    }

    /// The host has closed the upload.
    pub(super) fn store(&mut self, options: &LuatOptions, modem: &mut Modem) {
        if let Some(put) = self.session.take_put() {
            let operation = put.operation;
            let code = put.finish();
            self.end(operation, code, options, modem);
        }
    }
}

/// The empty line logs show before the end of some sessions.
pub(super) fn blank(options: &LuatOptions, modem: &mut Modem) {
    if options.blank_before_end() && modem.progress == Progress::Idle && !modem.in_data {
        modem.bytes(b"\r\n");
    }
}

fn cancel_session_timers(modem: &mut Modem) {
    for token in token::SESSION {
        modem.timers.cancel(token);
    }
}

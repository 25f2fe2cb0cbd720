//! How sessions begin and end, whatever they are for.

use super::answer::{Answer, Refusal};
use super::operation::Operation;
use super::options::SecondOpen;
use super::session::Session;
use super::state::Luat;
use super::{codes, token};
use crate::emulator::choices::ResultOrder;
use crate::emulator::modem::{Modem, Progress};

impl Luat {
    /// A session without a network fails, a moment later.
    pub(super) fn bearer_went_down(&mut self, modem: &mut Modem) {
        if self.session.operation().is_some() && !self.bearers.is_open(self.settings.cid) {
            modem.network_timer(token::BEARER_FAILURE);
        }
    }

    /// A command that opens a session.
    pub(super) fn open(&mut self, operation: Operation, modem: &mut Modem) -> Answer {
        let settling = self.ended.is_some_and(|ended| modem.clock.now() < ended.saturating_add(self.options.settling));
        if self.session.operation().is_some() || settling {
            modem.ok();
            self.second_open(modem);
            modem.urc(&operation.report(codes::NOT_ALLOWED, &self.options));
            return Ok(());
        }
        self.session = Session::Opening(operation);
        if let Some(loss) = &self.options.bearer_loss
            && !self.bearer_loss_set
        {
            self.bearer_loss_set = true;
            modem.timer(token::BEARER, loss.after);
        }
        let directory = matches!(operation, Operation::MakeDir | Operation::RemoveDir);
        let failure_at_once = directory && self.options.directory_failure_at_once;
        let ok_last = modem.options.result_order == ResultOrder::OkLast;
        if !failure_at_once && !ok_last {
            modem.ok();
            modem.network_timer(token::OPEN);
            return Ok(());
        }
        modem.clock.delay(modem.options.network_latency);
        let lines = match self.begin(operation, modem) {
            Err(code) if failure_at_once => return Err(Refusal::Code(code)),
            Err(code) => vec![operation.report(code, &self.options)],
            Ok(lines) => lines,
        };
        if ok_last {
            lines.iter().for_each(|line| modem.line(line));
            modem.ok();
        } else {
            modem.ok();
            lines.iter().for_each(|line| modem.urc(line));
        }
        Ok(())
    }

    fn second_open(&mut self, modem: &mut Modem) {
        let ends = match self.options.second_open {
            SecondOpen::Masks => matches!(self.session, Session::Opening(_)),
            SecondOpen::Ignored => false,
            SecondOpen::Ends => true,
        };
        if ends {
            self.close(modem);
        }
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
        let put = match std::mem::replace(&mut self.session, Session::Idle) {
            Session::Upload(put) => Some(put),
            _ => None,
        };
        self.session = Session::Quitting(operation, put);
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

    pub(super) fn has_quit(&mut self, modem: &mut Modem) {
        let Session::Quitting(operation, put) = std::mem::replace(&mut self.session, Session::Idle) else {
            return;
        };
        if let Some(put) = put {
            // What has been uploaded stays (Luat Air780E FTP guide §6.3); the report is that of the quit.
            put.finish();
        }
        self.end(operation, self.options.quit_code(), modem);
        if let Some(late) = self.options.late_report {
            modem.urc_after(late.after, &operation.report(late.code, &self.options));
        }
    }

    /// The session ends, and its result is reported.
    pub(super) fn end(&mut self, operation: Operation, code: u16, modem: &mut Modem) {
        self.close(modem);
        let report = operation.report(code, &self.options);
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

    /// The empty line logs show before the end of some sessions.
    pub(super) fn blank(&self, modem: &mut Modem) {
        if self.options.blank_before_end() && modem.progress == Progress::Idle && !modem.in_data {
            modem.bytes(b"\r\n");
        }
    }
}

fn cancel_session_timers(modem: &mut Modem) {
    for token in token::SESSION {
        modem.timers.cancel(token);
    }
}

//! `AT+FTPGET` and `AT+FTPLIST` once their session is open (Luat AT manual, `AT+FTPGET`, `AT+FTPLIST`).

use super::incoming::{Download, Source};
use super::operation::Operation;
use super::options::LuatOptions;
use super::session::Then;
use super::slot::blank;
use super::{codes, token};
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;

impl Download {
    /// A download was opened: what is said of it, and what is left to read.
    pub(super) fn start(
        operation: Operation,
        mut source: Source,
        options: &LuatOptions,
        modem: &mut Modem,
    ) -> Result<(Vec<String>, Option<Self>), u16> {
        source.fill(1);
        if source.is_over() {
            if let Some(code) = source.failure {
                return Err(code);
            }
            if !options.empty_announced || operation == Operation::Stream {
                return Ok((vec![operation.report(codes::FINISHED, options)], None));
            }
        }
        let mut download = Self::new(operation, source);
        let lines = (0..options.opening_announcements).map(|_| download.announcement()).collect();
        download.watch(options, modem);
        Ok((lines, Some(download)))
    }

    /// `AT+FTPGET=2,<count>`
    pub(super) fn read(&mut self, count: usize, options: &LuatOptions, modem: &mut Modem) -> Then {
        for token in [token::IDLE, token::REPEAT, token::ANNOUNCE] {
            modem.timers.cancel(token);
        }
        self.reads = self.reads.saturating_add(1);
        if options.announcement_before_read {
            modem.line(&self.announcement());
        }
        let name = self.data_head();
        let every = options.every_read_empty;
        let empty = self.reads <= options.first_reads_empty || (every > 0 && self.reads.is_multiple_of(every));
        if empty {
            modem.line(&format!("{name}0"));
            modem.ok();
            if !self.end_reported && !self.ending {
                modem.network_timer(token::ANNOUNCE);
                self.watch(options, modem);
            }
            return Then::GoesOn;
        }
        let count = count.min(options.read_limit.unwrap_or(usize::MAX));
        // What is there does not wait for the end of the file.
        let ((), replies) = modem.clock.unwaited(|| self.source.fill(count.saturating_add(1)));
        self.closing = replies;
        let data = self.source.take(count);
        self.delivered = self.delivered.saturating_add(data.len() as u64);
        if options.failure_first
            && self.source.is_over()
            && let Some(code) = self.source.failure
        {
            modem.line(&self.operation.report(code, options));
            self.end_reported = true;
        }
        match &options.count_text {
            Some(text) => modem.line(&format!("{name}{text}")),
            None => modem.line(&format!("{name}{}", data.len())),
        }
        if data.is_empty() {
            modem.ok();
            self.after_read(options, modem)
        } else {
            modem.stream(Stream::block(data, token::READ));
            Then::GoesOn
        }
    }

    /// The answer to a read is complete: whether the data is too.
    pub(super) fn after_read(&mut self, options: &LuatOptions, modem: &mut Modem) -> Then {
        modem.clock.wait_for(std::mem::take(&mut self.closing));
        let over = self.source.is_over();
        let early_end = options.early_end_after.is_some_and(|limit| self.delivered >= limit);
        if self.ending {
        } else if self.end_reported {
            return if over { Then::Closes } else { Then::GoesOn };
        } else if over {
            match self.source.failure {
                Some(code) => return Then::Ends(code),
                None if options.end_delay.is_zero() => {
                    blank(options, modem);
                    return Then::Ends(codes::FINISHED);
                }
                None => {
                    self.ending = true;
                    modem.timer(token::END, options.end_delay);
                }
            }
        } else if early_end {
            return self.break_off(codes::FINISHED, options, modem);
        } else {
            // Only the announcement says how much of a stream is waiting.
            let least = u32::from(self.operation == Operation::Stream);
            for _ in 0..options.announcements_after_read.max(least) {
                modem.urc(&self.announcement());
            }
            self.watch(options, modem);
        }
        Then::GoesOn
    }

    /// The session ends although data is unread.
    fn break_off(&mut self, code: u16, options: &LuatOptions, modem: &mut Modem) -> Then {
        if code != codes::FINISHED || !options.read_after_end {
            return Then::Ends(code);
        }
        self.end_reported = true;
        modem.urc(&self.operation.report(code, options));
        Then::GoesOn
    }

    /// Unread data is announced again.
    pub(super) fn announce_unread(&mut self, options: &LuatOptions, modem: &mut Modem) {
        modem.urc(&self.announcement());
        if let Some(period) = options.repeated_announcement() {
            modem.timer(token::REPEAT, period);
        }
    }

    fn watch(&self, options: &LuatOptions, modem: &mut Modem) {
        if let Some(period) = options.repeated_announcement() {
            modem.timer(token::REPEAT, period);
        }
        if let Some((time, _)) = self.idle_end(options) {
            modem.timer(token::IDLE, time);
        }
    }

    pub(super) fn is_idle(&mut self, options: &LuatOptions, modem: &mut Modem) -> Then {
        let Some((_, code)) = self.idle_end(options) else {
            return Then::GoesOn;
        };
        modem.timers.cancel(token::REPEAT);
        self.break_off(code, options, modem)
    }
}

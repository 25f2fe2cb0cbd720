//! `AT+FTPGET` and `AT+FTPLIST` once their session is open (Luat AT manual, `AT+FTPGET`, `AT+FTPLIST`).

use super::answer::{Answer, Refusal};
use super::incoming::{Download, Source};
use super::operation::Operation;
use super::session::Session;
use super::state::Luat;
use super::{codes, token};
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;

impl Luat {
    /// A download was opened: what is said of it.
    pub(super) fn start_download(
        &mut self,
        operation: Operation,
        mut source: Source,
        modem: &mut Modem,
    ) -> Result<Vec<String>, u16> {
        source.fill(1);
        if source.is_over() {
            if let Some(code) = source.failure {
                return Err(code);
            }
            if !self.options.empty_announced || operation == Operation::Stream {
                return Ok(vec![operation.report(codes::FINISHED, &self.options)]);
            }
        }
        let mut download = Download::new(operation, source);
        let lines = (0..self.options.opening_announcements).map(|_| download.announcement()).collect();
        self.session = Session::Download(download);
        self.watch_download(modem);
        Ok(lines)
    }

    /// `AT+FTPGET=2,<count>`
    pub(super) fn read(&mut self, operation: Operation, count: usize, modem: &mut Modem) -> Answer {
        let options = &self.options;
        let Session::Download(download) = &mut self.session else {
            return Err(Refusal::State);
        };
        if download.operation != operation {
            return Err(Refusal::State);
        }
        for token in [token::IDLE, token::REPEAT, token::ANNOUNCE] {
            modem.timers.cancel(token);
        }
        download.reads = download.reads.saturating_add(1);
        if options.announcement_before_read {
            modem.line(&download.announcement());
        }
        let name = download.data_head();
        let every = options.every_read_empty;
        let empty = download.reads <= options.first_reads_empty || (every > 0 && download.reads.is_multiple_of(every));
        if empty {
            modem.line(&format!("{name}0"));
            modem.ok();
            if !download.end_reported && !download.ending {
                modem.network_timer(token::ANNOUNCE);
                self.watch_download(modem);
            }
            return Ok(());
        }
        let count = count.min(options.read_limit.unwrap_or(usize::MAX));
        // What is there does not wait for the end of the file.
        let ((), replies) = modem.clock.unwaited(|| download.source.fill(count.saturating_add(1)));
        download.closing = replies;
        let data = download.source.take(count);
        download.delivered = download.delivered.saturating_add(data.len() as u64);
        if options.failure_first
            && download.source.is_over()
            && let Some(code) = download.source.failure
        {
            modem.line(&operation.report(code, options));
            download.end_reported = true;
        }
        match &options.count_text {
            Some(text) => modem.line(&format!("{name}{text}")),
            None => modem.line(&format!("{name}{}", data.len())),
        }
        if data.is_empty() {
            modem.ok();
            self.after_read(modem);
        } else {
            modem.stream(Stream::block(data, token::READ));
        }
        Ok(())
    }

    /// The answer to a read is complete: whether the data is too.
    pub(super) fn after_read(&mut self, modem: &mut Modem) {
        let Session::Download(download) = &mut self.session else {
            return;
        };
        modem.clock.wait_for(std::mem::take(&mut download.closing));
        let operation = download.operation;
        let over = download.source.is_over();
        let early_end = self.options.early_end_after.is_some_and(|limit| download.delivered >= limit);
        if download.ending {
        } else if download.end_reported {
            if over {
                self.close(modem);
            }
        } else if over {
            match download.source.failure {
                Some(code) => self.end(operation, code, modem),
                None if self.options.end_delay.is_zero() => self.end_download(modem),
                None => {
                    download.ending = true;
                    modem.timer(token::END, self.options.end_delay);
                }
            }
        } else if early_end {
            self.break_off_download(codes::FINISHED, modem);
        } else {
            // Only the announcement says how much of a stream is waiting.
            let least = u32::from(operation == Operation::Stream);
            for _ in 0..self.options.announcements_after_read.max(least) {
                modem.urc(&download.announcement());
            }
            self.watch_download(modem);
        }
    }

    /// Everything was read, and that is said.
    pub(super) fn end_download(&mut self, modem: &mut Modem) {
        if let Some(operation) = self.session.operation() {
            self.blank(modem);
            self.end(operation, codes::FINISHED, modem);
        }
    }

    /// The session ends although data is unread.
    pub(super) fn break_off_download(&mut self, code: u16, modem: &mut Modem) {
        let Session::Download(download) = &mut self.session else {
            return;
        };
        let operation = download.operation;
        if code == codes::FINISHED && self.options.read_after_end {
            download.end_reported = true;
            modem.urc(&operation.report(code, &self.options));
        } else {
            self.end(operation, code, modem);
        }
    }

    /// Unread data is announced again.
    pub(super) fn announce_unread(&mut self, modem: &mut Modem) {
        if let Session::Download(download) = &mut self.session {
            modem.urc(&download.announcement());
            if let Some(period) = self.options.repeated_announcement() {
                modem.timer(token::REPEAT, period);
            }
        }
    }

    fn watch_download(&self, modem: &mut Modem) {
        let Session::Download(download) = &self.session else {
            return;
        };
        if let Some(period) = self.options.repeated_announcement() {
            modem.timer(token::REPEAT, period);
        }
        if let Some((time, _)) = download.idle_end(&self.options) {
            modem.timer(token::IDLE, time);
        }
    }

    pub(super) fn download_is_idle(&mut self, modem: &mut Modem) {
        if let Session::Download(download) = &self.session
            && let Some((_, code)) = download.idle_end(&self.options)
        {
            modem.timers.cancel(token::REPEAT);
            self.break_off_download(code, modem);
        }
    }
}

//! `AT+FTPGET` and `AT+FTPLIST` once their session is open (Luat AT manual, `AT+FTPGET`, `AT+FTPLIST`).

use std::collections::VecDeque;
use std::io::{self, Read};
use std::time::Duration;

use super::options::{IdleEnd, LuatOptions, LuatProfile};
use super::session::{Operation, Session};
use super::{Answer, Luat, Refusal, codes, token};
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;
use crate::emulator::remote::RemoteError;

/// How much is asked of the server at once.
const PIECE: usize = 16 * 1024;
/// What one announcement of `AT+FTPEXTGET=4` covers (Luat AT manual, examples).
const STREAM_PIECE: usize = 1460;
/// Silence after which the Air780EP ended a download it had been read from (time-stamped log, firmware V1007).
const LUAT_IDLE: Duration = Duration::from_millis(7350);
/// The limit of FTP commands (SIM7000 AT manual V1.06), which the end by code 64 is taken to have too.
const SIMCOM_IDLE: Duration = Duration::from_secs(75);

/// Data from the server, looked at a little ahead of the host.
pub(super) struct Source {
    reader: Option<Box<dyn Read + Send>>,
    ahead: VecDeque<u8>,
    pub(super) failure: Option<u16>,
    seven_bits: bool,
}

impl Source {
    pub(super) fn new(reader: Box<dyn Read + Send>, seven_bits: bool) -> Self {
        Self { reader: Some(reader), ahead: VecDeque::new(), failure: None, seven_bits }
    }

    /// Waits until `wanted` bytes are there, or all there will be.
    pub(super) fn fill(&mut self, wanted: usize) {
        if self.ahead.len() >= wanted {
            return;
        }
        let mut piece = [0; PIECE];
        while self.ahead.len() < wanted
            && let Some(reader) = &mut self.reader
        {
            match reader.read(&mut piece) {
                Ok(0) => self.reader = None,
                Ok(count) => self.ahead.extend(piece.get(..count).unwrap_or(&piece)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(codes::of(&RemoteError::from_io(&error), codes::DOWNLOAD));
                    self.reader = None;
                }
            }
        }
    }

    /// At most `count` of the bytes that are there.
    pub(super) fn take(&mut self, count: usize) -> Vec<u8> {
        let count = count.min(self.ahead.len());
        let mask = if self.seven_bits { 0x7F } else { 0xFF };
        self.ahead.drain(..count).map(|byte| byte & mask).collect()
    }

    fn waiting(&self) -> usize {
        self.ahead.len()
    }

    /// Whether nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.ahead.is_empty() && self.reader.is_none()
    }
}

pub(super) struct Download {
    pub(super) operation: Operation,
    pub(super) source: Source,
    delivered: u64,
    reads: u32,
    /// The last byte was read; the report is due.
    ending: bool,
    /// The end has been reported, though data may be left.
    pub(super) end_reported: bool,
}

impl Download {
    pub(super) const fn new(operation: Operation, source: Source) -> Self {
        Self { operation, source, delivered: 0, reads: 0, ending: false, end_reported: false }
    }

    /// The line that says that data is waiting.
    fn announcement(&mut self) -> String {
        let name = self.operation.name();
        if self.operation == Operation::Stream {
            self.source.fill(STREAM_PIECE);
            format!("{name}: 4,{}", self.source.waiting().min(STREAM_PIECE))
        } else {
            format!("{name}: 1,1")
        }
    }

    /// The line before data, up to the count.
    fn data_head(&self) -> String {
        let mode = if self.operation == Operation::Stream { 4 } else { 2 };
        format!("{}: {mode},", self.operation.name())
    }

    /// When the host's neglect ends it, and with which code.
    fn idle_end(&self, options: &LuatOptions) -> Option<(Duration, u16)> {
        let chosen = match self.operation {
            Operation::List => options.list_idle,
            _ => options.get_idle,
        };
        match chosen {
            IdleEnd::Never => None,
            IdleEnd::After { time, code } => Some((time, code)),
            IdleEnd::AsProfile if options.profile != LuatProfile::Air780e => Some((SIMCOM_IDLE, codes::TIMEOUT)),
            // A listing stayed open for 168 s (time-stamped Air780EP log); so did a download before its first read.
            IdleEnd::AsProfile => {
                (self.operation == Operation::Get && self.reads > 0).then_some((LUAT_IDLE, codes::FINISHED))
            }
        }
    }
}

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
            modem.cancel(token);
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
        download.source.fill(count.saturating_add(1));
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
            // Only its announcement tells how much of a stream is waiting.
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
            modem.cancel(token::REPEAT);
            self.break_off_download(code, modem);
        }
    }
}

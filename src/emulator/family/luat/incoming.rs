//! Data on its way from the server.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::time::Duration;

use super::codes;
use super::operation::Operation;
use super::options::{IdleEnd, LuatOptions, LuatProfile};
use crate::emulator::remote::RemoteError;

/// How much is asked of the server at once.
pub(super) const PIECE: usize = 16 * 1024;
/// What one announcement of `AT+FTPEXTGET=4` covers (Luat AT manual, examples).
pub(super) const STREAM_PIECE: usize = 1460;
/// Silence after which the Air780EP ended a download it had been read from (time-stamped log, firmware V1007).
pub(super) const LUAT_IDLE: Duration = Duration::from_millis(7350);
/// The limit of FTP commands (SIM7000 AT manual V1.06), which the end by code 64 is taken to have too.
pub(super) const SIMCOM_IDLE: Duration = Duration::from_secs(75);

/// Data from the server, looked at a little ahead of the host.
pub(super) struct Source {
    pub(super) reader: Option<Box<dyn Read + Send>>,
    pub(super) ahead: VecDeque<u8>,
    pub(super) failure: Option<u16>,
    pub(super) seven_bits: bool,
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

    pub(super) fn waiting(&self) -> usize {
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
    pub(super) delivered: u64,
    pub(super) reads: u32,
    /// Replies of the server at the end of the file that are still to be waited for.
    pub(super) closing: u32,
    /// The last byte was read; the report is due.
    pub(super) ending: bool,
    /// The end has been reported, though data may be left.
    pub(super) end_reported: bool,
}

impl Download {
    pub(super) const fn new(operation: Operation, source: Source) -> Self {
        Self { operation, source, delivered: 0, reads: 0, closing: 0, ending: false, end_reported: false }
    }

    /// The line that says that data is waiting.
    pub(super) fn announcement(&mut self) -> String {
        let name = self.operation.name();
        if self.operation == Operation::Stream {
            self.source.fill(STREAM_PIECE);
            format!("{name}: 4,{}", self.source.waiting().min(STREAM_PIECE))
        } else {
            format!("{name}: 1,1")
        }
    }

    /// The line before data, up to the count.
    pub(super) fn data_head(&self) -> String {
        let mode = if self.operation == Operation::Stream { 4 } else { 2 };
        format!("{}: {mode},", self.operation.name())
    }

    /// When the host's neglect ends it, and with which code.
    pub(super) fn idle_end(&self, options: &LuatOptions) -> Option<(Duration, u16)> {
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

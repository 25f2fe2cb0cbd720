//! Downloads and listings over the serial line: Quectel EC2x FTP(S) application note V1.0 §2.6 and §2.11 to §2.13.

use std::io::Read;
use std::time::Duration;

use super::super::options::QuectelOptions;
use super::super::token::{DOWNLOAD, LATE, STALL};
use crate::emulator::intake::Intake;
use crate::emulator::modem::Modem;
use crate::emulator::queue::{Stream, StreamEnd};
use crate::emulator::remote::RemoteError;

/// A download over the serial line.
///
/// It counts what it has delivered before the stream that is running: a host may pause it and resume it, and the
/// stream may stall.
pub(in super::super) struct Download {
    /// The command it was begun by.
    pub(in super::super) name: String,
    /// What came before.
    pub(in super::super) before: u64,
    limit: Option<u64>,
}

/// A download the host has paused with `+++`.
pub(in super::super) struct Paused {
    pub(in super::super) download: Download,
    pub(in super::super) reader: Box<dyn Read + Send>,
}

/// A download that is over.
pub(in super::super) struct Ended {
    pub(in super::super) name: String,
    pub(in super::super) count: u64,
    pub(in super::super) cause: Cause,
}

/// What has ended a download.
pub(in super::super) enum Cause {
    /// Its last byte.
    Complete,
    Broken(RemoteError),
    /// The patience of the module.
    Stalled,
}

impl Download {
    pub(in super::super) fn new(name: &str, limit: Option<u64>) -> Self {
        Self { name: name.to_owned(), before: 0, limit }
    }

    /// How many bytes are still to come at most.
    pub(in super::super) fn left(&self) -> Option<u64> {
        self.limit.map(|limit| limit.saturating_sub(self.before))
    }

    /// Delivers what `reader` has, up to `stall` if it stalls there.
    pub(in super::super) fn start(
        &self,
        reader: Box<dyn Read + Send>,
        stall: Option<u64>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        modem.line("CONNECT");
        let (tag, limit) = if stall.is_some() { (STALL, stall) } else { (DOWNLOAD, self.left()) };
        let stream = Stream::new(reader, tag);
        modem.stream(match limit {
            Some(limit) => stream.limit(limit),
            None => stream,
        });
        modem.receive(Intake::open().or_escape(options.escape_guard));
    }

    /// Nothing more comes from the server, and the module waits for it.
    pub(in super::super) fn stall(&mut self, end: &StreamEnd, patience: Duration, modem: &mut Modem) {
        self.before = self.before.saturating_add(end.count);
        modem.timer(STALL, patience);
    }

    /// The module has waited long enough.
    pub(in super::super) fn time_out(self, modem: &mut Modem) -> Ended {
        modem.leave_data_mode();
        Ended { name: self.name, count: self.before, cause: Cause::Stalled }
    }

    /// The last byte has left, or the source failed.
    pub(in super::super) fn end(self, end: StreamEnd, modem: &mut Modem) -> Ended {
        modem.leave_data_mode();
        let count = self.before.saturating_add(end.count);
        // The data connection closes before anything else is asked of the server.
        drop(end.reader);
        let cause = end.error.map_or(Cause::Complete, |error| Cause::Broken(RemoteError::from_io(&error)));
        Ended { name: self.name, count, cause }
    }

    /// The host has escaped. What is under way still comes; `None` if nothing is.
    pub(in super::super) fn escape(mut self, options: &QuectelOptions, modem: &mut Modem) -> Option<Self> {
        let Some(end) = modem.queue.stop_stream() else {
            modem.timers.cancel(STALL);
            return None;
        };
        self.before = self.before.saturating_add(end.count);
        let late = options.late_bytes.min(self.left().unwrap_or(u64::MAX));
        modem.stream(Stream::new(end.reader, LATE).limit(late));
        Some(self)
    }
}

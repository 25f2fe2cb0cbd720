//! Downloads and listings over the serial line: Quectel EC2x FTP(S) application note V1.0 §2.6 and §2.11 to §2.13.

use std::io::Read;
use std::time::Duration;

use super::super::client::Client;
use super::super::data::Data;
use super::super::failure::{Failure, TIMEOUT};
use super::super::options::QuectelOptions;
use super::super::session::Work;
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
    before: u64,
    limit: Option<u64>,
}

/// A download the host has paused with `+++`.
pub(in super::super) struct Paused {
    download: Download,
    reader: Box<dyn Read + Send>,
}

/// A download that is over.
pub(in super::super) struct Ended {
    name: String,
    count: u64,
    cause: Cause,
}

/// What has ended a download.
enum Cause {
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
    fn left(&self) -> Option<u64> {
        self.limit.map(|limit| limit.saturating_sub(self.before))
    }

    fn start(
        self,
        reader: Box<dyn Read + Send>,
        stall: Option<u64>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Data {
        modem.line("CONNECT");
        let (tag, limit) = if stall.is_some() { (STALL, stall) } else { (DOWNLOAD, self.left()) };
        let stream = Stream::new(reader, tag);
        modem.stream(match limit {
            Some(limit) => stream.limit(limit),
            None => stream,
        });
        modem.receive(Intake::open().or_escape(options.escape_guard));
        Data::Download(self)
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
    fn escape(mut self, options: &QuectelOptions, modem: &mut Modem) -> Option<Self> {
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

impl Client {
    pub(in super::super) fn download(
        &mut self,
        download: Download,
        reader: Box<dyn Read + Send>,
        data: &mut Data,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        self.session.begin_transfer();
        let stall = self.connections.take_stall(download.left());
        *data = download.start(reader, stall, options, modem);
    }

    /// The result comes at once unless it is delayed by option.
    pub(in super::super) fn end_download(&mut self, ended: Ended, options: &QuectelOptions, modem: &mut Modem) {
        let Ended { name, count, cause } = ended;
        self.session.end_transfer();
        self.session.transferred = count;
        let failure = match cause {
            Cause::Complete => None,
            Cause::Broken(error) => Some(self.session.broken(&error, options, modem)),
            Cause::Stalled => Some(Failure::local(TIMEOUT)),
        };
        if failure.is_none() {
            options.data_end.say(modem);
            modem.ok();
        } else {
            options.end_failed(modem);
        }
        let result = failure.map_or_else(|| Ok(count.to_string()), Err);
        if options.result_delay(&name).is_some() {
            self.session.begin(&name, Work::Report(result), &self.config, options, modem);
        } else {
            self.results.report(&name, result, modem);
        }
    }

    /// The host has escaped from a download.
    pub(in super::super) fn escape_download(
        &mut self,
        download: Download,
        data: &mut Data,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        if let Some(download) = download.escape(options, modem) {
            *data = Data::Late(download);
        } else {
            self.session.end_transfer();
            modem.ok();
        }
    }

    /// What was under way when the host escaped has left.
    pub(in super::super) fn end_late(
        &mut self,
        mut download: Download,
        end: StreamEnd,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        download.before = download.before.saturating_add(end.count);
        self.session.transferred = download.before;
        if options.resume && end.error.is_none() {
            self.session.paused = Some(Paused { download, reader: end.reader });
        } else {
            drop(end.reader);
            self.session.end_transfer();
        }
        modem.ok();
    }

    /// `ATO`
    pub(in super::super) fn resume(&mut self, data: &mut Data, options: &QuectelOptions, modem: &mut Modem) {
        match self.session.paused.take() {
            Some(Paused { download, reader }) => self.download(download, reader, data, options, modem),
            None => modem.result("NO CARRIER"),
        }
    }
}

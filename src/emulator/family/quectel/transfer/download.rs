//! Downloads and listings: Quectel EC2x FTP(S) application note V1.0 §2.6 and §2.11 to §2.13.

use std::io::{self, Read};

use super::super::ascii::AsciiReader;
use super::super::data::{Data, Download, Paused, Source};
use super::super::failure::{FILE_ERROR, Failure, NOT_TAKEN, TIMEOUT};
use super::super::files::Incomplete;
use super::super::state::{Quectel, State, Work};
use super::super::token::{DOWNLOAD, LATE, STALL};
use crate::emulator::intake::Intake;
use crate::emulator::modem::Modem;
use crate::emulator::queue::{Stream, StreamEnd};
use crate::emulator::remote::RemoteError;

impl Quectel {
    pub(super) fn open_source(&mut self, source: &Source, modem: &mut Modem) -> Result<Box<dyn Read + Send>, Failure> {
        self.check_data_connection()?;
        let opened = match source {
            Source::Listing { path, listing } => modem.remote.list(path, *listing),
            Source::File { file, start, .. } => {
                if *start > 0
                    && let Ok(size) = modem.clock.unasked(|| modem.remote.size(file))
                    && *start >= size
                {
                    if self.options.past_end_refused {
                        return Err(Failure { code: NOT_TAKEN, reply: 550 });
                    }
                    return Ok(Box::new(io::empty()));
                }
                modem.remote.retrieve(file, *start)
            }
        };
        match opened {
            Ok(reader) if self.converts() && matches!(source, Source::File { .. }) => {
                Ok(Box::new(AsciiReader::new(reader)))
            }
            Ok(reader) => Ok(reader),
            Err(error) => Err(self.not_begun(&error, modem)),
        }
    }

    pub(super) fn download(&mut self, download: Download, reader: Box<dyn Read + Send>, modem: &mut Modem) {
        self.session.state = State::Transferring;
        modem.line("CONNECT");
        let left = download.limit.map(|limit| limit.saturating_sub(download.before));
        let stall = self.stall.filter(|at| left.is_none_or(|left| *at < left));
        let (tag, limit) = if stall.is_some() {
            self.stall = None;
            (STALL, stall)
        } else {
            (DOWNLOAD, left)
        };
        let stream = Stream::new(reader, tag);
        modem.stream(match limit {
            Some(limit) => stream.limit(limit),
            None => stream,
        });
        self.data = Data::Download(download);
        modem.receive(Intake::open().or_escape(self.options.escape_guard));
    }

    /// Nothing more comes from the server, and the module waits for it.
    pub(in super::super) fn stall_download(&mut self, end: StreamEnd, modem: &mut Modem) {
        let Data::Download(download) = &mut self.data else {
            return;
        };
        download.before = download.before.saturating_add(end.count);
        modem.timer(STALL, self.config.patience());
    }

    /// The module has waited long enough.
    pub(in super::super) fn give_up_download(&mut self, modem: &mut Modem) {
        let Data::Download(download) = std::mem::take(&mut self.data) else {
            return;
        };
        modem.leave_data_mode();
        self.session.state = State::Idle;
        self.session.transferred = download.before;
        self.end_failed(modem);
        self.report_data(&download.name, Err(Failure::local(TIMEOUT)), modem);
    }

    /// The last byte of a download has left, or its source failed.
    pub(in super::super) fn end_download(&mut self, end: StreamEnd, modem: &mut Modem) {
        let Data::Download(download) = std::mem::take(&mut self.data) else {
            return;
        };
        modem.leave_data_mode();
        self.session.state = State::Idle;
        self.session.transferred = download.before.saturating_add(end.count);
        // The data connection closes before anything else is asked of the server.
        drop(end.reader);
        let Some(error) = end.error else {
            self.options.data_end.say(modem);
            modem.ok();
            let count = self.session.transferred.to_string();
            self.report_data(&download.name, Ok(count), modem);
            return;
        };
        let failure = self.broken(&RemoteError::from_io(&error), modem);
        self.end_failed(modem);
        self.report_data(&download.name, Err(failure), modem);
    }

    /// The result of a transfer over the serial line comes at once unless it is delayed by option.
    fn report_data(&mut self, name: &str, result: Result<String, Failure>, modem: &mut Modem) {
        if self.options.result_delay(name).is_some() {
            self.begin(name, Work::Report(result), modem);
        } else {
            self.results.report(name, result, modem);
        }
    }

    /// The host has escaped from a download.
    pub(in super::super) fn escape_download(&mut self, download: Download, modem: &mut Modem) {
        let Some(end) = modem.queue.stop_stream() else {
            modem.timers.cancel(STALL);
            self.session.state = State::Idle;
            modem.ok();
            return;
        };
        let download = Download { before: download.before.saturating_add(end.count), ..download };
        let left = download.limit.map_or(u64::MAX, |limit| limit.saturating_sub(download.before));
        self.data = Data::Late(download);
        let late = self.options.late_bytes.min(left);
        modem.stream(Stream::new(end.reader, LATE).limit(late));
    }

    /// What was under way when the host escaped has left.
    pub(in super::super) fn end_late(&mut self, end: StreamEnd, modem: &mut Modem) {
        let Data::Late(mut download) = std::mem::take(&mut self.data) else {
            return;
        };
        download.before = download.before.saturating_add(end.count);
        self.session.transferred = download.before;
        if self.options.resume && end.error.is_none() {
            self.paused = Some(Paused { download, reader: end.reader });
        } else {
            drop(end.reader);
            self.session.state = State::Idle;
        }
        modem.ok();
    }

    /// `ATO`
    pub(in super::super) fn resume(&mut self, modem: &mut Modem) {
        match self.paused.take() {
            Some(Paused { download, reader }) => self.download(download, reader, modem),
            None => modem.result("NO CARRIER"),
        }
    }

    pub(super) fn download_to_file(&mut self, source: &Source, local: &str, modem: &mut Modem) -> Result<u64, Failure> {
        let local = self.files.to_replace(local)?;
        let mut reader = self.open_source(source, modem)?;
        self.files.replace(&local, &mut reader).map_err(|incomplete| match incomplete {
            Incomplete::Full => Failure::local(FILE_ERROR),
            Incomplete::Broken(error) => self.broken(&RemoteError::from_io(&error), modem),
        })
    }
}

//! What the client does for downloads and listings over the serial line.

use std::io::Read;

use super::super::data::Data;
use super::super::failure::{Failure, TIMEOUT};
use super::super::options::QuectelOptions;
use super::super::results::end_failed;
use super::super::session::Work;
use super::super::transfer::download::{Cause, Download, Ended, Paused};
use super::Client;
use crate::emulator::modem::Modem;
use crate::emulator::queue::StreamEnd;

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
        download.start(reader, stall, options, modem);
        *data = Data::Download(download);
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
            end_failed(options, modem);
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

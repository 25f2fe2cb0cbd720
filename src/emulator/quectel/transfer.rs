//! Transfers: Quectel EC2x FTP(S) application note V1.0 §2.5, §2.6 and §2.11 to §2.13.

use std::io::{self, Read, Write};

use super::ascii::{AsciiReader, AsciiUpload};
use super::failure::{
    ABORTED, BUSY, DATA_CONNECTION, FILE_ERROR, FILE_POSITION, Failure, NOT_TAKEN, OPEN_FILE,
    Refused, TIMEOUT,
};
use super::options::{TransferRefusal, UploadFailure};
use super::session::{State, Work};
use super::{DOWNLOAD, Data, GUARD, LATE, Quectel};
use crate::emulator::command::{Command, Parameters};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::queue::{Stream, StreamEnd};
use crate::emulator::remote::{Listing, RemoteError, StoreMode, Upload};

/// The longest name of a local file (§2.5).
const LOCAL_NAME: usize = 60;
/// How much goes to or from a local file at a time.
const PIECE: usize = 64 * 1024;

/// The module's end of a transfer.
#[derive(Clone)]
pub(super) enum Local {
    /// `COM:`
    Serial,
    /// A file in RAM, flash or on the SD card.
    File(String),
}

/// What a download delivers.
pub(super) enum Source {
    File {
        file: String,
        start: u64,
        length: Option<u64>,
    },
    Listing {
        path: String,
        listing: Listing,
    },
}

pub(super) enum Transfer {
    Download {
        source: Source,
        local: Local,
    },
    Upload {
        file: String,
        start: u64,
        local: Local,
        /// Announced length, and whether it is the last piece.
        length: Option<(u64, bool)>,
    },
}

impl Transfer {
    /// Whether the data goes over the serial line.
    pub(super) const fn is_serial(&self) -> bool {
        let (Self::Download { local, .. } | Self::Upload { local, .. }) = self;
        matches!(local, Local::Serial)
    }
}

/// An upload the server is taking.
pub(super) struct Put {
    file: String,
    upload: Box<dyn Upload>,
    /// The start position of the piece to come.
    next: u64,
}

/// An upload over the serial line between `CONNECT` and its end.
pub(super) struct PutIntake {
    counted: bool,
    last: bool,
    received: u64,
    /// So many bytes are still to be lost.
    to_lose: u64,
    failure: Option<Failure>,
}

/// A download over the serial line.
pub(super) struct Download {
    name: String,
    /// What came before the host paused it.
    before: u64,
    limit: Option<u64>,
}

impl Download {
    /// The command it was begun by.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// A download the host has paused with `+++`.
pub(super) struct Paused {
    download: Download,
    reader: Box<dyn Read + Send>,
}

fn local_name(list: &mut Parameters<'_>) -> Result<Local, Refused> {
    Ok(match list.quoted(1..=LOCAL_NAME)? {
        "COM:" => Local::Serial,
        name => Local::File(name.to_owned()),
    })
}

/// A number that may be left out together with everything behind it.
fn trailing_number(list: &mut Parameters<'_>) -> Result<Option<u64>, Refused> {
    if list.len() == 0 {
        return Ok(None);
    }
    Ok(Some(list.number(0..=u64::MAX)?))
}

impl Quectel {
    /// The commands with data.
    pub(super) fn transfer(
        &mut self,
        command: &Command<'_>,
        modem: &mut Modem,
    ) -> Result<(), Refused> {
        let name = command.name.as_str();
        let mut list = command.parameters()?;
        let file = self.remote_name(&mut list)?;
        let transfer = match name {
            "+QFTPPUT" => self.parse_put(file, &mut list)?,
            "+QFTPGET" => {
                let local = local_name(&mut list)?;
                let start = trailing_number(&mut list)?.unwrap_or(0);
                let length = match local {
                    Local::Serial => trailing_number(&mut list)?,
                    Local::File(_) => None,
                };
                let source = Source::File {
                    file,
                    start,
                    length,
                };
                Transfer::Download { source, local }
            }
            _ => {
                let local = match list.len() {
                    0 => Local::Serial,
                    _ => local_name(&mut list)?,
                };
                let source = Source::Listing {
                    path: if file == "." { String::new() } else { file },
                    listing: match name {
                        "+QFTPLIST" => Listing::Long,
                        "+QFTPNLST" => Listing::Names,
                        _ => Listing::Facts,
                    },
                };
                Transfer::Download { source, local }
            }
        };
        list.end()?;
        self.check_continuation(&transfer)?;
        if transfer.is_serial() {
            let delay = modem
                .options
                .network_latency
                .saturating_add(self.options.connect_delay);
            self.begin_within(name, Work::Transfer(transfer), Some(delay), modem);
        } else {
            self.session.state = State::Transferring;
            self.session.transferred = 0;
            modem.ok();
            self.begin(name, Work::Transfer(transfer), modem);
        }
        Ok(())
    }

    fn parse_put(&self, file: String, list: &mut Parameters<'_>) -> Result<Transfer, Refused> {
        let local = local_name(list)?;
        let start = trailing_number(list)?.unwrap_or(0);
        let length = match local {
            Local::Serial if list.len() > 0 => {
                let least = u64::from(!self.options.empty_upload);
                Some((list.number(least..=u64::MAX)?, list.number(0..=1)? == 1))
            }
            _ => None,
        };
        Ok(Transfer::Upload {
            file,
            start,
            local,
            length,
        })
    }

    /// Between two pieces of an upload only the next piece is taken.
    fn check_continuation(&self, transfer: &Transfer) -> Result<(), Refused> {
        let Some(put) = &self.session.put else {
            return self.ready();
        };
        match transfer {
            Transfer::Upload {
                file,
                start,
                local: Local::Serial,
                ..
            } if *file == put.file && self.session.job.is_none() => {
                if *start == put.next {
                    Ok(())
                } else {
                    Err(Refused::Code(FILE_POSITION))
                }
            }
            _ => Err(Refused::Code(BUSY)),
        }
    }

    pub(super) fn begin_transfer(
        &mut self,
        name: &str,
        transfer: Transfer,
        expired: bool,
        modem: &mut Modem,
    ) {
        match transfer {
            transfer if expired && transfer.is_serial() => modem.cme(TIMEOUT),
            Transfer::Download {
                source,
                local: Local::Serial,
            } => match self.open_source(&source, modem) {
                Ok(reader) => {
                    let length = match source {
                        Source::File { length, .. } => length,
                        Source::Listing { .. } => None,
                    };
                    let most = match source {
                        Source::File { .. } => self.options.longest_get,
                        Source::Listing { .. } => None,
                    };
                    let download = Download {
                        name: name.to_owned(),
                        before: 0,
                        limit: length.into_iter().chain(most).min(),
                    };
                    self.download(download, reader, modem);
                }
                Err(failure) => self.refuse(name, failure, modem),
            },
            Transfer::Upload {
                file,
                start,
                local: Local::Serial,
                length,
            } => self.begin_put(name, file, start, length, modem),
            Transfer::Download {
                source,
                local: Local::File(local),
            } => {
                let result = if expired {
                    Err(Failure::local(TIMEOUT))
                } else {
                    self.download_to_file(&source, &local, modem)
                };
                self.end_local(name, result, modem);
            }
            Transfer::Upload {
                file,
                start,
                local: Local::File(local),
                ..
            } => {
                let result = if expired {
                    Err(Failure::local(TIMEOUT))
                } else {
                    self.upload_from_file(&file, start, &local, modem)
                };
                self.end_local(name, result, modem);
            }
        }
    }

    /// A transfer without the serial line is over.
    fn end_local(&mut self, name: &str, result: Result<u64, Failure>, modem: &mut Modem) {
        if self.session.state == State::Transferring {
            self.session.state = State::Idle;
        }
        if let Ok(count) = result {
            self.session.transferred = count;
        }
        self.report(name, result.map(|count| count.to_string()), modem);
    }

    /// What a failed transfer means for the session, and for its result line.
    fn failed(&mut self, error: &RemoteError, modem: &mut Modem) -> Failure {
        let failure = Failure::of_data(error);
        self.notice_data_failure(failure.code);
        self.notice(error, modem);
        failure
    }

    /// A data connection that fails whatever the server says.
    fn check_data_connection(&mut self) -> Result<(), Failure> {
        if self.is_stuck() || self.data_failures < self.options.failing_data_connections {
            self.notice_data_failure(DATA_CONNECTION);
            return Err(Failure::local(DATA_CONNECTION));
        }
        Ok(())
    }

    fn open_source(
        &mut self,
        source: &Source,
        modem: &mut Modem,
    ) -> Result<Box<dyn Read + Send>, Failure> {
        self.check_data_connection()?;
        let opened = match source {
            Source::Listing { path, listing } => modem.remote.list(path, *listing),
            Source::File { file, start, .. } => {
                if *start > 0
                    && let Ok(size) = modem.remote.size(file)
                    && *start >= size
                {
                    if self.options.past_end_refused {
                        return Err(Failure {
                            code: NOT_TAKEN,
                            reply: 550,
                        });
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
            Err(error) => Err(self.failed(&error, modem)),
        }
    }

    fn converts(&self) -> bool {
        self.options.ascii_converts && self.config.is_ascii()
    }

    /// A transfer over the serial line that the server, or the network, does not let begin.
    fn refuse(&mut self, name: &str, failure: Failure, modem: &mut Modem) {
        if failure.reply == 0 || failure.code == DATA_CONNECTION {
            modem.cme(failure.code);
            return;
        }
        match self.options.refusal {
            TransferRefusal::CmeError => {
                modem.cme(failure.code);
                return;
            }
            TransferRefusal::Connect => {
                modem.line("CONNECT");
                self.end_failed(modem);
            }
            TransferRefusal::OkThenResult => modem.ok(),
            TransferRefusal::ResultOnly => modem.finish(),
        }
        self.report(name, Err(failure), modem);
    }

    /// The end of a command whose failure is told by its result line.
    pub(super) fn end_failed(&self, modem: &mut Modem) {
        if self.options.ok_before_failure {
            modem.ok();
        } else {
            modem.finish();
        }
    }

    fn download(&mut self, download: Download, reader: Box<dyn Read + Send>, modem: &mut Modem) {
        self.session.state = State::Transferring;
        modem.line("CONNECT");
        let stream = Stream::new(reader, DOWNLOAD);
        modem.stream(match download.limit {
            Some(limit) => stream.limit(limit.saturating_sub(download.before)),
            None => stream,
        });
        self.data = Data::Download(download);
        modem.receive(Intake::open().or_escape(GUARD));
    }

    /// The last byte of a download has left, or its source failed.
    pub(super) fn end_download(&mut self, end: StreamEnd, modem: &mut Modem) {
        let Data::Download(download) = std::mem::take(&mut self.data) else {
            return;
        };
        modem.leave_data_mode();
        self.session.state = State::Idle;
        self.session.transferred = download.before.saturating_add(end.count);
        // The data connection closes before anything else is asked of the server.
        drop(end.reader);
        let Some(error) = end.error else {
            modem.ok();
            let count = self.session.transferred.to_string();
            self.report_data(&download.name, Ok(count), modem);
            return;
        };
        let failure = self.broken(&error, modem);
        self.end_failed(modem);
        self.report_data(&download.name, Err(failure), modem);
    }

    /// The failure of a transfer that had begun.
    fn broken(&mut self, error: &io::Error, modem: &mut Modem) -> Failure {
        let failure = self.failed(&RemoteError::from_io(error), modem);
        self.stale(failure)
    }

    /// As the server's reply to the beginning of the transfer, if that is what the module remembers.
    const fn stale(&self, failure: Failure) -> Failure {
        if self.options.stale_reply {
            Failure {
                code: NOT_TAKEN,
                reply: 150,
            }
        } else {
            failure
        }
    }

    /// The result of a transfer over the serial line comes at once unless it is delayed by option.
    fn report_data(&mut self, name: &str, result: Result<String, Failure>, modem: &mut Modem) {
        if self.options.result_delay(name).is_some() {
            self.begin(name, Work::Report(result), modem);
        } else {
            self.report(name, result, modem);
        }
    }

    /// The host has escaped from a download.
    pub(super) fn escape_download(&mut self, download: Download, modem: &mut Modem) {
        let Some(end) = modem.stop_stream() else {
            self.session.state = State::Idle;
            modem.ok();
            return;
        };
        let download = Download {
            before: download.before.saturating_add(end.count),
            ..download
        };
        let left = download
            .limit
            .map_or(u64::MAX, |limit| limit.saturating_sub(download.before));
        self.data = Data::Late(download);
        let late = self.options.late_bytes.min(left);
        modem.stream(Stream::new(end.reader, LATE).limit(late));
    }

    /// What was under way when the host escaped has left.
    pub(super) fn end_late(&mut self, end: StreamEnd, modem: &mut Modem) {
        let Data::Late(mut download) = std::mem::take(&mut self.data) else {
            return;
        };
        download.before = download.before.saturating_add(end.count);
        self.session.transferred = download.before;
        if self.options.resume && end.error.is_none() {
            self.paused = Some(Paused {
                download,
                reader: end.reader,
            });
        } else {
            drop(end.reader);
            self.session.state = State::Idle;
        }
        modem.ok();
    }

    /// `ATO`
    pub(super) fn resume(&mut self, modem: &mut Modem) {
        match self.paused.take() {
            Some(Paused { download, reader }) => self.download(download, reader, modem),
            None => modem.result("NO CARRIER"),
        }
    }

    fn store(
        &mut self,
        file: &str,
        start: u64,
        modem: &mut Modem,
    ) -> Result<Box<dyn Upload>, Failure> {
        self.check_data_connection()?;
        let mode = match start {
            0 => StoreMode::Create,
            _ if self.options.put_seeks => StoreMode::At(start),
            _ => StoreMode::Append,
        };
        match modem.remote.store(file, mode) {
            Ok(upload) if self.converts() => Ok(Box::new(AsciiUpload::new(upload))),
            Ok(upload) => Ok(upload),
            Err(error) => Err(self.failed(&error, modem)),
        }
    }

    fn begin_put(
        &mut self,
        name: &str,
        file: String,
        start: u64,
        length: Option<(u64, bool)>,
        modem: &mut Modem,
    ) {
        let mut failure = None;
        if self.session.put.is_none() {
            match self.store(&file, start, modem) {
                Ok(upload) => {
                    self.session.put = Some(Put {
                        file,
                        upload,
                        next: start,
                    });
                }
                Err(refused)
                    if self.options.refusal == TransferRefusal::Connect
                        && self.options.upload_failure == UploadFailure::AfterData
                        && refused.reply != 0
                        && refused.code != DATA_CONNECTION =>
                {
                    failure = Some(refused);
                }
                Err(refused) => {
                    self.refuse(name, refused, modem);
                    return;
                }
            }
        }
        if self.session.state == State::Idle {
            self.session.state = State::Transferring;
        }
        modem.line("CONNECT");
        let put = PutIntake {
            counted: length.is_some(),
            last: length.is_none_or(|(_, last)| last),
            received: 0,
            to_lose: self.options.lost_upload_bytes,
            failure,
        };
        let mut intake = match length {
            Some((0, _)) => {
                self.end_put(put, IntakeEnd::Complete, modem);
                return;
            }
            Some((count, _)) => Intake::counted(count),
            None => Intake::open(),
        };
        if length.is_none() || self.options.counted_escape {
            intake = intake.or_escape(GUARD);
        }
        self.data = Data::Put(put);
        modem.receive(intake.or_idle(self.config.patience()));
    }

    /// A piece of an upload has come.
    pub(super) fn put_payload(&mut self, bytes: &[u8], modem: &mut Modem) {
        let Data::Put(put) = &mut self.data else {
            return;
        };
        let lost = usize::try_from(put.to_lose)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let bytes = bytes.get(lost..).unwrap_or_default();
        put.to_lose = put.to_lose.saturating_sub(lost as u64);
        put.received = put.received.saturating_add(bytes.len() as u64);
        let Some(running) = &mut self.session.put else {
            return;
        };
        let Err(error) = running.upload.write_all(bytes) else {
            return;
        };
        self.session.put = None;
        let failure = self.broken(&error, modem);
        let Data::Put(mut put) = std::mem::take(&mut self.data) else {
            return;
        };
        put.failure = Some(failure);
        if self.options.upload_failure == UploadFailure::AtOnce {
            modem.leave_data_mode();
            self.end_put(put, IntakeEnd::Complete, modem);
        } else {
            self.data = Data::Put(put);
        }
    }

    /// The host's part of an upload is over.
    pub(super) fn end_put(&mut self, put: PutIntake, end: IntakeEnd, modem: &mut Modem) {
        let PutIntake {
            counted,
            last,
            received,
            failure,
            ..
        } = put;
        let failure = failure.or(match end {
            IntakeEnd::Idle => Some(Failure::local(TIMEOUT)),
            IntakeEnd::Escape | IntakeEnd::DataTerminalReady
                if counted && self.options.escaped_upload_fails =>
            {
                Some(Failure::local(ABORTED))
            }
            _ => None,
        });
        self.session.transferred = received;
        if failure.is_none() {
            modem.ok();
        } else {
            self.end_failed(modem);
        }
        let name = "+QFTPPUT";
        if last || end != IntakeEnd::Complete || failure.is_some() {
            let work = Work::FinishPut {
                count: received,
                failure,
            };
            self.begin(name, work, modem);
        } else {
            if let Some(put) = &mut self.session.put {
                put.next = put.next.saturating_add(received);
            }
            self.begin(name, Work::Report(Ok(received.to_string())), modem);
        }
    }

    /// Closes an upload and says its result.
    pub(super) fn finish_put(
        &mut self,
        name: &str,
        count: u64,
        failure: Option<Failure>,
        expired: bool,
        modem: &mut Modem,
    ) {
        let mut failure = failure.or(expired.then_some(Failure::local(TIMEOUT)));
        if let Some(put) = self.session.put.take() {
            // What came before a time-out is on the server, and stays there.
            if failure.is_none_or(|failure| failure.code == TIMEOUT) {
                if let Err(error) = put.upload.finish() {
                    let refused = self.failed(&error, modem);
                    failure = failure.or(Some(self.stale(refused)));
                }
            } else {
                put.upload.abort();
            }
        }
        if self.session.state == State::Transferring {
            self.session.state = State::Idle;
        }
        let result = match failure {
            Some(failure) => Err(failure),
            None => Ok(count.to_string()),
        };
        self.report(name, result, modem);
    }

    fn download_to_file(
        &mut self,
        source: &Source,
        local: &str,
        modem: &mut Modem,
    ) -> Result<u64, Failure> {
        let local = self
            .storage
            .full_name(local)
            .map_err(|_| Failure::local(FILE_ERROR))?;
        if self.is_open(&local) {
            return Err(Failure::local(OPEN_FILE));
        }
        let mut reader = self.open_source(source, modem)?;
        self.storage.create(&local);
        let mut piece = vec![0; PIECE];
        let mut total = 0_u64;
        loop {
            let count = match reader.read(&mut piece) {
                Ok(0) => return Ok(total),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(&error, modem)),
            };
            let bytes = piece.get(..count).unwrap_or_default();
            if self.storage.append(&local, bytes) < count {
                return Err(Failure::local(FILE_ERROR));
            }
            total = total.saturating_add(count as u64);
        }
    }

    fn upload_from_file(
        &mut self,
        file: &str,
        start: u64,
        local: &str,
        modem: &mut Modem,
    ) -> Result<u64, Failure> {
        let local = self
            .storage
            .full_name(local)
            .map_err(|_| Failure::local(FILE_ERROR))?;
        let content = match self.storage.content(&local) {
            Some(content) if !self.is_open(&local) => content,
            _ => return Err(Failure::local(OPEN_FILE)),
        };
        let skipped = if self.options.local_put_skips {
            start
        } else {
            0
        };
        let content = usize::try_from(skipped)
            .ok()
            .and_then(|skipped| content.get(skipped..))
            .ok_or(Failure::local(FILE_POSITION))?
            .to_vec();
        let mut upload = self.store(file, start, modem)?;
        if let Err(error) = upload.write_all(&content) {
            return Err(self.broken(&error, modem));
        }
        match upload.finish() {
            Ok(()) => Ok(content.len() as u64),
            Err(error) => {
                let failure = self.failed(&error, modem);
                Err(self.stale(failure))
            }
        }
    }
}

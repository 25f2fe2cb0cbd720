//! Uploads over the serial line: Quectel EC2x FTP(S) application note V1.0 §2.5.

use std::io::Write;

use super::super::client::Client;
use super::super::data::Data;
use super::super::failure::{ABORTED, Failure, TIMEOUT};
use super::super::options::{QuectelOptions, TransferRefusal, UploadFailure};
use super::super::session::Work;
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{RemoteError, Upload};

/// How much one `AT+QFTPPUT` brings.
#[derive(Clone, Copy)]
pub(in super::super) enum Extent {
    /// All up to `+++`.
    Open,
    /// So many bytes, and whether they are the last of the file.
    Counted { length: u64, last: bool },
}

impl Extent {
    const fn is_last(self) -> bool {
        matches!(self, Self::Open | Self::Counted { last: true, .. })
    }

    const fn is_counted(self) -> bool {
        matches!(self, Self::Counted { .. })
    }
}

/// One `AT+QFTPPUT` over the serial line.
pub(in super::super) struct Piece {
    pub(in super::super) file: String,
    pub(in super::super) start: u64,
    pub(in super::super) extent: Extent,
}

/// An upload the server is taking, piece by piece: each begins where the last one has ended.
pub(in super::super) struct Put {
    file: String,
    upload: Box<dyn Upload>,
    /// The start position of the piece to come.
    next: u64,
}

impl Put {
    pub(in super::super) fn is_of(&self, piece: &Piece) -> bool {
        self.file == piece.file
    }

    pub(in super::super) const fn continues_with(&self, piece: &Piece) -> bool {
        self.next == piece.start
    }
}

/// An upload whose data has come.
pub(in super::super) struct Uploaded {
    count: u64,
    failure: Option<Failure>,
    /// Whether it ended between two pieces of a file.
    unfinished: bool,
}

/// The data of a piece between `CONNECT` and their end.
pub(in super::super) struct PutIntake {
    extent: Extent,
    received: u64,
    /// So many bytes are still to be lost.
    to_lose: u64,
    failure: Option<Failure>,
}

impl PutIntake {
    /// What the module does not lose of `bytes`; only this counts as received.
    fn take<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let lost = usize::try_from(self.to_lose).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes.get(lost..).unwrap_or_default();
        self.to_lose = self.to_lose.saturating_sub(lost as u64);
        self.received = self.received.saturating_add(bytes.len() as u64);
        bytes
    }

    /// Why it came to nothing, if it did.
    fn failure(&self, end: IntakeEnd, options: &QuectelOptions) -> Option<Failure> {
        self.failure.or(match end {
            IntakeEnd::Idle => Some(Failure::local(TIMEOUT)),
            IntakeEnd::Escape | IntakeEnd::DataTerminalReady
                if self.extent.is_counted() && options.escaped_upload_fails =>
            {
                Some(Failure::local(ABORTED))
            }
            _ => None,
        })
    }
}

impl Client {
    pub(in super::super) fn begin_put(
        &mut self,
        name: &str,
        piece: Piece,
        data: &mut Data,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        let Piece { file, start, extent } = piece;
        let mut failure = None;
        if self.session.put.is_none() {
            match self.connections.store((&file, start), &mut self.session, &self.config, options, modem) {
                Ok(upload) => {
                    self.session.put = Some(Put { file, upload, next: start });
                }
                Err(refused)
                    if options.refusal == TransferRefusal::Connect
                        && options.upload_failure == UploadFailure::AfterData
                        && !refused.is_reported_by_error(options) =>
                {
                    failure = Some(refused);
                }
                Err(refused) => {
                    self.results.refuse(name, refused, options, modem);
                    return;
                }
            }
        }
        self.session.begin_transfer();
        modem.line("CONNECT");
        let put = PutIntake { extent, received: 0, to_lose: options.lost_upload_bytes, failure };
        let mut intake = match extent {
            Extent::Counted { length: 0, .. } => {
                self.end_put(put, IntakeEnd::Complete, options, modem);
                return;
            }
            Extent::Counted { length, .. } => Intake::counted(length),
            Extent::Open => Intake::open(),
        };
        if !extent.is_counted() || options.counted_escape {
            intake = intake.or_escape(options.escape_guard);
        }
        *data = Data::Put(put);
        modem.receive(intake.or_idle(self.config.patience()));
    }

    /// Data of an upload have come.
    pub(in super::super) fn put_payload(
        &mut self,
        bytes: &[u8],
        data: &mut Data,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        let Data::Put(put) = data else {
            return;
        };
        let bytes = put.take(bytes);
        let Some(Err(error)) = self.session.put.as_mut().map(|put| put.upload.write_all(bytes)) else {
            return;
        };
        self.session.put = None;
        put.failure = Some(self.session.broken(&RemoteError::from_io(&error), options, modem));
        if options.upload_failure == UploadFailure::AtOnce
            && let Data::Put(put) = std::mem::take(data)
        {
            modem.leave_data_mode();
            self.end_put(put, IntakeEnd::Complete, options, modem);
        }
    }

    /// The host's part of an upload is over.
    pub(in super::super) fn end_put(
        &mut self,
        put: PutIntake,
        end: IntakeEnd,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        let failure = put.failure(end, options);
        let count = put.received;
        let last = put.extent.is_last();
        self.session.transferred = count;
        if failure.is_none() {
            modem.ok();
        } else {
            options.end_failed(modem);
        }
        let work = if last || end != IntakeEnd::Complete || failure.is_some() {
            Work::FinishPut(Uploaded { count, failure, unfinished: !last && failure.is_some() })
        } else {
            if let Some(put) = &mut self.session.put {
                put.next = put.next.saturating_add(count);
            }
            Work::Report(Ok(count.to_string()))
        };
        self.session.begin("+QFTPPUT", work, &self.config, options, modem);
    }

    /// Closes an upload and says its result.
    pub(in super::super) fn finish_put(
        &mut self,
        name: &str,
        uploaded: Uploaded,
        in_time: Result<(), Failure>,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        let Uploaded { count, failure, unfinished } = uploaded;
        let mut failure = failure.or(in_time.err());
        if let Some(put) = self.session.put.take() {
            // What came before a time-out is on the server, and stays there.
            if failure.is_none_or(|failure| failure.code == TIMEOUT) {
                if let Err(error) = put.upload.finish() {
                    let broken = self.session.broken(&error, options, modem);
                    failure = failure.or(Some(broken));
                }
            } else {
                put.upload.abort();
            }
        }
        // After a failure between two pieces the client keeps its state and has to be closed.
        if !unfinished {
            self.session.end_transfer();
        }
        let result = match failure {
            Some(failure) => Err(failure),
            None => Ok(count.to_string()),
        };
        self.results.report(name, result, modem);
    }
}

//! What the client does for uploads over the serial line.

use std::io::Write;

use super::super::data::Data;
use super::super::failure::{Failure, TIMEOUT};
use super::super::options::{QuectelOptions, TransferRefusal, UploadFailure};
use super::super::results::end_failed;
use super::super::session::Work;
use super::super::transfer::upload::{Extent, Piece, Put, PutIntake, Uploaded};
use super::Client;
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::remote::RemoteError;

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
            end_failed(options, modem);
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

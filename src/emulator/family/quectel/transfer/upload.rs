//! Uploads: Quectel EC2x FTP(S) application note V1.0 §2.5.

use std::io::Write;

use super::super::ascii::AsciiUpload;
use super::super::data::{Data, Put, PutIntake, Uploaded};
use super::super::failure::{ABORTED, Failure, TIMEOUT};
use super::super::options::{TransferRefusal, UploadFailure};
use super::super::state::{Quectel, State, Work};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{RemoteError, StoreMode, Upload};

impl Quectel {
    fn store(&mut self, file: &str, start: u64, modem: &mut Modem) -> Result<Box<dyn Upload>, Failure> {
        self.check_data_connection()?;
        let mode = match start {
            0 => StoreMode::Create,
            _ if self.options.put_seeks => StoreMode::At(start),
            _ => StoreMode::Append,
        };
        match modem.remote.store(file, mode) {
            Ok(upload) if self.converts() => Ok(Box::new(AsciiUpload::new(upload))),
            Ok(upload) => Ok(upload),
            Err(error) => Err(self.not_begun(&error, modem)),
        }
    }

    pub(super) fn begin_put(
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
                    self.session.put = Some(Put { file, upload, next: start });
                }
                Err(refused)
                    if self.options.refusal == TransferRefusal::Connect
                        && self.options.upload_failure == UploadFailure::AfterData
                        && !self.is_reported_by_error(refused) =>
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
            intake = intake.or_escape(self.options.escape_guard);
        }
        self.data = Data::Put(put);
        modem.receive(intake.or_idle(self.config.patience()));
    }

    /// A piece of an upload has come.
    pub(in super::super) fn put_payload(&mut self, bytes: &[u8], modem: &mut Modem) {
        let Data::Put(put) = &mut self.data else {
            return;
        };
        let lost = usize::try_from(put.to_lose).unwrap_or(usize::MAX).min(bytes.len());
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
        let failure = self.broken(&RemoteError::from_io(&error), modem);
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
    pub(in super::super) fn end_put(&mut self, put: PutIntake, end: IntakeEnd, modem: &mut Modem) {
        let PutIntake { counted, last, received, failure, .. } = put;
        let failure = failure.or(match end {
            IntakeEnd::Idle => Some(Failure::local(TIMEOUT)),
            IntakeEnd::Escape | IntakeEnd::DataTerminalReady if counted && self.options.escaped_upload_fails => {
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
            let uploaded = Uploaded { count: received, failure, unfinished: !last && failure.is_some() };
            self.begin(name, Work::FinishPut(uploaded), modem);
        } else {
            if let Some(put) = &mut self.session.put {
                put.next = put.next.saturating_add(received);
            }
            self.begin(name, Work::Report(Ok(received.to_string())), modem);
        }
    }

    /// Closes an upload and says its result.
    pub(in super::super) fn finish_put(&mut self, name: &str, uploaded: Uploaded, expired: bool, modem: &mut Modem) {
        let Uploaded { count, failure, unfinished } = uploaded;
        let mut failure = failure.or(expired.then_some(Failure::local(TIMEOUT)));
        if let Some(put) = self.session.put.take() {
            // What came before a time-out is on the server, and stays there.
            if failure.is_none_or(|failure| failure.code == TIMEOUT) {
                if let Err(error) = put.upload.finish() {
                    let broken = self.broken(&error, modem);
                    failure = failure.or(Some(broken));
                }
            } else {
                put.upload.abort();
            }
        }
        // After a failure between two pieces the client keeps its state and has to be closed.
        if self.session.state == State::Transferring && !unfinished {
            self.session.state = State::Idle;
        }
        let result = match failure {
            Some(failure) => Err(failure),
            None => Ok(count.to_string()),
        };
        self.results.report(name, result, modem);
    }

    pub(super) fn upload_from_file(
        &mut self,
        file: &str,
        start: u64,
        local: &str,
        modem: &mut Modem,
    ) -> Result<u64, Failure> {
        let skipped = if self.options.local_put_skips { start } else { 0 };
        let content = self.files.to_send(local, skipped)?;
        let mut upload = self.store(file, start, modem)?;
        if let Err(error) = upload.write_all(&content) {
            return Err(self.broken(&RemoteError::from_io(&error), modem));
        }
        match upload.finish() {
            Ok(()) => Ok(content.len() as u64),
            Err(error) => Err(self.broken(&error, modem)),
        }
    }
}

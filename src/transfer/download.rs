//! A file from the server to the disk.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use log::{debug, warn};

use super::Report;
use super::attempts::{Attempts, Clock, Reconnect, Retry};
use super::loan::Loan;
use super::overlap::{Comparing, is_difference, overlap_before};
use super::partial::{Fingerprint, Partial};
use super::progress::{Meter, Metered, Observer, Progress};
use super::settings::{Settings, settings};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, FtpModem, Operation, Retrieve};

/// A download of a whole file. The local file is complete and verified, or as it was before.
pub struct Download<'a> {
    remote: String,
    local: PathBuf,
    resume: bool,
    settings: Settings<'a>,
}

impl<'a> Download<'a> {
    /// The file `remote` of the server, to become the local file `local`.
    pub fn new(remote: impl Into<String>, local: impl Into<PathBuf>) -> Self {
        Download { remote: remote.into(), local: local.into(), resume: false, settings: Settings::default() }
    }

    /// Whether a partial file of an earlier, failed download is continued, once its end is proven to be that of the same file on the
    /// same server. Defaults to `false`. Attempts within one download are continued in any case. Where the dialect cannot tell
    /// when a file was modified, what was continued is [`Assurance::Unconfirmed`]: a file of the same size and end may differ
    /// before it.
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    settings!();

    /// Downloads the file.
    ///
    /// # Errors
    /// The error of the last attempt. The local file is as it was before; what has arrived stays in the partial file.
    pub fn run(self, modem: &mut dyn FtpModem) -> Result<Report> {
        let Download { remote, local, resume, settings } = self;
        let Settings { retry, reconnect, cancel, mut observer, clock } = settings;
        let named = |error: Error| error.during("download");
        if fs::metadata(&local).is_ok_and(|target| !target.is_file()) {
            let detail = format!("{} is there and no file", local.display());
            return Err(named(Error::new(ErrorKind::LocalIo, detail)));
        }
        let partial = Partial::of(&local);
        let loan = Loan::begin(modem, cancel.as_ref());
        let mut attempts = Attempts::new(retry, reconnect, cancel, loan, &*clock);
        let outcome = Self::repeat(modem, &remote, &partial, resume, &mut attempts, &mut observer);
        attempts.end(modem);
        outcome.map_err(named)
    }

    /// Makes attempts until one succeeds or there is no point in another.
    fn repeat(
        modem: &mut dyn FtpModem,
        remote: &str,
        partial: &Partial,
        resume: bool,
        attempts: &mut Attempts<'_>,
        observer: &mut Option<Observer<'a>>,
    ) -> Result<Report> {
        let mut moved = 0;
        // Whether bytes of an earlier run were kept.
        let mut has_earlier = false;
        let mut continue_partial = resume;
        loop {
            attempts.begin(modem);
            let mut run = Run { modem, remote, partial, attempts, kept: 0, reached: 0, moved: 0 };
            let outcome = run.attempt(continue_partial, observer);
            let reached = run.reached;
            moved += run.moved;
            has_earlier |= resume && attempts.count == 1 && run.kept > 0;
            match outcome {
                Ok((size, mut assurance, modified_known)) => {
                    if has_earlier && !modified_known {
                        assurance = Assurance::Unconfirmed;
                    }
                    let elapsed = attempts.clock.now().saturating_sub(attempts.begun);
                    return Ok(Report { size, moved, attempts: attempts.count, assurance, elapsed });
                }
                Err(error) => attempts.again(modem, error, reached)?,
            }
            continue_partial = true;
        }
    }
}

/// One attempt.
struct Run<'r> {
    modem: &'r mut dyn FtpModem,
    remote: &'r str,
    partial: &'r Partial,
    attempts: &'r Attempts<'r>,
    /// Bytes that were in place before it and were not fetched again.
    kept: u64,
    /// Bytes of the file that are in place.
    reached: u64,
    /// Bytes that passed the line.
    moved: u64,
}

impl Run<'_> {
    fn attempt(&mut self, resume: bool, observer: &mut Option<Observer<'_>>) -> Result<(u64, Assurance, bool)> {
        let mut fingerprint = self.fingerprint()?;
        let can_resume = self.modem.capabilities().supports(Operation::RetrieveFrom);
        let mut file = self.partial.open(&fingerprint, resume && can_resume).map_err(Error::local)?;
        match self.fetch(&fingerprint, &mut file, observer) {
            Err(error) if is_difference(&error) => {
                warn!("{}: {error}; starting over", self.remote);
                self.partial.discard();
                // It may have become another one since its size was asked for.
                fingerprint = self.fingerprint()?;
                file = self.partial.open(&fingerprint, false).map_err(Error::local)?;
                self.reached = 0;
                self.fetch(&fingerprint, &mut file, observer)
            }
            outcome => outcome,
        }
        .and_then(|(size, assurance)| {
            self.partial.finish(&file).map_err(Error::local)?;
            Ok((size, assurance, fingerprint.modified.is_some()))
        })
    }

    /// What the server says of the file now.
    fn fingerprint(&mut self) -> Result<Fingerprint> {
        let capabilities = self.modem.capabilities();
        let (has_size, has_time) = (capabilities.supports(Operation::Size), capabilities.supports(Operation::Modified));
        let capabilities_have_pwd = capabilities.supports(Operation::Pwd);
        // A server without SIZE or MDTM.
        fn unless_unknown<T>(told: Result<T>) -> Result<Option<T>> {
            match told {
                Err(error) => match error.kind() {
                    ErrorKind::ServerRefused | ErrorKind::ModuleRefused | ErrorKind::Unsupported => Ok(None),
                    // Some servers refuse SIZE with 550; whether there is a file shows when it is retrieved.
                    ErrorKind::Unavailable => Ok(None),
                    _ => Err(error),
                },
                Ok(told) => Ok(Some(told)),
            }
        }
        let size = if has_size { unless_unknown(self.modem.size(self.remote))? } else { None };
        let modified = if has_time { unless_unknown(self.modem.modified(self.remote))? } else { None };
        let server = self.modem.server().map(|server| format!("{}@{}:{}", server.user, server.host, server.port));
        let path = if self.remote.starts_with('/') || !capabilities_have_pwd {
            self.remote.to_owned()
        } else {
            format!("{}/{}", self.modem.pwd()?, self.remote)
        };
        Ok(Fingerprint { server, path, size, modified })
    }

    fn fetch(
        &mut self,
        fingerprint: &Fingerprint,
        file: &mut File,
        observer: &mut Option<Observer<'_>>,
    ) -> Result<(u64, Assurance)> {
        let have = self.usable_length(fingerprint, file)?;
        let expected = overlap_before(file, have).map_err(Error::local)?;
        let offset = have - expected.len() as u64;
        file.seek(SeekFrom::Start(have)).map_err(Error::local)?;
        self.kept = have;
        self.reached = have;
        if have > 0 {
            debug!("{}: continued at {have}, the last {} bytes compared", self.remote, expected.len());
        }
        let now = self.attempts.clock.now();
        let meter = Meter {
            observer,
            clock: self.attempts.clock,
            begun: self.attempts.begun,
            attempt_begun: now,
            before: have,
            bytes: have,
            total: fingerprint.size,
            deadline: self.attempts.deadline(),
        };
        let mut sink = Comparing::new(expected, Metered { inner: &mut *file, meter });
        let outcome = self.modem.retrieve(self.remote, &Retrieve::from(offset), &mut sink);
        let (is_proven, compared) = (sink.is_proven(), sink.compared());
        self.reached = file.stream_position().map_err(Error::local)?;
        self.moved += self.reached - have + compared;
        self.kept = have.saturating_sub(compared);
        let transfer = outcome.or_else(|error| {
            // Bytes may have been lost on the line: only what the module's own words have proven is kept.
            if puts_line_in_doubt(error.kind()) && !is_difference(&error) {
                let proven = offset.saturating_add(error.proven().unwrap_or(0)).clamp(have, self.reached);
                file.set_len(proven).map_err(Error::local)?;
                self.reached = proven;
            }
            Err(error)
        })?;
        let size = self.reached;
        if !is_proven || offset + transfer.bytes != size || fingerprint.size.is_some_and(|told| told != size) {
            let told = fingerprint.size.map_or("unknown".to_owned(), |told| told.to_string());
            self.partial.discard();
            let detail = format!("{size} bytes arrived, the size on the server is {told}");
            return Err(Error::new(ErrorKind::VerificationFailed, detail).with_transferred(self.reached));
        }
        let assurance = if fingerprint.size.is_some() { Assurance::ServerSize } else { transfer.assurance };
        Ok((size, assurance))
    }

    /// How much of the partial file is worth continuing.
    fn usable_length(&self, fingerprint: &Fingerprint, file: &File) -> Result<u64> {
        let length = file.metadata().map_err(Error::local)?.len();
        match fingerprint.size {
            // Longer than the file: not a part of it.
            Some(size) if length > size => {
                file.set_len(0).map_err(Error::local)?;
                Ok(0)
            }
            Some(_) => Ok(length),
            // Without a size nothing proves that the file is still the same.
            None => {
                file.set_len(0).map_err(Error::local)?;
                Ok(0)
            }
        }
    }
}

/// Whether an error may come from bytes that were lost or changed between host and module.
pub(super) fn puts_line_in_doubt(kind: ErrorKind) -> bool {
    use ErrorKind::*;
    matches!(kind, Timeout | Protocol | PortLost | Incomplete | VerificationFailed | ModuleRestarted | ModuleRefused)
}

#[cfg(test)]
mod tests;

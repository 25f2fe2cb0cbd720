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
use crate::modem::{Assurance, FtpModem, Metadata, Modified, Operation, Retrieve, Support};

/// A download of a whole file. The local file is complete and verified, or as it was before.
///
/// Each attempt queries the file once ([`FtpModem::metadata`]) and takes the size from that query. The time of the last
/// modification is taken from it, too; where it takes a query of its own, it is queried only with
/// [`resume`](Self::resume), and before a second attempt.
pub struct Download<'a> {
    remote: String,
    local: PathBuf,
    resume: bool,
    size: Option<u64>,
    settings: Settings<'a>,
}

impl<'a> Download<'a> {
    /// The file `remote` of the server, to become the local file `local`.
    pub fn new(remote: impl Into<String>, local: impl Into<PathBuf>) -> Self {
        Download {
            remote: remote.into(),
            local: local.into(),
            resume: false,
            size: None,
            settings: Settings::default(),
        }
    }

    /// Whether a partial file of an earlier, failed download is continued, once its end is proven to be that of the
    /// same file on the same server. Default: `false`. Attempts within one download are continued in any case. What was
    /// continued is [`Assurance::Unconfirmed`] where nothing tells when the file was modified, now or when it was
    /// begun: a file of the same size and end may differ before it. A download that is begun with `resume(true)` notes
    /// that time at its start.
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Sets the present size of the file, where the caller knows it from a listing. The first attempt then queries
    /// nothing, which saves a reply of the server or, where a listing tells the size
    /// ([`SizeQuery::Listing`](crate::modem::SizeQuery::Listing)), a data connection. Default: unknown.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::modem::EntryKind;
    /// use ftp_modem::transfer::{Download, local_name};
    /// use ftp_modem::{FtpModem, Result};
    ///
    /// fn fetch_all(modem: &mut dyn FtpModem) -> Result<()> {
    ///     for entry in modem.list("/out")? {
    ///         let Some(local) = local_name(&entry.name).filter(|_| entry.kind == EntryKind::File) else { continue };
    ///         let mut download = Download::new(format!("/out/{}", entry.name_lossy()), local);
    ///         if let Some(size) = entry.size {
    ///             download = download.size(size);
    ///         }
    ///         download.run(modem)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    settings!();

    /// Downloads the file.
    ///
    /// # Errors
    /// The error of the last attempt. The local file is as it was before; what has arrived stays in the partial file.
    pub fn run(self, modem: &mut dyn FtpModem) -> Result<Report> {
        let Download { remote, local, resume, size, settings } = self;
        let Settings { retry, reconnect, cancel, mut observer, clock } = settings;
        let named = |error: Error| error.during("download");
        if fs::metadata(&local).is_ok_and(|target| !target.is_file()) {
            let detail = format!("{} is there and no file", local.display());
            return Err(named(Error::new(ErrorKind::LocalIo, detail)));
        }
        let loan = Loan::begin(modem, cancel.as_ref());
        let mut attempts = Attempts::new(retry, reconnect, cancel, loan, &*clock);
        let partial = Partial::of(&local);
        let mut job = Job { remote, partial, resume, size, modified: None, is_open: false };
        let outcome = job.repeat(modem, &mut attempts, &mut observer);
        attempts.end(modem);
        outcome.map_err(named)
    }
}

/// What is to be downloaded, and what the attempts so far have found out about it.
struct Job {
    remote: String,
    partial: Partial,
    resume: bool,
    /// The size that the caller knows, until it is used.
    size: Option<u64>,
    /// When the file was modified, as the server said last.
    modified: Option<Modified>,
    /// Whether an attempt has opened the partial file: what is in it is of this download, or proven to be of the same
    /// file.
    is_open: bool,
}

impl Job {
    /// Makes attempts until one succeeds or there is no point in another.
    fn repeat(
        &mut self,
        modem: &mut dyn FtpModem,
        attempts: &mut Attempts<'_>,
        observer: &mut Option<Observer<'_>>,
    ) -> Result<Report> {
        let mut moved = 0;
        // Whether bytes of an earlier run were kept.
        let mut has_earlier = false;
        loop {
            attempts.begin(modem);
            let is_first = !self.is_open;
            let mut run = Run { modem, job: self, attempts, kept: 0, reached: 0, moved: 0 };
            let outcome = run.attempt(observer);
            let reached = run.reached;
            moved += run.moved;
            has_earlier |= is_first && run.kept > 0;
            match outcome {
                Ok(Fetched { size, mut assurance, is_dated }) => {
                    if has_earlier && !is_dated {
                        assurance = Assurance::Unconfirmed;
                    }
                    let elapsed = attempts.clock.now().saturating_sub(attempts.begun);
                    return Ok(Report { size, moved, attempts: attempts.count, assurance, elapsed });
                }
                Err(error) => attempts.again(modem, error, reached)?,
            }
        }
    }
}

/// A file that is complete.
struct Fetched {
    size: u64,
    assurance: Assurance,
    /// Whether all of it is of the file with the time of modification that the server states.
    is_dated: bool,
}

/// One attempt.
struct Run<'r> {
    modem: &'r mut dyn FtpModem,
    job: &'r mut Job,
    attempts: &'r Attempts<'r>,
    /// Bytes that were in place before it and were not fetched again.
    kept: u64,
    /// Bytes of the file that are in place.
    reached: u64,
    /// Bytes that passed the line.
    moved: u64,
}

impl Run<'_> {
    fn attempt(&mut self, observer: &mut Option<Observer<'_>>) -> Result<Fetched> {
        let before = self.job.modified;
        let mut fingerprint = self.fingerprint()?;
        let is_other = before.is_some() && fingerprint.modified.is_some() && before != fingerprint.modified;
        let can_resume = self.modem.capabilities().supports(Operation::RetrieveFrom);
        let resume = (self.job.resume || self.job.is_open) && can_resume && !is_other;
        let mut opened = self.job.partial.open(&fingerprint, resume).map_err(Error::local)?;
        self.job.is_open = true;
        let outcome = match self.fetch(&fingerprint, &mut opened.file, observer) {
            Err(error) if is_difference(&error) => {
                warn!("{}: {error}; starting over", self.job.remote);
                self.job.partial.discard();
                // It may have become another one since its size was queried.
                fingerprint = self.fingerprint()?;
                opened = self.job.partial.open(&fingerprint, false).map_err(Error::local)?;
                self.reached = 0;
                self.fetch(&fingerprint, &mut opened.file, observer)
            }
            outcome => outcome,
        };
        let (size, assurance) = outcome?;
        self.job.partial.finish(&opened.file).map_err(Error::local)?;
        Ok(Fetched { size, assurance, is_dated: opened.is_dated })
    }

    /// What is known of the file now, by one query where that tells all that is needed.
    fn fingerprint(&mut self) -> Result<Fingerprint> {
        let capabilities = self.modem.capabilities();
        let (has_size, has_time) = (capabilities.supports(Operation::Size), capabilities.supports(Operation::Modified));
        let metadata = match self.job.size.take() {
            Some(size) => Metadata::new().with_size(size),
            None if has_size => unless_unknown(self.modem.metadata(&self.job.remote))?.unwrap_or_default(),
            None => Metadata::new(),
        };
        let mut modified = metadata.modified;
        // The row of a listing, which tells the kind, would have told the time.
        let has_own_query = has_time && metadata.kind.is_none();
        if modified.is_none() && has_own_query && (self.job.resume || self.attempts.count > 1) {
            modified = unless_unknown(self.modem.modified(&self.job.remote))?;
        }
        self.job.modified = modified.or(self.job.modified);
        let server = self.modem.server().map(|server| format!("{}@{}:{}", server.user, server.host, server.port));
        Ok(Fingerprint { server, path: self.path()?, size: metadata.size, modified })
    }

    /// The absolute path of the file, where a partial file of an earlier run may be compared by it or the dialect tells
    /// the current directory without a command; else the path that the caller gave.
    fn path(&mut self) -> Result<String> {
        let remote = &self.job.remote;
        let is_absolute = remote.starts_with('/');
        match self.modem.capabilities().support(Operation::Pwd) {
            Support::Native if self.job.resume && !is_absolute => Ok(format!("{}/{remote}", self.modem.pwd()?)),
            Support::Built if !is_absolute => Ok(format!("{}/{remote}", self.modem.pwd()?)),
            _ => Ok(remote.clone()),
        }
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
            debug!("{}: continued at {have}, the last {} bytes compared", self.job.remote, expected.len());
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
        let what = Retrieve { size: fingerprint.size, ..Retrieve::from(offset) };
        let outcome = self.modem.retrieve(&self.job.remote, &what, &mut sink);
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
            self.job.partial.discard();
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

/// A value that the server states, or `None` from a server without SIZE or MDTM.
fn unless_unknown<T>(stated: Result<T>) -> Result<Option<T>> {
    match stated {
        Err(error) => match error.kind() {
            ErrorKind::ServerRefused | ErrorKind::ModuleRefused | ErrorKind::Unsupported => Ok(None),
            // Some servers refuse SIZE with 550; whether there is a file shows when it is retrieved.
            ErrorKind::Unavailable => Ok(None),
            _ => Err(error),
        },
        Ok(stated) => Ok(Some(stated)),
    }
}

/// Whether an error may come from bytes that were lost or changed between host and module.
pub(super) fn puts_line_in_doubt(kind: ErrorKind) -> bool {
    use ErrorKind::*;
    matches!(kind, Timeout | Protocol | PortLost | Incomplete | VerificationFailed | ModuleRestarted | ModuleRefused)
}

#[cfg(test)]
mod tests;

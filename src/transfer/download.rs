//! A file from the server to the disk.

mod compare;
mod offsets;
mod query;

use std::fs::{self, File};
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use log::{debug, info, warn};

use super::Report;
use super::attempts::{Attempts, Reconnect, Retry};
use super::caller_controls::CallerControls;
use super::fingerprint::Fingerprint;
use super::overlap::{Comparing, is_difference, overlap_before};
use super::partial::Partial;
use super::progress::{Meter, Metered, Observer, Progress};
use super::refusal::concerns_offset;
use super::settings::{Settings, settings};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, FtpModem, Modified, Operation, Retrieve, SizeQuery, Support};
use offsets::{Offsets, has_no_reason};
use query::{Lookup, Seen};

/// A download of a whole file. The local file is complete and verified, or unchanged.
///
/// Each attempt queries the file once, for its size and its time of modification. The query is
/// [`FtpModem::metadata_to_retrieve`], or [`FtpModem::metadata`] if a part may be continued. If the module needs a
/// second query for the time, the time is queried only with [`resume`](Self::resume), and before a second attempt.
///
/// # Examples
/// ```no_run
/// use ftp_modem::transfer::{Download, Reconnect, Retry};
/// use ftp_modem::{AccessPoint, Server};
///
/// let access_point = AccessPoint::new("internet");
/// let mut modem = ftp_modem::open("/dev/ttyUSB2")?;
/// modem.attach(&access_point)?;
/// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
/// let report = Download::new("/out/firmware.bin", "firmware.bin")
///     .resume(true)
///     .retry(Retry::default().with_retries(5))
///     .reconnect_with(Reconnect::new(access_point))
///     .run(&mut *modem)?;
/// println!("{} bytes, {:?}", report.size, report.assurance);
/// # Ok::<(), ftp_modem::Error>(())
/// ```
pub struct Download<'a> {
    remote: String,
    local: PathBuf,
    resume: bool,
    size: Option<u64>,
    verify_content: bool,
    settings: Settings<'a>,
}

impl<'a> Download<'a> {
    /// Creates a download of the server's file `remote` to the local file `local`.
    pub fn new(remote: impl Into<String>, local: impl Into<PathBuf>) -> Self {
        Download {
            remote: remote.into(),
            local: local.into(),
            resume: false,
            size: None,
            verify_content: false,
            settings: Settings::default(),
        }
    }

    /// Continues the partial file of an earlier, failed download. Default: `false`.
    ///
    /// The partial file must be proven to be a part of the same file on the same server: the server states the same
    /// time of modification, to the second, as at the start of that download, and no other size, and the last bytes of
    /// the part are equal. Otherwise the file is downloaded from its start, because a file of the same size and end may
    /// differ before its end. Only a download with `resume(true)` notes the time at its start: most modules that have
    /// the time need a query of its own for it.
    ///
    /// The attempts of one download are always continued if the server states the size. If it refuses to state a size,
    /// the time decides. It is then queried at the first attempt, unless the refusal is that of a missing file.
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Sets the present size of the file in bytes. A caller may know it from a listing. The first attempt then queries
    /// nothing. This saves a reply of the server, or a data connection if the module takes the size from a listing
    /// ([`SizeQuery::Listing`](crate::modem::SizeQuery::Listing)). Default: unknown.
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

    /// Downloads the file a second time and compares every byte before it gets its name:
    /// [`Assurance::ContentCompared`]. The comparison reveals changed bits, which counts cannot reveal. If the file
    /// grows meanwhile, the downloaded part is compared. If the files differ, the download fails as
    /// [`ErrorKind::VerificationFailed`]. Default: `false`.
    pub fn verify_content(mut self, verify: bool) -> Self {
        self.verify_content = verify;
        self
    }

    settings!();

    /// Downloads the file.
    ///
    /// # Errors
    /// The error of the last attempt. Besides the kinds of [`FtpModem::retrieve`]: [`ErrorKind::LocalIo`] if the local
    /// file cannot be written, [`ErrorKind::VerificationFailed`] if the file contradicts its size,
    /// [`ErrorKind::Timeout`] with [`Phase::Budget`] if the time for all attempts has passed. The message says what
    /// becomes of the partial file: it is kept if a later download with [`resume`](Self::resume) can continue it, or if
    /// it is complete and only the renaming failed; otherwise it is removed. The local file is unchanged.
    pub fn run(self, modem: &mut dyn FtpModem) -> Result<Report> {
        let Download { remote, local, resume, size, verify_content, settings } = self;
        let Settings { retry, reconnect, cancel, mut observer, clock } = settings;
        let named = |error: Error| error.during("download");
        if fs::metadata(&local).is_ok_and(|target| !target.is_file()) {
            let detail = format!("{} is not a regular file", local.display());
            return Err(named(Error::new(ErrorKind::LocalIo, detail)));
        }
        let partial = Partial::of(&local).map_err(|error| named(Error::local(error)))?;
        let callers = CallerControls::begin(modem, cancel.as_ref());
        let mut attempts = Attempts::new(retry, reconnect, cancel, callers, &*clock);
        let mut job = Job {
            remote,
            partial,
            resume,
            verify_content,
            lookup: size.map_or(Lookup::first(resume), Lookup::Given),
            seen: Seen::default(),
            offsets: Offsets::unknown(),
        };
        let outcome = job.repeat(modem, &mut attempts, &mut observer);
        let can_resume = !resume && modem.capabilities().support(Operation::Modified) == Support::Native;
        let outcome = outcome.map_err(|error| job.partial.abandon(error, can_resume));
        attempts.end(modem);
        outcome.map_err(named)
    }
}

/// The file to download, and the findings of the attempts so far.
struct Job {
    remote: String,
    partial: Partial,
    resume: bool,
    verify_content: bool,
    /// How the next attempt queries the metadata.
    lookup: Lookup,
    seen: Seen,
    offsets: Offsets,
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
        loop {
            attempts.begin(modem);
            let mut run = Run { modem, job: self, attempts, reached: 0, moved: 0, is_fruitless: false };
            let outcome = run.attempt(observer);
            let Run { reached, moved: moved_now, is_fruitless, .. } = run;
            moved += moved_now;
            match outcome {
                Ok(Received { size, assurance, grown_to }) => {
                    let (attempts, elapsed) = (attempts.count, attempts.elapsed());
                    return Ok(Report { size, moved, attempts, assurance, grown_to, elapsed });
                }
                Err(error) => {
                    self.lookup = Lookup::Sure;
                    self.offsets = self.offsets.after(is_fruitless && has_no_reason(&error));
                    attempts.again(modem, error, reached)?;
                }
            }
        }
    }
}

/// A file that has arrived whole.
struct Received {
    size: u64,
    assurance: Assurance,
    /// The size of the server's file after it grew; `None` if it did not grow.
    grown_to: Option<u64>,
}

/// One attempt.
struct Run<'r> {
    modem: &'r mut dyn FtpModem,
    job: &'r mut Job,
    attempts: &'r Attempts<'r>,
    /// Bytes of the file that are in place.
    reached: u64,
    /// Bytes that passed the line.
    moved: u64,
    /// Whether the last transfer began at an offset and brought nothing.
    is_fruitless: bool,
}

impl Run<'_> {
    fn attempt(&mut self, observer: &mut Option<Observer<'_>>) -> Result<Received> {
        let before = self.job.seen.modified;
        let mut fingerprint = self.fingerprint()?;
        let is_other = is_other_time(before, fingerprint.modified);
        let can_resume = self.modem.capabilities().supports(Operation::RetrieveFrom);
        let can_resume = can_resume && self.job.offsets != Offsets::Avoided;
        let resume = (self.job.resume || self.job.partial.is_open()) && can_resume && !is_other;
        let mut file = self.job.partial.open(&fingerprint, resume).map_err(Error::local)?;
        let mut outcome = self.fetch(&fingerprint, &mut file, observer);
        if let Err(error) = &outcome
            && let Some(now) = self.fetched_from_start(error, &fingerprint)?
        {
            warn!("{}: {}; downloading it from its start", self.job.remote, error.symptom());
            let before = std::mem::replace(&mut fingerprint, now);
            file = self.job.partial.open(&fingerprint, false).map_err(Error::local)?;
            self.reached = 0;
            outcome = self.fetch(&fingerprint, &mut file, observer);
            if before.size != fingerprint.size {
                outcome = outcome.map_err(|error| changing(error, &before, &fingerprint));
            }
        }
        let Received { size, mut assurance, grown_to } = outcome?;
        if self.job.verify_content {
            self.compare(&mut file, size, grown_to)?;
            assurance = Assurance::ContentCompared;
        }
        self.job.partial.finish().map_err(Error::local)?;
        Ok(Received { size, assurance, grown_to })
    }

    /// What is known of the file now, if the failure with `error` is one after which it is to be downloaded from its
    /// start at once.
    fn fetched_from_start(&mut self, error: &Error, before: &Fingerprint) -> Result<Option<Fingerprint>> {
        if is_difference(error) {
            // It may have become another one since its size was queried.
            self.job.seen.size = None;
            return self.fingerprint().map(Some);
        }
        if self.is_fruitless && concerns_offset(error) {
            self.job.offsets = Offsets::Avoided;
            return Ok(Some(before.clone()));
        }
        if error.kind() != ErrorKind::VerificationFailed {
            return Ok(None);
        }
        if self.job.lookup == Lookup::ShownByEnd && self.modem.capabilities().size_query == SizeQuery::Listing {
            self.job.lookup = Lookup::Sure;
            self.job.seen.size = None;
            let now = self.fingerprint()?;
            return Ok((now.size != before.size).then_some(now));
        }
        let now = self.size_now().filter(|size| Some(*size) != before.size);
        // Its time of modification belongs to the file before the change.
        Ok(now.map(|size| Fingerprint { size: Some(size), ..before.undated() }))
    }

    fn fetch(
        &mut self,
        fingerprint: &Fingerprint,
        file: &mut File,
        observer: &mut Option<Observer<'_>>,
    ) -> Result<Received> {
        let have = self.usable_length(fingerprint, file)?;
        let expected = overlap_before(file, have).map_err(Error::local)?;
        let offset = have - expected.len() as u64;
        file.seek(SeekFrom::Start(have)).map_err(Error::local)?;
        self.reached = have;
        if have > 0 {
            debug!("{}: resumed at {have}, the last {} bytes compared", self.job.remote, expected.len());
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
            attempt: self.attempts.count,
            deadline: self.attempts.deadline(),
        };
        let mut sink = Comparing::new(expected, Metered { inner: &mut *file, meter });
        let what = Retrieve { size: fingerprint.size, ..Retrieve::from(offset) };
        let outcome = self.modem.retrieve(&self.job.remote, &what, &mut sink);
        let (is_proven, compared) = (sink.is_proven(), sink.compared());
        self.reached = file.stream_position().map_err(Error::local)?;
        self.is_fruitless = offset > 0 && compared == 0 && outcome.is_err();
        self.moved += self.reached - have + compared;
        let transfer = outcome.or_else(|error| {
            // Bytes may have been lost on the line: only what the module's own text has proven is kept.
            let is_in_doubt = puts_line_in_doubt(error.kind()) && !ends_without_doubt(&error);
            if is_in_doubt && !is_difference(&error) {
                let proven = offset.saturating_add(error.proven().unwrap_or(0)).clamp(have, self.reached);
                file.set_len(proven).map_err(Error::local)?;
                self.reached = proven;
            }
            Err(error)
        })?;
        let size = self.reached;
        let is_counted = is_proven && offset + transfer.bytes == size;
        let known = |assurance| Some(Received { size, assurance, grown_to: None });
        let received = match fingerprint.size {
            _ if !is_counted => None,
            None => known(transfer.assurance),
            // Without the end of the file the size proves nothing.
            Some(stated) if stated == size && transfer.assurance == Assurance::Unconfirmed => {
                known(Assurance::Unconfirmed)
            }
            Some(stated) if stated == size => known(Assurance::ServerSize),
            Some(stated) if stated < size => self.grown(stated, size, transfer.assurance),
            Some(_) => None,
        };
        received.ok_or_else(|| {
            self.job.partial.discard();
            let stated = fingerprint.size.map_or("unknown".to_owned(), |stated| stated.to_string());
            let detail = format!("{size} bytes arrived, the size on the server is {stated}");
            Error::new(ErrorKind::VerificationFailed, detail).with_transferred(self.reached)
        })
    }

    /// Returns the file of `arrived` bytes after the server had stated `before` bytes; `None` if the file did not grow.
    fn grown(&mut self, before: u64, arrived: u64, known: Assurance) -> Option<Received> {
        let now = self.size_now().filter(|now| *now >= arrived)?;
        info!("{}: grew from {before} to {now} bytes during the download, {arrived} arrived", self.job.remote);
        let assurance = if now == arrived { Assurance::ServerSize } else { known.min(Assurance::ModuleCount) };
        Some(Received { size: arrived, assurance, grown_to: Some(now) })
    }

    /// How much of the partial file can be resumed.
    fn usable_length(&self, fingerprint: &Fingerprint, file: &File) -> Result<u64> {
        let length = file.metadata().map_err(Error::local)?.len();
        match fingerprint.size {
            // Longer than the file: not a part of it.
            Some(size) if length > size => {
                file.set_len(0).map_err(Error::local)?;
                Ok(0)
            }
            _ => Ok(length),
        }
    }
}

/// Whether two times tell that a file was replaced between them.
fn is_other_time(before: Option<Modified>, now: Option<Modified>) -> bool {
    before.is_some() && now.is_some() && before != now
}

/// The error of a file that had another size at each attempt.
fn changing(error: Error, before: &Fingerprint, now: &Fingerprint) -> Error {
    match (error.kind(), before.size, now.size) {
        (ErrorKind::VerificationFailed, Some(before), Some(now)) => {
            let detail = format!("the file changes during the download: {before} bytes at first, then {now}");
            let changing = Error::new(ErrorKind::VerificationFailed, detail);
            changing.with_transferred(error.transferred().unwrap_or(0))
        }
        _ => error,
    }
}

/// Whether an error may come from bytes that were lost or changed between host and module.
pub(super) fn puts_line_in_doubt(kind: ErrorKind) -> bool {
    use ErrorKind::*;
    matches!(kind, Timeout | Protocol | PortLost | Incomplete | VerificationFailed | ModuleRestarted | ModuleRefused)
}

/// Whether an error ends a download as a cancellation does: it is no evidence that bytes were lost before it.
fn ends_without_doubt(error: &Error) -> bool {
    error.kind() == ErrorKind::PortLost || error.phase() == Some(Phase::Budget)
}

#[cfg(test)]
mod tests;

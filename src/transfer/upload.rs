//! A file from the disk to the server.

mod arrived;
mod check;
mod read_back;
mod sent;
mod source;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use log::warn;

use self::sent::{Failed, Sent};
use self::source::{Source, must_carry, unreadable};
use super::attempts::{Attempts, Reconnect, Retry};
use super::caller_controls::CallerControls;
use super::progress::{Meter, Metered, Observer, Progress};
use super::refusal::{concerns_offset, may_precede_opening};
use super::settings::{Settings, settings};
use super::temporary::Temporary;
use super::{Attempt, Report};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, Capabilities, FtpModem, Operation, Store, Support};

pub(super) use self::sent::Unfinished;

/// An upload of a whole file, checked by the count of the module and the size on the server.
///
/// # Examples
/// ```no_run
/// use ftp_modem::transfer::{Reconnect, Upload};
/// use ftp_modem::{AccessPoint, Server};
///
/// let access_point = AccessPoint::new("internet");
/// let mut modem = ftp_modem::open("/dev/ttyUSB2")?;
/// modem.attach(&access_point)?;
/// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
/// let report = Upload::new("report.csv", "/in/report.csv")
///     .reconnect_with(Reconnect::new(access_point))
///     .run(&mut *modem)?;
/// println!("{} bytes, {:?}", report.size, report.assurance);
/// # Ok::<(), ftp_modem::Error>(())
/// ```
pub struct Upload<'a> {
    local: PathBuf,
    remote: String,
    append: bool,
    resume: bool,
    force_binary: bool,
    via_temporary_name: bool,
    verify_content: bool,
    settings: Settings<'a>,
}

impl<'a> Upload<'a> {
    /// Creates an upload of the local file `local` to the server's file `remote`.
    pub fn new(local: impl Into<PathBuf>, remote: impl Into<String>) -> Self {
        Upload {
            local: local.into(),
            remote: remote.into(),
            append: false,
            resume: false,
            force_binary: false,
            via_temporary_name: false,
            verify_content: false,
            settings: Settings::default(),
        }
    }

    /// Appends the bytes of the local file to the server's file. Default: `false`, the server's file is replaced.
    ///
    /// A failed append is retried only if nothing was sent, or if the size of the server's file proves what the file
    /// has: it is unchanged, or longer by a part of the bytes, which is then continued. If the server refuses to state
    /// the size, the bytes are appended once. A module that appends by the size ([`Support::Built`]) cannot do that.
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    /// Continues a file of that name on the server that is a part of the local file. Default: `false`, the server's
    /// file is replaced.
    ///
    /// The proof is the size and the end of the server's file: the last 1024 bytes are downloaded and compared, and the
    /// run of equal bytes in which the file may end. A file of the same size with an equal end is complete by that
    /// proof: nothing is sent, and the report has [`Assurance::ServerSize`]. A file that differs only before its end is
    /// not detected; [`verify_content`](Self::verify_content) detects it.
    ///
    /// The attempts of one upload always continue what they are proven to have sent, if the dialect can.
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Sends every byte value, even if the dialect is not proven to carry it. Default: `false`.
    pub fn force_binary(mut self, force: bool) -> Self {
        self.force_binary = force;
        self
    }

    /// Uploads to a temporary name in the same directory (`name.part`), checks what arrived, and renames it. A file
    /// that had the name before is replaced only then: after a failed or interrupted upload it is untouched. Where the
    /// server refuses to rename to a name that exists, the old file is renamed to `name.part.old` first, and removed
    /// last; if the server refuses that, too, the upload fails and the old file keeps its name. An interruption between
    /// these steps is the one case in which the old file may be left under that name: the error names it.
    ///
    /// After a failure the temporary file is removed, with [`resume`](Self::resume) it is kept for the next run. A file
    /// that has one of the two names before is replaced. Default: `false`, because a server that processes every new
    /// file would process the temporary one.
    ///
    /// [`run`](Self::run) fails as [`ErrorKind::Unsupported`] if the module cannot rename ([`Operation::Rename`]), and
    /// as [`ErrorKind::InvalidInput`] together with [`append`](Self::append), before anything is sent.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::transfer::Upload;
    /// use ftp_modem::{FtpModem, Result};
    ///
    /// fn publish(modem: &mut dyn FtpModem) -> Result<()> {
    ///     Upload::new("index.html", "/www/index.html").via_temporary_name(true).run(modem)?;
    ///     Ok(())
    /// }
    /// ```
    pub fn via_temporary_name(mut self, via: bool) -> Self {
        self.via_temporary_name = via;
        self
    }

    /// Downloads the uploaded file and compares every byte: [`Assurance::ContentCompared`]. The comparison reveals
    /// changed bits, which counts cannot reveal, and takes the time of a download. A comparison that cannot be made is
    /// an error. With [`via_temporary_name`](Self::via_temporary_name) it precedes the renaming. Default: `false`; on a
    /// dialect that confirms no upload the file is compared in any case, and an upload that cannot be compared is
    /// [`Assurance::Unconfirmed`].
    ///
    /// [`run`](Self::run) fails as [`ErrorKind::Unsupported`] if the module cannot download ([`Operation::Retrieve`],
    /// or [`Operation::RetrieveFrom`] for an append), before anything is sent.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::modem::Assurance;
    /// use ftp_modem::transfer::Upload;
    /// use ftp_modem::{FtpModem, Result};
    ///
    /// fn deliver(modem: &mut dyn FtpModem) -> Result<()> {
    ///     let report = Upload::new("firmware.bin", "/in/firmware.bin").verify_content(true).run(modem)?;
    ///     assert_eq!(report.assurance, Assurance::ContentCompared);
    ///     Ok(())
    /// }
    /// ```
    pub fn verify_content(mut self, verify: bool) -> Self {
        self.verify_content = verify;
        self
    }

    settings!();

    /// Uploads the file. A file that the dialect is not proven to carry is refused before anything is sent.
    ///
    /// # Errors
    /// The error of the last attempt. Besides the kinds of [`FtpModem::store`]: [`ErrorKind::LocalIo`] if the local
    /// file cannot be read, [`ErrorKind::VerificationFailed`] if the file on the server contradicts the upload,
    /// [`ErrorKind::Timeout`] with [`Phase::Budget`](crate::error::Phase::Budget) if the time for all attempts has
    /// passed. [`Error::transferred`] returns the largest number of bytes that the server may have.
    pub fn run(self, modem: &mut dyn FtpModem) -> Result<Report> {
        self.run_after(modem, &mut None)
    }

    /// Uploads the file as [`run`](Self::run) does, in an attempt of a [`Link`](super::Link). It continues what the
    /// attempts of this operation before are proven to have sent, and nothing that was there before them: an attempt
    /// that failed before the module took a byte has sent nothing. The report counts the attempts before, too.
    ///
    /// # Errors
    /// Those of [`run`](Self::run).
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::transfer::{Link, Needs, Upload};
    /// use ftp_modem::{Error, Server};
    ///
    /// let mut link = Link::to("/dev/ttyUSB2", Server::new("ftp.example.com", "logger", "secret"));
    /// link.run::<_, Error>(Needs::Session, |modem, attempt| {
    ///     let upload = Upload::new("report.csv", "/in/report.csv").via_temporary_name(true);
    ///     upload.retry(attempt.take_retries()).run_in(modem, attempt)
    /// })?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn run_in(self, modem: &mut dyn FtpModem, attempt: &mut Attempt) -> Result<Report> {
        Ok(self.run_after(modem, &mut attempt.upload)?.after(attempt))
    }

    /// Uploads the file, and leaves in `unfinished` what the next attempt has to know after a failure.
    fn run_after(self, modem: &mut dyn FtpModem, unfinished: &mut Option<Unfinished>) -> Result<Report> {
        let Upload { local, remote, append, resume, force_binary, via_temporary_name, verify_content, settings } = self;
        let Settings { retry, reconnect, cancel, mut observer, clock } = settings;
        let named = |error: Error| error.during("upload");
        let mut temporary = match via_temporary_name {
            true => Some(Temporary::of(&remote, append, modem.capabilities()).map_err(named)?),
            false => None,
        };
        if verify_content {
            must_read_back(modem.capabilities(), append).map_err(named)?;
        }
        let mut file = File::open(&local).map_err(|error| named(unreadable(&local, error)))?;
        let source = Source::of(&file).map_err(|error| named(unreadable(&local, error)))?;
        if !force_binary {
            must_carry(modem.capabilities().binary_upload, &mut file, &local).map_err(named)?;
        }
        let callers = CallerControls::begin(modem, cancel.as_ref());
        let mut attempts = Attempts::new(retry, reconnect, cancel, callers, &*clock);
        let remote = temporary.as_ref().map_or(remote, |temporary| temporary.name.clone());
        let before = unfinished.take().filter(|before| !append && before.is_of(&remote, &source));
        let (sent, furthest) = before.map_or((Sent::Nothing, 0), |before| (before.sent, before.furthest));
        let mut job = Job {
            remote,
            file,
            source,
            append,
            resume: resume && !append,
            force_binary,
            verify_content,
            has_begun: false,
            sent,
            furthest,
        };
        let mut outcome = job.repeat(modem, &mut attempts, &mut observer);
        if let Some(temporary) = &mut temporary {
            outcome = outcome.and_then(|report| {
                let published = temporary.publish(modem, &mut attempts, report.size);
                published.map_err(|error| error.with_transferred(report.size))?;
                Ok(Report { elapsed: attempts.elapsed(), ..report })
            });
            if job.has_begun {
                outcome = outcome.map_err(|error| temporary.discard(modem, &mut attempts, error, resume));
            }
        }
        attempts.end(modem);
        if outcome.is_err() {
            let Job { remote, source, sent, furthest, .. } = job;
            *unfinished = Some(Unfinished { remote, source, sent, furthest });
        }
        outcome.map_err(named)
    }
}

/// The file to upload, the way to upload it, and the findings of the attempts so far.
struct Job {
    remote: String,
    file: File,
    source: Source,
    append: bool,
    resume: bool,
    force_binary: bool,
    verify_content: bool,
    /// Whether an attempt may have created the file.
    has_begun: bool,
    sent: Sent,
    /// Largest number of bytes that the server may have.
    furthest: u64,
}

impl Job {
    /// Makes attempts until one succeeds or there is no point in another.
    fn repeat(
        &mut self,
        modem: &mut dyn FtpModem,
        attempts: &mut Attempts<'_>,
        observer: &mut Option<Observer<'_>>,
    ) -> Result<Report> {
        let mut place = Place { base: Some(0), start: 0, stated: None, append: self.append };
        if self.append {
            attempts.limit(modem);
            (place.base, place.stated) = base_of(modem, &self.remote, self.verify_content)?;
        }
        let size = self.source.size;
        let mut moved = 0;
        loop {
            attempts.begin(modem);
            let mut run = Run { modem, job: self, attempts, sent: 0, is_acknowledged: false };
            let outcome = run.attempt(&mut place, observer);
            let Run { sent, is_acknowledged, .. } = run;
            // The driver's probes, which a module in data mode takes for payload, are not counted.
            moved += sent.min(size - place.start);
            let reached = place.start + sent;
            // The bytes of earlier attempts stay on the server after an attempt that sends none.
            self.furthest = self.furthest.max(reached);
            match outcome {
                Ok(assurance) => {
                    self.sent = Sent::UpTo(size);
                    let (attempts, elapsed) = (attempts.count, attempts.elapsed());
                    return Ok(Report { size, moved, attempts, assurance, grown_to: None, elapsed });
                }
                Err(error) => {
                    let failed = Failed { kind: error.kind(), has_sent: sent > 0, is_acknowledged, reached };
                    self.sent = self.sent.and(failed);
                    // The next attempt cannot go on from all that the server may have.
                    let furthest = self.furthest;
                    attempts.again(modem, error, place.start).map_err(|error| error.with_transferred(furthest))?;
                }
            }
        }
    }
}

/// Checks that an upload can be downloaded for a comparison.
fn must_read_back(capabilities: &Capabilities, append: bool) -> Result<()> {
    let operation = if append { Operation::RetrieveFrom } else { Operation::Retrieve };
    match capabilities.supports(operation) {
        true => Ok(()),
        false => {
            let detail = format!("this module has no operation \"{operation}\", which the comparison takes");
            Err(Error::new(ErrorKind::Unsupported, detail))
        }
    }
}

/// Where in the server's file our bytes go.
struct Place {
    /// Bytes that the server's file had before ours; `None` if the server refused to state its size.
    base: Option<u64>,
    /// Bytes of ours that it has already.
    start: u64,
    /// The size of the server's file; `None` if the server has not stated it since the last attempt.
    stated: Option<u64>,
    append: bool,
}

/// Returns the size of a file before an append, and the size that the server has stated. Without a file the first is 0
/// and the second `None`. If the server refuses to state the size, both are `None`, or the refusal is returned if
/// `needs_size` is set.
fn base_of(modem: &mut dyn FtpModem, remote: &str, needs_size: bool) -> Result<(Option<u64>, Option<u64>)> {
    use ErrorKind::{ModuleRefused, ServerRefused, Unavailable, Unsupported};
    let support = modem.capabilities().support(Operation::Append);
    if support == Support::Unsupported {
        return Err(Error::new(Unsupported, "this module cannot append"));
    }
    match modem.size(remote) {
        Err(error) if error.kind() == Unavailable => Ok((Some(0), None)),
        Err(error) if matches!(error.kind(), ServerRefused | ModuleRefused | Unsupported) => {
            if needs_size {
                return Err(error.explained_further("a comparison takes the size"));
            }
            if support == Support::Built {
                return Err(error.explained_further("this module can append only where the size is known"));
            }
            warn!("{remote}: {}; appending without it", error.symptom());
            Ok((None, None))
        }
        stated => stated.map(|size| (Some(size), Some(size))),
    }
}

/// One attempt.
struct Run<'r> {
    modem: &'r mut dyn FtpModem,
    job: &'r mut Job,
    attempts: &'r Attempts<'r>,
    /// Bytes that passed the line.
    sent: u64,
    /// Whether the module has acknowledged any of them, and the server has not refused to open the file.
    is_acknowledged: bool,
}

impl Run<'_> {
    fn attempt(&mut self, place: &mut Place, observer: &mut Option<Observer<'_>>) -> Result<Assurance> {
        let known = match self.job.sent {
            // After a comparison that broke off only the comparison is repeated.
            Sent::All(assurance) => assurance,
            _ => self.deliver(place, observer)?,
        };
        self.job.sent = Sent::All(known);
        self.read_back(place, known)
    }

    /// Sends what the server has not got, and checks it.
    fn deliver(&mut self, place: &mut Place, observer: &mut Option<Observer<'_>>) -> Result<Assurance> {
        let Job { append, resume, sent, .. } = *self.job;
        place.start = 0;
        // An append goes on from what its last attempt has added.
        if (append && self.attempts.count > 1) || sent.longest_to_continue(resume) > 0 {
            place.start = self.arrived(place)?;
            if place.start == self.job.source.size && place.start > 0 {
                // All of it is there, by its size and its last bytes: only the answer was lost.
                return self.verify(place, Assurance::ServerSize);
            }
        }
        let assurance = match self.send(place, observer) {
            Err(error) if place.start > 0 && !place.append && concerns_offset(&error) => {
                warn!("{}: {}; uploading it from its start", self.job.remote, error.symptom());
                (place.start, self.job.sent) = (0, Sent::Unfit);
                self.send(place, observer)?
            }
            outcome => outcome?,
        };
        self.verify(place, assurance)
    }

    /// Sends our bytes from `place.start` on.
    fn send(&mut self, place: &mut Place, observer: &mut Option<Observer<'_>>) -> Result<Assurance> {
        let on_server = place.base.unwrap_or(0).saturating_add(place.start);
        let mut how = match (place.append, on_server) {
            // APPE is used even if no file was found. It creates the file (RFC 959 §4.1.3), and it destroys nothing if
            // there is a file all the same.
            (true, _) if place.start == 0 => Store::append(),
            (_, 0) => Store::create(),
            (_, offset) => Store::at(offset),
        };
        how = how.with_length(self.job.source.size - place.start);
        // Only a size that the server has just stated: one that it refused to state is not 0.
        how.size = place.stated.take().filter(|size| *size == on_server);
        how.force_binary = self.job.force_binary;
        self.job.file.seek(SeekFrom::Start(place.start)).map_err(Error::local)?;

        let meter = Meter {
            observer,
            clock: self.attempts.clock,
            begun: self.attempts.begun,
            attempt_begun: self.attempts.clock.now(),
            before: place.start,
            bytes: place.start,
            total: Some(self.job.source.size),
            attempt: self.attempts.count,
            deadline: self.attempts.deadline(),
        };
        // A file that grows meanwhile is sent up to its first size.
        let limited = (&mut self.job.file).take(self.job.source.size - place.start);
        let mut reader = Metered { inner: limited, meter };
        self.job.has_begun = true;
        let transfer = self.modem.store(&self.job.remote, &how, &mut reader).inspect_err(|error| {
            self.sent = error.transferred().unwrap_or(0);
            self.is_acknowledged = error.proven().is_some_and(|taken| taken > 0) && !may_precede_opening(error);
        })?;
        (self.sent, self.is_acknowledged) = (transfer.bytes, true);
        Ok(transfer.assurance)
    }
}

#[cfg(test)]
mod tests;

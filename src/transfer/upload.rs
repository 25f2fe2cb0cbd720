//! A file from the disk to the server.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use log::debug;

use super::Report;
use super::attempts::{Attempts, Clock, Reconnect, Retry};
use super::download::puts_line_in_doubt;
use super::loan::Loan;
use super::overlap::{Comparing, is_difference, overlap_before};
use super::progress::{Meter, Metered, Observer, Progress};
use super::settings::{Settings, settings};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, FtpModem, Operation, Retrieve, Store};

/// An upload of a whole file, checked by what the module and the server say of it.
pub struct Upload<'a> {
    local: PathBuf,
    remote: String,
    append: bool,
    resume: bool,
    force_binary: bool,
    settings: Settings<'a>,
}

impl<'a> Upload<'a> {
    /// The local file `local`, to become the server's file `remote`.
    pub fn new(local: impl Into<PathBuf>, remote: impl Into<String>) -> Self {
        Upload {
            local: local.into(),
            remote: remote.into(),
            append: false,
            resume: false,
            force_binary: false,
            settings: Settings::default(),
        }
    }

    /// Adds the file's bytes to the end of the server's file. Defaults to `false`: the server's file is replaced.
    ///
    /// A failed append is tried again only when the size of the server's file proves what it has: unchanged, or longer by a part
    /// of our bytes that is continued.
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    /// Whether a shorter file of that name on the server is continued, once its last bytes are proven to be ours. Defaults to
    /// `false`. Attempts within one upload are continued in any case, where the dialect can.
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Sends every byte value even where the dialect is not proven to carry it. Defaults to `false`.
    pub fn force_binary(mut self, force: bool) -> Self {
        self.force_binary = force;
        self
    }

    settings!();

    /// Uploads the file.
    ///
    /// # Errors
    /// The error of the last attempt; [`Error::transferred`] tells how many bytes of it the server may have.
    pub fn run(self, modem: &mut dyn FtpModem) -> Result<Report> {
        let Upload { local, remote, append, resume, force_binary, settings } = self;
        let Settings { retry, reconnect, cancel, mut observer, clock } = settings;
        let named = |error: Error| error.during("upload");
        let file = File::open(&local).map_err(|error| named(unreadable(&local, error)))?;
        let source = Source::of(&file).map_err(|error| named(unreadable(&local, error)))?;
        let loan = Loan::begin(modem, cancel.as_ref());
        let mut attempts = Attempts::new(retry, reconnect, cancel, loan, &*clock);
        let mut job = Job { remote, file, source, append, resume, force_binary };
        let outcome = job.repeat(modem, &mut attempts, &mut observer);
        attempts.end(modem);
        outcome.map_err(named)
    }
}

/// What is to be uploaded, and how.
struct Job {
    remote: String,
    file: File,
    source: Source,
    append: bool,
    resume: bool,
    force_binary: bool,
}

impl Job {
    /// Makes attempts until one succeeds or there is no point in another.
    fn repeat(
        &mut self,
        modem: &mut dyn FtpModem,
        attempts: &mut Attempts<'_>,
        observer: &mut Option<Observer<'_>>,
    ) -> Result<Report> {
        let mut place = Place {
            base: 0,
            start: 0,
            append: self.append,
            doubtful: false,
            may_be_ours: if self.resume { u64::MAX } else { 0 },
        };
        if self.append {
            attempts.limit(modem);
            place.base = base_of(modem, &self.remote)?;
        }
        let size = self.source.size;
        let mut look_first = self.resume && !self.append;
        let mut moved = 0;
        let mut told = 0;
        loop {
            attempts.begin(modem);
            let mut run = Run { modem, job: self, attempts, sent: 0 };
            let outcome = run.attempt(&mut place, look_first, observer);
            let outcome = outcome.and_then(|assurance| run.read_back(&place, assurance));
            // The driver's own words, where nobody knows what the module took for payload, are not moved.
            moved += run.sent.min(size - place.start);
            // An attempt that got nowhere leaves what an earlier one has sent.
            told = told.max(place.start + run.sent);
            // Until the module has taken something, the file that was there before may still be there.
            if outcome.as_ref().is_err_and(|error| error.proven().is_some_and(|taken| taken > 0)) {
                place.may_be_ours = place.may_be_ours.max(told);
            }
            match outcome {
                Ok(assurance) => {
                    let elapsed = attempts.clock.now().saturating_sub(attempts.begun);
                    return Ok(Report { size, moved, attempts: attempts.count, assurance, elapsed });
                }
                Err(error) => {
                    // What the server has got may be wrong when bytes were lost on the line; then it is sent anew.
                    look_first = self.append || !puts_line_in_doubt(error.kind());
                    place.doubtful |= !look_first || puts_line_in_doubt(error.kind());
                    // What the server may have is not what the next attempt can go on from.
                    attempts.again(modem, error, place.start).map_err(|error| error.with_transferred(told))?;
                }
            }
            if !look_first {
                place.start = 0;
            }
        }
    }
}

fn unreadable(local: &std::path::Path, error: io::Error) -> Error {
    Error::new(ErrorKind::LocalIo, format!("{}: {error}", local.display())).with_source(error)
}

/// The local file as it was at the start.
struct Source {
    size: u64,
    modified: Option<SystemTime>,
}

impl Source {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        // A device or a file of the kernel's has no size to check anything by.
        if !metadata.is_file() || (metadata.len() == 0 && has_content(file)?) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no ordinary file"));
        }
        Ok(Source { size: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// Whether something can be read of a file that says it is empty.
fn has_content(mut file: &File) -> io::Result<bool> {
    let mut byte = [0];
    Ok(file.read(&mut byte)? > 0)
}

/// Where in the server's file our bytes go.
struct Place {
    /// Bytes that the server's file had before ours.
    base: u64,
    /// Bytes of ours that it has already.
    start: u64,
    append: bool,
    /// Bytes may have been lost on the line: what arrived must not be continued.
    doubtful: bool,
    /// A longer file is not what the attempts before have sent, but one that was there, whatever its last bytes are.
    may_be_ours: u64,
}

/// The size of a file that is to be appended to; a missing one is empty.
fn base_of(modem: &mut dyn FtpModem, remote: &str) -> Result<u64> {
    if !modem.capabilities().supports(Operation::Append) {
        return Err(Error::new(ErrorKind::Unsupported, "this module cannot append"));
    }
    match modem.size(remote) {
        Err(error) if error.kind() == ErrorKind::Unavailable => Ok(0),
        other => other,
    }
}

/// One attempt.
struct Run<'r> {
    modem: &'r mut dyn FtpModem,
    job: &'r mut Job,
    attempts: &'r Attempts<'r>,
    /// Bytes that passed the line.
    sent: u64,
}

impl Run<'_> {
    fn attempt(
        &mut self,
        place: &mut Place,
        look_first: bool,
        observer: &mut Option<Observer<'_>>,
    ) -> Result<Assurance> {
        if look_first {
            place.start = self.arrived(place)?;
            if place.start == self.job.source.size && place.start > 0 {
                // All of it is there: only the answer was lost.
                return self.verify(place, Assurance::Unconfirmed);
            }
        }
        let on_server = place.base.saturating_add(place.start);
        let mut how = match (place.append, on_server) {
            // Also where no file was found: APPE creates it (RFC 959 §4.1.3), and destroys nothing should it be there all the same.
            (true, _) if place.start == 0 => Store::append(),
            (_, 0) => Store::create(),
            (_, offset) => Store::at(offset),
        };
        how = how.with_length(self.job.source.size - place.start);
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
            deadline: self.attempts.deadline(),
        };
        // A file that grows meanwhile is sent as long as it was.
        let limited = (&mut self.job.file).take(self.job.source.size - place.start);
        let mut reader = Metered { inner: limited, meter };
        let transfer = self.modem.store(&self.job.remote, &how, &mut reader).inspect_err(|error| {
            self.sent = error.transferred().unwrap_or(0);
        })?;
        self.sent = transfer.bytes;
        self.verify(place, transfer.assurance)
    }

    /// How many of our bytes the server's file has already, proven by fetching the last of them again; 0 where they are not ours
    /// or cannot be continued.
    ///
    /// # Errors
    /// For an append: when the server's file is neither as it was nor longer by a part of ours, so that nothing can be done
    /// without the risk of adding bytes twice.
    fn arrived(&mut self, place: &Place) -> Result<u64> {
        let size = match self.modem.size(&self.job.remote) {
            Ok(size) => size,
            Err(error) if error.kind() == ErrorKind::Unavailable => 0,
            // Where the size cannot be told, the file is sent anew; but not added to.
            Err(error) if place.append || error.is_retryable() => return Err(error),
            Err(_) => 0,
        };
        let ours = size.checked_sub(place.base).filter(|ours| *ours <= self.job.source.size);
        let capabilities = self.modem.capabilities();
        let can = capabilities.supports(Operation::StoreAt) && capabilities.supports(Operation::RetrieveFrom);
        match ours {
            Some(0) => Ok(0),
            Some(ours) if can && !place.doubtful && ours <= place.may_be_ours && self.is_ours(place, ours)? => {
                debug!("{}: continued at {ours}", self.job.remote);
                Ok(ours)
            }
            _ if place.append => {
                let detail =
                    format!("the server's file has {size} bytes now, which are not what it had and a part of ours");
                Err(Error::new(ErrorKind::VerificationFailed, detail))
            }
            _ => Ok(0),
        }
    }

    /// Whether the last bytes of the server's file are those of ours before `end`.
    fn is_ours(&mut self, place: &Place, end: u64) -> Result<bool> {
        let expected = overlap_before(&mut self.job.file, end).map_err(Error::local)?;
        let offset = place.base.saturating_add(end - expected.len() as u64);
        let mut comparing = Comparing::new(expected, io::sink());
        match self.modem.retrieve(&self.job.remote, &Retrieve::from(offset), &mut comparing) {
            Ok(_) => Ok(comparing.is_proven()),
            Err(error) if is_difference(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Checks what arrived by the size that the server states, and that the local file is still the same.
    fn verify(&mut self, place: &Place, told: Assurance) -> Result<Assurance> {
        let arrived = place.start + self.sent;
        let failed = |detail: String| Err(Error::new(ErrorKind::VerificationFailed, detail).with_transferred(arrived));
        let now = Source::of(&self.job.file).map_err(Error::local)?;
        if now.size < self.job.source.size || now.modified != self.job.source.modified {
            return failed("the local file was changed while it was sent".to_owned());
        }
        if told >= Assurance::ServerSize || !self.modem.capabilities().supports(Operation::Size) {
            return Ok(told);
        }
        match self.told_size()? {
            Ok(size) if size == place.base.saturating_add(self.job.source.size) => Ok(Assurance::ServerSize),
            Ok(size) => {
                let expected = place.base.saturating_add(self.job.source.size);
                failed(format!("the server's file has {size} bytes, expected {expected}"))
            }
            // A server without SIZE.
            Err(error) if matches!(error.kind(), ErrorKind::ServerRefused | ErrorKind::ModuleRefused) => Ok(told),
            Err(error) => Err(error),
        }
    }

    /// Asks for the size, the first question behind an upload, and says why it is not told.
    ///
    /// # Errors
    /// The question was not understood at first: bytes that were added to the payload on its way to the module push as many out at
    /// its end, and these stand in front of the next command. Every count of the upload agrees all the same.
    fn told_size(&mut self) -> Result<Result<u64>> {
        let told = self.modem.size(&self.job.remote);
        let is_bare = |error: &Error| {
            error.kind() == ErrorKind::ModuleRefused && error.module_code().is_none() && error.ftp_reply().is_none()
        };
        if !told.as_ref().is_err_and(is_bare) {
            return Ok(told);
        }
        match self.modem.size(&self.job.remote) {
            Ok(_) => {
                let detail = "the module did not understand the first command behind the payload";
                Err(Error::new(ErrorKind::Protocol, detail))
            }
            refused => Ok(refused),
        }
    }
}

mod read_back;
#[cfg(test)]
mod tests;

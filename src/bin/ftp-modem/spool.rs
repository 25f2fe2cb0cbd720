//! `spool`: uploads what lies in a directory, oldest first, and waits for more.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ftp_modem::ErrorKind;
use ftp_modem::modem::Assurance;
use log::warn;

use crate::args::{Put, Spool};
use crate::batch::{self, Item};
use crate::failure::Failure;
use crate::info::assurance;
use crate::retry::{self, Attempt};
use crate::session::Session;
use crate::settings::{self, Settings};
use crate::values::BearerUse;
use crate::{logging, put};

/// Interval at which the directory is looked at by default.
const EVERY: Duration = Duration::from_secs(10);

/// Folder in the spool directory for files that cannot be uploaded.
const FAILED: &str = "failed";

/// Folder in the spool directory for files that were uploaded, although nothing confirms it.
const UNCONFIRMED: &str = "unconfirmed";

/// Uploads the files of a directory until a signal ends the run, or once.
///
/// # Errors
/// A signal; a directory that cannot be read; arguments or a module with which no upload can succeed. With `--once`
/// also the worst failure.
pub fn run(settings: &mut Settings, spool: &Spool) -> Result<(), Failure> {
    let every = spool.every.map_or(Ok(EVERY), |seconds| settings::seconds("--every", seconds))?;
    let job = Job { spool, every };
    let mut worst = None;
    loop {
        settings.interrupt.check()?;
        if !job.waiting()?.is_empty() {
            match job.batch(settings, &mut worst) {
                Err(failure) if spool.once || is_final(settings, &failure) => return Err(failure),
                Err(failure) => warn!("{failure}; the next try is in {:.1} s", every.as_secs_f64()),
                Ok(()) => {}
            }
        }
        if spool.once {
            return worst.map_or(Ok(()), |failure: Failure| Err(failure.reported()));
        }
        settings.interrupt.pause(every)?;
    }
}

/// Whether no later try can succeed after a failure of the whole run.
fn is_final(settings: &Settings, failure: &Failure) -> bool {
    use ErrorKind::{Cancelled, InvalidInput, LocalIo, Unsupported};
    settings.interrupt.check().is_err()
        || matches!(failure.kind(), Some(Cancelled | InvalidInput | LocalIo | Unsupported))
}

struct Job<'a> {
    spool: &'a Spool,
    every: Duration,
}

impl Job<'_> {
    /// Returns the files that wait, oldest first. Hidden files, and those whose name ends in `.part` or `.tmp`, are
    /// left to the program that writes them.
    fn waiting(&self) -> Result<Vec<PathBuf>, Failure> {
        let folder = &self.spool.dir;
        let failed = |error: io::Error| Failure::local(folder, &error);
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_unfinished = name.starts_with('.') || name.ends_with(".part") || name.ends_with(".tmp");
            // A file that has vanished since is not waiting.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() && !is_unfinished {
                files.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
            }
        }
        files.sort();
        Ok(files.into_iter().map(|(_, path)| path).collect())
    }

    /// Uploads what waits, in one session; goes on waiting for more if the bearer is to be kept.
    fn batch(&self, settings: &mut Settings, worst: &mut Option<Failure>) -> Result<(), Failure> {
        retry::with_session(settings, |session, settings, attempt| {
            let mut has_progress = false;
            loop {
                for local in self.waiting()? {
                    let outcome = self.upload(session, settings, attempt, &local, worst);
                    outcome.map_err(|failure| if has_progress { failure.after_progress() } else { failure })?;
                    has_progress = true;
                }
                if self.spool.once || self.spool.bearer == BearerUse::PerBatch {
                    return Ok(());
                }
                // Servers close sessions in which nothing happens.
                session.modem.logout()?;
                while self.waiting()?.is_empty() {
                    settings.interrupt.pause(self.every)?;
                }
                if let Some(server) = &settings.server {
                    session.modem.login(server)?;
                }
            }
        })
    }

    /// Uploads one file and takes it out of the directory.
    ///
    /// # Errors
    /// A failure that concerns other files, too.
    fn upload(
        &self,
        session: &mut Session,
        settings: &Settings,
        attempt: Attempt,
        local: &Path,
        worst: &mut Option<Failure>,
    ) -> Result<(), Failure> {
        let item = Item::new(put::within(&format!("{}/", self.spool.remote.trim_end_matches('/')), local)?, local);
        let before = put::state_of(local);
        match put::send(session, settings, attempt, &Put::default(), &item) {
            Ok(done) => {
                // A file that has taken its name meanwhile stays for the next look.
                if put::state_of(local) != before {
                    return Ok(());
                }
                match done.assurance == assurance(Assurance::Unconfirmed) {
                    true => drop(self.put_aside(local, UNCONFIRMED)?),
                    false => fs::remove_file(local).map_err(|error| Failure::local(local, &error))?,
                }
                put::report(settings, &done)
            }
            Err(failure) if failure.may_retry() || batch::ends_all(&failure) || failure.status() == 5 => Err(failure),
            // The program that writes it has not finished, or has taken it back: the next look finds what is there.
            Err(_) if put::state_of(local) != before => Ok(()),
            Err(failure) => {
                if failure.status() == 8 {
                    // Is it the file, or the directory?
                    session.modem.list(&self.spool.remote)?;
                }
                logging::error(&format!("spool {}", item.remote), &failure, settings.interrupt.seen());
                let kept = self.put_aside(local, FAILED)?;
                let reason = kept.with_extension(match kept.extension() {
                    Some(extension) => format!("{}.reason", extension.to_string_lossy()),
                    None => "reason".to_owned(),
                });
                fs::write(&reason, format!("{failure}\n")).map_err(|error| Failure::local(&reason, &error))?;
                let is_worse = worst.as_ref().is_none_or(|worst| failure.status() > worst.status());
                if is_worse {
                    *worst = Some(failure);
                }
                Ok(())
            }
        }
    }

    /// Moves a file to a folder in the spool directory, under a name that is free there.
    fn put_aside(&self, local: &Path, folder: &str) -> Result<PathBuf, Failure> {
        let folder = self.spool.dir.join(folder);
        let name = local.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names = (0u32..).map(|number| if number == 0 { name.clone() } else { format!("{number}-{name}") });
        let free = names.map(|name| folder.join(name)).find(|path| !path.exists()).unwrap_or_default();
        let moved = fs::create_dir_all(&folder).and_then(|()| fs::rename(local, &free));
        moved.map(|()| free).map_err(|error| Failure::local(&folder, &error))
    }
}

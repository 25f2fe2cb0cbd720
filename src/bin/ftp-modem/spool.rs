//! `spool`: uploads what lies in a directory, oldest first, and waits for more.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ftp_modem::ErrorKind;
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Attempt, LinkFailure, Needs};
use log::warn;

use crate::args::{Put, Spool};
use crate::batch;
use crate::connection::Connection;
use crate::failure::{Failure, TEMPORARY, UNAVAILABLE};
use crate::info::assurance;
use crate::item::{self, Done, Item};
use crate::settings::Settings;
use crate::values::BearerUse;
use crate::{logging, put};

/// Interval at which the directory is looked at by default.
const EVERY: Duration = Duration::from_secs(10);

/// Longest pause after failures, unless the interval itself is longer. Servers lock accounts after refused logins.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Folder in the spool directory for files that cannot be uploaded.
const FAILED: &str = "failed";

/// Folder in the spool directory for files that were uploaded, although nothing confirms it.
const UNCONFIRMED: &str = "unconfirmed";

/// Uploads the files of a directory until a signal ends the run, or once.
///
/// # Errors
/// A signal; a directory that cannot be read; arguments or a module with which no upload can succeed. With `--once`
/// also the worst failure.
pub fn run(settings: &Settings, spool: &Spool) -> Result<(), Failure> {
    let every = spool.every.unwrap_or(EVERY);
    let mut job = Job { spool, settings, failures: 0 };
    let mut connection = Connection::new(settings);
    let mut worst = None;
    // A directory that is not there at first is a mistake; one that vanishes later may come back.
    job.waiting()?;
    loop {
        settings.interrupt.check()?;
        match job.batch(&mut connection, &mut worst) {
            Err(failure) if spool.once || is_final(settings, &failure) => return Err(failure),
            Err(failure) => {
                job.failures = job.failures.saturating_add(1);
                let pause = pause_after(job.failures, every);
                let advice = match failure.remedy() {
                    "" => String::new(),
                    remedy => format!("; if it does not help, {remedy}"),
                };
                warn!("{}; the next try is in {:.1} s{advice}", failure.symptom(), pause.as_secs_f64());
            }
            Ok(()) => job.failures = 0,
        }
        if spool.once {
            return worst.map_or(Ok(()), |failure: Failure| Err(failure.reported()));
        }
        match spool.bearer {
            // Servers close sessions in which nothing happens.
            BearerUse::Keep => connection.link.log_out(),
            BearerUse::PerBatch => connection.link.close(),
        }
        settings.interrupt.pause(pause_after(job.failures, every))?;
    }
}

/// Returns the pause after a number of consecutive failures: it doubles from `every` to [`LONGEST_PAUSE`].
fn pause_after(failures: u32, every: Duration) -> Duration {
    every.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST_PAUSE.max(every))
}

/// Whether no later try can succeed after a failure of the whole run.
fn is_final(settings: &Settings, failure: &Failure) -> bool {
    use ErrorKind::{Cancelled, InvalidInput, LocalIo, Unsupported};
    settings.interrupt.check().is_err()
        || matches!(failure.kind(), Some(Cancelled | InvalidInput | LocalIo | Unsupported))
}

/// Whether a failure of an upload concerns this file alone, and is its last.
fn concerns_file(failure: &Failure, attempt: &Attempt) -> bool {
    let is_retried = !failure.is_final() && !attempt.is_last();
    !is_retried && failure.status() != TEMPORARY && !batch::ends_all(failure)
}

struct Job<'a> {
    spool: &'a Spool,
    settings: &'a Settings,
    /// Number of consecutive failures that ended a batch, since a file was last uploaded.
    failures: u32,
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

    /// Uploads what waits, in one session.
    fn batch(&mut self, connection: &mut Connection, worst: &mut Option<Failure>) -> Result<(), Failure> {
        self.waiting()?.iter().try_for_each(|local| self.upload(connection, local, worst))
    }

    /// Uploads one file and takes it out of the directory.
    ///
    /// # Errors
    /// A failure that concerns other files, too.
    fn upload(
        &mut self,
        connection: &mut Connection,
        local: &Path,
        worst: &mut Option<Failure>,
    ) -> Result<(), Failure> {
        let before = put::state_of(local);
        let folder = format!("{}/", self.spool.remote.trim_end_matches('/'));
        let (remote, outcome) = match put::within(&folder, local) {
            Ok(remote) => (remote.clone(), self.send(connection, &Item::new(remote, local))?),
            Err(failure) => (folder, Err(failure.with_remedy("rename the file"))),
        };
        // A file that has been replaced meanwhile stays for the next look: the program that writes it had not finished,
        // or has taken it back.
        if put::state_of(local) != before {
            return Ok(());
        }
        match outcome {
            Ok(done) => {
                match done.assurance == assurance(Assurance::Unconfirmed) {
                    true => drop(self.put_aside(local, UNCONFIRMED)?),
                    false => fs::remove_file(local).map_err(|error| Failure::local(local, &error))?,
                }
                self.failures = 0;
                item::report(self.settings, &done)
            }
            Err(failure) => {
                if failure.status() == UNAVAILABLE {
                    // Is it the file, or the directory?
                    connection.run(Needs::Session, |modem, _| Ok(modem.list(&self.spool.remote)?))?;
                }
                logging::error(&format!("spool {remote}"), &failure, self.settings.interrupt.seen());
                let kept = self.put_aside(local, FAILED)?;
                let reason = kept.with_extension(match kept.extension() {
                    Some(extension) => format!("{}.reason", extension.to_string_lossy()),
                    None => "reason".to_owned(),
                });
                fs::write(&reason, format!("{failure}\n")).map_err(|error| Failure::local(&reason, &error))?;
                *worst = Some(failure.worse_of(worst.take()));
                Ok(())
            }
        }
    }

    /// Uploads one file. Returns a failure that concerns this file alone within `Ok`.
    ///
    /// # Errors
    /// A failure that concerns other files, too.
    fn send(&self, connection: &mut Connection, item: &Item) -> Result<Result<Done, Failure>, Failure> {
        connection.run(Needs::Session, |modem, attempt| {
            match put::send(modem, self.settings, attempt, &Put::default(), item) {
                Err(failure) if concerns_file(&failure, attempt) => Ok(Err(failure)),
                outcome => outcome.map(Ok),
            }
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pause_is_five_minutes_or_the_interval() {
        let pauses =
            |every| [0, 1, 2, 5, 6, u32::MAX].map(|failures| pause_after(failures, Duration::from_secs(every)));
        assert_eq!(pauses(10).map(|pause| pause.as_secs()), [10, 10, 20, 160, 300, 300]);
        assert_eq!(pauses(400).map(|pause| pause.as_secs()), [400; 6]);
    }
}

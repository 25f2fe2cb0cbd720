//! `get`: downloads a file to a local file or to stdout.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ftp_modem::Retrieve;
use ftp_modem::modem::{Assurance, Operation};
use ftp_modem::transfer::{Download, local_name};

use crate::args::Get;
use crate::failure::Failure;
use crate::progress::{Bar, Counted};
use crate::put::{Done, report};
use crate::retry::{self, Attempt};
use crate::session::Session;
use crate::settings::Settings;
use crate::stream;

/// Downloads a file.
///
/// # Errors
/// After a failed download the local file is unchanged. The received bytes remain in the partial file next to it.
pub fn run(settings: &mut Settings, get: &Get) -> Result<(), Failure> {
    let local = local(get)?;
    if stream::is_dash(&local) || stream::is_special(&local) {
        if get.resume {
            return Err(Failure::usage("--resume needs a regular file as LOCAL"));
        }
        if get.verify {
            return Err(Failure::usage("--verify needs a regular file as LOCAL"));
        }
        return streamed(settings, &get.remote, &local);
    }
    check_target(&local)?;
    let report = retry::with_session(settings, |session, settings, attempt| {
        let bar = Bar::new(get.remote.clone(), settings.quiet);
        let download = Download::new(get.remote.as_str(), &local)
            .resume(get.resume || attempt.number > 0)
            .verify_content(get.verify)
            .retry(attempt.within(settings))
            .cancel_with(settings.interrupt.flag())
            .reconnect_with(settings.reconnect())
            .on_progress(|progress| bar.show(progress));
        let mut report = download.run(&mut *session.modem).map_err(|error| attempt.failed(error))?;
        report.attempts += attempt.before(settings);
        Ok(report)
    })?;
    let done = Done::of(&report, get.remote.clone(), local.to_string_lossy().into_owned());
    report_unless_streamed(settings, &done, &local)
}

/// Returns the local file: LOCAL, or the last part of the remote path. A name from the remote path must not mean
/// stdout, and must not lead out of the working directory through a link.
fn local(get: &Get) -> Result<PathBuf, Failure> {
    if let Some(local) = &get.local {
        return Ok(local.clone());
    }
    let last = get.remote.rsplit('/').next().unwrap_or_default();
    let named = local_name(last.as_bytes()).filter(|local| !stream::is_dash(local));
    let local =
        named.ok_or_else(|| Failure::usage(format!("{last:?} is not a valid local file name: specify LOCAL")))?;
    match local.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => {
            Err(Failure::usage(format!("{last:?} is a symbolic link here: specify LOCAL")))
        }
        _ => Ok(local),
    }
}

/// Checks that the directory of the local file exists, before anything is sent.
fn check_target(local: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, kind: std::io::ErrorKind| Err(Failure::local(path, &kind.into()));
    if local.is_dir() {
        return failed(local, std::io::ErrorKind::IsADirectory);
    }
    match local.parent().filter(|folder| !folder.as_os_str().is_empty()).map(|folder| (folder, folder.metadata())) {
        Some((folder, Err(error))) => Err(Failure::local(folder, &error)),
        Some((folder, Ok(metadata))) if !metadata.is_dir() => failed(folder, std::io::ErrorKind::NotADirectory),
        _ => Ok(()),
    }
}

/// Downloads to stdout or to a device. Retries only if nothing has been written.
fn streamed(settings: &mut Settings, remote: &str, local: &Path) -> Result<(), Failure> {
    let opened = stream::Output::open(local, settings.interrupt.clone());
    let mut sink = opened.map_err(|error| settings.interrupt.local(local, &error))?;
    let begun = Instant::now();
    let (done, attempts) = retry::with_session(settings, |session, settings, Attempt { number }| {
        Ok((stream_once(session, settings, remote, &mut sink)?, number + 1))
    })?;
    let done = Done {
        remote: remote.to_owned(),
        local: local.to_string_lossy().into_owned(),
        size: done.0,
        moved: done.0,
        attempts,
        assurance: crate::info::assurance(done.1),
        grown_to: None,
        seconds: begun.elapsed().as_secs_f64(),
    };
    report_unless_streamed(settings, &done, local)
}

fn stream_once(
    session: &mut Session,
    settings: &Settings,
    remote: &str,
    sink: &mut dyn Write,
) -> Result<(u64, Assurance), Failure> {
    let modem = &mut *session.modem;
    let stated = if modem.capabilities().supports(Operation::Size) { modem.size(remote) } else { Ok(0) };
    let total = match stated {
        Ok(0) => None,
        Ok(size) => Some(size),
        Err(error) if error.is_retryable() => return Err(error.into()),
        // The server may lack SIZE, or refuse it for a file that it sends.
        Err(_) => None,
    };
    let bar = Bar::new(remote.to_owned(), settings.quiet);
    let mut counted = Counted::new(sink, &bar, total);
    let what = total.map_or(Retrieve::whole(), |size| Retrieve::whole().with_size(size));
    let outcome = modem.retrieve(remote, &what, &mut counted);
    let count = counted.count;
    let transfer = outcome.map_err(|error| {
        let failure = settings.interrupt.failure(error);
        if count > 0 { failure.without_retry() } else { failure }
    })?;
    match total {
        Some(total) if total != count => {
            Err(Failure::verification(format!("{count} bytes received, the file on the server has {total} bytes")))
        }
        Some(_) => Ok((count, Assurance::ServerSize)),
        None => Ok((count, transfer.assurance)),
    }
}

/// Reports the transfer, without JSON if the file itself goes to stdout.
fn report_unless_streamed(settings: &Settings, done: &Done, local: &Path) -> Result<(), Failure> {
    report(settings, done, settings.json && !stream::is_dash(local))
}

//! `put`: uploads a local file or stdin.

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use ftp_modem::modem::{Assurance, Modified, Operation, Store, Support};
use ftp_modem::transfer::{Attempt, Needs, Upload};
use ftp_modem::{ErrorKind, FtpModem};
use log::{debug, info, warn};

use crate::args::Put;
use crate::batch;
use crate::cause::Aim;
use crate::failure::Failure;
use crate::info::assurance;
use crate::item::{self, Done, Item};
use crate::progress::{Bar, Counted};
use crate::settings::Settings;
use crate::{cause, connection, pattern, stream, times};

/// Uploads files.
///
/// # Errors
/// After a failed upload the server may have a part of the file.
pub fn run(settings: &Settings, put: &Put) -> Result<(), Failure> {
    let (locals, remote) = split(put)?;
    let is_single = locals.len() == 1;
    if is_single && (stream::is_dash(&put.local) || stream::is_special(&put.local)) {
        only_regular(put)?;
        if remote.is_empty() || remote.ends_with('/') {
            return Err(Failure::usage(
                format!("{remote:?} does not name a file"),
                "name the file to create as REMOTE",
            ));
        }
        return streamed(settings, put, &remote);
    }
    let mut items = Vec::new();
    if locals.iter().any(|local| stream::is_dash(local)) {
        return Err(Failure::usage("- (stdin) is one of several files", "upload it alone, or name a file ./-"));
    }
    for local in &locals {
        if is_single {
            check_source(local)?;
        }
        let is_directory = !is_single || remote.is_empty() || remote.ends_with('/');
        items.push(Item::new(if is_directory { within(&remote, local)? } else { remote.clone() }, local));
    }
    let mut has_directories = !put.mkdir;
    batch::run(
        settings,
        "put",
        is_single,
        |modem| {
            if put.skip_same && !has_times(modem) {
                warn!("this module cannot query times that can be compared: no file is left out");
            }
            Ok(items.clone())
        },
        |modem, settings, attempt, item| {
            if !is_single {
                check_source(&item.local)?;
            }
            if !has_directories {
                let directory = pattern::split(&item.remote).0;
                make(modem, directory)?;
                has_directories = true;
            }
            send(modem, settings, attempt, put, item).map_err(|failure| match failure.remedy() {
                cause::CREATE if put.mkdir => failure
                    .with_note("--mkdir could not create the directory")
                    .with_remedy("check the path and the permissions on the server"),
                _ => failure,
            })
        },
    )
}

/// Refuses options that need a regular file.
fn only_regular(put: &Put) -> Result<(), Failure> {
    let options = [
        ("--resume", put.resume),
        ("--verify", put.verify),
        ("--temp", put.temp),
        ("--skip-same", put.skip_same),
        ("--delete-after", put.delete_after),
        ("--mkdir", put.mkdir),
    ];
    match options.into_iter().find(|(_, is_set)| *is_set) {
        Some((option, _)) => {
            Err(Failure::usage(format!("{option} needs a regular file as LOCAL"), "name one, or leave the option out"))
        }
        None => Ok(()),
    }
}

/// Returns the local files and REMOTE, which is the last path.
fn split(put: &Put) -> Result<(Vec<PathBuf>, String), Failure> {
    let mut locals = vec![put.local.clone()];
    let Some((remote, more)) = put.rest.split_last() else {
        return Err(Failure::usage("put needs REMOTE", "type ftp-modem put LOCAL REMOTE"));
    };
    locals.extend(more.iter().cloned());
    let text =
        remote.to_str().ok_or_else(|| Failure::usage(format!("{remote:?} is not UTF-8"), "name REMOTE in UTF-8"))?;
    Ok((locals, text.to_owned()))
}

/// Returns the path of a local file's name in the directory `remote`.
pub fn within(remote: &str, local: &Path) -> Result<String, Failure> {
    let name = local.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| {
        Failure::usage(format!("{local:?} has no name in UTF-8"), "specify REMOTE, without a / at its end")
    })?;
    let slash = if remote.is_empty() || remote.ends_with('/') { "" } else { "/" };
    Ok(format!("{remote}{slash}{name}"))
}

/// Creates a directory with those above it. One that exists is refused; whether it does shows with the upload.
fn make(modem: &mut dyn FtpModem, directory: &str) -> Result<(), Failure> {
    let directory = directory.trim_end_matches('/');
    let ends = directory.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([directory.len()]);
    for path in ends.filter_map(|end| directory.get(..end)).filter(|path| !path.is_empty()) {
        match modem.mkdir(path) {
            Err(error) if error.kind() == ErrorKind::Unsupported || error.is_retryable() => return Err(error.into()),
            Err(error) => debug!("{error}"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Returns size and time of a file; `None` where there is none.
pub fn state_of(local: &Path) -> Option<(u64, Option<SystemTime>)> {
    local.metadata().ok().map(|metadata| (metadata.len(), metadata.modified().ok()))
}

/// Uploads one file.
pub fn send(
    modem: &mut dyn FtpModem,
    settings: &Settings,
    attempt: &mut Attempt,
    put: &Put,
    item: &Item,
) -> Result<Done, Failure> {
    let before = state_of(&item.local);
    if put.skip_same && is_same(modem, item) {
        return Ok(Done::skipped(item));
    }
    let bar = Bar::new(item.remote.clone(), settings.progress, modem);
    let attempts = attempt.before();
    let upload = Upload::new(&item.local, item.remote.as_str())
        .append(put.append)
        .resume(put.resume)
        .force_binary(put.force_binary)
        .via_temporary_name(put.temp)
        .verify_content(put.verify)
        .retry(if put.append { settings.retry } else { attempt.take_retries() })
        .reconnect_with(settings.reconnect())
        .on_progress(|progress| bar.show(progress, attempts));
    let report = upload.run_in(modem, attempt);
    let report =
        report.map_err(|error| match Failure::from(cause::explained(modem, Aim::Write(&item.remote), error)) {
            // A retry would append the same bytes twice.
            failure if put.append => failure.without_retry(),
            failure => failure,
        })?;
    let done = Done::of(&report, item);
    if put.delete_after {
        item::check_deletable(&report, &done.local)?;
        if state_of(&item.local) != before {
            return Err(Failure::verification(format!(
                "{} was replaced while it was sent and is not deleted",
                done.local
            )));
        }
        std::fs::remove_file(&item.local).map_err(|error| Failure::local(&item.local, &error))?;
    }
    Ok(done)
}

/// Whether times on the server can be compared with local ones. Those of listings have the time zone of the server,
/// which is not known.
fn has_times(modem: &dyn FtpModem) -> bool {
    modem.capabilities().support(Operation::Modified) == Support::Native
}

/// Whether the server's file has the size of the local one and was modified later.
fn is_same(modem: &mut dyn FtpModem, item: &Item) -> bool {
    let Ok(local) = item.local.metadata() else { return false };
    if !has_times(modem) {
        return false;
    }
    let is_later = |modified: &Modified| {
        local.modified().ok().zip(times::system_time(modified)).is_some_and(|(here, there)| there >= here)
    };
    modem.size(&item.remote).ok() == Some(local.len()) && modem.modified(&item.remote).is_ok_and(|time| is_later(&time))
}

/// Checks that the local file can be read, before anything is sent.
fn check_source(local: &Path) -> Result<(), Failure> {
    let file = std::fs::File::open(local).map_err(|error| Failure::local(local, &error))?;
    match file.metadata() {
        Err(error) => Err(Failure::local(local, &error)),
        Ok(metadata) if metadata.is_dir() => {
            let remedy = format!("name a file, or {} for all files in it", local.join("*").display());
            Err(Failure::local(local, &std::io::ErrorKind::IsADirectory.into()).with_remedy(&remedy))
        }
        Ok(_) => Ok(()),
    }
}

/// Uploads from stdin or a device. Retries only if nothing has been read.
fn streamed(settings: &Settings, put: &Put, remote: &str) -> Result<(), Failure> {
    let mut source = stream::Input::open(&put.local, settings.interrupt.clone())
        .map_err(|error| settings.interrupt.local(&put.local, &error))?;
    let begun = Instant::now();
    let (done, attempts) = connection::run(settings, Needs::Session, |modem, attempt| {
        Ok((stream_once(modem, settings, put, remote, &mut source)?, attempt.before() + 1))
    })?;
    let done = Done {
        remote: remote.to_owned(),
        local: put.local.to_string_lossy().into_owned(),
        size: done.0,
        moved: done.0,
        attempts,
        assurance: assurance(done.1),
        grown_to: None,
        skipped: false,
        seconds: begun.elapsed().as_secs_f64(),
    };
    item::report(settings, &done)
}

fn stream_once(
    modem: &mut dyn FtpModem,
    settings: &Settings,
    put: &Put,
    remote: &str,
    source: &mut stream::Input,
) -> Result<(u64, Assurance), Failure> {
    let mut how = if put.append { Store::append() } else { Store::create() };
    if put.force_binary {
        how = how.with_force_binary();
    }
    let bar = Bar::new(remote.to_owned(), settings.progress, modem);
    let mut counted = Counted::new(source, &bar, None);
    let outcome = modem.store(remote, &how, &mut counted);
    let count = counted.count;
    let transfer = outcome.map_err(|error| {
        match settings.interrupt.failure(cause::explained(modem, Aim::Write(remote), error)) {
            failure if count > 0 => failure.without_retry(),
            failure => failure,
        }
    })?;
    if put.append || transfer.assurance == Assurance::ServerSize || !modem.capabilities().supports(Operation::Size) {
        return Ok((transfer.bytes, transfer.assurance));
    }
    match modem.size(remote) {
        Ok(size) if size == transfer.bytes => Ok((size, Assurance::ServerSize)),
        Ok(size) => {
            let sent = transfer.bytes;
            Err(Failure::verification(format!("the file on the server has {size} bytes, {sent} bytes were sent")))
        }
        // The upload itself succeeded.
        Err(error) => {
            info!("the size of the uploaded file could not be checked: {error}");
            Ok((transfer.bytes, transfer.assurance))
        }
    }
}

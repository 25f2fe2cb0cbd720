//! `put`: uploads a local file or stdin.

use std::path::Path;
use std::time::Instant;

use ftp_modem::modem::{Assurance, Operation, Store};
use ftp_modem::transfer::{Report, Upload};
use log::{info, warn};
use serde::Serialize;

use crate::args::Put;
use crate::failure::Failure;
use crate::info::{assurance, verified};
use crate::progress::{Bar, Counted};
use crate::retry::{self, Attempt};
use crate::session::Session;
use crate::settings::Settings;
use crate::{output, stream};

/// JSON of `get` and `put`: a successful transfer.
#[derive(Serialize)]
pub struct Done {
    /// File on the server.
    pub remote: String,
    /// Local file.
    pub local: String,
    /// Size of the file in bytes; with `--append`, number of appended bytes.
    pub size: u64,
    /// Number of transferred bytes, including repetitions.
    pub moved: u64,
    /// Number of attempts.
    pub attempts: u32,
    /// How the transfer was verified.
    pub assurance: &'static str,
    /// Size of the server's file after a download during which the file grew.
    pub grown_to: Option<u64>,
    /// Duration in seconds.
    pub seconds: f64,
}

impl Done {
    /// Converts the report of a whole-file transfer.
    pub fn of(report: &Report, remote: String, local: String) -> Self {
        Done {
            remote,
            local,
            size: report.size,
            moved: report.moved,
            attempts: report.attempts,
            assurance: assurance(report.assurance),
            grown_to: report.grown_to,
            seconds: report.elapsed.as_secs_f64(),
        }
    }
}

/// Reports a successful transfer in the log, and on stdout if JSON is requested. Warns if the transfer is not verified.
///
/// # Errors
/// A write to stdout that failed.
pub fn report(settings: &Settings, done: &Done, as_json: bool) -> Result<(), Failure> {
    let verified = verified(done.assurance);
    info!("{}, {}: {} bytes in {:.1} s, {verified}", done.remote, done.local, done.size, done.seconds);
    if done.assurance == assurance(Assurance::Unconfirmed) {
        warn!("{}: transferred without error, but neither module nor server confirms the size", done.remote);
    }
    if let Some(now) = done.grown_to {
        warn!("{}: grew during the download, to {now} bytes; {} bytes were downloaded", done.remote, done.size);
    }
    if as_json && settings.json { output::json(done) } else { Ok(()) }
}

/// Uploads a file.
///
/// # Errors
/// After a failed upload the server may have a part of the file.
pub fn run(settings: &mut Settings, put: &Put) -> Result<(), Failure> {
    if stream::is_dash(&put.local) || stream::is_special(&put.local) {
        if put.resume {
            return Err(Failure::usage("--resume needs a regular file as LOCAL"));
        }
        if put.verify {
            return Err(Failure::usage("--verify needs a regular file as LOCAL"));
        }
        if put.temp {
            return Err(Failure::usage("--temp needs a regular file as LOCAL"));
        }
        return streamed(settings, put);
    }
    check_source(&put.local)?;
    let done = retry::with_session(settings, |session, settings, attempt| {
        let bar = Bar::new(put.remote.clone(), settings.quiet);
        let upload = Upload::new(&put.local, put.remote.as_str())
            .append(put.append)
            .resume(put.resume || attempt.number > 0)
            .force_binary(put.force_binary)
            .via_temporary_name(put.temp)
            .verify_content(put.verify)
            .retry(if put.append { settings.retry } else { attempt.within(settings) })
            .cancel_with(settings.interrupt.flag())
            .reconnect_with(settings.reconnect())
            .on_progress(|progress| bar.show(progress));
        let outcome = upload.run(&mut *session.modem);
        let mut report = outcome.map_err(|error| match attempt.failed(error) {
            // A retry would append the same bytes twice.
            failure if put.append => failure.without_retry(),
            failure => failure,
        })?;
        report.attempts += attempt.before(settings);
        Ok(report)
    })?;
    let done = Done::of(&done, put.remote.clone(), put.local.to_string_lossy().into_owned());
    report(settings, &done, true)
}

/// Checks that the local file can be read, before anything is sent.
fn check_source(local: &Path) -> Result<(), Failure> {
    let file = std::fs::File::open(local).map_err(|error| Failure::local(local, &error))?;
    match file.metadata() {
        Err(error) => Err(Failure::local(local, &error)),
        Ok(metadata) if metadata.is_dir() => Err(Failure::local(local, &std::io::ErrorKind::IsADirectory.into())),
        Ok(_) => Ok(()),
    }
}

/// Uploads from stdin or a device. Retries only if nothing has been read.
fn streamed(settings: &mut Settings, put: &Put) -> Result<(), Failure> {
    let mut source = stream::Input::open(&put.local, settings.interrupt.clone())
        .map_err(|error| settings.interrupt.local(&put.local, &error))?;
    let begun = Instant::now();
    let (done, attempts) = retry::with_session(settings, |session, settings, Attempt { number }| {
        Ok((stream_once(session, settings, put, &mut source)?, number + 1))
    })?;
    let done = Done {
        remote: put.remote.clone(),
        local: put.local.to_string_lossy().into_owned(),
        size: done.0,
        moved: done.0,
        attempts,
        assurance: assurance(done.1),
        grown_to: None,
        seconds: begun.elapsed().as_secs_f64(),
    };
    report(settings, &done, true)
}

fn stream_once(
    session: &mut Session,
    settings: &Settings,
    put: &Put,
    source: &mut stream::Input,
) -> Result<(u64, Assurance), Failure> {
    let mut how = if put.append { Store::append() } else { Store::create() };
    if put.force_binary {
        how = how.with_force_binary();
    }
    let modem = &mut *session.modem;
    let bar = Bar::new(put.remote.clone(), settings.quiet);
    let mut counted = Counted::new(source, &bar, None);
    let outcome = modem.store(&put.remote, &how, &mut counted);
    let count = counted.count;
    let transfer = outcome.map_err(|error| match settings.interrupt.failure(error) {
        failure if count > 0 => failure.without_retry(),
        failure => failure,
    })?;
    if put.append || transfer.assurance == Assurance::ServerSize || !modem.capabilities().supports(Operation::Size) {
        return Ok((transfer.bytes, transfer.assurance));
    }
    match modem.size(&put.remote) {
        Ok(size) if size == transfer.bytes => Ok((size, Assurance::ServerSize)),
        Ok(size) => {
            let sent = transfer.bytes;
            Err(Failure::verification(format!("the file on the server has {size} bytes, {sent} bytes were sent")))
        }
        // The upload itself succeeded.
        Err(error) => {
            warn!("the size of the uploaded file could not be checked: {error}");
            Ok((transfer.bytes, transfer.assurance))
        }
    }
}

//! `put`: a file from the disk, or stdin, to the server.

use std::path::Path;
use std::time::Instant;

use ftp_modem::ErrorKind;
use ftp_modem::modem::{Assurance, Operation, Store};
use ftp_modem::transfer::{Report, Upload};
use log::{info, warn};
use serde::Serialize;

use crate::args::Put;
use crate::failure::Failure;
use crate::info::{assurance, checked};
use crate::progress::{Bar, Counted};
use crate::retry::{self, Attempt};
use crate::session::Session;
use crate::settings::Settings;
use crate::{output, stream};

/// JSON of `get` and `put`: a transfer that ended well.
#[derive(Serialize)]
pub struct Done {
    /// The file on the server.
    pub remote: String,
    /// The local file.
    pub local: String,
    /// Its size in bytes; of an appended upload what was appended.
    pub size: u64,
    /// Bytes that passed the line, repetitions included.
    pub moved: u64,
    /// How often it was begun.
    pub attempts: u32,
    /// How far it is known that the file is complete.
    pub assurance: &'static str,
    /// How long it took.
    pub seconds: f64,
}

impl Done {
    /// What a whole-file transfer reported.
    pub fn of(report: &Report, remote: String, local: String) -> Self {
        Done {
            remote,
            local,
            size: report.size,
            moved: report.moved,
            attempts: report.attempts,
            assurance: assurance(report.assurance),
            seconds: report.elapsed.as_secs_f64(),
        }
    }
}

/// Says what came of a transfer: on stdout as JSON, where it is wanted, and in the log. What cannot be known is a warning.
///
/// # Errors
/// stdout takes no more.
pub fn report(settings: &Settings, done: &Done, as_json: bool) -> Result<(), Failure> {
    let checked = checked(done.assurance);
    info!("{} and {}: {} bytes in {:.1} s, checked by {checked}", done.remote, done.local, done.size, done.seconds);
    if done.assurance == assurance(Assurance::Unconfirmed) {
        warn!("{}: no error, but also no proof that the file is complete", done.remote);
    }
    if as_json && settings.json { output::json(done) } else { Ok(()) }
}

/// Uploads a file.
///
/// # Errors
/// The server may have a part of the file.
pub fn run(settings: &mut Settings, put: &Put) -> Result<(), Failure> {
    if stream::is_dash(&put.local) || stream::is_special(&put.local) {
        if put.resume {
            return Err(Failure::usage("--resume needs a LOCAL that is a file"));
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
            .retry(if put.append { settings.retry } else { attempt.within(settings) })
            .cancel_with(settings.interrupt.flag())
            .reconnect_with(settings.reconnect())
            .on_progress(|progress| bar.show(progress));
        let outcome = upload.run(&mut *session.modem);
        let mut report = outcome.map_err(|error| match attempt.failed(error) {
            // What was appended in this attempt would be appended again.
            failure if put.append => failure.and_final(),
            failure => failure,
        })?;
        report.attempts += attempt.before(settings);
        Ok(report)
    })?;
    let done = Done::of(&done, put.remote.clone(), put.local.to_string_lossy().into_owned());
    report(settings, &done, true)
}

/// Finds out before anything is sent whether there is something to send.
fn check_source(local: &Path) -> Result<(), Failure> {
    let file = std::fs::File::open(local).map_err(|error| Failure::local(local, &error))?;
    match file.metadata() {
        Err(error) => Err(Failure::local(local, &error)),
        Ok(metadata) if metadata.is_dir() => Err(Failure::local(local, &std::io::ErrorKind::IsADirectory.into())),
        Ok(_) => Ok(()),
    }
}

/// Uploads stdin or what a device yields. Tried again only as long as nothing was read.
fn streamed(settings: &mut Settings, put: &Put) -> Result<(), Failure> {
    let mut source = stream::Input::open(&put.local, settings.interrupt.clone())
        .map_err(|error| Failure::local(&put.local, &error))?;
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
    let transfer = outcome.map_err(|error| match Failure::from(error) {
        // The source itself ended the transfer, for want of anything better to say.
        failure if settings.interrupt.seen() && failure.kind() == Some(ErrorKind::LocalIo) => Failure::interrupted(),
        failure if count > 0 => failure.and_final(),
        failure => failure,
    })?;
    if put.append || transfer.assurance == Assurance::ServerSize || !modem.capabilities().supports(Operation::Size) {
        return Ok((transfer.bytes, transfer.assurance));
    }
    match modem.size(&put.remote) {
        Ok(size) if size == transfer.bytes => Ok((size, Assurance::ServerSize)),
        Ok(size) => {
            let sent = transfer.bytes;
            Err(Failure::verification(format!("the server's file has {size} bytes, {sent} were sent")))
        }
        // The file is there; only the check of its size failed.
        Err(error) => {
            warn!("{error}");
            Ok((transfer.bytes, transfer.assurance))
        }
    }
}

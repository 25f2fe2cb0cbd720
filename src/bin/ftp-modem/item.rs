//! A file to transfer, and what its transfer came to.

use std::path::PathBuf;

use ftp_modem::modem::{Assurance, Modified};
use ftp_modem::transfer::Report;
use log::{info, warn};
use serde::Serialize;

use crate::failure::{Failure, NOT_VERIFIED};
use crate::info::{assurance, verified};
use crate::output;
use crate::settings::Settings;

/// One file to transfer.
#[derive(Debug, Clone)]
pub struct Item {
    /// File on the server.
    pub remote: String,
    /// Local file.
    pub local: PathBuf,
    /// Size on the server, where a listing states it.
    pub size: Option<u64>,
    /// Time of the last modification, where a listing states it.
    pub modified: Option<Modified>,
}

impl Item {
    /// Creates an item without any known value.
    pub fn new(remote: impl Into<String>, local: impl Into<PathBuf>) -> Self {
        Item { remote: remote.into(), local: local.into(), size: None, modified: None }
    }
}

/// Checks that the copy of `source` is known to be whole, so that the source may be deleted.
///
/// # Errors
/// A transfer that nothing confirms; a file that grew meanwhile, which a program may still write to.
pub fn check_deletable(report: &Report, source: &str) -> Result<(), Failure> {
    let (why, remedy) = match (report.assurance, report.grown_to) {
        (_, Some(_)) => ("grew during the download, and is not deleted", "download it again when it is complete"),
        (Assurance::Unconfirmed, None) => {
            ("was transferred, but is not deleted: nothing confirms the copy", "use --verify")
        }
        _ => return Ok(()),
    };
    Err(Failure::new(NOT_VERIFIED, format!("{source} {why}"), remedy))
}

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
    /// Whether nothing was transferred, because both ends have the file (`--skip-same`).
    pub skipped: bool,
    /// Duration in seconds.
    pub seconds: f64,
}

impl Done {
    /// Converts the report of a whole-file transfer.
    pub fn of(report: &Report, item: &Item) -> Self {
        Done {
            remote: item.remote.clone(),
            local: item.local.to_string_lossy().into_owned(),
            size: report.size,
            moved: report.moved,
            attempts: report.attempts,
            assurance: assurance(report.assurance),
            grown_to: report.grown_to,
            skipped: false,
            seconds: report.elapsed.as_secs_f64(),
        }
    }

    /// Describes a file that was not transferred, because both ends have it.
    pub fn skipped(item: &Item) -> Self {
        Done {
            remote: item.remote.clone(),
            local: item.local.to_string_lossy().into_owned(),
            size: item.local.metadata().map_or(0, |metadata| metadata.len()),
            moved: 0,
            attempts: 0,
            assurance: assurance(Assurance::ServerSize),
            grown_to: None,
            skipped: true,
            seconds: 0.0,
        }
    }
}

/// Reports a successful transfer in the log, and on stdout if JSON is requested.
///
/// # Errors
/// A write to stdout that failed.
pub fn report(settings: &Settings, done: &Done) -> Result<(), Failure> {
    tell(done);
    if settings.json { output::json(done) } else { Ok(()) }
}

/// Reports a successful transfer in the log. Warns if the transfer is not verified.
pub fn tell(done: &Done) {
    if done.skipped {
        info!("{}, {}: the same size and time, not transferred", done.remote, done.local);
        return;
    }
    let verified = verified(done.assurance);
    info!("{}, {}: {} bytes in {:.1} s, {verified}", done.remote, done.local, done.size, done.seconds);
    if done.assurance == assurance(Assurance::Unconfirmed) {
        warn!("{}: transferred without error, but neither module nor server confirms the size", done.remote);
    }
    if let Some(now) = done.grown_to {
        warn!("{}: grew during the download, to {now} bytes; {} bytes were downloaded", done.remote, done.size);
    }
}

//! Several transfers in one session.

use std::collections::VecDeque;
use std::path::PathBuf;

use ftp_modem::ErrorKind;
use ftp_modem::modem::Modified;
use serde::Serialize;

use crate::failure::Failure;
use crate::put::Done;
use crate::retry::{self, Attempt};
use crate::session::Session;
use crate::settings::Settings;
use crate::{logging, output};

/// One file of a batch.
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
    /// Creates an item of which nothing is known.
    pub fn new(remote: impl Into<String>, local: impl Into<PathBuf>) -> Self {
        Item { remote: remote.into(), local: local.into(), size: None, modified: None }
    }
}

/// JSON of a transfer that failed, among several.
#[derive(Serialize)]
struct Failed<'a> {
    remote: &'a str,
    local: String,
    error: String,
    status: u8,
}

/// Runs `transfer` for each item of `find`, which runs once, in one session where that lasts. A file that fails for a
/// reason of its own does not end a batch.
///
/// # Errors
/// The failure of a single item; the worst failure of several, each of which was reported already.
pub fn run(
    settings: &mut Settings,
    command: &str,
    is_single: bool,
    mut find: impl FnMut(&mut Session) -> Result<Vec<Item>, Failure>,
    mut transfer: impl FnMut(&mut Session, &Settings, Attempt, &Item) -> Result<Done, Failure>,
) -> Result<(), Failure> {
    let mut pending: Option<VecDeque<Item>> = None;
    let mut worst: Option<Failure> = None;
    retry::with_session(settings, |session, settings, attempt| {
        let items = match &mut pending {
            Some(items) => items,
            None => pending.insert(find(session)?.into()),
        };
        let mut has_progress = false;
        while let Some(item) = items.front() {
            match transfer(session, settings, attempt, item) {
                Ok(done) => crate::put::report(settings, &done)?,
                Err(failure) if is_single || ends_all(&failure) => return Err(failure),
                Err(failure) if failure.may_retry() && attempt.number < settings.retry.retries => {
                    return Err(if has_progress { failure.after_progress() } else { failure });
                }
                Err(failure) => {
                    logging::error(&format!("{command} {}", item.remote), &failure, settings.interrupt.seen());
                    if settings.json {
                        let local = item.local.to_string_lossy().into_owned();
                        let (error, status) = (failure.to_string(), failure.status());
                        output::json(&Failed { remote: &item.remote, local, error, status })?;
                    }
                    let is_worse = worst.as_ref().is_none_or(|worst| failure.status() > worst.status());
                    worst = if is_worse { Some(failure) } else { worst.take() };
                }
            }
            has_progress = true;
            items.pop_front();
        }
        Ok(())
    })?;
    worst.map_or(Ok(()), |failure| Err(failure.reported()))
}

/// Whether no other file can succeed after `failure`.
pub fn ends_all(failure: &Failure) -> bool {
    let is_of_run = matches!(failure.kind(), Some(ErrorKind::Cancelled | ErrorKind::LoginRefused));
    is_of_run || !failure.module_usable() || failure.is_out_of_time()
}

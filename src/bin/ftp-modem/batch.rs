//! Several transfers in one session.

use ftp_modem::transfer::{Attempt, Needs};
use ftp_modem::{ErrorKind, FtpModem};
use serde::Serialize;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::item::{self, Done, Item};
use crate::settings::Settings;
use crate::{logging, output};

/// JSON of a transfer that failed, among several.
#[derive(Serialize)]
struct Failed<'a> {
    remote: &'a str,
    local: String,
    error: String,
    status: u8,
}

/// Runs `transfer` for each item of `find`, in one session where that lasts. A file that fails for a reason of its own
/// does not end a batch.
///
/// # Errors
/// The failure of a single item; the worst failure of several, which were all reported already.
pub fn run(
    settings: &Settings,
    command: &str,
    is_single: bool,
    mut find: impl FnMut(&mut dyn FtpModem) -> Result<Vec<Item>, Failure>,
    mut transfer: impl FnMut(&mut dyn FtpModem, &Settings, &mut Attempt, &Item) -> Result<Done, Failure>,
) -> Result<(), Failure> {
    let mut connection = Connection::new(settings);
    let items = connection.run(Needs::Session, |modem, _| find(modem))?;
    let mut worst: Option<Failure> = None;
    for item in items {
        match connection.run(Needs::Session, |modem, attempt| transfer(modem, settings, attempt, &item)) {
            Ok(done) => item::report(settings, &done)?,
            Err(failure) if is_single || ends_all(&failure) => return Err(failure),
            Err(failure) => {
                logging::error(&format!("{command} {}", item.remote), &failure, settings.interrupt.seen());
                if settings.json {
                    let local = item.local.to_string_lossy().into_owned();
                    let (error, status) = (failure.to_string(), failure.status());
                    output::json(&Failed { remote: &item.remote, local, error, status })?;
                }
                worst = Some(failure.worse_of(worst));
            }
        }
    }
    worst.map_or(Ok(()), |failure| Err(failure.reported()))
}

/// Whether no other file can succeed after `failure`.
pub fn ends_all(failure: &Failure) -> bool {
    let is_of_run = matches!(failure.kind(), Some(ErrorKind::Cancelled | ErrorKind::LoginRefused));
    is_of_run || !failure.module_usable() || failure.is_out_of_time()
}

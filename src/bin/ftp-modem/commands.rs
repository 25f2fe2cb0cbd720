//! The commands, each in a session of its own.

use ftp_modem::FtpModem;
use serde::Serialize;

use crate::args::Command;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::text::{iso, shown};
use crate::{get, info, listing, output, put, retry};

/// Runs `command`.
///
/// # Errors
/// Whatever it failed for.
pub fn run(settings: &mut Settings, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Info => info::run(settings),
        Command::Ls { path } => listing::run(settings, path),
        Command::Get(get) => get::run(settings, get),
        Command::Put(put) => put::run(settings, put),
        Command::Rm { path } => change(settings, &Changed { path }, |modem| modem.remove(path)),
        Command::Mkdir { path } => change(settings, &Changed { path }, |modem| modem.mkdir(path)),
        Command::Rmdir { path } => change(settings, &Changed { path }, |modem| modem.rmdir(path)),
        Command::Mv { from, to } => change(settings, &Moved { from, to }, |modem| modem.rename(from, to)),
        Command::Size { path } => {
            let size = ask(settings, |modem| modem.size(path))?;
            if settings.json { output::json(&Size { path, size }) } else { output::line(&size.to_string()) }
        }
        Command::Mtime { path } => {
            let modified = iso(&ask(settings, |modem| modem.modified(path))?);
            if settings.json { output::json(&Modified { path, modified }) } else { output::line(&modified) }
        }
        Command::Pwd => {
            let path = &ask(settings, |modem| modem.pwd())?;
            if settings.json { output::json(&Changed { path }) } else { output::line(&shown(path)) }
        }
        // Needs no module and is run before one is looked for.
        Command::Emulate(_) => Ok(()),
    }
}

/// JSON of `rm`, `mkdir`, `rmdir` and `pwd`.
#[derive(Serialize)]
struct Changed<'a> {
    path: &'a str,
}

/// JSON of `mv`.
#[derive(Serialize)]
struct Moved<'a> {
    from: &'a str,
    to: &'a str,
}

/// JSON of `size`.
#[derive(Serialize)]
struct Size<'a> {
    path: &'a str,
    size: u64,
}

/// JSON of `mtime`.
#[derive(Serialize)]
struct Modified<'a> {
    path: &'a str,
    modified: String,
}

/// Asks the module something, as often as it takes.
fn ask<T>(
    settings: &mut Settings,
    mut question: impl FnMut(&mut dyn FtpModem) -> ftp_modem::Result<T>,
) -> Result<T, Failure> {
    retry::with_session(settings, |session, _, _| Ok(question(&mut *session.modem)?))
}

/// Changes something on the server; JSON says what.
fn change(
    settings: &mut Settings,
    done: &impl Serialize,
    work: impl FnMut(&mut dyn FtpModem) -> ftp_modem::Result<()>,
) -> Result<(), Failure> {
    ask(settings, work)?;
    if settings.json { output::json(done) } else { Ok(()) }
}

//! The commands. Each runs on a link of its own.

use ftp_modem::FtpModem;
use ftp_modem::transfer::Needs;
use serde::Serialize;

use crate::args::Command;
use crate::cause::Aim;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::text::{iso, shown};
use crate::{at, cause, connection, get, info, listing, output, put, spool};

/// Runs `command`.
///
/// # Errors
/// The failure of the command.
pub fn run(settings: &Settings, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Info => info::run(settings),
        Command::At(at) => at::run(settings, at),
        Command::Ls { path } => listing::run(settings, path),
        Command::Get(get) => get::run(settings, get),
        Command::Put(put) => put::run(settings, put),
        Command::Cat { path } => get::print(settings, path),
        Command::Spool(arguments) => spool::run(settings, arguments),
        Command::Rm { path } => change(settings, Aim::Remove(path), &Changed { path }, |modem| modem.remove(path)),
        Command::Mkdir { path } => change(settings, Aim::Create(path), &Changed { path }, |modem| modem.mkdir(path)),
        Command::Rmdir { path } => {
            change(settings, Aim::RemoveDirectory(path), &Changed { path }, |modem| modem.rmdir(path))
        }
        Command::Mv { from, to } => {
            change(settings, Aim::Rename(from, to), &Moved { from, to }, |modem| modem.rename(from, to))
        }
        Command::Size { path } => {
            let size = query(settings, Aim::Query(path), |modem| modem.size(path))?;
            if settings.json { output::json(&Size { path, size }) } else { output::line(&size.to_string()) }
        }
        Command::Mtime { path } => {
            let modified = iso(&query(settings, Aim::Query(path), |modem| modem.modified(path))?);
            if settings.json { output::json(&Modified { path, modified }) } else { output::line(&modified) }
        }
        Command::Pwd => {
            let path = &connection::run(settings, Needs::Session, |modem, _| Ok(modem.pwd()?))?;
            if settings.json { output::json(&Changed { path }) } else { output::line(&shown(path)) }
        }
        // `main` runs these: they need no module, or open it themselves.
        Command::Doctor(_)
        | Command::Ports(_)
        | Command::Udev
        | Command::Completions { .. }
        | Command::Man
        | Command::Emulate(_) => Ok(()),
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

/// Runs `query` in a session, with retries.
fn query<T>(
    settings: &Settings,
    aim: Aim<'_>,
    mut query: impl FnMut(&mut dyn FtpModem) -> ftp_modem::Result<T>,
) -> Result<T, Failure> {
    connection::run(settings, Needs::Session, |modem, _| {
        query(modem).map_err(|error| cause::explained(modem, aim, error).into())
    })
}

/// Runs `work`, which changes something on the server, and prints `done` with `--json`.
fn change(
    settings: &Settings,
    aim: Aim<'_>,
    done: &impl Serialize,
    work: impl FnMut(&mut dyn FtpModem) -> ftp_modem::Result<()>,
) -> Result<(), Failure> {
    query(settings, aim, work)?;
    if settings.json { output::json(done) } else { Ok(()) }
}

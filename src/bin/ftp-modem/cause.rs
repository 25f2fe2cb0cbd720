//! The cause of a refusal, which servers and modules seldom state. It is queried after the failure: what succeeds costs
//! nothing.

use ftp_modem::modem::{Operation, Support};
use ftp_modem::{Error, ErrorKind, FtpModem};

use crate::pattern;

/// What was to be done with a path.
#[derive(Debug, Clone, Copy)]
pub enum Aim<'a> {
    /// Download a file.
    Read(&'a str),
    /// Query the size or the time of a file.
    Query(&'a str),
    /// Upload a file.
    Write(&'a str),
    /// Remove a file.
    Remove(&'a str),
    /// List a directory.
    List(&'a str),
    /// Create a directory.
    Create(&'a str),
    /// Remove a directory.
    RemoveDirectory(&'a str),
    /// Rename a file or directory.
    Rename(&'a str, &'a str),
}

/// What to do about an upload to a directory that is missing.
pub const CREATE: &str = "create it (put --mkdir, or ftp-modem mkdir), or check the path";

/// The cause and what to do next.
type Cause = (String, String);

/// Returns `error` with its cause, if it is a refusal whose cause module and server show.
pub fn explained(modem: &mut dyn FtpModem, aim: Aim<'_>, error: Error) -> Error {
    let kind = match (error.kind(), aim) {
        (kind @ (ErrorKind::Unavailable | ErrorKind::ServerRefused), _) => kind,
        // Some servers open the data connection before they look what the path is.
        (ErrorKind::DataConnection, Aim::Read(_)) if error.transferred() == Some(0) => ErrorKind::Unavailable,
        (ErrorKind::DataConnection | ErrorKind::Incomplete, Aim::Write(_)) => ErrorKind::Unavailable,
        _ => return error,
    };
    if !error.module_usable() {
        return error;
    }
    match cause(modem, aim) {
        Some((detail, advice)) => error.caused_by(kind, detail, advice),
        None => error,
    }
}

fn cause(modem: &mut dyn FtpModem, aim: Aim<'_>) -> Option<Cause> {
    let cause = |detail: String, advice: &str| Some((detail, advice.to_owned()));
    let is_a = |path: &str, what: &str| format!("{path:?} is a {what}");
    let missing = |what: &str, path: &str| format!("the server has no {what} {path:?}, or denies access to it");
    match aim {
        Aim::Read(path) if is_directory(modem, path) => Some((
            is_a(path, "directory"),
            format!("name a file, or '{}/*' for all files in it", path.trim_end_matches('/')),
        )),
        Aim::Read(path) if pattern::split(path).0.contains(['*', '?']) => {
            cause(missing("file", path), "* and ? stand for other characters only behind the last / of REMOTE")
        }
        Aim::Query(path) if is_directory(modem, path) => cause(is_a(path, "directory"), "name a file"),
        Aim::Remove(path) if is_directory(modem, path) => cause(is_a(path, "directory"), "use ftp-modem rmdir"),
        Aim::Write(path) if is_directory(modem, path) => {
            cause(is_a(path, "directory"), "name a file, or end REMOTE with / to upload into the directory")
        }
        Aim::Write(path) => {
            let parent = missing_parent(modem, path)?;
            cause(missing("directory", parent), CREATE)
        }
        Aim::List(path) if !is_directory(modem, path) && is_file(modem, path) => {
            cause(is_a(path, "file"), "name a directory; ftp-modem size shows the size of a file")
        }
        Aim::Create(path) if is_directory(modem, path) => {
            cause(format!("the directory {path:?} exists already"), "use it, or choose another name")
        }
        Aim::Create(path) if is_file(modem, path) => {
            cause(format!("a file {path:?} exists already"), "choose another name")
        }
        Aim::Create(path) => cause(missing("directory", missing_parent(modem, path)?), "create it first"),
        Aim::RemoveDirectory(path) if is_directory(modem, path) => cause(
            format!("the directory {path:?} exists, and perhaps still holds files"),
            "remove what is in it, and check the permissions on the server",
        ),
        Aim::RemoveDirectory(path) if is_file(modem, path) => cause(is_a(path, "file"), "use ftp-modem rm"),
        Aim::Rename(from, _) if !is_directory(modem, from) && !is_file(modem, from) => {
            cause(missing("file or directory", from), "check FROM")
        }
        Aim::Rename(_, to) if is_directory(modem, to) => {
            cause(format!("the directory {to:?} exists already"), "name TO within it, or choose another name")
        }
        Aim::Rename(_, to) if is_file(modem, to) => {
            cause(format!("a file {to:?} exists already"), "remove it first, or choose another name")
        }
        _ => None,
    }
}

/// Whether the module keeps the current directory, so that a change of directory shows whether there is one.
fn keeps_directory(modem: &dyn FtpModem) -> bool {
    modem.capabilities().support(Operation::Cwd) == Support::Native
}

/// Whether `path` is known to be a directory.
fn is_directory(modem: &mut dyn FtpModem, path: &str) -> bool {
    if keeps_directory(modem) {
        // Other files of this run may have relative paths.
        let Ok(current) = modem.pwd() else { return false };
        return modem.cwd(path).is_ok() && modem.cwd(&current).is_ok();
    }
    let name = pattern::split(path.trim_end_matches('/')).1;
    // The only row may be that of a file.
    modem.list(path).is_ok_and(|entries| !matches!(entries.as_slice(), [one] if one.name_lossy().ends_with(name)))
}

/// Returns the directory of `path`, if it is known to be missing.
fn missing_parent<'a>(modem: &mut dyn FtpModem, path: &'a str) -> Option<&'a str> {
    let parent = pattern::split(path.trim_end_matches('/')).0.trim_end_matches('/');
    // Where the driver keeps the directory itself, the query is a listing, which may be long.
    (!parent.is_empty() && keeps_directory(modem) && !is_directory(modem, parent)).then_some(parent)
}

/// Whether the server states the size of a file `path`.
fn is_file(modem: &mut dyn FtpModem, path: &str) -> bool {
    modem.size(path).is_ok()
}

//! The partial file beside the target, and the note that names the file of which it is a part.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::modem::Modified;

/// What the server states about a file: enough to detect that it was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Host, port and user, where the modem knows them.
    pub server: Option<String>,
    /// The path on the server: absolute, or as the caller gave it where that is not known to be the same place in
    /// another run.
    pub path: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// When it was last modified, where that was queried and the server states it.
    pub modified: Option<Modified>,
}

/// How every note begins.
const SIGNATURE: &str = "ftp-modem partial file of";

impl Fingerprint {
    /// The same file, at an unknown time.
    fn undated(&self) -> Self {
        Fingerprint { modified: None, ..self.clone() }
    }

    /// As a line of text; what is not known is `None`.
    fn line(&self) -> String {
        let Fingerprint { server, path, size, modified } = self;
        format!("{SIGNATURE} {server:?} {path:?}, size {size:?}, modified {modified:?}\n")
    }
}

/// Suffixes of the partial file and of its note.
const PART: &str = ".part";
const NOTE: &str = ".part.of";
/// The longer of the two, with room.
pub(super) const LONGEST_SUFFIX: usize = 10;

/// A partial file that is open.
pub(super) struct Opened {
    pub file: File,
    /// Whether all that is in it is of the file with the time of modification that its fingerprint states.
    pub is_dated: bool,
}

/// `name.part` beside the target `name`, with its note `name.part.of`.
pub(super) struct Partial {
    target: PathBuf,
    part: PathBuf,
    note: PathBuf,
}

impl Partial {
    /// The partial file of `target`. A link as target stays one: the file it points to is replaced.
    pub fn of(target: &Path) -> Self {
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let with = |suffix: &str| {
            let mut name: OsString = target.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let (part, note) = (with(PART), with(NOTE));
        Partial { target, part, note }
    }

    /// Opens it for reading and writing: as it is when it is a part of the file of `fingerprint`, else empty.
    ///
    /// A part of a file whose time of modification was not known then is one of the same file at any time.
    /// A file of that name that is not ours is left alone: then there is no download.
    pub fn open(&self, fingerprint: &Fingerprint, resume: bool) -> io::Result<Opened> {
        let note = fs::read_to_string(&self.note).unwrap_or_default();
        let is_ours = note.starts_with(SIGNATURE) && fs::symlink_metadata(&self.part).is_ok_and(|part| part.is_file());
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        if resume && is_ours {
            if note == fingerprint.line() {
                return Ok(Opened { file: options.open(&self.part)?, is_dated: fingerprint.modified.is_some() });
            }
            let file = options.open(&self.part)?;
            if note == fingerprint.undated().line() && file.metadata()?.len() > 0 {
                return Ok(Opened { file, is_dated: false });
            }
        }
        if is_ours {
            fs::remove_file(&self.part)?;
        }
        // Never through a link, and never over a file that somebody else made.
        let file = options.create_new(true).open(&self.part).map_err(|error| self.in_the_way(error))?;
        let written = replace(&self.note, fingerprint.line().as_bytes());
        written.inspect_err(|_| self.discard())?;
        Ok(Opened { file, is_dated: fingerprint.modified.is_some() })
    }

    fn in_the_way(&self, error: io::Error) -> io::Error {
        match error.kind() {
            io::ErrorKind::AlreadyExists => {
                let words = format!("{} is in the way and is not a partial file of this program", self.part.display());
                io::Error::new(error.kind(), words)
            }
            _ => error,
        }
    }

    /// Puts the complete file in the target's place.
    pub fn finish(&self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        fs::rename(&self.part, &self.target)?;
        // The file is in place; a note that stays behind belongs to no partial file and does no harm.
        let _ = fs::remove_file(&self.note);
        Ok(())
    }

    /// Removes a partial file that holds nothing.
    pub fn discard_if_empty(&self) {
        if fs::symlink_metadata(&self.part).is_ok_and(|part| part.is_file() && part.len() == 0) {
            self.discard();
        }
    }

    /// Removes it.
    pub fn discard(&self) {
        // What cannot be removed is not resumed either: one of the two is gone, or the next attempt says so.
        let _ = fs::remove_file(&self.part);
        let _ = fs::remove_file(&self.note);
    }
}

/// Replaces a small file, not through a link.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(content)
}

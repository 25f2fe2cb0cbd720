//! The partial file beside the target, and the note that names the whole file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use log::warn;

use super::fingerprint::{Fingerprint, SIGNATURE};
use super::lock;
use super::permissions::Permissions;
use crate::error::Error;

/// Suffixes of the partial file and of its note.
const PART: &str = ".part";
const NOTE: &str = ".part.of";
/// The longer of the two, with room.
pub(super) const LONGEST_SUFFIX: usize = 10;

/// `name.part` beside the target `name`, with its note `name.part.of`.
///
/// While a download lasts its partial file is locked, so that two downloads to one target do not share it.
pub(super) struct Partial {
    target: PathBuf,
    part: PathBuf,
    note: PathBuf,
    permissions: Permissions,
    /// The partial file, open and locked, once this download has opened it.
    held: Option<File>,
    /// Whether its note proves which file it belongs to, so that a later download can continue it.
    is_provable: bool,
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
        Partial { permissions: Permissions::of(&target), target, part, note, held: None, is_provable: false }
    }

    /// Whether this download has opened it: what is in it is of this download, or proven to be of the same file.
    pub fn is_open(&self) -> bool {
        self.held.is_some()
    }

    /// Opens it for reading and writing, and locks it: as it is where `resume` is wanted and it is known to be a part
    /// of the file of `fingerprint`, else empty.
    ///
    /// What an earlier attempt of this download has fetched is kept where the server states the same size, and no other
    /// time. Without a size, and for what another program run has fetched, only the same time of modification, to the
    /// second, proves that the file is the same.
    ///
    /// # Errors
    /// A file of that name, or of the note's, that is not ours is left alone: then there is no download. The same holds
    /// while another program downloads to the same target.
    pub fn open(&mut self, fingerprint: &Fingerprint, resume: bool) -> io::Result<File> {
        let note = self.read_note()?;
        let line = fingerprint.line();
        let (file, is_known) = match self.held.take() {
            Some(file) if is_at(&file, &self.part) => {
                let is_same = |note: &String| *note == line || *note == fingerprint.undated().line();
                (file, fingerprint.size.is_some() && note.as_ref().is_some_and(is_same))
            }
            _ if note.is_some() && fs::symlink_metadata(&self.part).is_ok_and(|part| part.is_file()) => {
                let mut options = OpenOptions::new();
                let file = lock::open(options.read(true).write(true), &self.permissions, &self.part)?;
                let file = file.ok_or_else(|| self.in_use())?;
                // Between opening and locking it another program may have finished it.
                if !is_at(&file, &self.part) || self.read_note()? != note {
                    return Err(self.in_use());
                }
                (file, false)
            }
            _ => (self.create()?, false),
        };
        let is_known = is_known || note.as_ref().is_some_and(|note| fingerprint.is_proven_by(note));
        let is_continued = resume && is_known;
        self.is_provable = fingerprint.is_proven_by(note.as_ref().filter(|_| is_continued).unwrap_or(&line));
        if !is_continued {
            if resume && file.metadata()?.len() > 0 {
                warn!(
                    "{}: {}; downloading the file from its start",
                    self.part.display(),
                    doubt(note.as_ref(), fingerprint)
                );
            }
            file.set_len(0)?;
            if note.as_ref() != Some(&line) {
                self.replace_note(&line).inspect_err(|_| self.remove(&file))?;
            }
        }
        let opened = file.try_clone()?;
        self.held = Some(file);
        Ok(opened)
    }

    /// Creates the partial file, never through a link, and never over a file that somebody else made.
    fn create(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let file = lock::open(&mut options, &self.permissions, &self.part).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists if lock::is_locked(&self.part) => self.in_use(),
            io::ErrorKind::AlreadyExists => in_the_way(&self.part),
            kind => io::Error::new(kind, format!("{}: {error}", self.part.display())),
        })?;
        file.ok_or_else(|| self.in_use())
    }

    fn in_use(&self) -> io::Error {
        let words = format!("another program is downloading to {}", self.target.display());
        io::Error::new(io::ErrorKind::ResourceBusy, words)
    }

    /// The note, where there is one.
    ///
    /// # Errors
    /// What is there is not a note of this program.
    fn read_note(&self) -> io::Result<Option<String>> {
        match fs::symlink_metadata(&self.note) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.is_file() => {}
            _ => return Err(in_the_way(&self.note)),
        }
        match fs::read(&self.note) {
            Ok(note) if note.starts_with(SIGNATURE.as_bytes()) => Ok(Some(String::from_utf8_lossy(&note).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            // Cut off while it was written.
            Ok(note) if SIGNATURE.as_bytes().starts_with(&note) => Ok(None),
            Ok(_) => Err(in_the_way(&self.note)),
        }
    }

    /// Replaces the note, not through a link.
    fn replace_note(&self, line: &str) -> io::Result<()> {
        match fs::remove_file(&self.note) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        self.permissions.open(options.write(true).create_new(true), &self.note)?.write_all(line.as_bytes())
    }

    /// Puts the complete file in the target's place.
    pub fn finish(&mut self) -> io::Result<()> {
        let Some(file) = self.held.take() else { return Err(io::ErrorKind::NotFound.into()) };
        self.permissions.restore(&file)?;
        file.sync_all()?;
        if !is_at(&file, &self.part) {
            let words = format!("another program has replaced {}", self.part.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, words));
        }
        fs::rename(&self.part, &self.target)?;
        // The file is in place; a note that stays behind belongs to no partial file and does no harm.
        let _ = fs::remove_file(&self.note);
        Ok(())
    }

    /// Ends a download that has failed with `error`: keeps the partial file where a later download can continue it,
    /// else removes it. The error says which. `can_resume`: had this been a download with `resume`, it could be kept.
    pub fn abandon(&mut self, error: Error, can_resume: bool) -> Error {
        let length = self.held.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |part| part.len());
        if length > 0 && self.is_provable {
            return error.explained_further(format!("{} is kept for resume (--resume)", self.part.display()));
        }
        self.discard();
        match (length, can_resume) {
            (0, _) => error,
            (_, true) => error.explained_further("what arrived is removed; resume (--resume) would keep it"),
            (_, false) => {
                error.explained_further("what arrived is removed, because nothing proves of which file it is")
            }
        }
    }

    /// Removes the partial file of this download.
    pub fn discard(&mut self) {
        if let Some(file) = self.held.take() {
            self.remove(&file);
        }
    }

    /// Removes the partial file, where it is still `file`, and its note.
    fn remove(&self, file: &File) {
        if is_at(file, &self.part) {
            // What cannot be removed is not resumed either: one of the two is gone, or the next attempt says so.
            let _ = fs::remove_file(&self.part);
            let _ = fs::remove_file(&self.note);
        }
    }
}

/// Whether `path` is the name of the open file, and not of another one that has taken its place.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => identity(open) == identity(named),
        _ => false,
    }
}

/// Whether there is a file of this name. The standard library cannot compare it with the open one here.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|named| named.is_file())
}

/// Why what is in the partial file is not a part of the file of `fingerprint`, as far as is known.
fn doubt(note: Option<&String>, fingerprint: &Fingerprint) -> &'static str {
    match note {
        Some(note) if fingerprint.is_undated_in(note) && fingerprint.is_exact => {
            "the earlier download was begun without resume, so that no time of the file was noted"
        }
        Some(note) if *note == fingerprint.line() || fingerprint.is_undated_in(note) => {
            "the server states no exact time that proves the file to be the same"
        }
        _ => "it is a part of another file, or of one that has another size or time by now",
    }
}

fn in_the_way(path: &Path) -> io::Error {
    let words = format!("{} is in the way and is not a partial file of this program", path.display());
    io::Error::new(io::ErrorKind::AlreadyExists, words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modem::{Modified, Precision};

    #[test]
    fn the_reason_why_a_partial_file_is_not_resumed_is_the_true_one() {
        let time = |minute| Modified {
            year: Some(2017),
            month: 5,
            day: 1,
            hour: 12,
            minute,
            second: 7,
            precision: Precision::Second,
        };
        let file = |path: &str, size, modified, is_exact| Fingerprint {
            server: Some("user@host:21".to_owned()),
            path: path.to_owned(),
            size: Some(size),
            modified,
            is_exact,
        };
        let begun_without = "the earlier download was begun without resume, so that no time of the file was noted";
        let no_exact_time = "the server states no exact time that proves the file to be the same";
        let another = "it is a part of another file, or of one that has another size or time by now";
        let exact = file("/a", 5, Some(time(30)), true);
        let vague = file("/a", 5, Some(time(30)), false);
        let none = file("/a", 5, None, false);
        let elsewhere = Fingerprint { server: Some("user@other:21".to_owned()), ..none.clone() };
        let cases = [
            // The file of the note, and the present one.
            (Some(none.clone()), &exact, begun_without),
            (Some(file("a", 5, None, false)), &exact, begun_without),
            (Some(file("/a", 6, None, false)), &exact, another),
            (Some(elsewhere), &exact, another),
            (Some(file("/a", 5, Some(time(31)), true)), &exact, another),
            (Some(file("/b", 5, Some(time(30)), true)), &exact, another),
            (None, &exact, another),
            (Some(vague.clone()), &vague, no_exact_time),
            (Some(none.clone()), &none, no_exact_time),
            // Neither begun with resume nor without would it be proven.
            (Some(none.clone()), &vague, no_exact_time),
            (Some(file("a", 5, None, false)), &none, no_exact_time),
        ];
        for (noted, now, reason) in cases {
            let note = noted.as_ref().map(Fingerprint::line);
            assert_eq!(doubt(note.as_ref(), now), reason, "{noted:?}, {now:?}");
        }
    }
}

//! The partial file beside the target, and the note that names the whole file.

mod folder;
mod note;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use log::warn;

use self::note::{Note, Noted};
use super::fingerprint::Fingerprint;
use super::lock;
use super::permissions::Permissions;
use crate::error::Error;

/// Suffix of the partial file.
const PART: &str = ".part";
/// The longest suffix, that of the note's draft, with room.
pub(super) const LONGEST_SUFFIX: usize = 10;

/// `name.part` beside the target `name`, with its note `name.part.of`.
///
/// While a download lasts its partial file is locked, so that two downloads to one target do not share it.
pub(super) struct Partial {
    target: PathBuf,
    part: PathBuf,
    note: Note,
    permissions: Permissions,
    /// The partial file, open and locked, once this download has opened it.
    held: Option<File>,
    /// Whether its note proves which file it belongs to, so that a later download can continue it.
    is_provable: bool,
    /// Whether it is the complete file, on the disk, and only the target's name was refused.
    is_complete: bool,
}

impl Partial {
    /// The partial file of `target`. A link as target stays one: the file it points to is replaced, or created.
    ///
    /// # Errors
    /// The link leads nowhere.
    pub fn of(target: &Path) -> io::Result<Self> {
        let target = folder::resolved(target)?;
        let (part, note, permissions) = (with_suffix(&target, PART), Note::of(&target), Permissions::of(&target));
        Ok(Partial { permissions, target, part, note, held: None, is_provable: false, is_complete: false })
    }

    /// Whether this download has opened it. Its bytes are then of this download, or proven to be of the same file.
    pub fn is_open(&self) -> bool {
        self.held.is_some()
    }

    /// Opens it for reading and writing, and locks it. It keeps its bytes if `resume` is set and it is known to be a
    /// part of the file of `fingerprint`; otherwise it is emptied.
    ///
    /// The bytes of an earlier attempt of this download are kept if the server states the same size and no other time.
    /// Without a size, and for the bytes of another program run, only the same time of modification, to the second,
    /// proves that the file is the same.
    ///
    /// # Errors
    /// A file of that name, or of the note's, that is not ours is left alone: then there is no download. The same holds
    /// while another program downloads to the same target.
    pub fn open(&mut self, fingerprint: &Fingerprint, resume: bool) -> io::Result<File> {
        let noted = self.note.read()?;
        let line = fingerprint.line();
        let (file, is_known) = match self.held.take() {
            Some(file) if is_at(&file, &self.part) => {
                let is_same = |note: &String| *note == line || *note == fingerprint.undated().line();
                (file, fingerprint.size.is_some() && noted.line().is_some_and(is_same))
            }
            _ => match self.take_over(&noted)? {
                Some(file) => (file, false),
                None => (self.create()?, false),
            },
        };
        let is_known = is_known || noted.line().is_some_and(|note| fingerprint.is_proven_by(note));
        let is_continued = resume && is_known;
        self.is_provable = fingerprint.is_proven_by(noted.line().filter(|_| is_continued).unwrap_or(&line));
        if !is_continued {
            self.empty(&file, &noted, fingerprint, resume)?;
        }
        let opened = file.try_clone()?;
        self.held = Some(file);
        Ok(opened)
    }

    /// Opens and locks a partial file that an earlier run has left: one that has a note, and an empty one, from between
    /// the creation of the two.
    fn take_over(&self, noted: &Noted) -> io::Result<Option<File>> {
        let is_ours = |part: &fs::Metadata| part.is_file() && (*noted != Noted::Nothing || part.len() == 0);
        if !fs::symlink_metadata(&self.part).is_ok_and(|part| is_ours(&part)) {
            return Ok(None);
        }
        let file = lock::open(OpenOptions::new().read(true).write(true), &self.permissions, &self.part)?;
        let file = file.ok_or_else(|| self.in_use())?;
        // Between opening and locking it another program may have finished it.
        let is_same = is_at(&file, &self.part) && self.note.read()? == *noted && is_ours(&file.metadata()?);
        if is_same { Ok(Some(file)) } else { Err(self.in_use()) }
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

    /// Makes `file` an empty part of the file of `fingerprint`.
    fn empty(&self, file: &File, noted: &Noted, fingerprint: &Fingerprint, resume: bool) -> io::Result<()> {
        let line = fingerprint.line();
        let has_other_note = noted.line() != Some(&line);
        if file.metadata()?.len() > 0 {
            if resume {
                let why = doubt(noted.line(), fingerprint);
                warn!("{}: {why}; downloading the file from its start", self.part.display());
            }
            file.set_len(0)?;
            if has_other_note {
                // Or after a power cut the new note may be found beside the old bytes.
                file.sync_all()?;
            }
        }
        if has_other_note {
            self.note.write(&line, &self.permissions).inspect_err(|_| self.remove(file))?;
        }
        Ok(())
    }

    fn in_use(&self) -> io::Error {
        let words = format!("another program is downloading to {}", self.target.display());
        io::Error::new(io::ErrorKind::ResourceBusy, words)
    }

    /// Puts the complete file in the target's place, and on the disk.
    pub fn finish(&mut self) -> io::Result<()> {
        let Some(file) = &self.held else { return Err(io::ErrorKind::NotFound.into()) };
        self.permissions.restore(file)?;
        file.sync_all()?;
        if !is_at(file, &self.part) {
            self.held = None;
            let words = format!("another program has replaced {}", self.part.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, words));
        }
        if let Err(error) = fs::rename(&self.part, &self.target) {
            self.is_complete = true;
            return Err(io::Error::new(error.kind(), format!("{}: {error}", self.target.display())));
        }
        self.held = None;
        self.note.remove();
        folder::sync(&self.target)
    }

    /// Ends a download that has failed with `error`. It keeps the partial file if a later download can continue it, and
    /// removes it otherwise. The error says which. `can_resume`: a download with `resume` could have kept it.
    pub fn abandon(&mut self, error: Error, can_resume: bool) -> Error {
        let length = self.held.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |part| part.len());
        if self.is_complete {
            let (part, target) = (self.part.display(), self.target.display());
            return error.explained_further(format!("the complete file is {part}: rename it to {target}"));
        }
        if length > 0 && self.is_provable {
            return error.explained_further(format!("{} is kept for resume (--resume)", self.part.display()));
        }
        self.discard();
        match (length, can_resume) {
            (0, _) => error,
            (_, true) => error.explained_further("what arrived is removed; resume (--resume) would keep it"),
            (_, false) => {
                error.explained_further("what arrived is removed, because nothing proves which file it belongs to")
            }
        }
    }

    /// Removes the partial file of this download.
    pub fn discard(&mut self) {
        if let Some(file) = self.held.take() {
            self.remove(&file);
        }
    }

    /// Removes the partial file and its note, if the partial file is still `file`.
    fn remove(&self, file: &File) {
        if is_at(file, &self.part) {
            // What cannot be removed is not resumed either: one of the two is gone, or the next attempt says so.
            let _ = fs::remove_file(&self.part);
            self.note.remove();
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

/// The reason why the partial file is not known to be a part of the file of `fingerprint`.
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

/// `path` with `suffix` behind its name.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
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

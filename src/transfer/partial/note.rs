//! The note beside a partial file. It names the whole file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::fingerprint::SIGNATURE;
use super::super::permissions::Permissions;
use super::{folder, in_the_way, with_suffix};

/// Suffix of the note, and of its draft.
const NOTE: &str = ".part.of";
const DRAFT: &str = ".part.of~";

/// The content of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Noted {
    /// There is no note.
    Nothing,
    /// There is a note of this program that a power cut has cut off.
    CutOff,
    /// The line that names the file.
    Line(String),
}

impl Noted {
    /// Returns the line that names the file; `None` without a complete one.
    pub fn line(&self) -> Option<&String> {
        match self {
            Noted::Line(line) => Some(line),
            Noted::Nothing | Noted::CutOff => None,
        }
    }
}

/// The note `name.part.of` of the target `name`.
///
/// It is replaced as a whole: the new line is written to `name.part.of~`, synced and renamed. Whenever the partial file
/// has a byte, the note is on the disk, and names the file of this byte; only the one who holds the lock of the partial
/// file writes it. A crash leaves at most an empty partial file without a note, or a draft.
pub(super) struct Note {
    path: PathBuf,
    draft: PathBuf,
}

impl Note {
    /// The note beside `target`.
    pub fn of(target: &Path) -> Self {
        Note { path: with_suffix(target, NOTE), draft: with_suffix(target, DRAFT) }
    }

    /// Reads the note.
    ///
    /// # Errors
    /// A file of that name is not a note of this program.
    pub fn read(&self) -> io::Result<Noted> {
        read(&self.path)
    }

    /// Replaces the note, not through a link.
    ///
    /// # Errors
    /// A file with the name of the draft is not a draft of this program.
    pub fn write(&self, line: &str, permissions: &Permissions) -> io::Result<()> {
        if read(&self.draft)? != Noted::Nothing {
            fs::remove_file(&self.draft)?;
        }
        let mut options = OpenOptions::new();
        let mut draft = permissions.open(options.write(true).create_new(true), &self.draft)?;
        let written = draft.write_all(line.as_bytes()).and_then(|()| draft.sync_all());
        drop(draft);
        let renamed = written.and_then(|()| fs::rename(&self.draft, &self.path));
        if renamed.is_err() {
            // The next run recognises a draft that cannot be removed.
            let _ = fs::remove_file(&self.draft);
        }
        renamed.and_then(|()| folder::sync(&self.path))
    }

    /// Removes the note. One that stays behind belongs to no partial file and does no harm.
    pub fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn read(path: &Path) -> io::Result<Noted> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Noted::Nothing),
        Ok(found) if found.is_file() => {}
        _ => return Err(in_the_way(path)),
    }
    let signature = SIGNATURE.as_bytes();
    match fs::read(path) {
        Ok(note) if note.starts_with(signature) => Ok(Noted::Line(String::from_utf8_lossy(&note).into_owned())),
        Ok(note) if signature.starts_with(&note) => Ok(Noted::CutOff),
        Ok(_) => Err(in_the_way(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Noted::Nothing),
        Err(error) => Err(error),
    }
}

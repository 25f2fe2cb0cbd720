//! The partial file beside the target, and the note that says what it is a part of.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::modem::Modified;

/// What the server says of a file: enough to notice that it is another one by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// The path on the server.
    pub path: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// When it was last modified, where the dialect can tell.
    pub modified: Option<Modified>,
}

impl Fingerprint {
    /// As a line of text; what cannot be told stands as `None`.
    fn line(&self) -> String {
        format!("ftp-modem partial file of {:?}, size {:?}, modified {:?}\n", self.path, self.size, self.modified)
    }
}

/// `name.part` beside the target `name`, with its note `name.part.of`.
pub(super) struct Partial {
    target: PathBuf,
    part: PathBuf,
    note: PathBuf,
}

impl Partial {
    pub fn of(target: &Path) -> Self {
        let with = |suffix: &str| {
            let mut name: OsString = target.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        Partial { target: target.to_owned(), part: with(".part"), note: with(".part.of") }
    }

    /// Opens it for reading and writing: as it is when it is a part of the file of `fingerprint`, else empty.
    pub fn open(&self, fingerprint: &Fingerprint, resume: bool) -> io::Result<File> {
        let known = fs::read_to_string(&self.note).is_ok_and(|note| note == fingerprint.line());
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        if resume && known {
            return options.truncate(false).open(&self.part);
        }
        // The note goes first and comes last: a partial file never has the note of another file.
        self.remove_note()?;
        let file = options.truncate(true).open(&self.part)?;
        let mut note = File::create(&self.note)?;
        note.write_all(fingerprint.line().as_bytes())?;
        Ok(file)
    }

    /// Puts the complete file in the target's place.
    pub fn finish(&self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        fs::rename(&self.part, &self.target)?;
        self.remove_note()
    }

    /// Removes it.
    pub fn discard(&self) {
        // Nothing depends on it: without its note it is not resumed.
        let _ = self.remove_note();
        let _ = fs::remove_file(&self.part);
    }

    fn remove_note(&self) -> io::Result<()> {
        match fs::remove_file(&self.note) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

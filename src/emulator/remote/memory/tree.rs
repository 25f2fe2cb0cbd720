//! The tree of files and directories, and what is preset about it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use super::operation::Operation;
use super::trouble::Trouble;
use crate::emulator::{Listing, RemoteError};

/// The time of last change of every file.
pub(super) const MODIFIED: &str = "20240722040900";
/// The size of every directory, where one is told.
pub(super) const DIRECTORY_SIZE: u64 = 4096;
/// The same as [`MODIFIED`] in a long listing.
const MODIFIED_LONG: &str = "Jul 22 04:09";

#[derive(Default)]
pub(super) struct State {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) directories: BTreeSet<String>,
    pub(super) users: BTreeMap<String, String>,
    pub(super) unknown_hosts: BTreeSet<String>,
    pub(super) refused_ports: BTreeSet<u16>,
    pub(super) failures: VecDeque<(Operation, RemoteError)>,
    pub(super) listings: BTreeMap<String, Vec<u8>>,
    pub(super) download_breaks_at: Option<u64>,
    pub(super) capacity: Option<usize>,
    /// `SIZE` and `MDTM` answer for directories, too.
    pub(super) sizes_directories: bool,
    pub(super) sessions: usize,
    pub(super) trouble: Trouble,
}

impl State {
    pub(super) fn fail(&mut self, operation: Operation) -> Result<(), RemoteError> {
        let found = self.failures.iter().position(|(failing, _)| *failing == operation);
        match found.and_then(|index| self.failures.remove(index)) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }

    pub(super) fn is_directory(&self, path: &str) -> bool {
        path == "/" || self.directories.contains(path)
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.is_directory(path) || self.files.contains_key(path)
    }

    /// Direct entries of a directory: name and size, `None` for directories.
    pub(super) fn entries(&self, path: &str) -> Vec<(String, Option<usize>)> {
        let files = self.files.iter().map(|(name, content)| (name, Some(content.len())));
        let directories = self.directories.iter().map(|name| (name, None));
        let mut entries: Vec<_> = directories
            .chain(files)
            .filter(|(name, _)| parent(name) == path)
            .map(|(name, size)| (leaf(name).to_owned(), size))
            .collect();
        entries.sort();
        entries
    }

    pub(super) fn listing(&self, path: &str, listing: Listing) -> Result<Vec<u8>, RemoteError> {
        if let Some(preset) = self.listings.get(path) {
            return Ok(preset.clone());
        }
        let entries = match self.files.get(path) {
            Some(content) => vec![(leaf(path).to_owned(), Some(content.len()))],
            None if self.is_directory(path) => self.entries(path),
            None => return Err(missing()),
        };
        let mut text = String::new();
        for (name, size) in entries {
            let bytes = size.map_or(DIRECTORY_SIZE, |size| size as u64);
            let written = match (listing, size) {
                (Listing::Names, _) => write!(text, "{name}\r\n"),
                (Listing::Long, Some(_)) => {
                    write!(text, "-rw-r--r--    1 ftp      ftp      {bytes:>8} {MODIFIED_LONG} {name}\r\n")
                }
                (Listing::Long, None) => {
                    write!(text, "drwxr-xr-x    2 ftp      ftp      {bytes:>8} {MODIFIED_LONG} {name}\r\n")
                }
                (Listing::Facts, Some(_)) => {
                    write!(text, "type=file;size={bytes};modify={MODIFIED}; {name}\r\n")
                }
                (Listing::Facts, None) => write!(text, "type=dir;modify={MODIFIED}; {name}\r\n"),
            };
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
        }
        Ok(text.into_bytes())
    }
}

pub(super) fn missing() -> RemoteError {
    RemoteError::reply(550, "No such file or directory.")
}

pub(super) fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

fn leaf(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, leaf)| leaf)
}

/// `path` as seen from `directory`, without `.`, `..` and doubled slashes.
pub(super) fn resolve(directory: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") };
    let mut parts = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

//! The tree of files and directories, and what is preset about it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::habits::{Habits, ListRows, is_pattern, matches, refuse};
use super::operation::Operation;
use super::trouble::Trouble;
use crate::emulator::{Listing, RemoteError, name};

/// The time of last change of every file.
pub(super) const MODIFIED: &str = "20240722040900";
/// The size of every directory, where one is printed.
pub(super) const DIRECTORY_SIZE: u64 = 4096;
/// Links are followed so far, as where they lead in a circle.
const LINKS: u32 = 8;
/// The same as [`MODIFIED`] in a long listing.
const MODIFIED_LONG: &str = "Jul 22 04:09";

#[derive(Default)]
pub(super) struct State {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) directories: BTreeSet<String>,
    /// Symbolic links, and what they point to.
    pub(super) links: BTreeMap<String, String>,
    pub(super) users: BTreeMap<String, String>,
    pub(super) unknown_hosts: BTreeSet<String>,
    pub(super) refused_ports: BTreeSet<u16>,
    pub(super) failures: VecDeque<(Operation, RemoteError)>,
    pub(super) listings: BTreeMap<String, Vec<u8>>,
    pub(super) download_breaks_at: Option<u64>,
    pub(super) sessions: usize,
    /// Files that have been taken away, with their paths.
    pub(super) taken: Vec<(String, Vec<u8>)>,
    pub(super) trouble: Trouble,
    pub(super) habits: Habits,
}

/// What a directory has under a name.
pub(super) enum Entry<'a> {
    File(u64),
    Directory,
    Link(&'a str),
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
        self.is_directory(path) || self.files.contains_key(path) || self.links.contains_key(path)
    }

    /// An upload is complete.
    pub(super) fn complete(&mut self, path: &str) {
        self.habits.uploaded(path);
        if self.habits.is_taken(parent(path))
            && let Some(content) = self.files.remove(path)
        {
            self.taken.push((path.to_owned(), content));
        }
    }

    /// The path without links in it.
    pub(super) fn follow(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            let link = self.links.iter().find_map(|(link, target)| {
                let rest = path.strip_prefix(link.as_str())?;
                (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", resolve(parent(link), target)))
            });
            match link {
                Some(followed) => path = followed,
                None => break,
            }
        }
        path
    }

    /// Direct entries of a directory with their names.
    pub(super) fn entries(&self, path: &str) -> Vec<(String, Entry<'_>)> {
        let files = self.files.iter().map(|(name, content)| (name, Entry::File(content.len() as u64)));
        let directories = self.directories.iter().map(|name| (name, Entry::Directory));
        let links = self.links.iter().map(|(name, target)| (name, Entry::Link(target)));
        let mut entries: Vec<_> = directories
            .chain(files)
            .chain(links)
            .filter(|(name, _)| parent(name) == path)
            .map(|(name, entry)| (leaf(name).to_owned(), entry))
            .collect();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        entries
    }

    /// What is listed for `path`, which the client has written as `asked`.
    pub(super) fn listing(&self, path: &str, asked: &str, listing: Listing) -> Result<Vec<u8>, RemoteError> {
        if let Some(preset) = self.listings.get(path) {
            return Ok(preset.clone());
        }
        let (entries, is_directory) = self.listed(path, asked, listing)?;
        let shown = match self.habits.rows {
            ListRows::Paths if is_directory && !asked.is_empty() => format!("{}/", asked.trim_end_matches('/')),
            ListRows::Paths if asked.contains('/') => format!("{}/", parent(asked)),
            _ => String::new(),
        };
        let mut text = String::new();
        for (name, entry) in entries {
            text.push_str(&self.row(&format!("{shown}{name}"), &entry, listing));
        }
        Ok(name::to_bytes(&text))
    }

    /// The entries to list, and whether they are those of a directory.
    fn listed(
        &self,
        path: &str,
        asked: &str,
        listing: Listing,
    ) -> Result<(Vec<(String, Entry<'_>)>, bool), RemoteError> {
        if self.habits.matches_patterns && is_pattern(asked) && listing != Listing::Facts {
            let mut entries = self.entries(parent(path));
            entries.retain(|(name, _)| matches(leaf(path), name));
            if !entries.is_empty() {
                return Ok((entries, false));
            }
        } else if let Some(target) = self.links.get(path) {
            return Ok((vec![(leaf(path).to_owned(), Entry::Link(target))], false));
        } else if let Some(content) = self.files.get(&self.follow(path)) {
            refuse(self.habits.refuses_file_lists)?;
            return Ok((vec![(leaf(path).to_owned(), Entry::File(content.len() as u64))], false));
        } else if self.is_directory(&self.follow(path)) {
            return Ok((self.entries(&self.follow(path)), true));
        }
        if self.habits.lists_missing_as_empty { Ok((Vec::new(), true)) } else { Err(missing()) }
    }

    fn row(&self, name: &str, entry: &Entry<'_>, listing: Listing) -> String {
        let (kind, mode, bytes) = match entry {
            Entry::File(bytes) => ("file", "-rw-r--r--    1", *bytes),
            Entry::Directory => ("dir", "drwxr-xr-x    2", DIRECTORY_SIZE),
            // A link's own size is the length of the path it holds.
            Entry::Link(target) => ("OS.unix=symlink", "lrwxrwxrwx    1", target.len() as u64),
        };
        let target = match entry {
            Entry::Link(target) => format!(" -> {target}"),
            Entry::File(_) | Entry::Directory => String::new(),
        };
        match (listing, entry) {
            (Listing::Names, _) => format!("{name}\r\n"),
            (Listing::Long, _) if self.habits.rows == ListRows::Tabs => {
                let mode = mode.split_whitespace().collect::<Vec<_>>().join("\t");
                format!("{mode}\tftp\tftp\t{bytes}\t{MODIFIED_LONG}\t{name}{target}\r\n")
            }
            (Listing::Long, _) => {
                format!("{mode} ftp      ftp      {bytes:>8} {MODIFIED_LONG} {name}{target}\r\n")
            }
            (Listing::Facts, Entry::File(_)) => format!("type={kind};size={bytes};modify={MODIFIED}; {name}\r\n"),
            (Listing::Facts, _) => format!("type={kind};modify={MODIFIED}; {name}\r\n"),
        }
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

//! Listings, as the habits of the server want them.

use super::habits::{ListRows, is_pattern, matches, refuse};
use super::state::{State, missing};
use super::tree::{Entry, leaf, parent};
use crate::emulator::{Listing, RemoteError, name};

/// The time of last change of every file.
pub(super) const MODIFIED: &str = "20240722040900";
/// The same as [`MODIFIED`] in a long listing.
const MODIFIED_LONG: &str = "Jul 22 04:09";
/// The size of every directory, where one is printed.
pub(super) const DIRECTORY_SIZE: u64 = 4096;

impl State {
    /// Returns the listing of `path`, which the client has written as `asked`.
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

    /// Returns the entries to list, and whether they are those of a directory.
    fn listed(
        &self,
        path: &str,
        asked: &str,
        listing: Listing,
    ) -> Result<(Vec<(String, Entry<'_>)>, bool), RemoteError> {
        if self.habits.matches_patterns && is_pattern(asked) && listing != Listing::Facts {
            let mut entries = self.tree.entries(parent(path));
            entries.retain(|(name, _)| matches(leaf(path), name));
            if !entries.is_empty() {
                return Ok((entries, false));
            }
        } else if let Some(target) = self.tree.link(path) {
            return Ok((vec![(leaf(path).to_owned(), Entry::Link(target))], false));
        } else if let Some(content) = self.tree.file(&self.tree.follow(path)) {
            refuse(self.habits.refuses_file_lists)?;
            return Ok((vec![(leaf(path).to_owned(), Entry::File(content.len() as u64))], false));
        } else if self.tree.is_directory(&self.tree.follow(path)) {
            return Ok((self.tree.entries(&self.tree.follow(path)), true));
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

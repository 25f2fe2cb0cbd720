//! Files, directories and symbolic links.

use std::collections::{BTreeMap, BTreeSet};

/// The longest chain of links that is followed: links may lead in a circle.
const LINKS: u32 = 8;

/// A tree of files and directories.
///
/// A path is absolute, as [`resolve`] returns it. The root is a directory that always exists. Nothing here checks
/// whether a server would allow a change.
#[derive(Default)]
pub(super) struct Tree {
    files: BTreeMap<String, Vec<u8>>,
    directories: BTreeSet<String>,
    /// Symbolic links, and what they point to.
    links: BTreeMap<String, String>,
}

/// What a directory has under a name.
pub(super) enum Entry<'a> {
    /// A file of this size.
    File(u64),
    Directory,
    /// A link to this path.
    Link(&'a str),
}

impl Tree {
    /// Puts a file there, with the directories above it.
    pub(super) fn put(&mut self, path: String, content: Vec<u8>) {
        self.add_directories(parent(&path));
        self.files.insert(path, content);
    }

    /// Makes a directory and the ones above it.
    pub(super) fn add_directories(&mut self, path: &str) {
        let mut path = path;
        while path != "/" {
            self.directories.insert(path.to_owned());
            path = parent(path);
        }
    }

    /// Makes a link, with the directories above it.
    pub(super) fn add_link(&mut self, path: String, target: &str) {
        self.add_directories(parent(&path));
        self.links.insert(path, target.to_owned());
    }

    /// Makes a directory.
    pub(super) fn make_directory(&mut self, path: String) {
        self.directories.insert(path);
    }

    /// Removes a directory and returns whether there was one.
    pub(super) fn remove_directory(&mut self, path: &str) -> bool {
        self.directories.remove(path)
    }

    /// Returns the paths of all files.
    pub(super) fn files(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    pub(super) fn file(&self, path: &str) -> Option<&Vec<u8>> {
        self.files.get(path)
    }

    /// Returns the content of a file, to be changed. A file that does not exist is made.
    pub(super) fn file_mut(&mut self, path: &str) -> &mut Vec<u8> {
        self.files.entry(path.to_owned()).or_default()
    }

    pub(super) fn remove_file(&mut self, path: &str) -> Option<Vec<u8>> {
        self.files.remove(path)
    }

    /// Removes a link or else a file, and returns whether there was one.
    pub(super) fn remove(&mut self, path: &str) -> bool {
        self.links.remove(path).is_some() || self.files.remove(path).is_some()
    }

    /// Moves a link, or else a file, or else a directory with the files in it.
    pub(super) fn rename(&mut self, from: &str, to: String) {
        if let Some(target) = self.links.remove(from) {
            self.links.insert(to, target);
        } else if let Some(content) = self.files.remove(from) {
            self.files.insert(to, content);
        } else {
            let moved = |name: &str| match name.strip_prefix(from) {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{to}{rest}"),
                _ => name.to_owned(),
            };
            self.directories = self.directories.iter().map(|name| moved(name)).collect();
            let files = std::mem::take(&mut self.files);
            self.files = files.into_iter().map(|(name, content)| (moved(&name), content)).collect();
        }
    }

    /// Returns the target of a link.
    pub(super) fn link(&self, path: &str) -> Option<&str> {
        self.links.get(path).map(String::as_str)
    }

    pub(super) fn is_directory(&self, path: &str) -> bool {
        path == "/" || self.directories.contains(path)
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.is_directory(path) || self.files.contains_key(path) || self.links.contains_key(path)
    }

    /// Returns the path without links in it.
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

    /// Returns the direct entries of a directory with their names, in order.
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
}

pub(super) fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

pub(super) fn leaf(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, leaf)| leaf)
}

/// Returns `path` as seen from `directory`, without `.`, `..` and doubled slashes.
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

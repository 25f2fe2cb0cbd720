//! What a server does its own way, within or beyond what RFC 959 and RFC 3659 allow.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::resolve;
use crate::emulator::RemoteError;

/// An answer to `SIZE` other than the size of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FalseSize {
    /// The remainder of the size divided by this number: 65536 for a server that counts with 16 bits.
    Modulo(u64),
    /// Less than the size by this. The result may be negative, as of a server that counts with 32 bits and a sign.
    Less(u64),
    /// More than the size by this.
    More(u64),
    /// This reply code, such as 500, 502 or 550.
    Refused(u16),
}

/// How the rows of `LIST` look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListRows {
    /// As `ls -l` prints them.
    #[default]
    Long,
    /// With tabs between the columns.
    Tabs,
    /// Each name with the path that was asked for in front: `dir/f.bin`.
    Paths,
}

/// What a [`MemoryServer`](crate::emulator::MemoryServer) does its own way, in all sessions. Default: as most servers.
#[derive(Default)]
#[non_exhaustive]
pub struct Habits {
    /// How the rows of `LIST` look.
    pub rows: ListRows,
    /// `LIST`, `NLST` and `MLSD` list the working directory, whatever they are asked for.
    pub ignores_list_argument: bool,
    /// The reply that refuses to list files; directories are listed.
    pub refuses_file_lists: Option<u16>,
    /// `LIST` and `NLST` take their argument for a pattern, so that a file named `a[1].bin` is not found by it.
    pub matches_patterns: bool,
    /// The listing of what is missing is empty (`226`) instead of a refusal (`550`).
    pub lists_missing_as_empty: bool,
    /// Every listing that has rows repeats them without end. China Mobile and generic modules read a listing as a
    /// whole: they pass on its beginning.
    pub lists_endlessly: bool,
    /// `SIZE` and `MDTM` answer for directories, too, as some servers do.
    pub sizes_directories: bool,
    /// The reply that refuses `REST`, wherever an offset is given.
    pub refuses_restart: Option<u16>,
    /// The reply that refuses `APPE`.
    pub refuses_append: Option<u16>,
    /// The size beyond which no file can grow: the disk is full (reply 452).
    pub largest_file: Option<usize>,
    /// Answers to `SIZE` by path; `*` means every file.
    sizes: BTreeMap<String, FalseSize>,
    /// The same from the next upload of the file on.
    sizes_after_upload: BTreeMap<String, FalseSize>,
    /// What is appended to a file once its size has been asked for.
    pub(super) growth: BTreeMap<String, Vec<u8>>,
    /// Directories whose files are taken away as soon as they are complete.
    inboxes: BTreeSet<String>,
}

impl Habits {
    /// Sets what `SIZE` of `path` answers; `*` means every file.
    pub fn answer_size(&mut self, path: &str, answer: FalseSize) {
        self.sizes.insert(named(path), answer);
    }

    /// Sets what `SIZE` of `path` answers once an upload of it is complete; `*` means every file.
    pub fn answer_size_after_upload(&mut self, path: &str, answer: FalseSize) {
        self.sizes_after_upload.insert(named(path), answer);
    }

    /// Lets a file grow by `bytes` behind the next `SIZE` of it.
    pub fn grow_after_size(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.growth.insert(resolve("/", path), bytes.into());
    }

    /// Takes away every file of a directory as soon as its upload is complete, as the inbox of a program does.
    pub fn take_uploads(&mut self, directory: &str) {
        self.inboxes.insert(resolve("/", directory));
    }

    /// Returns the answer to `SIZE` of a file of `length` bytes.
    pub(super) fn size(&self, path: &str, length: u64) -> Result<i128, RemoteError> {
        let truth = i128::from(length);
        let Some(answer) = self.sizes.get(path).or_else(|| self.sizes.get("*")) else {
            return Ok(truth);
        };
        Ok(match *answer {
            FalseSize::Modulo(divisor) => truth.checked_rem(divisor.into()).unwrap_or(truth),
            FalseSize::Less(less) => truth.saturating_sub(less.into()),
            FalseSize::More(more) => truth.saturating_add(more.into()),
            FalseSize::Refused(code) => return Err(RemoteError::reply(code, "SIZE not allowed.")),
        })
    }

    /// Notes that an upload is complete.
    pub(super) fn uploaded(&mut self, path: &str) {
        let answer = self.sizes_after_upload.get(path).or_else(|| self.sizes_after_upload.get("*"));
        if let Some(answer) = answer.copied() {
            self.sizes.insert(path.to_owned(), answer);
        }
    }

    /// Whether complete files in `directory` are taken away.
    pub(super) fn is_taken(&self, directory: &str) -> bool {
        self.inboxes.contains(directory)
    }
}

/// Returns the path, or `*` as it is.
fn named(path: &str) -> String {
    if path == "*" { path.to_owned() } else { resolve("/", path) }
}

/// Refuses with `code`, if there is one.
pub(super) fn refuse(code: Option<u16>) -> Result<(), RemoteError> {
    code.map_or(Ok(()), |code| Err(RemoteError::reply(code, "Command not implemented.")))
}

/// Whether `name` matches `pattern`, with `*`, `?` and `[…]` as in a shell.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    let mut name_rest = name.chars();
    let Some(first) = rest.next() else {
        return name.is_empty();
    };
    match first {
        '*' => name
            .char_indices()
            .map(|(index, _)| index)
            .chain([name.len()])
            .any(|index| name.get(index..).is_some_and(|name| matches(rest.as_str(), name))),
        '[' => {
            let Some((set, behind)) = rest.as_str().split_once(']') else {
                return name_rest.next() == Some('[') && matches(rest.as_str(), name_rest.as_str());
            };
            name_rest.next().is_some_and(|letter| set.contains(letter)) && matches(behind, name_rest.as_str())
        }
        '?' => name_rest.next().is_some() && matches(rest.as_str(), name_rest.as_str()),
        _ => name_rest.next() == Some(first) && matches(rest.as_str(), name_rest.as_str()),
    }
}

/// Whether a path has a character that makes it a pattern.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_a_shell() {
        let cases = [
            ("a[1].bin", "a1.bin", true),
            ("a[1].bin", "a[1].bin", false),
            ("*.bin", "a.bin", true),
            ("*.bin", "a.bin2", false),
            ("?", "ä", true),
            ("?", "", false),
            ("[", "[", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXc", false),
        ];
        for (pattern, name, does) in cases {
            assert_eq!(matches(pattern, name), does, "{pattern} {name}");
        }
    }
}

//! One line of a directory listing, understood.

use std::borrow::Cow;

/// What a directory entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, pipe, socket, or a line that could not be understood.
    Other,
}

/// How exactly a listing states a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Precision {
    /// Only the day is known (a listing that shows the year in place of the time).
    Day,
    /// Known to the minute.
    Minute,
    /// Known to the second.
    Second,
}

/// When a file was last modified, as the server tells it. The time zone is the server's unless the protocol fixes it
/// (MDTM and MLSD, RFC 3659 §2.3, are UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Modified {
    /// Year; `None` where the listing leaves it out (files of the last months in Unix listings).
    pub year: Option<u16>,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23; 0 when [`Self::precision`] is a day.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 60.
    pub second: u8,
    /// Which of the fields are known.
    pub precision: Precision,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name, byte for byte as the server sent it; FTP does not define its encoding.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// Size in bytes, where stated and meaningful (not for directories and devices).
    pub size: Option<u64>,
    /// Time of the last modification, where stated.
    pub modified: Option<Modified>,
    /// The permission column, as the server writes it (`rwxr-xr-x`, `rw-`, MLSD's `perm` fact).
    pub permissions: Option<String>,
    /// Where a symbolic link points.
    pub target: Option<Vec<u8>>,
    /// The whole line, without its line end.
    pub raw: Vec<u8>,
}

impl Entry {
    /// The entry that `line` lists, with nothing known of it but name and kind.
    pub(crate) fn new(line: &[u8], name: &[u8], kind: EntryKind) -> Self {
        Self {
            name: name.to_vec(),
            kind,
            size: None,
            modified: None,
            permissions: None,
            target: None,
            raw: line.to_vec(),
        }
    }

    /// The name as text; bytes that are not UTF-8 show as U+FFFD.
    pub fn name_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.name)
    }
}

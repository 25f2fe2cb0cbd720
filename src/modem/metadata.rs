//! The metadata of a file.

use super::{Entry, EntryKind, Modified};

/// The metadata of a file, as [`FtpModem::metadata`](super::FtpModem::metadata) returns them after one query. A field
/// that the answer does not state is `None`.
///
/// # Examples
/// ```
/// use ftp_modem::modem::{EntryKind, Metadata};
///
/// let metadata = Metadata::new().with_kind(EntryKind::File).with_size(1024);
/// assert_eq!((metadata.size, metadata.modified), (Some(1024), None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Metadata {
    /// Whether it is a file, a directory or something else. `None` where the answer states a size only; the row of a
    /// listing states the kind.
    pub kind: Option<EntryKind>,
    /// Size in bytes. `None` for a symbolic link: the row of a listing states the length of the link's text, not the
    /// size of the file behind it.
    pub size: Option<u64>,
    /// Whether the server states a negative size: it counts in 31 bits, and the file has at least 2 GiB. The size is
    /// `None` then.
    pub size_overflows: bool,
    /// Time of the last modification. `None` if the server states none, and for a symbolic link.
    pub modified: Option<Modified>,
}

impl Metadata {
    /// Creates a value in which every field is unknown.
    pub fn new() -> Self {
        Metadata::default()
    }

    /// Sets the kind.
    pub fn with_kind(mut self, kind: EntryKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the size in bytes.
    pub fn with_size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// Marks the size as one that the server cannot state ([`Self::size_overflows`]).
    pub fn with_overflowing_size(mut self) -> Self {
        (self.size, self.size_overflows) = (None, true);
        self
    }

    /// Sets the time of the last modification.
    pub fn with_modified(mut self, modified: Modified) -> Self {
        self.modified = Some(modified);
        self
    }
}

/// Takes the metadata from the row of a listing.
impl From<&Entry> for Metadata {
    fn from(entry: &Entry) -> Self {
        // A link has the length of its text and the time at which it was made.
        let (size, modified) = if entry.kind == EntryKind::Link { (None, None) } else { (entry.size, entry.modified) };
        Metadata { kind: Some(entry.kind), size, size_overflows: entry.size_overflows, modified }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_a_link_states_nothing_of_the_file_behind_it() {
        for (kind, size) in [(EntryKind::File, Some(15)), (EntryKind::Link, None)] {
            let metadata = Metadata::from(&Entry::new("a", kind).with_size(15));
            assert_eq!((metadata.kind, metadata.size), (Some(kind), size));
        }
    }
}

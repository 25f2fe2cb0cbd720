//! What one query tells about a file.

use super::{Entry, EntryKind, Modified};

/// What [`FtpModem::metadata`](super::FtpModem::metadata) knows of a file after one query. A field that the query does not tell is
/// `None`.
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
    /// Whether it is a file, a directory or something else. `None` where the query tells a size only; the row of a listing
    /// tells the kind.
    pub kind: Option<EntryKind>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Time of the last modification.
    pub modified: Option<Modified>,
}

impl Metadata {
    /// Returns a value of which nothing is known.
    pub fn new() -> Self {
        Metadata::default()
    }

    /// Sets what it is.
    pub fn with_kind(mut self, kind: EntryKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the size in bytes.
    pub fn with_size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// Sets the time of the last modification.
    pub fn with_modified(mut self, modified: Modified) -> Self {
        self.modified = Some(modified);
        self
    }
}

/// What the row of a listing tells.
impl From<&Entry> for Metadata {
    fn from(entry: &Entry) -> Self {
        // The size of a symbolic link is the length of its text, not the size of the file behind it.
        let size = entry.size.filter(|_| entry.kind != EntryKind::Link);
        Metadata { kind: Some(entry.kind), size, modified: entry.modified }
    }
}

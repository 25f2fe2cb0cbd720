//! One entry of a directory listing.

use std::borrow::Cow;

/// The kind of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, a pipe, a socket, or a line in an unknown format.
    Other,
}

/// The precision of a time in a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Precision {
    /// One day: the listing states the year instead of the time.
    Day,
    /// One minute.
    Minute,
    /// One second.
    Second,
}

/// The time of the last modification, as the server states it.
///
/// The time zone is UTC for MDTM and MLSD (RFC 3659 §2.3). In other listings it is the server's, which the protocol
/// does not state. Times have no order, because a listing omits the year of the newest ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Modified {
    /// Year. `None` if the listing omits it, as Unix listings do for files of the last months.
    pub year: Option<u16>,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23. 0 if [`Self::precision`] is [`Precision::Day`].
    pub hour: u8,
    /// Minute, 0 to 59. 0 if [`Self::precision`] is [`Precision::Day`].
    pub minute: u8,
    /// Second, 0 to 60 (60 is a leap second). 0 unless [`Self::precision`] is [`Precision::Second`].
    pub second: u8,
    /// Precision of the time.
    pub precision: Precision,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Name in UTF-8, converted from the charset of the server ([`Server::charset`](super::Server::charset)). A name
    /// that is not valid in that charset is kept byte for byte as the server sent it.
    pub name: Vec<u8>,
    /// Kind of the entry.
    pub kind: EntryKind,
    /// Size in bytes. `None` for directories and devices, and if the listing states no size.
    pub size: Option<u64>,
    /// Whether the server states a negative size: it counts in 31 bits, and the file has at least 2 GiB. The size is
    /// `None` then.
    pub size_overflows: bool,
    /// Time of the last modification. `None` if the listing states no time.
    pub modified: Option<Modified>,
    /// Permissions, as the server writes them: `rwxr-xr-x`, `rw-`, or the `perm` fact of MLSD.
    pub permissions: Option<String>,
    /// Target of a symbolic link.
    pub target: Option<Vec<u8>>,
    /// The whole line, without its line end.
    pub raw: Vec<u8>,
}

impl Entry {
    /// Creates an entry with name and kind only, for other implementations of [`FtpModem`](super::FtpModem), such as a
    /// test double.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::Entry;
    /// use ftp_modem::modem::EntryKind;
    ///
    /// let entry = Entry::new("report.csv", EntryKind::File).with_size(1024);
    /// assert_eq!(entry.name_lossy(), "report.csv");
    /// ```
    pub fn new(name: impl Into<Vec<u8>>, kind: EntryKind) -> Self {
        let name = name.into();
        Entry {
            name,
            kind,
            size: None,
            size_overflows: false,
            modified: None,
            permissions: None,
            target: None,
            raw: Vec::new(),
        }
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

    /// Creates the entry that `line` lists, with only name and kind set.
    pub(crate) fn listed(line: &[u8], name: &[u8], kind: EntryKind) -> Self {
        Entry { raw: line.to_vec(), ..Entry::new(name, kind) }
    }

    /// Returns the name as text. Bytes that are not UTF-8 become U+FFFD. The names of a server with another charset are
    /// converted with [`Server::with_charset`](super::Server::with_charset).
    pub fn name_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.name)
    }
}

//! What to transfer, and what came of it.

use super::Assurance;

/// Which part of a file to download. `Retrieve::default()` is all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Retrieve {
    /// First byte to fetch, counted from 0.
    pub offset: u64,
    /// Most bytes to fetch; `None` means to the end of the file.
    pub length: Option<u64>,
    /// Size of the whole file, where the caller knows it from [`metadata`](super::FtpModem::metadata) or a listing. The
    /// driver queries no size then. Default: unknown; the driver queries it once at most.
    pub size: Option<u64>,
}

impl Retrieve {
    /// The whole file.
    pub fn whole() -> Self {
        Retrieve::default()
    }

    /// Everything from byte `offset` on.
    pub fn from(offset: u64) -> Self {
        Retrieve { offset, ..Retrieve::default() }
    }

    /// At most `length` bytes.
    pub fn with_length(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }

    /// Sets the size of the whole file, which must be its present one.
    pub fn with_size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// Returns whether all of the file is to be fetched.
    pub fn is_whole(&self) -> bool {
        self.offset == 0 && self.length.is_none()
    }
}

/// What happens to a file of the same name on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StoreMode {
    /// It is replaced (`STOR`).
    #[default]
    Create,
    /// The bytes are added at its end (`APPE`). Not repeatable: doing it twice adds them twice.
    Append,
    /// The bytes continue it at this offset, which must be its present size.
    At(u64),
}

/// How to upload. `Store::default()` creates or replaces a file of unknown size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Store {
    /// What happens to a file of the same name.
    pub mode: StoreMode,
    /// How many bytes the source will yield, where known. It saves exchanges on some dialects; a source that then
    /// yields another number makes the upload fail.
    pub length: Option<u64>,
    /// Size of the server's file before the upload, where the caller knows it. The driver then does not query it before
    /// it appends to a file or continues it. Default: unknown; the driver queries it once at most.
    pub size: Option<u64>,
    /// Send every byte value even where the dialect is not proven to carry it
    /// ([`BinaryUpload::OptIn`](super::BinaryUpload::OptIn)). Defaults to `false`.
    pub force_binary: bool,
}

impl Store {
    /// Creates or replaces the file.
    pub fn create() -> Self {
        Store::default()
    }

    /// Appends to the file.
    pub fn append() -> Self {
        Store { mode: StoreMode::Append, ..Store::default() }
    }

    /// Continues a partial file of `offset` bytes.
    pub fn at(offset: u64) -> Self {
        Store { mode: StoreMode::At(offset), ..Store::default() }
    }

    /// Announces how many bytes the source will yield.
    pub fn with_length(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }

    /// Sets the size of the server's file before the upload, which must be its present one.
    pub fn with_size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// Sends every byte value even where the dialect is not proven to carry it.
    pub fn with_force_binary(mut self) -> Self {
        self.force_binary = true;
        self
    }
}

/// A transfer that ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transfer {
    /// Payload bytes moved by this call.
    pub bytes: u64,
    /// How far it is known that these are all.
    pub assurance: Assurance,
}

impl Transfer {
    /// A transfer of so many bytes. For other implementations of [`FtpModem`](super::FtpModem), such as a test double.
    pub fn new(bytes: u64, assurance: Assurance) -> Self {
        Transfer { bytes, assurance }
    }
}

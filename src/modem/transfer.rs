//! What to transfer, and the result.

use super::Assurance;

/// The part of a file to download. `Retrieve::default()` is the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Retrieve {
    /// Number of the first byte, from 0. Default: 0.
    pub offset: u64,
    /// Largest number of bytes. Default: `None`, to the end of the file.
    pub length: Option<u64>,
    /// Size of the whole file, where the caller knows it from [`metadata`](super::FtpModem::metadata) or a listing. The
    /// driver queries no size then. Default: unknown; the driver queries it once at most.
    pub size: Option<u64>,
}

impl Retrieve {
    /// Selects the whole file.
    pub fn whole() -> Self {
        Retrieve::default()
    }

    /// Selects everything from byte `offset` on.
    pub fn from(offset: u64) -> Self {
        Retrieve { offset, ..Retrieve::default() }
    }

    /// Sets the largest number of bytes.
    pub fn with_length(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }

    /// Sets the size of the whole file, which must be its present one.
    pub fn with_size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// Returns whether the whole file is selected.
    pub fn is_whole(&self) -> bool {
        self.offset == 0 && self.length.is_none()
    }
}

/// What an upload does to a file of the same name on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StoreMode {
    /// Replaces it (`STOR`).
    #[default]
    Create,
    /// Adds the bytes at its end (`APPE`). A repetition adds them twice.
    Append,
    /// Continues it at this offset, which must be its present size.
    At(u64),
}

/// How to upload. `Store::default()` creates or replaces a file; the length of the source is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Store {
    /// What happens to a file of the same name. Default: [`StoreMode::Create`].
    pub mode: StoreMode,
    /// Number of bytes that the source yields. It saves exchanges on some dialects. An upload fails if its source
    /// yields another number. Default: unknown.
    pub length: Option<u64>,
    /// Size of the server's file before the upload, where the caller knows it. The driver then does not query it before
    /// it appends to a file or continues it. Default: unknown; the driver queries it once at most.
    pub size: Option<u64>,
    /// Whether every byte value is sent, even if the dialect is not proven to carry it
    /// ([`BinaryUpload::OptIn`](super::BinaryUpload::OptIn)). Default: `false`.
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

    /// Sets the number of bytes that the source yields.
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

/// The result of a successful transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transfer {
    /// Payload bytes moved by this call.
    pub bytes: u64,
    /// How far it is known that the transfer is complete.
    pub assurance: Assurance,
}

impl Transfer {
    /// Creates the result of a transfer of `bytes` bytes, for other implementations of [`FtpModem`](super::FtpModem),
    /// such as a test double.
    pub fn new(bytes: u64, assurance: Assurance) -> Self {
        Transfer { bytes, assurance }
    }
}

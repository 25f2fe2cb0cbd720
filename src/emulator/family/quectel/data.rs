//! What passes between host, module and server.

use std::io::Read;

use super::failure::Failure;
use super::files::Moving;
use crate::emulator::remote::{Listing, Upload};

/// The module's end of a transfer.
#[derive(Clone)]
pub(super) enum Local {
    /// `COM:`
    Serial,
    /// A file in RAM, flash or on the SD card.
    File(String),
}

/// What a download delivers.
pub(super) enum Source {
    File { file: String, start: u64, length: Option<u64> },
    Listing { path: String, listing: Listing },
}

pub(super) enum Transfer {
    Download {
        source: Source,
        local: Local,
    },
    Upload {
        file: String,
        start: u64,
        local: Local,
        /// Announced length, and whether it is the last piece.
        length: Option<(u64, bool)>,
    },
}

impl Transfer {
    /// Whether the data goes over the serial line.
    pub(super) const fn is_serial(&self) -> bool {
        let (Self::Download { local, .. } | Self::Upload { local, .. }) = self;
        matches!(local, Local::Serial)
    }
}

/// A download over the serial line.
pub(super) struct Download {
    pub(super) name: String,
    /// What came before the host paused it.
    pub(super) before: u64,
    pub(super) limit: Option<u64>,
}

impl Download {
    pub(super) fn new(name: &str, limit: Option<u64>) -> Self {
        Self { name: name.to_owned(), before: 0, limit }
    }

    /// The command it was begun by.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// A download the host has paused with `+++`.
pub(super) struct Paused {
    pub(super) download: Download,
    pub(super) reader: Box<dyn Read + Send>,
}

/// An upload the server is taking.
pub(super) struct Put {
    pub(super) file: String,
    pub(super) upload: Box<dyn Upload>,
    /// The start position of the piece to come.
    pub(super) next: u64,
}

impl Put {
    pub(super) fn is_of(&self, file: &str) -> bool {
        self.file == file
    }

    pub(super) const fn continues_at(&self, start: u64) -> bool {
        self.next == start
    }
}

/// An upload whose data has come.
pub(super) struct Uploaded {
    pub(super) count: u64,
    pub(super) failure: Option<Failure>,
    /// Whether it ended between two pieces of a file.
    pub(super) unfinished: bool,
}

/// An upload over the serial line between `CONNECT` and its end.
pub(super) struct PutIntake {
    pub(super) counted: bool,
    pub(super) last: bool,
    pub(super) received: u64,
    /// So many bytes are still to be lost.
    pub(super) to_lose: u64,
    pub(super) failure: Option<Failure>,
}

/// What the data mode is for.
#[derive(Default)]
pub(super) enum Data {
    #[default]
    None,
    Download(Download),
    /// The end of a download the host has escaped from.
    Late(Download),
    Put(PutIntake),
    File(Moving),
}

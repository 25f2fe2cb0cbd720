//! What the module has received and the host not read.

use std::collections::VecDeque;
use std::io::Read;

use crate::emulator::remote::RemoteError;

/// The bytes received and not read by the host; never more than its size.
pub(super) struct Cache {
    pub(super) bytes: VecDeque<u8>,
    pub(super) size: usize,
    /// What the module's memory leaves of the size.
    pub(super) limit: usize,
}

impl Cache {
    pub(super) const fn new(size: usize) -> Self {
        Self { bytes: VecDeque::new(), size, limit: usize::MAX }
    }

    /// Empties it and gives it another size; the module's memory is what it was.
    pub(super) fn resize(&mut self, size: usize) {
        self.clear();
        self.size = size;
    }

    /// From now on it holds no more than so many bytes, whatever its size.
    pub(super) const fn limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    pub(super) const fn size(&self) -> usize {
        self.size
    }

    pub(super) fn clear(&mut self) {
        self.bytes = VecDeque::new();
    }

    pub(super) fn room(&self) -> usize {
        self.size.min(self.limit).saturating_sub(self.bytes.len())
    }
}

/// A file on its way into the cache.
pub(super) struct Fill {
    /// `None` when there is nothing more to receive.
    pub(super) reader: Option<Box<dyn Read + Send>>,
    pub(super) left: u64,
    /// The result of `AT+FTPGET`, once nothing more is to be received.
    pub(super) failure: Option<RemoteError>,
    /// Whether it waits for room in the cache.
    pub(super) paused: bool,
    /// How many `AT+FTPRECV` have come since.
    pub(super) reads: u32,
}

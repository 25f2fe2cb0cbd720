//! What the module has received and the host not read.

use std::collections::VecDeque;
use std::io::{self, Read};

use crate::emulator::queue::PIECE;
use crate::emulator::remote::RemoteError;

/// The bytes received and not read by the host; never more than its size and the module's memory allow when they come.
pub(super) struct Cache {
    bytes: VecDeque<u8>,
    size: usize,
    /// What the module's memory leaves of the size. Outlives a restart.
    limit: usize,
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

    /// From now on it takes no more than so many bytes, whatever its size.
    pub(super) const fn limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    pub(super) const fn size(&self) -> usize {
        self.size
    }

    pub(super) fn clear(&mut self) {
        self.bytes = VecDeque::new();
    }

    pub(super) fn waiting(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn room(&self) -> usize {
        self.size.min(self.limit).saturating_sub(self.bytes.len())
    }

    /// At most `count` of the bytes that are there.
    pub(super) fn take(&mut self, count: usize) -> Vec<u8> {
        self.bytes.drain(..count.min(self.bytes.len())).collect()
    }

    /// Takes `wanted` bytes in, which must not be more than there is room for. Returns how many came; fewer mean the
    /// end. A failure follows those that came before it.
    pub(super) fn receive(&mut self, reader: &mut impl Read, wanted: usize) -> (usize, Result<(), RemoteError>) {
        let mut space = vec![0; wanted.min(PIECE)];
        let mut count = 0;
        while count < wanted {
            let limit = space.len().min(wanted.saturating_sub(count));
            let space = space.get_mut(..limit).unwrap_or_default();
            match reader.read(space) {
                Ok(0) => break,
                Ok(read) => {
                    self.bytes.extend(space.get(..read).unwrap_or_default());
                    count = count.saturating_add(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (count, Err(RemoteError::from_io(&error))),
            }
        }
        (count, Ok(()))
    }
}

//! Transfers to and from the tree in memory.

use std::io::{self, Read, Write};

use super::{MemoryServer, Operation};
use crate::emulator::{RemoteError, Upload};

/// A file on its way from the server, read from the shared tree as it goes.
pub(super) struct Download {
    pub(super) server: MemoryServer,
    pub(super) path: String,
    pub(super) offset: u64,
    pub(super) breaks_at: Option<u64>,
}

impl Read for Download {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.breaks_at == Some(0) {
            return Err(RemoteError::reply(426, "Connection closed; transfer aborted.").into());
        }
        let longest = self.breaks_at.and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX);
        let state = self.server.state();
        let content = state.files.get(&self.path).map(Vec::as_slice).unwrap_or_default();
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(content.len());
        let rest = content.get(start..).unwrap_or_default();
        let count = rest.len().min(space.len()).min(longest);
        if let (Some(space), Some(rest)) = (space.get_mut(..count), rest.get(..count)) {
            space.copy_from_slice(rest);
        }
        self.offset = self.offset.saturating_add(count as u64);
        self.breaks_at = self.breaks_at.map(|left| left.saturating_sub(count as u64));
        Ok(count)
    }
}

/// A file on its way to the server; what has come is visible at once.
pub(super) struct Incoming {
    pub(super) server: MemoryServer,
    pub(super) path: String,
    pub(super) position: usize,
    pub(super) failure: Option<RemoteError>,
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.server.state();
        let end = self.position.saturating_add(bytes.len());
        if state.capacity.is_some_and(|capacity| end > capacity) {
            let error = RemoteError::reply(452, "Insufficient storage space.");
            self.failure = Some(error.clone());
            return Err(error.into());
        }
        let content = state.files.entry(self.path.clone()).or_default();
        let overlap = bytes.len().min(content.len().saturating_sub(self.position));
        let (over, beyond) = bytes.split_at(overlap);
        if let Some(space) = content.get_mut(self.position..self.position.saturating_add(overlap)) {
            space.copy_from_slice(over);
        }
        content.extend_from_slice(beyond);
        self.position = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for Incoming {
    fn finish(self: Box<Self>) -> Result<(), RemoteError> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        self.server.state().fail(Operation::Finish)
    }

    fn abort(self: Box<Self>) {}
}

//! Transfers to and from the tree in memory.

use std::io::{self, Read, Write};

use super::trouble::Mishap;
use super::{MemoryServer, Operation};
use crate::emulator::{RemoteError, Upload};

/// A file on its way from the server, read from the shared tree as it goes.
pub(super) struct Download {
    pub(super) server: MemoryServer,
    pub(super) path: String,
    pub(super) offset: u64,
    pub(super) mishap: Mishap,
}

impl Read for Download {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.mishap.check()?;
        let state = self.server.state();
        let content = state.files.get(&self.path).map(Vec::as_slice).unwrap_or_default();
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(content.len());
        let rest = content.get(start..).unwrap_or_default();
        let count = self.mishap.room(rest.len().min(space.len()));
        if let (Some(space), Some(rest)) = (space.get_mut(..count), rest.get(..count)) {
            space.copy_from_slice(rest);
        }
        self.offset = self.offset.saturating_add(count as u64);
        self.mishap.moved(count);
        Ok(count)
    }
}

/// A listing on its way from the server.
pub(super) struct Listed {
    pub(super) text: io::Cursor<Vec<u8>>,
    pub(super) mishap: Mishap,
}

impl Read for Listed {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.mishap.check()?;
        let room = self.mishap.room(space.len());
        let count = self.text.read(space.get_mut(..room).unwrap_or_default())?;
        self.mishap.moved(count);
        Ok(count)
    }
}

/// A file on its way to the server; what has come is visible at once.
pub(super) struct Incoming {
    pub(super) server: MemoryServer,
    pub(super) path: String,
    pub(super) position: usize,
    pub(super) failure: Option<RemoteError>,
    pub(super) mishap: Mishap,
}

impl Incoming {
    fn fail(&mut self, error: RemoteError) -> io::Error {
        self.failure = Some(error.clone());
        error.into()
    }
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.mishap.check() {
            return Err(self.fail(error));
        }
        if self.mishap.keep == Some(0) {
            // It goes on coming and is not stored.
            return Ok(bytes.len());
        }
        let room = self.mishap.room(bytes.len());
        let mut state = self.server.state();
        let end = self.position.saturating_add(room);
        let stored = if state.capacity.is_some_and(|capacity| end > capacity) {
            Err(RemoteError::reply(452, "Insufficient storage space."))
        } else {
            state.trouble.store(room)
        };
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => {
                drop(state);
                return Err(self.fail(error));
            }
        };
        let bytes = bytes.get(..stored).unwrap_or(bytes);
        let end = self.position.saturating_add(stored);
        let content = state.files.entry(self.path.clone()).or_default();
        let overlap = bytes.len().min(content.len().saturating_sub(self.position));
        let (over, beyond) = bytes.split_at(overlap);
        if let Some(space) = content.get_mut(self.position..self.position.saturating_add(overlap)) {
            space.copy_from_slice(over);
        }
        content.extend_from_slice(beyond);
        self.position = end;
        drop(state);
        self.mishap.moved(bytes.len());
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

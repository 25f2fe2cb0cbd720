//! Transfers to and from the tree in memory.

use std::io::{self, Read, Write};

use super::connection::Connection;
use super::operation::Operation;
use super::server::MemoryServer;
use super::trouble::Mishap;
use crate::emulator::{NetworkCause, RemoteError, Upload};

/// The connections a transfer goes over.
pub(super) struct Wire {
    pub(super) server: MemoryServer,
    pub(super) connection: Connection,
    pub(super) mishap: Mishap,
}

impl Wire {
    /// Fails if the transfer does not go on. If both connections break, the control connection is closed.
    fn check(&self) -> Result<(), RemoteError> {
        let checked = self.mishap.check();
        if checked == Err(RemoteError::Network(NetworkCause::Dropped)) {
            self.connection.close(&mut self.server.state());
        }
        checked
    }

    /// Counts bytes that have been read, out of `wanted`. 0 is the end.
    fn read(&mut self, count: usize, wanted: usize) -> io::Result<usize> {
        if count == 0 && wanted > 0 {
            self.mishap.end()?;
        }
        self.mishap.moved(count);
        Ok(count)
    }
}

/// A file on its way from the server, read from the shared tree as it goes.
pub(super) struct Download {
    pub(super) wire: Wire,
    pub(super) path: String,
    pub(super) offset: u64,
}

impl Read for Download {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.wire.check()?;
        let state = self.wire.server.state();
        let content = state.tree.file(&self.path).map(Vec::as_slice).unwrap_or_default();
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(content.len());
        let rest = content.get(start..).unwrap_or_default();
        let wanted = space.len();
        let count = self.wire.mishap.room(rest.len().min(wanted));
        if let (Some(space), Some(rest)) = (space.get_mut(..count), rest.get(..count)) {
            space.copy_from_slice(rest);
        }
        drop(state);
        self.offset = self.offset.saturating_add(count as u64);
        self.wire.read(count, wanted)
    }
}

/// A listing on its way from the server.
pub(super) struct Listed {
    pub(super) wire: Wire,
    pub(super) text: io::Cursor<Vec<u8>>,
    /// Whether the rows are repeated without end.
    pub(super) is_endless: bool,
}

impl Read for Listed {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.wire.check()?;
        let room = self.wire.mishap.room(space.len());
        let space_there = space.get_mut(..room).unwrap_or_default();
        let mut count = self.text.read(space_there)?;
        if count == 0 && self.is_endless {
            self.text.set_position(0);
            count = self.text.read(space_there)?;
        }
        self.wire.read(count, space.len())
    }
}

/// A file on its way to the server. What has come is visible at once.
pub(super) struct Incoming {
    pub(super) wire: Wire,
    pub(super) path: String,
    pub(super) position: usize,
    pub(super) failure: Option<RemoteError>,
}

impl Incoming {
    fn fail(&mut self, error: RemoteError) -> io::Error {
        self.failure = Some(error.clone());
        error.into()
    }
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.wire.check() {
            return Err(self.fail(error));
        }
        if self.wire.mishap.keep == Some(0) {
            // The server takes the rest and stores none of it.
            return Ok(bytes.len());
        }
        let room = self.wire.mishap.room(bytes.len());
        let mut state = self.wire.server.state();
        let end = self.position.saturating_add(room);
        let stored = if state.habits.largest_file.is_some_and(|largest| end > largest) {
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
        let content = state.tree.file_mut(&self.path);
        let overlap = bytes.len().min(content.len().saturating_sub(self.position));
        let (over, beyond) = bytes.split_at(overlap);
        if let Some(space) = content.get_mut(self.position..self.position.saturating_add(overlap)) {
            space.copy_from_slice(over);
        }
        content.extend_from_slice(beyond);
        self.position = end;
        drop(state);
        self.wire.mishap.moved(bytes.len());
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
        self.wire.check()?;
        self.wire.mishap.end()?;
        let mut state = self.wire.server.state();
        state.fail(Operation::Finish)?;
        state.complete(&self.path);
        Ok(())
    }

    fn abort(self: Box<Self>) {}
}

//! Local readers and writers that fail, or that cancel the transfer.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A writer that has room for so many bytes, then is full.
pub struct Full {
    pub room: usize,
    pub taken: usize,
}

impl Full {
    pub fn after(room: usize) -> Self {
        Full { room, taken: 0 }
    }
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.room - self.taken);
        if count == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.taken += count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reader that yields some bytes, then fails.
pub struct Broken<'a>(pub &'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.0.read(room)
    }
}

/// A writer that cancels the transfer with the first byte, and takes everything.
pub struct Cancelling(pub Arc<AtomicBool>);

impl Write for Cancelling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.store(true, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

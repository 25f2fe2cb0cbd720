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

/// A writer that takes everything, and cancels the transfer once it has so many bytes.
pub struct Cancelling {
    flag: Arc<AtomicBool>,
    room: usize,
}

impl Cancelling {
    pub fn at_once(flag: &Arc<AtomicBool>) -> Self {
        Cancelling::after(0, flag)
    }

    pub fn after(room: usize, flag: &Arc<AtomicBool>) -> Self {
        Cancelling { flag: Arc::clone(flag), room }
    }
}

impl Write for Cancelling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            self.flag.store(true, Ordering::Relaxed);
            return Ok(bytes.len());
        }
        let count = bytes.len().min(self.room);
        self.room -= count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reader without end, which cancels the transfer with its first byte.
pub struct CancellingSource(pub Arc<AtomicBool>);

impl Read for CancellingSource {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.store(true, Ordering::Relaxed);
        room.fill(b'x');
        Ok(room.len())
    }
}

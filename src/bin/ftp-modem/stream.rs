//! stdin, stdout and devices as the local end of a transfer.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::interrupt::Interrupt;

/// Interval of the checks for Ctrl-C while waiting for input.
const CHECK: Duration = Duration::from_millis(50);

/// Size of a block of input in bytes.
const BLOCK: usize = 16 * 1024;

/// Returns whether `path` is `-`, which means stdin or stdout.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Returns whether `path` is a pipe or a device, which have no size.
pub fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Opens the target of a streamed download.
///
/// # Errors
/// A device that cannot be opened.
pub fn output(path: &Path) -> io::Result<Box<dyn Write>> {
    if is_dash(path) {
        return Ok(Box::new(io::stdout().lock()));
    }
    Ok(Box::new(File::options().write(true).open(path)?))
}

/// The source of a streamed upload. A thread of its own reads it, so that Ctrl-C works while the producer is silent.
pub struct Input {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    used: usize,
    interrupt: Interrupt,
}

impl Input {
    /// Opens `path`, or stdin, and starts the thread.
    ///
    /// # Errors
    /// A file that cannot be opened, or a thread that cannot be started.
    pub fn open(path: &Path, interrupt: Interrupt) -> io::Result<Self> {
        let mut source: Box<dyn Read + Send> =
            if is_dash(path) { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
        let (sender, blocks) = sync_channel(2);
        thread::Builder::new().name("input".to_owned()).spawn(move || {
            loop {
                let mut block = vec![0; BLOCK];
                let read = match source.read(&mut block) {
                    Ok(0) => return,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Ok(count) => {
                        block.truncate(count);
                        Ok(block)
                    }
                    Err(error) => Err(error),
                };
                let failed = read.is_err();
                if sender.send(read).is_err() || failed {
                    return;
                }
            }
        })?;
        Ok(Input { blocks, block: Vec::new(), used: 0, interrupt })
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.block.len() {
            match self.blocks.recv_timeout(CHECK) {
                Ok(block) => (self.block, self.used) = (block?, 0),
                // The thread has ended, so this is the end of the input.
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) if self.interrupt.seen() => {
                    self.interrupt.reset_flag();
                    return Err(io::Error::other("interrupted"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        let mut rest = self.block.get(self.used..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.used += count;
        Ok(count)
    }
}

//! stdin and stdout as the local end of a transfer.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::interrupt::Interrupt;

/// How long a wait for input lasts before Ctrl-C is looked for.
const CHECK: Duration = Duration::from_millis(50);

/// Bytes read at once.
const BLOCK: usize = 16 * 1024;

/// Whether `path` means the standard streams.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether `path` is something that bytes flow through, such as a pipe or a device, and not a file with a size.
pub fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Where a streamed download goes.
///
/// # Errors
/// The device cannot be opened.
pub fn output(path: &Path) -> io::Result<Box<dyn Write>> {
    if is_dash(path) {
        return Ok(Box::new(io::stdout().lock()));
    }
    Ok(Box::new(File::options().write(true).open(path)?))
}

/// Where a streamed upload comes from. It is read in a thread of its own, so that Ctrl-C need not wait for a silent producer.
pub struct Input {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    used: usize,
    interrupt: Interrupt,
}

impl Input {
    /// Reads `path`, or stdin.
    ///
    /// # Errors
    /// It cannot be opened, or there is no thread to be had.
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
                // The thread has ended: there is no more.
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) if self.interrupt.seen() => {
                    self.interrupt.take();
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

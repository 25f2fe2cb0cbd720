//! stdin, stdout and devices as the local end of a transfer.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use crate::interrupt::Interrupt;

/// Interval of the checks for a signal while waiting for the other end.
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

/// The target of a streamed download. A thread of its own opens and writes it, so that a signal ends the program while
/// nobody reads.
pub struct Output {
    blocks: SyncSender<Vec<u8>>,
    /// The outcome of opening, then that of each block.
    outcomes: Receiver<io::Result<()>>,
    interrupt: Interrupt,
}

impl Output {
    /// Starts the thread and opens `path`, or stdout.
    ///
    /// # Errors
    /// A file that cannot be opened, a thread that cannot be started, or a signal meanwhile.
    pub fn open(path: &Path, interrupt: Interrupt) -> io::Result<Self> {
        let (blocks, written) = sync_channel::<Vec<u8>>(1);
        let (sender, outcomes) = channel();
        let path = path.to_owned();
        thread::Builder::new().name("output".to_owned()).spawn(move || {
            // Nobody waits for an outcome once the program ends.
            let report = |outcome: io::Result<()>| outcome.is_ok() & sender.send(outcome).is_ok();
            match open_target(&path) {
                Ok(mut target) => {
                    report(Ok(()));
                    written.iter().all(|block| report(target.write_all(&block).and_then(|()| target.flush())))
                }
                Err(error) => report(Err(error)),
            }
        })?;
        let output = Output { blocks, outcomes, interrupt };
        output.wait()?;
        Ok(output)
    }

    /// Waits for the thread's next outcome.
    fn wait(&self) -> io::Result<()> {
        loop {
            match self.outcomes.recv_timeout(CHECK) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(RecvTimeoutError::Timeout) => check(&self.interrupt)?,
            }
        }
    }
}

fn open_target(path: &Path) -> io::Result<Box<dyn Write>> {
    Ok(if is_dash(path) { Box::new(io::stdout()) } else { Box::new(File::options().write(true).open(path)?) })
}

fn open_source(path: &Path) -> io::Result<Box<dyn Read>> {
    Ok(if is_dash(path) { Box::new(io::stdin()) } else { Box::new(File::open(path)?) })
}

/// Ends a wait after a signal or when time is over. The transfer ends by this error, and needs no other sign.
fn check(interrupt: &Interrupt) -> io::Result<()> {
    interrupt.check().map_err(|_| {
        interrupt.reset_flag();
        io::Error::other("interrupted")
    })
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The thread has taken the block before this one.
        self.blocks.send(bytes.to_vec()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        self.wait().map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The source of a streamed upload. A thread of its own opens and reads it, so that a signal ends the program while the
/// producer is silent.
pub struct Input {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    used: usize,
    interrupt: Interrupt,
}

impl Input {
    /// Starts the thread and opens `path`, or stdin.
    ///
    /// # Errors
    /// A file that cannot be opened, a thread that cannot be started, or a signal meanwhile.
    pub fn open(path: &Path, interrupt: Interrupt) -> io::Result<Self> {
        let path = path.to_owned();
        let (sender, blocks) = sync_channel(2);
        thread::Builder::new().name("input".to_owned()).spawn(move || {
            // Nobody waits for a block once the program ends.
            let report = |block: io::Result<Vec<u8>>| block.is_ok() & sender.send(block).is_ok();
            let mut source = match open_source(&path) {
                Ok(source) => source,
                Err(error) => return report(Err(error)),
            };
            let mut goes_on = report(Ok(Vec::new()));
            while goes_on {
                let mut block = vec![0; BLOCK];
                goes_on = match source.read(&mut block) {
                    Ok(0) => false,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
                    read => report(read.map(|count| {
                        block.truncate(count);
                        block
                    })),
                };
            }
            false
        })?;
        let mut input = Input { blocks, block: Vec::new(), used: 0, interrupt };
        // The first block is empty: the source is open.
        input.next()?;
        Ok(input)
    }

    /// Waits for the next block; returns whether there is one.
    fn next(&mut self) -> io::Result<bool> {
        loop {
            match self.blocks.recv_timeout(CHECK) {
                Ok(block) => {
                    (self.block, self.used) = (block?, 0);
                    return Ok(true);
                }
                // The thread has ended, so this is the end of the input.
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
                Err(RecvTimeoutError::Timeout) => check(&self.interrupt)?,
            }
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.block.len() {
            if !self.next()? {
                return Ok(0);
            }
        }
        let mut rest = self.block.get(self.used..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.used += count;
        Ok(count)
    }
}

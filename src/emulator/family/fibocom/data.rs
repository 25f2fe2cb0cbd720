//! What the network does to the bytes of a file on their way.

use std::collections::VecDeque;
use std::io::{self, Read};

use crate::emulator::remote::{NetworkCause, RemoteError};

/// A connection that is lost after some bytes.
pub(super) struct Breaking {
    reader: Box<dyn Read + Send>,
    left: u64,
}

impl Breaking {
    pub(super) const fn new(reader: Box<dyn Read + Send>, left: u64) -> Self {
        Self { reader, left }
    }
}

impl Read for Breaking {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(RemoteError::Network(NetworkCause::Dropped).into());
        }
        let limit = usize::try_from(self.left).unwrap_or(usize::MAX);
        let limit = limit.min(space.len());
        let count = self.reader.read(space.get_mut(..limit).unwrap_or_default())?;
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

/// A file as the server sends it in ASCII type: each LF as CR LF.
pub(super) struct Text {
    reader: Box<dyn Read + Send>,
    ready: VecDeque<u8>,
}

impl Text {
    pub(super) const fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, ready: VecDeque::new() }
    }
}

impl Read for Text {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            let count = self.reader.read(space)?;
            for byte in space.iter().take(count) {
                if *byte == b'\n' {
                    self.ready.push_back(b'\r');
                }
                self.ready.push_back(*byte);
            }
        }
        self.ready.read(space)
    }
}

/// As a UNIX server stores text that comes in ASCII type: each CR LF as LF. A CR is kept until it is known what
/// follows.
pub(super) fn unix_lines(bytes: &[u8], carriage_return: &mut bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if std::mem::take(carriage_return) && *byte != b'\n' {
            text.push(b'\r');
        }
        if *byte == b'\r' {
            *carriage_return = true;
        } else {
            text.push(*byte);
        }
    }
    text
}

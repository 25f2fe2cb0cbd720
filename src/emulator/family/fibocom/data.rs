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

/// Text on its way to a UNIX server in ASCII type: each CR LF becomes LF.
#[derive(Default)]
pub(super) struct UnixLines {
    /// A CR is kept until it is known what follows.
    carriage_return: bool,
}

impl UnixLines {
    pub(super) fn convert(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if std::mem::take(&mut self.carriage_return) && *byte != b'\n' {
                text.push(b'\r');
            }
            if *byte == b'\r' {
                self.carriage_return = true;
            } else {
                text.push(*byte);
            }
        }
        text
    }

    /// What has been kept.
    pub(super) const fn rest(self) -> &'static [u8] {
        if self.carriage_return { b"\r" } else { b"" }
    }
}

//! File type ASCII: the server's line ends are LF, the line's are CR LF (RFC 959 §3.1.1.1).

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use crate::emulator::remote::{RemoteError, Upload};

/// How much is converted at a time.
const PIECE: usize = 4096;

/// A download on which every bare LF becomes CR LF.
pub(super) struct AsciiReader {
    inner: Box<dyn Read + Send>,
    after_return: bool,
    ready: VecDeque<u8>,
}

impl AsciiReader {
    pub(super) fn new(inner: Box<dyn Read + Send>) -> Self {
        Self { inner, after_return: false, ready: VecDeque::new() }
    }
}

impl Read for AsciiReader {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            let mut raw = [0; PIECE];
            let count = self.inner.read(&mut raw)?;
            for byte in raw.into_iter().take(count) {
                if byte == b'\n' && !self.after_return {
                    self.ready.push_back(b'\r');
                }
                self.after_return = byte == b'\r';
                self.ready.push_back(byte);
            }
        }
        self.ready.read(space)
    }
}

/// An upload on which every CR LF becomes LF.
pub(super) struct AsciiUpload {
    inner: Box<dyn Upload>,
    after_return: bool,
}

impl AsciiUpload {
    pub(super) fn new(inner: Box<dyn Upload>) -> Self {
        Self { inner, after_return: false }
    }
}

impl Write for AsciiUpload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = Vec::with_capacity(bytes.len() + 1);
        for byte in bytes {
            if std::mem::take(&mut self.after_return) && *byte != b'\n' {
                text.push(b'\r');
            }
            if *byte == b'\r' {
                self.after_return = true;
            } else {
                text.push(*byte);
            }
        }
        self.inner.write_all(&text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Upload for AsciiUpload {
    fn finish(mut self: Box<Self>) -> Result<(), RemoteError> {
        if self.after_return {
            self.inner.write_all(b"\r").map_err(|error| RemoteError::from_io(&error))?;
        }
        self.inner.finish()
    }

    fn abort(self: Box<Self>) {
        self.inner.abort();
    }
}

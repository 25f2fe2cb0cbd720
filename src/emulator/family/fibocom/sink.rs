//! Where uploaded bytes go.

use super::data::UnixLines;
use crate::emulator::remote::{NetworkCause, RemoteError, Upload};

/// Where uploaded bytes go, until the server takes no more. After the first failure they go nowhere.
pub(super) struct Sink {
    upload: Result<Box<dyn Upload>, RemoteError>,
    /// How many bytes may still pass before the connection is lost.
    left: Option<u64>,
    /// ASCII type, where it has an effect.
    text: Option<UnixLines>,
}

impl Sink {
    pub(super) fn new(upload: Box<dyn Upload>, left: Option<u64>, converts: bool) -> Self {
        Self { upload: Ok(upload), left, text: converts.then(UnixLines::default) }
    }

    pub(super) const fn has_failed(&self) -> bool {
        self.upload.is_err()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        let Ok(upload) = &mut self.upload else {
            return;
        };
        let allowed = self.left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let (passing, lost) = bytes.split_at(bytes.len().min(allowed));
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(passing.len() as u64);
        }
        let text;
        let passing = match &mut self.text {
            Some(lines) => {
                text = lines.convert(passing);
                text.as_slice()
            }
            None => passing,
        };
        let mut result = upload.write_all(passing).map_err(|error| RemoteError::from_io(&error));
        if !lost.is_empty() {
            result = Err(RemoteError::Network(NetworkCause::Dropped));
        }
        if let Err(error) = result {
            self.give_up(error);
        }
    }

    /// The upload is over without success. The first reason counts.
    pub(super) fn give_up(&mut self, error: RemoteError) {
        if self.has_failed() {
            return;
        }
        if let Ok(upload) = std::mem::replace(&mut self.upload, Err(error)) {
            upload.abort();
        }
    }

    /// Returns the sink, or why it takes nothing.
    pub(super) fn checked(self) -> Result<Self, RemoteError> {
        let Self { upload, left, text } = self;
        Ok(Self { upload: Ok(upload?), left, text })
    }

    /// The file is complete; the server has the last word.
    pub(super) fn finish(mut self) -> Result<(), RemoteError> {
        let rest = self.text.take().map_or(b"".as_slice(), UnixLines::rest);
        if !rest.is_empty() {
            self.write(rest);
        }
        self.upload?.finish()
    }
}

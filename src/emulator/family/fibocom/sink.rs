//! Where uploaded bytes go.

use super::data::unix_lines;
use crate::emulator::remote::{NetworkCause, RemoteError, Upload};

/// Where uploaded bytes go, until the server takes no more.
pub(super) struct Sink {
    pub(super) upload: Option<Box<dyn Upload>>,
    pub(super) failure: Option<RemoteError>,
    /// How many bytes may still pass before the connection is lost.
    pub(super) left: Option<u64>,
    /// ASCII type: CR LF becomes LF; a CR is kept until it is known what follows.
    pub(super) converts: bool,
    pub(super) carriage_return: bool,
}

impl Sink {
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let Some(upload) = &mut self.upload else {
            return;
        };
        let allowed = self.left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let (passing, lost) = bytes.split_at(bytes.len().min(allowed));
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(passing.len() as u64);
        }
        let text;
        let passing = if self.converts {
            text = unix_lines(passing, &mut self.carriage_return);
            text.as_slice()
        } else {
            passing
        };
        let mut result = upload.write_all(passing).map_err(|error| RemoteError::from_io(&error));
        if !lost.is_empty() {
            result = Err(RemoteError::Network(NetworkCause::Dropped));
        }
        if let Err(error) = result {
            self.give_up(error);
        }
    }

    /// The upload is over without success.
    pub(super) fn give_up(&mut self, error: RemoteError) {
        if let Some(upload) = self.upload.take() {
            upload.abort();
        }
        self.failure.get_or_insert(error);
    }

    pub(super) fn finish(mut self) -> Result<(), RemoteError> {
        if self.carriage_return {
            self.carriage_return = false;
            self.converts = false;
            self.write(b"\r");
        }
        match (self.failure, self.upload) {
            (Some(error), _) => Err(error),
            (None, Some(upload)) => upload.finish(),
            (None, None) => Err(RemoteError::Network(NetworkCause::Dropped)),
        }
    }
}

/// A file that is uploaded piece by piece.
pub(super) struct Put {
    pub(super) name: String,
    pub(super) sink: Sink,
    /// How much of the piece is still to come.
    pub(super) left: u64,
    /// Whether it is the last one.
    pub(super) last: bool,
}

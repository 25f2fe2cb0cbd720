//! `AT+FTPPUT`: a file that is uploaded piece by piece.

use super::options::{FibocomOptions, PutRefusal};
use super::sink::Sink;
use super::task::Piece;
use super::then::Then;
use crate::emulator::modem::Modem;
use crate::emulator::remote::RemoteError;

/// A file that is uploaded piece by piece.
pub(super) struct Put {
    name: String,
    sink: Sink,
    /// How much of the piece is still to come.
    left: u64,
    /// Whether it is the last one.
    last: bool,
}

impl Put {
    /// Before the first piece.
    pub(super) const fn new(name: String, sink: Sink) -> Self {
        Self { name, sink, left: 0, last: false }
    }

    /// Whether it is the upload of this file.
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.name == name
    }

    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    pub(super) const fn has_failed(&self) -> bool {
        self.sink.has_failed()
    }

    /// Whether no further piece is to come.
    pub(super) const fn is_over(&self) -> bool {
        self.last || self.has_failed()
    }

    /// `+FTPPUT: 2,<length>`: the host may send. Returns whether it has anything to send.
    pub(super) fn announce(&mut self, piece: Piece, options: &FibocomOptions, modem: &mut Modem) -> bool {
        let length = piece.length.min(options.put_announced.unwrap_or(u64::MAX));
        let whole = length == piece.length;
        self.left = length;
        self.last = piece.last && (whole || options.put_short_ends);
        modem.line(&format!("+FTPPUT: 2,{length}"));
        length > 0
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.left = self.left.saturating_sub(bytes.len() as u64);
        self.sink.write(bytes);
    }

    pub(super) fn give_up(&mut self, error: RemoteError) {
        self.sink.give_up(error);
    }

    /// What is left to be closed, or why there is nothing.
    pub(super) fn into_sink(self) -> Result<Sink, RemoteError> {
        self.sink.checked()
    }
}

impl PutRefusal {
    /// Ends the command, because the server refuses the file.
    pub(super) fn answer(self, error: RemoteError, modem: &mut Modem) -> Then {
        match self {
            Self::OkThenZero => {
                modem.ok();
                return Then::Ends("FTPPUT", Err(error));
            }
            Self::Error => {}
            Self::ZeroThenError => modem.line("+FTPPUT: 0"),
        }
        modem.error();
        Then::Failed(error)
    }
}

//! Uploads over the serial line: Quectel EC2x FTP(S) application note V1.0 §2.5.

use super::super::failure::{ABORTED, Failure, TIMEOUT};
use super::super::options::QuectelOptions;
use crate::emulator::intake::IntakeEnd;
use crate::emulator::remote::Upload;

/// How much one `AT+QFTPPUT` brings.
#[derive(Clone, Copy)]
pub(in super::super) enum Extent {
    /// All up to `+++`.
    Open,
    /// So many bytes, and whether they are the last of the file.
    Counted { length: u64, last: bool },
}

impl Extent {
    pub(in super::super) const fn is_last(self) -> bool {
        matches!(self, Self::Open | Self::Counted { last: true, .. })
    }

    pub(in super::super) const fn is_counted(self) -> bool {
        matches!(self, Self::Counted { .. })
    }
}

/// One `AT+QFTPPUT` over the serial line.
pub(in super::super) struct Piece {
    pub(in super::super) file: String,
    pub(in super::super) start: u64,
    pub(in super::super) extent: Extent,
}

/// An upload the server is taking, piece by piece: each begins where the last one has ended.
pub(in super::super) struct Put {
    pub(in super::super) file: String,
    pub(in super::super) upload: Box<dyn Upload>,
    /// The start position of the piece to come.
    pub(in super::super) next: u64,
}

impl Put {
    pub(in super::super) fn is_of(&self, piece: &Piece) -> bool {
        self.file == piece.file
    }

    pub(in super::super) const fn continues_with(&self, piece: &Piece) -> bool {
        self.next == piece.start
    }
}

/// An upload whose data has come.
pub(in super::super) struct Uploaded {
    pub(in super::super) count: u64,
    pub(in super::super) failure: Option<Failure>,
    /// Whether it ended between two pieces of a file.
    pub(in super::super) unfinished: bool,
}

/// The data of a piece between `CONNECT` and their end.
pub(in super::super) struct PutIntake {
    pub(in super::super) extent: Extent,
    pub(in super::super) received: u64,
    /// So many bytes are still to be lost.
    pub(in super::super) to_lose: u64,
    pub(in super::super) failure: Option<Failure>,
}

impl PutIntake {
    /// What the module does not lose of `bytes`; only this counts as received.
    pub(in super::super) fn take<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let lost = usize::try_from(self.to_lose).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes.get(lost..).unwrap_or_default();
        self.to_lose = self.to_lose.saturating_sub(lost as u64);
        self.received = self.received.saturating_add(bytes.len() as u64);
        bytes
    }

    /// Why it came to nothing, if it did.
    pub(in super::super) fn failure(&self, end: IntakeEnd, options: &QuectelOptions) -> Option<Failure> {
        self.failure.or(match end {
            IntakeEnd::Idle => Some(Failure::local(TIMEOUT)),
            IntakeEnd::Escape | IntakeEnd::DataTerminalReady
                if self.extent.is_counted() && options.escaped_upload_fails =>
            {
                Some(Failure::local(ABORTED))
            }
            _ => None,
        })
    }
}

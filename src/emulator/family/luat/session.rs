//! The session with the server.

use super::incoming::Download;
use super::operation::Operation;
use super::outgoing::Put;
use super::transfer::Background;

/// The one session there can be.
pub(super) enum Session {
    Idle,
    /// `OK` has been said, the server not been asked.
    Opening(Operation),
    Download(Download),
    Upload(Put),
    Background(Box<Background>),
    /// `AT+FTPETGET` is sending.
    CodedDownload,
    /// `AT+FTPQUIT` has been answered; an unfinished upload is still closed.
    Quitting(Operation, Option<Put>),
}

impl Session {
    /// What the session is busy with; one whose end has been reported is not busy, even if data is left.
    pub(super) const fn operation(&self) -> Option<Operation> {
        match self {
            Self::Idle => None,
            Self::Opening(operation) | Self::Quitting(operation, _) => Some(*operation),
            Self::Download(download) if download.end_reported => None,
            Self::Download(download) => Some(download.operation),
            Self::Upload(put) => Some(put.operation),
            Self::Background(transfer) => Some(transfer.operation),
            Self::CodedDownload => Some(Operation::CodedGet),
        }
    }
}

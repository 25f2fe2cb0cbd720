//! The session with the server.

use super::incoming::Download;
use super::operation::Operation;
use super::outgoing::Put;
use super::token;
use super::transfer::Background;
use crate::emulator::modem::Modem;

/// The one session there can be.
#[derive(Default)]
pub(super) enum Session {
    #[default]
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
    /// A transfer in the background begins.
    pub(super) fn background(transfer: Background, modem: &mut Modem) -> Self {
        modem.network_timer(token::STEP);
        Self::Background(Box::new(transfer))
    }

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

    /// The read forms: 0 says that nothing is going on, not that anything succeeded.
    pub(super) fn progress(&self, name: &str) -> String {
        match self {
            Self::Background(transfer) if transfer.operation.name() == name => {
                let counts = match transfer.operation {
                    Operation::ToFile => {
                        format!("{},{}", transfer.received(), transfer.written())
                    }
                    Operation::FromFile => transfer.sent().to_string(),
                    _ => transfer.received().to_string(),
                };
                format!("{name}: 1,{counts}")
            }
            _ => format!("{name}: 0"),
        }
    }

    /// The upload, which leaves the session.
    pub(super) fn take_put(&mut self) -> Option<Put> {
        match std::mem::take(self) {
            Self::Upload(put) => Some(put),
            other => {
                *self = other;
                None
            }
        }
    }
}

/// What becomes of a session after one step of it.
pub(super) enum Then {
    GoesOn,
    /// It ends with this code.
    Ends(u16),
    /// Its end has been reported before.
    Closes,
}

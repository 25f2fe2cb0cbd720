//! Back to a known state after a transfer that failed.

use std::time::Duration;

use super::ChinaMobile;
use super::dialect::Listening;
use crate::at::Command;
use crate::error::{Error, ErrorKind, Phase, Recovery};
use crate::modem::SessionState;

/// How long the data of a download that was given up are waited out beyond their time on the line, how long before the module is
/// told again to close the session, and how long a silence ends them.
const DISCARD_LIMIT: Duration = Duration::from_secs(60);
const DISCARD_STEP: Duration = Duration::from_secs(5);
const DISCARD_SILENCE: Duration = Duration::from_secs(1);

impl ChinaMobile {
    /// Brings the module back after a transfer that failed. There is no command to abort one but closing the session; the next
    /// operation opens it again.
    pub(super) fn abandon(&mut self, error: Error) -> Error {
        if is_over(error.kind()) {
            return error;
        }
        self.engine.note_recovery(Recovery::AbortTransfer);
        self.session.lost();
        if self.close().is_ok() { error } else { error.module_left_unusable() }
    }

    /// As [`Self::abandon`], for a download of which `left` bytes had not come: they stand between the module's lines until it is
    /// over. A module may close the session in the middle of it or not before its end, and what looks like a refusal or an
    /// alarm may be data: the state has the last word.
    pub(super) fn abandon_download(&mut self, error: Error, left: u64) -> Error {
        if is_over(error.kind()) {
            return error;
        }
        self.engine.note_recovery(Recovery::AbortTransfer);
        self.session.lost();
        self.listen(Listening::Disconnected);
        let number = self.number();
        let limit = DISCARD_LIMIT + self.engine.line_time(left.min(u64::from(u32::MAX)));
        let end = self.engine.deadline(Phase::Resynchronisation, limit);
        let closed = loop {
            let discarded = self.engine.discard(DISCARD_SILENCE, DISCARD_STEP);
            let disconnect = Command::set("+MFTPDISC").number(number);
            match discarded.and_then(|()| self.attempt("+MFTPDISC", disconnect, self.result_limit())) {
                Ok(_) => break true,
                Err(lost) if lost.kind() == ErrorKind::PortLost => break false,
                Err(_) if matches!(self.state(number), Ok(SessionState::Closed)) => break true,
                Err(_) if self.engine.now() >= end.at() => break false,
                Err(_) => {}
            }
        };
        // An answer that came between the data may still be followed by the real one, and a start of the module went unheard.
        self.engine.mark_out_of_step();
        self.restarted = true;
        if closed { error } else { error.module_left_unusable() }
    }
}

/// Whether nothing was started, or it is over.
fn is_over(kind: ErrorKind) -> bool {
    use ErrorKind::*;
    matches!(
        kind,
        InvalidInput
            | Unsupported
            | Unavailable
            | WrongState
            | ServerRefused
            | PortLost
            | ModuleRestarted
            | BearerLost
            | SessionLost
    )
}

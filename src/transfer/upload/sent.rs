//! The bytes that the attempts at an upload have sent, and how many of them the next attempt may continue.

use super::super::download::puts_line_in_doubt;
use super::source::Source;
use crate::error::ErrorKind;
use crate::modem::Assurance;

/// The bytes that the attempts so far have sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Nothing: the server's file is the one that was there before.
    Nothing,
    /// At most this many bytes of the server's file are ours. 0: the module has acknowledged none, so that the file may
    /// still be the one that was there before.
    UpTo(u64),
    /// Bytes that must not be continued: some may have been lost on the line, or server or module refuse the offset.
    Unfit,
    /// The whole file. Only its comparison is missing.
    All(Assurance),
}

/// A failed attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed {
    pub kind: ErrorKind,
    /// Whether the module may have passed on bytes of it.
    pub has_sent: bool,
    /// Whether the module has acknowledged bytes of it: then the file that was there before is replaced.
    pub is_acknowledged: bool,
    /// Largest number of our bytes that the server may have after it.
    pub reached: u64,
}

impl Sent {
    /// Returns the bytes that were sent after one more attempt.
    pub fn and(self, failed: Failed) -> Self {
        match self {
            Sent::Unfit => Sent::Unfit,
            Sent::All(_) if failed.kind == ErrorKind::VerificationFailed => Sent::Unfit,
            Sent::All(_) => self,
            Sent::Nothing if !failed.has_sent => Sent::Nothing,
            // Bytes of an earlier attempt may have been lost, too: the module may have taken a query for them, which
            // then timed out.
            _ if puts_line_in_doubt(failed.kind) => Sent::Unfit,
            Sent::UpTo(most) if !failed.is_acknowledged => Sent::UpTo(most),
            Sent::UpTo(most) => Sent::UpTo(most.max(failed.reached)),
            Sent::Nothing => Sent::UpTo(if failed.is_acknowledged { failed.reached } else { 0 }),
        }
    }

    /// The longest file on the server that may be continued once its last bytes are proven to be ours. With `resume`
    /// the caller wants a file that was there before to be continued, too.
    pub fn longest_to_continue(self, resume: bool) -> u64 {
        match self {
            Sent::Unfit => 0,
            Sent::Nothing | Sent::UpTo(_) if resume => u64::MAX,
            Sent::Nothing => 0,
            Sent::UpTo(most) => most,
            Sent::All(_) => u64::MAX,
        }
    }
}

/// An upload that has failed, for the next attempt of the operation that it is a part of.
#[derive(Debug, Clone)]
pub(in crate::transfer) struct Unfinished {
    pub(super) remote: String,
    pub(super) source: Source,
    pub(super) sent: Sent,
    /// Largest number of bytes that the server may have.
    pub(super) furthest: u64,
}

impl Unfinished {
    /// Whether an upload of `source` to `remote` is the same one.
    pub(super) fn is_of(&self, remote: &str, source: &Source) -> bool {
        self.remote == remote && self.source == *source
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn what_is_continued_after_a_failure() {
        use ErrorKind::{DataConnection, Timeout};
        let failed = |kind, has_sent, is_acknowledged| Failed { kind, has_sent, is_acknowledged, reached: 600 };
        let (unsent, acknowledged) = (failed(DataConnection, false, false), failed(DataConnection, true, true));
        let unacknowledged = failed(DataConnection, true, false);
        let (doubtful, silent) = (failed(Timeout, true, true), failed(Timeout, false, false));
        let all = Sent::All(Assurance::Unconfirmed);
        // What the attempts before have sent, the failure, and what was sent then.
        let cases = [
            (Sent::Nothing, unsent, Sent::Nothing),
            (Sent::Nothing, silent, Sent::Nothing),
            (Sent::Nothing, unacknowledged, Sent::UpTo(0)),
            (Sent::Nothing, acknowledged, Sent::UpTo(600)),
            (Sent::Nothing, doubtful, Sent::Unfit),
            (Sent::UpTo(0), unsent, Sent::UpTo(0)),
            (Sent::UpTo(0), acknowledged, Sent::UpTo(600)),
            (Sent::UpTo(500), unsent, Sent::UpTo(500)),
            (Sent::UpTo(500), unacknowledged, Sent::UpTo(500)),
            (Sent::UpTo(500), acknowledged, Sent::UpTo(600)),
            (Sent::UpTo(700), acknowledged, Sent::UpTo(700)),
            (Sent::UpTo(500), doubtful, Sent::Unfit),
            (Sent::UpTo(500), silent, Sent::Unfit),
            (Sent::Unfit, acknowledged, Sent::Unfit),
            (all, doubtful, all),
            (all, failed(ErrorKind::VerificationFailed, false, false), Sent::Unfit),
        ];
        for (before, failed, after) in cases {
            assert_eq!(before.and(failed), after, "{before:?}, {failed:?}");
        }
        // How long a file may be that is continued: without and with the wish of the caller.
        let lengths = [
            (Sent::Nothing, [0, u64::MAX]),
            (Sent::UpTo(0), [0, u64::MAX]),
            (Sent::UpTo(500), [500, u64::MAX]),
            (Sent::Unfit, [0, 0]),
        ];
        for (sent, longest) in lengths {
            assert_eq!([false, true].map(|resume| sent.longest_to_continue(resume)), longest, "{sent:?}");
        }
    }

    #[test]
    fn only_the_same_upload_is_continued() {
        let source =
            |size, second| Source { size, modified: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(second)) };
        let (remote, sent) = ("/in/a".to_owned(), Sent::UpTo(500));
        let unfinished = Unfinished { remote, source: source(900, 1), sent, furthest: 500 };
        for (remote, source, is_same) in [
            ("/in/a", source(900, 1), true),
            ("/in/b", source(900, 1), false),
            ("/in/a", source(901, 1), false),
            ("/in/a", source(900, 2), false),
        ] {
            assert_eq!(unfinished.is_of(remote, &source), is_same, "{remote}, {source:?}");
        }
    }
}

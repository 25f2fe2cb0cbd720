//! What tells one file on a server from another.

use crate::modem::{Modified, Precision};

/// What the server states about a file: enough to detect that it was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Host, port and user, where the modem knows them.
    pub server: Option<String>,
    /// The path on the server: absolute, or as the caller gave it where that is not known to be the same place in
    /// another run.
    pub path: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// When it was last modified, where that was queried and the server states it.
    pub modified: Option<Modified>,
    /// Whether that time is exact, so that a file that was replaced meanwhile has another one.
    pub is_exact: bool,
}

/// How every note begins.
pub(super) const SIGNATURE: &str = "ftp-modem partial file of";

impl Fingerprint {
    /// The same file, at an unknown time.
    pub fn undated(&self) -> Self {
        Fingerprint { modified: None, is_exact: false, ..self.clone() }
    }

    /// As a line of text; what is not known is `None`.
    pub fn line(&self) -> String {
        let Fingerprint { server, path, size, modified, is_exact: _ } = self;
        format!("{SIGNATURE} {server:?} {path:?}, size {size:?}, modified {modified:?}\n")
    }
}

/// Whether `modified` tells a file from the one that replaces it a moment later. A time that comes from the row of a
/// listing ends in `00` where the row states no seconds and the module adds them (`+MFTPLIST: …,20170501000000,…`).
pub(super) fn is_exact(modified: &Modified, is_of_row: bool) -> bool {
    let is_padded = is_of_row && modified.second == 0;
    modified.year.is_some() && modified.precision == Precision::Second && !is_padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_with_seconds_are_exact() {
        let time =
            |year, second, precision| Modified { year, month: 5, day: 1, hour: 12, minute: 30, second, precision };
        for (modified, of_query, of_row) in [
            (time(Some(2017), 7, Precision::Second), true, true),
            (time(Some(2017), 0, Precision::Second), true, false),
            (time(None, 7, Precision::Second), false, false),
            (time(Some(2017), 0, Precision::Minute), false, false),
            (time(Some(2017), 0, Precision::Day), false, false),
        ] {
            assert_eq!((is_exact(&modified, false), is_exact(&modified, true)), (of_query, of_row), "{modified:?}");
        }
    }
}

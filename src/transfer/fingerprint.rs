//! What tells one file on a server from another.

use crate::modem::{Modified, Precision};

/// What the server states about a file: enough to detect that it was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Host, port and user; `None` if the modem does not know them.
    pub server: Option<String>,
    /// The path on the server. It is absolute, or the caller's own path if the current directory is not known.
    pub path: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// The time of the last modification; `None` if it was not queried or the server does not state it.
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

    /// Returns the file as a line of text, with `None` for each unknown value.
    pub fn line(&self) -> String {
        let [head, tail] = self.around_the_size();
        format!("{head}{:?}{tail}", self.size)
    }

    /// Whether an exact time proves that the file of `note`, which is such a line, is this one. A size that the server
    /// refused to state, then or now, contradicts nothing.
    pub fn is_proven_by(&self, note: &str) -> bool {
        let [head, tail] = self.around_the_size();
        let size = note.strip_prefix(&head).and_then(|rest| rest.strip_suffix(&tail));
        let agrees = |size: &str| self.size.is_none() || size == "None" || size == format!("{:?}", self.size);
        self.is_exact && size.is_some_and(agrees)
    }

    /// Whether `note` is of a file on this server that had this size, and states no time. A download without `resume`
    /// notes the path as the caller gave it.
    pub fn is_undated_in(&self, note: &str) -> bool {
        let Fingerprint { server, size, .. } = self;
        let head = format!("{SIGNATURE} {server:?} ");
        note.starts_with(&head) && note.ends_with(&format!(", size {size:?}, modified None\n"))
    }

    /// The line before and behind the size.
    fn around_the_size(&self) -> [String; 2] {
        let Fingerprint { server, path, size: _, modified, is_exact: _ } = self;
        [format!("{SIGNATURE} {server:?} {path:?}, size "), format!(", modified {modified:?}\n")]
    }
}

/// Whether `modified` tells a file from the one that replaces it a moment later. A time that comes from the row of a
/// listing ends in `00` if the row states no seconds and the module adds them (`+MFTPLIST: …,20170501000000,…`).
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

    #[test]
    fn only_an_exact_time_proves_a_note_and_a_refused_size_contradicts_nothing() {
        let time = Modified {
            year: Some(2017),
            month: 5,
            day: 1,
            hour: 12,
            minute: 30,
            second: 7,
            precision: Precision::Second,
        };
        let file = |size, modified, is_exact| Fingerprint {
            server: Some("user@host:21".to_owned()),
            path: "/a\", size None".to_owned(),
            size,
            modified,
            is_exact,
        };
        let noted = |size| file(size, Some(time), true).line();
        for (size, note, is_proven) in [
            (Some(5), noted(Some(5)), true),
            (None, noted(Some(5)), true),
            (Some(5), noted(None), true),
            (None, noted(None), true),
            (Some(5), noted(Some(6)), false),
            (Some(5), file(Some(5), None, false).line(), false),
            (Some(5), Fingerprint { path: "/b".to_owned(), ..file(Some(5), Some(time), true) }.line(), false),
        ] {
            assert_eq!(file(size, Some(time), true).is_proven_by(&note), is_proven, "{size:?}, {note}");
            assert!(!file(size, Some(time), false).is_proven_by(&note), "{note}");
        }
    }
}

//! The queries before an attempt, and their answers.

use super::super::fingerprint::{Fingerprint, is_exact};
use super::{Run, is_other_time};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{EntryKind, FtpModem, Metadata, Modified, Operation, SizeQuery, Support};

/// How the metadata of the file are queried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookup {
    /// Not at all: the caller knows the size.
    Given(u64),
    /// By [`FtpModem::metadata_to_retrieve`]: the end of the download shows whether they are those of the file.
    ShownByEnd,
    /// By [`FtpModem::metadata`].
    Sure,
}

impl Lookup {
    /// How the first query of a download is made.
    pub fn first(resume: bool) -> Self {
        if resume { Lookup::Sure } else { Lookup::ShownByEnd }
    }
}

/// The server's statements about the file.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Its size, until a query shows another time of modification or the download shows that the size is wrong.
    pub size: Option<u64>,
    /// When it was modified, by the last answer that states a time.
    pub modified: Option<Modified>,
}

impl Seen {
    /// Notes an answer of the server, and returns the size of the file. If the server refuses to state the size now,
    /// its last statement holds, unless the file has another time. If the size has changed all the same, the end of
    /// the file shows it.
    fn update(&mut self, size: Option<u64>, modified: Option<Modified>) -> Option<u64> {
        let is_replaced = is_other_time(self.modified, modified);
        self.size = size.or(self.size.filter(|_| !is_replaced));
        self.modified = modified.or(self.modified);
        self.size
    }
}

impl Run<'_> {
    /// Returns the file's present size; `None` if module and server do not state it.
    pub(super) fn size_now(&mut self) -> Option<u64> {
        let has_size = self.modem.capabilities().supports(Operation::Size);
        if has_size { self.modem.metadata(&self.job.remote).ok()?.size } else { None }
    }

    /// Queries the file, once if one query states both size and time.
    pub(super) fn fingerprint(&mut self) -> Result<Fingerprint> {
        let capabilities = self.modem.capabilities();
        let (has_size, has_time) = (capabilities.supports(Operation::Size), capabilities.supports(Operation::Modified));
        let is_listed = capabilities.size_query == SizeQuery::Listing;
        let queried = match self.job.lookup {
            Lookup::Given(size) => {
                self.job.lookup = Lookup::first(self.job.resume);
                Ok(Metadata::new().with_size(size))
            }
            _ if !has_size => Ok(Metadata::new()),
            Lookup::ShownByEnd => self.modem.metadata_to_retrieve(&self.job.remote),
            Lookup::Sure => self.modem.metadata(&self.job.remote),
        };
        let refusal = queried.as_ref().err().map(Error::kind);
        let metadata = unless_unknown(queried)?.unwrap_or_default();
        // The row of a link states when the link was made.
        let mut modified = metadata.modified.filter(|_| metadata.kind != Some(EntryKind::Link));
        // The row of a listing, which states the kind, would have stated the time.
        let has_own_query = has_time && metadata.kind.is_none() && !(is_listed && refusal.is_some());
        // Without the size only the time tells whether a part can be continued. A missing file has none.
        let is_unsized = self.job.seen.size.is_none() && refusal.is_some_and(|kind| kind != ErrorKind::Unavailable);
        if modified.is_none() && has_own_query && (self.job.resume || self.attempts.count > 1 || is_unsized) {
            modified = unless_unknown(self.modem.modified(&self.job.remote))?;
        }
        let size = self.job.seen.update(metadata.size, modified);
        let is_exact = modified.is_some_and(|time| is_exact(&time, metadata.kind.is_some()));
        let server = self.modem.server().map(|server| format!("{}@{}:{}", server.user, server.host, server.port));
        Ok(Fingerprint { server, path: self.path()?, size, modified, is_exact })
    }

    /// Returns the absolute path of the file if a partial file of an earlier run may be compared by it, or if the
    /// dialect states the current directory without a command. Otherwise it returns the caller's path.
    fn path(&mut self) -> Result<String> {
        let remote = &self.job.remote;
        let is_absolute = remote.starts_with('/');
        match self.modem.capabilities().support(Operation::Pwd) {
            Support::Native if self.job.resume && !is_absolute => Ok(format!("{}/{remote}", self.modem.pwd()?)),
            Support::Built if !is_absolute => Ok(format!("{}/{remote}", self.modem.pwd()?)),
            _ => Ok(remote.clone()),
        }
    }
}

/// A value that the server states, or `None` from a server without SIZE or MDTM.
fn unless_unknown<T>(stated: Result<T>) -> Result<Option<T>> {
    match stated {
        Err(error) => match error.kind() {
            ErrorKind::ServerRefused | ErrorKind::ModuleRefused | ErrorKind::Unsupported => Ok(None),
            // Some servers refuse SIZE with 550; whether there is a file shows when it is retrieved.
            ErrorKind::Unavailable => Ok(None),
            _ => Err(error),
        },
        Ok(stated) => Ok(Some(stated)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modem::Precision;

    #[test]
    fn a_size_that_is_not_stated_again_holds_until_the_file_has_another_time() {
        let time = |minute| {
            let (year, precision) = (Some(2017), Precision::Second);
            Some(Modified { year, month: 5, day: 1, hour: 12, minute, second: 7, precision })
        };
        // Size and time that the server has stated before and states now, and what is known of the file then.
        let cases = [
            ((None, None), (None, None), (None, None)),
            ((None, None), (Some(5), time(1)), (Some(5), time(1))),
            ((Some(5), time(1)), (Some(6), time(2)), (Some(6), time(2))),
            ((Some(5), time(1)), (None, None), (Some(5), time(1))),
            ((Some(5), time(1)), (None, time(1)), (Some(5), time(1))),
            ((Some(5), time(1)), (None, time(2)), (None, time(2))),
            ((Some(5), None), (None, time(2)), (Some(5), time(2))),
        ];
        for (before, now, after) in cases {
            let mut seen = Seen { size: before.0, modified: before.1 };
            let size = seen.update(now.0, now.1);
            assert_eq!((size, seen.size, seen.modified), (after.0, after.0, after.1), "{before:?}, {now:?}");
        }
    }
}

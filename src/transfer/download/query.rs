//! What is known of the file before an attempt.

use super::super::fingerprint::{Fingerprint, is_exact};
use super::{Run, is_other_time};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{EntryKind, FtpModem, Metadata, Operation, SizeQuery, Support};

/// How the metadata of the file are queried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookup {
    /// By [`FtpModem::metadata_to_retrieve`]: the end of the download shows whether they are those of the file.
    ShownByEnd,
    /// By [`FtpModem::metadata`].
    Sure,
}

impl Run<'_> {
    /// The file's present size; `None` where that cannot be found out.
    pub(super) fn size_now(&mut self) -> Option<u64> {
        let has_size = self.modem.capabilities().supports(Operation::Size);
        if has_size { self.modem.metadata(&self.job.remote).ok()?.size } else { None }
    }

    /// What is known of the file now, by one query where that is enough.
    pub(super) fn fingerprint(&mut self) -> Result<Fingerprint> {
        let capabilities = self.modem.capabilities();
        let (has_size, has_time) = (capabilities.supports(Operation::Size), capabilities.supports(Operation::Modified));
        let is_listed = capabilities.size_query == SizeQuery::Listing;
        let queried = match self.job.size.take() {
            Some(size) => Ok(Metadata::new().with_size(size)),
            None if has_size => match self.job.lookup {
                Lookup::ShownByEnd => self.modem.metadata_to_retrieve(&self.job.remote),
                Lookup::Sure => self.modem.metadata(&self.job.remote),
            },
            None => Ok(Metadata::new()),
        };
        let refusal = queried.as_ref().err().map(Error::kind);
        let metadata = unless_unknown(queried)?.unwrap_or_default();
        // The row of a link states when the link was made.
        let mut modified = metadata.modified.filter(|_| metadata.kind != Some(EntryKind::Link));
        // The row of a listing, which states the kind, would have stated the time.
        let has_own_query = has_time && metadata.kind.is_none() && !(is_listed && refusal.is_some());
        // Without the size only the time tells whether a part can be continued. A missing file has none.
        let is_unsized = self.job.stated.is_none() && refusal.is_some_and(|kind| kind != ErrorKind::Unavailable);
        if modified.is_none() && has_own_query && (self.job.resume || self.attempts.count > 1 || is_unsized) {
            modified = unless_unknown(self.modem.modified(&self.job.remote))?;
        }
        // A refusal says nothing of the file: where the size is not what it was the end of the file shows it.
        let size = metadata.size.or(self.job.stated.filter(|_| !is_other_time(self.job.modified, modified)));
        self.job.stated = size;
        self.job.modified = modified.or(self.job.modified);
        let is_exact = modified.is_some_and(|time| is_exact(&time, metadata.kind.is_some()));
        let server = self.modem.server().map(|server| format!("{}@{}:{}", server.user, server.host, server.port));
        Ok(Fingerprint { server, path: self.path()?, size, modified, is_exact })
    }

    /// The absolute path of the file, where a partial file of an earlier run may be compared by it or the dialect
    /// states the current directory without a command; else the path that the caller gave.
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

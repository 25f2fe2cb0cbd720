//! The check of an upload by the statements of module and server.

use log::info;

use super::super::refusal::{is_loss_of_module, says_nothing};
use super::source::Source;
use super::{Place, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, FtpModem, Operation, SizeQuery};

impl Run<'_> {
    /// Checks that the local file is still the same, and compares its size with the size that the server states.
    ///
    /// If only a comparison confirms an upload, the size is not queried before it.
    pub(super) fn verify(&mut self, place: &Place, known: Assurance) -> Result<Assurance> {
        let now = Source::of(&self.job.file).map_err(Error::local)?;
        if now.size < self.job.source.size || now.modified != self.job.source.modified {
            return Err(self.failed(place, "the local file was changed while it was sent".to_owned()));
        }
        if self.needs_comparison() { Ok(known) } else { self.check_size(place, known) }
    }

    /// The upload has failed its verification.
    pub(super) fn failed(&self, place: &Place, detail: String) -> Error {
        Error::new(ErrorKind::VerificationFailed, detail).with_transferred(place.start + self.sent)
    }

    /// Checks the upload by the size that the server states.
    ///
    /// A count of the module is not checked by a listing, which opens a data connection.
    pub(super) fn check_size(&mut self, place: &Place, known: Assurance) -> Result<Assurance> {
        let capabilities = self.modem.capabilities();
        if known >= Assurance::ServerSize || !capabilities.supports(Operation::Size) {
            return Ok(known);
        }
        if known > Assurance::Unconfirmed && capabilities.size_query == SizeQuery::Listing {
            let has_status = capabilities.supports(Operation::Status);
            let answer = if has_status { self.first_query(|modem, _| modem.status())? } else { return Ok(known) };
            return answer.map(|_| known).or_else(unless_contradicted(known));
        }
        let expected = place.base.unwrap_or(0).saturating_add(self.job.source.size);
        match self.first_query(|modem, remote| modem.size(remote))? {
            Ok(size) if size == expected => Ok(Assurance::ServerSize),
            // The size before the append is not known.
            Ok(size) if place.base.is_none() && size > expected => Ok(known),
            Ok(size) => Err(self.failed(place, format!("the server's file has {size} bytes, expected {expected}"))),
            Err(error) => unless_contradicted(known)(error),
        }
    }

    /// Makes the first query behind an upload.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] if the module understood the query only the second time. Bytes that were added to the
    /// payload on its way to the module push as many bytes out at its end, in front of the next command. Every count of
    /// the upload agrees all the same.
    fn first_query<T>(&mut self, query: impl Fn(&mut dyn FtpModem, &str) -> Result<T>) -> Result<Result<T>> {
        let answer = query(self.modem, &self.job.remote);
        let is_bare = |error: &Error| {
            error.kind() == ErrorKind::ModuleRefused && error.module_code().is_none() && error.ftp_reply().is_none()
        };
        if !answer.as_ref().is_err_and(is_bare) {
            return Ok(answer);
        }
        match query(self.modem, &self.job.remote) {
            Ok(_) => {
                let detail = "the module did not understand the first command behind the payload";
                Err(Error::new(ErrorKind::Protocol, detail))
            }
            refused => Ok(refused),
        }
    }
}

/// Returns what was known before a check that failed, unless the failure casts doubt on the upload.
///
/// A server may lack SIZE, let nobody see what was uploaded, or have moved the file by now. A module that is lost casts
/// doubt only on an upload that it has not acknowledged.
fn unless_contradicted(known: Assurance) -> impl FnOnce(Error) -> Result<Assurance> {
    move |error| {
        if !says_nothing(&error) || (known == Assurance::Unconfirmed && is_loss_of_module(&error)) {
            return Err(error);
        }
        info!("the upload is complete, but its size could not be checked: {error}");
        Ok(known)
    }
}

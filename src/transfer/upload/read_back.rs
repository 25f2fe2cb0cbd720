//! The comparison of an upload with its source: where nothing else confirms it, and where the caller asks for it.

use log::{info, warn};

use super::super::content::Content;
use super::{Place, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, Operation, Retrieve};

impl Run<'_> {
    /// Downloads what was uploaded and compares it. Without the caller's request this happens on a dialect that cannot
    /// confirm an upload: there a size may be right and the content wrong, because the payload is part of command
    /// lines.
    ///
    /// # Errors
    /// [`ErrorKind::VerificationFailed`] where the files differ. A comparison that the caller asked for and that
    /// cannot be made is an error, too; any other changes nothing.
    pub(super) fn read_back(&mut self, place: &Place, known: Assurance) -> Result<Assurance> {
        let capabilities = self.modem.capabilities();
        let is_needed = capabilities.upload_assurance == Assurance::Unconfirmed;
        if !(self.job.verify_content || is_needed && capabilities.supports(Operation::Retrieve)) {
            return Ok(known);
        }
        info!("{}: uploaded, comparing it", self.job.remote);
        let size = self.job.source.size;
        let mut content = Content::of(&mut self.job.file, size).map_err(Error::local)?;
        let mut how = Retrieve::from(place.base);
        if known >= Assurance::ServerSize {
            // The check before this has found the size, which need not be queried twice.
            how = how.with_size(place.base.saturating_add(size));
        }
        let outcome = self.modem.retrieve(&self.job.remote, &how, &mut content);
        let (equal, differs) = (content.equal, content.differs);
        let arrived = place.start + self.sent;
        match outcome {
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            Err(error) if !differs && self.job.verify_content => {
                let error = error.explained_further("the file was uploaded, but could not be compared");
                Err(error.with_transferred(arrived))
            }
            Err(error) if !differs => {
                warn!("{}: uploaded, but it could not be read back: {error}", self.job.remote);
                Ok(known)
            }
            Ok(_) if equal == size => Ok(Assurance::ContentCompared),
            _ => {
                let detail = format!("the server's file differs from the local one behind its first {equal} bytes");
                Err(Error::new(ErrorKind::VerificationFailed, detail).with_transferred(arrived))
            }
        }
    }
}

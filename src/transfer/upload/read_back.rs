//! The comparison of an upload with its source. It is made if nothing else confirms the upload, or if the caller
//! requests it.

use log::info;

use super::super::content::Content;
use super::{Place, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, Operation, Retrieve};

impl Run<'_> {
    /// Whether only a comparison confirms an upload. On such a dialect the size may be right and the content wrong,
    /// because the payload is part of command lines.
    pub(super) fn needs_comparison(&self) -> bool {
        let capabilities = self.modem.capabilities();
        capabilities.upload_assurance == Assurance::Unconfirmed && capabilities.supports(Operation::Retrieve)
    }

    /// Downloads the uploaded file and compares it, if this is needed or the caller requested it.
    ///
    /// # Errors
    /// [`ErrorKind::VerificationFailed`] if the files differ. A comparison that the caller requested and that cannot be
    /// made is an error, too. If the caller did not request it, the size decides instead.
    pub(super) fn read_back(&mut self, place: &Place, known: Assurance) -> Result<Assurance> {
        if !(self.job.verify_content || self.needs_comparison()) {
            return Ok(known);
        }
        // The offset of our bytes in the server's file is not known.
        let Some(base) = place.base else { return self.check_size(place, known) };
        info!("{}: uploaded, comparing it", self.job.remote);
        let size = self.job.source.size;
        let mut content = Content::of(&mut self.job.file, size).map_err(Error::local)?;
        // The size is what the comparison expects. It need not be queried: the download looks for the end.
        let how = Retrieve::from(base).with_size(base.saturating_add(size));
        let outcome = self.modem.retrieve(&self.job.remote, &how, &mut content);
        let (equal, differs) = (content.equal, content.differs);
        match outcome {
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            Err(error) if !differs => {
                let known = self.check_size(place, known)?;
                if self.job.verify_content {
                    let error = error.explained_further("the file was uploaded, but could not be compared");
                    return Err(error.with_transferred(place.start + self.sent));
                }
                info!("{}: uploaded, but it could not be read back: {error}", self.job.remote);
                Ok(known)
            }
            Ok(_) if equal == size => Ok(Assurance::ContentCompared),
            _ => {
                let detail = format!("the server's file differs from the local one behind its first {equal} bytes");
                Err(self.failed(place, detail))
            }
        }
    }
}

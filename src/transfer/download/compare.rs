//! The comparison of a download with a second one.

use std::fs::File;

use log::info;

use super::super::content::Content;
use super::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::Retrieve;

impl Run<'_> {
    /// Downloads the file a second time and compares it with the first `size` bytes of `file`.
    pub(super) fn compare(&mut self, file: &mut File, size: u64, grown_to: Option<u64>) -> Result<()> {
        info!("{}: downloaded, comparing it with a second download", self.job.remote);
        let mut content = Content::of(file, size).map_err(Error::local)?;
        let mut what = Retrieve::whole();
        match grown_to {
            Some(_) => content = content.ignoring_more(),
            None => what = what.with_size(size),
        }
        let outcome = self.modem.retrieve(&self.job.remote, &what, &mut content);
        let (equal, differs) = (content.equal, content.differs);
        match outcome {
            Err(error) if !differs => {
                let error = error.explained_further("the file was downloaded, but could not be compared");
                Err(error.with_transferred(size))
            }
            Ok(_) if equal == size => Ok(()),
            _ => {
                // Which of the two is wrong is not known.
                self.job.partial.discard();
                let detail = format!("a second download differs from the first one behind {equal} bytes");
                Err(Error::new(ErrorKind::VerificationFailed, detail).with_transferred(size))
            }
        }
    }
}

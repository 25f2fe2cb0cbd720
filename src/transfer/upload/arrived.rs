//! The part of an upload that has arrived before this attempt: of an earlier attempt, or of an earlier run.

use std::io;

use log::debug;

use super::super::overlap::{Comparing, is_difference, overlap_before};
use super::{Place, Run, Sent};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{FtpModem, Operation, Retrieve};

impl Run<'_> {
    /// Returns how many of our bytes the server's file has already. The last of them are downloaded as a proof. Returns
    /// 0 if they are not ours or cannot be continued.
    ///
    /// # Errors
    /// For an append: when the server's file is neither unchanged nor longer by a part of ours, so that nothing can be
    /// done without the risk of adding bytes twice.
    pub(super) fn arrived(&mut self, place: &mut Place) -> Result<u64> {
        place.stated = match self.modem.size(&self.job.remote) {
            Ok(size) => Some(size),
            Err(error) if error.is_retryable() => return Err(error),
            // Without its size the file is sent from its start, but not appended to a second time.
            Err(error) if place.append && self.job.sent != Sent::Nothing => {
                return Err(error.explained_further("nothing shows how much was appended"));
            }
            Err(_) if place.append => return Ok(0),
            Err(_) => None,
        };
        let size = place.stated.unwrap_or(0);
        let ours = size.checked_sub(place.base.unwrap_or(0)).filter(|ours| *ours <= self.job.source.size);
        let capabilities = self.modem.capabilities();
        let longest = self.job.sent.longest_to_continue(self.job.resume);
        let can = capabilities.supports(Operation::StoreAt) && capabilities.supports(Operation::RetrieveFrom);
        match ours {
            Some(0) => Ok(0),
            Some(ours) if can && ours <= longest && self.is_ours(place, ours, size)? => {
                debug!("{}: continued at {ours}", self.job.remote);
                Ok(ours)
            }
            _ if place.append => {
                let detail =
                    format!("the server's file has {size} bytes now, which are not what it had and a part of ours");
                Err(Error::new(ErrorKind::VerificationFailed, detail))
            }
            _ => Ok(0),
        }
    }

    /// Whether the last bytes of the server's file, which has `size` bytes, are those of ours before `end`.
    fn is_ours(&mut self, place: &Place, end: u64, size: u64) -> Result<bool> {
        let expected = overlap_before(&mut self.job.file, end).map_err(Error::local)?;
        let offset = place.base.unwrap_or(0).saturating_add(end - expected.len() as u64);
        let mut comparing = Comparing::new(expected, io::sink());
        match self.modem.retrieve(&self.job.remote, &Retrieve::from(offset).with_size(size), &mut comparing) {
            Ok(_) => Ok(comparing.is_proven()),
            Err(error) if is_difference(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

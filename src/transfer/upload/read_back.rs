//! The comparison of an upload with its source, where nothing else confirms it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take, Write};

use log::warn;

use super::{Place, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, Operation, Retrieve};

impl Run<'_> {
    /// Downloads what was uploaded and compares it, on a dialect that cannot confirm an upload: there a size may be
    /// right and the content wrong, because the payload is part of command lines.
    ///
    /// # Errors
    /// [`ErrorKind::VerificationFailed`] where the files differ. A comparison that cannot be made changes nothing.
    pub(super) fn read_back(&mut self, place: &Place, known: Assurance) -> Result<Assurance> {
        let capabilities = self.modem.capabilities();
        if capabilities.upload_assurance > Assurance::Unconfirmed || !capabilities.supports(Operation::Retrieve) {
            return Ok(known);
        }
        let size = self.job.source.size;
        self.job.file.seek(SeekFrom::Start(0)).map_err(Error::local)?;
        let mut content =
            Content { expected: BufReader::new((&mut self.job.file).take(size)), equal: 0, differs: false };
        let mut how = Retrieve::from(place.base);
        if known >= Assurance::ServerSize {
            // The check before this has found the size, which need not be queried twice.
            how = how.with_size(place.base.saturating_add(size));
        }
        let outcome = self.modem.retrieve(&self.job.remote, &how, &mut content);
        let (equal, differs) = (content.equal, content.differs);
        match outcome {
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            Err(error) if !differs => {
                warn!("{}: uploaded, but it could not be read back: {error}", self.job.remote);
                Ok(known)
            }
            Ok(_) if equal == size => Ok(Assurance::ServerSize),
            _ => {
                let detail = format!("the server's file differs from the local one behind its first {equal} bytes");
                Err(Error::new(ErrorKind::VerificationFailed, detail).with_transferred(place.start + self.sent))
            }
        }
    }
}

/// A writer that fails at the first byte that is not the expected one.
struct Content<'a> {
    expected: BufReader<Take<&'a mut File>>,
    /// Number of bytes that were as expected.
    equal: u64,
    differs: bool,
}

impl Write for Content<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let mut expected = vec![0; bytes.len()];
        let read = self.expected.read(&mut expected)?;
        let same = bytes.iter().zip(expected.get(..read).unwrap_or_default()).take_while(|(one, other)| one == other);
        let same = same.count();
        self.equal += same as u64;
        // Also where the server's file goes on behind the end of ours.
        self.differs = same < read || read == 0;
        match self.differs {
            true => Err(io::Error::other("the bytes differ")),
            false => Ok(read),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! The local file of an upload.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, ErrorKind, Result};
use crate::modem::BinaryUpload;

pub(super) fn unreadable(local: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::LocalIo, format!("{}: {error}", local.display())).with_source(error)
}

/// The local file at the start of the upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) size: u64,
    pub(super) modified: Option<SystemTime>,
}

impl Source {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        // A device or a file of the kernel's has no size to check anything by.
        if !metadata.is_file() || (metadata.len() == 0 && has_content(file)?) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        Ok(Source { size: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// Whether something can be read of a file that is said to be empty.
fn has_content(mut file: &File) -> io::Result<bool> {
    let mut byte = [0];
    Ok(file.read(&mut byte)? > 0)
}

/// Checks that an upload carries every byte of the file, so that nothing of a file that it does not carry is sent.
pub(super) fn must_carry(upload: BinaryUpload, file: &mut File, local: &Path) -> Result<()> {
    if upload == BinaryUpload::Safe {
        return Ok(());
    }
    let failed = |error| unreadable(local, error);
    file.rewind().map_err(failed)?;
    for (offset, byte) in (0u64..).zip(BufReader::new(&*file).bytes()) {
        let byte = byte.map_err(failed)?;
        if !upload.carries(byte) {
            let detail = format!(
                "{} holds the byte 0x{byte:02x} at offset {offset}, and the uploads of this dialect are part of the \
                 command line; they are not proven to carry it",
                local.display()
            );
            let error = Error::new(ErrorKind::InvalidInput, detail);
            return Err(error.advising("force_binary (--force-binary) sends it all the same"));
        }
    }
    Ok(())
}

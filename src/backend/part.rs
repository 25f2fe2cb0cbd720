//! The part of a file that a download wants.

use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, Retrieve};

/// The part of a file that a download wants, measured by the size of the file where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The first byte.
    pub offset: u64,
    /// Most bytes that the caller wants; `None` means up to the end of the file.
    pub length: Option<u64>,
    /// Size of the file, where known.
    pub size: Option<u64>,
}

impl Part {
    /// What `what` is of a file of `size` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the offset is beyond the end of the file.
    pub fn of(what: &Retrieve, size: Option<u64>) -> Result<Self> {
        match size {
            Some(size) if what.offset > size => {
                let detail = format!("offset {} is beyond the file's {size} bytes", what.offset);
                Err(Error::new(ErrorKind::InvalidInput, detail))
            }
            size => Ok(Part { offset: what.offset, length: what.length, size }),
        }
    }

    /// Number of bytes from the offset to the end of the file, where known.
    pub fn rest(&self) -> Option<u64> {
        self.size.map(|size| size - self.offset)
    }

    /// Number of bytes wanted, where known: it is not where the length may reach beyond an end that is not known.
    pub fn wanted(&self) -> Option<u64> {
        self.rest().map(|rest| rest.min(self.length.unwrap_or(u64::MAX)))
    }

    /// Most bytes that may come.
    pub fn most(&self) -> u64 {
        self.wanted().or(self.length).unwrap_or(u64::MAX)
    }

    /// Whether the caller wants less than the rest of the file.
    pub fn ends_early(&self) -> bool {
        match self.rest() {
            Some(rest) => self.length.is_some_and(|length| length < rest),
            None => self.length.is_some(),
        }
    }

    /// The assurance of a download that ended where this part ends.
    pub fn assurance(&self) -> Assurance {
        if self.size.is_some() { Assurance::ServerSize } else { Assurance::Unconfirmed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_files() {
        let part = |offset, length, size| Part { offset, length, size };
        let cases = [
            (part(0, None, Some(10)), Some(10), 10, false),
            (part(4, None, Some(10)), Some(6), 6, false),
            (part(4, Some(3), Some(10)), Some(3), 3, true),
            (part(4, Some(6), Some(10)), Some(6), 6, false),
            (part(4, Some(60), Some(10)), Some(6), 6, false),
            (part(4, Some(6), None), None, 6, true),
            (part(4, None, None), None, u64::MAX, false),
        ];
        for (part, wanted, most, ends_early) in cases {
            assert_eq!((part.wanted(), part.most(), part.ends_early()), (wanted, most, ends_early), "{part:?}");
        }
        assert!(Part::of(&Retrieve::from(10), Some(10)).is_ok());
        assert_eq!(Part::of(&Retrieve::from(11), Some(10)).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

//! The comparison of a file with a download that is made for this comparison only.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take, Write};

/// A writer that fails at the first byte that is not the expected one.
pub(super) struct Content<'a> {
    expected: BufReader<Take<&'a mut File>>,
    /// Number of bytes that were as expected.
    pub equal: u64,
    /// Whether a byte was not as expected, or the other file has more bytes.
    pub differs: bool,
    ignores_more: bool,
}

impl<'a> Content<'a> {
    /// Expects the first `size` bytes of `file`, and no more.
    pub fn of(file: &'a mut File, size: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        Ok(Content { expected: BufReader::new(file.take(size)), equal: 0, differs: false, ignores_more: false })
    }

    /// Ignores the bytes behind the expected ones.
    pub fn ignoring_more(mut self) -> Self {
        self.ignores_more = true;
        self
    }
}

impl Write for Content<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let mut expected = vec![0; bytes.len()];
        let read = self.expected.read(&mut expected)?;
        if read == 0 && self.ignores_more {
            return Ok(bytes.len());
        }
        let same = bytes.iter().zip(expected.get(..read).unwrap_or_default()).take_while(|(one, other)| one == other);
        let same = same.count();
        self.equal += same as u64;
        // The files also differ if the other one goes on behind the end of this one.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_and_a_byte_too_many_differ() {
        // What comes, whether more is ignored, how much of it is equal, and whether it differs.
        let cases: [(&[u8], bool, u64, bool); 6] = [
            (b"abc", false, 3, false),
            (b"ab", false, 2, false),
            (b"abX", false, 2, true),
            (b"abcd", false, 3, true),
            (b"abcd", true, 3, false),
            (b"aXcd", true, 1, true),
        ];
        for (bytes, ignores_more, equal, differs) in cases {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(b"abc and what is not expected").unwrap();
            let content = Content::of(&mut file, 3).unwrap();
            let mut content = if ignores_more { content.ignoring_more() } else { content };
            assert_eq!(content.write_all(bytes).is_err(), differs, "{}", bytes.escape_ascii());
            assert_eq!((content.equal, content.differs), (equal, differs), "{}", bytes.escape_ascii());
        }
    }
}

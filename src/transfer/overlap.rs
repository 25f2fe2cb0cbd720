//! Proof that a file is still the same: the last block before the offset is downloaded a second time and compared.

use std::io::{self, Read, Seek, SeekFrom, Write};

/// Number of bytes that are downloaded a second time. More than a block of any dialect's smallest, little against a
/// resumed transfer.
pub(super) const OVERLAP: u64 = 1024;

/// Compares the first bytes that pass with those expected, and writes the rest.
pub(super) struct Comparing<W> {
    expected: Vec<u8>,
    compared: usize,
    inner: W,
}

impl<W> Comparing<W> {
    pub fn new(expected: Vec<u8>, inner: W) -> Self {
        Comparing { expected, compared: 0, inner }
    }

    /// How many bytes were compared.
    pub fn compared(&self) -> u64 {
        self.compared as u64
    }

    /// Whether all of the expected bytes came.
    pub fn is_proven(&self) -> bool {
        self.compared == self.expected.len()
    }
}

/// Whether `error` means that the bytes differ.
pub(super) fn is_difference(error: &crate::Error) -> bool {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<io::Error>())
        .is_some_and(|source| source.get_ref().is_some_and(|inner| inner.is::<Different>()))
}

/// The file on the server was replaced.
#[derive(Debug, thiserror::Error)]
#[error("the bytes before the restart offset differ")]
struct Different;

impl<W: Write> Write for Comparing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.expected.get(self.compared..).unwrap_or_default();
        if left.is_empty() {
            return self.inner.write(bytes);
        }
        let count = left.len().min(bytes.len());
        if left.get(..count) != bytes.get(..count) {
            return Err(io::Error::other(Different));
        }
        self.compared += count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The last bytes of `file` before `end`, to be downloaded a second time and compared: [`OVERLAP`] of them, and the run
/// of equal bytes that the file may end in, because padding agrees with itself wherever it is cut.
pub(super) fn overlap_before(file: &mut (impl Read + Seek), end: u64) -> io::Result<Vec<u8>> {
    let mut count = OVERLAP.min(end);
    loop {
        file.seek(SeekFrom::Start(end - count))?;
        let mut bytes = Vec::new();
        file.take(count).read_to_end(&mut bytes)?;
        let run = bytes.iter().rev().skip(1).take_while(|byte| Some(*byte) == bytes.last()).count() as u64;
        if count == end || count >= run + OVERLAP {
            return Ok(bytes);
        }
        count = (run + OVERLAP).max(count * 2).min(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_are_swallowed_and_the_rest_passes() {
        for piece in 1..=7 {
            let mut rest = Vec::new();
            let mut comparing = Comparing::new(b"abc".to_vec(), &mut rest);
            for chunk in b"abcdefg".chunks(piece) {
                comparing.write_all(chunk).unwrap();
            }
            assert!(comparing.is_proven());
            assert_eq!(rest, b"defg", "in pieces of {piece}");
        }
    }

    #[test]
    fn the_overlap_reaches_over_the_padding() {
        let text: Vec<u8> = (0..5000u32).map(|index| (index % 251) as u8).collect();
        let padded = [&text[..], &[0xff; 50_000]].concat();
        let cases = [
            (&text, OVERLAP..=OVERLAP),
            (&padded, 49_999 + OVERLAP..=65_536),
            (&vec![0; 3000], 3000..=3000),
            (&vec![7; 10], 10..=10),
        ];
        for (bytes, length) in cases {
            let mut file = io::Cursor::new(bytes);
            let overlap = overlap_before(&mut file, bytes.len() as u64).unwrap();
            assert!(length.contains(&(overlap.len() as u64)), "{} of {}, not {length:?}", overlap.len(), bytes.len());
            assert!(bytes.ends_with(&overlap));
        }
    }

    #[test]
    fn a_different_byte_is_an_error_that_is_recognised() {
        let mut rest = Vec::new();
        let mut comparing = Comparing::new(b"abc".to_vec(), &mut rest);
        let error = comparing.write_all(b"abX").unwrap_err();
        assert!(is_difference(&crate::Error::local(error)));
        assert!(!is_difference(&crate::Error::local(io::Error::other("disk full"))));
        assert!(rest.is_empty());
    }
}

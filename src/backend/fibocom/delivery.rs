//! Where the bytes of a download go that takes more than one round.

use std::io::{self, Write};

/// How many bytes of the round before are fetched again.
const OVERLAP: usize = 64;

/// Hands a download to the caller's writer and checks that each round continues the one before.
///
/// A round starts a few bytes earlier than the one before ended; these must come out the same. A module that starts somewhere else
/// than it was told would otherwise go unnoticed, because the number of bytes comes out right.
pub(super) struct Delivery<'a> {
    writer: &'a mut dyn Write,
    delivered: u64,
    tail: Vec<u8>,
    /// What is still to come a second time.
    again: Vec<u8>,
    differs: bool,
}

impl<'a> Delivery<'a> {
    pub(super) fn new(writer: &'a mut dyn Write) -> Self {
        Delivery { writer, delivered: 0, tail: Vec::new(), again: Vec::new(), differs: false }
    }

    /// Bytes that the writer has taken.
    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Whether a round did not continue the one before.
    pub(super) fn differs(&self) -> bool {
        self.differs
    }

    /// Starts another round; returns how many bytes before the end of the last it has to start.
    pub(super) fn rewind(&mut self) -> u64 {
        self.again.clone_from(&self.tail);
        self.again.len() as u64
    }
}

impl Write for Delivery<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.again.len().min(bytes.len());
        if count > 0 {
            self.differs = self.again.get(..count) != bytes.get(..count);
            if self.differs {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "not the bytes that were there before"));
            }
            self.again.drain(..count);
            return Ok(count);
        }
        let count = self.writer.write(bytes)?;
        self.delivered += count as u64;
        self.tail.extend_from_slice(bytes.get(count.saturating_sub(OVERLAP)..count).unwrap_or_default());
        let surplus = self.tail.len().saturating_sub(OVERLAP);
        self.tail.drain(..surplus);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_has_to_continue_the_one_before() {
        let file: Vec<u8> = (0..=255).collect();
        for (first, pieces) in [(100, 1), (100, 7), (30, 64), (200, 1000)] {
            let mut written = Vec::new();
            let mut delivery = Delivery::new(&mut written);
            file[..first].chunks(pieces).for_each(|piece| delivery.write_all(piece).unwrap());
            let start = first - usize::try_from(delivery.rewind()).unwrap();
            assert_eq!(start, first.saturating_sub(OVERLAP));
            file[start..].chunks(pieces).for_each(|piece| delivery.write_all(piece).unwrap());
            assert_eq!(delivery.delivered(), 256);
            assert_eq!(written, file);
        }
    }

    #[test]
    fn a_round_that_starts_elsewhere_is_noticed_before_anything_is_written() {
        let mut written = Vec::new();
        let mut delivery = Delivery::new(&mut written);
        delivery.write_all(b"abcdef").unwrap();
        assert_eq!(delivery.rewind(), 6);
        delivery.write_all(b"abc").unwrap();
        delivery.write_all(b"xyz").unwrap_err();
        assert!(delivery.differs());
        assert_eq!(delivery.delivered(), 6);
    }
}

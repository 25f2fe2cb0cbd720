//! Room for a listing, bounded.

use std::io::{self, Write};

/// Most text taken in for one listing.
pub const MAX_LISTING: usize = 16 << 20;
/// Most lines. An entry takes far more room than a short line.
pub const MAX_ENTRIES: usize = 200_000;

/// Collects a listing's text. Writing more than fits fails, which ends the operation with an error.
#[derive(Debug, Default)]
pub struct ListingBuffer {
    text: Vec<u8>,
    lines: usize,
}

impl ListingBuffer {
    /// The text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text
    }
}

impl Write for ListingBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let refuse = |why: &'static str| Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        if self.text.len() + bytes.len() > MAX_LISTING {
            return refuse("the listing is longer than 16 MiB");
        }
        if self.lines > MAX_ENTRIES {
            return refuse("the listing has more than 200,000 lines");
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_without_end_is_refused() {
        let mut buffer = ListingBuffer::default();
        let piece = vec![b'x'; 1 << 20];
        let taken = (0..100).take_while(|_| buffer.write_all(&piece).is_ok()).count();
        assert_eq!(taken, 16);
        assert_eq!(buffer.into_bytes().len(), MAX_LISTING);
    }

    #[test]
    fn entries_take_more_room_than_their_text() {
        let mut buffer = ListingBuffer::default();
        let taken = (0..MAX_ENTRIES * 2).take_while(|_| buffer.write_all(b"a\n").is_ok()).count();
        assert_eq!(taken, MAX_ENTRIES);
    }
}

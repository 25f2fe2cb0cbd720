//! Room for a listing, bounded.

use std::io::{self, Write};

/// Most text taken in for one listing, about 200,000 entries.
const MAX_LISTING: usize = 16 << 20;

/// Collects a listing's text. Writing more than fits fails, which ends the operation with an error.
#[derive(Debug, Default)]
pub struct ListingBuffer(Vec<u8>);

impl ListingBuffer {
    /// The text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl Write for ListingBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_LISTING {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the listing is longer than 16 MiB"));
        }
        self.0.extend_from_slice(bytes);
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
}

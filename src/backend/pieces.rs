//! The pieces in which a module takes a file.

use super::source::Source;
use crate::error::Result;

/// Cuts what a source yields into pieces.
///
/// Only the last piece ends in a line end; elsewhere the line end goes into the next piece. Bytes that are added to a
/// piece on its way push its last bytes out. In front of the next command they show, unless they are a line end. A
/// payload that ends in one therefore takes longer ([`write_all`](crate::at::Upload::write_all)), and no file must take
/// longer for each of its pieces.
pub struct Pieces {
    block: Vec<u8>,
    /// Number of bytes at the front of `block` that the source has yielded and the module has not taken.
    ready: usize,
    /// Fewest bytes of a piece, unless it is the only one.
    least: usize,
}

impl Pieces {
    /// Cuts pieces of at most `most` bytes.
    pub fn new(most: usize) -> Self {
        Self::of_at_least(1, most)
    }

    /// As [`Self::new`], where no piece has fewer than `least` bytes, unless it is the only one: what is left of the
    /// source then belongs to the piece before it, which exceeds `most`.
    pub fn of_at_least(least: usize, most: usize) -> Self {
        Pieces { block: vec![0; most + least], ready: 0, least }
    }

    /// Returns the next piece, of at most `most` bytes where the module takes less than before, and whether it is the
    /// last one. The last one is empty where the source has yielded nothing else.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`](crate::ErrorKind::LocalIo).
    pub fn next(&mut self, most: usize, source: &mut Source<'_>) -> Result<(&[u8], bool)> {
        let end = self.block.len().min(most + self.least);
        self.ready += source.fill(self.block.get_mut(self.ready..end).unwrap_or_default())?;
        let ready = self.block.get(..self.ready).unwrap_or_default();
        match ready.split_at_checked(end - self.least) {
            Some((piece, behind)) if behind.len() >= self.least => Ok((self.without_line_end(piece), false)),
            _ => Ok((ready, true)),
        }
    }

    /// Notes that the module has taken the first `count` bytes of the piece.
    pub fn take(&mut self, count: usize) {
        self.block.copy_within(count.min(self.ready)..self.ready, 0);
        self.ready = self.ready.saturating_sub(count);
    }

    /// A piece without the line end at its end. One of hardly anything but line ends stays as it is.
    fn without_line_end<'p>(&self, piece: &'p [u8]) -> &'p [u8] {
        let end = piece.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
        let cut = end.and_then(|end| piece.get(..=end));
        cut.filter(|cut| cut.len() >= self.least).unwrap_or(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of `text`, where the module takes at most `taken` bytes of each.
    fn cut(mut pieces: Pieces, most: usize, taken: usize, text: &str) -> Vec<String> {
        let mut bytes = text.as_bytes();
        let mut source = Source::new(&mut bytes, None);
        let mut cut = Vec::new();
        loop {
            let (piece, is_last) = pieces.next(most, &mut source).unwrap();
            let piece = piece.get(..taken).unwrap_or(piece);
            cut.push(String::from_utf8(piece.to_vec()).unwrap());
            let count = piece.len();
            pieces.take(count);
            if is_last && pieces.ready == 0 {
                return cut;
            }
        }
    }

    #[test]
    fn only_the_last_piece_ends_in_a_line_end() {
        for (text, expected) in [
            ("", &[""][..]),
            ("abcd", &["abcd"]),
            ("ab\r\n", &["ab\r\n"]),
            ("ab\r\ncd", &["ab", "\r\ncd"]),
            ("abc\r\n", &["abc", "\r\n"]),
            ("abc\r\nde", &["abc", "\r\nde"]),
            ("abcd\n\n", &["abcd", "\n\n"]),
            ("\r\n\r\n\r\n", &["\r\n\r\n", "\r\n"]),
        ] {
            assert_eq!(cut(Pieces::new(4), 4, 4, text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_the_module_does_not_take_is_part_of_the_next_piece() {
        assert_eq!(cut(Pieces::new(4), 4, 3, "abcdefg"), ["abc", "def", "g"]);
        assert_eq!(cut(Pieces::new(9), 4, 4, "abcdefg"), ["abcd", "efg"]);
        assert_eq!(cut(Pieces::new(4), 9, 9, "abcdefg"), ["abcd", "efg"]);
    }

    #[test]
    fn no_piece_is_too_short() {
        for (text, expected) in [
            ("ab", &["ab"][..]),
            ("abcdef", &["abcdef"]),
            ("abcdefg", &["abcd", "efg"]),
            ("abcdefghij", &["abcd", "efghij"]),
            ("abc\nefg", &["abc", "\nefg"]),
            ("ab\n\nefg", &["ab\n\n", "efg"]),
        ] {
            assert_eq!(cut(Pieces::of_at_least(3, 4), 4, 9, text), expected, "{text:?}");
        }
    }
}

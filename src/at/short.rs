//! Bytes that are mostly few, kept without asking for memory.

use std::fmt;

/// Up to `ROOM` bytes are kept in place; only more than that take memory from the heap. A transfer is thousands of
/// exchanges of a few short lines, and none should cost an allocation.
#[derive(Clone)]
pub(super) struct Short<const ROOM: usize> {
    place: [u8; ROOM],
    length: usize,
    /// All of the bytes, once they are more than fit in place.
    heap: Vec<u8>,
}

impl<const ROOM: usize> Short<ROOM> {
    pub const fn new() -> Self {
        Short { place: [0; ROOM], length: 0, heap: Vec::new() }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        match self.place.get_mut(self.length..end).filter(|_| self.heap.is_empty()) {
            Some(room) => room.copy_from_slice(bytes),
            None => {
                if self.heap.is_empty() {
                    self.heap.extend_from_slice(self.place.get(..self.length).unwrap_or_default());
                }
                self.heap.extend_from_slice(bytes);
            }
        }
        self.length = end;
    }

    pub fn bytes(&self) -> &[u8] {
        if self.heap.is_empty() { self.place.get(..self.length).unwrap_or_default() } else { &self.heap }
    }

    /// The bytes as text, which they are where only text was pushed.
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }
}

impl<const ROOM: usize> fmt::Write for Short<ROOM> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_in_order_wherever_they_are_kept() {
        for pieces in [&["", "abc"][..], &["abc", "d"], &["abc", "de", "f"], &["abcdefgh", "", "i"], &["a", "bcdefg"]] {
            let mut short = Short::<4>::new();
            let mut expected = String::new();
            for piece in pieces {
                short.push(piece.as_bytes());
                expected.push_str(piece);
                assert_eq!(short.text(), expected);
                assert_eq!(short.heap.is_empty(), expected.len() <= 4);
            }
        }
    }
}

//! One line that the module has sent.

use std::borrow::Cow;
use std::fmt;

use super::reply::{self, Information, Reply};
use super::short::Short;

/// Longer than the lines around a block of payload.
const ROOM: usize = 64;

/// One line, kept as it came.
#[derive(Clone)]
pub struct Line(Short<ROOM>);

impl Line {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut line = Short::new();
        line.push(bytes);
        Line(line)
    }

    /// What the line is.
    pub fn reply(&self) -> Reply<'_> {
        reply::parse(self.bytes())
    }

    /// The line's prefix and fields, if it has a prefix.
    pub fn information(&self) -> Option<Information<'_>> {
        match self.reply() {
            Reply::Information(information) => Some(information),
            Reply::Final(_) | Reply::Text(_) => None,
        }
    }

    /// Field `index` as a number, if the line has a prefix.
    pub fn number(&self, index: usize) -> Option<u64> {
        self.information()?.number(index)
    }

    /// The line as it came.
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    /// The line as text; bytes that are not UTF-8 show as U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Line {}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Line").field(&self.bytes()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_equal_when_their_bytes_are_and_show_them() {
        assert_eq!(Line::new(b"OK"), Line::new(b"OK"));
        assert_ne!(Line::new(b"OK"), Line::new(b"ERROR"));
        // Long ones are kept elsewhere.
        assert_ne!(Line::new(&[b'a'; 1000]), Line::new(&[b'a'; 999]));
        assert_eq!(format!("{:?}", Line::new(b"OK")), "Line([79, 75])");
    }
}

//! The checksum of the file commands (FILE application note, QFUPL).

use std::io::{self, Write};

use crate::at::Line;

/// Exclusive or of all pairs of bytes, the first of a pair being the high one; a missing last one counts as zero.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Checksum {
    sum: u16,
    is_low: bool,
}

impl Checksum {
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.sum ^= u16::from(*byte) << if self.is_low { 0 } else { 8 };
            self.is_low = !self.is_low;
        }
    }

    /// Whether `line`, of the form `+QFUPL: <bytes>,<checksum>`, states just this sum. Leading zeros and the case of
    /// the digits differ between platforms.
    pub fn is_stated_by(&self, line: &Line) -> bool {
        let line = line.information();
        let stated = line.as_ref().and_then(|line| line.text(1));
        stated.and_then(|stated| u16::from_str_radix(&stated, 16).ok()) == Some(self.sum)
    }
}

/// A writer that sums up what passes.
pub(super) struct Summing<'a> {
    writer: &'a mut dyn Write,
    checksum: Checksum,
}

impl<'a> Summing<'a> {
    pub fn new(writer: &'a mut dyn Write) -> Self {
        Summing { writer, checksum: Checksum::default() }
    }

    pub fn checksum(&self) -> Checksum {
        self.checksum
    }
}

impl Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.checksum.add(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums() {
        let all: Vec<u8> = (0..=255).collect();
        let cases: &[(&[u8], u16)] = &[
            (b"", 0),
            (b"A", 0x4100),
            (b"AB", 0x4142),
            (b"ABC", 0x0242),
            (b"hello", 0x6b09),
            (&all, 0),
            (&[0xff; 1025], 0xff00),
        ];
        for (bytes, sum) in cases {
            for piece in [1, 2, 3, 1000] {
                let mut checksum = Checksum::default();
                bytes.chunks(piece).for_each(|bytes| checksum.add(bytes));
                for stated in [format!("{sum:x}"), format!("{sum:04x}"), format!("{sum:04X}")] {
                    assert!(checksum.is_stated_by(&Line::new(format!("+QFUPL: 9,{stated}").as_bytes())), "{stated}");
                }
                for stated in [format!("{:x}", sum ^ 1), String::new(), "x".into(), format!("1{sum:04x}")] {
                    assert!(!checksum.is_stated_by(&Line::new(format!("+QFUPL: 9,{stated}").as_bytes())), "{stated}");
                }
            }
        }
    }
}

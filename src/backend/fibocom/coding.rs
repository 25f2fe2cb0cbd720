//! The coding of FTPSTOR and FTPRETR, by which a stream without a count can carry every byte.
//!
//! A bare 0x03 ends the stream; a 0x03 or 0x10 of the file has a 0x10 before it (G24 AT Commands Reference Manual, 5
//! August 2008, "FTP File Transfer Format"). The example of the L610 guide (V1.0.0 §3.2 note 6) lost a byte in print:
//! `41 03 42 10` becomes `41 10 03 42 10 10`.

/// Ends the stream.
pub(super) const END: u8 = 0x03;
/// Marks the next byte as one of the file.
const ESCAPE: u8 = 0x10;

/// Appends `bytes` to `coded`, coded; at most twice as many.
pub(super) fn encode(bytes: &[u8], coded: &mut Vec<u8>) {
    for byte in bytes {
        if matches!(*byte, END | ESCAPE) {
            coded.push(ESCAPE);
        }
        coded.push(*byte);
    }
}

/// Decodes a stream that comes in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Whether the last byte of the piece before was a 0x10 that marks the next.
    is_escaped: bool,
    is_corrupt: bool,
}

impl Decoder {
    /// Decodes the next piece of the stream and appends the bytes of the file to `bytes`. Returns the number of bytes
    /// of `coded` that belong to the stream, and whether the last of them ended it.
    pub(super) fn decode(&mut self, coded: &[u8], bytes: &mut Vec<u8>) -> (usize, bool) {
        for (index, byte) in coded.iter().enumerate() {
            match (self.is_escaped, *byte) {
                (false, ESCAPE) => self.is_escaped = true,
                (false, END) => return (index + 1, true),
                (false, byte) => bytes.push(byte),
                (true, byte) => {
                    self.is_escaped = false;
                    if !matches!(byte, END | ESCAPE) {
                        // No encoder writes this: a byte was lost or changed on the way.
                        self.is_corrupt = true;
                        bytes.push(ESCAPE);
                    }
                    bytes.push(byte);
                }
            }
        }
        (coded.len(), false)
    }

    /// Whether the stream held something that no encoder writes.
    pub(super) fn is_corrupt(&self) -> bool {
        self.is_corrupt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(bytes: &[u8]) -> Vec<u8> {
        let mut coded = Vec::new();
        encode(bytes, &mut coded);
        coded
    }

    #[test]
    fn the_example_of_the_guide_as_it_was_meant() {
        assert_eq!(encoded(b"\x41\x03\x42\x10"), b"\x41\x10\x03\x42\x10\x10");
    }

    #[test]
    fn what_is_coded_comes_back_however_the_stream_is_cut() {
        let every: Vec<u8> = (0..=255).collect();
        let files: [&[u8]; 9] = [
            b"",
            b"\x03",
            b"\x10",
            b"\x10\x03",
            b"\x03\x10\x10\x03\x03",
            &[0x03; 100],
            &[0x10; 101],
            b"\r\n+FTPRETR: 1\r\n",
            &every,
        ];
        for file in files {
            let mut stream = encoded(file);
            assert!(stream.len() <= 2 * file.len());
            stream.push(END);
            let length = stream.len();
            stream.extend_from_slice(b"\r\n+FTPRETR: 1\r\n");
            for piece in 1..=stream.len() {
                let (mut decoder, mut bytes, mut used) = (Decoder::default(), Vec::new(), 0);
                let ended = stream.chunks(piece).any(|chunk| {
                    let (count, ended) = decoder.decode(chunk, &mut bytes);
                    used += count;
                    ended
                });
                assert!(ended && !decoder.is_corrupt(), "in pieces of {piece}");
                assert_eq!((bytes.as_slice(), used), (file, length), "in pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_stream_that_is_cut_off_has_no_end() {
        for stream in [&b""[..], b"abc", b"abc\x10", b"\x10\x03", b"\x10\x10"] {
            assert_eq!(Decoder::default().decode(stream, &mut Vec::new()), (stream.len(), false));
        }
    }

    #[test]
    fn what_no_encoder_writes_is_noticed_and_kept() {
        let (mut decoder, mut bytes) = (Decoder::default(), Vec::new());
        assert_eq!(decoder.decode(b"a\x10b\x03", &mut bytes), (4, true));
        assert!(decoder.is_corrupt());
        assert_eq!(bytes, b"a\x10b");
    }
}

//! Names as text without a loss: modules and servers pass bytes on that are not UTF-8, such as names in GBK.

/// A byte `b` that is not UTF-8 becomes the character `FIRST + b`, in a private plane.
const FIRST: u32 = 0x10_FF00;

/// Returns `bytes` as text: what is not UTF-8 becomes one private character a byte.
pub(crate) fn from_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match byte(letter) {
                // A character of this kind in the bytes themselves: left alone, it would come back as one byte.
                Some(_) => text.extend(letter.encode_utf8(&mut [0; 4]).bytes().filter_map(private)),
                None => text.push(letter),
            }
        }
        text.extend(chunk.invalid().iter().copied().filter_map(private));
    }
    text
}

/// Returns the bytes that [`from_bytes`] has made `text` of.
pub(crate) fn to_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match byte(letter) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

fn private(byte: u8) -> Option<char> {
    char::from_u32(FIRST.saturating_add(byte.into()))
}

/// Returns the byte that a private character stands for.
fn byte(letter: char) -> Option<u8> {
    let byte = u32::from(letter).checked_sub(FIRST).and_then(|byte| u8::try_from(byte).ok());
    byte.filter(|byte| !byte.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::{from_bytes, to_bytes};

    #[test]
    fn bytes_come_back_as_they_were() {
        let all: Vec<u8> = (0..=255).collect();
        let private = "\u{10FFB1}\u{10FF00}\u{10FFFF}".as_bytes();
        for bytes in [&all[..], b"\xb1\xa8\xb8\xe6.csv", "b\u{e4}r/\u{62a5}.csv".as_bytes(), private] {
            assert_eq!(to_bytes(&from_bytes(bytes)), bytes);
        }
        assert_eq!(from_bytes("b\u{e4}r".as_bytes()), "b\u{e4}r");
    }
}

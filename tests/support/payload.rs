//! The bytes of files.

/// Bytes that repeat with a period that no block size divides.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// A firmware image: `code` bytes that look random, then padding.
pub fn padded(code: usize, padding: usize) -> Vec<u8> {
    let mut state = 12345u32;
    let mut bytes: Vec<u8> = (0..code)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    bytes.extend(std::iter::repeat_n(0xff, padding));
    bytes
}

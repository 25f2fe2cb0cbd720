//! Masks secrets in text that is logged or recorded.

/// The replacement for every secret.
pub const MASK: &[u8] = b"***";

/// Number of bytes from which on a secret is masked also within a word. Shorter ones occur in words that hold no
/// secret, and masking these would make a log unreadable, and the secret itself easy to guess.
const LONG: usize = 4;

/// Returns `bytes` with every occurrence of each secret replaced by [`MASK`], of a short one only where it is a whole
/// word. Secrets are not empty.
pub fn masked(bytes: &[u8], secrets: &[Vec<u8>]) -> Vec<u8> {
    secrets.iter().fold(bytes.to_vec(), |bytes, secret| without(&bytes, secret))
}

fn without(bytes: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let (mut before, mut rest) = (None, bytes);
    while let Some((&first, others)) = rest.split_first() {
        let behind = rest.strip_prefix(secret).filter(|behind| {
            let is_whole_word = !before.is_some_and(is_of_word) && !behind.first().copied().is_some_and(is_of_word);
            !secret.is_empty() && (secret.len() >= LONG || is_whole_word)
        });
        match behind {
            Some(behind) => {
                result.extend_from_slice(MASK);
                (before, rest) = (secret.last().copied(), behind);
            }
            None => {
                result.push(first);
                (before, rest) = (Some(first), others);
            }
        }
    }
    result
}

/// Whether a byte can be in the middle of a word; those of other charsets than ASCII can.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_is_masked() {
        let secrets = [b"s3cret".to_vec(), b"x".to_vec()];
        assert_eq!(masked(b"as3creta s3crets3cret x s3cre", &secrets), b"a***a ****** *** s3cre");
        assert_eq!(masked(b"nothing", &[]), b"nothing");
    }

    #[test]
    fn a_short_secret_is_masked_as_a_whole_word_only() {
        let secrets = [b"abc".to_vec(), b"a".to_vec(), b"!".to_vec()];
        for (line, shown) in [
            ("a", "***"),
            ("aa a", "aa ***"),
            ("AT+FTPPW=\"a\"", "AT+FTPPW=\"***\""),
            ("AT+FTPPW=a", "AT+FTPPW=***"),
            ("+FTPOPEN: \"host\",\"user\",\"abc\",\"\",21", "+FTPOPEN: \"host\",\"user\",\"***\",\"\",21"),
            ("PASS a\r\n", "PASS ***\r\n"),
            ("a=abc;a_a", "***=***;***_***"),
            ("\"!\"", "\"***\""),
            ("no data: a bad path, cabcab", "no data: *** bad path, cabcab"),
            ("été à la", "été à la"),
        ] {
            assert_eq!(String::from_utf8_lossy(&masked(line.as_bytes(), &secrets)), shown);
        }
        assert_eq!(masked(b"xabcdx", &[b"abcd".to_vec()]), b"x***x", "a longer one anywhere");
    }
}

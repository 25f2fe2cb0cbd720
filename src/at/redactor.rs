//! What may be shown of the bytes on the line.

use crate::transport::mask;

/// The secrets sent so far, the longest first, in case one begins like another.
#[derive(Default)]
pub(super) struct Redactor {
    secrets: Vec<Vec<u8>>,
}

impl Redactor {
    pub fn learn(&mut self, secrets: Vec<Vec<u8>>) {
        for secret in secrets {
            if !self.secrets.contains(&secret) {
                self.secrets.push(secret);
                self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
            }
        }
    }

    /// Bytes as text, with secrets masked.
    pub fn masked(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(&mask::masked(bytes, &self.secrets)).into_owned()
    }

    /// Bytes as text for logs and errors: control characters escaped, secrets masked, length bounded.
    pub fn shown(&self, bytes: &[u8]) -> String {
        const SHOWN: usize = 200;
        let mut masked = mask::masked(bytes, &self.secrets);
        let is_cut = masked.len() > SHOWN;
        masked.truncate(SHOWN);
        let text: String = String::from_utf8_lossy(&masked).chars().flat_map(escaped).collect();
        if is_cut { text + "…" } else { text }
    }
}

/// Control characters as their escapes, so that no log or terminal acts on them.
fn escaped(character: char) -> Vec<char> {
    if character.is_control() { character.escape_default().collect() } else { vec![character] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_control_characters_escaped() {
        let mut redactor = Redactor::default();
        redactor.learn(vec![b"s3cret".to_vec(), b"s3cret-too".to_vec(), b"s3cret".to_vec()]);
        for (bytes, shown) in
            [(&b"+XRES: s3cret\x1b[2J"[..], "+XRES: ***\\u{1b}[2J"), (b"s3cret-too", "***"), (b"plain", "plain")]
        {
            assert_eq!(redactor.shown(bytes), shown);
        }
        assert!(redactor.shown(&[b'x'; 1000]).chars().count() <= 201);
    }
}

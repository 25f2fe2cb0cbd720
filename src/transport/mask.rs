//! Masks secrets in text that is logged or recorded.

/// The replacement for every secret.
pub const MASK: &[u8] = b"***";

/// Returns `bytes` with every occurrence of each secret replaced by [`MASK`]. Secrets are not empty.
pub fn masked(bytes: &[u8], secrets: &[Vec<u8>]) -> Vec<u8> {
    let mut result = bytes.to_vec();
    for secret in secrets {
        let mut rest = result.as_slice();
        let mut without = Vec::with_capacity(rest.len());
        while let Some(position) = rest.windows(secret.len().max(1)).position(|window| window == secret) {
            without.extend_from_slice(rest.get(..position).unwrap_or_default());
            without.extend_from_slice(MASK);
            rest = rest.get(position + secret.len()..).unwrap_or_default();
        }
        without.extend_from_slice(rest);
        result = without;
    }
    result
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
}

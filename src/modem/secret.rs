//! Secrets in `Debug` output.

use std::fmt;

/// Stands for a secret in `Debug` output.
pub struct Masked;

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

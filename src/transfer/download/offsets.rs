//! Whether an attempt may begin at an offset.

use crate::error::{Error, ErrorKind};

/// What the attempts at an offset have shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offsets {
    /// Offsets are used. The last attempts in a row, so many, were fruitless.
    Used { fruitless: u32 },
    /// Each attempt begins at the start of the file: server or module refuse offsets, or may do so without a reason.
    Avoided,
}

/// Number of fruitless attempts in a row after which the next one begins at the start of the file. Not every module
/// says that the server refuses the offset, and another data connection may fail for the same reason as the one before.
const MOST_FRUITLESS: u32 = 2;

impl Offsets {
    /// No attempt was made.
    pub fn unknown() -> Self {
        Offsets::Used { fruitless: 0 }
    }

    /// What is known after another attempt. A fruitless one began at an offset, brought nothing, and module and server
    /// have named no reason.
    pub fn after(self, is_fruitless: bool) -> Self {
        match self {
            Offsets::Avoided => Offsets::Avoided,
            Offsets::Used { .. } if !is_fruitless => Offsets::unknown(),
            Offsets::Used { fruitless } if fruitless + 1 >= MOST_FRUITLESS => Offsets::Avoided,
            Offsets::Used { fruitless } => Offsets::Used { fruitless: fruitless + 1 },
        }
    }
}

/// Whether a data connection failed and neither server nor module name a reason.
pub(super) fn has_no_reason(error: &Error) -> bool {
    error.kind() == ErrorKind::DataConnection && error.ftp_reply().is_none() && error.module_code().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fruitless_attempts_in_a_row_end_the_use_of_offsets() {
        let used = |fruitless| Offsets::Used { fruitless };
        let cases = [
            (used(0), false, used(0)),
            (used(0), true, used(1)),
            (used(1), false, used(0)),
            (used(1), true, Offsets::Avoided),
            (Offsets::Avoided, false, Offsets::Avoided),
            (Offsets::Avoided, true, Offsets::Avoided),
        ];
        for (before, is_fruitless, after) in cases {
            assert_eq!(before.after(is_fruitless), after, "{before:?}, {is_fruitless}");
        }
    }
}

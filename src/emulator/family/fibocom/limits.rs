//! The limits of the parameters.

/// Names and paths have at most 255 bytes (Motorola G24 AT commands reference manual, `+FTPLIST`).
pub(super) const NAME: usize = 255;

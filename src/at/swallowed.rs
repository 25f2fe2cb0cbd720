//! What a module in data mode has stored as file data, although it was not sent as such.

/// Numbers of bytes sent so far that a module in data mode takes for payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swallowed {
    /// Padding for payload that was promised and not sent.
    pub padding: u64,
    /// Probes that had no answer, and what ends a data mode that the driver does not know of.
    pub probes: u64,
}

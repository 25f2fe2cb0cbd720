//! A command line while it is received.

/// The bytes of a command line, without its line end.
///
/// Never longer than its limit. A line that was longer at any time is marked, even if backspaces shortened it again.
#[derive(Debug)]
pub(super) struct CommandLine {
    bytes: Vec<u8>,
    limit: usize,
    is_overlong: bool,
}

impl CommandLine {
    pub(super) const fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, is_overlong: false }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = self.limit.saturating_sub(self.bytes.len());
        self.is_overlong |= bytes.len() > room;
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    pub(super) fn backspace(&mut self) {
        self.bytes.pop();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) const fn is_overlong(&self) -> bool {
        self.is_overlong
    }

    /// Returns what follows `AT`; `None` if the line does not begin with it.
    pub(super) fn commands(&self) -> Option<&[u8]> {
        self.bytes.strip_prefix(b"AT").or_else(|| self.bytes.strip_prefix(b"at"))
    }

    /// Returns the line and begins another one.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.limit))
    }
}

//! The faults of payload.

use crate::emulator::fault::PayloadChange;

/// What happens to the payload under way.
#[derive(Debug, Default)]
pub(super) struct ChangedPayload {
    change: Option<PayloadChange>,
    /// The last bytes, which are missing if the payload ends here. No longer than the payload is shortened by.
    cut: Vec<u8>,
}

impl ChangedPayload {
    /// A payload begins to which `change` happens.
    pub(super) fn begin(&mut self, change: Option<PayloadChange>) {
        self.change = change;
    }

    /// Whether nothing happens to the payload, if there is one.
    pub(super) const fn is_unchanged(&self) -> bool {
        self.change.is_none()
    }

    pub(super) fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let Some(PayloadChange::Shorten(by)) = self.change else {
            out.extend_from_slice(bytes);
            return;
        };
        self.cut.extend_from_slice(bytes);
        let by = usize::try_from(by).unwrap_or(usize::MAX);
        let sure = self.cut.len().saturating_sub(by);
        out.extend(self.cut.drain(..sure));
    }

    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        self.cut.clear();
        if let Some(PayloadChange::Extend(bytes)) = self.change.take() {
            out.extend_from_slice(&bytes);
        }
    }
}

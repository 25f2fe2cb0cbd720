//! Unrelated lines between the module's own.

use super::choices::Noise;

/// The gaps between lines, and what comes in them.
pub(crate) struct Gaps {
    noise: Option<Noise>,
    random: u64,
    /// Whether the next gap is behind the data of a transfer.
    pub(crate) after_payload: bool,
}

impl Gaps {
    pub(crate) fn new(noise: Option<Noise>) -> Self {
        let random = noise.as_ref().map_or(0, |noise| noise.seed) | 1;
        Self { noise, random, after_payload: false }
    }

    /// Returns the line that comes in the next gap, if one does.
    pub(crate) fn next(&mut self) -> Option<&str> {
        let after_payload = std::mem::take(&mut self.after_payload);
        let noise = self.noise.as_ref()?;
        if noise.one_in == 0 || (after_payload && !noise.before_result) {
            return None;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        if !self.random.is_multiple_of(noise.one_in.into()) {
            return None;
        }
        let choice = (self.random >> 32).checked_rem(noise.lines.len() as u64).unwrap_or(0);
        noise.lines.get(usize::try_from(choice).ok()?).map(String::as_str)
    }
}

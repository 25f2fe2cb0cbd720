//! How much of an upload the server may have.

use crate::at::{Engine, Unheard};
use crate::error::{Error, ErrorKind};

/// Counts the bytes of an upload: what the module has taken, and what it may take for payload although nobody knows.
///
/// A module that was promised a block takes whatever comes next for it, the driver's own probes included. So all of a block that
/// was announced counts when the upload fails, unless the module has refused it and has heard everything since.
#[derive(Debug, Default)]
pub struct Sent {
    taken: u64,
    announced: u64,
    /// Whether bytes of the block have left.
    has_begun: bool,
    /// [`Engine::unheard`] when the first block was announced.
    unheard: Option<Unheard>,
    /// Whether the payload stands in the command lines, so that nothing else can be taken for it.
    in_commands: bool,
}

impl Sent {
    /// For a dialect whose payload stands in its command lines.
    pub fn in_commands() -> Self {
        Sent { in_commands: true, ..Sent::default() }
    }

    /// A block of at most `count` bytes is announced now, perhaps not for the first time.
    pub fn announce(&mut self, engine: &Engine, count: u64) {
        self.announced = self.announced.max(count);
        self.unheard.get_or_insert(engine.unheard());
    }

    /// Payload of the block leaves now.
    pub fn begin(&mut self) {
        self.has_begun = true;
    }

    /// Whether payload of the block has left.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// The module has taken `count` bytes of the block, and wants no more of it.
    pub fn take(&mut self, count: u64) {
        *self = Sent { taken: self.taken + count, announced: 0, has_begun: false, ..*self };
    }

    /// Bytes that the module has taken.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Tells with the error of the upload how many bytes the server may have.
    pub fn told(&self, engine: &Engine, error: Error) -> Error {
        use ErrorKind::{BearerLost, ModuleRestarted, SessionLost};
        // With the connection the data mode ended, or never began.
        let is_over = matches!(error.kind(), BearerLost | ModuleRestarted | SessionLost);
        let unheard = engine.unheard();
        let before = self.unheard.unwrap_or(unheard);
        let is_at_risk = self.has_begun || before != unheard || (engine.is_out_of_step() && !is_over);
        // Behind the block, or in its place where a byte of the command was lost, the driver's own words may be taken.
        let words = if self.in_commands { 0 } else { unheard.knocks - before.knocks };
        error.with_transferred(self.taken + if is_at_risk { self.announced + words } else { 0 }).with_proven(self.taken)
    }
}

//! What the tests of this module share.

use super::command::Answer;
use super::engine::Engine;
use super::exchange::Exchange;
use crate::error::Phase;
use crate::transport::replay::Replay;
use crate::transport::transcript::Transcript;
use std::time::Duration;

pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// An engine on a module that sends `module` at once, in pieces of `fragment` bytes.
pub(super) fn sending(module: &[u8], fragment: usize) -> Engine {
    let text = format!("<<# {} {}", module.len(), hex::encode(module));
    Engine::new(Box::new(Replay::new(Transcript::parse(&text).unwrap()).with_fragment(fragment)))
}

/// A command in flight that was never sent.
pub(super) fn in_flight(engine: &mut Engine) -> Exchange<'_> {
    let deadline = engine.deadline(Phase::Acknowledgement, LIMIT);
    engine.awaiting(Answer::Any, deadline)
}

//! What is still to go wrong.

use std::time::Duration;

use super::options::{FibocomOptions, Loss, LossTime, Overload};
use crate::emulator::modem::Modem;

/// What is still to go wrong, each thing once; a restart of the module forgets none of it.
pub(super) struct Troubles {
    overload: Option<Overload>,
    loss: Option<Loss>,
    /// How many bytes of files have passed between module and server.
    moved: u64,
}

impl Troubles {
    pub(super) fn new(options: &FibocomOptions) -> Self {
        Self { overload: options.overload.clone(), loss: options.loss, moved: 0 }
    }

    /// A command comes. If it overloads the module, the module answers nothing for some time.
    pub(super) fn overload(&mut self, command: &str, modem: &mut Modem) {
        let Some(overload) = self.overload.take_if(|overload| overload.command.eq_ignore_ascii_case(command)) else {
            return;
        };
        if overload.abort {
            modem.line("ABORT");
        }
        modem.clock.delay(overload.time);
    }

    /// Bytes of a file have passed between module and server.
    pub(super) const fn count(&mut self, bytes: u64) {
        self.moved = self.moved.saturating_add(bytes);
    }

    /// How many bytes may still pass before the connection is lost.
    pub(super) fn bytes_to_loss(&self) -> Option<u64> {
        match self.loss?.time {
            LossTime::AfterBytes(count) => Some(count.saturating_sub(self.moved)),
            LossTime::AfterOpen(_) => None,
        }
    }

    /// How long a session lasts before something is lost.
    pub(super) fn time_to_loss(&self) -> Option<Duration> {
        match self.loss?.time {
            LossTime::AfterOpen(time) => Some(time),
            LossTime::AfterBytes(_) => None,
        }
    }

    /// The loss happens.
    pub(super) const fn take_loss(&mut self) -> Option<Loss> {
        self.loss.take()
    }

    /// A connection broke in an operation: the loss, if it was to come after some bytes.
    pub(super) fn take_loss_after_bytes(&mut self) -> Option<Loss> {
        self.loss.take_if(|loss| matches!(loss.time, LossTime::AfterBytes(_)))
    }
}

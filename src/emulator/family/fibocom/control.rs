//! The control connection.

use super::due;
use super::options::FibocomOptions;
use crate::emulator::modem::Modem;

/// The control connection. While it is open, a server that hears no command for too long may close it (`due::IDLE`).
pub(super) enum Control {
    Closed,
    Open {
        /// `AT+FTPREST`: where the next transfer starts.
        restart_at: Option<u64>,
    },
}

impl Control {
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// The server sees that the client is alive.
    pub(super) fn wake(&self, options: &FibocomOptions, modem: &mut Modem) {
        if let Some(time) = options.idle_close
            && self.is_open()
        {
            modem.timer(due::IDLE, time);
        }
    }

    /// `AT+FTPREST`
    pub(super) const fn restart_at(&mut self, offset: u64) {
        if let Self::Open { restart_at } = self {
            *restart_at = Some(offset);
        }
    }

    /// Where the transfer that begins now starts, if it does not say so itself.
    pub(super) const fn take_restart(&mut self) -> Option<u64> {
        match self {
            Self::Open { restart_at } => restart_at.take(),
            Self::Closed => None,
        }
    }
}

//! The transfer in progress.

use super::fill::Fill;
use super::list::END;
use super::options::{FibocomOptions, StoreFailure};
use super::put::Put;
use super::sink::Sink;
use crate::emulator::intake::Intake;
use crate::emulator::modem::Modem;
use crate::emulator::remote::{NetworkCause, RemoteError};

/// A transfer that occupies the session. There is one at most.
///
/// The line is in data mode while a listing or a coded file is sent, and while a coded upload or a piece of `AT+FTPPUT`
/// comes in. A download into the cache leaves it in command mode.
pub(super) enum Transfer {
    None,
    List,
    Retrieve,
    Fill(Fill),
    Store(Sink),
    Put(Put),
}

impl Transfer {
    pub(super) const fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::None => return None,
            Self::List => "FTPLIST",
            Self::Retrieve => "FTPRETR",
            Self::Fill(_) => "FTPGET",
            Self::Store(_) => "FTPSTOR",
            Self::Put(_) => "FTPPUT",
        })
    }

    /// Enters the data mode of this transfer, at its beginning or after it was left for nothing.
    pub(super) fn receive(&self, options: &FibocomOptions, modem: &mut Modem) {
        let intake = match self {
            Self::Put(put) => Intake::counted(put.left()),
            Self::Store(_) => Intake::escaped(),
            _ => {
                modem.receive(Intake::open());
                return;
            }
        };
        modem.receive(match options.data_idle {
            Some(limit) => intake.or_idle(limit),
            None => intake,
        });
    }

    /// Stops; data the host is sending are taken to their end.
    pub(super) fn stop(&mut self, options: &FibocomOptions, modem: &mut Modem) {
        let dropped = RemoteError::Network(NetworkCause::Dropped);
        match self {
            Self::Put(put) if modem.in_data => put.give_up(dropped),
            Self::Store(sink) if modem.in_data && options.store_failure != StoreFailure::AtOnce => {
                sink.give_up(dropped);
            }
            transfer => {
                if let Self::List | Self::Retrieve = transfer
                    && modem.queue.stop_stream().is_some()
                {
                    modem.bytes(END);
                }
                *transfer = Self::None;
                modem.leave_data_mode();
            }
        }
    }
}

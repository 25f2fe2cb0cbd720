//! Uploads: in counted pieces (`AT+FTPPUT`), and as a coded stream (`AT+FTPSTOR`).

use super::options::{FibocomOptions, PutFailure, StoreFailure};
use super::task::{Piece, Task};
use super::then::Then;
use super::transfer::Transfer;
use crate::emulator::intake::IntakeEnd;
use crate::emulator::modem::Modem;
use crate::emulator::remote::{NetworkCause, RemoteError};

impl Transfer {
    /// The next piece of `AT+FTPPUT` may come.
    pub(super) fn go_ahead(&mut self, piece: Piece, options: &FibocomOptions, modem: &mut Modem) -> Then {
        let Self::Put(put) = self else {
            return Then::Nothing;
        };
        if put.announce(piece, options, modem) {
            self.receive(options, modem);
            Then::Nothing
        } else {
            self.put_end(options, modem)
        }
    }

    /// Payload from the host.
    pub(super) fn take(&mut self, bytes: &[u8], options: &FibocomOptions, modem: &mut Modem) -> Then {
        let sink = match self {
            Self::Put(put) => {
                put.take(bytes);
                return Then::Nothing;
            }
            Self::Store(sink) => sink,
            _ => return Then::Nothing,
        };
        let failed_before = sink.has_failed();
        sink.write(bytes);
        if failed_before || !sink.has_failed() {
            return Then::Nothing;
        }
        match options.store_failure {
            StoreFailure::AtEnd => Then::Nothing,
            StoreFailure::AtOnceStillTaking => {
                modem.line("+FTPSTOR: 0");
                Then::Nothing
            }
            StoreFailure::AtOnce => {
                modem.leave_data_mode();
                self.store_end(options)
            }
        }
    }

    /// The data mode is over.
    pub(super) fn data_end(&mut self, end: IntakeEnd, options: &FibocomOptions, modem: &mut Modem) -> Then {
        match (end, &mut *self) {
            (IntakeEnd::Idle, Self::Put(_)) => {
                *self = Self::None;
                modem.error();
                Then::Nothing
            }
            (_, Self::Put(_)) => self.put_end(options, modem),
            (IntakeEnd::Idle, Self::Store(sink)) => {
                sink.give_up(RemoteError::Network(NetworkCause::Timeout));
                self.store_end(options)
            }
            (_, Self::Store(_)) => self.store_end(options),
            _ => Then::Nothing,
        }
    }

    /// A piece has been received.
    fn put_end(&mut self, options: &FibocomOptions, modem: &mut Modem) -> Then {
        let Self::Put(put) = self else {
            return Then::Nothing;
        };
        let answered = put.has_failed() && options.put_failure == PutFailure::Error;
        if answered {
            modem.error();
        } else {
            modem.ok();
        }
        if !put.is_over() {
            return Then::Nothing;
        }
        let Self::Put(put) = std::mem::replace(self, Self::None) else {
            return Then::Nothing;
        };
        match put.into_sink() {
            Ok(sink) => Then::Asks(Task::FinishPut(sink)),
            Err(error) if answered => Then::Failed(error),
            Err(error) => Then::Ends("FTPPUT", Err(error)),
        }
    }

    /// The coded stream is over.
    fn store_end(&mut self, options: &FibocomOptions) -> Then {
        let Self::Store(sink) = std::mem::replace(self, Self::None) else {
            return Then::Nothing;
        };
        match sink.checked() {
            Ok(sink) => Then::Asks(Task::FinishStore(sink)),
            Err(error) if options.store_failure == StoreFailure::AtOnceStillTaking => Then::Failed(error),
            Err(error) => Then::Ends("FTPSTOR", Err(error)),
        }
    }
}

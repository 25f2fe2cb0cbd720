//! Downloads through the module's cache: `AT+FTPGET`, `AT+FTPRECV`.

use super::cache::Cache;
use super::options::{EmptyRead, FibocomOptions};
use super::refused::Refused;
use super::then::Then;
use super::transfer::Transfer;
use super::troubles::Troubles;
use super::{due, tag};
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;

impl Transfer {
    /// More of the file has come.
    pub(super) fn fill(
        &mut self,
        cache: &mut Cache,
        troubles: &mut Troubles,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Then {
        let Self::Fill(fill) = self else {
            return Then::Nothing;
        };
        let completes = fill.advance(cache, troubles, options, modem);
        if completes { self.complete(cache, options, modem) } else { Then::Nothing }
    }

    /// The host has left the cache full for too long.
    pub(super) fn overrun(&mut self, cache: &mut Cache, options: &FibocomOptions, modem: &mut Modem) -> Then {
        let Self::Fill(fill) = self else {
            return Then::Nothing;
        };
        fill.overrun();
        self.complete(cache, options, modem)
    }

    /// How `AT+FTPGET` ended is to be said.
    pub(super) fn complete(&mut self, cache: &mut Cache, options: &FibocomOptions, modem: &mut Modem) -> Then {
        modem.timers.cancel(due::COMPLETION);
        let Self::Fill(fill) = std::mem::replace(self, Self::None) else {
            return Then::Nothing;
        };
        let result = fill.result();
        if result.is_err() && !options.failed_get_readable {
            cache.clear();
        }
        Then::Ends("FTPGET", result)
    }

    /// Answers `AT+<name>=<asked>`.
    pub(super) fn read(
        &mut self,
        name: &str,
        asked: u64,
        cache: &mut Cache,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> Result<Then, Refused> {
        let withheld = match self {
            Self::None => false,
            Self::Fill(fill) => fill.is_withheld(options),
            _ => return Err(Refused::State),
        };
        let count = usize::try_from(asked)
            .unwrap_or(usize::MAX)
            .min(options.recv_limit.unwrap_or(usize::MAX))
            .min(if withheld { 0 } else { cache.waiting() });
        if count == 0 && options.empty_read == EmptyRead::Error {
            return Err(Refused::State);
        }
        modem.line(&format!("+{name}: {count}"));
        if count == 0 {
            modem.ok();
            return Ok(self.after_read(cache, options, modem));
        }
        modem.stream(Stream::block(cache.take(count), tag::CACHE));
        Ok(Then::Nothing)
    }

    /// The host has its piece; there is room for more.
    pub(super) fn after_read(&mut self, cache: &mut Cache, options: &FibocomOptions, modem: &mut Modem) -> Then {
        let Self::Fill(fill) = self else {
            return Then::Nothing;
        };
        let completes = fill.after_read(cache.room(), options, modem);
        if completes { self.complete(cache, options, modem) } else { Then::Nothing }
    }
}

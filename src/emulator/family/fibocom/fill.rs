//! `AT+FTPGET`: a file on its way into the module's cache.

use std::io::Read;

use super::cache::Cache;
use super::due;
use super::options::{FibocomOptions, FullCache, GetCompletion};
use super::troubles::Troubles;
use crate::emulator::modem::Modem;
use crate::emulator::remote::{NetworkCause, RemoteError};

/// How far the file has come.
enum Flow {
    /// More of it is on its way (`due::FILL`).
    Running(Box<dyn Read + Send>),
    /// It waits for room in the cache, for a limited time perhaps (`due::DRAIN`).
    Paused(Box<dyn Read + Send>),
    /// Nothing more is to be received. This is the result of the command, which is not said at once perhaps
    /// (`due::COMPLETION`).
    Over(Result<(), RemoteError>),
}

/// A file on its way into the cache.
pub(super) struct Fill {
    flow: Flow,
    /// How much of it is wanted and has not come.
    left: u64,
    /// How many `AT+FTPRECV` have come since.
    reads: u32,
}

impl Fill {
    /// The first bytes are to come.
    pub(super) fn start(reader: Box<dyn Read + Send>, size: Option<u64>, modem: &mut Modem) -> Self {
        modem.network_timer(due::FILL);
        Self { flow: Flow::Running(reader), left: size.unwrap_or(u64::MAX), reads: 0 }
    }

    /// More of the file has come. Returns whether the end of the command is to be said.
    pub(super) fn advance(
        &mut self,
        cache: &mut Cache,
        troubles: &mut Troubles,
        options: &FibocomOptions,
        modem: &mut Modem,
    ) -> bool {
        let Flow::Running(reader) = &mut self.flow else {
            return false;
        };
        let wanted = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(cache.room())
            .min(options.fill_piece.unwrap_or(usize::MAX));
        let (count, received) = cache.receive(reader, wanted);
        self.left = self.left.saturating_sub(count as u64);
        troubles.count(count as u64);
        let full = cache.room() == 0;
        let ends_round = full && options.full_cache == FullCache::EndsRound;
        let result = match received {
            Err(error) => Err(error),
            Ok(()) if count < wanted => Ok(()),
            // Whether the end has been reached shows only when one asks for more.
            Ok(()) if self.left == 0 || ends_round => at_end(reader),
            Ok(()) => {
                if full {
                    self.pause(options, modem);
                } else {
                    modem.network_timer(due::FILL);
                }
                return false;
            }
        };
        self.flow = Flow::Over(result);
        self.received(options, modem)
    }

    /// The cache is full.
    fn pause(&mut self, options: &FibocomOptions, modem: &mut Modem) {
        self.flow = match std::mem::replace(&mut self.flow, Flow::Over(Ok(()))) {
            Flow::Running(reader) => Flow::Paused(reader),
            other => other,
        };
        if let FullCache::Pauses(Some(limit)) = options.full_cache {
            modem.timer(due::DRAIN, limit);
        }
    }

    /// Nothing more is to be received. Returns whether that is said at once.
    fn received(&self, options: &FibocomOptions, modem: &mut Modem) -> bool {
        if matches!(self.flow, Flow::Over(Err(_))) {
            return true;
        }
        match options.get_completion {
            GetCompletion::Immediate => return true,
            GetCompletion::Delayed(time) => modem.timer(due::COMPLETION, time),
            GetCompletion::AfterReads(reads, _) if self.reads >= reads => return true,
            GetCompletion::AfterReads(_, limit) => modem.timer(due::COMPLETION, limit),
        }
        false
    }

    /// The host has left the cache full for too long.
    pub(super) fn overrun(&mut self) {
        self.flow = Flow::Over(Err(RemoteError::Network(NetworkCause::Timeout)));
    }

    /// `AT+FTPRECV` comes. Returns whether it is one of those that get nothing although data are on their way.
    pub(super) fn is_withheld(&mut self, options: &FibocomOptions) -> bool {
        self.reads = self.reads.saturating_add(1);
        self.reads <= options.zero_reads
    }

    /// `AT+FTPRECV` has been answered, and the cache has so much room. Returns whether the end of the command is to be
    /// said.
    pub(super) fn after_read(&mut self, room: usize, options: &FibocomOptions, modem: &mut Modem) -> bool {
        self.flow = match std::mem::replace(&mut self.flow, Flow::Over(Ok(()))) {
            Flow::Paused(reader) if room > 0 => {
                modem.timers.cancel(due::DRAIN);
                modem.network_timer(due::FILL);
                Flow::Running(reader)
            }
            other => other,
        };
        match (&self.flow, options.get_completion) {
            (Flow::Over(_), GetCompletion::AfterReads(reads, _)) => self.reads >= reads,
            _ => false,
        }
    }

    /// How the command ends.
    pub(super) fn result(self) -> Result<(), RemoteError> {
        match self.flow {
            Flow::Running(_) | Flow::Paused(_) => Ok(()),
            Flow::Over(result) => result,
        }
    }
}

/// Reads one byte more, so that a transfer that is over is known to be; any other one is aborted.
fn at_end(reader: &mut impl Read) -> Result<(), RemoteError> {
    Cache::new(1).receive(reader, 1).1
}

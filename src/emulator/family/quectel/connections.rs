//! Data connections, and what they fail of.

use std::io::{self, Read};

use super::ascii::{AsciiReader, AsciiUpload};
use super::config::Config;
use super::failure::{DATA_CONNECTION, Failure, NOT_TAKEN};
use super::options::QuectelOptions;
use super::session::Session;
use super::transfer::Source;
use crate::emulator::modem::Modem;
use crate::emulator::remote::{RemoteError, StoreMode, Upload};

/// The data connections to the server.
///
/// Each that cannot be opened counts, whoever is to blame. After a number of them nothing works any more until the
/// module is restarted.
pub(super) struct DataConnections {
    /// How many could not be opened since power-on.
    failures: u32,
    /// Where the next download stalls that is long enough.
    stall: Option<u64>,
}

impl DataConnections {
    pub(super) const fn new(options: &QuectelOptions) -> Self {
        Self { failures: 0, stall: options.stall_download_at }
    }

    /// The module restarts. What happens only once does not happen again.
    pub(super) const fn restart(&mut self) {
        self.failures = 0;
    }

    /// Whether only a restart helps any more.
    pub(super) fn is_stuck(&self, options: &QuectelOptions) -> bool {
        options.stuck_after.is_some_and(|limit| self.failures >= limit)
    }

    /// Where a download stalls that has so many bytes left, if they are known.
    pub(super) fn take_stall(&mut self, left: Option<u64>) -> Option<u64> {
        self.stall.take_if(|at| left.is_none_or(|left| *at < left))
    }

    /// The bytes of a file or a listing.
    pub(super) fn retrieve(
        &mut self,
        source: &Source,
        session: &mut Session,
        config: &Config,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Result<Box<dyn Read + Send>, Failure> {
        self.check(session, config, options)?;
        let opened = match source {
            Source::Listing { path, listing } => modem.remote.list(path, *listing),
            Source::File { file, start } => {
                if *start > 0
                    && let Ok(size) = modem.clock.unasked(|| modem.remote.size(file))
                    && *start >= size
                {
                    if options.past_end_refused {
                        return Err(Failure { code: NOT_TAKEN, reply: 550 });
                    }
                    return Ok(Box::new(io::empty()));
                }
                modem.remote.retrieve(file, *start)
            }
        };
        match opened {
            Ok(reader) if converts(config, options) && matches!(source, Source::File { .. }) => {
                Ok(Box::new(AsciiReader::new(reader)))
            }
            Ok(reader) => Ok(reader),
            Err(error) => Err(self.not_begun(&error, session, options, modem)),
        }
    }

    /// A file on the server, written from a position on.
    pub(super) fn store(
        &mut self,
        (file, start): (&str, u64),
        session: &mut Session,
        config: &Config,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Result<Box<dyn Upload>, Failure> {
        self.check(session, config, options)?;
        let mode = match start {
            0 => StoreMode::Create,
            _ if options.put_seeks => StoreMode::At(start),
            _ => StoreMode::Append,
        };
        match modem.remote.store(file, mode) {
            Ok(upload) if converts(config, options) => Ok(Box::new(AsciiUpload::new(upload))),
            Ok(upload) => Ok(upload),
            Err(error) => Err(self.not_begun(&error, session, options, modem)),
        }
    }

    /// A data connection that fails whatever the server says.
    fn check(&mut self, session: &mut Session, config: &Config, options: &QuectelOptions) -> Result<(), Failure> {
        let unreachable = if config.is_passive() {
            options.private_passive_address && config.data_address() == 0
        } else {
            options.active_mode_fails
        };
        if unreachable || self.is_stuck(options) || self.failures < options.failing_data_connections {
            self.fail(session, options);
            return Err(Failure::local(DATA_CONNECTION));
        }
        Ok(())
    }

    /// What a transfer that does not begin means for the session, and for its result line.
    fn not_begun(
        &mut self,
        error: &RemoteError,
        session: &mut Session,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Failure {
        let failure = Failure::of_beginning(error);
        if failure.code == DATA_CONNECTION {
            self.fail(session, options);
        }
        session.notice(error, modem);
        failure
    }

    /// Takes note of a data connection that could not be opened.
    const fn fail(&mut self, session: &mut Session, options: &QuectelOptions) {
        self.failures = self.failures.saturating_add(1);
        session.wedged = options.busy_after_data_failure;
    }
}

/// Whether line ends change on the way.
fn converts(config: &Config, options: &QuectelOptions) -> bool {
    options.ascii_converts && config.is_ascii()
}

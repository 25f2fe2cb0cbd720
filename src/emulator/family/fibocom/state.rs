//! The state of the Fibocom FTP client.

use super::cache::Cache;
use super::options::FibocomOptions;
use super::settings::{Settings, Stored};
use super::task::Task;
use super::transfer::Transfer;
use crate::emulator::command::Malformed;

/// Why a command is refused at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its parameters are wrong.
    Parameters,
    /// It cannot be executed now.
    State,
    /// There is a session already.
    Active,
}

impl From<Malformed> for Refused {
    fn from(_: Malformed) -> Self {
        Self::Parameters
    }
}

/// What has become of `AT+MIPCALL`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Not used since power-on: as the module was switched on.
    #[default]
    Initial,
    Down,
    Dialling,
    Up,
    Releasing,
}

/// The call and what it needs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Call {
    pub(super) state: State,
    /// Whether an access point name has been given.
    pub(super) apn: bool,
    /// `AT+CFUN` has switched the radio off.
    pub(super) offline: bool,
}

/// The Fibocom FTP client.
pub(crate) struct Fibocom {
    pub(super) options: FibocomOptions,
    /// Outlives a restart.
    pub(super) stored: Stored,
    pub(super) settings: Settings,
    pub(super) call: Call,
    pub(super) open: bool,
    pub(super) task: Option<Task>,
    pub(super) transfer: Transfer,
    pub(super) cache: Cache,
    /// The path `AT+FTPLIST` was last given.
    pub(super) last_list: String,
}

impl Fibocom {
    pub(crate) fn new(options: &FibocomOptions) -> Self {
        Self::restarted(options, Stored::new(options))
    }

    pub(super) fn restarted(options: &FibocomOptions, stored: Stored) -> Self {
        let cache = Cache::new(options.cache_size).limited(stored.memory);
        Self {
            options: options.clone(),
            stored,
            settings: Settings::default(),
            call: Call::default(),
            open: false,
            task: None,
            transfer: Transfer::None,
            cache,
            last_list: String::new(),
        }
    }
}

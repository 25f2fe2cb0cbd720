//! The state of the Fibocom FTP client.

use super::cache::Cache;
use super::call::Call;
use super::lines::Lines;
use super::options::FibocomOptions;
use super::settings::Settings;
use super::task::Task;
use super::transfer::Transfer;
use super::troubles::Troubles;

/// The Fibocom FTP client.
pub(crate) struct Fibocom {
    pub(super) options: FibocomOptions,
    /// `AT+MSTART`: whether the boot lines are printed. Outlives a restart.
    pub(super) announces: bool,
    pub(super) troubles: Troubles,
    pub(super) call: Call,
    pub(super) lines: Lines,
    pub(super) settings: Settings,
    pub(super) open: bool,
    pub(super) task: Option<Task>,
    pub(super) transfer: Transfer,
    pub(super) cache: Cache,
    /// The path `AT+FTPLIST` was last given.
    pub(super) last_list: String,
}

impl Fibocom {
    pub(crate) fn new(options: &FibocomOptions) -> Self {
        Self {
            options: options.clone(),
            announces: true,
            troubles: Troubles::new(options),
            call: Call::new(options),
            lines: Lines::new(options),
            settings: Settings::default(),
            open: false,
            task: None,
            transfer: Transfer::None,
            cache: Cache::new(options.cache_size),
            last_list: String::new(),
        }
    }
}

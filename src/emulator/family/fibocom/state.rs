//! The state of the Fibocom FTP client.

use super::access::Access;
use super::call::Call;
use super::lines::Lines;
use super::options::FibocomOptions;
use super::session::Session;
use super::troubles::Troubles;

/// The Fibocom FTP client.
pub(crate) struct Fibocom {
    pub(super) options: FibocomOptions,
    /// `AT+MSTART`: whether the boot lines are printed. Outlives a restart.
    pub(super) announces: bool,
    pub(super) troubles: Troubles,
    pub(super) call: Call,
    pub(super) lines: Lines,
    pub(super) access: Access,
    pub(super) session: Session,
}

impl Fibocom {
    pub(crate) fn new(options: &FibocomOptions) -> Self {
        Self {
            options: options.clone(),
            announces: true,
            troubles: Troubles::new(options),
            call: Call::new(options),
            lines: Lines::new(options),
            access: Access::default(),
            session: Session::new(options.cache_size),
        }
    }
}

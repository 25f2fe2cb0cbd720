//! The state of the Luat FTP client.

use super::access::Access;
use super::kept::Memory;
use super::options::LuatOptions;
use super::settings::Settings;
use super::slot::Slot;
use super::stack::Stack;

/// What the payload being received is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiving {
    Nothing,
    /// A chunk of `AT+FTPPUT`.
    Put,
    /// The stream of `AT+FTPETPUT`.
    Coded,
    /// `AT+FTPEXTPUT`; the next byte goes to this place.
    Memory(usize),
}

/// The Luat FTP client.
pub(crate) struct Luat {
    pub(super) options: LuatOptions,
    pub(super) access: Access,
    /// What `AT+FTPSCONT` keeps over a restart.
    pub(super) stored: Option<Settings>,
    pub(super) stack: Stack,
    pub(super) slot: Slot,
    pub(super) memory: Memory,
    pub(super) receiving: Receiving,
    pub(super) bearer_loss_set: bool,
    pub(super) echo_refusals: u32,
}

impl Luat {
    pub(crate) fn new(options: &LuatOptions) -> Self {
        Self {
            options: options.clone(),
            access: Access::new(options),
            stored: None,
            stack: Stack::default(),
            slot: Slot::default(),
            memory: Memory::new(options),
            receiving: Receiving::Nothing,
            bearer_loss_set: false,
            echo_refusals: 0,
        }
    }
}

//! The state of the Luat FTP client.

use std::time::Duration;

use super::bearer::Bearers;
use super::files::Files;
use super::kept::Memory;
use super::options::LuatOptions;
use super::session::Session;
use super::settings::Settings;
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
    pub(super) settings: Settings,
    /// What `AT+FTPSCONT` keeps over a restart.
    pub(super) stored: Option<Settings>,
    pub(super) bearers: Bearers,
    pub(super) stack: Stack,
    pub(super) session: Session,
    pub(super) memory: Memory,
    pub(super) files: Files,
    /// The value of `AT+FTPREST` when the transfer began.
    pub(super) rest: u64,
    pub(super) receiving: Receiving,
    /// The end of the session is to be reported before the `OK` of the command that ends it.
    pub(super) ok_pending: bool,
    /// When the last session ended.
    pub(super) ended: Option<Duration>,
    pub(super) bearer_loss_set: bool,
    pub(super) echo_refusals: u32,
}

impl Luat {
    pub(crate) fn new(options: &LuatOptions) -> Self {
        Self {
            options: options.clone(),
            settings: Settings::new(options),
            stored: None,
            bearers: Bearers::new(options),
            stack: Stack::default(),
            session: Session::Idle,
            memory: Memory::new(options),
            files: Files::new(options),
            rest: 0,
            receiving: Receiving::Nothing,
            ok_pending: false,
            ended: None,
            bearer_loss_set: false,
            echo_refusals: 0,
        }
    }
}

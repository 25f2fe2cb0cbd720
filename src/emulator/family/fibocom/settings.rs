//! What is set with one command and kept.

use super::options::{FibocomOptions, Loss, Overload};

/// What outlives a restart.
#[derive(Clone)]
pub(super) struct Stored {
    /// `AT+GTRAT`: the network search order, in force after the next restart.
    pub(super) search_order: String,
    /// `AT+MSTART`: whether the boot lines are printed.
    pub(super) announces: bool,
    /// Overloads that are still to come.
    pub(super) overload: Option<Overload>,
    /// Losses that are still to come.
    pub(super) loss: Option<Loss>,
    /// How many calls will still fail.
    pub(super) failing_calls: u32,
    /// How many bytes the module's memory lets the download cache hold.
    pub(super) memory: usize,
    /// How many bytes of files have passed between module and server.
    pub(super) moved: u64,
}

impl Stored {
    pub(super) fn new(options: &FibocomOptions) -> Self {
        Self {
            search_order: "10".to_owned(),
            announces: true,
            overload: options.overload.clone(),
            loss: options.loss,
            failing_calls: options.failed_calls,
            memory: usize::MAX,
            moved: 0,
        }
    }
}

/// What a restart forgets.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// `AT+FTPMODE`: active data connections.
    pub(super) active: bool,
    /// `AT+FTPINFO`: the conversation with the server is printed.
    pub(super) info: bool,
    /// `AT+GTRAT` has been used since the last restart.
    pub(super) search_changed: bool,
    /// `AT+FTPREST`: where the next transfer starts.
    pub(super) restart_at: Option<u64>,
}

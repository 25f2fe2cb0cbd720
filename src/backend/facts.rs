//! What a dialect states as data.

use crate::at::{ErrorCode, Parameter, Rule, Secrets};
use crate::error::ErrorKind;
use crate::modem::Capabilities;

/// Who keeps the current directory of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryKeeper {
    /// The module: paths pass as the caller gives them.
    Module,
    /// The driver: sequences get absolute paths.
    Driver,
}

/// Where the FTP session is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKeeper {
    /// In the module, between a login and a logout.
    Module,
    /// Nowhere: every operation logs in with the settings that were sent at login, which only a restart makes the
    /// module forget.
    Operation,
}

/// A dialect's facts.
pub struct Facts {
    /// What modules of this dialect can do; [`Dialect::open`] corrects it for the module at hand.
    pub(crate) capabilities: Capabilities,
    /// The unsolicited result codes. Losses that depend on a setting are armed by the sequences.
    pub(crate) rules: &'static [Rule],
    /// Kind and meaning of the codes behind `+CME ERROR` and its relatives.
    pub(crate) refusal: fn(&ErrorCode) -> Option<(ErrorKind, &'static str)>,
    /// A path, where the module takes it in one argument.
    pub(crate) path: Option<Parameter>,
    /// Who keeps the current directory.
    pub(crate) directory: DirectoryKeeper,
    /// Where the session is kept.
    pub(crate) session: SessionKeeper,
    /// Whether a bearer can have another type than IPv4 ([`PdpType`](crate::modem::PdpType)).
    pub(crate) has_pdp_types: bool,
    /// How the command lines begin that activate a bearer. One that fails by a time-out or a cancellation may succeed
    /// later, so it is taken back ([`Dialect::give_activation_up`]).
    pub(crate) activation: &'static [&'static str],
    /// The commands of the vendor that have secrets among their parameters, of programs other than the driver, too.
    pub(crate) secrets: &'static [Secrets],
    /// Whether a module that does not answer may be restarting without a word of it.
    pub(crate) restarts_silently: bool,
}

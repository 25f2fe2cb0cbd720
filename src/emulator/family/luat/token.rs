//! Names of timers and streams.

pub(super) const OPEN: u32 = 1;
pub(super) const QUIT: u32 = 2;
pub(super) const ANNOUNCE: u32 = 3;
pub(super) const REPEAT: u32 = 4;
pub(super) const IDLE: u32 = 5;
pub(super) const END: u32 = 6;
pub(super) const REANNOUNCE: u32 = 7;
pub(super) const STORE: u32 = 8;
pub(super) const BEARER: u32 = 9;
pub(super) const BEARER_FAILURE: u32 = 10;
pub(super) const STEP: u32 = 11;
pub(super) const READ: u32 = 12;
pub(super) const SHOWN: u32 = 13;
pub(super) const CODED: u32 = 14;
/// The timers of a session.
pub(super) const SESSION: [u32; 10] =
    [OPEN, QUIT, ANNOUNCE, REPEAT, IDLE, END, REANNOUNCE, STORE, BEARER_FAILURE, STEP];

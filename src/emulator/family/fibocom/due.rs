//! What is due when a timer runs out.

/// The network has answered `AT+MIPCALL`.
pub(super) const CALL: u32 = 1;
/// The server has answered.
pub(super) const TASK: u32 = 2;
/// More of the file has come.
pub(super) const FILL: u32 = 3;
/// `+FTPGET: 1` is to be said.
pub(super) const COMPLETION: u32 = 4;
/// The host has not read the full cache.
pub(super) const DRAIN: u32 = 5;
/// The server has heard nothing for too long.
pub(super) const IDLE: u32 = 6;
/// Something is lost.
pub(super) const LOSS: u32 = 7;
/// A common command may have taken the PDP context down.
pub(super) const CONTEXT: u32 = 8;

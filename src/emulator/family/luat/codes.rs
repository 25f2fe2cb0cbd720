//! The result codes of the FTP commands (Luat AT manual, `AT+FTPGET`).

use crate::emulator::remote::{NetworkCause, RemoteError};

pub(super) const FINISHED: u16 = 0;
pub(super) const NETWORK: u16 = 61;
const DNS: u16 = 62;
const CONNECT: u16 = 63;
pub(super) const TIMEOUT: u16 = 64;
const SERVER: u16 = 65;
pub(super) const NOT_ALLOWED: u16 = 66;
const REPLY: u16 = 70;
const PASSWORD: u16 = 72;
pub(super) const REST: u16 = 74;
const PASSIVE: u16 = 75;
const OPERATE: u16 = 77;
pub(super) const UPLOAD: u16 = 78;
pub(super) const DOWNLOAD: u16 = 79;
const TLS: u16 = 80;
/// SIM7080 AT manual V1.05: the TLS connection could not be made.
const TLS_SIM7080: u16 = 90;
/// A file of the module's own file system.
pub(super) const FILE: u16 = 85;

/// The code of a connection that failed.
pub(super) fn of_connect(error: &RemoteError, simcom_lte: bool) -> u16 {
    match error {
        RemoteError::Network(NetworkCause::Refused | NetworkCause::Unreachable) => CONNECT,
        RemoteError::Network(NetworkCause::Tls) if simcom_lte => TLS_SIM7080,
        RemoteError::Reply { code, .. } if *code != 421 => REPLY,
        _ => of(error, SERVER),
    }
}

/// The code of a refused login; `refused` is the one for a wrong user or password.
pub(super) fn of_login(error: &RemoteError, refused: u16) -> u16 {
    match error {
        RemoteError::Reply { code: 421, .. } => SERVER,
        RemoteError::Reply { .. } => refused,
        RemoteError::Network(_) => of(error, SERVER),
    }
}

/// The code of an operation that failed; `broken` is the one for a transfer cut off in the middle.
pub(super) fn of(error: &RemoteError, broken: u16) -> u16 {
    match error {
        RemoteError::Network(cause) => match cause {
            NetworkCause::Dns => DNS,
            NetworkCause::Refused => CONNECT,
            NetworkCause::Unreachable => NETWORK,
            NetworkCause::Timeout => TIMEOUT,
            NetworkCause::DataConnection => PASSIVE,
            NetworkCause::Tls => TLS,
            NetworkCause::Dropped => broken,
        },
        RemoteError::Reply { code, .. } => match code {
            421 => SERVER,
            425 => PASSIVE,
            426 | 451 | 452 | 552 => broken,
            530 => PASSWORD,
            _ => OPERATE,
        },
    }
}

//! Error and result codes (OneMO FTP AT manual V3.1.0 §5).

use crate::emulator::command::Malformed;
use crate::emulator::{NetworkCause, RemoteError};

/// The `+CME ERROR` number a command is refused with (table 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) u16);

impl From<Malformed> for Refused {
    fn from(_: Malformed) -> Self {
        Self(BAD_PARAMETER)
    }
}

pub(super) const BAD_PARAMETER: u16 = 50;
pub(super) const NOT_RUNNING: u16 = 801;
pub(super) const RUNNING: u16 = 802;

/// The words of table 4.
pub(super) const fn error_text(code: u16) -> Option<&'static str> {
    Some(match code {
        BAD_PARAMETER => "parameter error",
        800 => "FTP unknown error",
        NOT_RUNNING => "FTP not running",
        RUNNING => "FTP is running",
        803 => "FTP connect request error",
        804 => "FTP disconnect request error",
        805 => "FTP change path request error",
        806 => "FTP get path request error",
        807 => "FTP make directory request error",
        808 => "FTP list request error",
        809 => "FTP delete request error",
        810 => "FTP rename request error",
        811 => "FTP retrieve request error",
        812 => "FTP store request error",
        813 => "FTP append request error",
        file::FAILED => "file system error",
        file::MISSING => "file does not exist",
        file::NOT_OPENED => "failed to open file",
        file::NOT_WRITTEN => "failed to write file",
        file::NOT_DELETED => "failed to delete file",
        _ => return None,
    })
}

/// Errors of the file commands (China Mobile OpenCPU SDK, `cm_file_at_cmd.h`).
pub(super) mod file {
    pub(in super::super) const NOT_ALLOWED: u16 = 3;
    pub(in super::super) const FAILED: u16 = 1050;
    pub(in super::super) const MISSING: u16 = 1051;
    pub(in super::super) const NOT_OPENED: u16 = 1055;
    pub(in super::super) const NOT_WRITTEN: u16 = 1057;
    pub(in super::super) const NOT_DELETED: u16 = 1061;
}

/// How a command went, as its result line says (table 5).
pub(super) mod result {
    pub(in super::super) const SUCCESS: u8 = 0;
    pub(in super::super) const PROGRESS: u8 = 1;
    pub(in super::super) const BAD_PARAMETER: u8 = 3;
    pub(in super::super) const BLOCKED: u8 = 4;
    pub(in super::super) const TIMEOUT: u8 = 5;
    pub(super) const CERTIFICATE: u8 = 7;
    pub(super) const NAME: u8 = 8;
    pub(in super::super) const CONNECT_TIMEOUT: u8 = 9;
    pub(in super::super) const SERVER: u8 = 10;
    pub(in super::super) const NETWORK: u8 = 11;
    pub(in super::super) const UNREADABLE: u8 = 12;
    pub(in super::super) const SENDING: u8 = 13;
    pub(in super::super) const EMPTY: u8 = 14;
    pub(in super::super) const MEMORY: u8 = 15;
    pub(in super::super) const STORAGE: u8 = 16;
    pub(in super::super) const TRANSPARENT: u8 = 17;
    pub(in super::super) const FILE: u8 = 18;
    pub(in super::super) const NO_DATA: u8 = 19;
    pub(in super::super) const NO_CONTEXT: u8 = 20;
}

/// The result code for a failed operation on an open connection.
pub(super) const fn result_of(error: &RemoteError) -> u8 {
    match error {
        RemoteError::Reply { .. } => result::SERVER,
        RemoteError::Network(NetworkCause::Dns) => result::NAME,
        RemoteError::Network(NetworkCause::Timeout) => result::TIMEOUT,
        RemoteError::Network(NetworkCause::Tls) => result::CERTIFICATE,
        RemoteError::Network(_) => result::NETWORK,
    }
}

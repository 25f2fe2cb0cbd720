//! Error codes: Quectel EC2x FTP(S) application note V1.0 §5 and §6, and the FILE application note.

use super::options::{QuectelOptions, TransferRefusal};
use crate::emulator::command::Malformed;
use crate::emulator::remote::{NetworkCause, RemoteError};

pub(super) const UNKNOWN: u16 = 601;
pub(super) const BUSY: u16 = 603;
pub(super) const DNS: u16 = 604;
pub(super) const NETWORK: u16 = 605;
pub(super) const CONTROL_CLOSED: u16 = 606;
pub(super) const DATA_CLOSED: u16 = 607;
pub(super) const PEER_CLOSED: u16 = 608;
pub(super) const TIMEOUT: u16 = 609;
pub(super) const INVALID_PARAMETER: u16 = 610;
pub(super) const OPEN_FILE: u16 = 611;
pub(super) const FILE_POSITION: u16 = 612;
pub(super) const FILE_ERROR: u16 = 613;
pub(super) const DATA_CONNECTION: u16 = 615;
pub(super) const ABORTED: u16 = 616;
pub(super) const NOT_TAKEN: u16 = 627;
pub(super) const SSL: u16 = 631;

pub(super) const INVALID_INPUT: u16 = 400;

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its parameters are wrong.
    Malformed,
    /// `ERROR`
    Plain,
    /// `+CME ERROR: <n>`
    Code(u16),
}

/// A command that is not refused has been answered, or is in progress.
pub(super) type Answer = Result<(), Refused>;

impl From<Malformed> for Refused {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// The two numbers of a result line: the module's error and the server's reply, 0 if there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) code: u16,
    pub(super) reply: u16,
}

impl Failure {
    /// A failure the server has no part in.
    pub(super) const fn local(code: u16) -> Self {
        Self { code, reply: 0 }
    }

    /// A failure while the control connection was opened.
    pub(super) fn of_opening(error: &RemoteError) -> Self {
        Self::new(error, PEER_CLOSED)
    }

    /// A failure of a command without data.
    pub(super) fn of_control(error: &RemoteError) -> Self {
        Self::new(error, CONTROL_CLOSED)
    }

    /// A failure to begin a transfer: with the control connection working, it is the data connection that fails.
    pub(super) fn of_beginning(error: &RemoteError) -> Self {
        match error {
            RemoteError::Network(NetworkCause::Refused | NetworkCause::Unreachable | NetworkCause::Timeout) => {
                Self::local(DATA_CONNECTION)
            }
            _ => Self::new(error, CONTROL_CLOSED),
        }
    }

    /// A failure of a transfer that had begun.
    pub(super) fn of_data(error: &RemoteError) -> Self {
        Self::new(error, DATA_CLOSED)
    }

    /// Whether a transfer that does not begin for this reason is answered with an error rather than a result.
    pub(super) fn is_reported_by_error(self, options: &QuectelOptions) -> bool {
        if self.code == DATA_CONNECTION {
            !options.data_failure_in_result
        } else {
            self.reply == 0 || options.refusal == TransferRefusal::CmeError
        }
    }

    fn new(error: &RemoteError, dropped: u16) -> Self {
        match error {
            RemoteError::Reply { code, .. } => Self { code: of_reply(*code), reply: *code },
            RemoteError::Network(cause) => Self::local(match cause {
                NetworkCause::Dns => DNS,
                NetworkCause::Refused => CONTROL_CLOSED,
                NetworkCause::Unreachable => NETWORK,
                NetworkCause::Timeout => TIMEOUT,
                NetworkCause::Dropped => dropped,
                NetworkCause::DataConnection => DATA_CONNECTION,
                NetworkCause::Tls => SSL,
            }),
        }
    }
}

/// Tables 3 and 4 give the same words to these pairs.
const fn of_reply(code: u16) -> u16 {
    match code {
        421 => 614,
        425 => DATA_CONNECTION,
        426 => ABORTED,
        450 => 617,
        451 => 618,
        452 => 619,
        500 => 620,
        501 => 621,
        502 => 622,
        503 => 623,
        504 => 624,
        530 => 625,
        532 => 626,
        550 => NOT_TAKEN,
        551 => 628,
        552 => 629,
        553 => 630,
        _ => UNKNOWN,
    }
}

/// Whether the control connection is gone after this error.
pub(super) fn ends_session(error: &RemoteError) -> bool {
    matches!(error, RemoteError::Network(NetworkCause::Dropped) | RemoteError::Reply { code: 421, .. })
}

/// The words of an error under `AT+CMEE=2`.
pub(super) const fn words(code: u16) -> Option<&'static str> {
    Some(match code {
        INVALID_INPUT => "Invalid input value",
        401 => "Larger than the size of the file",
        402 => "Read zero byte",
        403 => "Drive full",
        405 => "File not found",
        406 => "Invalid file name",
        407 => "file already exist",
        409 => "Fail to write the file",
        410 => "Fail to open the file",
        411 => "Fail to read the file",
        413 => "Reach the max allowed number of opened files",
        414 => "The file read-only",
        416 => "Invalid file descriptor",
        421 => "Time out",
        426 => "File already opened",
        429 => "Quit by escape",
        UNKNOWN => "Unknown error",
        602 => "FTP(S) server blocked",
        BUSY => "FTP(S) server busy",
        DNS => "DNS parse failed",
        NETWORK => "Network error",
        CONTROL_CLOSED => "Control connection closed.",
        DATA_CLOSED => "Data connection closed",
        PEER_CLOSED => "Socket closed by peer",
        TIMEOUT => "Timeout error",
        INVALID_PARAMETER => "Invalid parameter",
        OPEN_FILE => "Failed to open file",
        FILE_POSITION => "File position invalid",
        FILE_ERROR => "File error",
        614 => "Service not available, closing control connection",
        DATA_CONNECTION => "Open data connection failed",
        ABORTED => "Connection closed; transfer aborted",
        617 => "Requested file action not taken",
        618 => "Requested action aborted: local error in processing",
        619 => "Requested action not taken: insufficient system storage",
        620 => "Syntax error, command unrecognized",
        621 => "Syntax error in parameters or arguments",
        622 => "Command not implemented",
        623 => "Bad sequence of commands",
        624 => "Command parameter not implemented",
        625 => "Not logged in",
        626 => "Need account for storing files",
        NOT_TAKEN => "Requested action not taken",
        628 => "Requested action aborted: page type unknown",
        629 => "Requested file action aborted",
        630 => "Requested file name invalid",
        SSL => "SSL authentication failed",
        _ => return None,
    })
}

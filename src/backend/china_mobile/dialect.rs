//! Result codes, error codes, and the lines the module sends on its own.

use crate::at::Dialect;
use crate::at::{Pattern, Rule};
use crate::backend::codes::{self, Code};
use crate::error::ErrorKind;

/// Result of a command that waits for another to finish.
pub(super) const BUSY: u64 = 4;
/// Result of a listing without entries.
pub(super) const EMPTY: u64 = 14;
/// Results of a download at the end of the file: the manual's "parameter error" is "offset beyond the file" in one of the
/// clients behind these commands; and "file to download is empty".
pub(super) const AT_END: [u64; 2] = [3, 19];

/// §5, table 5. The server's refusal has one code whatever its reason (10); the path is the likeliest.
pub(super) const RESULTS: &[Code] = &[
    Code::new(1, ErrorKind::ModuleBusy, "in progress"),
    Code::new(2, ErrorKind::ModuleRefused, "unknown result"),
    Code::new(3, ErrorKind::ModuleRefused, "parameter error"),
    Code::new(BUSY, ErrorKind::ModuleBusy, "blocked, the last command is not finished"),
    Code::new(5, ErrorKind::NetworkTimeout, "time-out"),
    Code::new(6, ErrorKind::ServerRefused, "command failed"),
    Code::new(7, ErrorKind::Tls, "SSL certificate error"),
    Code::new(8, ErrorKind::NameResolution, "DNS error"),
    Code::new(9, ErrorKind::NetworkTimeout, "network connection time-out"),
    Code::new(10, ErrorKind::Unavailable, "server error"),
    Code::new(11, ErrorKind::ConnectFailed, "network connection error"),
    Code::new(12, ErrorKind::ServerRefused, "server's answer not understood"),
    Code::new(13, ErrorKind::DataConnection, "sending failed"),
    Code::new(EMPTY, ErrorKind::Unavailable, "directory empty"),
    Code::new(15, ErrorKind::ModuleStorage, "out of memory"),
    Code::new(16, ErrorKind::ModuleStorage, "storage access failed"),
    Code::new(17, ErrorKind::DataConnection, "transparent transfer failed"),
    Code::new(18, ErrorKind::Unavailable, "file operation failed"),
    Code::new(19, ErrorKind::Unavailable, "file to download is empty"),
    Code::new(20, ErrorKind::BearerLost, "PDP context not active"),
];

/// §5, table 4; from 1050 on `cm_file_at_cmd.h` of the China Mobile OpenCPU SDK.
const REFUSALS: &[Code] = &[
    Code::new(50, ErrorKind::ModuleRefused, "parameter error"),
    Code::new(800, ErrorKind::ModuleRefused, "unknown FTP error"),
    Code::new(801, ErrorKind::SessionLost, "FTP not running"),
    Code::new(802, ErrorKind::ModuleBusy, "FTP running already"),
    Code::new(803, ErrorKind::ConnectFailed, "connection request failed"),
    Code::new(804, ErrorKind::SessionLost, "disconnection request failed"),
    Code::new(805, ErrorKind::ServerRefused, "change of directory failed"),
    Code::new(806, ErrorKind::ServerRefused, "request for the directory failed"),
    Code::new(807, ErrorKind::ServerRefused, "creation of directory failed"),
    Code::new(808, ErrorKind::ServerRefused, "listing failed"),
    Code::new(809, ErrorKind::ServerRefused, "deletion failed"),
    Code::new(810, ErrorKind::ServerRefused, "renaming failed"),
    Code::new(811, ErrorKind::ServerRefused, "retrieval failed"),
    Code::new(812, ErrorKind::ServerRefused, "storing failed"),
    Code::new(813, ErrorKind::ServerRefused, "upload failed"),
    Code::new(1050, ErrorKind::ModuleStorage, "file system error"),
    Code::new(1051, ErrorKind::Unavailable, "no such file in the module"),
    Code::new(1055, ErrorKind::Unavailable, "a file of the module cannot be opened"),
    Code::new(1057, ErrorKind::ModuleStorage, "a file of the module cannot be written"),
    Code::new(1061, ErrorKind::Unavailable, "a file of the module cannot be deleted"),
];

/// How a connection's number stands in an answer (§3.1: 0 to 5).
pub(super) const NUMBERS: [&[&str]; 6] = [&["0"], &["1"], &["2"], &["3"], &["4"], &["5"]];

/// The rules while a connection is open. The second holds only then: after MFTPDISC the same line is its last echo, or does not
/// come at all. The first is a loss unless the module was told to hang up, and is of PDP context 1.
macro_rules! rules {
    ($($loss:expr),*) => {
        &[
            $($loss,)*
            Rule::keep(Pattern::Prefix("+MFTPCONN")),
            Rule::keep(Pattern::Prefix("+MFTPDISC")),
            Rule::keep(Pattern::Prefix("+MFTPCWD")),
            Rule::keep(Pattern::Prefix("+MFTPPWD")),
            Rule::keep(Pattern::Prefix("+MFTPMKD")),
            Rule::keep(Pattern::Prefix("+MFTPLIST")),
            Rule::keep(Pattern::Prefix("+MFTPDEL")),
            Rule::keep(Pattern::Prefix("+MFTPRN")),
            Rule::keep(Pattern::Prefix("+MFTPRETR")),
            Rule::keep(Pattern::Prefix("+MFTPAPPE")),
            Rule::keep(Pattern::Prefix("+MFTPSTOR")),
            Rule::keep(Pattern::Prefix("+MIPCALL")),
            Rule::alarm(Pattern::Line("+MATREADY"), ErrorKind::ModuleRestarted),
            Rule::alarm(Pattern::Prefix("+MATREADY"), ErrorKind::ModuleRestarted),
        ]
    };
}

const HUNG_UP: Rule = Rule::alarm(Pattern::Fields("+MIPCALL", &["1", "0"]), ErrorKind::BearerLost);

macro_rules! connected {
    ($($number:literal),*) => {
        [$(rules!(
            HUNG_UP,
            Rule::alarm(Pattern::Fields("+MFTPURC", &[$number, "conn", "0"]), ErrorKind::SessionLost)
        )),*]
    };
}

const CONNECTED: [&[Rule]; 6] = connected!("0", "1", "2", "3", "4", "5");
const UNCONNECTED: &[Rule] = rules!(HUNG_UP);

/// What is listened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listening {
    /// For the loss of the connection with this number, and what else may happen.
    Connected(usize),
    /// There is no connection to be lost.
    Disconnected,
    /// The bearer is being brought down, too.
    HangingUp,
}

impl Listening {
    /// The rules. A loss of the bearer is known as such for PDP context 1 only; with another one the loss of the connection tells.
    pub(super) fn dialect(self, context: u8) -> Dialect {
        let all = match self {
            Listening::Connected(connection) => CONNECTED.get(connection).copied().unwrap_or(UNCONNECTED),
            Listening::Disconnected | Listening::HangingUp => UNCONNECTED,
        };
        let skipped = usize::from(self == Listening::HangingUp || context != 1);
        Dialect { rules: all.get(skipped..).unwrap_or_default(), refusal: |code| codes::refusal(REFUSALS, code) }
    }
}

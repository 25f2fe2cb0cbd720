//! Limits, parameters, unsolicited and result codes (OneMO FTP AT command manual V3.1.0).

use std::borrow::Cow;
use std::time::Duration;

use crate::at::{Parameter, Pattern, ResultLine, Rule, Secrets, Wire};
use crate::backend::codes::{self, Code};
use crate::backend::facts::{DirectoryKeeper, Facts, SessionKeeper};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, BinaryUpload, Capabilities, Limits, LoginCheck, Operation, SizeQuery, Support};

/// What a result may take beyond `rsptimeout` (§3.1): room for the line.
pub(super) const RESULT_MARGIN: Duration = Duration::from_secs(5);
/// MIPCALL and CGACT (3GPP TS 27.007 §10.1.10: 150 s is what modules' manuals allow for it).
pub(super) const ACTIVATION_LIMIT: Duration = Duration::from_secs(150);

/// Payload bytes in one MFTPSTOR or MFTPAPPE (§3.11: 1 to 4096 behind the prompt).
pub(super) const WRITE_BLOCK: usize = 4096;

/// §3.2 to §3.12: 255 bytes each.
pub(super) const PATH: Parameter = Parameter::quoted("path", 255).on_server();
pub(super) const HOST: Parameter = Parameter::quoted("server's name", 255);
pub(super) const USER: Parameter = Parameter::quoted("user name", 255);
pub(super) const PASSWORD: Parameter = Parameter::quoted("password", 255).or_empty().secret();
/// §3.10, §3.11: 255 bytes.
pub(super) const MODULE_FILE: Parameter = Parameter::quoted("name of a file in the module", 255);

/// Result of a command that goes on.
pub(super) const IN_PROGRESS: u64 = 1;
/// Result of a command that another one blocks.
pub(super) const BUSY: u64 = 4;
/// Result of a command that the server refuses, whatever its reason.
const SERVER_ERROR: u64 = 10;
/// Result of a listing without entries.
pub(super) const EMPTY: u64 = 14;
/// Result of a download from an offset beyond the end of the file: the manual's "parameter error" is "offset beyond the
/// file" in one of the clients behind these commands (`ec_ftpclient_api.h`).
pub(super) const BEYOND_END: u64 = 3;
/// Result of a download of an empty file, or from the end of a file: "file to download is empty".
pub(super) const NOTHING_THERE: u64 = 19;

/// The name of the table of results in errors.
const TABLE: &str = "MFTP";

/// §5, table 5. The server's refusal has one code whatever its reason; the path is the likeliest.
const RESULTS: &[Code] = &[
    Code::new(IN_PROGRESS, ErrorKind::ModuleBusy, "in progress"),
    Code::new(2, ErrorKind::ModuleRefused, "unknown result"),
    Code::new(BEYOND_END, ErrorKind::ModuleRefused, "parameter error"),
    Code::new(BUSY, ErrorKind::ModuleBusy, "blocked, the last command is not finished"),
    Code::new(5, ErrorKind::NetworkTimeout, "time-out"),
    Code::new(6, ErrorKind::ServerRefused, "command failed"),
    Code::new(7, ErrorKind::Tls, "SSL certificate error"),
    Code::new(8, ErrorKind::NameResolution, "DNS error"),
    Code::new(9, ErrorKind::NetworkTimeout, "network connection time-out"),
    Code::new(SERVER_ERROR, ErrorKind::Unavailable, "server error"),
    Code::new(11, ErrorKind::ConnectFailed, "network connection error"),
    Code::new(12, ErrorKind::ServerRefused, "server's answer not understood"),
    Code::new(13, ErrorKind::DataConnection, "sending failed"),
    Code::new(EMPTY, ErrorKind::Unavailable, "directory empty"),
    Code::new(
        15,
        ErrorKind::ModuleRefused,
        "the module has no working memory left; only switching it off and on helps",
    ),
    Code::new(16, ErrorKind::ModuleStorage, "storage access failed"),
    Code::new(17, ErrorKind::DataConnection, "transparent transfer failed"),
    Code::new(18, ErrorKind::Unavailable, "file operation failed"),
    Code::new(NOTHING_THERE, ErrorKind::Unavailable, "file to download is empty"),
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

/// The losses of bearer and connection are armed by the sequences: each depends on a setting.
const RULES: &[Rule] = &[
    Rule::keep(Pattern::Family(
        "+MFTP",
        &["CONN", "DISC", "CWD", "PWD", "MKD", "LIST", "DEL", "RN", "RETR", "APPE", "STOR"],
    )),
    Rule::keep(Pattern::Prefix("+MIPCALL")),
    Rule::lose(Pattern::Line("+MATREADY"), ErrorKind::ModuleRestarted),
    Rule::lose(Pattern::Prefix("+MATREADY"), ErrorKind::ModuleRestarted),
];

pub(super) const FACTS: Facts = Facts {
    capabilities: capabilities(false),
    rules: RULES,
    refusal: |code| codes::refusal(REFUSALS, code),
    path: Some(PATH),
    directory: DirectoryKeeper::Module,
    session: SessionKeeper::Module,
    has_pdp_types: true,
    activation: &["AT+MIPCALL=1", "AT+CGACT=1"],
    secrets: &[Secrets::new("+MFTPCONN", &[4])],
    restarts_silently: false,
};

const OPERATIONS: &[(Operation, Support)] = &[
    // Only where the program has named a slot for certificates.
    (Operation::Ftps, Support::Native),
    (Operation::Attach, Support::Native),
    (Operation::Login, Support::Native),
    (Operation::Status, Support::Native),
    (Operation::Pwd, Support::Native),
    (Operation::Cwd, Support::Native),
    (Operation::List, Support::Native),
    (Operation::Names, Support::Built),
    (Operation::Size, Support::Built),
    (Operation::Modified, Support::Built),
    (Operation::Mkdir, Support::Native),
    (Operation::Rmdir, Support::Native),
    (Operation::Remove, Support::Native),
    (Operation::Rename, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::RetrieveFrom, Support::Native),
    (Operation::Store, Support::Native),
    (Operation::Append, Support::Native),
    (Operation::StoreAt, Support::Built),
];

/// What these modules can do. Those of the manual have plain FTP only (§3.1 note 2).
pub(super) const fn capabilities(has_ftps: bool) -> Capabilities {
    Capabilities {
        dialect: "cmcc",
        operations: match OPERATIONS {
            [_, plain @ ..] if !has_ftps => plain,
            all => all,
        },
        limits: Limits {
            host: HOST.max,
            user: USER.max,
            password: PASSWORD.max,
            path: PATH.max,
            download_block: u64::MAX,
            upload_block: WRITE_BLOCK as u64,
        },
        download_assurance: Assurance::ServerSize,
        upload_assurance: Assurance::ModuleCount,
        binary_upload: BinaryUpload::Safe,
        login_check: LoginCheck::AtLogin,
        size_query: SizeQuery::Listing,
        resolves_names: true,
    }
}

/// The result that an error is about.
pub(super) fn result_of(error: &Error) -> Option<u64> {
    error.module_code().filter(|code| code.table == TABLE)?.value.parse().ok()
}

/// Whether an error is the server's refusal without its reason.
pub(super) fn is_server_error(error: &Error) -> bool {
    result_of(error) == Some(SERVER_ERROR)
}

/// Checks that a result is 0.
///
/// # Errors
/// What another one means.
pub(super) fn check_result(wire: &Wire, result: &ResultLine) -> Result<()> {
    if result.number(1) == Some(0) {
        return Ok(());
    }
    let line = result.0.information();
    let code = line.as_ref().and_then(|line| line.text(1)).unwrap_or(Cow::Borrowed("?"));
    Err(codes::failure(wire, TABLE, RESULTS, &code))
}

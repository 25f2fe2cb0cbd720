//! Limits, parameters, unsolicited and result codes (UC8088 FTP manual).

use std::time::Duration;

use crate::at::{Parameter, Pattern, Rule, Secrets};
use crate::backend::codes::{self, Code};
use crate::backend::facts::{DirectoryKeeper, Facts, SessionKeeper};
use crate::error::ErrorKind;
use crate::modem::{Assurance, BinaryUpload, Capabilities, Limits, LoginCheck, Operation, SizeQuery, Support};

/// Commands that wait for the server. The manual gives no limit; every other dialect's is between 60 and 90 s.
pub(super) const SERVER_LIMIT: Duration = Duration::from_secs(90);
/// CGACT (3GPP TS 27.007 §10.1.10: 150 s is what modules' manuals allow for it).
pub(super) const ACTIVATION_LIMIT: Duration = Duration::from_secs(150);

/// Payload bytes in one FTPPUT. The manual names no maximum; its longest line elsewhere has under 100 bytes, and AT
/// lines of 512 bytes are what modules commonly take.
pub(super) const WRITE_BLOCK: usize = 512;

/// Manual, FTPUN, FTPPW, FTPGETNAME, FTPPATH, FTPPUTNAME, FTPMKD, FTPRMD: 64 bytes each, unquoted.
pub(super) const USER: Parameter = Parameter::bare("user name", 64);
pub(super) const PASSWORD: Parameter = Parameter::bare("password", 64).secret();
pub(super) const NAME: Parameter = Parameter::bare("file name", 64).on_server();
pub(super) const DIRECTORY: Parameter = Parameter::bare("directory", 64).on_server();
/// An address as text; names are resolved before.
pub(super) const ADDRESS: Parameter = Parameter::bare("server's address", 45);

/// Codes of FTPSERV (manual, FTPSERV).
pub(super) const SERVER_CODES: &[Code] = &[
    Code::new(1, ErrorKind::BearerLost, "PDP context not active"),
    // The driver sends an address, never a name: the module does not understand it, now or later.
    Code::new(2, ErrorKind::InvalidInput, "wrong IP address"),
    Code::new(3, ErrorKind::ConnectFailed, "address cannot be reached"),
    Code::new(4, ErrorKind::NetworkTimeout, "connection timed out"),
    Code::new(5, ErrorKind::ServerRefused, "refused by the FTP server"),
];

/// The dialect has no URCs of its own; these are 3GPP TS 27.007 §10.1.19 and common start-up lines.
const RULES: &[Rule] = &[
    Rule::lose(Pattern::Fields("+CGEV", &["NW PDN DEACT 1"]), ErrorKind::BearerLost),
    Rule::lose(Pattern::Fields("+CGEV", &["ME PDN DEACT 1"]), ErrorKind::BearerLost),
    Rule::lose(Pattern::Fields("+CGEV", &["NW DETACH"]), ErrorKind::BearerLost),
    Rule::lose(Pattern::Fields("+CGEV", &["ME DETACH"]), ErrorKind::BearerLost),
    Rule::lose(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
];

pub(super) const FACTS: Facts = Facts {
    capabilities: CAPABILITIES,
    rules: RULES,
    refusal: |code| codes::refusal(&[], code),
    path: None,
    directory: DirectoryKeeper::Driver,
    session: SessionKeeper::Module,
    has_pdp_types: false,
    activation: &["AT+CGACT=1"],
    secrets: &[Secrets::new("+FTPPW", &[1])],
    restarts_silently: false,
};

/// What transfers as text lack is at the end: their bytes are not those that the server counts.
pub(super) const OPERATIONS: &[(Operation, Support)] = &[
    (Operation::Attach, Support::Native),
    (Operation::Login, Support::Native),
    (Operation::Status, Support::Built),
    (Operation::Pwd, Support::Built),
    (Operation::Cwd, Support::Built),
    (Operation::List, Support::Native),
    (Operation::Names, Support::Built),
    (Operation::Modified, Support::Built),
    (Operation::Mkdir, Support::Native),
    (Operation::Rmdir, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::Store, Support::Native),
    (Operation::Size, Support::Built),
    (Operation::RetrieveFrom, Support::Native),
];
pub(super) const TEXT_OPERATIONS: &[(Operation, Support)] = OPERATIONS.split_at(OPERATIONS.len() - 2).0;

const CAPABILITIES: Capabilities = Capabilities {
    dialect: "generic",
    operations: OPERATIONS,
    limits: Limits {
        // The name is resolved by the host; RFC 1035 §2.3.4.
        host: 253,
        user: USER.max,
        password: PASSWORD.max,
        path: NAME.max,
        download_block: u64::MAX,
        upload_block: WRITE_BLOCK as u64,
    },
    download_assurance: Assurance::ServerSize,
    upload_assurance: Assurance::Unconfirmed,
    binary_upload: BinaryUpload::OptIn,
    login_check: LoginCheck::AtLogin,
    size_query: SizeQuery::Listing,
    resolves_names: false,
};

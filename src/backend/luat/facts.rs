//! Limits, parameters and unsolicited result codes that every family has in common.

use std::time::Duration;

use crate::at::{Parameter, Pattern, Rule, Secrets};
use crate::backend::blocks::BlockLimits;
use crate::backend::codes;
use crate::backend::context::COMMAND_LIMIT;
use crate::backend::facts::{DirectoryKeeper, Facts, SessionKeeper};
use crate::error::ErrorKind;
use crate::modem::{Assurance, BinaryUpload, Capabilities, Limits, LoginCheck, Operation, SizeQuery, Support};

/// Every FTP operation's result code (SIM800 AT manual V1.09 §10: 75 s; V1.05 said 60 s).
pub(super) const RESULT_LIMIT: Duration = Duration::from_secs(75);
/// The result code of a quit (780EP log: 0.1 s).
pub(super) const QUIT_LIMIT: Duration = Duration::from_secs(10);

/// `<rdlength>` of FTPGET=2 and FTPLIST=2 (manual, FTPGET: 1 to 1460).
pub(super) const READ_BLOCK: u64 = 1460;
/// What FTPPUT=2 takes when the module does not say: the smallest `<maxlength>` seen on any network.
pub(super) const SAFE_WRITE_BLOCK: u64 = 1000;
/// The largest `<maxlength>` that an Ethernet-sized segment allows; a module that announces more is not believed.
pub(super) const MAX_WRITE_BLOCK: u64 = 1460;
/// What the module's memory holds: Luat's 302512 bytes (manual, FTPEXTGET) are the least of all families.
pub(super) const MEMORY: u64 = 300_000;

pub(super) const BLOCK_LIMITS: BlockLimits =
    BlockLimits { announcement: COMMAND_LIMIT, inactivity: RESULT_LIMIT, acknowledgement: RESULT_LIMIT };

/// The server's parameters, the same in every family.
pub(super) const HOST: Parameter = Parameter::quoted("server's name", 49);
pub(super) const USER: Parameter = Parameter::quoted("user name", 49);
pub(super) const PASSWORD: Parameter = Parameter::quoted("password", 49).or_empty().secret();

/// The line that reports how the operation of command `name` ended. It has 1 as its first field; a line that has 2 or 3
/// there answers a command.
pub(super) const fn result(name: &'static str) -> Pattern {
    Pattern::Fields(name, &["1"])
}

/// The results of all operations.
pub(super) const RESULTS: Pattern =
    Pattern::Reports("+FTP", &["GET", "PUT", "LIST", "SIZE", "DELE", "MKD", "RMD", "MDTM", "RENAME", "EXTGET"], "1");

/// The losses of the bearer in use are armed when it is chosen.
const RULES: &[Rule] = &[
    Rule::keep(RESULTS),
    Rule::lose(Pattern::Fields("+PDP", &["DEACT"]), ErrorKind::BearerLost),
    Rule::lose(Pattern::Fields("+CGEV", &["ME DETACH"]), ErrorKind::BearerLost),
    Rule::lose(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
    Rule::lose(Pattern::Fields("+CFUN", &["1"]), ErrorKind::ModuleRestarted),
    Rule::lose(Pattern::Line("NORMAL POWER DOWN"), ErrorKind::ModuleRestarted),
    Rule::lose(Pattern::Line("UNDER-VOLTAGE POWER DOWN"), ErrorKind::ModuleRestarted),
];

pub(super) const FACTS: Facts = Facts {
    capabilities: CAPABILITIES,
    rules: RULES,
    refusal: |code| codes::refusal(&[], code),
    path: None,
    directory: DirectoryKeeper::Driver,
    session: SessionKeeper::Operation,
    has_pdp_types: false,
    activation: &["AT+SAPBR=1", "AT+CNACT="],
    secrets: &[
        // The access point's password of Luat and SIMCom modules.
        Secrets::tagged("+SAPBR", "PWD", &[4]),
        Secrets::new("+CSTT", &[3]),
        Secrets::new("+CPNETAPN", &[4]),
        Secrets::new("+FTPPW", &[1]),
    ],
    restarts_silently: false,
};

/// As far as they are the same in every family.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    dialect: "luat",
    operations: OPERATIONS,
    limits: Limits {
        host: HOST.max,
        user: USER.max,
        password: PASSWORD.max,
        path: 99,
        download_block: READ_BLOCK,
        upload_block: MAX_WRITE_BLOCK,
    },
    download_assurance: Assurance::ServerSize,
    upload_assurance: Assurance::ModuleCount,
    binary_upload: BinaryUpload::Safe,
    login_check: LoginCheck::AtFirstOperation,
    size_query: SizeQuery::Command,
    resolves_names: true,
};

/// The last two need FTPMDTM and FTPRENAME.
pub(super) const OPERATIONS_WITH_RENAMING: &[(Operation, Support)] = &[
    (Operation::Attach, Support::Native),
    (Operation::Login, Support::Native),
    (Operation::Status, Support::Native),
    (Operation::Pwd, Support::Built),
    (Operation::Cwd, Support::Built),
    (Operation::List, Support::Native),
    (Operation::Names, Support::Built),
    (Operation::Size, Support::Native),
    (Operation::Mkdir, Support::Native),
    (Operation::Rmdir, Support::Native),
    (Operation::Remove, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::RetrieveFrom, Support::Native),
    (Operation::Store, Support::Native),
    (Operation::Append, Support::Native),
    (Operation::StoreAt, Support::Built),
    (Operation::Modified, Support::Native),
    (Operation::Rename, Support::Native),
];
const OPERATIONS: &[(Operation, Support)] = OPERATIONS_WITH_RENAMING.split_at(OPERATIONS_WITH_RENAMING.len() - 2).0;

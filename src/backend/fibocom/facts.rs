//! Limits, parameters, capabilities and unsolicited result codes (L610 guide V1.0.0, G24 manual, MC66x SDK).

use std::time::Duration;

use crate::at::{Parameter, Pattern, Rule, Secrets};
use crate::backend::blocks::BlockLimits;
use crate::backend::codes;
use crate::backend::context::Context;
use crate::backend::facts::{DirectoryKeeper, Facts, SessionKeeper};
use crate::error::ErrorKind;
use crate::modem::{Assurance, BinaryUpload, Capabilities, Limits, LoginCheck, Operation, SizeQuery, Support};

// Guide §3.2, column "recommended time limit".
pub(super) const OPEN_LIMIT: Duration = Duration::from_secs(150);
pub(super) const RESULT_LIMIT: Duration = Duration::from_secs(60);
pub(super) const CALL_LIMIT: Duration = Duration::from_secs(60);
pub(super) const HANG_UP_LIMIT: Duration = Duration::from_secs(40);
/// FTPSIZE. Half of what the guide grants other commands: no document shows its answer, and a firmware that gives none
/// costs this once.
pub(super) const SIZE_LIMIT: Duration = Duration::from_secs(30);

pub(super) const BLOCK_LIMITS: BlockLimits =
    BlockLimits { announcement: RESULT_LIMIT, inactivity: RESULT_LIMIT, acknowledgement: RESULT_LIMIT };

/// Number of bytes requested by one FTPRECV. No manual names the most; answers of up to 2560 bytes were seen.
pub(super) const READ_BLOCK: u64 = 2048;
/// Most bytes that FTPPUT takes at a time (MC66x SDK, FTP_SEND_MAX_SIZE).
pub(super) const WRITE_BLOCK: usize = 3072;
/// `type` of FTPGET, FTPRETR and FTPPUT (MC66x SDK; the guide's example sends it without naming it).
pub(super) const BINARY: u8 = 1;

/// Names and paths have room for 256 bytes with their end (MC66x SDK); the G24 manual says up to 255 for a path.
pub(super) const PATH: Parameter = Parameter::quoted("path", 255).on_server();
pub(super) const HOST: Parameter = Parameter::quoted("server's name", 255);
pub(super) const USER: Parameter = Parameter::quoted("user name", 255);
pub(super) const PASSWORD: Parameter = Parameter::quoted("password", 255).secret();

/// What server and module say to each other, printed while FTPINFO is on (G24 manual, +FTPINFO).
pub(super) const CONVERSATION: Pattern = Pattern::Prefix("+FTPINFO");

/// `+FTPPUT: 2,n` and `+FTPRECV: n` are answers and have no rule.
const RULES: &[Rule] = &[
    Rule::keep(Pattern::Prefix("+MIPCALL")),
    Rule::keep(CONVERSATION),
    Rule::keep(Pattern::Family("+FTP", &["OPEN", "CLOSE", "NOOP", "SYST", "STAT"])),
    Rule::keep(Pattern::Family("+FTP", &["LIST", "CWD", "CDUP", "PWD", "MKD", "RMD", "DEL", "REN", "SIZE"])),
    Rule::keep(Pattern::Family("+FTP", &["GET", "STOR", "RETR"])),
    Rule::keep(Pattern::Fields("+FTPPUT", &["0"])),
    Rule::keep(Pattern::Fields("+FTPPUT", &["1"])),
    Rule::lose(Pattern::Line("AT command ready"), ErrorKind::ModuleRestarted),
    Rule::lose(Pattern::Line("+SIM DROP"), ErrorKind::BearerLost),
];

/// Lines that report a loss, unless they are the result of FTPCLOSE or of `MIPCALL=0`.
const LOSSES: [(Pattern, ErrorKind); 2] = [
    (Pattern::Fields("+MIPCALL", &["0"]), ErrorKind::BearerLost),
    (Pattern::Prefix("+FTPCLOSE"), ErrorKind::SessionLost),
];

/// Listens for the losses.
pub(super) fn arm_losses(cx: &mut Context) {
    for (pattern, kind) in LOSSES {
        cx.engine.inbox().arm(pattern, kind);
    }
}

/// Takes the same lines for results.
pub(super) fn disarm_losses(cx: &mut Context) {
    for (_, kind) in LOSSES {
        cx.engine.inbox().disarm(kind);
    }
}

pub(super) const FACTS: Facts = Facts {
    capabilities: CAPABILITIES,
    rules: RULES,
    refusal: |code| codes::refusal(&[], code),
    path: Some(PATH),
    directory: DirectoryKeeper::Module,
    session: SessionKeeper::Module,
    has_pdp_types: false,
    activation: &["AT+MIPCALL=1"],
    secrets: &[Secrets::new("+MIPCALL", &[4]), Secrets::new("+FTPOPEN", &[3])],
    restarts_silently: false,
};

const CAPABILITIES: Capabilities = Capabilities {
    dialect: "fibocom",
    operations: &[
        (Operation::Attach, Support::Native),
        (Operation::Login, Support::Native),
        (Operation::Status, Support::Built),
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
        // Only the SDK of the MC66x names an offset for uploads; one that is not obeyed would destroy the file on the
        // server.
        (Operation::Store, Support::Native),
    ],
    limits: Limits {
        host: HOST.max,
        user: USER.max,
        password: PASSWORD.max,
        path: PATH.max,
        download_block: READ_BLOCK,
        upload_block: WRITE_BLOCK as u64,
    },
    download_assurance: Assurance::ServerSize,
    upload_assurance: Assurance::ModuleCount,
    binary_upload: BinaryUpload::Safe,
    login_check: LoginCheck::AtLogin,
    size_query: SizeQuery::Command,
    resolves_names: true,
};

//! Limits, parameters, unsolicited and result codes (FTP(S) application note V1.0, "note" for short).

use std::time::Duration;

use crate::at::{Parameter, Pattern, Rule, Secrets};
use crate::backend::access_point;
use crate::backend::codes::{self, Code};
use crate::backend::facts::{DirectoryKeeper, Facts, SessionKeeper};
use crate::error::ErrorKind;
use crate::modem::{Assurance, BinaryUpload, Capabilities, Limits, LoginCheck, Operation, SizeQuery, Support};

/// QIACT and QIDEACT (TCP/IP application note, §2.1.2 and §2.1.3).
pub(super) const ACTIVATION_LIMIT: Duration = Duration::from_secs(150);
pub(super) const DEACTIVATION_LIMIT: Duration = Duration::from_secs(40);
/// Silence before and after `+++` (note §1.4), with room for clocks that differ.
pub(super) const GUARD: Duration = Duration::from_millis(1100);

/// Paths (note §2.3 to §2.15: 255 bytes). Bytes outside ASCII are sent as they are.
pub(super) const PATH: Parameter = Parameter::quoted("path", 255).on_server();
pub(super) const HOST: Parameter = Parameter::quoted("server's name", 200).ascii();
pub(super) const USER: Parameter = Parameter::quoted("user name", 255).ascii();
pub(super) const PASSWORD: Parameter = Parameter::quoted("password", 255).or_empty().ascii().secret();
/// The port itself, as source or destination of file data.
pub(super) const PORT: &str = "\"COM:\"";

/// TCP/IP application note, QICSGP: 127 bytes each.
pub(super) const APN: Parameter = access_point::name(127).ascii();
pub(super) const APN_USER: Parameter = access_point::user(127).ascii();
pub(super) const APN_PASSWORD: Parameter = access_point::password(127).ascii();

pub(super) const FACTS: Facts = Facts {
    capabilities: CAPABILITIES,
    rules: RULES,
    refusal: |code| codes::refusal(CODES, code),
    path: Some(PATH),
    directory: DirectoryKeeper::Module,
    session: SessionKeeper::Module,
    has_pdp_types: true,
    activation: &["AT+QIACT="],
    secrets: &[Secrets::new("+QICSGP", &[5]), Secrets::tagged("+QFTPCFG", "account", &[3])],
    restarts_silently: true,
};

const CAPABILITIES: Capabilities = Capabilities {
    dialect: "quectel",
    operations: OPERATIONS,
    limits: Limits {
        host: HOST.max,
        user: USER.max,
        password: PASSWORD.max,
        path: PATH.max,
        download_block: u64::MAX,
        upload_block: u64::MAX,
    },
    download_assurance: Assurance::ServerSize,
    upload_assurance: Assurance::ModuleCount,
    binary_upload: BinaryUpload::Safe,
    login_check: LoginCheck::AtLogin,
    size_query: SizeQuery::Command,
    resolves_names: true,
};

/// What is possible where files pass byte for byte.
pub(super) const OPERATIONS: &[(Operation, Support)] = &[
    (Operation::Attach, Support::Native),
    (Operation::Login, Support::Native),
    (Operation::Status, Support::Native),
    (Operation::Pwd, Support::Native),
    (Operation::Cwd, Support::Native),
    (Operation::List, Support::Native),
    (Operation::Names, Support::Native),
    (Operation::Size, Support::Native),
    (Operation::Modified, Support::Native),
    (Operation::Mkdir, Support::Native),
    (Operation::Rmdir, Support::Native),
    (Operation::Remove, Support::Native),
    (Operation::Rename, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::Store, Support::Native),
    (Operation::Ftps, Support::Native),
    (Operation::RetrieveFrom, Support::Native),
    (Operation::Append, Support::Built),
    (Operation::StoreAt, Support::Native),
];

/// What is possible with text, whose sizes differ on module and server: all but the last three.
pub(super) const TEXT_OPERATIONS: &[(Operation, Support)] = OPERATIONS.split_at(OPERATIONS.len() - 3).0;

/// The unsolicited result codes, but for the loss of the bearer, which has the number of the context in use
/// ([`dropped`]).
const RULES: &[Rule] = &[
    Rule::keep(Pattern::Family(
        "+QFTP",
        &["OPEN", "CLOSE", "CWD", "PWD", "PUT", "GET", "SIZE", "DEL", "MKDIR", "RMDIR"],
    )),
    Rule::keep(Pattern::Family("+QFTP", &["LIST", "NLST", "MLSD", "MDTM", "RENAME", "LEN", "STAT"])),
    // Of 2G modules only.
    Rule::keep(Pattern::Prefix("+QFTPCFG")),
    Rule::lose(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
    Rule::lose(Pattern::Line("NORMAL POWER DOWN"), ErrorKind::ModuleRestarted),
    Rule::lose(Pattern::Line("POWERED DOWN"), ErrorKind::ModuleRestarted),
];

/// The network has dropped PDP context `context` (TCP/IP application note, QIURC). It may drop any; only the one in
/// use matters.
pub(super) fn dropped(context: u8) -> Pattern {
    Pattern::Numbered { prefix: "+QIURC", before: &["pdpdeact"], number: u64::from(context), after: &[] }
}

/// Note §5, table 3; the file errors are those of the FILE application note.
pub(super) const CODES: &[Code] = &[
    Code::new(400, ErrorKind::ModuleRefused, "invalid input value"),
    Code::new(401, ErrorKind::ModuleStorage, "larger than the size of the file"),
    Code::new(402, ErrorKind::ModuleStorage, "read zero byte"),
    Code::new(403, ErrorKind::ModuleStorage, "drive full"),
    Code::new(405, ErrorKind::ModuleStorage, "file not found"),
    Code::new(406, ErrorKind::ModuleStorage, "invalid file name"),
    Code::new(407, ErrorKind::ModuleStorage, "file already exist"),
    Code::new(410, ErrorKind::ModuleStorage, "fail to open the file"),
    Code::new(413, ErrorKind::ModuleStorage, "reach the max allowed number of opened files"),
    Code::new(416, ErrorKind::ModuleStorage, "invalid file descriptor"),
    Code::new(421, ErrorKind::Incomplete, "time out"),
    Code::new(426, ErrorKind::ModuleStorage, "file already opened"),
    Code::new(429, ErrorKind::ModuleStorage, "quit by escape"),
    Code::new(601, ErrorKind::ModuleRefused, "unknown error"),
    Code::new(602, ErrorKind::ServerBusy, "FTP(S) server blocked"),
    Code::new(603, ErrorKind::ModuleBusy, "FTP(S) server busy"),
    Code::new(604, ErrorKind::NameResolution, "DNS parse failed"),
    Code::new(605, ErrorKind::ConnectFailed, "network error"),
    Code::new(606, ErrorKind::SessionLost, "control connection closed"),
    Code::new(607, ErrorKind::DataConnection, "data connection closed"),
    Code::new(608, ErrorKind::SessionLost, "socket closed by peer"),
    Code::new(609, ErrorKind::NetworkTimeout, "timeout error"),
    Code::new(610, ErrorKind::ModuleRefused, "invalid parameter"),
    Code::new(611, ErrorKind::ModuleStorage, "failed to open file"),
    Code::new(612, ErrorKind::ModuleStorage, "file position invalid"),
    Code::new(613, ErrorKind::ModuleStorage, "file error"),
    Code::new(614, ErrorKind::SessionLost, "service not available, closing control connection"),
    Code::new(615, ErrorKind::DataConnection, "open data connection failed"),
    Code::new(616, ErrorKind::DataConnection, "connection closed; transfer aborted"),
    Code::new(617, ErrorKind::ServerBusy, "requested file action not taken"),
    Code::new(618, ErrorKind::ServerBusy, "requested action aborted: local error in processing"),
    Code::new(619, ErrorKind::ServerStorage, "requested action not taken: insufficient system storage"),
    Code::new(620, ErrorKind::ServerRefused, "syntax error, command unrecognized"),
    Code::new(621, ErrorKind::ServerRefused, "syntax error in parameters or arguments"),
    Code::new(622, ErrorKind::ServerRefused, "command not implemented"),
    Code::new(623, ErrorKind::ServerRefused, "bad sequence of commands"),
    Code::new(624, ErrorKind::ServerRefused, "command parameter not implemented"),
    Code::new(625, ErrorKind::LoginRefused, "not logged in"),
    Code::new(626, ErrorKind::LoginRefused, "need account for storing files"),
    Code::new(627, ErrorKind::Unavailable, "requested action not taken"),
    Code::new(628, ErrorKind::ServerRefused, "requested action aborted: page type unknown"),
    Code::new(629, ErrorKind::ServerStorage, "requested file action aborted"),
    Code::new(630, ErrorKind::ServerRefused, "requested file name invalid"),
    Code::new(631, ErrorKind::Tls, "SSL authentication failed"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_loss_of_the_context_in_use_matters() {
        use crate::at::reply::parse;
        for context in 1..=16u8 {
            for other in 1..=16u8 {
                let line = format!("+QIURC: \"pdpdeact\",{other}");
                assert_eq!(dropped(context).matches(&parse(line.as_bytes())), context == other, "{context} {other}");
            }
        }
    }

    #[test]
    fn text_has_no_parts() {
        let in_parts = [Operation::RetrieveFrom, Operation::Append, Operation::StoreAt];
        let not_with_text = OPERATIONS.iter().filter(|row| !TEXT_OPERATIONS.contains(row));
        assert!(not_with_text.map(|(operation, _)| *operation).eq(in_parts));
    }
}

//! Fibocom modules (L610, MC66x, NL668): MIPCALL, FTPOPEN.
//!
//! After the Fibocom L610 FTP application guide V1.0.0; the command set is that of Motorola's G24, whose manual fills
//! the gaps. Every operation is acknowledged at once and ends with `+FTPxxx: 1` (done) or `+FTPxxx: 0` (failed,
//! without a reason).

mod call;
mod coding;
mod connection;
mod directory;
mod download;
mod own;
mod streams;
mod upload;

use std::io::{Read, Write};
use std::time::Duration;

use super::codes;
use super::exchange::{BlockLimits, is_refusal};
use super::recovery::{Recoverable, activation_failed};
use super::session::Session;
use super::{Backend, Vendor, network};
use crate::at::Dialect;
use crate::at::{Command, Engine, Parameter, Pattern, Rule, Verdict};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, BinaryUpload, Capabilities, Controls, Entry, FtpModem, Identity, Limits,
    LoginCheck, Metadata, Modified, Network, Operation, Retrieve, Security, Server, SessionState, SizeQuery, Store,
    Support, Transfer, listing,
};

// ---- limits (guide §3.2, column "recommended time limit") ----

const COMMAND_LIMIT: Duration = Duration::from_secs(5);
const OPEN_LIMIT: Duration = Duration::from_secs(150);
const RESULT_LIMIT: Duration = Duration::from_secs(60);

/// What FTPRECV is asked for at a time. No manual names the most; answers of up to 2560 bytes were seen.
const READ_BLOCK: u64 = 2048;
/// What FTPPUT takes at a time (MC66x SDK, FTP_SEND_MAX_SIZE).
const WRITE_BLOCK: usize = 3072;

const BLOCK_LIMITS: BlockLimits =
    BlockLimits { announcement: RESULT_LIMIT, inactivity: RESULT_LIMIT, acknowledgement: RESULT_LIMIT };

/// Names and paths have room for 256 bytes with their end (MC66x SDK); the G24 manual says up to 255 for a path.
const PATH: Parameter = Parameter::quoted("path", 255);
const HOST: Parameter = Parameter::quoted("server's name", 255);
const USER: Parameter = Parameter::quoted("user name", 255);
const PASSWORD: Parameter = Parameter::quoted("password", 255).secret();

/// The last digit of an operation (G24 manual, +FTPLIST).
const DONE: u64 = 1;
/// Data follow, or were accepted.
const DATA: u64 = 2;

/// What server and module say to each other, printed while FTPINFO is on (G24 manual, +FTPINFO).
const CONVERSATION: Pattern = Pattern::Prefix("+FTPINFO");

/// What the module says on its own. `+FTPPUT: 2,n` and `+FTPRECV: n` are answers and stand in no rule. The first two
/// rows are losses, unless the module was told to close or to hang up: then the same lines are the result.
const RULES: &[Rule] = &[
    Rule::alarm(Pattern::Fields("+MIPCALL", &["0"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Prefix("+FTPCLOSE"), ErrorKind::SessionLost),
    Rule::keep(Pattern::Prefix("+MIPCALL")),
    Rule::keep(Pattern::Prefix("+FTPOPEN")),
    Rule::keep(Pattern::Prefix("+FTPCLOSE")),
    Rule::keep(CONVERSATION),
    Rule::keep(Pattern::Prefix("+FTPLIST")),
    Rule::keep(Pattern::Prefix("+FTPCWD")),
    Rule::keep(Pattern::Prefix("+FTPCDUP")),
    Rule::keep(Pattern::Prefix("+FTPPWD")),
    Rule::keep(Pattern::Prefix("+FTPMKD")),
    Rule::keep(Pattern::Prefix("+FTPRMD")),
    Rule::keep(Pattern::Prefix("+FTPDEL")),
    Rule::keep(Pattern::Prefix("+FTPREN")),
    Rule::keep(Pattern::Prefix("+FTPSIZE")),
    Rule::keep(Pattern::Prefix("+FTPGET")),
    Rule::keep(Pattern::Prefix("+FTPSTOR")),
    Rule::keep(Pattern::Prefix("+FTPRETR")),
    Rule::keep(Pattern::Prefix("+FTPNOOP")),
    Rule::keep(Pattern::Prefix("+FTPSYST")),
    Rule::keep(Pattern::Prefix("+FTPSTAT")),
    Rule::keep(Pattern::Fields("+FTPPUT", &["0"])),
    Rule::keep(Pattern::Fields("+FTPPUT", &["1"])),
    Rule::alarm(Pattern::Line("AT command ready"), ErrorKind::ModuleRestarted),
    Rule::alarm(Pattern::Line("+SIM DROP"), ErrorKind::BearerLost),
];

const DIALECT: Dialect = Dialect { rules: RULES, refusal: |code| codes::refusal(&[], code) };
const CLOSING: Dialect = Dialect { rules: RULES.split_at(2).1, ..DIALECT };

const OPERATIONS: &[(Operation, Support)] = &[
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
    (Operation::Store, Support::Native),
];

fn capabilities() -> Capabilities {
    Capabilities {
        dialect: "fibocom",
        operations: OPERATIONS,
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
    }
}

/// A Fibocom module.
///
/// Besides [`FtpModem`] it has what is this vendor's own; see [`OpenOptions::open_as`](super::OpenOptions::open_as).
pub struct Fibocom {
    engine: Engine,
    identity: Identity,
    capabilities: Capabilities,
    controls: Controls,
    session: Session,
    /// The module restarted: it has the settings of power-on.
    restarted: bool,
    /// It may be waiting for data.
    doubt: Option<connection::Doubt>,
    /// Active mode was asked for.
    active: bool,
    /// The size of the cache that was asked for.
    cache: Option<u64>,
    /// Whether a counted upload has ended since a size was asked for.
    has_uploaded: bool,
    // ---- what this firmware was seen to do ----
    size_command: directory::SizeCommand,
    reading: download::Reading,
    /// FTPGET and FTPRETR take a number of bytes.
    takes_size: bool,
    /// What FTPPUT takes at a time.
    write_block: usize,
}

impl Backend for Fibocom {
    const VENDOR: Vendor = Vendor::Fibocom;

    fn on(mut engine: Engine, identity: Identity) -> Result<Self> {
        engine.set_dialect(DIALECT);
        Ok(Fibocom {
            engine,
            identity,
            capabilities: capabilities(),
            controls: Controls::default(),
            session: Session::default(),
            restarted: false,
            doubt: None,
            active: false,
            cache: None,
            has_uploaded: false,
            size_command: directory::SizeCommand::default(),
            reading: download::Reading::default(),
            takes_size: true,
            write_block: WRITE_BLOCK,
        })
    }
}

impl Fibocom {
    /// Sends a command and waits for its last digit. The guide's time limits hold for `OK` and digit together
    /// (§3.2): a module that is busy may be silent for some seconds first (note 4).
    fn run(&mut self, command: Command, result: &Pattern) -> Result<Verdict> {
        self.engine.perform(command, RESULT_LIMIT, result, RESULT_LIMIT)
    }

    /// Runs a command on a path. Its failure has no reason; that the path is to blame is the likeliest.
    fn on_path(&mut self, name: &'static str, result: &Pattern, path: &str) -> Result<()> {
        let verdict = self.run(Command::set(name).text(&PATH, path), result)?;
        self.succeeded(&verdict)
    }

    fn succeeded(&self, verdict: &Verdict) -> Result<()> {
        match verdict.number(0) {
            Some(DONE) => Ok(()),
            _ => Err(self.engine.error(ErrorKind::Unavailable, "the module gives no reason")),
        }
    }
}

impl Recoverable for Fibocom {
    fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    fn end_session(&mut self) -> Result<()> {
        self.operation("logout", |fibocom| fibocom.close().map(drop))
    }

    fn start_anew(&mut self) {
        self.restarted = true;
    }
}

impl FtpModem for Fibocom {
    shared_calls!();

    fn network(&mut self) -> Result<Network> {
        self.operation("network", |modem| network::status(&mut modem.engine))
    }

    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.operation("attach", |fibocom| {
            fibocom
                .call(access_point)
                .map_err(|error| activation_failed(error, &["AT+MIPCALL=1"], || fibocom.give_call_up()))
        })
    }

    fn detach(&mut self) -> Result<()> {
        self.session.lost();
        self.operation("detach", Self::hang_up)
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        if server.security != Security::None {
            let detail = "FTPS is not documented for Fibocom modules";
            return Err(Error::new(ErrorKind::Unsupported, detail).during("login"));
        }
        let (user, password) = connection::account(server);
        Parameter::check_all(&[(&HOST, &server.host), (&USER, user), (&PASSWORD, password)])
            .map_err(|error| error.during("login"))?;
        self.operation("login", |fibocom| {
            if fibocom.session.is_open() {
                fibocom.session.ended();
                let _ = fibocom.close()?;
            }
            match fibocom.open(server) {
                Ok(()) => fibocom.session.begun(server),
                Err(error) => return Err(fibocom.recovered(error)),
            }
            Ok(())
        })
    }

    fn status(&mut self) -> Result<SessionState> {
        self.operation("status", |fibocom| {
            if !fibocom.session.is_open() {
                return Ok(SessionState::Closed);
            }
            // Seen on MC669: the read form says whether there is a session.
            match fibocom.engine.execute(Command::read("+FTPOPEN"), COMMAND_LIMIT) {
                Ok(answer) if answer.first().is_some_and(|line| line.number(0) == Some(0)) => {
                    fibocom.session.lost();
                    Ok(SessionState::Closed)
                }
                Err(error) if !is_refusal(error.kind()) => Err(error),
                _ => Ok(SessionState::Idle),
            }
        })
    }

    fn pwd(&mut self) -> Result<String> {
        self.at_server("pwd", &[], |fibocom| {
            let told = fibocom.told(Command::run("+FTPPWD"), "+FTPPWD")?;
            // A directory is one line.
            if told.contains('\n') { Err(fibocom.engine.protocol("the directory was told twice")) } else { Ok(told) }
        })
    }

    fn cwd(&mut self, path: &str) -> Result<()> {
        self.at_server("cwd", &[path], |fibocom| {
            fibocom.on_path("+FTPCWD", &Pattern::Prefix("+FTPCWD"), path)?;
            fibocom.session.entered(path);
            Ok(())
        })
    }

    fn cdup(&mut self) -> Result<()> {
        self.at_server("cdup", &[], |fibocom| {
            let verdict = fibocom.run(Command::run("+FTPCDUP"), &Pattern::Prefix("+FTPCDUP"))?;
            fibocom.succeeded(&verdict)?;
            fibocom.session.entered("..");
            Ok(())
        })
    }

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        let path = if path.is_empty() { "." } else { path };
        self.at_server("list", &[path], |fibocom| Ok(listing::parse(&fibocom.listing(path)?)))
    }

    fn metadata(&mut self, path: &str) -> Result<Metadata> {
        self.at_server("metadata", &[path], |fibocom| fibocom.file_metadata(path))
    }

    fn modified(&mut self, path: &str) -> Result<Modified> {
        self.at_server("modified", &[path], |fibocom| {
            let modified = fibocom.entry(path)?.modified;
            modified.ok_or_else(|| Error::new(ErrorKind::Unavailable, "the listing states no time for it"))
        })
    }

    fn mkdir(&mut self, path: &str) -> Result<()> {
        self.at_server("mkdir", &[path], |fibocom| fibocom.on_path("+FTPMKD", &Pattern::Prefix("+FTPMKD"), path))
    }

    fn rmdir(&mut self, path: &str) -> Result<()> {
        self.at_server("rmdir", &[path], |fibocom| fibocom.on_path("+FTPRMD", &Pattern::Prefix("+FTPRMD"), path))
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        self.at_server("remove", &[path], |fibocom| fibocom.on_path("+FTPDEL", &Pattern::Prefix("+FTPDEL"), path))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        self.at_server("rename", &[from, to], |fibocom| {
            let command = Command::set("+FTPREN").text(&PATH, from).text(&PATH, to);
            let verdict = fibocom.run(command, &Pattern::Prefix("+FTPREN"))?;
            fibocom.succeeded(&verdict)
        })
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", &[path], |fibocom| fibocom.download(path, what, sink))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        upload::supported(how).map_err(|error| error.during("upload"))?;
        self.at_server("upload", &[path], |fibocom| fibocom.upload(path, how, source))
    }
}

//! Luat modules (Air780E and relatives): SAPBR, FTPGET, FTPPUT.
//!
//! After the Luat AT command manual, chapters SAPBR and FTP, and the Air780E FTP guide (firmware V1169). The command set is
//! SIMCom's of the SIM800 series. There is no session: each operation logs in, works, and logs out.

mod bearer;
mod download;
mod upload;

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::codes::{self, Code};
use super::exchange::{BlockLimits, is_refusal};
use super::path;
use super::{Backend, Vendor, network};
use crate::at::engine::Dialect;
use crate::at::{Command, Engine, Parameter, Pattern, Rule, Verdict};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, BinaryUpload, Capabilities, Entry, FtpModem, Identity, Limits, LoginCheck,
    Modified, Network, Operation, Retrieve, Security, Server, SessionState, Store, Support, TimeLimits, Transfer,
    listing,
};

// ---- limits ----

/// Settings and queries are answered from the module's memory (780EP log: 2 to 6 ms).
const COMMAND_LIMIT: Duration = Duration::from_secs(5);
/// Every FTP operation's result code (SIM800 AT manual V1.09 §10: 75 s; V1.05 said 60 s).
const RESULT_LIMIT: Duration = Duration::from_secs(75);
/// The result code of a quit (780EP log: 0.1 s).
const QUIT_LIMIT: Duration = Duration::from_secs(10);

/// `<rdlength>` of FTPGET=2 and FTPLIST=2 (manual, FTPGET: 1 to 1460).
const READ_BLOCK: u64 = 1460;
/// What FTPPUT=2 takes when the module does not say: the smallest `<maxlength>` seen on any network.
const SAFE_WRITE_BLOCK: u64 = 1000;
/// The largest `<maxlength>` an Ethernet-sized segment allows; a module that announces more is not believed.
const MAX_WRITE_BLOCK: u64 = 1460;

const BLOCK_LIMITS: BlockLimits =
    BlockLimits { announcement: COMMAND_LIMIT, inactivity: RESULT_LIMIT, acknowledgement: RESULT_LIMIT };

const HOST: Parameter = Parameter::quoted("server's name", 49);
const USER: Parameter = Parameter::quoted("user name", 49);
const PASSWORD: Parameter = Parameter::quoted("password", 49).or_empty().secret();
const GET_NAME: Parameter = Parameter::quoted("file name", 99);
const GET_PATH: Parameter = Parameter::quoted("directory", 255);
const PUT_NAME: Parameter = Parameter::quoted("file name", 99);
/// Manual, FTPPUTPATH: 99, where SIMCom has 255.
const PUT_PATH: Parameter = Parameter::quoted("directory", 99);

/// Codes of every FTP result (manual, FTPGET, table of `<mode>` 1; the same in the SIM800 AT manual).
const RESULTS: &[Code] = &[
    Code::new(61, ErrorKind::BearerLost, "network error"),
    Code::new(62, ErrorKind::NameResolution, "DNS resolve error"),
    Code::new(63, ErrorKind::ConnectFailed, "connect failed"),
    Code::new(64, ErrorKind::NetworkTimeout, "timeout"),
    Code::new(65, ErrorKind::ServerRefused, "server error"),
    Code::new(66, ErrorKind::ModuleBusy, "operation not allowed"),
    Code::new(70, ErrorKind::ServerRefused, "replay error"),
    Code::new(71, ErrorKind::LoginRefused, "user error"),
    Code::new(72, ErrorKind::LoginRefused, "password error"),
    Code::new(73, ErrorKind::ServerRefused, "type error"),
    Code::new(74, ErrorKind::ServerRefused, "rest error"),
    Code::new(75, ErrorKind::DataConnection, "passive error"),
    Code::new(76, ErrorKind::DataConnection, "active error"),
    Code::new(77, ErrorKind::Unavailable, "operate error"),
    Code::new(78, ErrorKind::DataConnection, "upload error"),
    Code::new(79, ErrorKind::DataConnection, "download error"),
    Code::new(80, ErrorKind::Tls, "SSL error"),
    Code::new(81, ErrorKind::Tls, "SSL error"),
    Code::new(82, ErrorKind::Tls, "SSL error"),
    Code::new(83, ErrorKind::Tls, "SSL error"),
    Code::new(84, ErrorKind::Tls, "SSL error"),
    Code::new(85, ErrorKind::ModuleStorage, "file error"),
    Code::new(86, ErrorKind::SessionLost, "manual quit"),
];

/// What the module says on its own. The result codes of the operations have 1 as their first field; what has 2 there is the
/// answer to a command.
const RULES: &[Rule] = &[
    Rule::keep(Pattern::Fields("+FTPGET", &["1"])),
    Rule::keep(Pattern::Fields("+FTPPUT", &["1"])),
    Rule::keep(Pattern::Fields("+FTPLIST", &["1"])),
    Rule::keep(Pattern::Fields("+FTPSIZE", &["1"])),
    Rule::keep(Pattern::Fields("+FTPDELE", &["1"])),
    Rule::keep(Pattern::Fields("+FTPMKD", &["1"])),
    Rule::keep(Pattern::Fields("+FTPRMD", &["1"])),
    Rule::alarm(Pattern::Fields("+SAPBR 1", &["DEACT"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Fields("+PDP", &["DEACT"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Fields("+CGEV", &["NW PDN DEACT 1"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Fields("+CGEV", &["ME DETACH"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
    Rule::alarm(Pattern::Fields("+CFUN", &["1"]), ErrorKind::ModuleRestarted),
    Rule::alarm(Pattern::Line("NORMAL POWER DOWN"), ErrorKind::ModuleRestarted),
    Rule::alarm(Pattern::Line("UNDER-VOLTAGE POWER DOWN"), ErrorKind::ModuleRestarted),
];

const DIALECT: Dialect = Dialect { rules: RULES, refusal: |code| codes::refusal(&[], code) };

const OPERATIONS: &[(Operation, Support)] = &[
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
];

fn capabilities() -> Capabilities {
    Capabilities {
        dialect: "luat",
        operations: OPERATIONS,
        limits: Limits {
            host: HOST.max,
            user: USER.max,
            password: PASSWORD.max,
            path: PUT_PATH.max,
            download_block: READ_BLOCK,
            upload_block: MAX_WRITE_BLOCK,
        },
        download_assurance: Assurance::ServerSize,
        upload_assurance: Assurance::ModuleCount,
        binary_upload: BinaryUpload::Safe,
        login_check: LoginCheck::AtFirstOperation,
        resolves_names: true,
    }
}

/// A Luat module.
pub struct Luat {
    engine: Engine,
    identity: Identity,
    capabilities: Capabilities,
    /// The current directory, which the module does not have.
    directory: String,
    logged_in: bool,
    /// What FTPPUTOPT and FTPREST were last set to in this session; unknown at its start.
    put_option: Option<PutOption>,
    restart: Option<u64>,
}

/// FTPPUTOPT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PutOption {
    Stor,
    Appe,
}

impl Backend for Luat {
    const VENDOR: Vendor = Vendor::Luat;

    fn on(mut engine: Engine, identity: Identity) -> Result<Self> {
        engine.set_dialect(DIALECT);
        Ok(Luat {
            engine,
            identity,
            capabilities: capabilities(),
            directory: "/".to_owned(),
            logged_in: false,
            put_option: None,
            restart: None,
        })
    }
}

impl Luat {
    /// Runs an operation; an error gets its name, and ends the session where it ended the module's.
    fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        work(self).map_err(|error| {
            if error.kind() == ErrorKind::ModuleRestarted {
                self.logged_in = false;
            }
            error.during(name)
        })
    }

    /// As [`Self::operation`], for what needs a server.
    fn at_server<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if !self.logged_in {
            return Err(Error::new(ErrorKind::WrongState, "log in first").during(name));
        }
        self.operation(name, work)
    }

    fn set(&mut self, command: Command) -> Result<()> {
        self.engine.execute(command, COMMAND_LIMIT).map(drop)
    }

    /// Sends a setting that not every firmware has.
    fn set_if_known(&mut self, command: Command) -> Result<()> {
        match self.set(command) {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    /// Points the module to the file that the next command is about.
    fn point_to(&mut self, absolute: &str) -> Result<()> {
        let (directory, name) = path::split(absolute);
        let set_path = Command::set("+FTPGETPATH").text(&GET_PATH, directory);
        let set_name = Command::set("+FTPGETNAME").text(&GET_NAME, name);
        GET_NAME.check(name)?;
        self.set(set_path)?;
        self.set(set_name)
    }

    /// Sends a command that has a result code, and returns the code's line if the code is 0.
    fn run(&mut self, name: &'static str, result: &Pattern) -> Result<Verdict> {
        let verdict = self.engine.perform(Command::run(name), COMMAND_LIMIT, result, RESULT_LIMIT)?;
        match verdict.number(1) {
            Some(0) => Ok(verdict),
            _ => Err(self.failed(&verdict)),
        }
    }

    /// The error of a result code other than success.
    fn failed(&self, verdict: &Verdict) -> Error {
        let code = verdict.0.information().and_then(|line| line.text(1).map(|code| code.into_owned()));
        codes::failure(&self.engine, "FTP", RESULTS, &code.unwrap_or_default())
    }

    /// Size of the file the module is pointed to.
    fn pointed_size(&mut self) -> Result<u64> {
        let verdict = self.run("+FTPSIZE", &Pattern::Fields("+FTPSIZE", &["1"]))?;
        verdict.number(2).ok_or_else(|| self.engine.protocol("the size is not a number"))
    }

    /// Ends the session that `family` opened, whether or not the module still has it open.
    fn quit(&mut self, result: &Pattern) -> Result<()> {
        match self.engine.execute(Command::run("+FTPQUIT"), COMMAND_LIMIT) {
            Ok(_) => {
                // The result code of the quit must not be left for the next operation. A firmware that sends none is
                // none the worse for it.
                let deadline = self.engine.deadline(crate::error::Phase::Verdict, QUIT_LIMIT);
                loop {
                    match self.engine.verdict(result, deadline) {
                        // More data was announced before the quit took effect.
                        Ok(verdict) if verdict.number(1) == Some(1) => {}
                        Ok(_) => return Ok(()),
                        Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                        Err(error) => return Err(error),
                    }
                }
            }
            // The session ended by itself (Air780E FTP guide §6.2, comment at +FTPGET: 1,0).
            Err(error) if is_refusal(error.kind()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Ends a session after an error, which is returned with what became of the module.
    fn quit_after(&mut self, error: Error, result: &Pattern) -> Error {
        let gone = matches!(error.kind(), ErrorKind::PortLost | ErrorKind::ModuleRestarted | ErrorKind::BearerLost);
        if gone || self.quit(result).is_ok() { error } else { error.module_left_unusable() }
    }
}

impl FtpModem for Luat {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn cancel_with(&mut self, flag: Arc<AtomicBool>) {
        self.engine.cancel_with(flag);
    }

    fn set_time_limits(&mut self, limits: TimeLimits) {
        self.engine.set_time_limits(limits.command, limits.stall);
    }

    fn network(&mut self) -> Result<Network> {
        self.operation("network", |modem| network::status(&mut modem.engine))
    }

    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.operation("attach", |luat| luat.bring_up(access_point))
    }

    fn detach(&mut self) -> Result<()> {
        self.operation("detach", Self::bring_down)
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.operation("login", |luat| {
            if server.security != Security::None {
                return Err(Error::new(ErrorKind::Unsupported, "Luat modules have no FTPS"));
            }
            Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])?;
            luat.set(Command::set("+FTPCID").number(1u8))?;
            luat.set(Command::set("+FTPSERV").text(&HOST, &server.host))?;
            luat.set(Command::set("+FTPPORT").number(server.port))?;
            luat.set(Command::set("+FTPUN").text(&USER, &server.user))?;
            luat.set(Command::set("+FTPPW").text(&PASSWORD, &server.password))?;
            // Without it line ends vanish from uploads (Air780E FTP guide §9, question 2).
            luat.set(Command::set("+FTPTYPE").literal("\"I\""))?;
            luat.set_if_known(Command::set("+FTPMODE").number(1u8))?;
            // Left on by an earlier user, they would make FTPPUT=1 send what is in the module instead of asking for data.
            luat.set_if_known(Command::set("+FTPEXTPUT").number(0u8))?;
            luat.directory = "/".to_owned();
            luat.put_option = None;
            luat.restart = None;
            luat.logged_in = true;
            Ok(())
        })
    }

    fn logout(&mut self) -> Result<()> {
        // No session is left open between operations.
        self.logged_in = false;
        Ok(())
    }

    fn status(&mut self) -> Result<SessionState> {
        self.operation("status", |luat| {
            let answer = luat.engine.execute(Command::run("+FTPSTATE"), COMMAND_LIMIT)?;
            match answer.first().and_then(|line| line.number(0)) {
                Some(0) if luat.logged_in => Ok(SessionState::Idle),
                Some(0) => Ok(SessionState::Closed),
                Some(1) => Ok(SessionState::Busy),
                _ => Err(luat.engine.protocol("the state is not 0 or 1")),
            }
        })
    }

    fn pwd(&mut self) -> Result<String> {
        self.at_server("pwd", |luat| Ok(luat.directory.clone()))
    }

    fn cwd(&mut self, path: &str) -> Result<()> {
        self.at_server("cwd", |luat| {
            let directory = path::join(&luat.directory, path);
            GET_PATH.check(&directory)?;
            luat.directory = directory;
            Ok(())
        })
    }

    fn cdup(&mut self) -> Result<()> {
        self.cwd("..")
    }

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.at_server("list", |luat| Ok(listing::parse(&luat.listing(path)?)))
    }

    fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>> {
        self.at_server("names", |luat| {
            let entries = listing::parse(&luat.listing(path)?);
            Ok(entries.into_iter().map(|entry| entry.name).collect())
        })
    }

    fn size(&mut self, path: &str) -> Result<u64> {
        self.at_server("size", |luat| {
            let file = path::file(&luat.directory, path)?;
            luat.point_to(&file)?;
            luat.pointed_size()
        })
    }

    fn modified(&mut self, _path: &str) -> Result<Modified> {
        Err(Error::new(ErrorKind::Unsupported, "Luat modules have no FTPMDTM").during("modified"))
    }

    fn mkdir(&mut self, path: &str) -> Result<()> {
        self.at_server("mkdir", |luat| luat.on_directory(path, "+FTPMKD", &Pattern::Fields("+FTPMKD", &["1"])))
    }

    fn rmdir(&mut self, path: &str) -> Result<()> {
        self.at_server("rmdir", |luat| luat.on_directory(path, "+FTPRMD", &Pattern::Fields("+FTPRMD", &["1"])))
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        self.at_server("remove", |luat| {
            let file = path::file(&luat.directory, path)?;
            luat.point_to(&file)?;
            luat.run("+FTPDELE", &Pattern::Fields("+FTPDELE", &["1"])).map(drop)
        })
    }

    fn rename(&mut self, _from: &str, _to: &str) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "Luat modules have no FTPRENAME").during("rename"))
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", |luat| luat.download(path, what, sink))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.at_server("upload", |luat| luat.upload(path, how, source))
    }
}

impl Luat {
    /// Runs a command on a directory, which the module takes from FTPGETPATH.
    fn on_directory(&mut self, path: &str, command: &'static str, result: &Pattern) -> Result<()> {
        let directory = path::join(&self.directory, path);
        self.set(Command::set("+FTPGETPATH").text(&GET_PATH, &directory))?;
        self.run(command, result).map(drop)
    }
}

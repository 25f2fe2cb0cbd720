//! Quectel modules (EC2x, EG9x, EG2x-G, EM05 and later families): QFTP.
//!
//! After the EC2x&EG9x&EG2x-G&EM05 FTP(S) application note V1.0. Commands are acknowledged at once and end with
//! `+QFTPxxx: <err>,<protocol_error>`; data pass through the port between `CONNECT` and `OK`.

mod download;
mod upload;

use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::codes::{self, Code};
use super::exchange::is_refusal;
use super::session::Session;
use super::{Backend, Vendor, network};
use crate::at::engine::Dialect;
use crate::at::{Command, Engine, Field, Line, Parameter, Pattern, Rule, Verdict};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{
    AccessPoint, Assurance, Authentication, Bearer, BinaryUpload, Capabilities, Entry, FtpModem, Identity, Limits,
    LoginCheck, Modified, Network, Operation, Retrieve, Security, Server, SessionState, Store, Support, TimeLimits,
    Transfer, listing,
};

// ---- limits ----

/// Settings (note §2.1: 300 ms, with room for a busy module).
const COMMAND_LIMIT: Duration = Duration::from_secs(5);
/// `rsptimeout`, which is set to its default (note §2.1: 20 to 180 s, default 90).
const RESPONSE_SECONDS: u8 = 90;
/// The result of a command, and the longest silence within data: `rsptimeout`, with room for the line.
const RESULT_LIMIT: Duration = Duration::from_secs(RESPONSE_SECONDS as u64 + 5);
/// QFTPOPEN (note §2.2).
const OPEN_LIMIT: Duration = Duration::from_secs(125);
/// QIACT and QIDEACT (TCP/IP application note, §2.1.2 and §2.1.3).
const ACTIVATION_LIMIT: Duration = Duration::from_secs(150);
const DEACTIVATION_LIMIT: Duration = Duration::from_secs(40);
/// Silence before and after `+++` (note §1.4), with room for clocks that differ.
const GUARD: Duration = Duration::from_millis(1100);

/// The PDP context used.
const CONTEXT: u8 = 1;

/// Names (note §2.3 to §2.15: 255 bytes). What happens to bytes outside ASCII is not documented.
const PATH: Parameter = Parameter::quoted("path", 255).ascii();
const HOST: Parameter = Parameter::quoted("server's name", 200).ascii();
const USER: Parameter = Parameter::quoted("user name", 255).ascii();
const PASSWORD: Parameter = Parameter::quoted("password", 255).or_empty().ascii().secret();
/// TCP/IP application note, QICSGP: 127 bytes each.
const APN: Parameter = Parameter::quoted("access point name", 127).or_empty().ascii();
const APN_USER: Parameter = Parameter::quoted("access point's user name", 127).or_empty().ascii();
const APN_PASSWORD: Parameter = Parameter::quoted("access point's password", 127).or_empty().ascii().secret();

/// Note §5, table 3; the file errors are those of the FILE application note.
const CODES: &[Code] = &[
    Code::new(400, ErrorKind::ModuleRefused, "invalid input value"),
    Code::new(402, ErrorKind::ModuleStorage, "end of file"),
    Code::new(405, ErrorKind::ModuleStorage, "file not found"),
    Code::new(406, ErrorKind::ModuleStorage, "invalid file name"),
    Code::new(407, ErrorKind::ModuleStorage, "file already exists"),
    Code::new(410, ErrorKind::ModuleStorage, "failed to open file"),
    Code::new(421, ErrorKind::ModuleStorage, "timeout"),
    Code::new(426, ErrorKind::ModuleStorage, "file already open"),
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
    Code::new(614, ErrorKind::ServerBusy, "service not available, closing control connection"),
    Code::new(615, ErrorKind::DataConnection, "open data connection failed"),
    Code::new(616, ErrorKind::DataConnection, "connection closed; transfer aborted"),
    Code::new(617, ErrorKind::ServerBusy, "requested file action not taken"),
    Code::new(618, ErrorKind::ServerRefused, "requested action aborted: local error in processing"),
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

const RULES: &[Rule] = &[
    Rule::keep(Pattern::Prefix("+QFTPOPEN")),
    Rule::keep(Pattern::Prefix("+QFTPCLOSE")),
    Rule::keep(Pattern::Prefix("+QFTPCWD")),
    Rule::keep(Pattern::Prefix("+QFTPPWD")),
    Rule::keep(Pattern::Prefix("+QFTPPUT")),
    Rule::keep(Pattern::Prefix("+QFTPGET")),
    Rule::keep(Pattern::Prefix("+QFTPSIZE")),
    Rule::keep(Pattern::Prefix("+QFTPDEL")),
    Rule::keep(Pattern::Prefix("+QFTPMKDIR")),
    Rule::keep(Pattern::Prefix("+QFTPRMDIR")),
    Rule::keep(Pattern::Prefix("+QFTPLIST")),
    Rule::keep(Pattern::Prefix("+QFTPNLST")),
    Rule::keep(Pattern::Prefix("+QFTPMDTM")),
    Rule::keep(Pattern::Prefix("+QFTPRENAME")),
    Rule::keep(Pattern::Prefix("+QFTPSTAT")),
    Rule::alarm(Pattern::Fields("+QIURC", &["pdpdeact", "1"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
    Rule::alarm(Pattern::Line("NORMAL POWER DOWN"), ErrorKind::ModuleRestarted),
    Rule::alarm(Pattern::Line("POWERED DOWN"), ErrorKind::ModuleRestarted),
];

const DIALECT: Dialect = Dialect { rules: RULES, refusal: |code| codes::refusal(CODES, code) };

const OPERATIONS: &[(Operation, Support)] = &[
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
    (Operation::RetrieveFrom, Support::Native),
    (Operation::Store, Support::Native),
    (Operation::Append, Support::Built),
    (Operation::StoreAt, Support::Native),
];

fn capabilities() -> Capabilities {
    Capabilities {
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
        resolves_names: true,
    }
}

/// A Quectel module.
pub struct Quectel {
    engine: Engine,
    identity: Identity,
    capabilities: Capabilities,
    session: Session,
}

impl Backend for Quectel {
    const VENDOR: Vendor = Vendor::Quectel;

    fn on(mut engine: Engine, identity: Identity) -> Result<Self> {
        engine.set_dialect(DIALECT);
        let mut quectel = Quectel { engine, identity, capabilities: capabilities(), session: Session::default() };
        // Numbers in place of bare ERROR; a firmware that knows only one style is understood as well.
        match quectel.set(Command::set("+CMEE").number(1u8)) {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(quectel),
        }
    }
}

impl Quectel {
    fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        work(self).map_err(|error| {
            self.session.note(&error);
            error.during(name)
        })
    }

    /// As [`Self::operation`], for what needs a session; one that was lost is opened again.
    fn at_server<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.operation(name, |quectel| {
            quectel.session.look(&mut quectel.engine)?;
            if !quectel.session.is_open() {
                let (server, trail) = quectel.session.recall()?;
                quectel.open(&server)?;
                quectel.session.reopened();
                for directory in trail {
                    let _ = quectel.on_path("+QFTPCWD", &Pattern::Prefix("+QFTPCWD"), &directory)?;
                }
            }
            work(quectel)
        })
    }

    fn set(&mut self, command: Command) -> Result<()> {
        self.engine.execute(command, COMMAND_LIMIT).map(drop)
    }

    fn configure(&mut self, key: &'static str, value: u8) -> Result<()> {
        self.set(Command::set("+QFTPCFG").literal(key).number(value))
    }

    /// Sets the account up and opens the session.
    fn open(&mut self, server: &Server) -> Result<()> {
        self.configure("\"contextid\"", CONTEXT)?;
        let account = Command::set("+QFTPCFG").literal("\"account\"");
        self.set(account.text(&USER, &server.user).text(&PASSWORD, &server.password))?;
        // 0 is binary; with 1, as the note's own example has it, line ends would change.
        self.configure("\"filetype\"", 0)?;
        self.configure("\"transmode\"", 1)?;
        self.configure("\"rsptimeout\"", RESPONSE_SECONDS)?;
        self.configure("\"ssltype\"", 0)?;
        let connect = || Command::set("+QFTPOPEN").text(&HOST, &server.host).number(server.port);
        let result = Pattern::Prefix("+QFTPOPEN");
        let mut opened = self.engine.perform(connect(), COMMAND_LIMIT, &result, OPEN_LIMIT);
        if opened.as_ref().is_err_and(|error| error.kind() == ErrorKind::ModuleBusy) {
            // A session that somebody left open.
            self.close()?;
            opened = self.engine.perform(connect(), COMMAND_LIMIT, &result, OPEN_LIMIT);
        }
        let verdict = opened.map_err(without_result)?;
        self.succeeded(&verdict).map(drop).map_err(|error| match error.kind() {
            // Seen as the answer to a closed port.
            ErrorKind::SessionLost => error.with_kind(ErrorKind::ConnectFailed),
            _ => error,
        })
    }

    /// Closes the session. Until its result comes the module answers everything else with 603; one that is closed already
    /// is no error.
    fn close(&mut self) -> Result<()> {
        let result = Pattern::Prefix("+QFTPCLOSE");
        match self.engine.perform(Command::run("+QFTPCLOSE"), COMMAND_LIMIT, &result, RESULT_LIMIT) {
            // It is being closed already: its result is still to come.
            Err(error) if error.kind() == ErrorKind::ModuleBusy => {
                let deadline = self.engine.deadline(Phase::Verdict, RESULT_LIMIT);
                self.engine.verdict(&result, deadline).map(drop).or(Err(error))
            }
            Err(error) if error.module_code().is_some() || is_refusal(error.kind()) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Sends a command, waits for its result, and returns it if it is 0.
    fn run(&mut self, command: Command, result: &Pattern) -> Result<Verdict> {
        let verdict = self.engine.perform(command, COMMAND_LIMIT, result, RESULT_LIMIT).map_err(without_result)?;
        self.succeeded(&verdict)?;
        Ok(verdict)
    }

    fn on_path(&mut self, name: &'static str, result: &Pattern, path: &str) -> Result<Verdict> {
        self.run(Command::set(name).text(&PATH, path), result)
    }

    /// The error of a result other than 0: what the server said where it said something, else what the module says.
    fn succeeded(&self, verdict: &Verdict) -> Result<()> {
        if verdict.number(0) == Some(0) {
            return Ok(());
        }
        let line = verdict.0.information();
        let code = line.as_ref().and_then(|line| line.text(0)).unwrap_or(Cow::Borrowed("?"));
        let error = codes::failure(&self.engine, "QFTP", CODES, &code);
        let reply = verdict.number(1).and_then(|reply| u16::try_from(reply).ok()).filter(|reply| *reply >= 100);
        Err(match reply {
            Some(reply) => {
                let kind = codes::ftp_reply_kind(u64::from(reply)).unwrap_or(error.kind());
                error.with_kind(kind).with_ftp_reply(reply)
            }
            None => error,
        })
    }

    fn told_size(&mut self, path: &str) -> Result<u64> {
        let verdict = self.on_path("+QFTPSIZE", &Pattern::Prefix("+QFTPSIZE"), path)?;
        verdict.number(1).ok_or_else(|| self.engine.protocol("the size is not a number"))
    }

    /// The address of the bearer that is up.
    fn bearer(&mut self) -> Result<Option<Bearer>> {
        let answer = self.engine.execute(Command::read("+QIACT"), COMMAND_LIMIT)?;
        let ours = |line: &Line| line.number(0) == Some(u64::from(CONTEXT)) && line.number(1) == Some(1);
        Ok(answer.lines.into_iter().find(ours).map(|line| {
            let address = line.information().and_then(|line| line.text(3)?.parse().ok());
            Bearer::new(address, true)
        }))
    }

    fn activate(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        let user = (&APN_USER, access_point.user.as_str());
        Parameter::check_all(&[(&APN, &access_point.name), user, (&APN_PASSWORD, &access_point.password)])?;
        if let Some(bearer) = self.bearer()? {
            return Ok(bearer);
        }
        if !access_point.name.is_empty() {
            let authentication: u8 = match access_point.authentication {
                Authentication::None => 0,
                Authentication::Pap => 1,
                Authentication::Chap => 2,
            };
            let command = Command::set("+QICSGP").number(CONTEXT).number(1u8).text(&APN, &access_point.name);
            let command = command.text(&APN_USER, &access_point.user).text(&APN_PASSWORD, &access_point.password);
            self.set(command.number(authentication))?;
        }
        let activate = || Command::set("+QIACT").number(CONTEXT);
        match self.engine.execute(activate(), ACTIVATION_LIMIT) {
            // A context that the network dropped must be deactivated before it can be activated again
            // (TCP/IP application note, QIURC "pdpdeact").
            Err(error) if error.kind() == ErrorKind::ModuleRefused => {
                self.deactivate()?;
                let activated = self.engine.execute(activate(), ACTIVATION_LIMIT);
                let _ = activated.map_err(|error| error.with_kind(ErrorKind::BearerFailed))?;
            }
            other => drop(other?),
        }
        match self.bearer()? {
            Some(bearer) => Ok(Bearer { was_up: false, ..bearer }),
            None => Err(self.engine.error(ErrorKind::BearerFailed, "the context is not active after QIACT")),
        }
    }

    fn deactivate(&mut self) -> Result<()> {
        match self.engine.execute(Command::set("+QIDEACT").number(CONTEXT), DEACTIVATION_LIMIT) {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }
}

/// A result that never comes has one cause that a user can do something about.
fn without_result(error: Error) -> Error {
    error.explained("if this happens to every command, results go to another port: see AT+QURCCFG=\"urcport\"")
}

impl FtpModem for Quectel {
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
        self.operation("attach", |quectel| quectel.activate(access_point))
    }

    fn detach(&mut self) -> Result<()> {
        self.session.lost();
        self.operation("detach", Self::deactivate)
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.operation("login", |quectel| {
            if server.security != Security::None {
                return Err(Error::new(ErrorKind::Unsupported, "FTPS is not built yet"));
            }
            Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])?;
            quectel.open(server)?;
            quectel.session.begun(server);
            Ok(())
        })
    }

    fn logout(&mut self) -> Result<()> {
        let was_open = self.session.is_open();
        self.session.ended();
        if was_open { self.operation("logout", Self::close) } else { Ok(()) }
    }

    fn status(&mut self) -> Result<SessionState> {
        self.operation("status", |quectel| {
            match quectel.run(Command::run("+QFTPSTAT"), &Pattern::Prefix("+QFTPSTAT"))?.number(1) {
                Some(0) => Ok(SessionState::Opening),
                Some(1) => Ok(SessionState::Idle),
                Some(2) => Ok(SessionState::Busy),
                Some(3) => Ok(SessionState::Closing),
                Some(4) => Ok(SessionState::Closed),
                _ => Err(quectel.engine.protocol("the state is not 0 to 4")),
            }
        })
    }

    fn pwd(&mut self) -> Result<String> {
        self.at_server("pwd", |quectel| {
            let verdict = quectel.run(Command::run("+QFTPPWD"), &Pattern::Prefix("+QFTPPWD"))?;
            directory(&verdict.0).ok_or_else(|| quectel.engine.protocol("the directory is missing"))
        })
    }

    fn cwd(&mut self, path: &str) -> Result<()> {
        self.at_server("cwd", |quectel| {
            let _ = quectel.on_path("+QFTPCWD", &Pattern::Prefix("+QFTPCWD"), path)?;
            quectel.session.entered(path);
            Ok(())
        })
    }

    fn cdup(&mut self) -> Result<()> {
        self.cwd("..")
    }

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.at_server("list", |quectel| Ok(listing::parse(&quectel.text("+QFTPLIST", path)?)))
    }

    fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>> {
        self.at_server("names", |quectel| Ok(listing::names(&quectel.text("+QFTPNLST", path)?)))
    }

    fn size(&mut self, path: &str) -> Result<u64> {
        self.at_server("size", |quectel| quectel.told_size(path))
    }

    fn modified(&mut self, path: &str) -> Result<Modified> {
        self.at_server("modified", |quectel| {
            let verdict = quectel.on_path("+QFTPMDTM", &Pattern::Prefix("+QFTPMDTM"), path)?;
            let line = verdict.0.information();
            let time = line.and_then(|line| listing::timestamp(line.bytes(1)?));
            time.ok_or_else(|| quectel.engine.protocol("the time is not one"))
        })
    }

    fn mkdir(&mut self, path: &str) -> Result<()> {
        self.at_server("mkdir", |q| q.on_path("+QFTPMKDIR", &Pattern::Prefix("+QFTPMKDIR"), path).map(drop))
    }

    fn rmdir(&mut self, path: &str) -> Result<()> {
        self.at_server("rmdir", |q| q.on_path("+QFTPRMDIR", &Pattern::Prefix("+QFTPRMDIR"), path).map(drop))
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        self.at_server("remove", |q| q.on_path("+QFTPDEL", &Pattern::Prefix("+QFTPDEL"), path).map(drop))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        self.at_server("rename", |quectel| {
            let command = Command::set("+QFTPRENAME").text(&PATH, from).text(&PATH, to);
            quectel.run(command, &Pattern::Prefix("+QFTPRENAME")).map(drop)
        })
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", |quectel| quectel.download(path, what, sink))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.at_server("upload", |quectel| quectel.upload(path, how, source))
    }
}

/// The directory in `+QFTPPWD: 0,/a` or `+QFTPPWD: 0,"/a"`: the quotes are the server's on some platforms, and a bare path may
/// hold commas.
fn directory(line: &Line) -> Option<String> {
    let line = line.information()?;
    if let Field::Quoted(path) = line.fields.get(1)? {
        return Some(String::from_utf8_lossy(path).into_owned());
    }
    let comma = line.body.iter().position(|byte| *byte == b',')?;
    let path = line.body.get(comma + 1..)?.trim_ascii();
    Some(String::from_utf8_lossy(path).into_owned())
}

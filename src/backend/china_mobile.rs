//! China Mobile IoT modules (OneMO ML302A, ML305A/U, ML307A/R): MFTP.
//!
//! After the OneMO FTP AT command manual V3.1.0. Commands name one of six connections, are acknowledged at once and end with
//! `+MFTPxxx: <connection>,<result>`; the acknowledgement and the result come in either order (§4.1 shows both). Downloaded data
//! stand inside the result lines, counted.

mod download;
mod rows;
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
    Transfer,
};

// ---- limits ----

const COMMAND_LIMIT: Duration = Duration::from_secs(5);
/// `rsptimeout`, set to its maximum (§3.1: 2 to 30 s).
const RESPONSE_SECONDS: u8 = 30;
/// The result of a command, and the longest silence within data: `rsptimeout`, with room for the line.
const RESULT_LIMIT: Duration = Duration::from_secs(RESPONSE_SECONDS as u64 + 5);
/// MFTPCONN resolves, connects and logs in, each within `rsptimeout`.
const OPEN_LIMIT: Duration = Duration::from_secs(RESPONSE_SECONDS as u64 * 3 + 5);
/// MIPCALL and CGACT (3GPP TS 27.007 §10.1.10: 150 s is what modules' manuals allow for it).
const ACTIVATION_LIMIT: Duration = Duration::from_secs(150);
/// Silence before and after `+++`; the manual names no guard times, these are V.250's usual ones.
const GUARD: Duration = Duration::from_millis(1100);

/// Payload bytes in one MFTPSTOR or MFTPAPPE (§3.11: 1 to 4096 behind the prompt).
const WRITE_BLOCK: usize = 4096;

/// The connection used (§3.1: 0 to 5), and the PDP context.
const CONNECTION: u8 = 0;
const CONTEXT: u8 = 1;
/// The same as it stands in an answer.
const CONNECTION_FIELD: &[&str] = &["0"];

/// §3.2 to §3.12: 255 bytes each.
const PATH: Parameter = Parameter::quoted("path", 255);
const HOST: Parameter = Parameter::quoted("server's name", 255);
const USER: Parameter = Parameter::quoted("user name", 255);
const PASSWORD: Parameter = Parameter::quoted("password", 255).or_empty().secret();
const APN: Parameter = Parameter::quoted("access point name", 100).or_empty();
const APN_USER: Parameter = Parameter::quoted("access point's user name", 64).or_empty();
const APN_PASSWORD: Parameter = Parameter::quoted("access point's password", 64).or_empty().secret();

/// Result of a command that waits for another to finish.
const BUSY: u64 = 4;
/// Result of a listing without entries.
const EMPTY: u64 = 14;

/// §5, table 5. The server's refusal has one code whatever its reason (10); the path is the likeliest.
const RESULTS: &[Code] = &[
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

/// §5, table 4.
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
];

/// The first rule holds only while a session is open: after MFTPDISC the same line is its last echo, or does not come at all. The
/// second is a loss unless the module was told to hang up.
const RULES: &[Rule] = &[
    Rule::alarm(Pattern::Fields("+MFTPURC", &["0", "conn", "0"]), ErrorKind::SessionLost),
    Rule::alarm(Pattern::Fields("+MIPCALL", &["1", "0"]), ErrorKind::BearerLost),
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
];

const CONNECTED: Dialect = Dialect { rules: RULES, refusal: |code| codes::refusal(REFUSALS, code) };
const DISCONNECTED: Dialect = Dialect { rules: RULES.split_at(1).1, ..CONNECTED };
const HANGING_UP: Dialect = Dialect { rules: RULES.split_at(2).1, ..CONNECTED };

const OPERATIONS: &[(Operation, Support)] = &[
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

fn capabilities() -> Capabilities {
    Capabilities {
        dialect: "cmcc",
        operations: OPERATIONS,
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
        resolves_names: true,
    }
}

/// A China Mobile IoT module.
pub struct ChinaMobile {
    engine: Engine,
    identity: Identity,
    capabilities: Capabilities,
    session: Session,
    /// Whether offsets beyond 65535 were found to work.
    long_offsets: bool,
}

impl Backend for ChinaMobile {
    const VENDOR: Vendor = Vendor::ChinaMobile;

    fn on(mut engine: Engine, identity: Identity) -> Result<Self> {
        engine.set_dialect(DISCONNECTED);
        let mut module = ChinaMobile {
            engine,
            identity,
            capabilities: capabilities(),
            session: Session::default(),
            long_offsets: false,
        };
        // Numbers in place of bare ERROR (§2.2).
        module.set_if_known(Command::set("+CMEE").number(1u8))?;
        Ok(module)
    }
}

impl ChinaMobile {
    fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        work(self).map_err(|error| {
            self.session.note(&error);
            if !self.session.is_open() {
                self.engine.set_dialect(DISCONNECTED);
            }
            error.during(name)
        })
    }

    /// As [`Self::operation`], for what needs a session; one that was lost is opened again.
    fn at_server<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.operation(name, |module| {
            module.session.look(&mut module.engine)?;
            if !module.session.is_open() {
                let (server, trail) = module.session.recall()?;
                module.open(&server)?;
                module.session.reopened();
                for directory in trail {
                    module.on_path("+MFTPCWD", &directory)?;
                }
            }
            work(module)
        })
    }

    fn set(&mut self, command: Command) -> Result<()> {
        self.engine.execute(command, COMMAND_LIMIT).map(drop)
    }

    /// Sends a setting that not every model has.
    fn set_if_known(&mut self, command: Command) -> Result<()> {
        match self.set(command) {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    fn open(&mut self, server: &Server) -> Result<()> {
        let configure = |key| Command::set("+MFTPCFG").number(CONNECTION).literal(key);
        self.set(configure("\"data_type\"").number(0u8))?;
        self.set(configure("\"transmode\"").number(1u8))?;
        self.set(configure("\"rsptimeout\"").number(RESPONSE_SECONDS))?;
        self.set(configure("\"local_fs\"").number(0u8))?;
        // MR880A and ML307N have no "cid", models without FTPS may have no "ssl".
        self.set_if_known(configure("\"cid\"").number(CONTEXT))?;
        self.set_if_known(configure("\"ssl\"").number(0u8).number(0u8))?;
        let connect = || {
            let command = Command::set("+MFTPCONN").number(CONNECTION).text(&HOST, &server.host);
            command.text(&USER, &server.user).text(&PASSWORD, &server.password).number(server.port)
        };
        let mut opened = self.finish("+MFTPCONN", connect(), OPEN_LIMIT);
        if opened.as_ref().is_err_and(|error| error.kind() == ErrorKind::ModuleBusy) {
            // A session that somebody left open.
            self.close()?;
            opened = self.finish("+MFTPCONN", connect(), OPEN_LIMIT);
        }
        let _ = opened.map_err(|error| match error.kind() {
            // Connected, and then refused.
            ErrorKind::Unavailable => error.with_kind(ErrorKind::LoginRefused),
            _ => error,
        })?;
        self.engine.set_dialect(CONNECTED);
        Ok(())
    }

    /// Closes the session; one that is closed already is no error.
    fn close(&mut self) -> Result<()> {
        self.engine.set_dialect(DISCONNECTED);
        let command = Command::set("+MFTPDISC").number(CONNECTION);
        match self.finish("+MFTPDISC", command, RESULT_LIMIT) {
            Err(error) if error.module_code().is_some() || is_refusal(error.kind()) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Sends a command and waits for its result on our connection; returns its line if it is 0.
    fn finish(&mut self, name: &'static str, command: Command, limit: Duration) -> Result<Verdict> {
        let result = Pattern::Fields(name, CONNECTION_FIELD);
        let deadline = self.engine.deadline(Phase::Verdict, limit);
        let mut verdict = self.engine.perform(command, COMMAND_LIMIT, &result, limit)?;
        // "In progress" is in the table of results and in no example.
        while verdict.number(1) == Some(1) {
            verdict = self.engine.verdict(&result, deadline)?;
        }
        self.succeeded(&verdict)?;
        Ok(verdict)
    }

    fn on_path(&mut self, name: &'static str, path: &str) -> Result<()> {
        let command = Command::set(name).number(CONNECTION).text(&PATH, path);
        self.finish(name, command, RESULT_LIMIT).map(drop)
    }

    fn succeeded(&self, verdict: &Verdict) -> Result<()> {
        if verdict.number(1) == Some(0) {
            return Ok(());
        }
        let line = verdict.0.information();
        let code = line.as_ref().and_then(|line| line.text(1)).unwrap_or(Cow::Borrowed("?"));
        Err(codes::failure(&self.engine, "MFTP", RESULTS, &code))
    }

    fn directory(&mut self) -> Result<String> {
        let command = Command::set("+MFTPPWD").number(CONNECTION);
        let verdict = self.finish("+MFTPPWD", command, RESULT_LIMIT)?;
        directory(&verdict.0).ok_or_else(|| self.engine.protocol("the directory is missing"))
    }

    fn bearer(&mut self) -> Result<Option<Bearer>> {
        let answer = self.engine.execute(Command::read("+MIPCALL"), COMMAND_LIMIT)?;
        let is_up = |line: &Line| line.number(0) == Some(u64::from(CONTEXT)) && line.number(1) == Some(1);
        Ok(answer.lines.iter().find(|line| is_up(line)).map(|line| Bearer::new(address(line), true)))
    }

    fn activate(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        let user = (&APN_USER, access_point.user.as_str());
        Parameter::check_all(&[(&APN, &access_point.name), user, (&APN_PASSWORD, &access_point.password)])?;
        if let Some(bearer) = self.bearer()? {
            return Ok(bearer);
        }
        if !access_point.name.is_empty() {
            let context = Command::set("+CGDCONT").number(CONTEXT).literal("\"IP\"");
            self.set(context.text(&APN, &access_point.name))?;
        }
        if !access_point.user.is_empty() {
            let protocol: u8 = match access_point.authentication {
                Authentication::None => 0,
                Authentication::Pap => 1,
                Authentication::Chap => 2,
            };
            let command = Command::set("+CGAUTH").number(CONTEXT).number(protocol);
            self.set(command.text(&APN_USER, &access_point.user).text(&APN_PASSWORD, &access_point.password))?;
        }
        let call = Command::set("+MIPCALL").number(1u8).number(CONTEXT);
        let verdict = self.engine.perform(call, ACTIVATION_LIMIT, &Pattern::Prefix("+MIPCALL"), ACTIVATION_LIMIT);
        let verdict = verdict.map_err(|error| match error.kind() {
            ErrorKind::BearerLost | ErrorKind::ModuleRefused => error.with_kind(ErrorKind::BearerFailed),
            _ => error,
        })?;
        Ok(Bearer::new(address(&verdict.0), false))
    }

    /// Brings the bearer down.
    fn deactivate(&mut self) -> Result<()> {
        let command = Command::set("+MIPCALL").number(0u8).number(CONTEXT);
        self.engine.set_dialect(HANGING_UP);
        let outcome = self.engine.perform(command, ACTIVATION_LIMIT, &Pattern::Prefix("+MIPCALL"), ACTIVATION_LIMIT);
        self.engine.set_dialect(DISCONNECTED);
        match outcome {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    /// Brings the module back after a transfer that failed. There is no command to abort one but closing the session; the next
    /// operation opens it again.
    fn abandon(&mut self, error: Error) -> Error {
        use ErrorKind::*;
        match error.kind() {
            // Nothing was started, or it is over.
            InvalidInput | Unsupported | Unavailable | WrongState | ServerRefused => return error,
            PortLost | ModuleRestarted | BearerLost | SessionLost => return error,
            _ => {}
        }
        self.session.lost();
        if self.close().is_ok() { error } else { error.module_left_unusable() }
    }
}

/// The address in `+MIPCALL: 1,1,<address>`.
fn address(line: &Line) -> Option<std::net::IpAddr> {
    line.information()?.text(2)?.parse().ok()
}

/// The directory in `+MFTPPWD: 0,0,/a` or `+MFTPPWD: 0,0,"/a"` (§4.1 prints both); a bare path may hold commas.
fn directory(line: &Line) -> Option<String> {
    let line = line.information()?;
    if let Field::Quoted(path) = line.fields.get(2)? {
        return Some(String::from_utf8_lossy(path).into_owned());
    }
    let mut parts = line.body.splitn(3, |byte| *byte == b',');
    Some(String::from_utf8_lossy(parts.nth(2)?.trim_ascii()).into_owned())
}

impl FtpModem for ChinaMobile {
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
        self.operation("attach", |module| module.activate(access_point))
    }

    fn detach(&mut self) -> Result<()> {
        self.session.lost();
        self.engine.set_dialect(DISCONNECTED);
        self.operation("detach", Self::deactivate)
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.operation("login", |module| {
            if server.security != Security::None {
                // §3.1 note 2.
                return Err(Error::new(ErrorKind::Unsupported, "these modules have plain FTP only"));
            }
            Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])?;
            module.open(server)?;
            module.session.begun(server);
            module.long_offsets = false;
            Ok(())
        })
    }

    fn logout(&mut self) -> Result<()> {
        let was_open = self.session.is_open();
        self.session.ended();
        if was_open { self.operation("logout", Self::close) } else { Ok(()) }
    }

    fn status(&mut self) -> Result<SessionState> {
        self.operation("status", |module| {
            let command = Command::set("+MFTPSTATE").number(CONNECTION);
            let answer = module.engine.execute(command, COMMAND_LIMIT)?;
            match answer.first().and_then(|line| line.number(1)) {
                Some(0) => Ok(SessionState::Closed),
                Some(1) => Ok(SessionState::Idle),
                Some(2 | 3) => Ok(SessionState::Busy),
                _ => Err(module.engine.protocol("the state is not 0 to 3")),
            }
        })
    }

    fn pwd(&mut self) -> Result<String> {
        self.at_server("pwd", Self::directory)
    }

    fn cwd(&mut self, path: &str) -> Result<()> {
        self.at_server("cwd", |module| {
            module.on_path("+MFTPCWD", path)?;
            module.session.entered(path);
            Ok(())
        })
    }

    fn cdup(&mut self) -> Result<()> {
        self.cwd("..")
    }

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.at_server("list", |module| {
            if path.is_empty() {
                let current = module.directory()?;
                module.listing(&current)
            } else {
                module.listing(path)
            }
        })
    }

    fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>> {
        Ok(self.list(path)?.into_iter().map(|entry| entry.name).collect())
    }

    fn size(&mut self, path: &str) -> Result<u64> {
        self.at_server("size", |module| {
            let size = module.entry(path)?.size;
            size.ok_or_else(|| Error::new(ErrorKind::Unavailable, "it is not a file"))
        })
    }

    fn modified(&mut self, path: &str) -> Result<Modified> {
        self.at_server("modified", |module| {
            let modified = module.entry(path)?.modified;
            modified.ok_or_else(|| Error::new(ErrorKind::Unavailable, "the listing states no time for it"))
        })
    }

    fn mkdir(&mut self, path: &str) -> Result<()> {
        self.at_server("mkdir", |module| module.on_path("+MFTPMKD", path))
    }

    fn rmdir(&mut self, path: &str) -> Result<()> {
        self.at_server("rmdir", |module| module.on_path("+MFTPDEL", path))
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        self.at_server("remove", |module| module.on_path("+MFTPDEL", path))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        self.at_server("rename", |module| {
            let command = Command::set("+MFTPRN").number(CONNECTION).text(&PATH, from).text(&PATH, to);
            module.finish("+MFTPRN", command, RESULT_LIMIT).map(drop)
        })
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", |module| module.download(path, what, sink))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.at_server("upload", |module| module.upload(path, how, source))
    }
}

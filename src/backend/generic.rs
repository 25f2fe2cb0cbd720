//! The FTPSERV dialect of UCchip's UC8088.
//!
//! After the UC8088 FTP manual, in both its editions. Everything is synchronous: what the network has to say comes before
//! `OK`, and nothing comes unsolicited. The module refuses with a bare `ERROR`, whatever the reason.

mod download;
mod settings;
mod upload;

use std::io::{Read, Write};
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::codes::{self, Code};
use super::path;
use super::recovery::{Recoverable, activation_failed};
use super::session::Session;
use super::{Backend, Vendor, network};
use crate::at::Dialect;
use crate::at::{Command, Engine, Parameter, Pattern, Rule};
use crate::error::{Error, ErrorKind, Recovery, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, BinaryUpload, Capabilities, Controls, Entry, FtpModem, Identity, Limits,
    LoginCheck, Metadata, Network, Operation, Retrieve, Security, Server, SessionState, SizeQuery, Store, Support,
    Transfer, listing,
};

// ---- limits ----

/// Settings are answered from the module's memory.
const COMMAND_LIMIT: Duration = Duration::from_secs(5);
/// Commands that wait for the server. The manual gives no limit; every other dialect's is between 60 and 90 s.
const SERVER_LIMIT: Duration = Duration::from_secs(90);
/// CGACT (3GPP TS 27.007 §10.1.10: 150 s is what modules' manuals allow for it).
const ACTIVATION_LIMIT: Duration = Duration::from_secs(150);
/// How long the host may take to resolve a name.
const RESOLUTION_LIMIT: Duration = Duration::from_secs(30);

/// Payload bytes in one FTPPUT. The manual names no maximum; its longest line elsewhere has under 100 bytes, and AT lines of
/// 512 bytes are what modules commonly take.
const WRITE_BLOCK: usize = 512;

/// Manual, FTPUN, FTPPW, FTPGETNAME, FTPPATH, FTPPUTNAME, FTPMKD, FTPRMD: 64 bytes each, unquoted.
const USER: Parameter = Parameter::bare("user name", 64);
const PASSWORD: Parameter = Parameter::bare("password", 64).secret();
const NAME: Parameter = Parameter::bare("file name", 64);
const DIRECTORY: Parameter = Parameter::bare("directory", 64);
/// An address as text; names are resolved before.
const ADDRESS: Parameter = Parameter::bare("server's address", 45);
const APN: Parameter = Parameter::quoted("access point name", 100).or_empty();

/// Codes of FTPSERV (manual, FTPSERV).
const SERVER_CODES: &[Code] = &[
    Code::new(1, ErrorKind::BearerLost, "PDP context not active"),
    Code::new(2, ErrorKind::NameResolution, "wrong IP address"),
    Code::new(3, ErrorKind::ConnectFailed, "address cannot be reached"),
    Code::new(4, ErrorKind::NetworkTimeout, "connection timed out"),
    Code::new(5, ErrorKind::ServerRefused, "refused by the FTP server"),
];

/// The dialect has no URCs of its own; these are 3GPP TS 27.007 §10.1.19 and common start-up lines.
const RULES: &[Rule] = &[
    Rule::alarm(Pattern::Fields("+CGEV", &["NW PDN DEACT 1"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Fields("+CGEV", &["ME PDN DEACT 1"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Fields("+CGEV", &["NW DETACH"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Fields("+CGEV", &["ME DETACH"]), ErrorKind::BearerLost),
    Rule::alarm(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
];

const DIALECT: Dialect = Dialect { rules: RULES, refusal: |code| codes::refusal(&[], code) };

const OPERATIONS: &[(Operation, Support)] = &[
    (Operation::Attach, Support::Native),
    (Operation::Login, Support::Native),
    (Operation::Status, Support::Built),
    (Operation::Pwd, Support::Built),
    (Operation::Cwd, Support::Built),
    (Operation::List, Support::Native),
    (Operation::Names, Support::Built),
    (Operation::Size, Support::Built),
    (Operation::Modified, Support::Built),
    (Operation::Mkdir, Support::Native),
    (Operation::Rmdir, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::RetrieveFrom, Support::Native),
    (Operation::Store, Support::Native),
];

fn capabilities() -> Capabilities {
    Capabilities {
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
    }
}

/// A module of the FTPSERV dialect.
pub struct Generic {
    engine: Engine,
    identity: Identity,
    capabilities: Capabilities,
    controls: Controls,
    /// The current directory, which the module does not have.
    directory: String,
    /// What FTPPATH was last set to in this session.
    path_set: Option<String>,
    session: Session,
    /// Whether the module opens the data connections.
    passive: bool,
    /// Payload bytes in one FTPPUT.
    upload_block: usize,
    /// Whether FTPRESET was found to work in this session.
    offsets_work: bool,
    /// Whether the module has started anew and was not set up since.
    restarted: bool,
}

impl Backend for Generic {
    const VENDOR: Vendor = Vendor::Generic;

    fn on(mut engine: Engine, identity: Identity) -> Result<Self> {
        engine.set_dialect(DIALECT);
        Ok(Generic {
            engine,
            identity,
            capabilities: capabilities(),
            controls: Controls::default(),
            directory: "/".to_owned(),
            path_set: None,
            session: Session::default(),
            passive: true,
            upload_block: WRITE_BLOCK,
            offsets_work: false,
            restarted: false,
        })
    }
}

impl Generic {
    fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.engine.begin_operation();
        let outcome = if self.restarted { self.set_up().and_then(|()| work(self)) } else { work(self) };
        outcome.map_err(|error| {
            self.session.note(&error);
            self.restarted |= error.kind() == ErrorKind::ModuleRestarted;
            self.engine.ended(error, name)
        })
    }

    /// Sets a module up that has started anew: its echo is on again. The rest is said with every login.
    fn set_up(&mut self) -> Result<()> {
        self.engine.note_recovery(Recovery::Reconfigure);
        self.set(Command::run("E0"))?;
        self.restarted = false;
        Ok(())
    }

    /// As [`Self::operation`], for what needs a session; one that was lost is opened again.
    ///
    /// The module refuses with a bare `ERROR` both what the server refuses and what needs a session that is gone, and it never
    /// says when one goes: after an `ERROR` the next operation opens a new one. So it does after a silence, which may have been a
    /// restart: the module does not say when it has started.
    fn at_server<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.operation(name, |generic| {
            if !generic.session.is_open() {
                let (server, _) = generic.session.recall()?;
                generic.open(&server).or_else(|error| Err(generic.without_bearer(error)?))?;
                generic.session.reopened();
            }
            work(generic).map_err(|error| {
                // Where the module stands now is not known for sure.
                generic.path_set = None;
                if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Protocol) {
                    generic.session.lost();
                }
                if !is_bare_refusal(&error) {
                    return error;
                }
                generic.session.lost();
                error.with_kind(ErrorKind::ServerRefused)
            })
        })
    }

    /// The error of a connection that failed, or that there is no bearer, if that is why.
    fn without_bearer(&mut self, error: Error) -> Result<Error> {
        if error.kind() == ErrorKind::ConnectFailed && !self.is_attached()? {
            return Ok(self.engine.error(ErrorKind::BearerLost, "there is no bearer"));
        }
        Ok(error)
    }

    /// Connects and logs in.
    fn open(&mut self, server: &Server) -> Result<()> {
        self.path_set = None;
        self.offsets_work = false;
        let address = resolve(&server.host, server.port)?;
        match self.connect(&address, server.port) {
            // Refused without a code: a session that is still open, or no reason given.
            Err(error) if is_bare_refusal(&error) => {
                let without_reason = |error: Error| {
                    if is_bare_refusal(&error) { error.with_kind(ErrorKind::ConnectFailed) } else { error }
                };
                self.end_what_was_left().map_err(|_| without_reason(error))?;
                self.connect(&address, server.port).map_err(without_reason)?;
            }
            other => other?,
        }
        // The login happens here, after the connection: an ERROR is the server's refusal.
        let user = Command::set("+FTPUN").text(&USER, &server.user);
        let password = Command::set("+FTPPW").text(&PASSWORD, &server.password);
        for command in [user, password] {
            let refused = match self.engine.execute(command, SERVER_LIMIT) {
                Err(error) if error.kind() == ErrorKind::ModuleRefused => error.with_kind(ErrorKind::LoginRefused),
                Err(error) => error,
                Ok(_) => continue,
            };
            // A connection without a login is of no use to the next one.
            let _ = self.quit();
            return Err(refused);
        }
        self.set(Command::set("+FTPTYPE").literal("I"))
    }

    /// Ends the session of a program that is gone. One that was uploading has to end the upload before.
    fn end_what_was_left(&mut self) -> Result<()> {
        match self.quit() {
            Err(error) if error.kind() == ErrorKind::ModuleRefused => {
                self.close_upload()?;
                self.quit()
            }
            other => other,
        }
    }

    fn quit(&mut self) -> Result<()> {
        self.engine.execute(Command::run("+FTPQUIT"), SERVER_LIMIT).map(drop)
    }

    fn is_attached(&mut self) -> Result<bool> {
        let state = self.engine.execute(Command::read("+CGACT"), COMMAND_LIMIT)?;
        Ok(state.lines.iter().any(|line| line.number(0) == Some(1) && line.number(1) == Some(1)))
    }

    fn deactivate(&mut self) -> Result<()> {
        match self.engine.execute(Command::set("+CGACT").number(0u8).number(1u8), ACTIVATION_LIMIT) {
            Err(error) if error.kind() == ErrorKind::ModuleRefused && !self.is_attached()? => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    fn set(&mut self, command: Command) -> Result<()> {
        self.engine.execute(command, COMMAND_LIMIT).map(drop)
    }

    /// Connects with FTPSERV, whose code may be followed by `OK` or by `ERROR`.
    fn connect(&mut self, address: &str, port: u16) -> Result<()> {
        let serv = || Command::set("+FTPSERV").text(&ADDRESS, address);
        // The older edition of the manual sets the port beforehand, the newer one in FTPSERV.
        let command = match self.set(Command::set("+FTPPORT").number(port)) {
            Ok(()) => serv(),
            Err(error) if error.kind() == ErrorKind::ModuleRefused => serv().number(port),
            Err(error) => return Err(error),
        };
        self.set(Command::set("+FTPMODE").number(u8::from(self.passive)))?;
        let (lines, outcome) = self.engine.answer(command, SERVER_LIMIT);
        match (lines.first().and_then(|line| line.number(0)), outcome) {
            (Some(0), Ok(())) => Ok(()),
            (Some(code), Ok(()) | Err(_)) => {
                Err(codes::failure(&self.engine, "FTPSERV", SERVER_CODES, &code.to_string()))
            }
            (None, Ok(())) => Err(self.engine.protocol("the result of FTPSERV is missing")),
            (None, Err(error)) => Err(error),
        }
    }

    /// Points the module to a directory, which is absolute.
    fn enter(&mut self, directory: &str) -> Result<()> {
        let directory = if directory.len() > 1 { directory.trim_end_matches('/') } else { directory };
        if self.path_set.as_deref() == Some(directory) {
            return Ok(());
        }
        self.path_set = None;
        let _ = self.engine.execute(Command::set("+FTPPATH").text(&DIRECTORY, directory), SERVER_LIMIT)?;
        self.path_set = Some(directory.to_owned());
        Ok(())
    }

    /// Runs a command on a directory, named by its absolute path.
    fn on_directory(&mut self, command: &'static str, path: &str) -> Result<()> {
        let directory = path::directory(&self.directory, path)?;
        self.engine.execute(Command::set(command).text(&DIRECTORY, &directory), SERVER_LIMIT).map(drop)
    }

    /// The listing's entry of a file.
    fn entry(&mut self, path: &str) -> Result<Entry> {
        let file = path::file(&self.directory, path)?;
        let (directory, name) = path::split(&file);
        NAME.check(name)?;
        let text = self.listing(directory)?;
        let found = listing::parse(&text).into_iter().find(|entry| entry.name == name.as_bytes());
        found.ok_or_else(|| {
            Error::new(ErrorKind::Unavailable, format!("{file:?} is not in the listing of {directory:?}"))
        })
    }
}

/// `ERROR`, which may mean anything.
fn is_bare_refusal(error: &Error) -> bool {
    error.kind() == ErrorKind::ModuleRefused && error.module_code().is_none()
}

/// The address of `host`: the module knows no names.
fn resolve(host: &str, port: u16) -> Result<String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    let failed = |why: String| Error::new(ErrorKind::NameResolution, format!("{host:?} on this host: {why}"));
    // The resolver of the operating system takes no deadline; a thread that outlives ours does no harm.
    let (sender, receiver) = mpsc::channel();
    let target = (host.to_owned(), port);
    thread::spawn(move || {
        let found = target.to_socket_addrs().map(|addresses| addresses.map(|address| address.ip()).collect::<Vec<_>>());
        let _ = sender.send(found);
    });
    let found = receiver.recv_timeout(RESOLUTION_LIMIT).map_err(|_| failed("no answer in 30 s".into()))?;
    let addresses = found.map_err(|error| failed(error.to_string()))?;
    let best = addresses.iter().find(|address| address.is_ipv4()).or_else(|| addresses.first());
    best.map(IpAddr::to_string).ok_or_else(|| failed("it has no address".into()))
}

impl Recoverable for Generic {
    fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    fn end_session(&mut self) -> Result<()> {
        self.operation("logout", |generic| match generic.quit() {
            // Refused when the connection was lost before: closed all the same.
            Err(error) if error.kind() != ErrorKind::ModuleRefused => Err(error),
            _ => Ok(()),
        })
    }

    fn start_anew(&mut self) {
        self.restarted = true;
    }
}

impl FtpModem for Generic {
    shared_calls!();

    fn network(&mut self) -> Result<Network> {
        self.operation("network", |modem| network::status(&mut modem.engine))
    }

    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.operation("attach", |generic| {
            if !access_point.user.is_empty() {
                return Err(Error::new(ErrorKind::Unsupported, "this dialect has no APN user name and password"));
            }
            APN.check(&access_point.name)?;
            generic.engine.look_past_losses()?;
            if generic.is_attached()? {
                return Ok(Bearer::new(None, true));
            }
            let _ = generic.engine.execute(Command::set("+CFUN").number(1u8), ACTIVATION_LIMIT)?;
            if !access_point.name.is_empty() {
                let context = Command::set("+CGDCONT").number(1u8).literal("\"IP\"");
                generic.set(context.text(&APN, &access_point.name))?;
            }
            let activation = Command::set("+CGACT").number(1u8).number(1u8);
            match generic.engine.execute(activation, ACTIVATION_LIMIT) {
                Ok(_) => Ok(Bearer::new(None, false)),
                Err(error) if error.kind() == ErrorKind::ModuleRefused => Err(error.with_kind(ErrorKind::BearerFailed)),
                Err(error) => Err(activation_failed(error, &["AT+CGACT=1"], || generic.deactivate())),
            }
        })
    }

    fn detach(&mut self) -> Result<()> {
        self.session.lost();
        self.operation("detach", Self::deactivate)
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.operation("login", |generic| {
            if server.security != Security::None {
                return Err(Error::new(ErrorKind::Unsupported, "this dialect has no FTPS"));
            }
            Parameter::check_all(&[(&USER, &server.user), (&PASSWORD, &server.password)])?;
            generic.open(server)?;
            generic.directory = "/".to_owned();
            generic.session.begun(server);
            Ok(())
        })
    }

    fn status(&mut self) -> Result<SessionState> {
        Ok(if self.session.is_open() { SessionState::Idle } else { SessionState::Closed })
    }

    fn pwd(&mut self) -> Result<String> {
        self.at_server("pwd", |generic| Ok(generic.directory.clone()))
    }

    fn cwd(&mut self, path: &str) -> Result<()> {
        self.at_server("cwd", |generic| {
            let directory = path::join(&generic.directory, path);
            generic.enter(&directory)?;
            generic.directory = directory;
            Ok(())
        })
    }

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.at_server("list", |generic| {
            let directory = path::join(&generic.directory, path);
            Ok(listing::parse(&generic.listing(&directory)?))
        })
    }

    fn metadata(&mut self, path: &str) -> Result<Metadata> {
        self.at_server("metadata", |generic| Ok((&generic.entry(path)?).into()))
    }

    fn mkdir(&mut self, path: &str) -> Result<()> {
        self.at_server("mkdir", |generic| generic.on_directory("+FTPMKD", path))
    }

    fn rmdir(&mut self, path: &str) -> Result<()> {
        self.at_server("rmdir", |generic| generic.on_directory("+FTPRMD", path))
    }

    fn remove(&mut self, _path: &str) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "this dialect cannot remove files").during("remove"))
    }

    fn rename(&mut self, _from: &str, _to: &str) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "this dialect cannot rename").during("rename"))
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", |generic| generic.download(path, what, sink))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.at_server("upload", |generic| generic.upload(path, how, source))
    }
}

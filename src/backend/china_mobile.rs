//! China Mobile IoT modules (OneMO ML302A, ML305A/U, ML307A/R): MFTP.
//!
//! After the OneMO FTP AT command manual V3.1.0. Commands name one of six connections, are acknowledged and end with
//! `+MFTPxxx: <connection>,<result>`; the acknowledgement and the result come in either order (§4.1 shows both).
//! Downloaded data stand inside the result lines, counted.
//!
//! Of the three ways of §3.11 and §3.12 to upload from the port the one with a prompt and a length is used. Data
//! within the command line (at most 1024 bytes, no quotation mark) would add nothing to it; transparent mode has no
//! counts, ends with `+++` and is used for empty files only, which have no other form. Files of the module itself
//! have methods of their own: [`ChinaMobile::retrieve_to_module`], [`ChinaMobile::store_from_module`],
//! [`ChinaMobile::write_file`] and [`ChinaMobile::read_file`].

mod abandon;
mod bearer;
mod dialect;
mod download;
mod files;
mod rows;
mod settings;
mod upload;

pub use settings::Settings;

use std::borrow::Cow;
use std::io::{Read, Write};
use std::time::Duration;

use super::codes;
use super::exchange::is_refusal;
use super::recovery::{Recoverable, activation_failed};
use super::session::Session;
use super::{Backend, Vendor, network};
use crate::at::{Command, Engine, Expect, Field, Line, Parameter, Pattern, Verdict};
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, BinaryUpload, Capabilities, Controls, Entry, FtpModem, Identity, Limits,
    LoginCheck, Metadata, Network, Operation, Retrieve, Security, Server, SessionState, SizeQuery, Store, Support,
    Transfer,
};
use dialect::{BUSY, EMPTY, Listening, NUMBERS, RESULTS};

// ---- limits ----

/// Settings are answered from the module's memory.
const COMMAND_LIMIT: Duration = Duration::from_secs(5);
/// What a result may take beyond `rsptimeout` (§3.1): room for the line.
const RESULT_MARGIN: Duration = Duration::from_secs(5);
/// Silence before and after `+++`; the manual names no guard times, these are V.250's usual ones.
const GUARD: Duration = Duration::from_millis(1100);

/// A command that is blocked by another one (result 4) is repeated after so long a pause.
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// Payload bytes in one MFTPSTOR or MFTPAPPE (§3.11: 1 to 4096 behind the prompt).
const WRITE_BLOCK: usize = 4096;

/// §3.2 to §3.12: 255 bytes each.
const PATH: Parameter = Parameter::quoted("path", 255);
const HOST: Parameter = Parameter::quoted("server's name", 255);
const USER: Parameter = Parameter::quoted("user name", 255);
const PASSWORD: Parameter = Parameter::quoted("password", 255).or_empty().secret();

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

fn capabilities(ftps: bool) -> Capabilities {
    Capabilities {
        dialect: "cmcc",
        operations: OPERATIONS.get(usize::from(!ftps)..).unwrap_or_default(),
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

/// A China Mobile IoT module.
pub struct ChinaMobile {
    engine: Engine,
    identity: Identity,
    capabilities: Capabilities,
    controls: Controls,
    session: Session,
    /// The connection used (§3.1: 0 to 5).
    connection: usize,
    settings: Settings,
    /// Whether `local_fs` is 1 at the module.
    uses_files: bool,
    /// Whether the module has started anew and was not set up since.
    restarted: bool,
    /// Whether offsets beyond 65535 were found to work.
    long_offsets: bool,
    /// Whether this firmware was seen to end the data of a download with a line end.
    ends_data: bool,
}

impl Backend for ChinaMobile {
    const VENDOR: Vendor = Vendor::ChinaMobile;

    fn on(mut engine: Engine, identity: Identity) -> Result<Self> {
        // A sibling service of the same firmware leaves the line end of such lines out.
        engine.set_endless("+MFTP");
        let mut module = ChinaMobile {
            engine,
            identity,
            capabilities: capabilities(false),
            controls: Controls::default(),
            session: Session::default(),
            connection: 0,
            settings: Settings::default(),
            uses_files: false,
            restarted: false,
            long_offsets: false,
            ends_data: false,
        };
        module.listen(Listening::Disconnected);
        // Numbers in place of bare ERROR (§2.2).
        module.set_if_known(Command::set("+CMEE").number(1u8))?;
        Ok(module)
    }
}

impl ChinaMobile {
    fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.engine.begin_operation();
        let outcome = if self.restarted { self.set_up().and_then(|()| work(self)) } else { work(self) };
        outcome.map_err(|error| {
            self.note(&error);
            self.engine.ended(error, name)
        })
    }

    /// Notes what `error` says about the session and the module.
    fn note(&mut self, error: &Error) {
        self.session.note(error);
        self.restarted |= error.kind() == ErrorKind::ModuleRestarted;
        if !self.session.is_open() {
            self.listen(Listening::Disconnected);
        }
    }

    /// As [`Self::operation`], for what needs a session; one that was lost is opened again.
    fn at_server<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.operation(name, |module| {
            module.session.look(&mut module.engine)?;
            if !module.session.is_open() {
                // The loss is told once by its result and once by its line, in either order.
                module.listen(Listening::Disconnected);
                let (server, trail) = module.session.recall()?;
                module.open(&server)?;
                for directory in trail {
                    module.on_path("+MFTPCWD", &directory)?;
                }
                // Not before: in another directory than the caller believes to be in, nothing may be done.
                module.session.reopened();
            }
            work(module).map_err(|error| {
                // Still blocked: by an upload whose end the module did not understand. Only closing the session ends
                // that.
                let is_blocked = error.kind() == ErrorKind::ModuleBusy && error.module_code().is_some();
                if is_blocked && module.session.is_open() { module.abandon(error) } else { error }
            })
        })
    }

    /// Sets a module up that has started anew: everything told to it before is gone.
    fn set_up(&mut self) -> Result<()> {
        self.engine.note_recovery(Recovery::Reconfigure);
        self.set(Command::run("E0"))?;
        self.set_if_known(Command::set("+CMEE").number(1u8))?;
        self.restarted = false;
        Ok(())
    }

    fn must_be_logged_out(&self) -> Result<()> {
        match self.session.recall() {
            Ok(_) => Err(Error::new(ErrorKind::WrongState, "log out first")),
            Err(_) => Ok(()),
        }
    }

    fn listen(&mut self, listening: Listening) {
        self.engine.set_dialect(listening.dialect(self.settings.context));
    }

    /// The number of the connection.
    fn number(&self) -> u8 {
        u8::try_from(self.connection).unwrap_or_default()
    }

    /// The lines `name` of our connection.
    fn ours(&self, name: &'static str) -> Pattern {
        Pattern::Fields(name, NUMBERS.get(self.connection).copied().unwrap_or_default())
    }

    /// The result of a command, the longest silence within data, and the acknowledgement, which may come behind the
    /// result.
    fn result_limit(&self) -> Duration {
        Duration::from_secs(self.settings.response_seconds.into()) + RESULT_MARGIN
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
        self.send_settings(server.security)?;
        // It resolves, connects and logs in, each within `rsptimeout`.
        let limit = Duration::from_secs(self.settings.response_seconds.into()) * 3 + RESULT_MARGIN;
        let number = self.number();
        let connect = || {
            let command = Command::set("+MFTPCONN").number(number).text(&HOST, &server.host);
            command.text(&USER, &server.user).text(&PASSWORD, &server.password).number(server.port)
        };
        let mut opened = self.attempt("+MFTPCONN", connect(), limit);
        if opened.as_ref().is_err_and(may_be_open) {
            // A session that somebody left open.
            self.close()?;
            opened = self.finish("+MFTPCONN", connect, limit);
        }
        let _ = opened.map_err(|error| match error.kind() {
            // Connected, and then refused.
            ErrorKind::Unavailable => error.with_kind(ErrorKind::LoginRefused),
            _ => error,
        })?;
        self.listen(Listening::Connected(self.connection));
        Ok(())
    }

    /// Closes the session; one that is closed already is no error.
    fn close(&mut self) -> Result<()> {
        self.listen(Listening::Disconnected);
        self.disconnect()
    }

    fn disconnect(&mut self) -> Result<()> {
        let number = self.number();
        match self.finish("+MFTPDISC", || Command::set("+MFTPDISC").number(number), self.result_limit()) {
            // Blocked, which is not closed.
            Err(error) if error.kind() == ErrorKind::ModuleBusy => Err(error),
            Err(error) if error.module_code().is_some() || is_refusal(error.kind()) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Sends a command and waits for its result on our connection, for `limit` at most; returns its line if it is 0.
    /// A command that is blocked by an earlier one is repeated.
    fn finish(&mut self, name: &'static str, command: impl Fn() -> Command, limit: Duration) -> Result<Verdict> {
        self.patiently(|module| module.attempt(name, command(), limit))
    }

    /// Repeats what is blocked by an earlier command, which was not done then, for as long as the earlier one may take.
    fn patiently<T>(&mut self, mut work: impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        let end = self.engine.deadline(Phase::Result, self.result_limit());
        loop {
            match work(self) {
                Err(error)
                    if error.kind() == ErrorKind::ModuleBusy
                        && !self.engine.is_out_of_step()
                        && self.engine.now() < end.at() =>
                {
                    self.pause()?;
                }
                outcome => return outcome,
            }
        }
    }

    fn pause(&mut self) -> Result<()> {
        let deadline = self.engine.deadline(Phase::Result, BUSY_PAUSE);
        loop {
            match self.engine.next_event(Expect::Line, deadline) {
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                event => drop(event?),
            }
        }
    }

    fn attempt(&mut self, name: &'static str, command: Command, limit: Duration) -> Result<Verdict> {
        let result = self.ours(name);
        let deadline = self.engine.deadline(Phase::Result, limit);
        let mut verdict = self.engine.perform(command, limit, &result, limit)?;
        // "In progress" is in the table of results and in no example.
        while verdict.number(1) == Some(1) {
            verdict = self.engine.verdict(&result, deadline)?;
        }
        self.succeeded(&verdict)?;
        Ok(verdict)
    }

    fn on_path(&mut self, name: &'static str, path: &str) -> Result<()> {
        let number = self.number();
        self.finish(name, || Command::set(name).number(number).text(&PATH, path), self.result_limit()).map(drop)
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
        let number = self.number();
        let verdict = self.finish("+MFTPPWD", || Command::set("+MFTPPWD").number(number), self.result_limit())?;
        directory(&verdict.0).ok_or_else(|| self.engine.protocol("the directory is missing"))
    }
}

/// Whether a refused MFTPCONN may mean that the connection is open already: 802, or its own 803.
fn may_be_open(error: &Error) -> bool {
    let code = error.module_code().filter(|code| code.table == "CME");
    error.kind() == ErrorKind::ModuleBusy || code.is_some_and(|code| code.value == "803")
}

/// The directory in `+MFTPPWD: 0,0,/a` or `+MFTPPWD: 0,0,"/a"` (§4.1 prints both); a bare path may hold commas.
fn directory(line: &Line) -> Option<String> {
    let line = line.information()?;
    if let Field::Quoted(path) = line.fields.get(2)? {
        return Some(String::from_utf8_lossy(&path).into_owned());
    }
    let mut parts = line.body.splitn(3, |byte| *byte == b',');
    // A mark that is not closed: the rest of the line is lost.
    if line.fields.get(2)?.bytes().starts_with(b"\"") {
        return None;
    }
    Some(String::from_utf8_lossy(parts.nth(2)?.trim_ascii()).into_owned())
}

impl Recoverable for ChinaMobile {
    fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    fn end_session(&mut self) -> Result<()> {
        self.operation("logout", Self::close)
    }

    fn start_anew(&mut self) {
        self.listen(Listening::Disconnected);
        self.restarted = true;
    }
}

impl FtpModem for ChinaMobile {
    shared_calls!();

    fn network(&mut self) -> Result<Network> {
        self.operation("network", |modem| network::status(&mut modem.engine))
    }

    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.operation("attach", |module| {
            module.engine.look_past_losses()?;
            let outcome = module.activate(access_point);
            outcome.map_err(|error| {
                activation_failed(error, &["AT+MIPCALL=1", "AT+CGACT=1"], || module.give_activation_up())
            })
        })
    }

    fn detach(&mut self) -> Result<()> {
        self.session.lost();
        self.listen(Listening::Disconnected);
        self.operation("detach", Self::deactivate)
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.operation("login", |module| {
            if server.security != Security::None && module.settings.ssl_slot.is_none() {
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

    fn status(&mut self) -> Result<SessionState> {
        self.operation("status", |module| module.state(module.number()))
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

    fn metadata(&mut self, path: &str) -> Result<Metadata> {
        self.at_server("metadata", |module| Ok((&module.entry(path)?).into()))
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
            let number = module.number();
            let command = || Command::set("+MFTPRN").number(number).text(&PATH, from).text(&PATH, to);
            module.finish("+MFTPRN", command, module.result_limit()).map(drop)
        })
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", |module| module.download(path, what, sink))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.at_server("upload", |module| module.upload(path, how, source))
    }
}

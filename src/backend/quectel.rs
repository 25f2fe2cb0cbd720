//! Quectel modules (EC2x, EG9x, EG2x-G, EM05 and later families): QFTP.
//!
//! After the EC2x&EG9x&EG2x-G&EM05 FTP(S) application note V1.0. Commands are acknowledged at once and end with
//! `+QFTPxxx: <err>,<protocol_error>`; data pass through the port between `CONNECT` and `OK`.
//!
//! Besides [`FtpModem`] there are, on [`Quectel`] itself: the choices of `AT+QFTPCFG` and `AT+QSSLCFG`
//! ([`Settings`]), listings in a standard form, uploads without announced length, the files that the module keeps
//! itself, and transfers between them and the server that do not pass through the port.
//!
//! # FTPS
//! The server's certificate is checked, unless the caller says that any will do:
//!
//! ```no_run
//! use ftp_modem::backend::quectel::Quectel;
//! use ftp_modem::modem::{Security, Tls};
//! use ftp_modem::{FtpModem, OpenOptions, Server};
//!
//! let mut modem: Quectel = OpenOptions::new().open_as("/dev/ttyUSB2")?;
//! let authority = std::fs::read("authority.pem").expect("the authority's certificate");
//! let server = Server::new("ftp.example.com", "logger", "secret").with_port(990);
//! modem.login(&server.with_security(Security::Implicit).with_tls(Tls::trusting(authority)))?;
//! # Ok::<(), ftp_modem::Error>(())
//! ```
//!
//! The times in certificates are compared with the module's clock, which a module that has seen no network time does
//! not know; see [`TlsSettings::check_time`].

mod bearer;
mod download;
mod login;
mod module_download;
mod module_files;
mod module_upload;
mod relay;
mod settings;
mod tables;
mod tls;
mod upload;

pub use module_files::{ModuleFile, Space, Storage};
pub use module_upload::Pacing;
pub use relay::ListFormat;
pub use settings::{DataAddress, FileType, Settings, TransferMode};
pub use tls::{ClientCertificate, TlsSettings, TlsVersion};

use std::io::{Read, Write};
use std::time::Duration;

use log::debug;

use super::codes;
use super::exchange::is_refusal;
use super::recovery::{Recoverable, activation_failed};
use super::session::Session;
use super::{Backend, Vendor, network};
use crate::at::{Command, Engine, Field, Line, Parameter, Pattern, Verdict};
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, BinaryUpload, Capabilities, Controls, Entry, FtpModem, Identity, Limits,
    LoginCheck, Metadata, Modified, Network, Operation, Retrieve, Server, SessionState, SizeQuery, Store, Support,
    Transfer, listing,
};
use tables::CODES;

/// Settings (note §2.1: 300 ms, with room for a busy module).
const COMMAND_LIMIT: Duration = Duration::from_secs(5);
/// Silence before and after `+++` (note §1.4), with room for clocks that differ.
const GUARD: Duration = Duration::from_millis(1100);

/// Names (note §2.3 to §2.15: 255 bytes). What happens to bytes outside ASCII is not documented.
const PATH: Parameter = Parameter::quoted("path", 255).ascii();
const HOST: Parameter = Parameter::quoted("server's name", 200).ascii();
const USER: Parameter = Parameter::quoted("user name", 255).ascii();
const PASSWORD: Parameter = Parameter::quoted("password", 255).or_empty().ascii().secret();

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
    (Operation::Ftps, Support::Native),
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
        size_query: SizeQuery::Command,
        resolves_names: true,
    }
}

/// A Quectel module.
pub struct Quectel {
    engine: Engine,
    identity: Identity,
    capabilities: Capabilities,
    controls: Controls,
    settings: Settings,
    session: Session,
    /// Whether echo and form of errors are as this driver sets them; a restart undoes it.
    is_prepared: bool,
}

impl Backend for Quectel {
    const VENDOR: Vendor = Vendor::Quectel;

    fn on(mut engine: Engine, identity: Identity) -> Result<Self> {
        let settings = Settings::default();
        engine.set_dialect(tables::dialect(settings.context));
        let session = Session::default();
        let (capabilities, controls) = (capabilities(), Controls::default());
        let mut quectel = Quectel { engine, identity, capabilities, controls, settings, session, is_prepared: false };
        // The identification has switched the echo off.
        quectel.number_errors()?;
        quectel.is_prepared = true;
        Ok(quectel)
    }
}

impl Quectel {
    fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.engine.begin_operation();
        self.prepare().and_then(|()| work(self)).map_err(|error| {
            let error = self.traced(error);
            self.note(&error);
            self.engine.ended(error, name)
        })
    }

    /// The reason of an error of the network, where the module has told it by now: the results of what was going on
    /// come before the line that says that the context is gone.
    fn traced(&mut self, error: Error) -> Error {
        use ErrorKind::*;
        if !matches!(error.kind(), ConnectFailed | SessionLost | DataConnection | NetworkTimeout | NameResolution) {
            return error;
        }
        match (self.engine.look(), error.transferred()) {
            (Err(reason), Some(bytes)) if reason.kind() == BearerLost => reason.with_transferred(bytes),
            (Err(reason), None) if reason.kind() == BearerLost => reason,
            _ => error,
        }
    }

    /// As [`Self::operation`], for what needs a session; one that was lost is opened again.
    fn at_server<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.operation(name, |quectel| {
            quectel.session.look(&mut quectel.engine)?;
            if !quectel.session.is_open() {
                let (server, trail) = quectel.session.recall()?;
                quectel.open(&server)?;
                for directory in trail {
                    let _ = quectel.on_path("+QFTPCWD", &Pattern::Prefix("+QFTPCWD"), &directory)?;
                }
                // Not before: in another directory than the caller believes to be in, nothing may be done.
                quectel.session.reopened();
            }
            work(quectel)
        })
    }

    /// Takes in what the module has said meanwhile, before an attach: whatever was lost, this is the way to get it
    /// back.
    fn take_in_losses(&mut self) -> Result<()> {
        /// More than the lines that one loss brings (`NORMAL POWER DOWN`, `RDY`).
        const MOST: usize = 4;
        for _ in 0..MOST {
            let looked = if self.engine.is_out_of_step() { self.engine.resynchronise() } else { self.engine.look() };
            match looked {
                Err(error) if matches!(error.kind(), ErrorKind::ModuleRestarted | ErrorKind::BearerLost) => {
                    self.note(&error);
                }
                other => return other,
            }
        }
        Ok(())
    }

    /// Echo off and errors in numbers, once more after a restart.
    fn prepare(&mut self) -> Result<()> {
        if self.is_prepared {
            return Ok(());
        }
        self.engine.note_recovery(Recovery::Reconfigure);
        self.set(Command::run("E0"))?;
        self.number_errors()?;
        self.is_prepared = true;
        Ok(())
    }

    /// Numbers in place of bare ERROR; a firmware that knows only one style is understood as well.
    fn number_errors(&mut self) -> Result<()> {
        match self.set(Command::set("+CMEE").number(1u8)) {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    /// Notes what `error` says about the module.
    fn note(&mut self, error: &Error) {
        use ErrorKind::*;
        self.session.note(error);
        // A module that does not answer may be restarting, which shows only later, or not at all.
        if matches!(error.kind(), ModuleRestarted | Timeout | Protocol | PortLost) || !error.module_usable() {
            self.is_prepared = false;
        }
    }

    fn result_limit(&self) -> Duration {
        self.settings.result_limit()
    }

    /// Sends a command, waits for its result, and returns it if it is 0. When the result does not come the session is
    /// given up: later it would be taken for that of the next such command (note §2.3 to §2.15: disconnect).
    fn run(&mut self, command: Command, result: &Pattern) -> Result<Verdict> {
        let outcome = self.engine.perform(command, COMMAND_LIMIT, result, self.result_limit());
        let verdict = outcome.map_err(|error| match error.kind() {
            ErrorKind::Timeout | ErrorKind::Cancelled | ErrorKind::Protocol | ErrorKind::ModuleBusy
                if self.session.is_open() =>
            {
                self.give_up(without_result(error))
            }
            _ => without_result(error),
        })?;
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
        let code = verdict.0.information().map_or("?".to_owned(), |line| tables::result_code(&line));
        let error = codes::failure(&self.engine, "QFTP", CODES, &code);
        let error = match tables::row(&code) {
            Some(row) => error.with_kind(row.kind),
            None => error,
        };
        let reply = verdict.number(1).and_then(|reply| u16::try_from(reply).ok()).filter(|reply| *reply >= 100);
        Err(match reply {
            Some(reply @ 100..400) => {
                // The server had agreed to the transfer, and it broke (627,150 seen on EC25).
                let broken =
                    if error.kind() == ErrorKind::Unavailable { ErrorKind::DataConnection } else { error.kind() };
                error.with_kind(broken).with_ftp_reply(reply)
            }
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

    /// As [`Self::told_size`]; none from a server without SIZE (FTP replies 500 and 502), and none where files change
    /// on the way.
    fn told_size_if_any(&mut self, path: &str) -> Result<Option<u64>> {
        if self.settings.file_type == FileType::Text {
            return Ok(None);
        }
        match self.told_size(path) {
            Err(error) if error.kind() == ErrorKind::ServerRefused => Ok(None),
            other => other.map(Some),
        }
    }

    /// The contents of a directory as facts in a standard form (`AT+QFTPMLSD`, RFC 3659 §7), which unlike
    /// [`list`](FtpModem::list) does not depend on how the server writes listings. An empty path means the current
    /// directory.
    ///
    /// # Errors
    /// As [`FtpModem::list`]; [`ServerRefused`](ErrorKind::ServerRefused) by servers without MLSD.
    pub fn list_facts(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.at_server("list facts", |quectel| Ok(listing::parse(&quectel.text("+QFTPMLSD", path)?)))
    }

    /// As [`store`](FtpModem::store), but without announcing lengths: the end is marked by `+++` (note §2.5), which
    /// takes two seconds of silence. For firmware that does not know counted uploads; [`store`](FtpModem::store) is
    /// safer and faster.
    ///
    /// # Errors
    /// As [`store`](FtpModem::store); [`InvalidInput`](ErrorKind::InvalidInput) for a file that is nothing but `+++`.
    pub fn store_uncounted(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.at_server("upload", |quectel| quectel.upload_uncounted(path, how, source))
    }
}

/// A result that never comes has one cause that a user can do something about.
fn without_result(error: Error) -> Error {
    if error.phase() != Some(Phase::Result) {
        return error;
    }
    error.explained("if this happens to every command, results go to another port: see AT+QURCCFG=\"urcport\"")
}

impl Recoverable for Quectel {
    fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    fn end_session(&mut self) -> Result<()> {
        self.operation("logout", Self::close_session)
    }

    fn start_anew(&mut self) {
        self.is_prepared = false;
    }
}

impl FtpModem for Quectel {
    shared_calls!();

    fn network(&mut self) -> Result<Network> {
        self.operation("network", |modem| network::status(&mut modem.engine))
    }

    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.take_in_losses().map_err(|error| error.during("attach"))?;
        self.operation("attach", |quectel| {
            let outcome = quectel.activate(access_point);
            outcome.map_err(|error| activation_failed(error, &["AT+QIACT="], || quectel.deactivate()))
        })
    }

    fn detach(&mut self) -> Result<()> {
        let was_open = self.session.is_open();
        self.session.lost();
        self.operation("detach", |quectel| {
            if was_open {
                // Without its context the session ends in any case.
                if let Err(error) = quectel.close() {
                    debug!("the session was not closed: {error}");
                }
            }
            quectel.deactivate()
        })
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.operation("login", |quectel| {
            Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])?;
            quectel.check_security(server)?;
            quectel.open(server)?;
            quectel.session.begun(server);
            Ok(())
        })
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

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.at_server("list", |quectel| Ok(listing::parse(&quectel.text("+QFTPLIST", path)?)))
    }

    fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>> {
        self.at_server("names", |quectel| Ok(listing::names(&quectel.text("+QFTPNLST", path)?)))
    }

    fn metadata(&mut self, path: &str) -> Result<Metadata> {
        self.at_server("metadata", |quectel| Ok(Metadata::new().with_size(quectel.told_size(path)?)))
    }

    fn modified(&mut self, path: &str) -> Result<Modified> {
        self.at_server("modified", |quectel| {
            let verdict = quectel.on_path("+QFTPMDTM", &Pattern::Prefix("+QFTPMDTM"), path)?;
            let line = verdict.0.information();
            let time = line.and_then(|line| listing::timestamp(&line.bytes(1)?));
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

/// The directory in `+QFTPPWD: 0,/a` or `+QFTPPWD: 0,"/a"`: the quotes are the server's on some platforms, and a bare
/// path may hold commas.
fn directory(line: &Line) -> Option<String> {
    let line = line.information()?;
    if let Field::Quoted(path) = line.fields.get(1)? {
        return Some(String::from_utf8_lossy(&path).into_owned());
    }
    let comma = line.body.iter().position(|byte| *byte == b',')?;
    let path = line.body.get(comma + 1..)?.trim_ascii();
    Some(String::from_utf8_lossy(path).into_owned())
}

//! Luat modules (Air780E and relatives) and SIMCom's: SAPBR, FTPGET, FTPPUT.
//!
//! After the Luat AT command manual, chapters SAPBR, CPNETAPN and FTP, and the Air780E FTP guide (firmware V1169).
//! The command set is SIMCom's of the SIM800 series; what other families of it have in another way stands in the
//! tables of `profile`. There is no session between operations: each logs in, works, and logs out.
//!
//! Left out: FTPPUTOPT "STOU", because the module does not tell under which name the server has stored the file; FTPS
//! (FTPSSL on SIM800 and SIM7080), because none of the manuals at hand documents how the server's certificate is
//! checked.

mod bearer;
mod control;
mod download;
mod memory;
mod private_access_point;
mod profile;
mod settings;
mod unsolicited;
mod upload;

pub use profile::Family;
pub use settings::DataMode;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::codes;
use super::exchange::{BlockLimits, is_refusal};
use super::path;
use super::recovery::{Recoverable, activation_failed};
use super::session::Session;
use super::{Backend, Vendor, network};
use crate::at::Dialect;
use crate::at::{Answer, Command, Engine, Parameter, Pattern};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{
    AccessPoint, Bearer, BinaryUpload, Capabilities, Controls, Entry, FtpModem, Identity, Metadata, Modified, Network,
    Operation, Retrieve, Security, Server, SessionState, Store, Transfer, listing,
};
use profile::{HOST, PASSWORD, Profile, Renaming, USER};

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

/// What every family has in common; the rules come with the bearer.
const DIALECT: Dialect = Dialect { rules: &[], refusal: |code| codes::refusal(&[], code) };

/// A Luat module, or one of SIMCom's that speak the same dialect.
pub struct Luat {
    engine: Engine,
    identity: Identity,
    profile: &'static Profile,
    capabilities: Capabilities,
    controls: Controls,
    /// The bearer that is used: a profile of SAPBR, or an application network of CNACT.
    bearer: u8,
    data_mode: DataMode,
    /// The current directory, which the module does not have.
    directory: String,
    /// The server of the login; none while logged out.
    session: Session,
    /// Whether the type was set to binary, or is known to be.
    binary: bool,
    /// What FTPPUTOPT and FTPREST were last set to in this session; unknown at its start.
    put_option: Option<PutOption>,
    restart: Option<u64>,
    /// Whether files pass through the module's own memory.
    uses_memory: bool,
    /// When a session was last ended before its own end, so that a report of it may come late.
    gave_up_at: Option<Instant>,
}

/// FTPPUTOPT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PutOption {
    Stor,
    Appe,
}

impl Backend for Luat {
    const VENDOR: Vendor = Vendor::Luat;

    fn on(mut engine: Engine, mut identity: Identity) -> Result<Self> {
        let profile = family(&mut engine, &mut identity)?;
        let bearer = profile.first_bearer();
        engine.set_dialect(Dialect { rules: profile.rules(bearer).unwrap_or_default(), ..DIALECT });
        let renames = match profile.renaming {
            Renaming::No => false,
            Renaming::Yes => true,
            Renaming::Ask => knows(&mut engine, "+FTPRENAME")? && knows(&mut engine, "+FTPMDTM")?,
        };
        Ok(Luat {
            engine,
            identity,
            profile,
            capabilities: profile.capabilities(renames),
            controls: Controls::default(),
            bearer,
            data_mode: DataMode::Passive,
            directory: "/".to_owned(),
            session: Session::default(),
            binary: profile.starts_binary,
            put_option: None,
            restart: None,
            uses_memory: false,
            gave_up_at: None,
        })
    }
}

/// The family of an identified module, which is asked for its model where it has not told it yet.
fn family(engine: &mut Engine, identity: &mut Identity) -> Result<&'static Profile> {
    if let Some(profile) = Profile::of(identity) {
        return Ok(profile);
    }
    if identity.model.is_empty() {
        let question = Command::run("+CGMM").answered_by(Answer::Any);
        match engine.execute(question, COMMAND_LIMIT) {
            Ok(answer) => identity.model = answer.first().map(|line| engine.shown(line.bytes())).unwrap_or_default(),
            Err(error) if is_refusal(error.kind()) => {}
            Err(error) => return Err(error.during("open")),
        }
    }
    Ok(Profile::of(identity).unwrap_or_else(Profile::unknown))
}

/// Whether the firmware has a command.
fn knows(engine: &mut Engine, command: &'static str) -> Result<bool> {
    match engine.execute(Command::test(command), COMMAND_LIMIT) {
        Ok(_) => Ok(true),
        Err(error) if is_refusal(error.kind()) => Ok(false),
        Err(error) => Err(error.during("open")),
    }
}

impl Recoverable for Luat {
    fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    fn end_session(&mut self) -> Result<()> {
        // No session is left open between operations; what the next one needs is told again.
        Ok(())
    }

    fn start_anew(&mut self) {}
}

impl FtpModem for Luat {
    shared_calls!();

    fn network(&mut self) -> Result<Network> {
        self.operation("network", |modem| network::status(&mut modem.engine))
    }

    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.operation("attach", |luat| {
            let outcome = luat.bring_up(access_point);
            outcome.map_err(|error| activation_failed(error, &["AT+SAPBR=1", "AT+CNACT="], || luat.bring_down()))
        })
    }

    fn detach(&mut self) -> Result<()> {
        self.operation("detach", Self::bring_down)
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.operation("login", |luat| {
            if server.security != Security::None {
                return Err(Error::new(ErrorKind::Unsupported, "there is no FTPS on modules of this dialect"));
            }
            Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])?;
            luat.tell(server)?;
            luat.directory = "/".to_owned();
            luat.session.begun(server);
            Ok(())
        })
    }

    fn status(&mut self) -> Result<SessionState> {
        self.operation("status", |luat| {
            let answer = match luat.engine.execute(Command::run("+FTPSTATE"), COMMAND_LIMIT) {
                Ok(answer) => answer,
                Err(error) if is_refusal(error.kind()) => return Err(luat.given_up("+FTPSTATE", error)),
                Err(error) => return Err(error),
            };
            match answer.first().and_then(|line| line.number(0)) {
                Some(0) if luat.session.is_open() => Ok(SessionState::Idle),
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
            luat.profile.get_path.check(&directory)?;
            luat.directory = directory;
            Ok(())
        })
    }

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.at_server("list", |luat| Ok(listing::parse(&luat.listing(path)?)))
    }

    fn metadata(&mut self, path: &str) -> Result<Metadata> {
        self.at_server("metadata", |luat| {
            let file = path::file(&luat.directory, path)?;
            luat.point_to(&file)?;
            Ok(Metadata::new().with_size(luat.pointed_size()?))
        })
    }

    fn modified(&mut self, path: &str) -> Result<Modified> {
        self.renaming("modified", "the firmware has no FTPMDTM", |luat| {
            let file = path::file(&luat.directory, path)?;
            luat.point_to(&file)?;
            let verdict = luat.run("+FTPMDTM", &Pattern::Fields("+FTPMDTM", &["1"]))?;
            let line = verdict.0.information();
            let time = line.and_then(|line| listing::timestamp(&line.bytes(2)?));
            time.ok_or_else(|| luat.engine.protocol("the time is not one"))
        })
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

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        self.renaming("rename", "the firmware has no FTPRENAME", |luat| {
            let from = path::file(&luat.directory, from)?;
            let to = path::file(&luat.directory, to)?;
            luat.check_target(&to)?;
            // The old name is that of a download, the new one that of an upload (SIM7000 AT manual V1.06, FTPRENAME).
            luat.point_to(&from)?;
            luat.point_uploads_to(&to)?;
            luat.run("+FTPRENAME", &Pattern::Fields("+FTPRENAME", &["1"])).map(drop)
        })
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", |luat| luat.download(path, what, sink))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.at_server("upload", |luat| luat.upload(path, how, source))
    }
}

impl Luat {
    /// Tells the module all that its operations need of a login.
    pub(super) fn tell(&mut self, server: &Server) -> Result<()> {
        self.set(Command::set("+FTPCID").number(self.bearer)).map_err(|error| match error.kind() {
            // Some firmware of Luat's smallest modules has no FTP at all.
            kind if is_refusal(kind) => self.given_up("+FTPCID", error),
            _ => error,
        })?;
        self.set(Command::set("+FTPSERV").text(&HOST, &server.host))?;
        self.set(Command::set("+FTPPORT").number(server.port))?;
        self.set(Command::set("+FTPUN").text(&USER, &server.user))?;
        self.set(Command::set("+FTPPW").text(&PASSWORD, &server.password))?;
        // Without it line ends vanish from uploads (Air780E FTP guide §9, question 2), and on SIMCom's modules every
        // byte loses its top bit (SIM7000 AT manual V1.06, FTPTYPE).
        let set = self.set_if_known(Command::set("+FTPTYPE").literal("\"I\""))?;
        self.binary = set || self.profile.starts_binary;
        self.capabilities.binary_upload = if self.binary { BinaryUpload::Safe } else { BinaryUpload::OptIn };
        self.set_data_mode(self.data_mode)?;
        for (name, off) in self.profile.switched_off {
            self.set_if_known(Command::set(name).literal(off))?;
        }
        self.put_option = None;
        self.restart = None;
        Ok(())
    }

    /// Runs an operation that only some firmware has.
    fn renaming<T>(
        &mut self,
        name: &'static str,
        lacking: &'static str,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let operation = if name == "rename" { Operation::Rename } else { Operation::Modified };
        if !self.capabilities.supports(operation) {
            return Err(Error::new(ErrorKind::Unsupported, lacking).during(name));
        }
        self.at_server(name, work)
    }

    /// Points the module to the file that the next command is about.
    fn point_to(&mut self, absolute: &str) -> Result<()> {
        let profile = self.profile;
        let (directory, name) = path::split(absolute);
        Parameter::check_all(&[(&profile.get_path, directory), (&profile.get_name, name)])?;
        self.set(Command::set("+FTPGETPATH").text(&profile.get_path, directory))?;
        self.set(Command::set("+FTPGETNAME").text(&profile.get_name, name))
    }

    /// Whether a file can be uploaded under this name.
    fn check_target(&self, absolute: &str) -> Result<()> {
        let (directory, name) = path::split(absolute);
        Parameter::check_all(&[(&self.profile.put_path, directory), (&self.profile.put_name, name)])
    }

    /// Points the module to where the next upload goes.
    fn point_uploads_to(&mut self, absolute: &str) -> Result<()> {
        let profile = self.profile;
        let (directory, name) = path::split(absolute);
        self.set(Command::set("+FTPPUTNAME").text(&profile.put_name, name))?;
        self.set(Command::set("+FTPPUTPATH").text(&profile.put_path, directory))
    }

    /// Size of the file the module is pointed to.
    fn pointed_size(&mut self) -> Result<u64> {
        let verdict = self.run("+FTPSIZE", &Pattern::Fields("+FTPSIZE", &["1"]))?;
        verdict.number(2).ok_or_else(|| self.engine.protocol("the size is not a number"))
    }

    /// Runs a command on a directory, which the module takes from FTPGETPATH.
    fn on_directory(&mut self, path: &str, command: &'static str, result: &Pattern) -> Result<()> {
        let directory = path::directory(&self.directory, path)?;
        self.set(Command::set("+FTPGETPATH").text(&self.profile.get_path, &directory))?;
        self.run(command, result).map(drop)
    }
}

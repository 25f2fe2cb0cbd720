//! Fibocom modules (L610, MC66x, NL668): MIPCALL, FTPOPEN.
//!
//! After the Fibocom L610 FTP application guide V1.0.0; the command set is that of Motorola's G24, whose manual fills the
//! gaps. Every operation is acknowledged at once and ends with `+FTPxxx: 1` (done) or `+FTPxxx: 0` (failed, without a reason).

mod download;
mod upload;

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::codes;
use super::exchange::{BlockLimits, is_refusal};
use super::listing_buffer::ListingBuffer;
use super::session::Session;
use super::{Backend, Vendor, network};
use crate::at::engine::Dialect;
use crate::at::{Command, Engine, Parameter, Pattern, Reply, Rule, Sink, Verdict};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, BinaryUpload, Capabilities, Entry, FtpModem, Identity, Limits, LoginCheck,
    Modified, Network, Operation, Retrieve, Security, Server, SessionState, Store, Support, TimeLimits, Transfer,
    listing,
};

// ---- limits (guide §3.2, column "recommended time limit") ----

const COMMAND_LIMIT: Duration = Duration::from_secs(5);
const CALL_LIMIT: Duration = Duration::from_secs(60);
const HANG_UP_LIMIT: Duration = Duration::from_secs(40);
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
/// An empty one makes the call fail even where the server wants none (MC66x SDK release notes).
const PASSWORD: Parameter = Parameter::quoted("password", 255).secret();
const APN: Parameter = Parameter::quoted("access point name", 100).or_empty();
const APN_USER: Parameter = Parameter::quoted("access point's user name", 64).or_empty();
const APN_PASSWORD: Parameter = Parameter::quoted("access point's password", 64).or_empty().secret();

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
        resolves_names: true,
    }
}

/// A Fibocom module.
pub struct Fibocom {
    engine: Engine,
    identity: Identity,
    capabilities: Capabilities,
    session: Session,
}

impl Backend for Fibocom {
    const VENDOR: Vendor = Vendor::Fibocom;

    fn on(mut engine: Engine, identity: Identity) -> Result<Self> {
        engine.set_dialect(DIALECT);
        Ok(Fibocom { engine, identity, capabilities: capabilities(), session: Session::default() })
    }
}

impl Fibocom {
    fn operation<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        work(self).map_err(|error| {
            self.session.note(&error);
            error.during(name)
        })
    }

    /// As [`Self::operation`], for what needs a session; one that was lost is opened again.
    fn at_server<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.operation(name, |fibocom| {
            fibocom.session.look(&mut fibocom.engine)?;
            if !fibocom.session.is_open() {
                let (server, trail) = fibocom.session.recall()?;
                fibocom.open(&server)?;
                fibocom.session.reopened();
                for directory in trail {
                    fibocom.on_path("+FTPCWD", &Pattern::Prefix("+FTPCWD"), &directory)?;
                }
            }
            work(fibocom)
        })
    }

    /// Opens the session. The server's port is the sixth argument: the fifth, where the guide's example has it, is the
    /// module's own (G24 manual, +FTPOPEN).
    fn open(&mut self, server: &Server) -> Result<()> {
        // 0 is passive here, unlike in the other dialects (guide §3.2, FTPMODE).
        match self.engine.execute(Command::set("+FTPMODE").number(0u8), COMMAND_LIMIT) {
            Err(error) if !is_refusal(error.kind()) => return Err(error),
            _ => {}
        }
        let command = |server: &Server| {
            Command::set("+FTPOPEN")
                .text(&HOST, &server.host)
                .text(&USER, &server.user)
                .text(&PASSWORD, &server.password)
                .literal("\"\"")
                .omitted()
                .number(server.port)
                .omitted()
        };
        let result = Pattern::Prefix("+FTPOPEN");
        self.report_conversation(true)?;
        let mut opened = self.engine.perform(command(server), COMMAND_LIMIT, &result, OPEN_LIMIT);
        if opened.as_ref().is_err_and(|error| is_refusal(error.kind())) {
            // Refused at once: a session that somebody left open.
            self.close()?;
            opened = self.engine.perform(command(server), COMMAND_LIMIT, &result, OPEN_LIMIT);
        }
        let outcome = match opened?.number(0) {
            Some(DONE) => Ok(()),
            _ => Err(self.refused_opening()),
        };
        self.report_conversation(false)?;
        outcome
    }

    /// Lets the module print what server and module say to each other, where it can. Only while the session is opened, whose
    /// failure has no reason otherwise: later the lines would stand between others.
    fn report_conversation(&mut self, on: bool) -> Result<()> {
        self.engine.forget(&CONVERSATION);
        match self.engine.execute(Command::set("+FTPINFO").number(u8::from(on)), COMMAND_LIMIT) {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    /// The error of `+FTPOPEN: 0`, with the last that the server said.
    fn refused_opening(&mut self) -> Error {
        let mut reply = None;
        while let Some(line) = self.engine.take(&CONVERSATION) {
            let code = line.information().and_then(|line| std::str::from_utf8(line.body.get(..3)?).ok()?.parse().ok());
            reply = code.filter(|code| (100..600).contains(code)).or(reply);
        }
        match reply {
            Some(reply) => {
                let kind = codes::ftp_reply_kind(u64::from(reply)).unwrap_or(ErrorKind::ConnectFailed);
                self.engine.error(kind, "").with_ftp_reply(reply)
            }
            None => {
                self.engine.error(ErrorKind::ConnectFailed, "the module gives no reason; perhaps the login was refused")
            }
        }
    }

    /// Closes the session; one that is closed already is no error.
    fn close(&mut self) -> Result<()> {
        self.close_down(Command::run("+FTPCLOSE"), COMMAND_LIMIT, "+FTPCLOSE", RESULT_LIMIT)
    }

    /// Sends a command whose result is the line that otherwise says that the thing was lost. A refusal means that there was
    /// nothing to close.
    fn close_down(
        &mut self,
        command: Command,
        limit: Duration,
        result: &'static str,
        result_limit: Duration,
    ) -> Result<()> {
        self.engine.set_dialect(CLOSING);
        let closed = self.engine.perform(command, limit, &Pattern::Prefix(result), result_limit);
        self.engine.set_dialect(DIALECT);
        match closed {
            Err(error) if !is_refusal(error.kind()) => Err(error),
            _ => Ok(()),
        }
    }

    /// Sends a command and waits for its last digit.
    fn run(&mut self, command: Command, result: &Pattern) -> Result<Verdict> {
        self.engine.perform(command, COMMAND_LIMIT, result, RESULT_LIMIT)
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

    /// The listing of a directory, or of one file, as the server writes it.
    fn listing(&mut self, path: &str) -> Result<Vec<u8>> {
        let result = Pattern::Prefix("+FTPLIST");
        // Without a path the module may repeat the last listing (G24 manual, +FTPLIST).
        let path = if path.is_empty() { "." } else { path };
        let verdict = self.run(Command::set("+FTPLIST").text(&PATH, path), &result)?;
        if verdict.number(0) != Some(DATA) {
            // An empty directory may have nothing but the end.
            return self.succeeded(&verdict).map(|()| Vec::new());
        }
        let mut text = ListingBuffer::default();
        let mut sink = Sink::new(&mut text);
        let ends = |reply: &Reply<'_>| match reply {
            Reply::Information(line) => line.prefix == "+FTPLIST" && matches!(line.body, b"0" | b"1"),
            _ => false,
        };
        let end = self.engine.receive_text(true, &mut sink, RESULT_LIMIT, ends)?;
        sink.check()?;
        self.succeeded(&Verdict(end))?;
        Ok(text.into_bytes())
    }

    /// The listing's entry of one file.
    fn entry(&mut self, path: &str) -> Result<Entry> {
        let text = self.listing(path)?;
        let name = path.rsplit('/').next().unwrap_or(path).as_bytes();
        // Servers name the file as it was asked for, with its directories, or by its last part.
        let named = |entry: &Entry| {
            entry.name == path.as_bytes() || entry.name.rsplit(|byte| *byte == b'/').next() == Some(name)
        };
        let found = listing::parse(&text).into_iter().find(named);
        found.ok_or_else(|| self.engine.error(ErrorKind::Unavailable, "the server lists no such file"))
    }

    /// What FTPSIZE says, if this firmware has it and the answer has only one meaning.
    ///
    /// Its form is documented nowhere: the size alone, or behind a 1 or 2. A lone 0, 1 or 2 may be a size or a result.
    fn told_size(&mut self, path: &str) -> Result<Option<u64>> {
        let result = Pattern::Prefix("+FTPSIZE");
        let verdict = match self.run(Command::set("+FTPSIZE").text(&PATH, path), &result) {
            Ok(verdict) => verdict,
            Err(error) if is_refusal(error.kind()) => return Ok(None),
            Err(error) => return Err(error),
        };
        match (verdict.number(0), verdict.number(1)) {
            (Some(DATA), Some(size)) => {
                // The digit that ends the operation follows.
                let deadline = self.engine.deadline(Phase::Verdict, RESULT_LIMIT);
                let _ = self.engine.verdict(&result, deadline)?;
                Ok(Some(size))
            }
            (Some(DONE), Some(size)) => Ok(Some(size)),
            (Some(size), None) if size > DATA => Ok(Some(size)),
            _ => Ok(None),
        }
    }

    fn file_size(&mut self, path: &str) -> Result<Option<u64>> {
        match self.told_size(path)? {
            Some(size) => Ok(Some(size)),
            None => Ok(self.entry(path)?.size),
        }
    }

    /// Brings the bearer up.
    fn call(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        let user = (&APN_USER, access_point.user.as_str());
        Parameter::check_all(&[(&APN, &access_point.name), user, (&APN_PASSWORD, &access_point.password)])?;
        let state = self.engine.execute(Command::read("+MIPCALL"), COMMAND_LIMIT)?;
        let line = state.first().and_then(|line| line.information());
        if let Some(line) = line.filter(|line| line.number(0) == Some(1)) {
            let address = line.text(1).and_then(|text| text.parse().ok());
            return Ok(Bearer::new(address, true));
        }
        let mut command = Command::set("+MIPCALL").number(1u8);
        if !access_point.name.is_empty() {
            command = command.text(&APN, &access_point.name);
        }
        if !access_point.user.is_empty() {
            command = command.text(&APN_USER, &access_point.user).text(&APN_PASSWORD, &access_point.password);
        }
        // OK only means that the module will try (guide §3.2 note 3).
        let called = self.engine.perform(command, CALL_LIMIT, &Pattern::Prefix("+MIPCALL"), CALL_LIMIT);
        let verdict = called.map_err(|error| match error.kind() {
            ErrorKind::BearerLost | ErrorKind::ModuleRefused => error.with_kind(ErrorKind::BearerFailed),
            _ => error,
        })?;
        // `+MIPCALL: <address>`, or `+MIPCALL: 1,<address>`.
        let line = verdict.0.information();
        let address = line.as_ref().and_then(|line| line.fields.last()?.text().parse().ok());
        match address {
            Some(address) => Ok(Bearer::new(Some(address), false)),
            None => Err(self.engine.error(ErrorKind::BearerFailed, "the module got no address")),
        }
    }

    /// Brings the bearer down.
    fn hang_up(&mut self) -> Result<()> {
        self.close_down(Command::set("+MIPCALL").number(0u8), HANG_UP_LIMIT, "+MIPCALL", HANG_UP_LIMIT)
    }
}

impl FtpModem for Fibocom {
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
        self.operation("attach", |fibocom| fibocom.call(access_point))
    }

    fn detach(&mut self) -> Result<()> {
        self.session.lost();
        self.operation("detach", Self::hang_up)
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        self.operation("login", |fibocom| {
            if server.security != Security::None {
                return Err(Error::new(ErrorKind::Unsupported, "FTPS is not documented for Fibocom modules"));
            }
            Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])?;
            fibocom.open(server)?;
            fibocom.session.begun(server);
            Ok(())
        })
    }

    fn logout(&mut self) -> Result<()> {
        if !self.session.is_open() {
            self.session.ended();
            return Ok(());
        }
        self.session.ended();
        self.operation("logout", Self::close)
    }

    fn status(&mut self) -> Result<SessionState> {
        Ok(if self.session.is_open() { SessionState::Idle } else { SessionState::Closed })
    }

    fn pwd(&mut self) -> Result<String> {
        self.at_server("pwd", |fibocom| {
            let result = Pattern::Prefix("+FTPPWD");
            let told = fibocom.run(Command::run("+FTPPWD"), &result)?;
            let path = told.0.information().filter(|line| line.number(0) == Some(DATA));
            let Some(path) = path.and_then(|line| line.text(1).map(|path| path.into_owned())) else {
                fibocom.succeeded(&told)?;
                return Err(fibocom.engine.protocol("the directory is missing"));
            };
            let deadline = fibocom.engine.deadline(Phase::Verdict, RESULT_LIMIT);
            let end = fibocom.engine.verdict(&result, deadline)?;
            fibocom.succeeded(&end)?;
            Ok(path)
        })
    }

    fn cwd(&mut self, path: &str) -> Result<()> {
        self.at_server("cwd", |fibocom| {
            fibocom.on_path("+FTPCWD", &Pattern::Prefix("+FTPCWD"), path)?;
            fibocom.session.entered(path);
            Ok(())
        })
    }

    fn cdup(&mut self) -> Result<()> {
        self.at_server("cdup", |fibocom| {
            let verdict = fibocom.run(Command::run("+FTPCDUP"), &Pattern::Prefix("+FTPCDUP"))?;
            fibocom.succeeded(&verdict)?;
            fibocom.session.entered("..");
            Ok(())
        })
    }

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.at_server("list", |fibocom| Ok(listing::parse(&fibocom.listing(path)?)))
    }

    fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>> {
        Ok(self.list(path)?.into_iter().map(|entry| entry.name).collect())
    }

    fn size(&mut self, path: &str) -> Result<u64> {
        self.at_server("size", |fibocom| {
            let size = fibocom.file_size(path)?;
            size.ok_or_else(|| Error::new(ErrorKind::Unavailable, "the listing states no size for it"))
        })
    }

    fn modified(&mut self, path: &str) -> Result<Modified> {
        self.at_server("modified", |fibocom| {
            let modified = fibocom.entry(path)?.modified;
            modified.ok_or_else(|| Error::new(ErrorKind::Unavailable, "the listing states no time for it"))
        })
    }

    fn mkdir(&mut self, path: &str) -> Result<()> {
        self.at_server("mkdir", |fibocom| fibocom.on_path("+FTPMKD", &Pattern::Prefix("+FTPMKD"), path))
    }

    fn rmdir(&mut self, path: &str) -> Result<()> {
        self.at_server("rmdir", |fibocom| fibocom.on_path("+FTPRMD", &Pattern::Prefix("+FTPRMD"), path))
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        self.at_server("remove", |fibocom| fibocom.on_path("+FTPDEL", &Pattern::Prefix("+FTPDEL"), path))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        self.at_server("rename", |fibocom| {
            let command = Command::set("+FTPREN").text(&PATH, from).text(&PATH, to);
            let verdict = fibocom.run(command, &Pattern::Prefix("+FTPREN"))?;
            fibocom.succeeded(&verdict)
        })
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", |fibocom| fibocom.download(path, what, sink))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        self.at_server("upload", |fibocom| fibocom.upload(path, how, source))
    }
}

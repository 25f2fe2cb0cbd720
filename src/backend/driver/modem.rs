//! The contract, once for every dialect: arguments are checked before anything is sent, and each call runs in its
//! scope.

use std::any::Any;
use std::io::{Read, Write};
use std::time::Duration;

use super::data_end;
use super::recovery::activation_failed;
use super::{Driver, Part, Placement, Source, Unstated, empty_listing};
use crate::at::{Command, Sink, Watch};
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::dialect::Dialect;
use crate::backend::facts::{DirectoryKeeper, SessionKeeper};
use crate::backend::path::Resolution;
use crate::backend::{network, secrets, sim};
use crate::error::{Error, ErrorKind, RecoveryStep, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, Capabilities, Controls, DataConnection, Entry, EntryKind, FileType, FtpModem,
    Identity, Metadata, Modified, Network, Operation, PdpType, Retrieve, Security, Server, SessionState, Store,
    StoreMode, Support, Transfer,
};

/// The limit of a raw command: the longest in the manuals (AT+COPS=?, 180 s).
const RAW_LIMIT: Duration = Duration::from_secs(180);

/// Whether a raw command may reset settings of the driver: V.250 §6.1, and 3GPP TS 27.007 §8.2.
fn resets(line: &str) -> bool {
    let line = line.to_ascii_uppercase();
    ["ATZ", "AT&F", "AT+CFUN="].iter().any(|reset| line.starts_with(reset))
}

impl<D: Dialect> FtpModem for Driver<D> {
    fn identity(&self) -> &Identity {
        &self.cx.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.cx.capabilities
    }

    fn as_any(&mut self) -> Option<&mut dyn Any> {
        Some(self)
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn set_controls(&mut self, controls: Controls) {
        let engine = &mut self.cx.engine;
        engine.settings().cancel_by(controls.cancel.clone());
        engine.settings().limit(controls.limits.command, controls.limits.stall);
        engine.settings().set_budget(controls.budget);
        engine.recovery.watch(controls.observer.clone(), controls.dead_after);
        self.controls = controls;
    }

    fn budget_left(&self) -> Option<Duration> {
        self.cx.engine.limits().budget_left(self.cx.engine.now())
    }

    fn recover(&mut self, step: RecoveryStep, access_point: &AccessPoint) -> Result<()> {
        self.take_step(step, access_point)
    }

    fn server(&self) -> Option<&Server> {
        self.cx.session.server()
    }

    fn network(&mut self) -> Result<Network> {
        self.operation("network", |_, cx| network::status(&mut cx.engine))
    }

    fn command(&mut self, line: &str) -> Result<Vec<String>> {
        self.operation("command", |_, cx| {
            let answer = cx.engine.execute(Command::raw(line, &secrets::known()), RAW_LIMIT)?;
            // What such a command has reset the driver sets again.
            cx.has_forgotten |= resets(line);
            Ok(answer.lines.iter().map(|line| cx.engine.report().masked(line.bytes())).collect())
        })
    }

    fn unlock(&mut self, pin: &str) -> Result<bool> {
        self.checked_operation("unlock", sim::check(pin), |_, cx| sim::unlock(&mut cx.engine, pin))
    }

    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.checked_operation("attach", check_pdp_type::<D>(access_point), |dialect, cx| {
            let outcome = dialect.attach(cx, access_point);
            outcome.map_err(|error| {
                let error = activation_failed(dialect, cx, error);
                network::explained(&mut cx.engine, error)
            })
        })
    }

    fn detach(&mut self) -> Result<()> {
        let had_session = self.cx.session.is_open();
        // A session in the module is gone with its bearer.
        if D::FACTS.session == SessionKeeper::Module {
            self.lose_session();
        }
        self.leaving("detach", |dialect, cx| dialect.detach(cx, had_session))
    }

    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
        let checked = self.cx.session.must_be_logged_out();
        let chosen = checked.and_then(|()| self.dialect.use_data_connection(mode));
        chosen.map_err(|error| error.during("use data connection"))
    }

    fn use_file_type(&mut self, file_type: FileType) -> Result<()> {
        let checked = self.cx.session.must_be_logged_out();
        let chosen = checked.and_then(|()| self.dialect.use_file_type(&mut self.cx, file_type));
        chosen.map_err(|error| error.during("use file type"))
    }

    fn login(&mut self, server: &Server) -> Result<()> {
        const NAME: &str = "login";
        if server.security != Security::None {
            self.must_support(NAME, Operation::Ftps, "FTPS")?;
        }
        let checked = check_port(server).and_then(|()| self.dialect.check_server(server));
        checked.map_err(|error| error.during(NAME))?;
        let log_in = |dialect: &mut D, cx: &mut Context| {
            cx.engine.charset = server.charset;
            dialect.log_in(cx, server)?;
            cx.session.begun(server);
            Ok(())
        };
        self.scope(NAME, Watch::On, |dialect, cx| dialect.catch_up(cx), log_in, D::recover)
    }

    fn logout(&mut self) -> Result<()> {
        let outcome = self.suspend();
        self.cx.session.ended();
        outcome
    }

    fn status(&mut self) -> Result<SessionState> {
        self.operation("status", |dialect, cx| dialect.status(cx))
    }

    fn pwd(&mut self) -> Result<String> {
        self.at_server("pwd", |dialect, cx| dialect.directory(cx))
    }

    fn cwd(&mut self, path: &str) -> Result<()> {
        self.on_path("cwd", path, Resolution::ExistingDirectory, |dialect, cx, path| {
            dialect.enter(cx, path)?;
            match D::FACTS.directory {
                DirectoryKeeper::Module => cx.session.entered(path),
                DirectoryKeeper::Driver => cx.session.set_directory(path.to_owned()),
            }
            Ok(())
        })
    }

    fn cdup(&mut self) -> Result<()> {
        match D::FACTS.directory {
            DirectoryKeeper::Driver => self.cwd("..").map_err(|error| error.renamed("cdup")),
            DirectoryKeeper::Module => self.at_server("cdup", |dialect, cx| {
                dialect.leave(cx)?;
                cx.session.entered("..");
                Ok(())
            }),
        }
    }

    fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
        let is_named = !path.is_empty();
        self.on_path("list", path, Resolution::ExistingDirectory, |dialect, cx, path| {
            let entries = data_end::listed(dialect, cx, |dialect, cx| dialect.list(cx, path))?;
            if entries.is_empty() && is_named {
                empty_listing::check_existence(dialect, cx, path)?;
            }
            Ok(entries)
        })
    }

    fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>> {
        self.on_path("names", path, Resolution::ExistingDirectory, |dialect, cx, path| {
            data_end::listed(dialect, cx, |dialect, cx| dialect.names(cx, path))
        })
    }

    fn metadata(&mut self, path: &str) -> Result<Metadata> {
        self.on_path("metadata", path, Resolution::File, |dialect, cx, path| {
            let outcome = dialect.metadata(cx, path);
            stated(cx, path, outcome)
        })
    }

    fn metadata_to_retrieve(&mut self, path: &str) -> Result<Metadata> {
        self.on_path("metadata", path, Resolution::File, |dialect, cx, path| {
            let outcome = dialect.metadata_to_fetch(cx, path);
            stated(cx, path, outcome)
        })
    }

    fn modified(&mut self, path: &str) -> Result<Modified> {
        self.must_support("modified", Operation::Modified, "query of a file's time")?;
        self.on_path("modified", path, Resolution::File, |dialect, cx, path| dialect.modified(cx, path))
    }

    fn mkdir(&mut self, path: &str) -> Result<()> {
        self.on_path("mkdir", path, Resolution::NamedDirectory, |dialect, cx, path| dialect.make_directory(cx, path))
    }

    fn rmdir(&mut self, path: &str) -> Result<()> {
        self.on_path("rmdir", path, Resolution::NamedDirectory, |dialect, cx, path| dialect.remove_directory(cx, path))
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        self.must_support("remove", Operation::Remove, "removal of files")?;
        self.on_path("remove", path, Resolution::File, |dialect, cx, path| dialect.remove(cx, path))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        const NAME: &str = "rename";
        self.must_support(NAME, Operation::Rename, "renaming")?;
        check_path::<D>(&self.cx, to).map_err(|error| error.during(NAME))?;
        self.on_path(NAME, from, Resolution::File, |dialect, cx, from| {
            let to = resolve::<D>(cx, to, Resolution::File)?;
            cx.session.unstated = None;
            dialect.rename(cx, from, &to)
        })
    }

    fn retrieve(&mut self, path: &str, what: &Retrieve, writer: &mut dyn Write) -> Result<Transfer> {
        self.retrieve_by(path, what, writer, D::retrieve)
    }

    fn store(&mut self, path: &str, how: &Store, reader: &mut dyn Read) -> Result<Transfer> {
        self.store_by(path, how, reader, D::store)
    }
}

impl<D: Dialect> Driver<D> {
    /// Downloads by `sequence`, for dialects that have more than one way.
    pub(in crate::backend) fn retrieve_by(
        &mut self,
        path: &str,
        what: &Retrieve,
        writer: &mut dyn Write,
        sequence: impl FnOnce(&mut D, &mut Context, &str, Part, &mut Sink<'_>) -> Result<Assurance>,
    ) -> Result<Transfer> {
        self.on_path("download", path, Resolution::File, |dialect, cx, path| {
            let unstated = cx.session.unstated.take().filter(|unstated| unstated.path == path);
            let size = match (what.size, unstated) {
                (None, Some(unstated)) if unstated.is_missing && !D::FETCHES_UNLISTED => {
                    let detail = format!("{path:?} is not in the listing of its directory");
                    return Err(Error::new(ErrorKind::Unavailable, detail));
                }
                (None, Some(_)) => None,
                (None, None) => dialect.size_to_fetch(cx, path, what.offset)?,
                (known, _) => known,
            };
            let part = Part::of(what, size)?;
            if part.length == Some(0) {
                return Ok(Transfer::new(0, Assurance::Unconfirmed));
            }
            // A size of 0 may be a damaged one, or one that is counted in 16 bits.
            let observes_end = D::OBSERVES_EMPTY_END || part.offset == 0;
            if part.wanted() == Some(0) && !observes_end {
                return Ok(Transfer::new(0, Assurance::ServerSize));
            }
            let mut sink = Sink::new(writer);
            let outcome = sequence(dialect, cx, path, part, &mut sink);
            let is_in_doubt = cx.engine.payload().data_end().is_in_doubt();
            if is_in_doubt {
                // An error does not prove them either.
                sink.doubt();
            }
            let assurance = outcome.map_err(|error| sink.account(error))?;
            if is_in_doubt {
                let part = data_end::part_to_compare(part, sink.written());
                data_end::compare(dialect, cx, path, part).map_err(|error| sink.account(error))?;
            }
            Ok(Transfer::new(sink.written(), assurance))
        })
    }

    /// Uploads by `sequence`, for dialects that have more than one way.
    pub(in crate::backend) fn store_by(
        &mut self,
        path: &str,
        how: &Store,
        reader: &mut dyn Read,
        sequence: impl FnOnce(&mut D, &mut Context, &str, &mut Source<'_>) -> Result<Assurance>,
    ) -> Result<Transfer> {
        const NAME: &str = "upload";
        match how.mode {
            StoreMode::Create | StoreMode::At(0) => {}
            StoreMode::Append => self.must_support(NAME, Operation::Append, "command to append to files")?,
            StoreMode::At(_) => self.must_support(NAME, Operation::StoreAt, "command to resume uploads")?,
        }
        self.on_path(NAME, path, Resolution::File, |dialect, cx, path| {
            cx.session.unstated = None;
            dialect.check_upload(cx, path, how)?;
            let is_built = cx.capabilities.support(Operation::Append) == Support::Built;
            let placement = match (how.mode, how.size) {
                (StoreMode::Create | StoreMode::At(0), _) => Placement::Replace,
                (StoreMode::Append, Some(0)) if is_built => Placement::Replace,
                (StoreMode::Append, Some(size)) if is_built => Placement::Continue(size),
                (StoreMode::Append, _) => Placement::Append,
                (StoreMode::At(offset), size) => continued_at(dialect, cx, path, offset, size)?,
            };
            let mut source = Source::new(reader, how.length).placed(placement, how.force_binary);
            let outcome = sequence(dialect, cx, path, &mut source);
            let assurance = outcome.map_err(|error| source.account(&cx.engine, error))?;
            source.check_length().map_err(|error| error.with_transferred(source.taken()))?;
            Ok(Transfer::new(source.taken(), assurance))
        })
    }

    /// Runs an operation at the server on a path, which is checked before anything is sent.
    pub(in crate::backend) fn on_path<T>(
        &mut self,
        name: &'static str,
        path: &str,
        resolution: Resolution,
        work: impl FnOnce(&mut D, &mut Context, &str) -> Result<T>,
    ) -> Result<T> {
        check_path::<D>(&self.cx, path).map_err(|error| error.during(name))?;
        self.at_server(name, |dialect, cx| {
            let path = resolve::<D>(cx, path, resolution)?;
            work(dialect, cx, &path)
        })
    }

    fn must_support(&self, name: &'static str, operation: Operation, what: &str) -> Result<()> {
        match self.cx.capabilities.supports(operation) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Unsupported, format!("this module has no {what}")).during(name)),
        }
    }
}

/// Refuses a type of bearer that the module's commands cannot express.
fn check_pdp_type<D: Dialect>(access_point: &AccessPoint) -> Result<()> {
    if access_point.pdp_type == PdpType::Ipv4 || D::FACTS.has_pdp_types {
        return Ok(());
    }
    let detail = "bearers of this dialect are of type IPv4 only";
    Err(Error::new(ErrorKind::Unsupported, detail))
}

/// Refuses port 0, which no server has and which modules take for their own default.
fn check_port(server: &Server) -> Result<()> {
    match server.port {
        0 => Err(Error::new(ErrorKind::InvalidInput, "the server's port is 0")),
        _ => Ok(()),
    }
}

/// Checks a path that the module takes in one argument. An empty one is the current directory, for commands that take
/// it.
fn check_path<D: Dialect>(cx: &Context, path: &str) -> Result<()> {
    match D::FACTS.path {
        Some(parameter) if !path.is_empty() => parameter.check_in(cx.engine.charset, path),
        _ => Ok(()),
    }
}

/// The path as the module gets it.
fn resolve<D: Dialect>(cx: &Context, path: &str, resolution: Resolution) -> Result<String> {
    match D::FACTS.directory {
        DirectoryKeeper::Module => Ok(path.to_owned()),
        DirectoryKeeper::Driver => resolution.resolve(cx.session.directory(), path),
    }
}

/// Notes a file whose size a query has not brought.
fn stated(cx: &mut Context, path: &str, outcome: Result<Metadata>) -> Result<Metadata> {
    use ErrorKind::{ServerRefused, Unavailable};
    let (is_unstated, is_missing) = match &outcome {
        Ok(metadata) => (metadata.size.is_none() && metadata.kind != Some(EntryKind::Directory), false),
        Err(error) => {
            let is_missing = error.kind() == Unavailable;
            (is_missing || error.kind() == ServerRefused || is_refusal(error.kind()), is_missing)
        }
    };
    cx.session.unstated = is_unstated.then(|| Unstated { path: path.to_owned(), is_missing });
    outcome
}

/// Makes sure that the file has the size from which it is to be continued, which the caller may know.
fn continued_at<D: Dialect>(
    dialect: &mut D,
    cx: &mut Context,
    path: &str,
    offset: u64,
    known: Option<u64>,
) -> Result<Placement> {
    let size = match known {
        None => dialect.metadata(cx, path)?.size,
        known => known,
    };
    match size {
        Some(size) if size == offset => Ok(Placement::Continue(offset)),
        size => {
            let size = size.map_or("an unknown number of".to_owned(), |size| size.to_string());
            let detail = format!("the file has {size} bytes, so the upload cannot resume at {offset}");
            Err(Error::new(ErrorKind::InvalidInput, detail))
        }
    }
}

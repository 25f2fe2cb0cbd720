//! The operations that are swept, each done the same way every time.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use ftp_modem::modem::{self, Bearer, Capabilities, Entry, Modified, Network, SessionState, Transfer};
use ftp_modem::transfer::{Download, Report, Retry, Upload};
use ftp_modem::{AccessPoint, Controls, Retrieve, Store};
use ftp_modem::{Error, Result};

use super::rig::{self, Rig, SOURCE};
use super::support::access::server;

/// Where uploads go.
pub const TARGET: &str = "/store/uploaded.bin";
pub const GROWING: &str = "/store/growing.log";
/// Where partial downloads begin.
pub const OFFSET: u64 = 137;
/// What the local file holds before it is downloaded.
pub const BEFORE: &[u8] = b"what was there before";

macro_rules! operations {
    ($($variant:ident $name:literal $needs:ident,)*) => {
        /// An operation of the driver, as a user of it calls it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Operation { $($variant,)* }

        impl Operation {
            pub const ALL: &[Operation] = &[$(Operation::$variant,)*];

            pub fn name(self) -> &'static str {
                match self { $(Operation::$variant => $name,)* }
            }

            /// What a module must be able to do for it.
            fn needs(self) -> modem::Operation {
                match self { $(Operation::$variant => modem::Operation::$needs,)* }
            }
        }
    };
}

operations! {
    Network "network" Attach,
    Attach "attach" Attach,
    Login "login" Login,
    Logout "logout" Login,
    Detach "detach" Attach,
    Status "status" Status,
    Pwd "pwd" Pwd,
    Cwd "cwd" Cwd,
    Cdup "cdup" Cwd,
    List "list" List,
    Names "names" Names,
    Size "size" Size,
    Modified "modified" Modified,
    Mkdir "mkdir" Mkdir,
    Rmdir "rmdir" Rmdir,
    Remove "remove" Remove,
    Rename "rename" Rename,
    Retrieve "retrieve" Retrieve,
    RetrieveFrom "retrieve-from" RetrieveFrom,
    Store "store" Store,
    StoreAt "store-at" StoreAt,
    Append "append" Append,
    Download "download" Retrieve,
    Upload "upload" Store,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let found = Operation::ALL.iter().find(|operation| operation.name() == name);
        found.copied().ok_or_else(|| format!("no operation is called {name:?}"))
    }
}

/// What came of an operation that succeeded.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Done,
    Network(Network),
    Bearer(Bearer),
    Status(SessionState),
    Text(String),
    Entries(Vec<Entry>),
    Names(Vec<Vec<u8>>),
    Size(u64),
    Modified(Modified),
    Transfer(Transfer),
    File(Report),
}

/// What an operation moved, beside its result.
#[derive(Default)]
pub struct Moved {
    /// The bytes that a download gave.
    pub bytes: Vec<u8>,
    /// The local file of a whole-file transfer.
    pub local: Option<PathBuf>,
}

impl Operation {
    pub fn is_supported(self, capabilities: &Capabilities) -> bool {
        capabilities.supports(self.needs())
    }

    /// Whether it is a whole-file transfer with retries of its own.
    pub fn is_whole_file(self) -> bool {
        matches!(self, Operation::Download | Operation::Upload)
    }

    /// Whether it brings bytes to the host.
    pub fn is_download(self) -> bool {
        matches!(self, Operation::Retrieve | Operation::RetrieveFrom | Operation::Download)
    }

    /// Whether it brings bytes to the server.
    pub fn is_upload(self) -> bool {
        matches!(self, Operation::Store | Operation::StoreAt | Operation::Append | Operation::Upload)
    }

    /// Whether it brings bytes to host or server.
    pub fn moves_bytes(self) -> bool {
        self.is_download() || self.is_upload()
    }

    /// Whether it is all about the answer to a question.
    pub fn is_question(self) -> bool {
        use Operation::*;
        matches!(self, Network | Attach | Status | Pwd | List | Names | Size | Modified)
    }

    /// Brings the module to where the operation can begin, and puts in place what it needs.
    ///
    /// # Errors
    /// Those of the calls that are needed for it.
    pub fn prepare(self, rig: &mut Rig) -> Result<()> {
        match self {
            Operation::Network | Operation::Attach => return Ok(()),
            Operation::Login => return rig.modem.attach(&AccessPoint::default()).map(drop),
            _ => rig.connect()?,
        }
        match self {
            Operation::Pwd | Operation::Cdup => rig.modem.cwd(rig::FOLDER)?,
            Operation::StoreAt => {
                rig.files.put(TARGET, &rig.content[..OFFSET as usize]);
            }
            _ => {}
        }
        Ok(())
    }

    /// Does it, with `limit` for all of it.
    ///
    /// # Errors
    /// Its own.
    pub fn perform(self, rig: &mut Rig, limit: Duration, folder: &Path, moved: &mut Moved) -> Result<Seen> {
        if self.is_whole_file() {
            return self.transfer(rig, limit, folder, moved);
        }
        let content = rig.content.clone();
        let modem = &mut *rig.modem;
        modem.set_controls(Controls::new().with_budget(limit));
        let mut store = |path: &str, how: Store, bytes: &[u8]| {
            let how = how.with_length(bytes.len() as u64);
            modem.store(path, &how, &mut &bytes[..]).map(Seen::Transfer)
        };
        let outcome = match self {
            Operation::Store => store(TARGET, Store::create(), &content),
            Operation::StoreAt => store(TARGET, Store::at(OFFSET), &content[OFFSET as usize..]),
            Operation::Append => store(GROWING, Store::append(), &content),
            Operation::Network => modem.network().map(Seen::Network),
            Operation::Attach => modem.attach(&AccessPoint::default()).map(Seen::Bearer),
            Operation::Login => modem.login(&server()).map(|()| Seen::Done),
            Operation::Logout => modem.logout().map(|()| Seen::Done),
            Operation::Detach => modem.detach().map(|()| Seen::Done),
            Operation::Status => modem.status().map(Seen::Status),
            Operation::Pwd => modem.pwd().map(Seen::Text),
            Operation::Cwd => modem.cwd(rig::FOLDER).map(|()| Seen::Done),
            Operation::Cdup => modem.cdup().map(|()| Seen::Done),
            Operation::List => modem.list(rig::FOLDER).map(Seen::Entries),
            Operation::Names => modem.names(rig::FOLDER).map(Seen::Names),
            Operation::Size => modem.size(SOURCE).map(Seen::Size),
            Operation::Modified => modem.modified(SOURCE).map(Seen::Modified),
            Operation::Mkdir => modem.mkdir("/store/created").map(|()| Seen::Done),
            Operation::Rmdir => modem.rmdir("/store/emptied").map(|()| Seen::Done),
            Operation::Remove => modem.remove("/store/doomed-file.txt").map(|()| Seen::Done),
            Operation::Rename => {
                modem.rename("/store/misnamed-note.txt", "/store/well-called.txt").map(|()| Seen::Done)
            }
            Operation::Retrieve => modem.retrieve(SOURCE, &Retrieve::whole(), &mut moved.bytes).map(Seen::Transfer),
            Operation::RetrieveFrom => {
                modem.retrieve(SOURCE, &Retrieve::from(OFFSET), &mut moved.bytes).map(Seen::Transfer)
            }
            Operation::Download | Operation::Upload => unreachable!("done above"),
        };
        rig.modem.set_controls(Controls::new());
        outcome
    }

    fn transfer(self, rig: &mut Rig, limit: Duration, folder: &Path, moved: &mut Moved) -> Result<Seen> {
        let local = folder.join("file.bin");
        moved.local = Some(local.clone());
        let retry = Retry::default().with_total(limit);
        let fill = |bytes: &[u8]| fs::write(&local, bytes).unwrap_or_else(|error| panic!("{local:?}: {error}"));
        let report = match self {
            Operation::Upload => {
                fill(&rig.content);
                let upload = Upload::new(&local, TARGET).retry(retry).reconnect_with(rig::reconnect());
                upload.on_clock(rig.line.clone()).run(&mut *rig.modem)
            }
            _ => {
                fill(BEFORE);
                let download = Download::new(SOURCE, &local).retry(retry).reconnect_with(rig::reconnect());
                download.on_clock(rig.line.clone()).run(&mut *rig.modem)
            }
        };
        report.map(Seen::File)
    }
}

/// Whether `error` means that the caller has to attach and log in.
pub fn wants_connecting(error: &Error) -> bool {
    use ftp_modem::ErrorKind::*;
    matches!(error.kind(), ModuleRestarted | BearerLost | SessionLost | WrongState | BearerFailed)
}

//! A modem that does what a test says.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, ErrorKind, RecoveryStep, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, Capabilities, Controls, Entry, FtpModem, Identity, Metadata, Modified, Network,
    Operation, Retrieve, Server, SessionState, Store, Support, Transfer,
};

/// A clock that does not advance: no pause would ever end.
pub(super) struct Standstill;

impl Clock for Standstill {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) {}
}

/// The outcome of one download.
pub(super) struct Delivery {
    /// What is written.
    pub bytes: Vec<u8>,
    /// The number of bytes that the module says it delivered, or the error in which it ends.
    pub outcome: Result<u64>,
}

/// The outcome of one upload, which takes every byte of the source.
pub(super) type Reception = Result<Assurance>;

/// The outcome of one renaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renaming {
    Done,
    Refused,
    /// It was done, and its result was lost.
    Lost,
    /// It failed for another reason than a refusal.
    Failed(ErrorKind),
}

/// Answers in the order in which they are asked for.
pub(super) struct Scripted {
    pub identity: Identity,
    pub capabilities: Capabilities,
    pub controls: Controls,
    /// The sizes that the server states, in order; the last one is repeated.
    pub sizes: VecDeque<u64>,
    /// The row of a listing that each query brings; `None` for a module that does not list.
    pub row: Option<Metadata>,
    /// What the first questions for the size end in instead.
    pub unsized_first: VecDeque<Option<ErrorKind>>,
    /// The times that the server states, in order, to a module that can query them.
    pub times: VecDeque<Modified>,
    pub deliveries: VecDeque<Delivery>,
    pub receptions: VecDeque<Reception>,
    /// Where each download began.
    pub offsets: Vec<u64>,
    /// The mode and the bytes of each upload.
    pub stored: Vec<(Store, Vec<u8>)>,
    /// The names of the server's files and their sizes; `None` for a test that is not about names.
    pub names: Option<BTreeMap<String, u64>>,
    pub renamings: VecDeque<Renaming>,
}

/// All of them; the last is [`Operation::StoreAt`].
pub(super) const OPERATIONS: &[(Operation, Support)] = &[
    (Operation::Size, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::RetrieveFrom, Support::Native),
    (Operation::Store, Support::Native),
    (Operation::Append, Support::Native),
    (Operation::Rename, Support::Native),
    (Operation::StoreAt, Support::Native),
];

impl Default for Scripted {
    fn default() -> Self {
        Scripted {
            identity: Identity::new("", "script"),
            capabilities: Capabilities::new("scripted", OPERATIONS),
            controls: Controls::default(),
            sizes: VecDeque::new(),
            row: None,
            unsized_first: VecDeque::new(),
            times: VecDeque::new(),
            deliveries: VecDeque::new(),
            receptions: VecDeque::new(),
            offsets: Vec::new(),
            stored: Vec::new(),
            names: None,
            renamings: VecDeque::new(),
        }
    }
}

/// Methods that no transfer calls without leave.
macro_rules! refused {
    ($($name:ident($($argument:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&mut self, $(_: $argument),*) -> Result<$answer> {
            Err(Error::new(ErrorKind::Unsupported, stringify!($name)))
        })*
    };
}

impl FtpModem for Scripted {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn server(&self) -> Option<&Server> {
        None
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn set_controls(&mut self, controls: Controls) {
        self.controls = controls;
    }

    fn recover(&mut self, _: RecoveryStep, _: &AccessPoint) -> Result<()> {
        Ok(())
    }

    fn metadata(&mut self, path: &str) -> Result<Metadata> {
        if let Some(names) = &self.names {
            return names.get(path).map(|size| Metadata::new().with_size(*size)).ok_or_else(missing);
        }
        if let Some(kind) = self.unsized_first.pop_front().flatten() {
            return Err(Error::new(kind, "no size"));
        }
        if let Some(row) = self.row {
            return Ok(row);
        }
        let size = *self.sizes.front().expect("a size");
        if self.sizes.len() > 1 {
            self.sizes.pop_front();
        }
        Ok(Metadata::new().with_size(size))
    }

    fn modified(&mut self, _: &str) -> Result<Modified> {
        self.times.pop_front().ok_or_else(|| Error::new(ErrorKind::ServerRefused, "no time"))
    }

    fn retrieve(&mut self, _: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.offsets.push(what.offset);
        let none = || Error::new(ErrorKind::Unsupported, "no more downloads");
        let Delivery { bytes, outcome } = self.deliveries.pop_front().ok_or_else(none)?;
        sink.write_all(&bytes).map_err(Error::local)?;
        outcome.map(|bytes| Transfer::new(bytes, Assurance::ModuleCount))
    }

    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(Error::local)?;
        let count = bytes.len() as u64;
        self.stored.push((*how, bytes));
        if let Some(names) = &mut self.names {
            names.insert(path.to_owned(), count);
        }
        let none = || Err(Error::new(ErrorKind::Unsupported, "no more uploads"));
        let assurance = self.receptions.pop_front().unwrap_or_else(none)?;
        Ok(Transfer::new(count, assurance))
    }

    refused! {
        network() -> Network;
        attach(&AccessPoint) -> Bearer;
        detach() -> ();
        login(&Server) -> ();
        logout() -> ();
        status() -> SessionState;
        pwd() -> String;
        cwd(&str) -> ();
        list(&str) -> Vec<Entry>;
        mkdir(&str) -> ();
        rmdir(&str) -> ();
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        let removed = self.names.as_mut().and_then(|names| names.remove(path));
        removed.map(drop).ok_or_else(missing)
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let renaming = self.renamings.pop_front().unwrap_or(Renaming::Done);
        if matches!(renaming, Renaming::Done | Renaming::Lost) {
            let names = self.names.as_mut().expect("names");
            let size = names.remove(from).ok_or_else(missing)?;
            names.insert(to.to_owned(), size);
        }
        match renaming {
            Renaming::Done => Ok(()),
            Renaming::Refused => Err(Error::new(ErrorKind::ServerRefused, "not renamed").with_ftp_reply(553)),
            Renaming::Lost => Err(Error::new(ErrorKind::SessionLost, "")),
            Renaming::Failed(kind) => Err(Error::new(kind, "")),
        }
    }
}

fn missing() -> Error {
    Error::new(ErrorKind::Unavailable, "no such file")
}

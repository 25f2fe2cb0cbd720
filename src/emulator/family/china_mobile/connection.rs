//! One of the six connections, and what it is busy with.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::code::result_of;
use super::config::Config;
use super::verb::{Request, Source, Verb};
use crate::emulator::modem::Modem;
use crate::emulator::{NetworkCause, Remote, RemoteError, Upload};

/// A command whose last result line is still to come.
#[derive(Clone, Copy)]
pub(super) struct Issued {
    pub(super) verb: Verb,
    /// Whether `OK` comes after the result, so that the command is still in progress.
    pub(super) in_command: bool,
}

/// What a connection is busy with between a command and the last of its result lines.
pub(super) struct Job {
    pub(super) issued: Issued,
    pub(super) task: Task,
}

/// What is left to be done.
pub(super) enum Task {
    /// Everything.
    Request(Request),
    /// The data of an upload has come.
    Piece { file: String, data: Vec<u8>, last: bool },
    /// The rows of a listing that have not been printed.
    Rows(VecDeque<String>),
    /// The rest of a file on its way from the server.
    Download(Download),
    /// The result is fixed beforehand.
    Fixed(u8),
}

/// A download to the serial line.
pub(super) struct Download {
    pub(super) reader: Box<dyn Read + Send>,
    /// What was asked for and has not been read.
    pub(super) left: u64,
    /// Whether the end of the file ends it.
    pub(super) whole: bool,
    pub(super) size: Option<u64>,
    pub(super) sum: u64,
    /// Why the source ended early.
    pub(super) failure: Option<io::Error>,
}

/// An upload between its first piece and its last one.
pub(super) struct Put {
    pub(super) verb: Verb,
    pub(super) file: String,
    pub(super) upload: Box<dyn Upload>,
    pub(super) sent: u64,
}

/// What data mode is for.
pub(super) struct Entry {
    pub(super) verb: Verb,
    pub(super) kind: EntryKind,
}

pub(super) enum EntryKind {
    Transparent { upload: Box<dyn Upload>, sent: u64 },
    Piece { file: String, data: Vec<u8>, last: bool },
}

/// A connection to a server.
#[derive(Default)]
pub(super) struct Connection {
    pub(super) config: Config,
    pub(super) is_open: bool,
    /// Whether it broke and the host has not been informed yet.
    pub(super) is_lost: bool,
    pub(super) job: Option<Job>,
    pub(super) put: Option<Put>,
    /// Of one connection at most, as there is one data mode.
    pub(super) entry: Option<Entry>,
    /// The client of its own; the one of the module when there is none.
    own: Option<Box<dyn Remote>>,
    uses_shared: bool,
}

impl Connection {
    /// Whether it is connected through the client of the module.
    pub(super) const fn uses_shared(&self) -> bool {
        self.is_open && self.uses_shared
    }

    /// Gets a client of its own, or the module's where there is no other and it is free.
    pub(super) fn equip(&mut self, modem: &Modem, shared_is_free: bool) -> bool {
        self.own = modem.remote.another();
        self.uses_shared = self.own.is_none();
        self.own.is_some() || shared_is_free
    }

    pub(super) fn remote<'a>(&'a mut self, modem: &'a mut Modem) -> &'a mut dyn Remote {
        match &mut self.own {
            Some(own) => own.as_mut(),
            None => modem.remote.as_mut(),
        }
    }

    /// The result code of a failed operation; a connection that broke is noticed.
    pub(super) fn failed(&mut self, error: &RemoteError) -> u8 {
        if matches!(error, RemoteError::Network(NetworkCause::Dropped) | RemoteError::Reply { code: 421, .. }) {
            self.lose();
        }
        result_of(error)
    }

    /// The connection broke.
    pub(super) fn lose(&mut self) {
        self.is_lost = self.is_open;
        self.is_open = false;
        self.put = None;
        self.own = None;
    }

    /// Whether `verb` on `file` goes on with the upload that is open.
    pub(super) fn continues(&self, verb: Verb, wanted: &str, source: &Source) -> bool {
        self.put.as_ref().is_some_and(|put| put.verb == verb && put.file == wanted)
            && matches!(source, Source::Prompt { .. } | Source::Inline { .. })
    }

    /// `<state>` of `AT+MFTPSTATE` (OneMO FTP AT manual V3.1.0 §3.13).
    pub(super) fn state(&self) -> u8 {
        match &self.job {
            _ if !self.is_open => 0,
            Some(job) if job.issued.verb == Verb::Retrieve => 2,
            Some(job) if job.issued.verb.is_upload() => 3,
            _ if self.put.is_some() => 3,
            _ => 1,
        }
    }
}

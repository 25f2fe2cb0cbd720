//! What the server is asked.

use super::sink::Sink;
use super::step::Step;

/// What the server is being asked.
pub(super) enum Task {
    Open(Server),
    Close,
    Step(Step),
    List(String),
    Get(Request),
    Retrieve(Request),
    Store(Target),
    Put(Target, Piece),
    FinishStore(Sink),
    FinishPut(Sink),
}

impl Task {
    /// The command whose result line will report the outcome.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "FTPOPEN",
            Self::Close => "FTPCLOSE",
            Self::Step(step) => step.name(),
            Self::List(_) => "FTPLIST",
            Self::Get(_) => "FTPGET",
            Self::Retrieve(_) => "FTPRETR",
            Self::Store(_) | Self::FinishStore(_) => "FTPSTOR",
            Self::Put(..) | Self::FinishPut(_) => "FTPPUT",
        }
    }
}

/// Whom to connect to, and as whom.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) port: u16,
}

/// A file and the part of it that is wanted.
pub(super) struct Request {
    pub(super) name: String,
    pub(super) ascii: bool,
    pub(super) offset: Option<u64>,
    pub(super) size: Option<u64>,
}

/// The file to store.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) ascii: bool,
    pub(super) offset: Option<u64>,
}

/// A piece of `AT+FTPPUT`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) length: u64,
    pub(super) last: bool,
}

//! The transfer in progress.

use super::cache::Fill;
use super::sink::{Put, Sink};

/// A transfer that occupies the session.
pub(super) enum Transfer {
    None,
    List,
    Retrieve,
    Fill(Fill),
    Store(Sink),
    Put(Put),
}

impl Transfer {
    pub(super) const fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::None => return None,
            Self::List => "FTPLIST",
            Self::Retrieve => "FTPRETR",
            Self::Fill(_) => "FTPGET",
            Self::Store(_) => "FTPSTOR",
            Self::Put(_) => "FTPPUT",
        })
    }
}

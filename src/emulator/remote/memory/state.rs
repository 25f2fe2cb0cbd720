//! What all clients of a server share.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::habits::Habits;
use super::operation::Operation;
use super::tree::{Tree, parent};
use super::trouble::Trouble;
use crate::emulator::RemoteError;

/// The server behind its handles and clients.
#[derive(Default)]
pub(super) struct State {
    pub(super) tree: Tree,
    /// Users and their passwords. Empty: any user may log in.
    pub(super) users: BTreeMap<String, String>,
    pub(super) unknown_hosts: BTreeSet<String>,
    pub(super) refused_ports: BTreeSet<u16>,
    /// Operations that fail once, in this order.
    pub(super) failures: VecDeque<(Operation, RemoteError)>,
    /// Listings that are fixed, by path.
    pub(super) listings: BTreeMap<String, Vec<u8>>,
    /// The number of bytes after which the next download breaks.
    pub(super) download_breaks_at: Option<u64>,
    /// The number of open control connections.
    pub(super) sessions: usize,
    /// Files that have been taken away, with their paths.
    pub(super) taken: Vec<(String, Vec<u8>)>,
    pub(super) trouble: Trouble,
    pub(super) habits: Habits,
}

impl State {
    /// Fails once if `operation` is to fail.
    pub(super) fn fail(&mut self, operation: Operation) -> Result<(), RemoteError> {
        let found = self.failures.iter().position(|(failing, _)| *failing == operation);
        match found.and_then(|index| self.failures.remove(index)) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }

    /// An upload is complete.
    pub(super) fn complete(&mut self, path: &str) {
        self.habits.uploaded(path);
        if self.habits.is_taken(parent(path))
            && let Some(content) = self.tree.remove_file(path)
        {
            self.taken.push((path.to_owned(), content));
        }
    }
}

pub(super) fn missing() -> RemoteError {
    RemoteError::reply(550, "No such file or directory.")
}

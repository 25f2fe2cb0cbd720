//! The handle on the server.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::habits::Habits;
use super::operation::Operation;
use super::state::State;
use super::tree::resolve;
use crate::emulator::{Plan, RemoteError, ServerFault, name};

/// A handle on an FTP server in memory; clones share the same server.
///
/// Any user may log in until [`MemoryServer::add_user`] names the ones who may.
#[derive(Clone, Default)]
pub struct MemoryServer {
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for MemoryServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MemoryServer").finish_non_exhaustive()
    }
}

impl MemoryServer {
    /// Returns a server with an empty root directory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a file there, with the directories above it. The path need not be UTF-8.
    pub fn put(&self, path: impl AsRef<[u8]>, content: impl Into<Vec<u8>>) {
        let path = resolve("/", &name::from_bytes(path.as_ref()));
        self.state().tree.put(path, content.into());
    }

    /// Returns the content of a file. The path need not be UTF-8.
    #[must_use]
    pub fn file(&self, path: impl AsRef<[u8]>) -> Option<Vec<u8>> {
        self.state().tree.file(&resolve("/", &name::from_bytes(path.as_ref()))).cloned()
    }

    /// Returns the paths of all files; a byte that is not UTF-8 is a private character.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.state().tree.files().cloned().collect()
    }

    /// Makes a directory and the ones above it.
    pub fn add_directory(&self, path: &str) {
        self.state().tree.add_directories(&resolve("/", path));
    }

    /// Whether there is such a directory.
    #[must_use]
    pub fn is_directory(&self, path: &str) -> bool {
        self.state().tree.is_directory(&resolve("/", path))
    }

    /// Admits a user; from the first one on, nobody else may log in.
    pub fn add_user(&self, user: &str, password: &str) {
        self.state().users.insert(user.to_owned(), password.to_owned());
    }

    /// Makes a host name unknown to the name service.
    pub fn forget_host(&self, host: &str) {
        self.state().unknown_hosts.insert(host.to_owned());
    }

    /// Closes a port.
    pub fn refuse_port(&self, port: u16) {
        self.state().refused_ports.insert(port);
    }

    /// Makes the next `operation` fail; several failures of one operation come in order.
    pub fn fail_next(&self, operation: Operation, error: RemoteError) {
        self.state().failures.push_back((operation, error));
    }

    /// Breaks the next download after `count` bytes.
    pub fn break_download_after(&self, count: u64) {
        self.state().download_breaks_at = Some(count);
    }

    /// Fixes what any listing of `path` gives, byte for byte.
    pub fn set_listing(&self, path: &str, text: impl Into<Vec<u8>>) {
        self.state().listings.insert(resolve("/", path), text.into());
    }

    /// Makes a symbolic link at `path`. Its row in a listing has a size of its own, and ` -> target`.
    pub fn add_link(&self, path: &str, target: &str) {
        self.state().tree.add_link(resolve("/", path), target);
    }

    /// Returns what the server does its own way, to be changed. A change applies to every session from now on. Nothing
    /// else can be done with the server while the value is held.
    #[must_use]
    pub fn habits(&self) -> impl DerefMut<Target = Habits> + '_ {
        HabitsGuard(self.state())
    }

    /// Returns the files that have been taken away, with their paths.
    #[must_use]
    pub fn taken(&self) -> Vec<(String, Vec<u8>)> {
        self.state().taken.clone()
    }

    /// Makes the server misbehave once more, in addition to earlier faults.
    pub fn misbehave(&self, fault: ServerFault) {
        self.state().trouble.add(fault);
    }

    /// Makes the server misbehave as `plan` says. Earlier faults are forgotten.
    pub fn play(&self, plan: &Plan) {
        let mut state = self.state();
        state.trouble = Default::default();
        for fault in plan.server_faults() {
            state.trouble.add(fault.clone());
        }
    }

    /// Returns the number of clients that are connected.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.state().sessions
    }
}

/// The habits within the locked state.
struct HabitsGuard<'a>(MutexGuard<'a, State>);

impl Deref for HabitsGuard<'_> {
    type Target = Habits;

    fn deref(&self) -> &Habits {
        &self.0.habits
    }
}

impl DerefMut for HabitsGuard<'_> {
    fn deref_mut(&mut self) -> &mut Habits {
        &mut self.0.habits
    }
}

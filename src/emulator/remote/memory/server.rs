//! The handle on the server.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::habits::{FalseSize, ListRows};
use super::operation::Operation;
use super::tree::{State, parent, resolve};
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
    /// A server with an empty root directory.
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
        self.add_directory(parent(&path));
        self.state().files.insert(path, content.into());
    }

    /// The content of a file. The path need not be UTF-8.
    #[must_use]
    pub fn file(&self, path: impl AsRef<[u8]>) -> Option<Vec<u8>> {
        self.state().files.get(&resolve("/", &name::from_bytes(path.as_ref()))).cloned()
    }

    /// The paths of all files; a byte that is not UTF-8 is a private character.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.state().files.keys().cloned().collect()
    }

    /// Makes a directory and the ones above it.
    pub fn add_directory(&self, path: &str) {
        let mut path = resolve("/", path);
        while path != "/" {
            let above = parent(&path).to_owned();
            self.state().directories.insert(path);
            path = above;
        }
    }

    /// Whether there is such a directory.
    #[must_use]
    pub fn is_directory(&self, path: &str) -> bool {
        self.state().is_directory(&resolve("/", path))
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

    /// Fills the disk: files may not grow beyond `bytes` (reply 452).
    pub fn limit_file_size(&self, bytes: usize) {
        self.state().capacity = Some(bytes);
    }

    /// Fixes what any listing of `path` gives, byte for byte.
    pub fn set_listing(&self, path: &str, text: impl Into<Vec<u8>>) {
        self.state().listings.insert(resolve("/", path), text.into());
    }

    /// Makes `SIZE` and `MDTM` answer for directories, too, as some servers do.
    pub fn size_directories(&self) {
        self.state().sizes_directories = true;
    }

    /// Makes a symbolic link at `path`. Its row in a listing has a size of its own, and ` -> target`.
    pub fn add_link(&self, path: &str, target: &str) {
        let path = resolve("/", path);
        self.add_directory(parent(&path));
        self.state().links.insert(path, target.to_owned());
    }

    /// Sets what `SIZE` of `path` answers; `*` means every file.
    pub fn answer_size(&self, path: &str, answer: FalseSize) {
        self.state().habits.sizes.insert(named(path), answer);
    }

    /// Sets what `SIZE` of `path` answers once an upload of it is complete; `*` means every file.
    pub fn answer_size_after_upload(&self, path: &str, answer: FalseSize) {
        self.state().habits.sizes_after_upload.insert(named(path), answer);
    }

    /// Sets how the rows of `LIST` look.
    pub fn list_as(&self, rows: ListRows) {
        self.state().habits.rows = rows;
    }

    /// Makes `LIST`, `NLST` and `MLSD` list the working directory, whatever they are asked for.
    pub fn ignore_list_arguments(&self) {
        self.state().habits.ignores_list_argument = true;
    }

    /// Refuses to list files with this reply; directories are listed.
    pub fn refuse_file_lists(&self, code: u16) {
        self.state().habits.refuses_file_lists = Some(code);
    }

    /// Makes `LIST` and `NLST` take their argument for a pattern, so that a file named `a[1].bin` is not found by it.
    pub fn match_patterns(&self) {
        self.state().habits.matches_patterns = true;
    }

    /// Makes the listing of what is missing empty (`226`) instead of a refusal (`550`).
    pub fn list_missing_as_empty(&self) {
        self.state().habits.lists_missing = true;
    }

    /// Makes every listing that has rows repeat them without end. China Mobile and generic modules read a listing as a
    /// whole: they pass on its beginning.
    pub fn list_endlessly(&self) {
        self.state().habits.lists_endlessly = true;
    }

    /// Refuses `REST` with this reply, wherever an offset is given.
    pub fn refuse_restart(&self, code: u16) {
        self.state().habits.refuses_restart = Some(code);
    }

    /// Refuses `APPE` with this reply.
    pub fn refuse_append(&self, code: u16) {
        self.state().habits.refuses_append = Some(code);
    }

    /// Lets a file grow by `bytes` behind the next `SIZE` of it.
    pub fn grow_after_size(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.state().habits.growth.insert(resolve("/", path), bytes.into());
    }

    /// Takes away every file of a directory as soon as its upload is complete, as the inbox of a program does.
    pub fn take_uploads(&self, directory: &str) {
        self.add_directory(directory);
        self.state().habits.inboxes.insert(resolve("/", directory));
    }

    /// Returns the files that have been taken away, with their paths.
    #[must_use]
    pub fn taken(&self) -> Vec<(String, Vec<u8>)> {
        self.state().habits.taken.clone()
    }

    /// Makes the server misbehave once more, in addition to earlier faults.
    pub fn misbehave(&self, fault: ServerFault) {
        self.state().trouble.add(fault);
    }

    /// Makes the server misbehave as `plan` says, instead of as [`MemoryServer::misbehave`] had it.
    pub fn play(&self, plan: &Plan) {
        let mut state = self.state();
        state.trouble = Default::default();
        for fault in plan.server_faults() {
            state.trouble.add(fault.clone());
        }
    }

    /// How many clients are connected.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.state().sessions
    }
}

/// A path, or `*` as it is.
fn named(path: &str) -> String {
    if path == "*" { path.to_owned() } else { resolve("/", path) }
}

//! A file that only one program writes at a time.
//!
//! `File::try_lock` of the standard library needs Rust 1.89. On Unix `nix` does the same, with the feature `lock`.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use super::permissions::Permissions;

/// Opens a file for writing and locks it for as long as it is open. `None`: another program has locked it.
#[cfg(unix)]
pub(super) fn open(options: &mut OpenOptions, permissions: &Permissions, path: &Path) -> io::Result<Option<File>> {
    let file = permissions.open(options, path)?;
    Ok(lock(&file, Mode::Exclusive)?.then_some(file))
}

/// Whether another program has locked the file.
#[cfg(unix)]
pub(super) fn is_locked(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let file = if is_file { File::open(path).ok() } else { None };
    file.is_some_and(|file| matches!(lock(&file, Mode::Shared), Ok(false)))
}

/// With whom a lock is shared.
#[cfg(unix)]
enum Mode {
    Exclusive,
    Shared,
}

/// Locks an open file. Returns `false` if another program has locked it. On a file system without locks it locks
/// nothing.
#[cfg(all(unix, feature = "lock"))]
fn lock(file: &File, mode: Mode) -> io::Result<bool> {
    use std::os::fd::AsRawFd;

    use nix::fcntl::{FlockArg, flock};

    let how = match mode {
        Mode::Exclusive => FlockArg::LockExclusiveNonblock,
        Mode::Shared => FlockArg::LockSharedNonblock,
    };
    is_ours(flock(file.as_raw_fd(), how))
}

/// Whether this program may write a file after the attempt to lock it.
#[cfg(all(unix, feature = "lock"))]
fn is_ours(locked: nix::Result<()>) -> io::Result<bool> {
    use nix::errno::Errno;

    match locked {
        Ok(()) => Ok(true),
        Err(Errno::EWOULDBLOCK) => Ok(false),
        // A file system without locks, and NFS without a lock service (flock(2)).
        Err(Errno::EOPNOTSUPP | Errno::ENOSYS | Errno::ENOLCK) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Locks nothing.
#[cfg(all(unix, not(feature = "lock")))]
fn lock(_file: &File, _mode: Mode) -> io::Result<bool> {
    Ok(true)
}

/// Opens a file for writing, so that no other program can do so while it is open. `None`: another program has done so.
#[cfg(windows)]
pub(super) fn open(options: &mut OpenOptions, permissions: &Permissions, path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    // Others may read, rename and remove it: FILE_SHARE_READ and FILE_SHARE_DELETE.
    match permissions.open(options.share_mode(1 | 4), path) {
        Err(error) if is_sharing_violation(&error) => Ok(None),
        file => file.map(Some),
    }
}

/// Whether another program has the file open so that nobody else can write it.
#[cfg(windows)]
pub(super) fn is_locked(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    is_file && OpenOptions::new().write(true).open(path).is_err_and(|error| is_sharing_violation(&error))
}

/// ERROR_SHARING_VIOLATION.
#[cfg(windows)]
fn is_sharing_violation(error: &io::Error) -> bool {
    error.raw_os_error() == Some(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(unix, feature = "lock"))]
    #[test]
    fn a_file_system_that_cannot_lock_locks_nothing() {
        use nix::errno::Errno;
        let cases = [
            (Ok(()), Ok(true)),
            (Err(Errno::EWOULDBLOCK), Ok(false)),
            (Err(Errno::EOPNOTSUPP), Ok(true)),
            (Err(Errno::ENOSYS), Ok(true)),
            (Err(Errno::ENOLCK), Ok(true)),
            (Err(Errno::EIO), Err(Some(Errno::EIO as i32))),
        ];
        for (locked, expected) in cases {
            assert_eq!(is_ours(locked).map_err(|error| error.raw_os_error()), expected, "{locked:?}");
        }
    }

    #[test]
    fn a_file_is_locked_for_as_long_as_it_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let permissions = Permissions::of(&path);
        let opened = || open(OpenOptions::new().write(true).create(true), &permissions, &path).unwrap();
        let first = opened().unwrap();
        let copy = first.try_clone().unwrap();
        drop(first);
        assert!(opened().is_none() && is_locked(&path));
        drop(copy);
        assert!(!is_locked(&path) && opened().is_some());
    }
}

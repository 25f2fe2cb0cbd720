//! The permissions of a file that takes the place of another one.

#[cfg(unix)]
use std::fs;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// The permissions that the target had, for its successor and for what lies beside it meanwhile.
pub(super) struct Permissions {
    /// The permission bits; `None` without a target.
    #[cfg(unix)]
    mode: Option<u32>,
}

#[cfg(unix)]
impl Permissions {
    /// Returns the permissions of `target`; none are set if there is no such file.
    pub fn of(target: &Path) -> Self {
        use std::os::unix::fs::PermissionsExt;
        Permissions { mode: fs::metadata(target).ok().map(|metadata| metadata.permissions().mode() & 0o777) }
    }

    /// Opens or creates a file that nobody can read who cannot read the target.
    pub fn open(&self, options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let Some(mode) = self.mode else { return options.open(path) };
        // A later run must be able to go on with it.
        let mode = mode | 0o600;
        let file = options.mode(mode).open(path)?;
        if file.metadata()?.permissions().mode() & 0o777 != mode {
            file.set_permissions(fs::Permissions::from_mode(mode))?;
        }
        Ok(file)
    }

    /// Gives `file` the permissions of the target.
    pub fn restore(&self, file: &File) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        match self.mode {
            Some(mode) => file.set_permissions(fs::Permissions::from_mode(mode)),
            None => Ok(()),
        }
    }
}

#[cfg(not(unix))]
impl Permissions {
    /// Other systems take them from the folder.
    pub fn of(_: &Path) -> Self {
        Permissions {}
    }

    /// Opens or creates a file.
    pub fn open(&self, options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        options.open(path)
    }

    /// Does nothing.
    pub fn restore(&self, _: &File) -> io::Result<()> {
        Ok(())
    }
}

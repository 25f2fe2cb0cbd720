//! The folder of a file, and when it is on the disk.

#[cfg(unix)]
use std::fs::File;
use std::io;
use std::path::Path;

/// Writes the folder of `file` to the disk, so that a power cut does not undo a renaming in it.
///
/// # Errors
/// The disk fails. A folder that cannot be opened for reading, or a file system that cannot do it, is no error.
#[cfg(unix)]
pub(super) fn sync(file: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if !matches!(error.kind(), PermissionDenied | InvalidInput | Unsupported) => {
            Err(io::Error::new(error.kind(), format!("{}: {error}", folder.display())))
        }
        _ => Ok(()),
    }
}

/// The standard library cannot open a folder here.
#[cfg(not(unix))]
pub(super) fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_file_is_synced() {
        let folder = tempfile::tempdir().unwrap();
        sync(&folder.path().join("file")).unwrap();
        sync(Path::new("file")).unwrap();
        assert_eq!(sync(&folder.path().join("missing/file")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

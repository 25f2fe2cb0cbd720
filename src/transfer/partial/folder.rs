//! The folder of a file: what a name in it means, and when it is on the disk.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Longest chain of links that is followed, as on Linux.
const MOST_LINKS: usize = 40;

/// Returns the file that `path` names, through links. It need not be there.
///
/// # Errors
/// The links lead in a circle.
pub(super) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut file = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(there) = fs::canonicalize(&file) {
            return Ok(there);
        }
        let Ok(next) = fs::read_link(&file) else { return Ok(file) };
        file = file.parent().map_or_else(|| next.clone(), |folder| folder.join(&next));
    }
    let words = format!("{} is a link that leads nowhere", path.display());
    Err(io::Error::new(io::ErrorKind::InvalidInput, words))
}

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

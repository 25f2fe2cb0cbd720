//! Server paths, for modules that have no current directory of their own.

use crate::error::{Error, ErrorKind, Result};

/// The path that `path` means in `directory`, which is absolute: `.` and `..` resolved, no slash at the end but the
/// root's.
pub fn join(directory: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// As [`join`], for the path of a directory that is there; an empty one is the current directory.
///
/// # Errors
/// None; the form is that of the other two.
pub fn directory_of_session(directory: &str, path: &str) -> Result<String> {
    Ok(join(directory, path))
}

/// As [`join`], for the path of a file, which has a name.
///
/// # Errors
/// [`ErrorKind::InvalidInput`].
pub fn file(directory: &str, path: &str) -> Result<String> {
    if path.is_empty() || path.ends_with('/') {
        return Err(Error::new(ErrorKind::InvalidInput, format!("{path:?} does not name a file")));
    }
    Ok(join(directory, path))
}

/// As [`join`], for the path of a directory that is to be made or removed: an empty one would be the current directory.
///
/// # Errors
/// [`ErrorKind::InvalidInput`].
pub fn directory(directory: &str, path: &str) -> Result<String> {
    if path.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "an empty path does not name a directory"));
    }
    Ok(join(directory, path))
}

/// An absolute path as its directory (with a slash at its end) and its last part.
pub fn split(path: &str) -> (&str, &str) {
    let end = path.rfind('/').map_or(0, |slash| slash + 1);
    path.split_at_checked(end).unwrap_or((path, ""))
}

/// As [`split`], with the directory as a command takes it: without the slash at its end, but the root's.
pub fn parent(path: &str) -> (&str, &str) {
    let (directory, name) = split(path);
    match directory.trim_end_matches('/') {
        "" if !directory.is_empty() => ("/", name),
        directory => (directory, name),
    }
}

/// What is behind the last slash, in a path or in the name that a listing has.
pub fn last_part(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining() {
        for (directory, path, joined) in [
            ("/", "a", "/a"),
            ("/", "", "/"),
            ("/", "/", "/"),
            ("/a/b", "c", "/a/b/c"),
            ("/a/b", "/c", "/c"),
            ("/a/b", "..", "/a"),
            ("/a", "../../..", "/"),
            ("/a", "./b//c/", "/a/b/c"),
            ("/a", "b..c", "/a/b..c"),
        ] {
            assert_eq!(join(directory, path), joined, "{directory} + {path}");
        }
    }

    #[test]
    fn splitting() {
        for (path, directory, parent_directory, name) in [
            ("/a", "/", "/", "a"),
            ("/a/b", "/a/", "/a", "b"),
            ("/", "/", "/", ""),
            ("a", "", "", "a"),
            ("//a", "//", "/", "a"),
        ] {
            assert_eq!(split(path), (directory, name), "{path}");
            assert_eq!(parent(path), (parent_directory, name), "{path}");
            assert_eq!(last_part(path.as_bytes()), name.as_bytes(), "{path}");
        }
    }
}

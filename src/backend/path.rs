//! Server paths: what modules state of them, and what they mean where a module has no current directory of its own.

use crate::at::{Field, Line};
use crate::charset::Charset;
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

/// What a path names, where the driver keeps the current directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// A file, which has a name.
    File,
    /// A directory that exists. An empty path names the current directory.
    ExistingDirectory,
    /// A directory to create or remove. An empty path is refused.
    NamedDirectory,
}

impl Resolution {
    /// Makes `path` absolute as [`join`] does.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a path that names nothing of this kind.
    pub fn resolve(self, directory: &str, path: &str) -> Result<String> {
        match self {
            Resolution::File if path.is_empty() || path.ends_with('/') => {
                Err(Error::new(ErrorKind::InvalidInput, format!("{path:?} does not name a file")))
            }
            Resolution::NamedDirectory if path.is_empty() => {
                Err(Error::new(ErrorKind::InvalidInput, "an empty path does not name a directory"))
            }
            _ => Ok(join(directory, path)),
        }
    }
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

/// The directory in field `index` of a result, which is the last field. It comes with and without quotation marks; a
/// bare path may hold commas.
pub fn of_directory(line: &Line, index: usize, charset: Charset) -> Option<String> {
    let line = line.information()?;
    match line.fields.get(index)? {
        Field::Quoted(path) => Some(charset.decode(&path).into_owned()),
        // A mark that is not closed: the rest of the line is lost.
        Field::Bare(path) if path.starts_with(b"\"") => None,
        Field::Bare(_) => {
            let path = line.body.splitn(index + 1, |byte| *byte == b',').nth(index)?;
            Some(charset.decode(path.trim_ascii()).into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_comes_with_and_without_quotation_marks() {
        for (line, expected) in [
            ("+MFTPPWD: 0,0,/home/uftp", Some("/home/uftp")),
            ("+MFTPPWD: 0,0,\"/home/uftp\"", Some("/home/uftp")),
            ("+MFTPPWD: 0,0,/a,b", Some("/a,b")),
            ("+MFTPPWD: 0,0,\"/a,b\"", Some("/a,b")),
            ("+MFTPPWD: 0,0,\"/a", None),
            ("+MFTPPWD: 0,0", None),
        ] {
            assert_eq!(of_directory(&Line::new(line.as_bytes()), 2, Charset::UTF_8).as_deref(), expected, "{line}");
        }
    }

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
    fn a_path_must_name_what_it_is_resolved_as() {
        use Resolution::{ExistingDirectory, File, NamedDirectory};
        for (resolution, path, resolved) in [
            (File, "b", Some("/a/b")),
            (File, "", None),
            (File, "b/", None),
            (ExistingDirectory, "", Some("/a")),
            (ExistingDirectory, "b/", Some("/a/b")),
            (NamedDirectory, "", None),
            (NamedDirectory, "b/", Some("/a/b")),
        ] {
            assert_eq!(resolution.resolve("/a", path).ok().as_deref(), resolved, "{resolution:?} {path:?}");
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

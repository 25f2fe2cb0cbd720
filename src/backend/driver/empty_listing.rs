//! Directories without entries: some servers answer a listing of a directory that does not exist with 226 and no rows.

use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::dialect::Dialect;
use crate::backend::path;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Entry, EntryKind};

/// Checks that the listing of its parent directory has a path whose own listing is empty. A path whose parent cannot be
/// listed passes.
///
/// # Errors
/// [`ErrorKind::Unavailable`]: it does not exist.
pub(super) fn check_existence<D: Dialect>(dialect: &mut D, cx: &mut Context, path: &str) -> Result<()> {
    let (parent, name) = path::parent(path.trim_end_matches('/'));
    if !is_listed_if_it_exists(path, name) {
        return Ok(());
    }
    match dialect.list(cx, parent) {
        Ok(entries) if entries.iter().any(|entry| may_be(entry, name)) => Ok(()),
        Ok(_) => {
            let detail = format!("its listing is empty, and the listing of its directory does not have {name:?}");
            Err(Error::new(ErrorKind::Unavailable, detail))
        }
        Err(error) if says_nothing(error.kind()) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether a directory of this path has a row of its name: it is no option of `LIST`, no pattern, not the root, and not
/// hidden.
fn is_listed_if_it_exists(path: &str, name: &str) -> bool {
    !(path.starts_with('-') || name.is_empty() || name.starts_with('.') || name.contains(['*', '?', '[']))
}

/// Whether a row may be that of `name`. Servers may ignore the case of names, and put the path before them; the name of
/// a row in a form of the server's own may be anywhere in it.
fn may_be(entry: &Entry, name: &str) -> bool {
    let name = name.as_bytes();
    match entry.kind {
        EntryKind::File | EntryKind::Directory => path::last_part(&entry.name).eq_ignore_ascii_case(name),
        _ => entry.name.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name)),
    }
}

/// Whether a listing failed in a way that says nothing of what is in it.
fn says_nothing(kind: ErrorKind) -> bool {
    use ErrorKind::{DataConnection, ServerBusy, ServerRefused, Unavailable};
    matches!(kind, Unavailable | ServerRefused | ServerBusy | DataConnection) || is_refusal(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_may_have_the_name_in_many_forms() {
        for (row, kind, expected) in [
            ("pub", EntryKind::Directory, true),
            ("PUB", EntryKind::Directory, true),
            ("/in/pub", EntryKind::Directory, true),
            ("pub2", EntryKind::Directory, false),
            ("pub ->", EntryKind::Link, true),
            ("[pub.dir;1]", EntryKind::Other, true),
            ("in", EntryKind::Other, false),
        ] {
            assert_eq!(may_be(&Entry::listed(row.as_bytes(), row.as_bytes(), kind), "pub"), expected, "{row}");
        }
    }

    #[test]
    fn not_every_path_is_listed_by_its_directory() {
        for (path, name, expected) in [
            ("/a", "a", true),
            ("a", "a", true),
            ("/", "", false),
            ("", "", false),
            ("/.a", ".a", false),
            ("..", "..", false),
            ("-la", "-la", false),
            ("/*.csv", "*.csv", false),
        ] {
            assert_eq!(is_listed_if_it_exists(path, name), expected, "{path}");
        }
    }
}

//! Who may open a port.

use std::fmt;
use std::path::Path;

/// Why a port may not be opened, and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denied {
    /// The group that may open the port, where it is not root's own.
    pub group: Option<String>,
}

/// What to do next, as a part of a sentence: `add your user to the group dialout: …`.
impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.group {
            Some(group) => write!(
                f,
                "the group {group} may open it: run sudo usermod -aG {group} $USER, then log out and in again"
            ),
            None => f.write_str("only root may open it: run the program with sudo, or set the group by a udev rule"),
        }
    }
}

/// Returns why this user may not open the port `path`.
#[cfg(unix)]
pub(super) fn denied(root: &Path, path: &Path) -> Option<Denied> {
    use std::os::unix::fs::MetadataExt;

    let port = std::fs::metadata(path).ok()?;
    let may_group = port.mode() & 0o060 == 0o060 && port.gid() != 0;
    Some(Denied { group: if may_group { Some(group(root, port.gid())) } else { None } })
}

/// Returns why this user may not open the port `path`. Unknown on this operating system.
#[cfg(not(unix))]
pub(super) fn denied(_: &Path, _: &Path) -> Option<Denied> {
    None
}

/// Returns the name of a group from `/etc/group`, or its number.
#[cfg(unix)]
fn group(root: &Path, number: u32) -> String {
    let groups = std::fs::read_to_string(root.join("etc/group")).unwrap_or_default();
    let named = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| number.to_string())
}

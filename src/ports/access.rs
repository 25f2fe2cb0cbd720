//! Who may open a port.

use std::fmt;
use std::path::Path;

/// The reason why a user may not open a port, and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denied {
    /// The group that may open the port, where it is not root's own.
    pub group: Option<String>,
    /// Whether this user is a member of the group. A session that began before does not have the new rights.
    pub is_member: bool,
}

/// What to do next, as a part of a sentence: `add your user to the group dialout: …`.
impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.group {
            Some(group) if self.is_member => {
                write!(f, "your user is in the group {group}, but this session is not: log out and in again")
            }
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
    if !may_group {
        return Some(Denied { group: None, is_member: false });
    }
    let groups = std::fs::read_to_string(root.join("etc/group")).unwrap_or_default();
    // name:password:number:members
    let mut entries = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let entry = entries.find(|entry| entry.get(2).and_then(|number| number.parse().ok()) == Some(port.gid()));
    let field = |index: usize| entry.as_ref().and_then(|entry| entry.get(index).copied());
    let group = field(0).map_or_else(|| port.gid().to_string(), str::to_owned);
    let members = field(3).unwrap_or_default();
    let is_member = user(root).is_some_and(|user| members.split(',').any(|member| member == user));
    Some(Denied { group: Some(group), is_member })
}

/// Returns the name of this user from `/etc/passwd`.
#[cfg(unix)]
fn user(root: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    let number = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string(root.join("etc/passwd")).ok()?;
    let mut entries = users.lines().map(|line| line.split(':'));
    let mut entry = entries.find(|entry| entry.clone().nth(2) == Some(number.as_str()))?;
    entry.next().map(str::to_owned)
}

/// Returns why this user may not open the port `path`. Unknown on this operating system.
#[cfg(not(unix))]
pub(super) fn denied(_: &Path, _: &Path) -> Option<Denied> {
    None
}

//! Programs that use a port, from `/proc`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A running program. As text: `minicom (process 1234)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Program {
    /// Process number.
    pub process: u32,
    /// Name.
    pub name: String,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.process)
    }
}

/// Returns the programs that have `port` open, but for this one.
pub(super) fn holders(root: &Path, port: &Path) -> Vec<Program> {
    let Ok(device) = fs::canonicalize(port) else { return Vec::new() };
    let has_open = |folder: &Path| {
        let descriptors = fs::read_dir(folder.join("fd")).into_iter().flatten().flatten();
        descriptors.into_iter().any(|descriptor| fs::read_link(descriptor.path()).is_ok_and(|file| file == device))
    };
    let own = std::process::id();
    let others = processes(root).filter(|(process, _)| *process != own);
    others.filter(|(_, folder)| has_open(folder)).filter_map(|(process, folder)| program(process, &folder)).collect()
}

/// Returns the first program called `name`.
pub(super) fn named(root: &Path, name: &str) -> Option<Program> {
    processes(root).filter_map(|(process, folder)| program(process, &folder)).find(|program| program.name == name)
}

/// Returns the processes with their folders, in ascending order.
fn processes(root: &Path) -> impl Iterator<Item = (u32, PathBuf)> {
    let entries = fs::read_dir(root.join("proc")).into_iter().flatten().flatten();
    let numbered = |entry: fs::DirEntry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path()));
    let mut processes: Vec<(u32, PathBuf)> = entries.filter_map(numbered).collect();
    processes.sort();
    processes.into_iter()
}

fn program(process: u32, folder: &Path) -> Option<Program> {
    let name = fs::read(folder.join("comm")).ok()?;
    Some(Program { process, name: String::from_utf8_lossy(&name).trim().to_owned() })
}

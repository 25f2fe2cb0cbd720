//! The commands without data: Quectel EC2x FTP(S) application note V1.0 §2.3, §2.4, §2.7 to §2.10, §2.14 and
//! §2.15.

use super::failure::Refused;
use super::options::QuectelOptions;
use crate::emulator::command::Command;
use crate::emulator::remote::{Remote, RemoteError};

/// A command without data.
pub(super) enum Control {
    Directory,
    Change(String),
    Size(String),
    Modified(String),
    Delete(String),
    MakeDirectory(String),
    RemoveDirectory(String),
    Rename(String, String),
}

impl Control {
    pub(super) fn parse(command: &Command<'_>, options: &QuectelOptions) -> Result<Self, Refused> {
        if command.name == "+QFTPPWD" {
            return Ok(Self::Directory);
        }
        let mut list = command.parameters()?;
        let path = list.quoted(1..=options.name_limit)?;
        let control = match command.name.as_str() {
            "+QFTPCWD" => Self::Change(path),
            "+QFTPSIZE" => Self::Size(path),
            "+QFTPMDTM" => Self::Modified(path),
            "+QFTPDEL" => Self::Delete(path),
            "+QFTPMKDIR" => Self::MakeDirectory(path),
            "+QFTPRMDIR" => Self::RemoveDirectory(path),
            _ => Self::Rename(path, list.quoted(1..=options.name_limit)?),
        };
        list.end()?;
        Ok(control)
    }

    /// What follows the 0 of the result line.
    pub(super) fn run(&self, remote: &mut dyn Remote, quoted_directory: bool) -> Result<String, RemoteError> {
        let done = |(): ()| "0".to_owned();
        match self {
            Self::Directory => remote
                .pwd()
                .map(|path| if quoted_directory { format!("\"{}\"", path.replace('"', "\"\"")) } else { path }),
            Self::Change(path) => remote.cwd(path).map(done),
            Self::Size(path) => remote.size_text(path),
            Self::Modified(path) => remote.modified(path).map(|time| format!("\"{time}\"")),
            Self::Delete(path) => remote.remove(path).map(done),
            Self::MakeDirectory(path) => remote.make_dir(path).map(done),
            Self::RemoveDirectory(path) => remote.remove_dir(path).map(done),
            Self::Rename(from, to) => remote.rename(from, to).map(done),
        }
    }
}

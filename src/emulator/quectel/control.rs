//! The commands without data: Quectel EC2x FTP(S) application note V1.0 §2.3, §2.4, §2.7 to §2.10, §2.14 and §2.15.

use super::Quectel;
use super::failure::Refused;
use super::session::{State, Work};
use crate::emulator::command::{Command, Parameters};
use crate::emulator::modem::Modem;
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
    /// What stands behind the 0 of the result line.
    pub(super) fn run(&self, remote: &mut dyn Remote, quoted_directory: bool) -> Result<String, RemoteError> {
        let done = |(): ()| "0".to_owned();
        match self {
            Self::Directory => remote
                .pwd()
                .map(|path| if quoted_directory { format!("\"{}\"", path.replace('"', "\"\"")) } else { path }),
            Self::Change(path) => remote.cwd(path).map(done),
            Self::Size(path) => remote.size(path).map(|size| size.to_string()),
            Self::Modified(path) => remote.modified(path).map(|time| format!("\"{time}\"")),
            Self::Delete(path) => remote.remove(path).map(done),
            Self::MakeDirectory(path) => remote.make_dir(path).map(done),
            Self::RemoveDirectory(path) => remote.remove_dir(path).map(done),
            Self::Rename(from, to) => remote.rename(from, to).map(done),
        }
    }
}

impl Quectel {
    /// A command without data: `OK` now, its result later.
    pub(super) fn control(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let name = command.name.as_str();
        let control = if name == "+QFTPPWD" {
            Control::Directory
        } else {
            let mut list = command.parameters()?;
            let path = self.remote_name(&mut list)?;
            let control = match name {
                "+QFTPCWD" => Control::Change(path),
                "+QFTPSIZE" => Control::Size(path),
                "+QFTPMDTM" => Control::Modified(path),
                "+QFTPDEL" => Control::Delete(path),
                "+QFTPMKDIR" => Control::MakeDirectory(path),
                "+QFTPRMDIR" => Control::RemoveDirectory(path),
                _ => Control::Rename(path, self.remote_name(&mut list)?),
            };
            list.end()?;
            control
        };
        let overlaps = self.options.overlapping_commands
            && self.session.state == State::Idle
            && self.session.put.is_none()
            && self.session.job.is_some();
        if !overlaps {
            self.ready()?;
        }
        modem.ok();
        if overlaps {
            self.session.waiting.push_back((name.to_owned(), control));
        } else {
            self.begin(name, Work::Control(control), modem);
        }
        Ok(())
    }

    /// A name on the server, in quotes.
    pub(super) fn remote_name(&self, list: &mut Parameters<'_>) -> Result<String, Refused> {
        Ok(list.quoted(1..=self.options.name_limit)?.to_owned())
    }
}

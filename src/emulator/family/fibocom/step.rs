//! Commands that are one request to the server and one answer.

use super::limits::NAME;
use crate::emulator::command::{Command, Form, Malformed};
use crate::emulator::remote::{Remote, RemoteError};

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    ChangeDir(String),
    Up,
    MakeDir(String),
    RemoveDir(String),
    Remove(String),
    Rename(String, String),
    Noop,
    Restart(u64),
    WorkingDir,
    Size(String),
    System,
    Status(String),
}

impl Step {
    /// `None` if `name` has no such form.
    pub(super) fn parse(name: &str, command: &Command<'_>) -> Result<Option<Self>, Malformed> {
        match command.form {
            Form::Execute => Ok(match name {
                "FTPCDUP" => Some(Self::Up),
                "FTPNOOP" => Some(Self::Noop),
                "FTPPWD" => Some(Self::WorkingDir),
                "FTPSYST" => Some(Self::System),
                "FTPSTAT" => Some(Self::Status(String::new())),
                _ => None,
            }),
            Form::Set => {
                let mut list = command.parameters()?;
                if name == "FTPREST" {
                    let offset = list.number(0..=u64::MAX)?;
                    return list.end().map(|()| Some(Self::Restart(offset)));
                }
                let make = match name {
                    "FTPCWD" => Self::ChangeDir,
                    "FTPMKD" => Self::MakeDir,
                    "FTPRMD" => Self::RemoveDir,
                    "FTPDEL" => Self::Remove,
                    "FTPSIZE" => Self::Size,
                    "FTPSTAT" => Self::Status,
                    "FTPREN" => |path| Self::Rename(path, String::new()),
                    _ => return Ok(None),
                };
                let mut step = make(list.quoted(1..=NAME)?);
                if let Self::Rename(_, to) = &mut step {
                    list.quoted(1..=NAME)?.clone_into(to);
                }
                list.end().map(|()| Some(step))
            }
            Form::Read | Form::Test => Ok(None),
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::ChangeDir(_) => "FTPCWD",
            Self::Up => "FTPCDUP",
            Self::MakeDir(_) => "FTPMKD",
            Self::RemoveDir(_) => "FTPRMD",
            Self::Remove(_) => "FTPDEL",
            Self::Rename(..) => "FTPREN",
            Self::Noop => "FTPNOOP",
            Self::Restart(_) => "FTPREST",
            Self::WorkingDir => "FTPPWD",
            Self::Size(_) => "FTPSIZE",
            // No public document shows the answers of these two: they are invented in analogy to AT+FTPPWD.
            Self::System => "FTPSYST",
            Self::Status(_) => "FTPSTAT",
        }
    }

    /// The request as it goes to the server, and the server's word when it succeeds.
    pub(super) fn conversation(&self) -> (String, &'static str) {
        match self {
            Self::ChangeDir(path) => (format!("CWD {path}"), "250 Directory successfully changed."),
            Self::Up => ("CDUP".to_owned(), "250 Directory successfully changed."),
            Self::MakeDir(path) => (format!("MKD {path}"), "257 Directory created."),
            Self::RemoveDir(path) => (format!("RMD {path}"), "250 Remove directory operation successful."),
            Self::Remove(path) => (format!("DELE {path}"), "250 Delete operation successful."),
            Self::Rename(_, to) => (format!("RNTO {to}"), "250 Rename successful."),
            Self::Noop => ("NOOP".to_owned(), "200 NOOP ok."),
            Self::Restart(offset) => (format!("REST {offset}"), "350 Restart position accepted."),
            Self::WorkingDir => ("PWD".to_owned(), "257"),
            Self::Size(path) => (format!("SIZE {path}"), "213"),
            Self::System => ("SYST".to_owned(), "215"),
            Self::Status(path) if path.is_empty() => ("STAT".to_owned(), "211"),
            Self::Status(path) => (format!("STAT {path}"), "213"),
        }
    }

    /// Asks the server and returns its answer.
    pub(super) fn perform(&self, remote: &mut dyn Remote) -> Result<Option<String>, RemoteError> {
        match self {
            Self::ChangeDir(path) => remote.cwd(path)?,
            Self::Up => remote.cwd("..")?,
            Self::MakeDir(path) => remote.make_dir(path)?,
            Self::RemoveDir(path) => remote.remove_dir(path)?,
            Self::Remove(path) => remote.remove(path)?,
            Self::Rename(from, to) => remote.rename(from, to)?,
            Self::Noop => drop(remote.command("NOOP")?),
            // The server forgets it with the next command, so it goes out with the transfer.
            Self::Restart(_) => {}
            Self::WorkingDir => return remote.pwd().map(|path| Some(format!("\"{path}\""))),
            Self::Size(path) => return remote.size_text(path).map(Some),
            Self::System | Self::Status(_) => {
                return remote.command(&self.conversation().0).map(|(_, text)| Some(text));
            }
        }
        Ok(None)
    }
}

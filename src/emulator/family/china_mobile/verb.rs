//! The commands that work on a connection, and what they are asked to do.

use super::code::{BAD_PARAMETER, Refused};
use super::config::Config;
use crate::emulator::command::{Parameters, Value};

/// Names, paths, user and password have at most 255 bytes.
const NAME: usize = 255;
/// The longest piece of an upload in data mode.
pub(super) const LONGEST_PIECE: usize = 4096;
/// The longest piece within a command line (OneMO FTP AT manual V3.1.0 §3.11 note 5).
const LONGEST_INLINE: u64 = 1024;

/// A command that ends with a result line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Connect,
    Disconnect,
    ChangeDirectory,
    Directory,
    MakeDirectory,
    List,
    Delete,
    Rename,
    Retrieve,
    Append,
    Store,
}

/// Where the data of an upload comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Transparent mode.
    Transparent,
    /// A prompt, then this many bytes, or up to Ctrl-Z.
    Prompt { last: bool, length: Option<u64> },
    /// The command line.
    Inline { last: bool, data: Vec<u8> },
    /// A file in the module.
    File(String),
}

/// What is to be done on a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    Connect { host: String, user: String, password: String, port: u16 },
    Disconnect,
    ChangeDirectory(String),
    Directory,
    MakeDirectory(String),
    List(String),
    Delete(String),
    Rename(String, String),
    Retrieve { file: String, local: Option<String>, offset: u64, length: Option<u64> },
    Upload { file: String, source: Source },
}

impl Verb {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "+MFTPCONN" => Self::Connect,
            "+MFTPDISC" => Self::Disconnect,
            "+MFTPCWD" => Self::ChangeDirectory,
            "+MFTPPWD" => Self::Directory,
            "+MFTPMKD" => Self::MakeDirectory,
            "+MFTPLIST" => Self::List,
            "+MFTPDEL" => Self::Delete,
            "+MFTPRN" => Self::Rename,
            "+MFTPRETR" => Self::Retrieve,
            "+MFTPAPPE" => Self::Append,
            "+MFTPSTOR" => Self::Store,
            _ => return None,
        })
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Connect => "+MFTPCONN",
            Self::Disconnect => "+MFTPDISC",
            Self::ChangeDirectory => "+MFTPCWD",
            Self::Directory => "+MFTPPWD",
            Self::MakeDirectory => "+MFTPMKD",
            Self::List => "+MFTPLIST",
            Self::Delete => "+MFTPDEL",
            Self::Rename => "+MFTPRN",
            Self::Retrieve => "+MFTPRETR",
            Self::Append => "+MFTPAPPE",
            Self::Store => "+MFTPSTOR",
        }
    }

    /// The answer to the test form, free fields as bare commas.
    pub(super) fn range(self) -> String {
        let tail = match self {
            Self::Connect => ",,,,(0-65535)",
            Self::Disconnect | Self::Directory => "",
            Self::ChangeDirectory | Self::MakeDirectory | Self::List | Self::Delete => ",",
            Self::Rename => ",,",
            Self::Retrieve => ",[,[,<offset>[,<length>]]]",
            Self::Append | Self::Store => ",,,,",
        };
        format!("{}: (0-5){tail}", self.name())
    }

    /// The error of its own (OneMO FTP AT manual V3.1.0 §5, table 4).
    pub(super) const fn error(self) -> u16 {
        match self {
            Self::Connect => 803,
            Self::Disconnect => 804,
            Self::ChangeDirectory => 805,
            Self::Directory => 806,
            Self::MakeDirectory => 807,
            Self::List => 808,
            Self::Delete => 809,
            Self::Rename => 810,
            Self::Retrieve => 811,
            Self::Store => 812,
            Self::Append => 813,
        }
    }

    pub(super) const fn is_upload(self) -> bool {
        matches!(self, Self::Append | Self::Store)
    }

    /// What the parameters behind the connection id ask for.
    pub(super) fn request(self, list: &mut Parameters<'_>, config: &Config) -> Result<Request, Refused> {
        let request = match self {
            Self::Connect => Request::Connect {
                host: list.quoted(1..=NAME)?,
                user: list.optional_quoted(0..=NAME)?.unwrap_or_default(),
                password: list.optional_quoted(0..=NAME)?.unwrap_or_default(),
                port: u16::try_from(list.optional_number(0..=65535)?.unwrap_or(21))
                    .map_err(|_| Refused(BAD_PARAMETER))?,
            },
            Self::Disconnect => Request::Disconnect,
            Self::Directory => Request::Directory,
            Self::ChangeDirectory => Request::ChangeDirectory(name(list)?),
            Self::MakeDirectory => Request::MakeDirectory(name(list)?),
            Self::List => Request::List(name(list)?),
            Self::Delete => Request::Delete(name(list)?),
            Self::Rename => Request::Rename(name(list)?, name(list)?),
            Self::Retrieve => {
                let file = name(list)?;
                let local = list.optional_quoted(0..=NAME)?.filter(|_| config.uses_files());
                if config.uses_files() && local.as_ref().is_none_or(String::is_empty) {
                    return Err(Refused(BAD_PARAMETER));
                }
                Request::Retrieve {
                    file,
                    local,
                    offset: list.optional_number(0..=u64::from(u32::MAX))?.unwrap_or(0),
                    length: list.optional_number(0..=u64::from(u32::MAX))?,
                }
            }
            Self::Append | Self::Store => Request::Upload {
                file: name(list)?,
                source: if config.uses_files() { Source::File(name(list)?) } else { source(list)? },
            },
        };
        list.end()?;
        Ok(request)
    }
}

fn name(list: &mut Parameters<'_>) -> Result<String, Refused> {
    Ok(list.quoted(1..=NAME)?)
}

/// `[,<eof>[,<length>[,<data>]]]`
fn source(list: &mut Parameters<'_>) -> Result<Source, Refused> {
    let last = list.optional_number(0..=1)?;
    let length = list.optional_number(1..=LONGEST_PIECE as u64)?;
    let data = list.value();
    Ok(match (last, length, data) {
        (None, None, Value::Absent) => Source::Transparent,
        (Some(last), length, Value::Absent) => Source::Prompt { last: last == 1, length },
        (Some(last), Some(length), Value::Quoted(data)) if data.len() as u64 == length && length <= LONGEST_INLINE => {
            Source::Inline { last: last == 1, data: data.to_vec() }
        }
        _ => return Err(Refused(BAD_PARAMETER)),
    })
}

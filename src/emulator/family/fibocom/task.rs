//! What the server is asked.

use super::limits::NAME;
use super::options::FibocomOptions;
use super::refused::Refused;
use super::server::Server;
use super::sink::Sink;
use super::step::Step;
use crate::emulator::command::{Command, Form, Malformed, Parameters, Value, number};

/// What the server is being asked.
pub(super) enum Task {
    Open(Server),
    Close,
    Step(Step),
    List(String),
    Get(Request),
    Retrieve(Request),
    Store(Target),
    Put(Target, Piece),
    FinishStore(Sink),
    FinishPut(Sink),
}

impl Task {
    /// The operation that a command begins which is answered with `OK` at once; `None` if `name` has no such form.
    pub(super) fn parse(name: &str, command: &Command<'_>, options: &FibocomOptions) -> Result<Option<Self>, Refused> {
        Ok(Some(match (name, command.form) {
            ("FTPLIST", Form::Execute) => Self::List(String::new()),
            ("FTPLIST", Form::Set) => {
                let mut list = command.parameters()?;
                let path = list.quoted(1..=NAME)?;
                list.end()?;
                Self::List(path)
            }
            ("FTPGET", Form::Set) => {
                let mut request = Request::parse(command)?;
                if options.get_offset_ignored {
                    request.offset = Some(0);
                }
                Self::Get(request)
            }
            ("FTPRETR", Form::Set) => Self::Retrieve(Request::parse(command)?),
            ("FTPSTOR", Form::Set) => {
                let mut list = command.parameters()?;
                let name = list.quoted(1..=NAME)?;
                Self::Store(Target::new(name, list)?)
            }
            _ => return Ok(Step::parse(name, command)?.map(Self::Step)),
        }))
    }

    /// The command whose result line will report the outcome.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "FTPOPEN",
            Self::Close => "FTPCLOSE",
            Self::Step(step) => step.name(),
            Self::List(_) => "FTPLIST",
            Self::Get(_) => "FTPGET",
            Self::Retrieve(_) => "FTPRETR",
            Self::Store(_) | Self::FinishStore(_) => "FTPSTOR",
            Self::Put(..) | Self::FinishPut(_) => "FTPPUT",
        }
    }
}

/// A file and the part of it that is wanted.
pub(super) struct Request {
    pub(super) name: String,
    pub(super) ascii: bool,
    pub(super) offset: Option<u64>,
    pub(super) size: Option<u64>,
}

impl Request {
    /// `="<name>"[,<type>[,<offset>[,<size>]]]`
    fn parse(command: &Command<'_>) -> Result<Self, Malformed> {
        let mut list = command.parameters()?;
        let name = list.quoted(1..=NAME)?;
        let ascii = is_ascii(list.optional_number(0..=1)?);
        let offset = list.optional_number(0..=u64::MAX)?;
        let size = optional_size(list.value())?;
        list.end()?;
        Ok(Self { name, ascii, offset, size })
    }
}

/// The file to store.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) ascii: bool,
    pub(super) offset: Option<u64>,
}

impl Target {
    /// The parameters that end the list: `[,<type>[,<offset>]]`.
    fn new(name: String, mut list: Parameters<'_>) -> Result<Self, Malformed> {
        let ascii = is_ascii(list.optional_number(0..=1)?);
        let offset = list.optional_number(0..=u64::MAX)?;
        list.end()?;
        Ok(Self { name, ascii, offset })
    }
}

/// A piece of `AT+FTPPUT`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) length: u64,
    pub(super) last: bool,
}

impl Piece {
    /// `AT+FTPPUT="<name>",<length>,<end of file>[,<type>[,<offset>]]`
    pub(super) fn parse(command: &Command<'_>, options: &FibocomOptions) -> Result<(Target, Self), Refused> {
        let mut list = command.parameters()?;
        let name = list.quoted(1..=NAME)?;
        let length = list.number(0..=options.put_max)?;
        let last = list.number(0..=1)? == 1;
        let target = Target::new(name, list)?;
        if length == 0 && !(last && options.put_empty) {
            return Err(Refused::Parameters);
        }
        Ok((target, Self { length, last }))
    }
}

/// A file type: 0 is ASCII, 1 binary.
fn is_ascii(value: Option<u64>) -> bool {
    value == Some(0)
}

/// A count; any negative value means everything.
fn optional_size(value: Value<'_>) -> Result<Option<u64>, Malformed> {
    match value {
        Value::Absent => Ok(None),
        Value::Quoted(_) => Err(Malformed),
        Value::Bare(text) => {
            let digits = text.strip_prefix(b"-");
            let number = number(digits.unwrap_or(text), 0..=u64::MAX)?;
            if digits == Some(b"") {
                return Err(Malformed);
            }
            Ok(digits.is_none().then_some(number))
        }
    }
}

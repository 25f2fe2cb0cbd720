//! The generic `FTPSERV` dialect: UC8088 FTP manual.
//!
//! Everything is synchronous: whatever the network has to say comes before `OK`, and nothing comes unsolicited.

pub(crate) mod options;
pub(super) mod profiles;
#[cfg(test)]
pub(super) mod sample;
mod settings;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::net::Ipv4Addr;

use crate::emulator::choices::Identity;
use crate::emulator::command::{Command, Form, Malformed, number, text};
use crate::emulator::dialect::{Dialect, Handled};
use crate::emulator::modem::Modem;
use crate::emulator::queue::{Stream, StreamEnd};
use crate::emulator::remote::{Listing, NetworkCause, Remote, RemoteError, StoreMode, Tls, Upload};
use options::{
    EndOfFile, GenericOptions, GetFraming, GetSource, ListLength, PathEffect, PortForm, PutEnd, ServerFailure,
};
use settings::Settings;

/// Names, paths, user and password have at most 64 bytes.
const NAME: usize = 64;
/// The longest listing: its length comes first, so that the module has to keep all of it. The size is invented.
const LISTING: u64 = 1024 * 1024;
/// The most that a download keeps before its length is announced. The size is invented.
const BUFFER: u64 = 64 * 1024 * 1024;
/// The commands whose argument is text without quotes, semicolons included.
const UNQUOTED: [&str; 8] =
    ["+FTPUN", "+FTPPW", "+FTPGETNAME", "+FTPPUTNAME", "+FTPPATH", "+FTPMKD", "+FTPRMD", "+FTPPUT"];

/// How far the connection to the server has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Session {
    Closed,
    Connected,
    LoggedIn,
}

/// An upload between its first piece and `AT+FTPPUT=0`.
enum Put {
    Running(Box<dyn Upload>),
    /// The server has aborted it; the module still "stays uploading" until the end command.
    Failed,
}

/// Everything ends in `ERROR`, without a reason.
struct Refused;

impl From<Malformed> for Refused {
    fn from(_: Malformed) -> Self {
        Self
    }
}

impl From<RemoteError> for Refused {
    fn from(_: RemoteError) -> Self {
        Self
    }
}

/// What is left to do after a command.
enum Outcome {
    /// `OK`
    Done,
    /// Data is on its way; `OK` follows it.
    Streaming,
}

/// The generic FTP client.
pub(crate) struct Generic {
    options: GenericOptions,
    settings: Settings,
    session: Session,
    put: Option<Put>,
}

impl Generic {
    pub(crate) fn new(options: &GenericOptions) -> Self {
        Self { options: options.clone(), settings: Settings::new(options), session: Session::Closed, put: None }
    }

    fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Result<Outcome, Refused>> {
        if command.name == "+FTPPORT" && self.options.port_form == PortForm::InServer {
            return None;
        }
        if let Some(text) = self.settings.printed(&self.options, command) {
            modem.line(&text);
            return Some(Ok(Outcome::Done));
        }
        let name = command.name.as_str();
        let argument = command.arguments;
        Some(match (name, command.form) {
            ("+FTPMODE" | "+FTPTYPE" | "+FTPRESET" | "+FTPPORT", Form::Set) => {
                self.settings.set(command).map(|()| Outcome::Done).map_err(Refused::from)
            }
            ("+FTPPUT", Form::Set) => self.upload(argument, modem),
            ("+FTPSCON", Form::Execute) => {
                modem.line(&self.settings.report());
                Ok(Outcome::Done)
            }
            (
                "+FTPSERV" | "+FTPUN" | "+FTPPW" | "+FTPGETNAME" | "+FTPPUTNAME" | "+FTPPATH" | "+FTPMKD" | "+FTPRMD",
                Form::Set,
            )
            | ("+FTPGET" | "+FTPLIST" | "+FTPQUIT", Form::Execute)
                if self.put.is_some() =>
            {
                Err(Refused)
            }
            ("+FTPSERV", Form::Set) => self.connect(argument, modem),
            ("+FTPUN", Form::Set) => self.user(argument),
            ("+FTPPW", Form::Set) => self.password(argument, modem),
            ("+FTPGETNAME", Form::Set) => keep(&mut self.settings.get_name, argument),
            ("+FTPPUTNAME", Form::Set) => keep(&mut self.settings.put_name, argument),
            ("+FTPPATH", Form::Set) => self.path(argument, modem),
            ("+FTPMKD", Form::Set) => self.directory(argument, modem, |remote, path| remote.make_dir(path)),
            ("+FTPRMD", Form::Set) => self.directory(argument, modem, |remote, path| remote.remove_dir(path)),
            ("+FTPGET", Form::Execute) => self.download(modem),
            ("+FTPLIST", Form::Execute) => self.list(modem),
            ("+FTPQUIT", Form::Execute) => self.quit(modem),
            _ => return None,
        })
    }

    /// The remote side, once logged in and after the time the network takes.
    fn online<'a>(&self, modem: &'a mut Modem) -> Result<&'a mut dyn Remote, Refused> {
        if self.session < Session::LoggedIn {
            return Err(Refused);
        }
        modem.clock.delay(modem.options.network_latency);
        Ok(modem.remote.as_mut())
    }

    /// A connection the server or the network has closed is noticed by the command that needs it.
    fn notice<T>(&mut self, result: Result<T, RemoteError>) -> Result<T, Refused> {
        if matches!(result, Err(RemoteError::Network(_)) | Err(RemoteError::Reply { code: 421, .. })) {
            self.session = Session::Closed;
        }
        Ok(result?)
    }

    fn connect(&mut self, argument: &[u8], modem: &mut Modem) -> Result<Outcome, Refused> {
        let text = std::str::from_utf8(argument).map_err(|_| Refused)?;
        let (host, port) = match (self.options.port_form, text.split_once(',')) {
            (PortForm::InServer, Some((host, port))) => (host, number(port.as_bytes(), 1..=65535)?),
            (PortForm::Command, Some(_)) => return Err(Refused),
            (_, None) => (text, self.settings.port),
        };
        if host.is_empty() || self.session != Session::Closed {
            return Err(Refused);
        }
        let port = u16::try_from(port).map_err(|_| Refused)?;
        self.settings.server = text.to_owned();
        let code = if !modem.basic.is_active(1) {
            1
        } else if !self.options.host_names && host.parse::<Ipv4Addr>().is_err() {
            2
        } else {
            modem.clock.delay(modem.options.network_latency);
            match modem.remote.connect(host, port, Tls::Off) {
                Ok(()) => 0,
                Err(RemoteError::Network(NetworkCause::Dns)) => 2,
                Err(RemoteError::Network(NetworkCause::Timeout)) => 4,
                Err(RemoteError::Network(_)) => 3,
                Err(RemoteError::Reply { .. }) => 5,
            }
        };
        if code == 0 {
            self.session = Session::Connected;
        }
        if code == 0 || self.options.server_failure != ServerFailure::ErrorOnly {
            modem.line(&format!("+FTPSERV:{code}"));
        }
        if code == 0 || self.options.server_failure == ServerFailure::CodeThenOk {
            Ok(Outcome::Done)
        } else {
            Err(Refused)
        }
    }

    fn user(&mut self, argument: &[u8]) -> Result<Outcome, Refused> {
        if self.session == Session::Closed {
            return Err(Refused);
        }
        keep(&mut self.settings.user, argument)
    }

    fn password(&mut self, argument: &[u8], modem: &mut Modem) -> Result<Outcome, Refused> {
        let user = self.settings.user.clone();
        if self.session == Session::Closed || user.is_empty() {
            return Err(Refused);
        }
        keep(&mut self.settings.password, argument)?;
        modem.clock.delay(modem.options.network_latency);
        let login = modem.remote.login(&user, &self.settings.password);
        self.notice(login)?;
        self.session = Session::LoggedIn;
        Ok(Outcome::Done)
    }

    fn path(&mut self, argument: &[u8], modem: &mut Modem) -> Result<Outcome, Refused> {
        let path = name(argument)?;
        if self.options.path_effect == PathEffect::ChangesDirectory {
            let changed = self.online(modem)?.cwd(&path);
            self.notice(changed)?;
        }
        keep(&mut self.settings.path, argument)
    }

    fn directory(
        &mut self,
        argument: &[u8],
        modem: &mut Modem,
        operation: fn(&mut dyn Remote, &str) -> Result<(), RemoteError>,
    ) -> Result<Outcome, Refused> {
        let path = name(argument)?;
        let result = operation(self.online(modem)?, &path);
        self.notice(result)?;
        Ok(Outcome::Done)
    }

    fn download(&mut self, modem: &mut Modem) -> Result<Outcome, Refused> {
        let mut file = self.settings.get_name.clone();
        if file.is_empty() {
            return Err(Refused);
        }
        if self.options.path_effect == PathEffect::Prefix && !self.settings.path.is_empty() {
            file = format!("{}/{file}", self.settings.path.trim_end_matches('/'));
        }
        let offset = if self.options.reset_ignored { 0 } else { self.settings.reset };
        let limit = self.options.get_limit.unwrap_or(u64::MAX);
        let remote = self.online(modem)?;
        let asks = self.options.get_source != GetSource::Buffer;
        let size = if asks { self.notice(remote.size(&file))? } else { u64::MAX };
        let (count, stream) = if self.options.get_source == GetSource::Stream {
            let count = size.saturating_sub(offset).min(limit);
            self.check_end(count)?;
            let reader = self.notice(remote.retrieve(&file, offset.min(size)))?;
            (count, Stream::new(reader, 0).limit(count))
        } else {
            let data = remote.retrieve(&file, offset.min(size)).and_then(|reader| buffered(reader, limit.min(BUFFER)));
            let data = self.notice(data)?;
            let count = data.len() as u64;
            self.check_end(count)?;
            (count, Stream::block(data, 0))
        };
        if !self.options.reset_persists {
            self.settings.reset = 0;
        }
        match self.options.get_framing {
            GetFraming::OneLine => modem.head(&format!("+FTPGET:{count},")),
            GetFraming::TwoLines => modem.line(&format!("+FTPGET:{count}")),
            GetFraming::NoCount => modem.head(""),
        }
        modem.stream(stream);
        Ok(Outcome::Streaming)
    }

    /// Whether a download of `count` bytes is one.
    fn check_end(&self, count: u64) -> Result<(), Refused> {
        if count == 0 && self.options.end_of_file == EndOfFile::Error { Err(Refused) } else { Ok(()) }
    }

    fn list(&mut self, modem: &mut Modem) -> Result<Outcome, Refused> {
        let path = match self.options.path_effect {
            PathEffect::ChangesDirectory => String::new(),
            PathEffect::Prefix => self.settings.path.clone(),
        };
        let opened = self.online(modem)?.list(&path, Listing::Long);
        let mut text = Vec::new();
        self.notice(opened)?.take(LISTING).read_to_end(&mut text).map_err(|_| Refused)?;
        if self.options.list_length == ListLength::WithoutLastLineEnd && text.ends_with(b"\r\n") {
            text.truncate(text.len().saturating_sub(2));
        }
        let length = match self.options.list_length {
            ListLength::WithoutLineEnds => text.iter().filter(|byte| !matches!(**byte, b'\r' | b'\n')).count(),
            _ => text.len(),
        };
        modem.line(&format!("+FTPLIST:{},{length}", self.settings.mode));
        modem.stream(Stream::new(Box::new(std::io::Cursor::new(text)), 0));
        Ok(Outcome::Streaming)
    }

    /// `AT+FTPPUT=<length>,<data>`; a length of 0 ends the upload.
    fn upload(&mut self, argument: &[u8], modem: &mut Modem) -> Result<Outcome, Refused> {
        let comma = argument.iter().position(|byte| *byte == b',');
        let (length, data) = argument.split_at(comma.unwrap_or(argument.len()));
        let limit = self.options.put_limit;
        let length = number(length, 0..=limit as u64)?;
        let data = data.strip_prefix(b",");
        if length == 0 {
            return self.end_upload(data, modem);
        }
        let data = data.filter(|data| data.len() as u64 == length).ok_or(Refused)?;
        if self.put.is_none() {
            let file = self.settings.put_name.clone();
            if file.is_empty() {
                return Err(Refused);
            }
            let begun = self.online(modem)?.store(&file, StoreMode::Create);
            self.put = Some(Put::Running(self.notice(begun)?));
        }
        let written = match &mut self.put {
            Some(Put::Running(upload)) => upload.write_all(data).is_ok(),
            _ => false,
        };
        if !written {
            self.put = Some(Put::Failed);
            return Err(Refused);
        }
        Ok(Outcome::Done)
    }

    fn end_upload(&mut self, data: Option<&[u8]>, modem: &mut Modem) -> Result<Outcome, Refused> {
        let right_form = match data {
            None => self.options.put_end != PutEnd::WithComma,
            Some(b"") => self.options.put_end != PutEnd::WithoutComma,
            Some(_) => false,
        };
        if !right_form {
            return Err(Refused);
        }
        match self.put.take() {
            Some(Put::Running(upload)) => {
                modem.clock.delay(modem.options.network_latency);
                let finished = upload.finish();
                self.notice(finished)?;
                Ok(Outcome::Done)
            }
            Some(Put::Failed) | None => Err(Refused),
        }
    }

    fn quit(&mut self, modem: &mut Modem) -> Result<Outcome, Refused> {
        if self.session == Session::Closed {
            return Err(Refused);
        }
        self.session = Session::Closed;
        modem.clock.delay(modem.options.network_latency);
        modem.remote.quit()?;
        Ok(Outcome::Done)
    }
}

/// Up to `limit` bytes of a transfer, and the server's word that it is in order, which may lie behind them.
fn buffered(mut reader: Box<dyn Read + Send>, limit: u64) -> Result<Vec<u8>, RemoteError> {
    let mut data = Vec::new();
    let read = reader.by_ref().take(limit).read_to_end(&mut data).and_then(|_| reader.read(&mut [0]));
    read.map(|_| data).map_err(|error| RemoteError::from_io(&error))
}

/// A name of 1 to 64 bytes; whatever is behind the `=` belongs to it.
fn name(argument: &[u8]) -> Result<String, Refused> {
    Ok(text(argument, 1..=NAME)?)
}

fn keep(setting: &mut String, argument: &[u8]) -> Result<Outcome, Refused> {
    *setting = name(argument)?;
    Ok(Outcome::Done)
}

impl Dialect for Generic {
    fn identity(&self) -> Identity {
        // The revision is invented.
        Identity::new("UCchip", "UC8088", "UC8088_V1.0")
    }

    fn takes_rest(&self, name: &str) -> bool {
        UNQUOTED.contains(&name)
    }

    fn inline_length(&self, line: &[u8]) -> Option<usize> {
        let argument = line
            .split_at_checked(b"AT+FTPPUT=".len())
            .filter(|(start, _)| self.options.put_counted && start.eq_ignore_ascii_case(b"AT+FTPPUT="))?
            .1;
        let digits = argument.iter().position(|byte| *byte == b',')?;
        let count = number(argument.get(..digits)?, 0..=self.options.put_limit as u64).ok()?;
        let header = line.len().saturating_sub(argument.len()).saturating_add(digits).saturating_add(1);
        usize::try_from(count).ok().map(|count| header.saturating_add(count))
    }

    fn command(&mut self, command: &Command<'_>, modem: &mut Modem) -> Handled {
        match self.execute(command, modem) {
            None => return Handled::No,
            Some(Ok(Outcome::Done)) => modem.ok(),
            Some(Ok(Outcome::Streaming)) => {}
            Some(Err(Refused)) => modem.error(),
        }
        Handled::Yes
    }

    fn stream_end(&mut self, mut end: StreamEnd, modem: &mut Modem) {
        // The server's word that the file is complete comes only with its end, which may lie behind what was sent.
        let error = end.error.or_else(|| end.reader.read(&mut [0]).err());
        if let Some(error) = error {
            drop(self.notice::<()>(Err(RemoteError::from_io(&error))));
            modem.error();
        } else {
            self.options.data_end.say(modem);
            modem.ok();
        }
    }

    fn restart(&mut self) {
        *self = Self::new(&self.options);
    }
}

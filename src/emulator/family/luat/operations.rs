//! What the module says to the server once a session is opened.

use std::io::Read;

use super::codes;
use super::incoming::Source;
use super::operation::Operation;
use super::options::{AsciiEffect, RestBeyondEnd};
use super::outgoing::{Conversion, Put};
use super::session::Session;
use super::settings::PutMode;
use super::state::Luat;
use super::transfer::{Background, Reconnection};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{Listing, RemoteError, StoreMode, Tls};

impl Luat {
    /// Asks the server; returns the lines that report its answer, or a code. A session that goes on is in
    /// `self.session`.
    pub(super) fn begin(&mut self, operation: Operation, modem: &mut Modem) -> Result<Vec<String>, u16> {
        self.session = Session::Idle;
        self.rest = self.settings.rest;
        let lines = self.log_in(operation, modem).and_then(|()| self.work(operation, modem));
        if matches!(self.session, Session::Idle) {
            self.close(modem);
        }
        lines
    }

    pub(super) fn log_in(&self, operation: Operation, modem: &mut Modem) -> Result<(), u16> {
        let settings = &self.settings;
        let needed: &[&String] = match operation {
            Operation::List => &[],
            Operation::Put | Operation::FromFile | Operation::CodedPut => &[&settings.put_name],
            Operation::MakeDir | Operation::RemoveDir => &[&settings.get_path],
            Operation::Rename => &[&settings.get_name, &settings.put_name],
            _ => &[&settings.get_name],
        };
        if settings.server.is_empty() || needed.iter().any(|text| text.is_empty()) {
            return Err(codes::NOT_ALLOWED);
        }
        if !self.bearers.is_open(settings.cid) {
            return Err(codes::NETWORK);
        }
        let tls = match settings.tls {
            1 => Tls::Implicit,
            2 => Tls::Explicit,
            _ => Tls::Off,
        };
        modem
            .remote
            .connect(&settings.server, settings.port, tls)
            .map_err(|error| codes::of_connect(&error, self.options.is_simcom_lte()))?;
        modem
            .remote
            .login(&settings.user, &settings.password)
            .map_err(|error| codes::of_login(&error, self.options.login_code))
    }

    fn work(&mut self, operation: Operation, modem: &mut Modem) -> Result<Vec<String>, u16> {
        let failed = |error: RemoteError| codes::of(&error, codes::NETWORK);
        let target = self.settings.get_target();
        let done = match operation {
            Operation::Get | Operation::Stream => {
                let source = self.retrieve(0, modem)?;
                return self.start_download(operation, source, modem);
            }
            Operation::List => {
                let path = self.settings.get_path.clone();
                let reader = modem.remote.list(&path, Listing::Long).map_err(failed)?;
                return self.start_download(operation, Source::new(reader, false), modem);
            }
            Operation::Put => {
                if let Some(prepared) = self.prepared_upload() {
                    let data = prepared?;
                    let put = self.begin_put(None, modem)?;
                    let transfer = Background::upload(operation, put, data, Reconnection::default());
                    return self.start_background(transfer, modem);
                }
                let mut put = self.begin_put(None, modem)?;
                let line = put.announce(&self.options);
                self.session = Session::Upload(put);
                self.watch_upload(modem);
                return Ok(vec![line]);
            }
            Operation::CodedPut => {
                let mut put = self.begin_put(None, modem)?;
                put.operation = operation;
                self.session = Session::Upload(put);
                return Ok(vec!["+FTPETPUT: 1,1".to_owned()]);
            }
            Operation::CodedGet => return self.start_coded_get(modem),
            Operation::ToMemory | Operation::ToDirectory | Operation::ToFile => {
                return self.start_keeping(operation, modem);
            }
            Operation::FromFile => return self.start_file_upload(modem),
            Operation::Size => {
                let size = modem.remote.size_text(&target).map_err(failed)?;
                let blank = operation.blank(codes::FINISHED, &self.options);
                return Ok(vec![format!("+FTPSIZE:{blank}1,0,{size}")]);
            }
            Operation::Modified => {
                let time = modem.remote.modified(&target).map_err(failed)?;
                return Ok(vec![format!("+FTPMDTM: 1,0,{time}")]);
            }
            Operation::Delete => modem.remote.remove(&target),
            Operation::Rename => modem.remote.rename(&target, &self.settings.put_target()),
            Operation::MakeDir => modem.remote.make_dir(&self.settings.get_path),
            Operation::RemoveDir => modem.remote.remove_dir(&self.settings.get_path),
        };
        done.map_err(failed)?;
        Ok(vec![operation.report(codes::FINISHED, &self.options)])
    }

    /// The file to download, from `done` bytes behind `AT+FTPREST` on.
    pub(super) fn retrieve(&mut self, done: u64, modem: &mut Modem) -> Result<Source, u16> {
        let seven_bits = !self.settings.binary && self.options.ascii_effect() == AsciiEffect::ClearTopBit;
        let reader = self.reader(done, modem)?;
        Ok(Source::new(reader, seven_bits))
    }

    pub(super) fn reader(&mut self, done: u64, modem: &mut Modem) -> Result<Box<dyn Read + Send>, u16> {
        let target = self.settings.get_target();
        let offset = self.rest.saturating_add(done);
        if self.rest > 0 && self.options.rest_beyond_end == RestBeyondEnd::RestError {
            let size = modem.clock.unasked(|| modem.remote.size(&target));
            if size.map_err(|error| codes::of(&error, codes::NETWORK))? <= self.rest {
                return Err(codes::REST);
            }
        }
        if !self.options.rest_persists {
            self.settings.rest = 0;
        }
        match modem.remote.retrieve(&target, offset) {
            Ok(reader) => Ok(reader),
            Err(RemoteError::Reply { code: 501 | 554, .. }) if offset > 0 => Err(codes::REST),
            Err(error) => Err(codes::of(&error, codes::DOWNLOAD)),
        }
    }

    /// Opens the file to upload on the server, as `AT+FTPPUTOPT` says by default.
    pub(super) fn begin_put(&self, mode: Option<StoreMode>, modem: &mut Modem) -> Result<Put, u16> {
        let mut target = self.settings.put_target();
        let mode = match (mode, self.settings.put_mode) {
            (Some(mode), _) => mode,
            (None, PutMode::Append) => StoreMode::Append,
            (None, PutMode::Store) => StoreMode::Create,
            (None, PutMode::Unique) => {
                // The server chooses a name nobody has.
                let wanted = target.clone();
                let mut number = 0_u32;
                while modem.clock.unasked(|| modem.remote.size(&target)).is_ok() && number < u32::MAX {
                    number = number.saturating_add(1);
                    target = format!("{wanted}.{number}");
                }
                StoreMode::Create
            }
        };
        let upload = modem.remote.store(&target, mode).map_err(|error| codes::of(&error, codes::UPLOAD))?;
        let conversion = Conversion::new(&self.options, self.settings.binary);
        Ok(Put::new(upload, conversion))
    }
}

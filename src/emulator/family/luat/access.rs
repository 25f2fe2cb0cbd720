//! How the module comes to the files of the server.

use std::io::Read;

use super::bearer::Bearers;
use super::codes;
use super::incoming::Source;
use super::operation::Operation;
use super::options::{AsciiEffect, LuatOptions, RestBeyondEnd};
use super::outgoing::{Conversion, Put};
use super::settings::{PutMode, Settings};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{RemoteError, StoreMode, Tls};

/// What a session with the server is opened with.
pub(super) struct Access {
    pub(super) settings: Settings,
    pub(super) bearers: Bearers,
    /// The value of `AT+FTPREST` when the transfer began.
    pub(super) rest: u64,
}

impl Access {
    pub(super) fn new(options: &LuatOptions) -> Self {
        Self { settings: Settings::new(options), bearers: Bearers::new(options), rest: 0 }
    }

    /// Whether sessions have a network.
    pub(super) fn is_open(&self) -> bool {
        self.bearers.is_open(self.settings.cid)
    }

    pub(super) fn log_in(&self, operation: Operation, options: &LuatOptions, modem: &mut Modem) -> Result<(), u16> {
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
        if !self.is_open() {
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
            .map_err(|error| codes::of_connect(&error, options.is_simcom_lte()))?;
        modem
            .remote
            .login(&settings.user, &settings.password)
            .map_err(|error| codes::of_login(&error, options.login_code))
    }

    /// The file to download, from `done` bytes behind `AT+FTPREST` on.
    pub(super) fn retrieve(&mut self, done: u64, options: &LuatOptions, modem: &mut Modem) -> Result<Source, u16> {
        let seven_bits = !self.settings.binary && options.ascii_effect() == AsciiEffect::ClearTopBit;
        let reader = self.reader(done, options, modem)?;
        Ok(Source::new(reader, seven_bits))
    }

    pub(super) fn reader(
        &mut self,
        done: u64,
        options: &LuatOptions,
        modem: &mut Modem,
    ) -> Result<Box<dyn Read + Send>, u16> {
        let target = self.settings.get_target();
        let offset = self.rest.saturating_add(done);
        if self.rest > 0 && options.rest_beyond_end == RestBeyondEnd::RestError {
            let size = modem.clock.unasked(|| modem.remote.size(&target));
            if size.map_err(|error| codes::of(&error, codes::NETWORK))? <= self.rest {
                return Err(codes::REST);
            }
        }
        if !options.rest_persists {
            self.settings.rest = 0;
        }
        match modem.remote.retrieve(&target, offset) {
            Ok(reader) => Ok(reader),
            Err(RemoteError::Reply { code: 501 | 554, .. }) if offset > 0 => Err(codes::REST),
            Err(error) => Err(codes::of(&error, codes::DOWNLOAD)),
        }
    }

    /// Opens the file to upload on the server, as `AT+FTPPUTOPT` says by default.
    pub(super) fn begin_put(
        &self,
        mode: Option<StoreMode>,
        options: &LuatOptions,
        modem: &mut Modem,
    ) -> Result<Put, u16> {
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
        let conversion = Conversion::new(options, self.settings.binary);
        Ok(Put::new(upload, conversion))
    }
}

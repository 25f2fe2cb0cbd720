//! MFTPCFG and MFTPSTATE: what can be set for a connection, and what it is doing.

use super::connection::{Connection, state};
use super::connection_settings::{LocalSide, Settings};
use super::facts::capabilities;
use super::{ChinaMobile, bearer};
use crate::at::{Command, Field};
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{DataConnection, FileType, Security, SessionState};

impl ChinaMobile {
    /// Sets what the connection is set to with the next login, and which PDP context the next attach brings up.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a value beyond its limits, [`WrongState`](ErrorKind::WrongState)
    /// while logged in.
    pub fn configure(&mut self, settings: Settings) -> Result<()> {
        let (dialect, cx) = self.parts();
        let checked = settings.check().and_then(|()| cx.session.must_be_logged_out());
        checked.map_err(|error| error.during("configure"))?;
        dialect.connection.settings = settings;
        bearer::watch(cx, settings.context);
        cx.capabilities = capabilities(settings.ssl_slot.is_some());
        Ok(())
    }

    /// Returns what the next login sets.
    pub fn settings(&self) -> Settings {
        self.dialect().connection.settings
    }

    /// Queries what is set for the connection: its values by their names, as the module prints them (`("ssl", "0,0")`).
    /// MR880A and ML307N have no `cid`.
    ///
    /// # Errors
    /// As any exchange with the module.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::china_mobile::ChinaMobile;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::{AccessPoint, FtpModem, OpenOptions, Server};
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::ChinaMobile, files.remote(), Options::default());
    /// let mut modem: ChinaMobile = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
    /// assert!(modem.configuration()?.contains(&("transmode".to_owned(), "1".to_owned())));
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn configuration(&mut self) -> Result<Vec<(String, String)>> {
        self.operation("configuration", |dialect, cx| {
            let answer = cx.query(dialect.connection.command("+MFTPCFG"))?;
            let values = answer.lines.iter().filter_map(|line| {
                let line = line.information()?;
                let values: Vec<_> = line.fields.iter().skip(2).map(Field::into_text).collect();
                Some((line.text(1)?.into_owned(), values.join(",")))
            });
            Ok(values.collect())
        })
    }

    /// Chooses the connection to use, 0 to 5; programs that share a module need one each. Default: 0.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another number, [`WrongState`](ErrorKind::WrongState) while logged
    /// in.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::china_mobile::ChinaMobile;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::OpenOptions;
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::ChinaMobile, files.remote(), Options::default());
    /// let mut modem: ChinaMobile = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.use_connection(3)?;
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn use_connection(&mut self, connection: u8) -> Result<()> {
        const NAME: &str = "use connection";
        if connection > 5 {
            let detail = format!("the connections are 0 to 5, not {connection}");
            return Err(Error::new(ErrorKind::InvalidInput, detail).during(NAME));
        }
        let (dialect, cx) = self.parts();
        cx.session.must_be_logged_out().map_err(|error| error.during(NAME))?;
        dialect.connection.number = connection;
        Ok(())
    }

    /// Returns the number of the connection in use.
    pub fn connection(&self) -> u8 {
        self.dialect().connection.number
    }

    /// Queries what each of the six connections is doing (§3.13).
    ///
    /// # Errors
    /// As any exchange with the module.
    pub fn connections(&mut self) -> Result<[SessionState; 6]> {
        self.operation("connections", |_, cx| {
            let mut states = [SessionState::Closed; 6];
            for (connection, found) in (0..).zip(&mut states) {
                *found = state(cx, connection)?;
            }
            Ok(states)
        })
    }
}

impl Connection {
    /// Sends the settings.
    pub fn send_settings(&mut self, cx: &mut Context, security: Security) -> Result<()> {
        let Settings { file_type, data_connection, response_seconds, ssl_slot, context } = self.settings;
        cx.set(self.setting("\"data_type\"").number(u8::from(file_type == FileType::Text)))?;
        cx.set(self.setting("\"transmode\"").number(u8::from(data_connection == DataConnection::Passive)))?;
        cx.set(self.setting("\"rsptimeout\"").number(response_seconds))?;
        self.local_side = None;
        self.transfer_with(cx, LocalSide::Port)?;
        let cid = self.setting("\"cid\"").number(context);
        match context {
            // MR880A and ML307N have no "cid".
            1 => cx.set_if_known(cid).map(drop)?,
            _ => cx.set(cid)?,
        }
        let mode: u8 = match security {
            Security::None => 0,
            Security::Implicit => 1,
            Security::Explicit => 2,
        };
        let ssl = self.setting("\"ssl\"").number(mode).number(ssl_slot.unwrap_or(0));
        match security {
            // Models without FTPS may have no "ssl".
            Security::None => cx.set_if_known(ssl).map(drop),
            Security::Implicit | Security::Explicit => cx.set(ssl),
        }
    }

    /// Makes sure that transfers are with this side.
    pub fn transfer_with(&mut self, cx: &mut Context, side: LocalSide) -> Result<()> {
        if self.local_side != Some(side) {
            cx.set(self.setting("\"local_fs\"").number(u8::from(side == LocalSide::File)))?;
            self.local_side = Some(side);
        }
        Ok(())
    }

    fn setting(&self, key: &'static str) -> Command {
        self.command("+MFTPCFG").literal(key)
    }
}

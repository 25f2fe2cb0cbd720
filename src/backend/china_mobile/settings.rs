//! MFTPCFG: what can be set for a connection.

use super::{COMMAND_LIMIT, ChinaMobile};
use crate::at::{Command, Field};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Security, SessionState};

/// What a connection is told by MFTPCFG (OneMO FTP AT command manual V3.1.0 §3.1).
///
/// # Examples
/// ```
/// use ftp_modem::backend::china_mobile::Settings;
///
/// let mut settings = Settings::default();
/// settings.context = 2;
/// assert_eq!(settings.response_seconds, 30);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Whether data pass as text (`TYPE A`): the server then converts line ends, and a download cannot be compared with the size
    /// of the file. Defaults to `false`.
    pub ascii: bool,
    /// Whether the module opens the data connections. The models of the manual can do nothing else (note 1) and refuse `false`.
    /// Defaults to `true`.
    pub passive: bool,
    /// How long the module waits for the server, in seconds, 2 to 30. Defaults to 30.
    pub response_seconds: u8,
    /// The slot, 0 to 5, with the certificates for FTPS. The models of the manual have plain FTP only (note 2), so logging in
    /// with [`Security`] is [`Unsupported`](ErrorKind::Unsupported) until a slot is named here. Defaults to none.
    pub ssl_slot: Option<u8>,
    /// The PDP context, 1 to 15; 1 to 7 on ML305U (note 3). MR880A and ML307N have no such setting and use 1. Another than 1 is
    /// mostly not defined until an access point is named. Defaults to 1.
    pub context: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { ascii: false, passive: true, response_seconds: 30, ssl_slot: None, context: 1 }
    }
}

impl Settings {
    fn check(&self) -> Result<()> {
        let refuse = |why: &'static str| Err(Error::new(ErrorKind::InvalidInput, why));
        if !(2..=30).contains(&self.response_seconds) {
            return refuse("the module waits for the server for 2 to 30 s");
        }
        if self.ssl_slot.is_some_and(|slot| slot > 5) {
            return refuse("the slots for certificates are 0 to 5");
        }
        if !(1..=15).contains(&self.context) {
            return refuse("the PDP contexts are 1 to 15");
        }
        Ok(())
    }
}

impl ChinaMobile {
    /// Sets what the connection is told with the next login, and which PDP context the next attach brings up.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a value beyond its limits, [`WrongState`](ErrorKind::WrongState) while
    /// logged in.
    pub fn configure(&mut self, settings: Settings) -> Result<()> {
        let check = || {
            settings.check()?;
            self.must_be_logged_out()
        };
        check().map_err(|error| error.during("configure"))?;
        self.settings = settings;
        self.capabilities = super::capabilities(settings.ssl_slot.is_some());
        Ok(())
    }

    /// What is told with the next login.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Asks the module for what is set for the connection: its values by their names, as the module prints them
    /// (`("ssl", "0,0")`). MR880A and ML307N have no `cid`.
    ///
    /// # Errors
    /// As any exchange with the module.
    pub fn configuration(&mut self) -> Result<Vec<(String, String)>> {
        self.operation("configuration", |module| {
            let command = Command::set("+MFTPCFG").number(module.number());
            let answer = module.engine.execute(command, COMMAND_LIMIT)?;
            let values = answer.lines.iter().filter_map(|line| {
                let line = line.information()?;
                let values: Vec<_> = line.fields.iter().skip(2).map(Field::into_text).collect();
                Some((line.text(1)?.into_owned(), values.join(",")))
            });
            Ok(values.collect())
        })
    }

    /// Chooses the connection to use, 0 to 5; programs that share a module need one each. Defaults to 0.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another number, [`WrongState`](ErrorKind::WrongState) while logged in.
    pub fn use_connection(&mut self, connection: u8) -> Result<()> {
        let mut choose = || {
            if connection > 5 {
                let detail = format!("the connections are 0 to 5, not {connection}");
                return Err(Error::new(ErrorKind::InvalidInput, detail));
            }
            self.must_be_logged_out()?;
            self.connection = connection.into();
            Ok(())
        };
        choose().map_err(|error| error.during("use connection"))
    }

    /// The connection in use.
    pub fn connection(&self) -> u8 {
        self.number()
    }

    /// What each of the six connections is doing (§3.13).
    ///
    /// # Errors
    /// As any exchange with the module.
    pub fn connections(&mut self) -> Result<[SessionState; 6]> {
        self.operation("connections", |module| {
            let mut states = [SessionState::Closed; 6];
            for (state, number) in states.iter_mut().zip(0u8..) {
                *state = module.state(number)?;
            }
            Ok(states)
        })
    }

    pub(super) fn state(&mut self, connection: u8) -> Result<SessionState> {
        let answer = self.engine.execute(Command::set("+MFTPSTATE").number(connection), COMMAND_LIMIT)?;
        match answer.first().and_then(|line| line.number(1)) {
            Some(0) => Ok(SessionState::Closed),
            Some(1) => Ok(SessionState::Idle),
            Some(2 | 3) => Ok(SessionState::Busy),
            _ => Err(self.engine.protocol("the state is not 0 to 3")),
        }
    }

    /// Sends the settings.
    pub(super) fn send_settings(&mut self, security: Security) -> Result<()> {
        let Settings { ascii, passive, response_seconds, ssl_slot, context } = self.settings;
        let number = self.number();
        let configure = |key| Command::set("+MFTPCFG").number(number).literal(key);
        self.set(configure("\"data_type\"").number(u8::from(ascii)))?;
        self.set(configure("\"transmode\"").number(u8::from(passive)))?;
        self.set(configure("\"rsptimeout\"").number(response_seconds))?;
        self.uses_files = true;
        self.use_files(false)?;
        let cid = configure("\"cid\"").number(context);
        // MR880A and ML307N have no "cid".
        if context == 1 {
            self.set_if_known(cid)?
        } else {
            self.set(cid)?
        }
        let mode: u8 = match security {
            Security::None => 0,
            Security::Implicit => 1,
            Security::Explicit => 2,
        };
        let ssl = configure("\"ssl\"").number(mode).number(ssl_slot.unwrap_or(0));
        // Models without FTPS may have no "ssl".
        if mode == 0 { self.set_if_known(ssl) } else { self.set(ssl) }
    }

    /// Says whether transfers are from and to files in the module, in place of the port.
    pub(super) fn use_files(&mut self, files: bool) -> Result<()> {
        if self.uses_files != files {
            let command = Command::set("+MFTPCFG").number(self.number()).literal("\"local_fs\"");
            self.set(command.number(u8::from(files)))?;
            self.uses_files = files;
        }
        Ok(())
    }
}

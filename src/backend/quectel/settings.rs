//! What `AT+QFTPCFG` sets (note §2.1), as far as it is a choice.

use std::ops::RangeInclusive;
use std::time::Duration;

use log::debug;

use super::tls::TlsSettings;
use super::{COMMAND_LIMIT, PASSWORD, Quectel, USER};
use crate::at::Command;
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Security, Server};

/// QFTPOPEN takes up to 125 s (note §2.2); whether a longer `rsptimeout` (§2.1) prolongs it is not said, so the longer of the
/// two counts.
const OPEN_SECONDS: u64 = 125;
/// Room for the line, and for a module whose clock is slow.
const MARGIN: Duration = Duration::from_secs(5);

/// PDP contexts (note §2.1).
const CONTEXTS: RangeInclusive<u8> = 1..=16;
/// `rsptimeout` in seconds (note §2.1).
const RESPONSE: RangeInclusive<u8> = 20..=180;
/// `data_timeout` in seconds (note §2.1).
const SWITCH: RangeInclusive<u8> = 15..=50;
/// SSL contexts (note §2.1, `sslctxid`).
const TLS_CONTEXTS: RangeInclusive<u8> = 0..=5;

/// Which side listens for the data connection (`transmode`, note §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TransferMode {
    /// The server listens (PASV), as nearly every mobile network needs it.
    #[default]
    Passive,
    /// The module listens (PORT). Not possible with FTPS.
    Active,
}

/// How files are represented on the way (`filetype`, note §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FileType {
    /// Byte for byte (TYPE I).
    #[default]
    Binary,
    /// As text whose line ends may change on the way (TYPE A). The server's size says nothing about the bytes that arrive then:
    /// transfers are checked by the module's count only, and neither parts nor continuations are possible.
    Text,
}

/// Where data connections go in passive mode (`data_address`, note §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DataAddress {
    /// To the address that the server tells.
    #[default]
    Told,
    /// To the address of the control connection; for servers behind a router that tell their private address.
    Control,
    /// To the address of the control connection first, and to the one that the server tells after so many seconds, 15 to 50. Not
    /// on BG95 and its relatives.
    ControlThenTold(u8),
}

/// What can be chosen of `AT+QFTPCFG`. Everything is written with every login, because the module keeps none of it over a
/// restart and another program may have left other values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// PDP context, 1 to 16 (`contextid`). Defaults to 1.
    pub context: u8,
    /// How long the module waits for the server, in seconds, 20 to 180 (`rsptimeout`). Defaults to 90.
    pub response_seconds: u8,
    /// Which side listens for data connections (`transmode`). Defaults to passive.
    pub mode: TransferMode,
    /// How files are represented on the way (`filetype`). Defaults to binary.
    pub file_type: FileType,
    /// Where data connections go (`data_address`). Defaults to where the server tells.
    pub data_address: DataAddress,
    /// SSL context used for FTPS, 0 to 5 (`sslctxid`). Defaults to 1.
    pub tls_context: u8,
    /// What is set in this SSL context (`AT+QSSLCFG`).
    pub tls: TlsSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            context: 1,
            response_seconds: 90,
            mode: TransferMode::default(),
            file_type: FileType::default(),
            data_address: DataAddress::default(),
            tls_context: 1,
            tls: TlsSettings::default(),
        }
    }
}

impl Settings {
    fn check(&self) -> Result<()> {
        let within = |what: &'static str, range: RangeInclusive<u8>, value: u8| {
            if range.contains(&value) {
                return Ok(());
            }
            let detail = format!("the {what} {value} is not {} to {}", range.start(), range.end());
            Err(Error::new(ErrorKind::InvalidInput, detail))
        };
        within("PDP context", CONTEXTS, self.context)?;
        within("response time-out", RESPONSE, self.response_seconds)?;
        within("SSL context", TLS_CONTEXTS, self.tls_context)?;
        if let DataAddress::ControlThenTold(seconds) = self.data_address {
            within("time-out of the data address", SWITCH, seconds)?;
        }
        self.tls.check()
    }

    /// The result of a command, and the longest silence within data.
    pub(super) fn result_limit(&self) -> Duration {
        Duration::from_secs(u64::from(self.response_seconds)) + MARGIN
    }

    /// The result of QFTPOPEN.
    pub(super) fn open_limit(&self) -> Duration {
        Duration::from_secs(u64::from(self.response_seconds).max(OPEN_SECONDS)) + MARGIN
    }
}

impl Quectel {
    /// The choices that logins are made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes other choices, which take effect with the next [`attach`](crate::FtpModem::attach) and
    /// [`login`](crate::FtpModem::login). Nothing is sent.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a value out of its range, [`WrongState`](ErrorKind::WrongState) while a
    /// session is open.
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::backend::quectel::{DataAddress, Quectel, Settings};
    ///
    /// # fn run(modem: &mut Quectel) -> ftp_modem::Result<()> {
    /// let mut settings = modem.settings().clone();
    /// settings.data_address = DataAddress::Control;
    /// modem.configure(settings)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure(&mut self, settings: Settings) -> Result<()> {
        let checked = settings.check().and_then(|()| match self.session.is_open() {
            true => Err(Error::new(ErrorKind::WrongState, "log out first")),
            false => Ok(()),
        });
        checked.map_err(|error| error.during("configure"))?;
        self.engine.set_dialect(super::tables::dialect(settings.context));
        self.settings = settings;
        Ok(())
    }

    pub(super) fn set(&mut self, command: Command) -> Result<()> {
        self.engine.execute(command, COMMAND_LIMIT).map(drop)
    }

    /// Writes all settings for a session with `server`.
    pub(super) fn write_settings(&mut self, server: &Server) -> Result<()> {
        let key = |key: &'static str| Command::set("+QFTPCFG").literal(key);
        let Settings { context, response_seconds, mode, file_type, data_address, tls_context, .. } = self.settings;
        self.set(key("\"contextid\"").number(context))?;
        self.set(key("\"account\"").text(&USER, &server.user).text(&PASSWORD, &server.password))?;
        // 0 is binary; with 1, as the note's own example in §3.1 has it, line ends would change.
        self.set(key("\"filetype\"").number(u8::from(file_type == FileType::Text)))?;
        self.set(key("\"transmode\"").number(u8::from(mode == TransferMode::Passive)))?;
        self.set(key("\"rsptimeout\"").number(response_seconds))?;
        // The flow of §1.3 knows 1 only; §2.1 has 2 for AUTH TLS.
        let ssl_type: u8 = match server.security {
            Security::None => 0,
            Security::Implicit => 1,
            Security::Explicit => 2,
        };
        self.set(key("\"ssltype\"").number(ssl_type))?;
        if ssl_type > 0 {
            self.set(key("\"sslctxid\"").number(tls_context))?;
            self.write_tls_settings(server)?;
        }
        let address = key("\"data_address\"");
        match data_address {
            DataAddress::Told => match self.set(address.number(0u8)) {
                // A firmware without the key does just that.
                Err(error) if is_refusal(error.kind()) => debug!("no data_address here: {error}"),
                other => other?,
            },
            DataAddress::Control => self.set(address.number(1u8))?,
            DataAddress::ControlThenTold(seconds) => self.set(address.number(2u8).number(seconds))?,
        }
        Ok(())
    }
}

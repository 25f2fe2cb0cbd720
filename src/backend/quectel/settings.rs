//! What `AT+QFTPCFG` sets (note §2.1), as far as it is a choice.

use std::ops::RangeInclusive;
use std::time::Duration;

use log::debug;

use super::Quectel;
use super::facts::{OPERATIONS, PASSWORD, TEXT_OPERATIONS, USER, dropped};
use super::tls::TlsSettings;
use crate::at::Command;
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, DataAddress, DataConnection, FileType, Security, Server};

/// QFTPOPEN takes up to 125 s (note §2.2). Whether a longer `rsptimeout` (§2.1) prolongs it is not documented: the
/// longer of the two counts.
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

/// What can be chosen of `AT+QFTPCFG`. Everything is sent with every login, because the module keeps none of it over a
/// restart and another program may have left other values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// PDP context, 1 to 16 (`contextid`). Default: 1.
    pub context: u8,
    /// How long the module waits for the server, in seconds, 20 to 180 (`rsptimeout`). Default: 90.
    pub response_seconds: u8,
    /// Who opens the data connections (`transmode`); active ones are not possible with FTPS. Default: passive.
    pub data_connection: DataConnection,
    /// How files are represented on the way (`filetype`). Default: binary.
    pub file_type: FileType,
    /// The address that data connections go to (`data_address`). The seconds of the third choice are 15 to 50; BG95 and
    /// its relatives lack that choice. Default: the one that the server states.
    pub data_address: DataAddress,
    /// SSL context used for FTPS, 0 to 5 (`sslctxid`). Default: 1.
    pub tls_context: u8,
    /// What is set in this SSL context (`AT+QSSLCFG`).
    pub tls: TlsSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            context: 1,
            response_seconds: 90,
            data_connection: DataConnection::default(),
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
        if let DataAddress::ControlThenStated(seconds) = self.data_address {
            within("time-out of the data address", SWITCH, seconds)?;
        }
        self.tls.check()
    }

    /// Checks that a session with `server` can be protected as the caller demands, before anything is sent.
    pub(super) fn check_security(&self, server: &Server) -> Result<()> {
        if server.security == Security::None {
            return Ok(());
        }
        // Note §2.1, remark.
        if self.data_connection == DataConnection::Active {
            return Err(Error::new(ErrorKind::InvalidInput, "FTPS is not possible in active mode"));
        }
        self.tls.check_authority(&server.tls)
    }

    /// Whether files pass as text.
    pub(super) fn is_text(&self) -> bool {
        self.file_type == FileType::Text
    }

    /// Refuses a part of a file as text, whose sizes differ on module and server.
    pub(super) fn check_part(&self, is_part: bool) -> Result<()> {
        match is_part && self.is_text() {
            true => Err(Error::new(ErrorKind::Unsupported, "parts of files are not supported as text")),
            false => Ok(()),
        }
    }

    /// The result of a command, and the longest silence within data.
    pub(super) fn result_limit(&self) -> Duration {
        Duration::from_secs(u64::from(self.response_seconds)) + MARGIN
    }

    /// The result of QFTPOPEN.
    pub(super) fn open_limit(&self) -> Duration {
        Duration::from_secs(u64::from(self.response_seconds).max(OPEN_SECONDS)) + MARGIN
    }

    /// Sends all settings for a session with `server`.
    pub(super) fn send(&self, cx: &mut Context, server: &Server) -> Result<()> {
        let key = |key: &'static str| Command::set("+QFTPCFG").literal(key);
        cx.set(key("\"contextid\"").number(self.context))?;
        cx.set(key("\"account\"").text(&USER, &server.user).text(&PASSWORD, &server.password))?;
        // 0 is binary; with 1, as the note's own example in §3.1 has it, line ends would change.
        cx.set(key("\"filetype\"").number(u8::from(self.is_text())))?;
        cx.set(key("\"transmode\"").number(u8::from(self.data_connection == DataConnection::Passive)))?;
        cx.set(key("\"rsptimeout\"").number(self.response_seconds))?;
        // The flow of §1.3 knows 1 only; §2.1 has 2 for AUTH TLS.
        let ssl_type: u8 = match server.security {
            Security::None => 0,
            Security::Implicit => 1,
            Security::Explicit => 2,
        };
        cx.set(key("\"ssltype\"").number(ssl_type))?;
        if ssl_type > 0 {
            cx.set(key("\"sslctxid\"").number(self.tls_context))?;
            self.tls.send(cx, self.tls_context, &server.tls)?;
        }
        let address = key("\"data_address\"");
        match self.data_address {
            DataAddress::Stated => {
                // A firmware without the key does just that.
                if !cx.set_if_known(address.number(0u8))? {
                    debug!("{}: no data_address in this firmware", cx.engine.link().name());
                }
                Ok(())
            }
            DataAddress::Control => cx.set(address.number(1u8)),
            DataAddress::ControlThenStated(seconds) => cx.set(address.number(2u8).number(seconds)),
        }
    }
}

impl Quectel {
    /// Returns the choices that logins are made with.
    pub fn settings(&self) -> &Settings {
        &self.dialect().settings
    }

    /// Makes other choices, which take effect with the next [`attach`](crate::FtpModem::attach) and
    /// [`login`](crate::FtpModem::login). Nothing is sent.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a value out of its range, [`WrongState`](ErrorKind::WrongState)
    /// while a session is open.
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::backend::quectel::Quectel;
    /// use ftp_modem::modem::DataAddress;
    ///
    /// # fn run(modem: &mut Quectel) -> ftp_modem::Result<()> {
    /// let mut settings = modem.settings().clone();
    /// settings.data_address = DataAddress::Control;
    /// modem.configure(settings)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure(&mut self, settings: Settings) -> Result<()> {
        let (dialect, cx) = self.parts();
        let checked = settings.check().and_then(|()| match cx.session.is_open() {
            true => Err(Error::new(ErrorKind::WrongState, "log out first")),
            false => Ok(()),
        });
        checked.map_err(|error| error.during("configure"))?;
        cx.engine.inbox().disarm(ErrorKind::BearerLost);
        cx.engine.inbox().arm(dropped(settings.context), ErrorKind::BearerLost);
        limit_to(cx, settings.file_type);
        dialect.settings = settings;
        Ok(())
    }
}

/// Corrects the capabilities for files of this type.
pub(super) fn limit_to(cx: &mut Context, file_type: FileType) {
    (cx.capabilities.operations, cx.capabilities.download_assurance) = match file_type {
        FileType::Binary => (OPERATIONS, Assurance::ServerSize),
        FileType::Text => (TEXT_OPERATIONS, Assurance::ModuleCount),
    };
}
